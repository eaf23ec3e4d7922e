package dev.toolpost.scheduler.http;

import org.jspecify.annotations.Nullable;

/** The question cannot be answered as it was put: status 400 with the message. */
public final class BadRequestException extends RuntimeException {

    private static final long serialVersionUID = 1;

    public BadRequestException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
