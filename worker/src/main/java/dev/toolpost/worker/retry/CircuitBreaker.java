package dev.toolpost.worker.retry;

import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Stops sending to a vendor that fails, and finds out with single probes when it works again. Closed until, within a window of time, enough
 * attempts were made and most of them failed; then open for a while, which grows with every probe that fails; then half open.
 *
 * <p>What counts as a failure is the caller's to say: server errors, broken connections and missing answers, never throttling or a
 * call's own mistakes. One per vendor and worker. Thread-safe; the lock is held for arithmetic only.
 */
public final class CircuitBreaker {

    /**
     * When to open and for how long.
     *
     * @param window how far back attempts count
     * @param minAttempts fewer attempts in the window never open it
     * @param failureRatio of the window's attempts, from which on it opens
     * @param shortestOpen the first time that it stays open
     * @param longestOpen no time is longer
     * @param probes how many attempts at once are let through half open, all of which must succeed
     */
    public record Settings(
            Duration window,
            int minAttempts,
            double failureRatio,
            Duration shortestOpen,
            Duration longestOpen,
            int probes) {

        public static final Settings DEFAULT =
                new Settings(Duration.ofSeconds(10), 20, 0.5, Duration.ofSeconds(2), Duration.ofSeconds(30), 2);

        public Settings {
            if (!window.isPositive() || !shortestOpen.isPositive() || longestOpen.compareTo(shortestOpen) < 0) {
                throw new IllegalArgumentException("window, shortestOpen, longestOpen: " + window + ", " + shortestOpen
                        + ", " + longestOpen + " (expected: > 0, > 0, >= shortestOpen)");
            }
            if (minAttempts < 1 || probes < 1 || !(failureRatio > 0 && failureRatio <= 1)) {
                throw new IllegalArgumentException("minAttempts, probes, failureRatio: " + minAttempts + ", " + probes
                        + ", " + failureRatio + " (expected: >= 1, >= 1, above 0 and at most 1)");
            }
        }
    }

    /** Whether an attempt may be made. */
    public sealed interface Admission {
        /** Go on; the pass is to be ended by exactly one of its methods. */
        record Admitted(Pass pass) implements Admission {}

        /** Not before then. */
        record Refused(long untilNanos) implements Admission {}
    }

    /** Where the breaker is. */
    public enum Position {
        CLOSED,
        OPEN,
        HALF_OPEN
    }

    /** One admitted attempt. Ending it twice does nothing. */
    public final class Pass {
        private final long generation;
        private boolean ended;

        private Pass(long generation) {
            this.generation = generation;
        }

        /** The vendor answered, if only to refuse. */
        public void succeeded(long nowNanos) {
            end(nowNanos, Result.SUCCESS);
        }

        /** The vendor failed. */
        public void failed(long nowNanos) {
            end(nowNanos, Result.FAILURE);
        }

        /** Nothing was sent after all, or nothing follows from what happened. */
        public void unused(long nowNanos) {
            end(nowNanos, Result.NONE);
        }

        private void end(long nowNanos, Result result) {
            lock.lock();
            try {
                if (!ended) {
                    ended = true;
                    if (generation == CircuitBreaker.this.generation) {
                        state = state.after(nowNanos, result);
                    }
                }
            } finally {
                lock.unlock();
            }
        }
    }

    private enum Result {
        SUCCESS,
        FAILURE,
        NONE
    }

    /** Guarded by the lock; {@code after} is only asked for passes of the state's own generation. */
    private sealed interface State {
        Position position();

        Admission admit(long nowNanos);

        State after(long nowNanos, Result result);
    }

    private static final long PROBE_UNDER_WAY_NANOS = 250_000_000L;

    private final Settings settings;
    private final ReentrantLock lock = new ReentrantLock();
    private State state;
    private long generation;

    /** A closed breaker. */
    public CircuitBreaker(Settings settings) {
        this.settings = settings;
        this.state = new Closed();
    }

    /** Asks to make an attempt now. */
    public Admission tryPass(long nowNanos) {
        lock.lock();
        try {
            return state.admit(nowNanos);
        } finally {
            lock.unlock();
        }
    }

    public Position position() {
        lock.lock();
        try {
            return state.position();
        } finally {
            lock.unlock();
        }
    }

    private State open(long nowNanos, long forNanos) {
        generation++;
        return new Open(nowNanos + forNanos, forNanos);
    }

    /** Counts in ten slices of the window, oldest forgotten first. */
    private final class Closed implements State {
        private static final int SLICES = 10;

        private final int[] attempts = new int[SLICES];
        private final int[] failures = new int[SLICES];
        private final long sliceNanos = Math.max(1, settings.window().toNanos() / SLICES);
        private long slice = Long.MIN_VALUE;

        @Override
        public Position position() {
            return Position.CLOSED;
        }

        @Override
        public Admission admit(long nowNanos) {
            return new Admission.Admitted(new Pass(generation));
        }

        @Override
        public State after(long nowNanos, Result result) {
            if (result == Result.NONE) {
                return this;
            }
            int at = advance(nowNanos);
            attempts[at]++;
            if (result == Result.SUCCESS) {
                return this;
            }
            failures[at]++;
            int attempted = sum(attempts);
            return attempted >= settings.minAttempts() && sum(failures) >= settings.failureRatio() * attempted
                    ? open(nowNanos, settings.shortestOpen().toNanos())
                    : this;
        }

        private int advance(long nowNanos) {
            long current = Math.floorDiv(nowNanos, sliceNanos);
            long steps = slice == Long.MIN_VALUE ? SLICES : Math.min(SLICES, Math.max(0, current - slice));
            for (long step = 0; step < steps; step++) {
                int cleared = Math.floorMod(current - step, SLICES);
                attempts[cleared] = 0;
                failures[cleared] = 0;
            }
            slice = slice == Long.MIN_VALUE ? current : Math.max(slice, current);
            return Math.floorMod(slice, SLICES);
        }

        private static int sum(int[] counts) {
            int sum = 0;
            for (int count : counts) {
                sum += count;
            }
            return sum;
        }
    }

    private final class Open implements State {
        private final long untilNanos;
        private final long forNanos;

        Open(long untilNanos, long forNanos) {
            this.untilNanos = untilNanos;
            this.forNanos = forNanos;
        }

        @Override
        public Position position() {
            return Position.OPEN;
        }

        @Override
        public Admission admit(long nowNanos) {
            if (nowNanos - untilNanos < 0) {
                return new Admission.Refused(untilNanos);
            }
            generation++;
            state = new HalfOpen(forNanos);
            return state.admit(nowNanos);
        }

        @Override
        public State after(long nowNanos, Result result) {
            return this;
        }
    }

    private final class HalfOpen implements State {
        private final long lastOpenNanos;
        private int underWay;
        private int succeeded;

        HalfOpen(long lastOpenNanos) {
            this.lastOpenNanos = lastOpenNanos;
        }

        @Override
        public Position position() {
            return Position.HALF_OPEN;
        }

        @Override
        public Admission admit(long nowNanos) {
            if (underWay + succeeded >= settings.probes()) {
                return new Admission.Refused(nowNanos + PROBE_UNDER_WAY_NANOS);
            }
            underWay++;
            return new Admission.Admitted(new Pass(generation));
        }

        @Override
        public State after(long nowNanos, Result result) {
            underWay--;
            return switch (result) {
                case NONE -> this;
                case FAILURE -> open(nowNanos, Math.min(settings.longestOpen().toNanos(), lastOpenNanos * 2));
                case SUCCESS -> {
                    succeeded++;
                    if (succeeded < settings.probes()) {
                        yield this;
                    }
                    generation++;
                    yield new Closed();
                }
            };
        }
    }
}
