package dev.toolpost.client;

import org.jspecify.annotations.Nullable;

/** A call could not be published or was not answered. An error that a worker answered with is a {@link Reply}, not this. */
public abstract sealed class ClientException extends RuntimeException
        permits UnreachableException, NoReplyException, PublishException, UnreadableReplyException, ClosedException {

    private final String message;

    ClientException(String message, @Nullable Throwable cause) {
        super(message, cause);
        this.message = message;
    }

    @Override
    public String getMessage() {
        return message;
    }
}
