package dev.toolpost.worker.rig;

import dev.toolpost.worker.ledger.LedgerMetadata;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/** What the workers of a pool have committed. */
public final class GroupProgress {

    private final Rig rig;
    private final String pool;

    public GroupProgress(Rig rig, String pool) {
        this.rig = rig;
        this.pool = pool;
    }

    /** Waits until every record of the pool is committed as finished, none beyond the committed offset. */
    public void awaitAllCommitted(Duration within) {
        long until = System.nanoTime() + within.toNanos();
        Map<TopicPartition, String> open = open();
        while (!open.isEmpty()) {
            if (System.nanoTime() > until) {
                throw new AssertionError("not committed within " + within + ": " + open);
            }
            try {
                Thread.sleep(50);
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(interrupted);
            }
            open = open();
        }
    }

    /** The last commit of every partition of the pool's group. */
    public Map<TopicPartition, OffsetAndMetadata> committed() {
        String group = rig.topics().group(pool);
        try {
            return rig.admin()
                    .listConsumerGroupOffsets(group)
                    .partitionsToOffsetAndMetadata(group)
                    .get();
        } catch (ExecutionException failed) {
            throw new IllegalStateException(failed.getCause());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(interrupted);
        }
    }

    private Map<TopicPartition, String> open() {
        Map<TopicPartition, String> open = new HashMap<>();
        Map<TopicPartition, OffsetAndMetadata> committed = committed();
        ends().forEach((partition, end) -> {
            OffsetAndMetadata commit = committed.get(partition);
            LedgerMetadata metadata = commit == null ? null : LedgerMetadata.parse(commit.metadata());
            boolean done = end == 0
                    || (commit != null
                            && commit.offset() >= end
                            && metadata != null
                            && metadata.finished().isEmpty());
            if (!done) {
                open.put(partition, (commit == null ? "nothing" : commit.offset()) + " of " + end);
            }
        });
        return open;
    }

    private Map<TopicPartition, Long> ends() {
        List<String> topics = List.of(
                rig.topics().calls(pool), rig.topics().batch(pool), rig.topics().resume(pool));
        Map<TopicPartition, OffsetSpec> wanted = new HashMap<>();
        Map<TopicPartition, Long> ends = new HashMap<>();
        try {
            rig.admin()
                    .describeTopics(topics)
                    .allTopicNames()
                    .get()
                    .forEach((topic, description) -> new ArrayList<>(description.partitions())
                            .forEach(each ->
                                    wanted.put(new TopicPartition(topic, each.partition()), OffsetSpec.latest())));
            rig.admin().listOffsets(wanted).all().get().forEach((partition, end) -> ends.put(partition, end.offset()));
        } catch (ExecutionException failed) {
            throw new IllegalStateException(failed.getCause());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(interrupted);
        }
        return ends;
    }
}
