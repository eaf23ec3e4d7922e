package dev.toolpost.sandbox;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What an OAuth2 grant is to be like; null leaves it to the vendor's habit. Immutable.
 *
 * @param lifetime of access tokens
 * @param rotates whether each use of the refresh token gives a new one and ends the old one
 * @param reuseLeeway how long a rotated refresh token is still taken, without harm to the grant
 * @param clientAuth how the client must prove itself
 * @param readOnly whether its access tokens may only read
 */
public record GrantSpec(
        @Nullable Duration lifetime,
        @Nullable Boolean rotates,
        @Nullable Duration reuseLeeway,
        @Nullable ClientAuth clientAuth,
        boolean readOnly) {

    /** Where the client's id and secret stand in a token request (RFC 6749, 2.3.1). */
    public enum ClientAuth {
        BODY,
        BASIC,
        ANY
    }

    /** Everything as the vendor has it. */
    public static GrantSpec usual() {
        return new GrantSpec(null, null, null, null, false);
    }

    public GrantSpec {
        if (lifetime != null && !lifetime.isPositive()) {
            throw new IllegalArgumentException("lifetime: " + lifetime + " (expected: > 0)");
        }
        if (reuseLeeway != null && reuseLeeway.isNegative()) {
            throw new IllegalArgumentException("reuse leeway: " + reuseLeeway + " (expected: >= 0)");
        }
    }

    public GrantSpec withLifetime(Duration newLifetime) {
        return new GrantSpec(newLifetime, rotates, reuseLeeway, clientAuth, readOnly);
    }

    public GrantSpec withRotation(boolean newRotates) {
        return new GrantSpec(lifetime, newRotates, reuseLeeway, clientAuth, readOnly);
    }

    public GrantSpec withReuseLeeway(Duration newLeeway) {
        return new GrantSpec(lifetime, rotates, newLeeway, clientAuth, readOnly);
    }

    public GrantSpec withClientAuth(ClientAuth newClientAuth) {
        return new GrantSpec(lifetime, rotates, reuseLeeway, newClientAuth, readOnly);
    }

    public GrantSpec forReading() {
        return new GrantSpec(lifetime, rotates, reuseLeeway, clientAuth, true);
    }
}
