package dev.toolpost.worker.oauth;

import dev.toolpost.connectors.Auth;
import dev.toolpost.worker.credentials.DeadGrant;
import dev.toolpost.worker.credentials.Secret;
import dev.toolpost.worker.credentials.StoredConnection;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** What a stored connection says of the tokens that are fetched for it. Pure. */
public final class Grant {

    private static final int HASH_BYTES = 16;

    private Grant() {}

    /** The access token, or null where none was fetched yet. */
    static @Nullable String accessToken(StoredConnection stored) {
        return stored.secret().get(Auth.OAuth2.ACCESS_TOKEN);
    }

    /** When the access token ends, in epoch milliseconds; 0 where there is none or nobody knows. */
    public static long expiresAt(Secret secret) {
        String text = secret.get(Auth.OAuth2.EXPIRES_AT);
        if (text == null || secret.get(Auth.OAuth2.ACCESS_TOKEN) == null) {
            return 0;
        }
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException notANumber) {
            return 0;
        }
    }

    /** Whether it has an access token that has not ended and is another one than that which is not wanted. */
    static boolean isUsable(StoredConnection stored, @Nullable String unwanted, long nowMillis) {
        String token = accessToken(stored);
        return token != null && !token.equals(unwanted) && nowMillis < expiresAt(stored.secret());
    }

    /**
     * Names what tokens are fetched with, without telling it: the refresh token, or where there is none everything that the secret
     * holds; empty where it holds nothing.
     */
    public static String tokenHash(Secret secret) {
        String token = secret.get(Auth.OAuth2.REFRESH_TOKEN);
        if (token != null && !token.isEmpty()) {
            return hash(token);
        }
        String all = whole(secret);
        return all.isEmpty() ? "" : hash(all);
    }

    static boolean hasRefreshToken(Secret secret) {
        String token = secret.get(Auth.OAuth2.REFRESH_TOKEN);
        return token != null && !token.isEmpty();
    }

    /** Names everything that tokens are fetched with, without telling it. */
    static String account(Secret secret) {
        return hash(whole(secret));
    }

    private static String whole(Secret secret) {
        StringBuilder all = new StringBuilder();
        for (String name : secret.names()) {
            if (!name.equals(Auth.Fetched.ACCESS_TOKEN) && !name.equals(Auth.Fetched.EXPIRES_AT)) {
                all.append(name).append('\n').append(secret.get(name)).append('\n');
            }
        }
        return all.toString();
    }

    /** Why no token is fetched any more with what it holds, or null. */
    public static @Nullable DeadGrant dead(StoredConnection stored) {
        DeadGrant marker = stored.grant().dead();
        return marker != null && marker.tokenHash().equals(tokenHash(stored.secret())) ? marker : null;
    }

    private static String hash(String token) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update("toolpost refresh token".getBytes(StandardCharsets.US_ASCII));
            return HexFormat.of().formatHex(digest.digest(token.getBytes(StandardCharsets.UTF_8)), 0, HASH_BYTES);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every Java platform has SHA-256", impossible);
        }
    }
}
