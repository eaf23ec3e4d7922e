package dev.toolpost.worker.vault;

import java.time.Duration;

/** What is to be done about a token next, and when. Times are of the monotonic clock. Pure. */
sealed interface TokenPlan {

    /** A renewal that gives less than this share of the first lease has met the maximum TTL. */
    double CAPPED = 0.9;

    /** The token never ends, or nobody knows when. */
    record Keep() implements TokenPlan {}

    record Renew(long atNanos, long endsNanos) implements TokenPlan {}

    /** It cannot be renewed any further: fetch another one. */
    record LogInAgain(long atNanos, long endsNanos) implements TokenPlan {}

    /** It cannot be renewed any further, and only its giver can replace it. */
    record Ends(long endsNanos) implements TokenPlan {}

    /**
     * Plans.
     *
     * @param canLogIn whether another token can be fetched
     * @param jitter from 0 to 1: workers that began together go apart
     */
    static TokenPlan of(VaultToken token, boolean canLogIn, long nowNanos, double jitter) {
        if (token.lease().isZero()) {
            return new Keep();
        }
        long ends = nowNanos + token.lease().toNanos();
        long due = nowNanos + share(token.lease(), jitter);
        if (token.renewable() && !isCapped(token)) {
            return new Renew(due, ends);
        }
        return canLogIn ? new LogInAgain(due, ends) : new Ends(ends);
    }

    /** Two thirds of the lease, less up to a tenth of it. */
    private static long share(Duration lease, double jitter) {
        return (long) (lease.toNanos() * (2.0 / 3 - 0.1 * jitter));
    }

    private static boolean isCapped(VaultToken token) {
        return token.lease().toNanos() < CAPPED * token.full().toNanos();
    }

    /** Whether it has ended by now. */
    default boolean hasEnded(long nowNanos) {
        return switch (this) {
            case Keep() -> false;
            case Renew(long at, long ends) -> nowNanos - ends >= 0;
            case LogInAgain(long at, long ends) -> nowNanos - ends >= 0;
            case Ends(long ends) -> nowNanos - ends >= 0;
        };
    }
}
