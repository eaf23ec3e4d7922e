package dev.toolpost.schemas.registry;

import org.jspecify.annotations.Nullable;

/** The registry did not do what was asked. */
public final class RegistryException extends RuntimeException {
    /** What to make of it. */
    public enum Kind {
        /** No answer, or one that says to come back: the same request may succeed later. */
        UNAVAILABLE,
        /** There is no such schema, subject or version. */
        NOT_FOUND,
        /** The registry does not let us in: credentials or permissions. */
        DENIED,
        /** The registry refuses this schema: incompatible, or not valid. */
        REJECTED
    }

    private final Kind kind;
    private final String message;

    public RegistryException(Kind kind, String message) {
        this(kind, message, null);
    }

    public RegistryException(Kind kind, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
        this.message = message;
    }

    @Override
    public String getMessage() {
        return message;
    }

    public Kind kind() {
        return kind;
    }
}
