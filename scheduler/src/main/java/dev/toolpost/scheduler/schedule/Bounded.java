package dev.toolpost.scheduler.schedule;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Those times of another timing that lie between two moments, both included.
 *
 * @param from null for no beginning
 * @param until null for no end
 */
record Bounded(
        Timing times, @Nullable Instant from, @Nullable Instant until) implements Timing {
    @Override
    public @Nullable Instant after(Instant time) {
        Instant begin = from != null && time.isBefore(from) ? from.minusMillis(1) : time;
        Instant next = times.after(begin);
        return next == null || (until != null && next.isAfter(until)) ? null : next;
    }
}
