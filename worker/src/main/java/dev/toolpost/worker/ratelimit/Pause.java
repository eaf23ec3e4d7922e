package dev.toolpost.worker.ratelimit;

/**
 * A time in which nothing is granted, because the vendor wants it so. Guarded by the limiter's lock; times are nanoseconds since
 * the limiter began.
 */
final class Pause {

    private long until;
    private long length;
    private int row;

    boolean holds(long now) {
        return now < until;
    }

    long until() {
        return until;
    }

    /** The later of two ends counts. False where this changes nothing. */
    boolean extendTo(long end) {
        if (end <= until) {
            return false;
        }
        until = end;
        return true;
    }

    /** It is over. */
    void endBy(long now) {
        until = Math.min(until, now);
    }

    /**
     * How long the pause after a throttle is: what is asked for, doubled with every throttle in a row. One in a row came after the
     * pause of the one before, and not later than that pause was long; requests that were sent before a pause began are part of the
     * throttle that began it.
     *
     * @param grantedAt when the throttled request got its permits
     * @param max no pause grows beyond; what is asked for counts where it is longer
     */
    long grown(long now, long grantedAt, long asked, long max) {
        if (row == 0 || (grantedAt >= until && now - until > Math.max(asked, length))) {
            row = 1;
        } else if (grantedAt >= until) {
            row++;
        }
        int doublings = Math.min(row - 1, Math.max(0, Long.numberOfLeadingZeros(Math.max(1, asked)) - 2));
        length = Math.max(asked, Math.min(max, asked << doublings));
        return length;
    }
}
