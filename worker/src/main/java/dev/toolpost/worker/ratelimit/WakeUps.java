package dev.toolpost.worker.ratelimit;

/** Calls limiters back when their next permit matures. {@link LimiterTimer} in production, a settable clock in tests. */
public interface WakeUps {

    /** A wake-up of one limiter; not set at first. */
    WakeUp register(Runnable action);

    /** One limiter's wake-up. */
    interface WakeUp {

        /**
         * Runs the action once, at or soon after the given time of the limiter's clock, on the timer's thread. While a
         * wake-up that is not later is set, this does nothing: the action asks again for what is still needed.
         */
        void at(long nanos);
    }
}
