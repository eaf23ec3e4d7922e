package dev.toolpost.cli;

import dev.toolpost.message.ToolReply;
import dev.toolpost.schemas.DecodeException;
import dev.toolpost.schemas.MessageCodec;
import dev.toolpost.worker.WorkerMain;
import dev.toolpost.worker.config.ToolpostConfig;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** Reads the frames of one job out of its sink, as they are committed. Used by one thread. */
final class SinkReader implements AutoCloseable {
    private final ToolpostConfig config;
    private final String sink;
    private final String prefix;
    private final Consumer<byte[], byte[]> consumer;
    private final List<TopicPartition> partitions;
    private final MessageCodec<ToolReply> codec;

    /** Takes frames. */
    interface Taker {
        /**
         * A frame.
         *
         * @param round how often the part was begun anew after it was given up
         */
        void take(int part, int round, ToolReply frame);
    }

    private SinkReader(ToolpostConfig config, String sink, String jobId, Consumer<byte[], byte[]> consumer) {
        this.config = config;
        this.sink = sink;
        this.prefix = jobId + ".";
        this.consumer = consumer;
        this.partitions = CompactedTopic.partitions(consumer, sink);
        this.codec = MessageCodec.of(ToolReply.class, WorkerMain.registry(config));
    }

    /** Reads from the place on; what the place has no offset for from its present end, which the place is told. */
    static SinkReader open(ToolpostConfig config, String sink, FetchPlace place) {
        Consumer<byte[], byte[]> consumer = CompactedTopic.consumer(config);
        try {
            SinkReader reader = new SinkReader(config, sink, place.jobId(), consumer);
            reader.seek(place);
            return reader;
        } catch (RuntimeException e) {
            CompactedTopic.close(consumer);
            throw e;
        }
    }

    private void seek(FetchPlace place) {
        consumer.assign(partitions);
        Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
        for (TopicPartition each : partitions) {
            Long known = place.offset(each.partition());
            long from = known == null ? ends.getOrDefault(each, 0L) : known;
            place.offset(each.partition(), from);
            consumer.seek(each, from);
        }
    }

    /** Hands on what came, and keeps in the place how far that is. */
    void poll(Duration bound, FetchPlace place, Taker taker) {
        try {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(bound)) {
                take(record, taker);
                place.offset(record.partition(), record.offset() + 1);
            }
        } catch (OffsetOutOfRangeException gone) {
            throw CliException.usage(
                    "records of the fetch are no longer in " + sink + ": it keeps them for a time only",
                    "Fetch anew into another file, and within that time where it is interrupted.",
                    gone);
        }
    }

    private void take(ConsumerRecord<byte[], byte[]> record, Taker taker) {
        if (record.key() == null || record.value() == null) {
            return;
        }
        String key = new String(record.key(), StandardCharsets.UTF_8);
        int[] place = place(key);
        if (place == null) {
            return;
        }
        try {
            taker.take(place[0], place[1], codec.decode(sink, record.value()).value());
        } catch (DecodeException wrong) {
            throw CliException.usage(
                    "a frame of " + sink + " cannot be read: " + wrong.getMessage(),
                    "Set schema_registry.url in the configuration, and run the same command again.",
                    wrong);
        }
    }

    /** Part and round of a call of this job; null for any other call. */
    private int @Nullable [] place(String callId) {
        if (!callId.startsWith(prefix)) {
            return null;
        }
        String[] numbers = callId.substring(prefix.length()).split("\\.", -1);
        for (String number : numbers) {
            if (!number.matches("[0-9]{1,9}")) {
                return null;
            }
        }
        return switch (numbers.length) {
            case 1 -> new int[] {Integer.parseInt(numbers[0]), 0};
            case 2 -> new int[] {Integer.parseInt(numbers[0]), Integer.parseInt(numbers[1])};
            default -> null;
        };
    }

    /** Where the sink ends now, transactions that are under way included. */
    Map<TopicPartition, Long> ends() throws InterruptedException {
        try (Admin admin = Setup.admin(config)) {
            Map<TopicPartition, ListOffsetsResultInfo> latest = admin.listOffsets(
                            partitions.stream().collect(Collectors.toMap(each -> each, _ -> OffsetSpec.latest())))
                    .all()
                    .get();
            Map<TopicPartition, Long> ends = new HashMap<>();
            latest.forEach((partition, info) -> ends.put(partition, info.offset()));
            return ends;
        } catch (ExecutionException e) {
            throw CliException.unreachable("the end of " + sink + " cannot be told: " + e.getCause(), "", e);
        }
    }

    /** Whether everything up to there was handed on. */
    boolean reached(Map<TopicPartition, Long> ends) {
        return ends.entrySet().stream().allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
    }

    @Override
    public void close() {
        CompactedTopic.close(consumer);
    }
}
