package dev.toolpost.worker.commit;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** What a broker makes of a committer's transactions, one scripted end after the other. Thread-safe. */
final class ScriptedBroker {

    /** Records to this topic are too large. */
    static final String REFUSING_TOPIC = "refusing";

    /** This topic is not there: a send waits for it, and fails. */
    static final String MISSING_TOPIC = "missing";

    /** How a transaction ends. */
    enum End {
        COMMITTED,
        /** The coordinator no longer knows the member; the group has moved on by then. */
        REJECTED,
        /** Committed, and the producer never heard of it. */
        COMMITTED_UNHEARD,
        /** Not committed, and the producer heard nothing. */
        LOST_UNHEARD,
        /** Another process took the transactional id. */
        FENCED
    }

    private final Deque<End> script = new ArrayDeque<>();
    private final List<ProducerRecord<byte[], byte[]>> published = new ArrayList<>();
    private final Map<TopicPartition, OffsetAndMetadata> committed = new HashMap<>();
    private int producers;
    private int unresolvable;
    private int waitsForTopics;
    private int commits;
    private int aborts;
    private int generation = 1;
    private Runnable onTransaction = () -> {};

    synchronized void next(End... ends) {
        script.addAll(List.of(ends));
    }

    /** Run at the end of every transaction, on the committer's thread. */
    synchronized void onTransaction(Runnable action) {
        onTransaction = action;
    }

    @SuppressWarnings("removal") // nothing else makes one yet
    synchronized ConsumerGroupMetadata membership() {
        return new ConsumerGroupMetadata("group", generation, "member", Optional.empty());
    }

    /** So many producers after the first cannot be made. */
    synchronized void unresolvable(int times) {
        unresolvable = times;
    }

    /** Sends that waited for a topic in vain. */
    synchronized int waitsForTopics() {
        return waitsForTopics;
    }

    Producer<byte[], byte[]> producer() {
        synchronized (this) {
            if (producers > 0 && unresolvable > 0) {
                unresolvable--;
                throw new KafkaException("no resolvable bootstrap urls given in bootstrap.servers");
            }
            producers++;
        }
        return new ScriptedProducer();
    }

    synchronized Map<TopicPartition, OffsetAndMetadata> committed(Collection<TopicPartition> partitions) {
        Map<TopicPartition, OffsetAndMetadata> some = new HashMap<>(committed);
        some.keySet().retainAll(partitions);
        return some;
    }

    synchronized List<String> published() {
        return published.stream()
                .map(each -> new String(each.value(), StandardCharsets.UTF_8))
                .toList();
    }

    /** Producers made so far. */
    synchronized int producers() {
        return producers;
    }

    /** Transactions that were committed. */
    synchronized int commits() {
        return commits;
    }

    synchronized int aborts() {
        return aborts;
    }

    private synchronized End begin() {
        onTransaction.run();
        return script.isEmpty() ? End.COMMITTED : script.pop();
    }

    private synchronized void take(
            List<ProducerRecord<byte[], byte[]>> records, Map<TopicPartition, OffsetAndMetadata> offsets) {
        published.addAll(records);
        committed.putAll(offsets);
        commits++;
    }

    private final class ScriptedProducer extends MockProducer<byte[], byte[]> {
        private boolean poisoned;
        private End end = End.COMMITTED;

        ScriptedProducer() {
            super(true, null, new ByteArraySerializer(), new ByteArraySerializer());
        }

        @Override
        public synchronized Future<RecordMetadata> send(ProducerRecord<byte[], byte[]> message, Callback callback) {
            if (message.topic().equals(REFUSING_TOPIC)) {
                poisoned = true;
                RecordTooLargeException refused = new RecordTooLargeException("5 MiB (expected: at most 1 MiB)");
                callback.onCompletion(null, refused);
                return CompletableFuture.failedFuture(refused);
            }
            if (message.topic().equals(MISSING_TOPIC)) {
                poisoned = true;
                synchronized (ScriptedBroker.this) {
                    waitsForTopics++;
                }
                TimeoutException absent = new TimeoutException("Topic missing not present in metadata after 5000 ms.");
                callback.onCompletion(null, absent);
                return CompletableFuture.failedFuture(absent);
            }
            return super.send(message, callback);
        }

        @Override
        public void sendOffsetsToTransaction(
                Map<TopicPartition, OffsetAndMetadata> offsets, ConsumerGroupMetadata member) {
            if (poisoned) {
                throw new KafkaException("the transaction is in an error state");
            }
            end = begin();
            if (end == End.REJECTED) {
                synchronized (ScriptedBroker.this) {
                    generation++;
                }
                throw new CommitFailedException();
            }
            super.sendOffsetsToTransaction(offsets, member);
        }

        @Override
        public void commitTransaction() {
            if (end == End.FENCED) {
                throw new ProducerFencedException("fenced");
            }
            if (end == End.COMMITTED || end == End.COMMITTED_UNHEARD) {
                take(uncommittedRecords(), uncommittedOffsets().getOrDefault("group", Map.of()));
            }
            if (end == End.COMMITTED_UNHEARD || end == End.LOST_UNHEARD) {
                throw new TimeoutException("no answer to EndTxn");
            }
            super.commitTransaction();
        }

        @Override
        public void abortTransaction() {
            poisoned = false;
            synchronized (ScriptedBroker.this) {
                aborts++;
            }
            super.abortTransaction();
        }
    }
}
