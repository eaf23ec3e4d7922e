package dev.toolpost.cli;

import dev.toolpost.message.Resumption;
import dev.toolpost.message.ToolCall;
import dev.toolpost.schemas.DecodeException;
import dev.toolpost.schemas.MessageCodec;
import dev.toolpost.schemas.Topics;
import dev.toolpost.schemas.registry.SchemaRegistry;
import dev.toolpost.worker.WorkerMain;
import dev.toolpost.worker.config.ToolpostConfig;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** Looks for a call by its id where calls travel. Used by one thread. */
final class CallSearch {
    private static final Duration BOUND = Duration.ofMinutes(2);

    private final Topics topics;
    private final MessageCodec<ToolCall> calls;
    private final MessageCodec<Resumption> resumptions;
    private final @Nullable String defaultTenant;
    private final String callId;

    private CallSearch(ToolpostConfig config, String callId) {
        SchemaRegistry registry = WorkerMain.registry(config);
        this.topics = new Topics(config.prefix());
        this.calls = MessageCodec.of(ToolCall.class, registry);
        this.resumptions = MessageCodec.of(Resumption.class, registry);
        this.defaultTenant = config.defaultTenant();
        this.callId = callId;
    }

    /**
     * The call; null where none has this id.
     *
     * @param names topics to look in; those that are missing are left out
     */
    static @Nullable FoundCall find(ToolpostConfig config, List<String> names, String callId, long sinceMillis) {
        CallSearch search = new CallSearch(config, callId);
        Consumer<byte[], byte[]> consumer = CompactedTopic.consumer(config);
        try {
            List<TopicPartition> partitions = consumer.listTopics().entrySet().stream()
                    .filter(topic -> names.contains(topic.getKey()))
                    .flatMap(topic -> topic.getValue().stream())
                    .map(each -> new TopicPartition(each.topic(), each.partition()))
                    .toList();
            consumer.assign(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            Map<TopicPartition, OffsetAndTimestamp> from = consumer.offsetsForTimes(
                    partitions.stream().collect(Collectors.toMap(each -> each, _ -> sinceMillis)));
            for (TopicPartition each : partitions) {
                OffsetAndTimestamp first = from.get(each);
                consumer.seek(each, first == null ? ends.getOrDefault(each, 0L) : first.offset());
            }
            long untilNanos = System.nanoTime() + BOUND.toNanos();
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())
                    && System.nanoTime() < untilNanos) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
                    FoundCall found = search.in(record);
                    if (found != null) {
                        return found;
                    }
                }
            }
            return null;
        } finally {
            CompactedTopic.close(consumer);
        }
    }

    private @Nullable FoundCall in(ConsumerRecord<byte[], byte[]> record) {
        if (record.value() == null) {
            return null;
        }
        try {
            if (topics.kindOf(record.topic()).orElse(null) == Topics.PoolTopic.RESUME) {
                Resumption moved =
                        resumptions.decode(record.topic(), record.value()).value();
                return moved.getCallId().equals(callId) ? found(moved.getCall()) : null;
            }
            ToolCall call = calls.decode(record.topic(), record.value()).value();
            String id = call.getCallId() == null
                    ? record.topic() + "-" + record.partition() + "-" + record.offset()
                    : call.getCallId();
            return id.equals(callId) && !call.getAction().equals("cancel") ? found(call) : null;
        } catch (DecodeException unreadable) {
            return null;
        }
    }

    private @Nullable FoundCall found(ToolCall call) {
        String tenant = call.getTenant() == null ? defaultTenant : call.getTenant();
        return tenant == null ? null : new FoundCall(call.getTool(), tenant, call.getConnection());
    }
}
