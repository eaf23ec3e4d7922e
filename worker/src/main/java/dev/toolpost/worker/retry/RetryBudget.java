package dev.toolpost.worker.retry;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Bounds how much retries add to a vendor's load. Every call earns a part of a retry, and a trickle over time lets a vendor with little
 * traffic be retried too; savings are small, so that calm hours do not pay for a storm.
 *
 * <p>Over any stretch with {@code n} calls in {@code t} seconds at most {@code 0.08 n + 5 + t / 10} retries are granted: with 250 calls
 * and more in a short time, attempts stay below 1.1 times the calls. One per vendor and worker. Thread-safe, lock-free.
 */
public final class RetryBudget {

    private static final long RETRY = 1_000;
    private static final long EARNED_BY_A_CALL = 80;
    private static final long LARGEST = 5 * RETRY;
    private static final long NANOS_PER_TRICKLED_UNIT = TimeUnit.SECONDS.toNanos(10) / RETRY;

    private final AtomicLong balance = new AtomicLong(LARGEST);
    private final AtomicLong trickledUntilNanos;

    /** A full budget. */
    public RetryBudget(long nowNanos) {
        trickledUntilNanos = new AtomicLong(nowNanos);
    }

    /** A call makes its first attempt. */
    public void callStarted() {
        earn(EARNED_BY_A_CALL);
    }

    /** Takes one retry, if there is one. */
    public boolean tryRetry(long nowNanos) {
        trickle(nowNanos);
        while (true) {
            long before = balance.get();
            if (before < RETRY) {
                return false;
            }
            if (balance.compareAndSet(before, before - RETRY)) {
                return true;
            }
        }
    }

    private void trickle(long nowNanos) {
        long until = trickledUntilNanos.get();
        long units = (nowNanos - until) / NANOS_PER_TRICKLED_UNIT;
        if (units > 0 && trickledUntilNanos.compareAndSet(until, until + units * NANOS_PER_TRICKLED_UNIT)) {
            earn(Math.min(units, LARGEST));
        }
    }

    private void earn(long units) {
        while (true) {
            long before = balance.get();
            if (before >= LARGEST || balance.compareAndSet(before, Math.min(LARGEST, before + units))) {
                return;
            }
        }
    }
}
