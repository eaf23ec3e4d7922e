package dev.toolpost.sandbox;

import java.net.URI;

/**
 * A grant of a simulated vendor as its client knows it now. The secrets are made up and open nothing but the sandbox.
 *
 * @param id by which {@link VendorControl} and the counts name it
 * @param tokenUri where the refresh token is redeemed
 * @param refreshToken the newest one
 * @param accessToken the newest one
 * @param expiresAtMillis when the access token ends, by the vendor's clock
 */
public record OAuthGrant(
        String id,
        URI tokenUri,
        String clientId,
        String clientSecret,
        String refreshToken,
        String accessToken,
        long expiresAtMillis,
        boolean revoked) {}
