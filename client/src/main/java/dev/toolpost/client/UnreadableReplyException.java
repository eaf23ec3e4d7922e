package dev.toolpost.client;

/** The call was answered with bytes that cannot be read. */
public final class UnreadableReplyException extends ClientException {
    UnreadableReplyException(String message, Throwable cause) {
        super(message, cause);
    }
}
