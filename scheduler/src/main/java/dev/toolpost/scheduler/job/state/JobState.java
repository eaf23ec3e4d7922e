package dev.toolpost.scheduler.job.state;

import java.util.Locale;

/** Where a job stands. */
public enum JobState {
    ACCEPTED,
    RUNNING,
    /** Parts that are under way are being stopped. */
    PAUSING,
    PAUSED,
    /** The same, for good: the job was cancelled, or its deadline has passed. */
    CANCELLING,
    CANCELLED,
    FINISHED,
    FINISHED_WITH_ERRORS,
    REJECTED;

    /** The name used inside messages. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Whether nothing more happens by itself. */
    public boolean ended() {
        return this == CANCELLED || this == FINISHED || this == FINISHED_WITH_ERRORS || this == REJECTED;
    }

    /** Whether new parts are begun. */
    public boolean begins() {
        return this == ACCEPTED || this == RUNNING;
    }
}
