package dev.toolpost.worker.ownership;

import dev.toolpost.worker.ledger.LedgerMetadata;
import dev.toolpost.worker.ledger.OffsetLedger;
import java.util.BitSet;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * One ownership of one shard: partition {@code number} of all topics of a pool, from its assignment to its loss. A
 * shard that comes back is a new object with a new token, so that nothing of the old ownership reaches the new one.
 *
 * <p>Thread-safe. The state only moves forward: {@code CLAIMING} (assigned, first commit not yet accepted),
 * {@code OWNED}, {@code REVOKING} (no new work, sent requests finish), {@code LOST}.
 */
public final class Shard {

    /** See {@link Shard}. */
    public enum State {
        CLAIMING,
        OWNED,
        REVOKING,
        LOST
    }

    private final String pool;
    private final int number;
    private final String token;
    private final Inheritance inheritance;
    private final Map<TopicPartition, OffsetLedger> ledgers;
    private final CompletableFuture<Void> lost = new CompletableFuture<>();
    private volatile State state = State.CLAIMING;

    public Shard(
            String pool, int number, String token, Inheritance inheritance, Map<TopicPartition, OffsetLedger> ledgers) {
        this.pool = pool;
        this.number = number;
        this.token = token;
        this.inheritance = inheritance;
        this.ledgers = Map.copyOf(ledgers);
    }

    public String pool() {
        return pool;
    }

    /** The partition number. */
    public int number() {
        return number;
    }

    /** Names this ownership in commit metadata and in saved bucket states. */
    public String token() {
        return token;
    }

    /** What the commits of the owner before say. */
    public Inheritance inheritance() {
        return inheritance;
    }

    public State state() {
        return state;
    }

    /** Whether commits for this shard may be tried. */
    public boolean mayCommit() {
        return state != State.LOST;
    }

    /** Whether calls may start, and waiting ones go on. */
    public boolean mayStart() {
        return state == State.OWNED;
    }

    /** Moves forward to a state; never back. */
    public synchronized boolean advance(State next) {
        if (next.compareTo(state) <= 0) {
            return false;
        }
        state = next;
        if (next == State.LOST) {
            lost.complete(null);
        }
        return true;
    }

    /** Completes when the shard is lost. */
    public CompletableFuture<Void> whenLost() {
        return lost;
    }

    public Collection<TopicPartition> partitions() {
        return ledgers.keySet();
    }

    /** The ledger of one of the shard's consumed partitions. */
    public OffsetLedger ledger(TopicPartition partition) {
        OffsetLedger ledger = ledgers.get(partition);
        if (ledger == null) {
            throw new IllegalArgumentException(
                    partition + ": not of " + this + " (expected: one of " + partitions() + ")");
        }
        return ledger;
    }

    /** The commit of one partition as it stands now. */
    public OffsetAndMetadata commitOf(OffsetLedger.Snapshot snapshot, boolean clean) {
        return new OffsetAndMetadata(snapshot.offset(), new LedgerMetadata(token, clean, snapshot.finished()).encode());
    }

    /** The finished offsets that an earlier owner's commit tells of. */
    public static BitSet finishedBefore(OffsetAndMetadata committed) {
        LedgerMetadata metadata = LedgerMetadata.parse(committed.metadata());
        return metadata == null ? new BitSet() : metadata.finished();
    }

    @Override
    public String toString() {
        return pool + "/" + number + "(" + token + ", " + state + ")";
    }
}
