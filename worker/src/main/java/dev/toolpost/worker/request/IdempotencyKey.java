package dev.toolpost.worker.request;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/** The key under which a vendor knows one write again, the same for every attempt and every worker. Pure. */
public final class IdempotencyKey {

    private IdempotencyKey() {}

    /**
     * A key of 46 letters, digits, hyphens and underscores.
     *
     * @param identity the call's idempotency key, or its call id where it has none
     */
    public static String of(String tenant, String connection, String tool, String identity) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (String part : new String[] {tenant, connection, tool, identity}) {
                digest.update(part.getBytes(StandardCharsets.UTF_8));
                digest.update((byte) 0);
            }
            return "tp-" + Base64.getUrlEncoder().withoutPadding().encodeToString(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
