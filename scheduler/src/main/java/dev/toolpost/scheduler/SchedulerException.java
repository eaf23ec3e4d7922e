package dev.toolpost.scheduler;

import org.jspecify.annotations.Nullable;

/** The scheduler cannot start or go on; the message says why and what to do. */
public final class SchedulerException extends RuntimeException {

    private static final long serialVersionUID = 1;

    SchedulerException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
