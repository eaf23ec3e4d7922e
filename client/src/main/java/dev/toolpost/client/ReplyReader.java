package dev.toolpost.client;

import dev.toolpost.message.ToolReply;
import dev.toolpost.schemas.DecodeException;
import dev.toolpost.schemas.HeaderNames;
import dev.toolpost.schemas.MessageCodec;
import dev.toolpost.schemas.RegistryUnavailableException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads one reply topic for the whole process, from where it ended at the start, in no group. Its thread owns the consumer;
 * only {@link #close()} is for others.
 */
final class ReplyReader implements Runnable, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ReplyReader.class);
    private static final Duration POLL = Duration.ofSeconds(1);
    private static final Duration LOOK_FOR_PARTITIONS = Duration.ofSeconds(10);
    private static final Duration REGISTRY_PAUSE = Duration.ofMillis(250);

    /** What becomes of what was read. Called on the reader's thread. */
    interface Listener {
        /** Whether a call of that id waits for frames. */
        boolean expects(String callId);

        void frame(ToolReply frame, Map<String, String> headers);

        void unreadable(String callId, UnreadableReplyException e);

        /** The reader has ended and reads no more. */
        void ended(ClientException e);
    }

    private final Supplier<Consumer<byte[], byte[]>> consumers;
    private final ReplyTopic topic;
    private final MessageCodec<ToolReply> codec;
    private final Listener listener;
    private final CompletableFuture<Void> ready = new CompletableFuture<>();
    private volatile @Nullable Consumer<byte[], byte[]> consumer;
    private volatile boolean closing;

    ReplyReader(
            Supplier<Consumer<byte[], byte[]>> consumers,
            ReplyTopic topic,
            MessageCodec<ToolReply> codec,
            Listener listener) {
        this.consumers = consumers;
        this.topic = topic;
        this.codec = codec;
        this.listener = listener;
    }

    /** Completes when the reader stands at the end of every partition: a reply to a call published from now on is seen. */
    CompletableFuture<Void> ready() {
        return ready;
    }

    @Override
    public void run() {
        try (UngroupedConsumer leased = new UngroupedConsumer(consumers.get())) {
            Consumer<byte[], byte[]> own = leased.consumer();
            consumer = own;
            Set<TopicPartition> partitions = topic.all(topic.partitions(own, () -> closing));
            topic.standAtTheEnd(own, partitions);
            ready.complete(null);
            read(own, partitions);
            end(new ClosedException("the client is closed", null));
        } catch (WakeupException | InterruptException e) {
            end(new ClosedException("the client is closed", e));
        } catch (UnreachableException e) {
            end(e);
        } catch (KafkaException e) {
            end(new UnreachableException(
                    "reading replies from topic " + topic.name() + " at " + topic.bootstrap() + " failed: "
                            + e.getMessage() + "; check the credentials and the read permission of this client",
                    e));
        } catch (RuntimeException e) {
            LOG.error("The reader of {} ended", topic.name(), e);
            end(new UnreachableException("reading replies from topic " + topic.name() + " failed: " + e, e));
        }
    }

    /** Makes the reader end; its thread does so within a moment. */
    @Override
    public void close() {
        closing = true;
        Consumer<byte[], byte[]> known = consumer;
        if (known != null) {
            known.wakeup();
        }
    }

    private void end(ClientException e) {
        ready.completeExceptionally(e);
        listener.ended(e);
    }

    private void read(Consumer<byte[], byte[]> own, Set<TopicPartition> assigned) {
        Set<TopicPartition> partitions = new HashSet<>(assigned);
        long lookedNanos = System.nanoTime();
        while (!closing) {
            ConsumerRecords<byte[], byte[]> records = own.poll(POLL);
            for (TopicPartition partition : records.partitions()) {
                readPartition(own, partition, records.records(partition));
            }
            if (System.nanoTime() - lookedNanos > LOOK_FOR_PARTITIONS.toNanos()) {
                lookedNanos = System.nanoTime();
                addNewPartitions(own, partitions);
            }
        }
    }

    private void readPartition(
            Consumer<byte[], byte[]> own, TopicPartition partition, List<ConsumerRecord<byte[], byte[]>> records) {
        for (ConsumerRecord<byte[], byte[]> record : records) {
            String key = record.key() == null ? null : new String(record.key(), StandardCharsets.UTF_8);
            if (key != null && !listener.expects(key)) {
                continue;
            }
            try {
                ToolReply frame = codec.decode(topic.name(), record.value()).value();
                listener.frame(frame, headers(record));
            } catch (RegistryUnavailableException e) {
                LOG.warn("A reply on {} waits for its schema: {}", partition, e.getMessage());
                own.seek(partition, record.offset());
                ReplyTopic.pause(REGISTRY_PAUSE, () -> closing);
                return;
            } catch (DecodeException e) {
                if (key != null) {
                    listener.unreadable(
                            key,
                            new UnreadableReplyException(
                                    "the reply to call " + key + " at " + partition + " offset " + record.offset()
                                            + " cannot be read: " + e.getMessage(),
                                    e));
                }
            }
        }
    }

    /** Partitions that were added later are read from their start: whatever they hold came after this reader. */
    private void addNewPartitions(Consumer<byte[], byte[]> own, Set<TopicPartition> partitions) {
        List<PartitionInfo> infos;
        try {
            infos = own.partitionsFor(topic.name(), POLL);
        } catch (TimeoutException | UnknownTopicOrPartitionException e) {
            LOG.debug("Partitions of {} are not known right now", topic.name());
            return;
        }
        Set<TopicPartition> added = new HashSet<>(topic.all(infos == null ? 0 : infos.size()));
        added.removeAll(partitions);
        if (!added.isEmpty()) {
            partitions.addAll(added);
            own.assign(partitions);
            own.seekToBeginning(added);
        }
    }

    private static Map<String, String> headers(ConsumerRecord<byte[], byte[]> record) {
        Map<String, String> headers = new HashMap<>();
        for (Header header : record.headers()) {
            boolean ours = header.key().startsWith(HeaderNames.REPLY_PREFIX)
                    || header.key().equals(HeaderNames.TRACEPARENT);
            if (ours && header.value() != null) {
                headers.put(header.key(), new String(header.value(), StandardCharsets.UTF_8));
            }
        }
        return headers;
    }
}
