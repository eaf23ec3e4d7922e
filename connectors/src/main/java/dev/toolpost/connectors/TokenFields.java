package dev.toolpost.connectors;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonPointer;

/**
 * Where a token reply has its parts. Immutable.
 *
 * @param accessToken the token
 * @param refreshToken that which replaces the refresh token
 * @param expiresIn how many seconds the token lives
 * @param expiresAt when it ends, as a date or in seconds or milliseconds since 1970; null where the reply has no such part
 */
public record TokenFields(
        JsonPointer accessToken,
        JsonPointer refreshToken,
        JsonPointer expiresIn,
        @Nullable JsonPointer expiresAt) {

    /** The names of RFC 6749, 5.1. */
    public static final TokenFields STANDARD = new TokenFields(
            JsonPointer.compile("/access_token"),
            JsonPointer.compile("/refresh_token"),
            JsonPointer.compile("/expires_in"),
            null);
}
