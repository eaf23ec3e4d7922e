package dev.toolpost.worker.ratelimit;

import dev.toolpost.connectors.Limit;
import dev.toolpost.connectors.WindowReset;
import dev.toolpost.worker.ratelimit.LimiterSnapshot.Family;
import dev.toolpost.worker.ratelimit.LimiterSnapshot.Spent;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;

/**
 * At most N permits a day, which begins at a time of day that the vendor names.
 *
 * <p>Everything comes back at once when the day has begun by the wall clock, half a minute later, so that clocks need not agree to the
 * second. What ended within half a minute of the reset, or is under way then, may have arrived on either side of it, so it counts on both
 * days; that it does is not durable before the first permits of the new day are, so a crash before that forgets it. The only bandwidth that asks a wall clock: what a day is nobody's monotonic clock knows.
 */
final class DailyBandwidth extends Bandwidth {

    private static final Duration MARGIN = Duration.ofSeconds(30);

    private final InstantSource clock;
    private final WindowReset reset;
    private long used; // what is under way included; may exceed the permits by what the vendor says
    private long inFlight;
    private long nearEnd; // of what is used, what may count on the next day
    private Instant ends;
    private long endsAt = Long.MIN_VALUE;

    DailyBandwidth(String id, Limit limit, InstantSource clock) {
        super(id, limit);
        this.clock = clock;
        this.reset = Objects.requireNonNull(limit.resetsAt());
        this.ends = Instant.MIN;
    }

    private void roll(long now) {
        if (now < endsAt) {
            return;
        }
        Instant wall = clock.instant();
        Instant next = reset.after(wall.minus(MARGIN));
        endsAt = now + Duration.between(wall, next.plus(MARGIN)).toNanos();
        // A clock that was set back sees the same end again.
        if (next.isAfter(ends)) {
            // What was near the end of a day counts on the next, not on one after that.
            boolean isNextDay = !ends.equals(Instant.MIN) && reset.after(ends).equals(next);
            used = inFlight + (isNextDay ? nearEnd : 0);
            nearEnd = 0;
            if (reservation != null && !ends.equals(Instant.MIN)) {
                reservation.beginAnew(used);
            }
            ends = next;
        }
    }

    @Override
    long free(long now) {
        roll(now);
        return Math.max(0, permits - used);
    }

    @Override
    void take(int cost) {
        used += cost;
        inFlight += cost;
    }

    @Override
    void giveBack(int cost) {
        used -= cost;
        inFlight -= cost;
    }

    @Override
    void finish(int cost, long now, long grace) {
        roll(now);
        inFlight -= cost;
        if (isNearEnd(now + grace)) {
            nearEnd += cost;
        }
    }

    private boolean isNearEnd(long time) {
        return time >= endsAt - 2 * MARGIN.toNanos();
    }

    @Override
    void settle(int taken, int actual, long now) {
        used = Math.max(inFlight, used + actual - taken);
        if (isNearEnd(now)) {
            nearEnd = Math.max(0, nearEnd + actual - taken);
        }
    }

    @Override
    void lower(long left, long now, long resetAt) {
        roll(now);
        used = Math.max(used, permits - left);
    }

    @Override
    long earliest(long n, long now) {
        if (free(now) >= n) {
            return now;
        }
        return endsAt + Duration.ofDays((n - 1) / permits).toNanos();
    }

    @Override
    long certain(long n, long now) {
        if (free(now) >= n) {
            return now;
        }
        return n <= permits - inFlight ? endsAt : UNKNOWN;
    }

    @Override
    void fill(long at) {
        roll(at);
        used = permits;
    }

    @Override
    void resume(Spent spent, long now) {
        roll(now);
        if (Instant.ofEpochMilli(spent.endsAtMillis()).isAfter(clock.instant().minus(MARGIN))) {
            used = spent.tokens();
        }
    }

    @Override
    void charge(Spent spent, long now) {
        roll(now);
        if (Instant.ofEpochMilli(spent.endsAtMillis()).isAfter(clock.instant().minus(MARGIN))) {
            used += spent.tokens();
        }
    }

    @Override
    void release(Spent part, long now) {
        used = Math.max(inFlight, used - part.tokens());
    }

    @Override
    Spent spent(long now) {
        roll(now);
        return new Spent(
                family(),
                permits,
                Duration.ofDays(1).toNanos(),
                used,
                0,
                List.of(),
                Math.max(0, pause.until() - now),
                ends.toEpochMilli());
    }

    @Override
    long inFlight() {
        return inFlight;
    }

    @Override
    long debt() {
        return Math.max(0, used - permits);
    }

    @Override
    long refillAt(long time, long now) {
        return permits - inFlight - nearEnd - free(now);
    }

    @Override
    Family family() {
        return Family.DAILY;
    }
}
