package dev.toolpost.scheduler.clock;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;

/**
 * The clock of one partition's leader, known from records that it stamped. A record appended at broker time T, whose acknowledgement came
 * at monotonic time a, shows that the broker's clock is at least {@code T + (n - a)} at any later monotonic time n: the way back only makes
 * the bound smaller. The best bound of the last minutes counts. Since no two clocks run quite alike, less than what has passed is added.
 *
 * <p>The same record, sent at monotonic time s, shows an upper bound: {@code T + 1 ms + (n - s)}. Where it lies below what older records
 * promised, the clock went back or another broker leads the partition, and the older records are forgotten.
 *
 * <p>Thread-safe.
 */
final class PartitionClock {

    private static final long NANOS_PER_MILLI = 1_000_000;

    /** One clock may be ahead of another by one of so many nanoseconds that pass: 200 millionths, four times what quartz is allowed. */
    private static final long DRIFT = 5_000;

    /** What to add to the slowed monotonic time for the bound. */
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
        long lower = appendedMillis * NANOS_PER_MILLI - slowed(ackNanos);
        long way = ackNanos - sentNanos;
        long upper = (appendedMillis + 1) * NANOS_PER_MILLI + way + way / DRIFT - slowed(ackNanos);
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
        return offset == BrokerTime.UNKNOWN
                ? BrokerTime.UNKNOWN
                : Math.floorDiv(offset + slowed(nanoTime), NANOS_PER_MILLI);
    }

    private static long slowed(long nanoTime) {
        return nanoTime - Math.floorDiv(nanoTime, DRIFT);
    }
}
