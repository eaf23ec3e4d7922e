package dev.toolpost.worker.ratelimit;

import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.function.LongSupplier;

/** A clock that moves when told, running the limiters' wake-ups and other events on the way, in order. One thread only. */
final class ManualTime implements LongSupplier, InstantSource, WakeUps {

    private record Event(long at, long number, Runnable action) {}

    private final PriorityQueue<Event> events =
            new PriorityQueue<>(Comparator.comparingLong(Event::at).thenComparingLong(Event::number));
    private long now;
    private long lastNumber;
    private int wakeUps;

    /** Begins somewhere, as the real clock does. */
    ManualTime(long startNanos) {
        now = startNanos;
    }

    @Override
    public long getAsLong() {
        return now;
    }

    /** A wall clock that goes with it; the test's day begins where the nanoseconds do. */
    @Override
    public Instant instant() {
        return Instant.parse("2026-11-02T00:00:00Z").plusNanos(now);
    }

    void at(long nanos, Runnable action) {
        events.add(new Event(Math.max(nanos, now), ++lastNumber, action));
    }

    void after(long nanos, Runnable action) {
        at(now + nanos, action);
    }

    /** Runs everything up to a time, inclusive. */
    void advanceTo(long nanos) {
        while (runNext(nanos)) {}
        now = Math.max(now, nanos);
    }

    void advanceBy(long nanos) {
        advanceTo(now + nanos);
    }

    /** Runs one event, or none if the next is later. */
    boolean runNext(long latest) {
        Event next = events.peek();
        if (next == null || next.at > latest) {
            return false;
        }
        events.remove();
        now = Math.max(now, next.at);
        next.action.run();
        return true;
    }

    /** How many wake-ups of limiters ran. */
    int wakeUps() {
        return wakeUps;
    }

    @Override
    public WakeUp register(Runnable action) {
        return new ManualWakeUp(action);
    }

    private final class ManualWakeUp implements WakeUp {
        private final Runnable action;
        private long at = Long.MAX_VALUE;

        ManualWakeUp(Runnable action) {
            this.action = action;
        }

        @Override
        public void at(long nanos) {
            if (at <= nanos) {
                return;
            }
            at = nanos;
            ManualTime.this.at(nanos, () -> {
                if (at == nanos) {
                    at = Long.MAX_VALUE;
                    wakeUps++;
                    action.run();
                }
            });
        }
    }
}
