package dev.toolpost.worker.call;

import dev.toolpost.worker.intake.Delivery;
import dev.toolpost.worker.ratelimit.Ticket;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * A call that waits and holds nothing for it but its record, as it was read: no thread, no place among the calls in flight, nothing
 * of what was parsed. When its time has come it goes on as a fresh run of the same record, from the top of
 * {@link CallRunner}; all that the fresh run knows of the one before is what stands here. So whatever a call did before it waits must be
 * durable, or harmless to do again.
 *
 * <p>Its record stays unfinished in its shard's ledger. One that waits may be {@linkplain #wake woken} by anybody, as often as
 * he likes, and is started once. Thread-safe.
 */
final class Parked {

    /** What a parked call takes beside its record: this, its places in the tables, and the record's own objects. */
    static final int OVERHEAD_BYTES = 640;

    private final Parking parking;
    private final Delivery delivery;
    private final ShardCalls shard;
    private final String cancelKey;
    private final int attempts;
    private final long waitedMillis;
    private final long vendorMillis;
    private final long dueAtMillis;
    private final long parkedAtMillis;
    private final long heldSinceNanos;
    private final @Nullable Places line;
    private final @Nullable Ticket ticket;

    // Guarded by the lock of parking.
    long wakeAtMillis;
    long sequence;
    boolean waits;
    private volatile boolean leaves;
    private volatile @Nullable Places place;

    /**
     * The call of a run that is about to end.
     *
     * @param until what it waits for
     */
    Parked(Parking parking, RunningCall run, CallOutcome.Waits until, long nowMillis) {
        this.parking = parking;
        this.delivery = run.delivery();
        this.shard = run.shard();
        this.cancelKey = run.settledCall().cancelKey();
        this.attempts = run.attempts();
        this.waitedMillis = run.waitedMillis();
        this.vendorMillis = run.vendorMillis();
        this.heldSinceNanos = run.heldSinceNanos();
        this.wakeAtMillis = until.untilMillis();
        this.dueAtMillis = until.dueAtMillis();
        this.parkedAtMillis = nowMillis;
        this.line = until.line();
        this.ticket = until.ticket();
    }

    Delivery delivery() {
        return delivery;
    }

    ShardCalls shard() {
        return shard;
    }

    /** What a cancel must name to mean this call. */
    String cancelKey() {
        return cancelKey;
    }

    int attempts() {
        return attempts;
    }

    /** Time spent waiting, up to now. */
    long waitedMillis(long nowMillis) {
        return waitedMillis + Math.max(0, nowMillis - parkedAtMillis);
    }

    /** Time spent in exchanges with the vendor. */
    long vendorMillis() {
        return vendorMillis;
    }

    /** When its vendor is to be asked after work that it has taken on, in epoch milliseconds; 0 where there is none. */
    long dueAtMillis() {
        return dueAtMillis;
    }

    /** Since when this worker holds the record, on {@link System#nanoTime()}. */
    long heldSinceNanos() {
        return heldSinceNanos;
    }

    /** Whether it waits for a place of its connection. */
    boolean isInLine() {
        return line != null;
    }

    /**
     * Has it go on as soon as this worker has room for it.
     *
     * @return false where it does so already, or is gone
     */
    boolean wake() {
        return parking.wake(this);
    }

    /** Has it go on at once with a place of its connection, which it holds from then on; false as {@link #wake} says. */
    boolean wakeWith(Places given) {
        return parking.wake(this, () -> place = given);
    }

    /** Has it leave this worker's memory for the end of its shard's {@code resume} partition. */
    void handOver() {
        leaves = true;
        parking.wake(this);
    }

    /** Its place in the line for permits, or null. */
    @Nullable
    Ticket ticket() {
        return ticket;
    }

    /** Whether it was told to leave. */
    boolean leaves() {
        return leaves;
    }

    /** The place that it was woken with, or null. */
    @Nullable
    Places place() {
        return place;
    }

    /** Bytes that it takes, about. */
    int weight() {
        byte[] value = delivery.message().value();
        byte[] key = delivery.message().key();
        int bytes = OVERHEAD_BYTES + (value == null ? 0 : value.length) + (key == null ? 0 : key.length);
        for (Header header : delivery.message().headers()) {
            bytes += 64 + (header.value() == null ? 0 : header.value().length);
        }
        return bytes;
    }
}
