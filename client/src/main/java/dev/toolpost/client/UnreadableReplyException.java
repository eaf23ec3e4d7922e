package dev.toolpost.client;

import org.jspecify.annotations.Nullable;

/** The call was answered with bytes that cannot be read, or a frame of its answer is gone. */
public final class UnreadableReplyException extends ClientException {
    UnreadableReplyException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
