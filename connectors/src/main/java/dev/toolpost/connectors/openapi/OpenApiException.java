package dev.toolpost.connectors.openapi;

/** A document cannot be imported at all. The message says why. */
public final class OpenApiException extends RuntimeException {
    OpenApiException(String message) {
        super(message);
    }

    OpenApiException(String message, Throwable cause) {
        super(message, cause);
    }
}
