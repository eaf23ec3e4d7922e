package dev.toolpost.schemas;

import java.util.Optional;

/**
 * The closed set of error codes and who can do something about each. In messages a code travels as its name, so
 * that a reader of an older release passes on what it does not know.
 */
public enum ErrorCode {
    INVALID_CALL(Owner.CALLER, false),
    UNKNOWN_TOOL(Owner.CALLER, false),
    UNKNOWN_CONNECTION(Owner.CALLER, false),
    INVALID_ARGUMENTS(Owner.CALLER, false),
    INVALID_CURSOR(Owner.CALLER, false),
    NOT_ALLOWED(Owner.CALLER, false),
    CALL_CONFLICT(Owner.CALLER, false),
    CANCELLED(Owner.CALLER, false),
    DEADLINE_EXCEEDED(Owner.CALLER, true),
    RESULT_TOO_LARGE(Owner.CALLER, false),

    REAUTHORIZATION_REQUIRED(Owner.CONNECTION, false),
    INSUFFICIENT_SCOPE(Owner.CONNECTION, false),

    NOT_FOUND(Owner.VENDOR, false),
    CONFLICT(Owner.VENDOR, false),
    REJECTED(Owner.VENDOR, false),
    /** The vendor's limit leaves no time before the deadline. */
    RATE_LIMITED(Owner.VENDOR, true),
    UNAVAILABLE(Owner.VENDOR, true),
    MALFORMED_RESPONSE(Owner.VENDOR, true),
    /** A write was sent and nobody knows what became of it; it is never repeated blindly. */
    OUTCOME_UNKNOWN(Owner.VENDOR, false),

    CREDENTIALS_UNAVAILABLE(Owner.TOOLPOST, true),
    INTERNAL(Owner.TOOLPOST, true);

    /** Who can do something about an error. */
    public enum Owner {
        /** The agent: change the call. */
        CALLER,
        /** Whoever authorised the connection: authorise it again. */
        CONNECTION,
        /** The vendor: wait, or ask there. */
        VENDOR,
        /** The operator of Toolpost. */
        TOOLPOST
    }

    private final Owner owner;
    private final boolean retryable;

    ErrorCode(Owner owner, boolean retryable) {
        this.owner = owner;
        this.retryable = retryable;
    }

    public Owner owner() {
        return owner;
    }

    /** Whether the same call, unchanged, can succeed later. */
    public boolean retryable() {
        return retryable;
    }

    /** The code of that name; empty for a code of a newer release. */
    public static Optional<ErrorCode> fromWireName(String name) {
        for (ErrorCode code : values()) {
            if (code.name().equals(name)) {
                return Optional.of(code);
            }
        }
        return Optional.empty();
    }
}
