package dev.toolpost.sandbox;

/** What a vendor thinks of a bearer token that it knows. */
public enum TokenState {
    ACCEPTED,
    /** Reads are answered, writes are refused for want of a scope. */
    READ_ONLY,
    EXPIRED
}
