package dev.toolpost.schemas;

import org.jspecify.annotations.Nullable;

/** The bytes are no message and never will be: a dead letter. */
public final class MalformedMessageException extends DecodeException {
    /** No value at all (a tombstone), or no bytes. */
    public static final String EMPTY = "empty";
    /** Neither Confluent's framing nor a JSON object, or broken inside. */
    public static final String NOT_JSON = "not-json";
    /** Framed, and the bytes do not fit the schema they name. */
    public static final String NOT_AVRO = "not-avro";
    /** Framed, and the registry does not know the schema. */
    public static final String UNKNOWN_SCHEMA = "unknown-schema";
    /** Framed, and no registry is configured. */
    public static final String NO_REGISTRY = "no-registry";
    /** The writer's schema cannot be read as the schema of this topic. */
    public static final String WRONG_SCHEMA = "wrong-schema";
    /** Nested deeper than {@link MessageCodec#MAX_DEPTH}. */
    public static final String TOO_DEEP = "too-deep";
    /** Larger than {@link MessageCodec#MAX_BYTES}. */
    public static final String TOO_LARGE = "too-large";
    /** A whole message, and then more. */
    public static final String TRAILING_BYTES = "trailing-bytes";

    public MalformedMessageException(String causeCode, String message) {
        this(causeCode, message, null);
    }

    public MalformedMessageException(String causeCode, String message, @Nullable Throwable cause) {
        super(causeCode, message, cause);
    }
}
