package dev.toolpost.client;

/** The call could not be published. */
public final class PublishException extends ClientException {
    PublishException(String message, Throwable cause) {
        super(message, cause);
    }
}
