package dev.toolpost.client;

import org.jspecify.annotations.Nullable;

/** The client was closed before the call was answered. */
public final class ClosedException extends ClientException {
    ClosedException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
