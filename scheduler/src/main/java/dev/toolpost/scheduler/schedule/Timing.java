package dev.toolpost.scheduler.schedule;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** When something is to run, to the second. Immutable. */
interface Timing {
    /** The first time later than the given one; null where there is none any more. */
    @Nullable
    Instant after(Instant time);

    /**
     * The last time up to {@code now}. Times may be a minute apart over years, so they are not counted off.
     *
     * @param first a time of this timing, not later than {@code now}
     */
    default Instant lastUpTo(Instant now, Instant first) {
        Instant last = first;
        Instant none = now;
        while (Duration.between(last, none).toMillis() > 1) {
            Instant middle = last.plusMillis(Duration.between(last, none).toMillis() / 2);
            Instant next = after(middle);
            if (next == null || next.isAfter(now)) {
                none = middle;
            } else {
                last = next;
            }
        }
        return last;
    }
}
