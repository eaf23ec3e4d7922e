package dev.toolpost.worker.call;

import dev.toolpost.message.StateEntry;
import dev.toolpost.schemas.RegistryUnavailableException;
import dev.toolpost.worker.commit.CommitUnit;
import dev.toolpost.worker.commit.CommitUnit.Result;
import dev.toolpost.worker.commit.Committer;
import dev.toolpost.worker.commit.RecordRefusedException;
import dev.toolpost.worker.ownership.Shard;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes durable what is about to be spent of long windows, through the committer. Thread-safe. */
final class CommittedSpendings implements Spendings {

    private static final Logger log = LoggerFactory.getLogger(CommittedSpendings.class);
    private static final long TRY_AGAIN_MILLIS = 500;

    private final Function<StateEntry, ProducerRecord<byte[], byte[]>> encode;
    private volatile @Nullable Committer committer;

    CommittedSpendings(Function<StateEntry, ProducerRecord<byte[], byte[]>> encode) {
        this.encode = encode;
    }

    /** Sets what writes; once, before the first shard is assigned. */
    void writtenBy(Committer pools) {
        committer = pools;
    }

    @Override
    public void write(Shard shard, StateEntry entry, Consumer<Boolean> durable) {
        Thread.ofVirtual().start(() -> durable.accept(isWritten(shard, entry)));
    }

    private static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(TRY_AGAIN_MILLIS);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean isWritten(Shard shard, StateEntry entry) {
        Committer to = committer;
        if (to == null) {
            throw new IllegalStateException("no committer writes (expected: writtenBy first)");
        }
        try {
            while (shard.mayStart()) {
                try {
                    CommitUnit unit = CommitUnit.publish(
                            shard, shard.partitions().iterator().next(), List.of(encode.apply(entry)));
                    to.submit(unit);
                    return Committer.await(unit) instanceof Result.Committed;
                } catch (RegistryUnavailableException | KafkaException unreachable) {
                    TimeUnit.MILLISECONDS.sleep(TRY_AGAIN_MILLIS);
                }
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        } catch (RecordRefusedException | IllegalStateException refused) {
            log.warn("What is spent of long windows cannot be made durable; calls that need it wait", refused);
            pause();
        }
        return false;
    }
}
