package dev.toolpost.connectors;

import java.util.Locale;

/**
 * What an answer means. The first six steer the worker and never leave it as such; the others are the error codes that a
 * vendor's answer can end in and are spelt like them.
 */
public enum Meaning {
    /** No error after all, whatever the status says. */
    SUCCESS,
    /** The vendor asks for patience; the request was not processed. Ends as RATE_LIMITED when the deadline leaves no time. */
    THROTTLED,
    /** Another attempt may help. Ends as UNAVAILABLE or what the rule says, or OUTCOME_UNKNOWN for a write that cannot be repeated. */
    TRANSIENT,
    /** The credential expired: refresh it where that is possible and send once more, else REAUTHORIZATION_REQUIRED. */
    EXPIRED_CREDENTIAL,
    /** Asked at another address of the same server: followed once, with the same request. Elsewhere it ends as MALFORMED_RESPONSE. */
    REDIRECT,
    /** The list has no such page: an empty last one. Only for tools with paging; others do not match. */
    END_OF_DATA,

    INVALID_ARGUMENTS,
    INVALID_CURSOR,
    NOT_ALLOWED,
    RESULT_TOO_LARGE,
    REAUTHORIZATION_REQUIRED,
    INSUFFICIENT_SCOPE,
    NOT_FOUND,
    CONFLICT,
    REJECTED,
    UNAVAILABLE,
    MALFORMED_RESPONSE,
    OUTCOME_UNKNOWN,
    CANCELLED,
    DEADLINE_EXCEEDED;

    static Meaning of(String text) {
        return valueOf(text.toUpperCase(Locale.ROOT));
    }
}
