package dev.toolpost.worker.journal;

import dev.toolpost.message.StateEntry;
import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The durable record of one shard's writes, so that none is sent twice without the vendor's help.
 *
 * <p>Phases of a write: {@code started} before every attempt of a write that must not be repeated,
 * {@code not_processed} when the vendor provably did not act on it, {@code accepted} when the vendor took on work that
 * the call goes on to wait for, {@code done} with its reply. Only a
 * {@code started} without a successor means that the outcome is unknown. An entry counts when the transaction with it
 * and a commit of its shard succeeded; making that so is the caller's part.
 *
 * <p>In memory is only what decides: hash of the body, phase, place. Thread-safe.
 */
public final class Journal {

    /** {@link StateEntry#getKind()} of journal entries. */
    public static final String KIND = "journal";

    static final String STARTED = "started";
    static final String NOT_PROCESSED = "not_processed";
    static final String ACCEPTED = "accepted";
    static final String DONE = "done";
    static final long UNKNOWN_PLACE = -1;

    private final int shard;
    private final InstantSource clock;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<WriteIdentity, Entry> entries = new HashMap<>();
    private final Map<WriteIdentity, CountDownLatch> underWay = new HashMap<>();

    public Journal(int shard, InstantSource clock) {
        this.shard = shard;
        this.clock = clock;
    }

    /** Takes an entry read back from the state partition, in its order. */
    public void restore(StateEntry read, long place) {
        WriteIdentity identity =
                new WriteIdentity(read.getTenant(), read.getConnection(), String.valueOf(read.getId()));
        Entry entry = new Entry(
                String.valueOf(read.getBodyHash()),
                String.valueOf(read.getPhase()),
                read.getAttempt(),
                place,
                read.getAt());
        lock.lock();
        try {
            entries.put(identity, entry);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Asks whether a write may start.
     *
     * @param bodyHash of its tool and arguments
     * @param repeatable whether the vendor takes it twice without harm
     */
    public Admission admit(WriteIdentity identity, String bodyHash, boolean repeatable) {
        lock.lock();
        try {
            CountDownLatch other = underWay.get(identity);
            if (other != null) {
                return new Admission.UnderWay(other);
            }
            Entry entry = entries.get(identity);
            if (entry != null && !entry.bodyHash.equals(bodyHash)) {
                return new Admission.Conflicting();
            }
            if (entry != null && entry.phase.equals(DONE)) {
                return new Admission.Recorded(entry.place);
            }
            if (entry != null && entry.phase.equals(ACCEPTED)) {
                return new Admission.Accepted();
            }
            underWay.put(identity, new CountDownLatch(1));
            return entry != null && entry.phase.equals(STARTED) && !repeatable
                    ? new Admission.Interrupted(entry.attempt)
                    : new Admission.Admitted();
        } finally {
            lock.unlock();
        }
    }

    /** How a write stands, whoever asks. */
    public Standing standing(WriteIdentity identity) {
        lock.lock();
        try {
            Entry entry = entries.get(identity);
            return entry == null
                    ? Standing.NOT_STARTED
                    : switch (entry.phase) {
                        case STARTED -> new Standing(Standing.Phase.STARTED, entry.bodyHash, entry.place);
                        case ACCEPTED -> new Standing(Standing.Phase.ACCEPTED, entry.bodyHash, entry.place);
                        case DONE -> new Standing(Standing.Phase.DONE, entry.bodyHash, entry.place);
                        default -> Standing.NOT_STARTED;
                    };
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes a write over that was started and whose end is not known, whatever its body.
     *
     * @return the hash of its body; null where there is no such write, or this worker has it under way. The caller owns
     *     the identity where it is not null.
     */
    public @Nullable String takeInterrupted(WriteIdentity identity) {
        return take(identity, STARTED);
    }

    /** The same for a write whose work the vendor has taken on. */
    public @Nullable String takeAccepted(WriteIdentity identity) {
        return take(identity, ACCEPTED);
    }

    private @Nullable String take(WriteIdentity identity, String phase) {
        lock.lock();
        try {
            Entry entry = entries.get(identity);
            if (entry == null || !entry.phase.equals(phase) || underWay.containsKey(identity)) {
                return null;
            }
            underWay.put(identity, new CountDownLatch(1));
            return entry.bodyHash;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Goes on with a write whose work the vendor has taken on.
     *
     * @return how to wait for whoever has it under way in this worker; null where the caller owns the identity now
     */
    public @Nullable CountDownLatch goOn(WriteIdentity identity) {
        lock.lock();
        try {
            return underWay.putIfAbsent(identity, new CountDownLatch(1));
        } finally {
            lock.unlock();
        }
    }

    /** Gives the identity free after {@link Admission.Admitted}, {@link Admission.Interrupted} or {@link #takeInterrupted}. */
    public void leave(WriteIdentity identity) {
        CountDownLatch end;
        lock.lock();
        try {
            end = underWay.remove(identity);
        } finally {
            lock.unlock();
        }
        if (end != null) {
            end.countDown();
        }
    }

    /** The entry to publish before an attempt. */
    public StateEntry started(WriteIdentity identity, String bodyHash, int attempt) {
        return entry(identity, bodyHash, STARTED, attempt).build();
    }

    /** The entry to publish when the vendor provably did not act, before any wait. */
    public StateEntry notProcessed(WriteIdentity identity, String bodyHash, int attempt) {
        return entry(identity, bodyHash, NOT_PROCESSED, attempt).build();
    }

    /** The entry to publish with what goes on to wait for the vendor's work. */
    public StateEntry accepted(WriteIdentity identity, String bodyHash, int attempt) {
        return entry(identity, bodyHash, ACCEPTED, attempt).build();
    }

    /**
     * The entry to publish with the reply.
     *
     * @param code the error code of the reply; null on success
     * @param frames the reply as it is published, read back when the same write comes again
     */
    public StateEntry done(
            WriteIdentity identity, String bodyHash, int attempt, @Nullable String code, List<byte[]> frames) {
        List<ByteBuffer> replies = new ArrayList<>();
        frames.forEach(frame -> replies.add(ByteBuffer.wrap(frame)));
        return entry(identity, bodyHash, DONE, attempt)
                .setCode(code)
                .setReplies(replies)
                .build();
    }

    /** Takes note of an entry whose transaction succeeded. */
    public void committed(StateEntry entry, long place) {
        restore(entry, place);
    }

    /** Forgets entries older than the deadlines' reach. */
    public void forgetBefore(long epochMillis) {
        lock.lock();
        try {
            entries.values().removeIf(entry -> entry.at < epochMillis);
        } finally {
            lock.unlock();
        }
    }

    /** Writes remembered. */
    public int size() {
        lock.lock();
        try {
            return entries.size();
        } finally {
            lock.unlock();
        }
    }

    private StateEntry.Builder entry(WriteIdentity identity, String bodyHash, String phase, int attempt) {
        return StateEntry.newBuilder()
                .setKind(KIND)
                .setTenant(identity.tenant())
                .setConnection(identity.connection())
                .setId(identity.id())
                .setShard(shard)
                .setAt(clock.millis())
                .setBodyHash(bodyHash)
                .setPhase(phase)
                .setAttempt(attempt);
    }

    private record Entry(String bodyHash, String phase, int attempt, long place, long at) {}
}
