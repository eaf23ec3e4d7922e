package dev.toolpost.client;

import org.jspecify.annotations.Nullable;

/** The Kafka cluster does not answer, refuses us, or lacks the reply topic: no call can be made at all. */
public final class UnreachableException extends ClientException {
    UnreachableException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
