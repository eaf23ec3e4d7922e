package dev.toolpost.scheduler.clock;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;

/**
 * The clock of one partition's leader, known from records that it stamped. A record appended at broker time T, whose acknowledgement came
 * at monotonic time a, shows that the broker's clock is at least {@code T + (n - a)} at any later monotonic time n: the way back only makes
 * the bound smaller. The best bound of the last minutes counts.
 *
 * <p>The same record, sent at monotonic time s, shows an upper bound: {@code T + 1 ms + (n - s)}. Where it lies below what older records
 * promised, the clock went back or another broker leads the partition, and the older records are forgotten.
 *
 * <p>Thread-safe.
 */
final class PartitionClock {

    private static final long NANOS_PER_MILLI = 1_000_000;

    /** T - a: what to add to the monotonic time for the bound. */
    private record Sample(long offsetNanos, long ackNanos) {}

    private final long memoryNanos;
    private final Deque<Sample> samples = new ArrayDeque<>();
    private volatile long offsetNanos = BrokerTime.UNKNOWN;

    PartitionClock(Duration memory) {
        this.memoryNanos = memory.toNanos();
    }

    /**
     * A record was stamped.
     *
     * @param appendedMillis the broker's stamp
     * @param sentNanos monotonic time before it was sent
     * @param ackNanos monotonic time after it was acknowledged
     */
    synchronized void stamped(long appendedMillis, long sentNanos, long ackNanos) {
        long lower = appendedMillis * NANOS_PER_MILLI - ackNanos;
        long upper = (appendedMillis + 1) * NANOS_PER_MILLI - sentNanos;
        Iterator<Sample> known = samples.iterator();
        long best = lower;
        while (known.hasNext()) {
            Sample sample = known.next();
            if (ackNanos - sample.ackNanos > memoryNanos || sample.offsetNanos > upper) {
                known.remove();
            } else {
                best = Math.max(best, sample.offsetNanos);
            }
        }
        samples.add(new Sample(lower, ackNanos));
        offsetNanos = best;
    }

    long now(long nanoTime) {
        long offset = offsetNanos;
        return offset == BrokerTime.UNKNOWN ? BrokerTime.UNKNOWN : Math.floorDiv(offset + nanoTime, NANOS_PER_MILLI);
    }
}
