package dev.toolpost.schemas;

import java.util.Optional;

/**
 * The closed set of error codes and who can do something about each. In messages a code travels as its name, so
 * that a reader of an older release passes on what it does not know.
 */
public enum ErrorCode {
    INVALID_CALL(Owner.CALLER),
    UNKNOWN_TOOL(Owner.CALLER),
    UNKNOWN_CONNECTION(Owner.CALLER),
    INVALID_ARGUMENTS(Owner.CALLER),
    INVALID_CURSOR(Owner.CALLER),
    NOT_ALLOWED(Owner.CALLER),
    CALL_CONFLICT(Owner.CALLER),
    CANCELLED(Owner.CALLER),
    DEADLINE_EXCEEDED(Owner.CALLER),
    RESULT_TOO_LARGE(Owner.CALLER),

    REAUTHORIZATION_REQUIRED(Owner.CONNECTION),
    INSUFFICIENT_SCOPE(Owner.CONNECTION),

    NOT_FOUND(Owner.VENDOR),
    CONFLICT(Owner.VENDOR),
    REJECTED(Owner.VENDOR),
    /** The vendor's limit leaves no time before the deadline. */
    RATE_LIMITED(Owner.VENDOR),
    UNAVAILABLE(Owner.VENDOR),
    MALFORMED_RESPONSE(Owner.VENDOR),
    /** A write was sent and nobody knows what became of it; it is never repeated blindly. */
    OUTCOME_UNKNOWN(Owner.VENDOR),

    CREDENTIALS_UNAVAILABLE(Owner.TOOLPOST),
    INTERNAL(Owner.TOOLPOST);

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

    ErrorCode(Owner owner) {
        this.owner = owner;
    }

    public Owner owner() {
        return owner;
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
