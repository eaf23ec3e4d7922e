package dev.toolpost.sandbox;

import org.jspecify.annotations.Nullable;

/** What the simulated Vault does to a request instead of answering it as it should. */
public sealed interface VaultFault {

    /**
     * Refuses it.
     *
     * @param retryAfter the header, or null for none
     */
    record Answer(int status, @Nullable String retryAfter) implements VaultFault {}

    /** Carries it out and breaks the connection off. */
    record LoseAnswer() implements VaultFault {}

    /** Carries it out, sends the headers and a first byte, and no more. */
    record StallBody() implements VaultFault {}
}
