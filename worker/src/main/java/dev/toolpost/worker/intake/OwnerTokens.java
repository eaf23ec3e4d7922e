package dev.toolpost.worker.intake;

import java.security.SecureRandom;
import java.util.Base64;

/** Makes the names of ownerships: 72 random bits, short enough for commit metadata. */
final class OwnerTokens {

    private static final SecureRandom RANDOM = new SecureRandom();

    private OwnerTokens() {}

    static String next() {
        byte[] bits = new byte[9];
        RANDOM.nextBytes(bits);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bits);
    }
}
