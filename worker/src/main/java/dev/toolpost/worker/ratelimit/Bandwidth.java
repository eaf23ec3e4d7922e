package dev.toolpost.worker.ratelimit;

import dev.toolpost.connectors.Limit;
import dev.toolpost.schemas.Lane;
import dev.toolpost.worker.ratelimit.LimiterSnapshot.Spent;
import dev.toolpost.worker.ratelimit.LimiterView.BandwidthView;
import dev.toolpost.worker.ratelimit.LimiterView.Refill;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.TimeMeter;
import io.github.bucket4j.local.SynchronizationStrategy;
import java.time.Duration;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/**
 * One permits-per-window limit of a connection's bucket. Bucket4j keeps the tokens; a bandwidth decides when tokens are
 * taken and when they come back.
 *
 * <p>Guarded by the limiter's lock. All times are nanoseconds since the limiter began, and never go back.
 */
abstract sealed class Bandwidth
        permits SlidingBandwidth,
                TokenBandwidth,
                ConcurrentBandwidth,
                DailyBandwidth,
                ShardedBandwidth,
                RemoteBandwidth {

    /** A time that depends on requests under way. */
    static final long UNKNOWN = Long.MAX_VALUE;

    /** What a vendor rounds off a time in seconds, and no more than this part of a window. */
    private static final long RESET_MARGIN_NANOS = 1_000_000_000;

    private static final int RESET_MARGIN_PART = 20;

    final String id;
    final Limit limit;
    final int permits;
    final Pause pause = new Pause();
    final LimitTally tally = new LimitTally();

    private final int reserve;

    /** Of the permits, those that the vendor says it does not give; never all. */
    private int withheld;

    /** When the vendor was last heard to allow fewer than before. */
    private long loweredAt = Long.MIN_VALUE;

    /** When an answer to a request of this worker last said how many the vendor allows. */
    private long saidAt = Long.MIN_VALUE;

    /** Of the permits, those that other workers may spend. */
    private int elsewhere;

    /** Permits that are spent only after that was made durable; null where a crash may forget them. */
    @Nullable
    Reservation reservation;

    /** The round of {@link WaitingRoom#admit} in which later waiters must keep off. */
    long blockedInRound;

    private long heldInRound;
    private long held;

    Bandwidth(String id, Limit limit) {
        this.id = id;
        this.limit = limit;
        this.permits = limit.permits();
        this.reserve = reserve(limit);
    }

    /**
     * The bandwidth that keeps a limit.
     *
     * <p>{@code FIXED}: what fits any stretch of one window fits the vendor's windows, however they are aligned, so it is
     * kept as {@code SLIDING}, unless the definition says when the vendor's day begins. {@code LEAKY} is the same meter as
     * {@code TOKEN} seen from the other side.
     *
     * @param clock for windows that begin at a time of day
     */
    static Bandwidth of(String id, Limit limit, InstantSource clock) {
        return switch (limit.kind()) {
            case FIXED ->
                limit.resetsAt() == null ? new SlidingBandwidth(id, limit) : new DailyBandwidth(id, limit, clock);
            case SLIDING -> new SlidingBandwidth(id, limit);
            case TOKEN, LEAKY -> new TokenBandwidth(id, limit);
            case CONCURRENT -> new ConcurrentBandwidth(id, limit);
        };
    }

    /** The bandwidth of a worker's part of a limit that all connections share: a sliding window is within every other kind of it. */
    static Bandwidth shared(Limit limit, InstantSource clock) {
        return switch (limit.kind()) {
            case TOKEN, LEAKY -> new SlidingBandwidth(limit.name(), limit);
            case SLIDING, FIXED, CONCURRENT -> of(limit.name(), limit, clock);
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

    /**
     * How many permits there must be for a call of this lane: its cost, and what its lane leaves behind. A call that costs so much
     * that it can leave nothing behind goes when everything is there.
     */
    long wanted(Lane lane, int cost) {
        int leftBehind = switch (lane) {
            case INTERACTIVE -> 0;
            case BATCH -> reserve;
        };
        int usable = permits - elsewhere;
        if (cost > usable) {
            return permits + 1L;
        }
        // What is left behind of the whole is left behind of each part.
        long behind = usable == permits ? leftBehind : (long) leftBehind * usable / permits;
        long kept = usable == permits ? withheld : Math.ceilDiv((long) withheld * usable, permits);
        return elsewhere + Math.min(usable, cost + behind + kept);
    }

    final int reserve() {
        return reserve;
    }

    /** Permits that were taken are good for as long as if they were taken now. */
    void renew(int cost) {
        giveBack(cost);
        take(cost);
    }

    /** The most that one call may cost; a dearer one can never go. */
    int dearest() {
        return permits;
    }

    final int withheld() {
        return withheld;
    }

    /** What people are shown as free. */
    long shownFree(long now) {
        return Math.max(0, free(now) - elsewhere);
    }

    /** The permits that other workers may spend; the rest are for this one. */
    final void leaveElsewhere(int count) {
        elsewhere = Math.clamp(count, 0, permits);
    }

    final int elsewhere() {
        return elsewhere;
    }

    final boolean canTake(Lane lane, int cost, long now, long round) {
        return !pause.holds(now)
                && free(now) >= needed(lane, cost, round)
                && (reservation == null || reservation.covers(cost));
    }

    /** How many permits must be free for a call of this lane to take its own. */
    final long needed(Lane lane, int cost, long round) {
        return wanted(lane, cost) + (heldInRound == round ? held : 0);
    }

    /** Those who come later in this round leave so many permits more. */
    final void hold(int cost, long round) {
        held = heldInRound == round ? held + cost : cost;
        heldInRound = round;
    }

    /** As {@link #earliest(long, long)}, not before the end of a pause. */
    final long earliestAfterPause(long n, long now) {
        return Math.max(pause.until(), earliest(n, now));
    }

    /** As {@link #certain(long, long)}, not before the end of a pause. */
    final long certainAfterPause(long n, long now) {
        if (reservation != null && !pause.holds(now) && free(now) >= n) {
            // What is missing is on its way to be durable.
            return UNKNOWN;
        }
        return Math.max(pause.until(), certain(n, now));
    }

    /** Whether n permits will be free within the horizon, or may be at any moment. */
    final boolean isNear(long n, long now, long horizon) {
        return pause.until() - now <= horizon && (mayComeAnyTime() || certain(n, now) - now <= horizon);
    }

    /**
     * Takes note of what the answer to a request that has just finished says. Ours is lowered to what the vendor says is left: whatever of
     * ours is under way, the vendor has no more. It is raised only where the vendor says that its window ends before ours.
     *
     * @param taken what the request took
     * @param grantedAt when it got its permits
     * @return whether there is a new pause
     */
    final boolean correct(LimitFeedback feedback, int taken, long grantedAt, long now) {
        if (feedback.cost() != null) {
            int actual = Math.clamp(feedback.cost(), 0, permits);
            settle(taken, actual, now);
            if (reservation != null) {
                reservation.take(actual - taken);
            }
            if (actual != taken) {
                tally.settled();
            }
        }
        if (feedback.allowed() != null && feedback.allowed() > 0) {
            int says = notGivenOf(feedback.allowed());
            // What was sent before the limit was lowered may be answered with what was so then.
            if (says > withheld || (says < withheld && grantedAt > loweredAt)) {
                withhold(says, now);
                allows(permits - withheld);
            }
            if (says == withheld) {
                saidAt = now;
            }
        }
        Duration resetIn = feedback.reset();
        long reset = UNKNOWN;
        if (resetIn != null) {
            if (!resetIn.isPositive()) {
                // The window that the answer speaks of has ended on its way here.
                return false;
            }
            reset = resetAt(resetIn, now);
            // The vendor spoke between the grant and now: its window ends no sooner than counted from the grant.
            windowEnds(reset, grantedAt + resetIn.toNanos() - resetMargin());
        }
        Long left = left(feedback);
        if (left == null) {
            return false;
        }
        long before = free(now);
        left(Math.max(0, left), now, reset);
        if (free(now) != before) {
            tally.corrected(now);
        }
        return left <= 0 && reset != UNKNOWN && pause.extendTo(reset);
    }

    /** How many the vendor has left for all after an answer; null where that is not said. */
    final @Nullable Long left(LimitFeedback feedback) {
        if (feedback.remaining() != null) {
            return Math.max(0, feedback.remaining());
        }
        return feedback.used() == null
                ? null
                : Long.valueOf(Math.max(0, Math.min(permits, allowed(feedback)) - feedback.used()));
    }

    /** How many of the permits the vendor does not give where it allows so many; never all. */
    final int notGivenOf(long allowed) {
        return Math.clamp(permits - allowed, 0, permits - 1);
    }

    /** The vendor does not give so many of the permits. */
    final void withhold(int count, long now) {
        if (count != withheld) {
            tally.corrected(now);
        }
        if (count > withheld) {
            loweredAt = now;
        }
        withheld = count;
    }

    /** Whether an answer to a request of this worker has said what the vendor allows since a time. */
    final boolean hasSaidSince(long time) {
        return saidAt >= time;
    }

    /** The vendor says that it allows so many, which is another number than before. */
    void allows(int count) {}

    /**
     * The vendor lowered the limit and has so many left for all workers, of which this one takes its part, its requests under way counted. Where nothing is left,
     * more may have been spent than is allowed now, by whichever worker: nobody's permits come back before all of that has left the vendor's window.
     */
    void takePartOf(long left, long now, long reset) {
        long part = left * (permits - elsewhere) / permits;
        lower(behind() + Math.max(0, part - inFlight()), now, reset);
        if (left == 0) {
            keepSpent(now, reset);
        }
    }

    /** What comes back counts as spent for a window from now on. */
    void keepSpent(long now, long reset) {}

    /** The vendor says that so many are left for all, its withheld ones not counted. */
    void left(long ofAll, long now, long reset) {
        lower(behind() + ofAll * (permits - elsewhere) / permits, now, reset);
    }

    /** Of the free permits, those that are others' and those that the vendor does not give. */
    private long behind() {
        return elsewhere + Math.ceilDiv((long) withheld * (permits - elsewhere), permits);
    }

    /** When the window ends of which an answer of now speaks; {@link #UNKNOWN} where it does not say. */
    final long resetAt(@Nullable Duration resetIn, long now) {
        return resetIn == null || !resetIn.isPositive() ? UNKNOWN : now + resetIn.toNanos() + resetMargin();
    }

    private long resetMargin() {
        Duration window = limit.window();
        return window == null ? RESET_MARGIN_NANOS : Math.min(RESET_MARGIN_NANOS, window.toNanos() / RESET_MARGIN_PART);
    }

    private long allowed(LimitFeedback feedback) {
        return feedback.allowed() == null || feedback.allowed() <= 0 ? permits : feedback.allowed();
    }

    /** Permits that may be taken now. */
    abstract long free(long now);

    /** Takes permits; {@link #free} has just been no less. */
    abstract void take(int cost);

    /** Permits come back unused. */
    abstract void giveBack(int cost);

    /** As {@link #giveBack}, of permits that were held for long. */
    void giveBackLate(int cost) {
        giveBack(cost);
    }

    /** The request of these permits reached the vendor between their taking and {@code now + grace}, and ended by then. */
    abstract void finish(int cost, long now, long grace);

    /** The request that finished just now has cost something else than it took. */
    abstract void settle(int taken, int actual, long now);

    /** At most so many are free, those withheld included; those that others took come back at the reset at the latest where that is known and trusted. */
    abstract void lower(long left, long now, long reset);

    /** The vendor's window is over at the reset at the latest, and what ended before the other time arrived in it or before. */
    void windowEnds(long reset, long endedBefore) {}

    /** The earliest time at which n permits can have become free, if none is given back unused; n may exceed the limit. */
    abstract long earliest(long n, long now);

    /** When n permits will be free even if no request under way ends before; {@link #UNKNOWN} without an end of one. */
    abstract long certain(long n, long now);

    /** Whether permits come back with the end of a request, which may be at any moment. */
    boolean mayComeAnyTime() {
        return false;
    }

    /** Everything counts as spent at the given time. Called before the first use. */
    abstract void fill(long at);

    /** Goes on from what a predecessor of the same family had spent by now. Called before the first use. */
    abstract void resume(Spent spent, long now);

    /** What somebody else has spent counts as spent here too. */
    void charge(Spent spent, long now) {
        throw new IllegalStateException(
                "bandwidth " + id + " is nobody's but its connection's (expected: one that is shared)");
    }

    /** What was spent goes with permits that are another worker's now, but for what is under way. */
    void release(Spent part, long now) {}

    abstract Spent spent(long now);

    /** Permits whose requests are under way. */
    abstract long inFlight();

    /** How many permits will be free by a time, if no request under way ends before. */
    long freeBy(long time, long now) {
        long free = free(now);
        return certain(free + 1, now) <= time ? free + Math.max(0, refillAt(time, now)) : free;
    }

    /** What was spent beyond all that there was. */
    long debt() {
        return 0;
    }

    /** How many permits come back at the time that {@link #certain} says of the next one. */
    abstract long refillAt(long time, long now);

    final BandwidthView view(long now) {
        long free = free(now);
        long next = free >= permits ? UNKNOWN : certain(free + 1, now);
        int slash = limit.scope() == Limit.Scope.TOOL ? id.lastIndexOf('/') : -1;
        return new BandwidthView(
                limit.name(),
                limit.scope(),
                limit.kind(),
                slash < 0 ? null : id.substring(slash + 1),
                permits,
                permits - elsewhere,
                limit.window(),
                shownFree(now),
                withheld,
                inFlight(),
                next == UNKNOWN ? null : new Refill(Duration.ofNanos(next - now), refillAt(next, now)),
                Duration.ofNanos(Math.max(0, pause.until() - now)),
                tally.corrections(now),
                tally.throttles(now),
                tally.costsSettled());
    }

    abstract LimiterSnapshot.Family family();

    /** A bucket that only gives out what was put in: its clock stands still, so Bucket4j never refills it. */
    static Bucket bucketWithoutRefill(int permits) {
        return Bucket.builder()
                .addLimit(limit -> limit.capacity(permits).refillIntervally(1, Duration.ofDays(365)))
                .withCustomTimePrecision(StandingClock.INSTANCE)
                .withSynchronizationStrategy(SynchronizationStrategy.NONE)
                .build();
    }

    static void takeFrom(Bucket bucket, int count, String id) {
        if (count > 0 && !bucket.tryConsume(count)) {
            throw new IllegalStateException("bandwidth " + id + " has " + bucket.getAvailableTokens()
                    + " permits (expected: at least " + count + ")");
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
