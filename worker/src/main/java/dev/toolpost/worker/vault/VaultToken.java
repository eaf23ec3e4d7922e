package dev.toolpost.worker.vault;

import java.time.Duration;

/**
 * A token of Vault. Immutable; cannot print itself.
 *
 * @param lease for how long it is good from now on; zero where it never ends
 * @param full the lease that it began with: a renewal that gives less has met the maximum TTL
 */
record VaultToken(String value, Duration lease, Duration full, boolean renewable) {

    /** One of which nothing is known but that it is there. */
    static VaultToken unknown(String value) {
        return new VaultToken(value, Duration.ZERO, Duration.ZERO, false);
    }

    @Override
    public String toString() {
        return "VaultToken[redacted, lease=" + lease + ", renewable=" + renewable + "]";
    }
}
