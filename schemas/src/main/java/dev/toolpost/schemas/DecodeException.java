package dev.toolpost.schemas;

import org.jspecify.annotations.Nullable;

/** A record's bytes could not be turned into a message. The three kinds ask for three different reactions. */
public abstract sealed class DecodeException extends RuntimeException
        permits MalformedMessageException, InvalidMessageException, RegistryUnavailableException {

    private final String causeCode;

    DecodeException(String causeCode, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.causeCode = causeCode;
    }

    /** The cause as a short code in lower case with dashes, fit for a header or a metric. */
    public String causeCode() {
        return causeCode;
    }
}
