package dev.toolpost.worker.ratelimit;

import dev.toolpost.connectors.Limit;
import dev.toolpost.schemas.Lane;
import dev.toolpost.worker.ratelimit.LimiterSnapshot.Spent;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.TimeMeter;
import io.github.bucket4j.local.SynchronizationStrategy;
import java.time.Duration;

/**
 * One permits-per-window limit of a connection's bucket. Bucket4j keeps the tokens; a bandwidth decides when tokens are
 * taken and when they come back.
 *
 * <p>Guarded by the limiter's lock. All times are nanoseconds since the limiter began, and never go back.
 */
abstract sealed class Bandwidth permits SlidingBandwidth, TokenBandwidth, ConcurrentBandwidth {

    /** A time that depends on requests under way. */
    static final long UNKNOWN = Long.MAX_VALUE;

    final String id;
    final int permits;

    private final int reserve;

    /** The round of {@link WaitingRoom#admit} in which later waiters must keep off. */
    long blockedInRound;

    private long heldInRound;
    private int held;

    Bandwidth(String id, Limit limit) {
        this.id = id;
        this.permits = limit.permits();
        this.reserve = reserve(limit);
    }

    /**
     * The bandwidth that keeps a limit.
     *
     * <p>{@code FIXED}: what fits any stretch of one window fits the vendor's windows, however they are aligned, so it is
     * kept as {@code SLIDING}. {@code LEAKY} is the same meter as {@code TOKEN} seen from the other side.
     */
    static Bandwidth of(String id, Limit limit) {
        return switch (limit.kind()) {
            case SLIDING, FIXED -> new SlidingBandwidth(id, limit);
            case TOKEN, LEAKY -> new TokenBandwidth(id, limit);
            case CONCURRENT -> new ConcurrentBandwidth(id, limit);
        };
    }

    /** Permits that batch calls never take: the limit's share, and one where the limit is 10 or more. */
    static int reserve(Limit limit) {
        if (limit.interactiveReserve() <= 0) {
            return 0;
        }
        int share = (int) Math.floor(limit.permits() * limit.interactiveReserve() + 1e-9);
        int atLeast = limit.permits() >= 10 ? 1 : 0;
        return Math.min(limit.permits() - 1, Math.max(share, atLeast));
    }

    /** How many permits a call of this lane leaves behind. */
    final int leftBehind(Lane lane) {
        return switch (lane) {
            case INTERACTIVE -> 0;
            case BATCH -> reserve;
        };
    }

    final boolean canTake(Lane lane, long now, long round) {
        return free(now) >= needed(lane, round);
    }

    /** How many permits must be free for a call of this lane to take one. */
    final int needed(Lane lane, long round) {
        return 1 + leftBehind(lane) + (heldInRound == round ? held : 0);
    }

    /** Those who come later in this round leave one permit more. */
    final void hold(long round) {
        held = heldInRound == round ? held + 1 : 1;
        heldInRound = round;
    }

    /** Permits that may be taken now. */
    abstract long free(long now);

    /** Takes one permit; {@link #free} has just been above zero. */
    abstract void take();

    /** A permit comes back unused. */
    abstract void giveBack();

    /** The request of one permit reached the vendor between its taking and {@code now + grace}, and ended by then. */
    abstract void finish(long now, long grace);

    /** The earliest time at which n permits can have become free, if none is given back unused; n may exceed the limit. */
    abstract long earliest(long n, long now);

    /** When n permits will be free even if no request under way ends before; {@link #UNKNOWN} without an end of one. */
    abstract long certain(long n, long now);

    /** Whether n permits will be free within the horizon, or may be at any moment. */
    boolean isNear(long n, long now, long horizon) {
        return certain(n, now) - now <= horizon;
    }

    /** Everything counts as spent at the given time. Called before the first use. */
    abstract void fill(long at);

    /** Goes on from what a predecessor of the same family had spent by now. Called before the first use. */
    abstract void resume(Spent spent, long now);

    abstract Spent spent(long now);

    abstract LimiterSnapshot.Family family();

    /** A bucket that only gives out what was put in: its clock stands still, so Bucket4j never refills it. */
    static Bucket bucketWithoutRefill(int permits) {
        return Bucket.builder()
                .addLimit(limit -> limit.capacity(permits).refillIntervally(1, Duration.ofDays(365)))
                .withCustomTimePrecision(StandingClock.INSTANCE)
                .withSynchronizationStrategy(SynchronizationStrategy.NONE)
                .build();
    }

    static void takeFrom(Bucket bucket, String id) {
        if (!bucket.tryConsume(1)) {
            throw new IllegalStateException("bandwidth " + id + " is empty (expected: a free permit)");
        }
    }

    private enum StandingClock implements TimeMeter {
        INSTANCE;

        @Override
        public long currentTimeNanos() {
            return 0;
        }

        @Override
        public boolean isWallClockBased() {
            return false;
        }
    }
}
