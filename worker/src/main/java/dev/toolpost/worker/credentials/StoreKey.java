package dev.toolpost.worker.credentials;

import java.io.FileInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * The AES-256 key of a local store: seals and opens its file with GCM (NIST SP 800-38D) and a random nonce of 96 bits.
 * Its id, a hash, is written beside the sealed bytes, so that a wrong key and a damaged file can be told apart.
 */
final class StoreKey {

    static final int ID_BYTES = 8;

    private static final int KEY_BYTES = 32;
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final SecretKey key;
    private final byte[] id;
    private final String origin;

    private StoreKey(byte[] key, String origin) {
        this.key = new SecretKeySpec(key, "AES");
        this.id = Arrays.copyOf(sha256(key), ID_BYTES);
        this.origin = origin;
    }

    static StoreKey of(KeySource source) {
        return switch (source) {
            case KeySource.KeyText(String origin, String base64) -> parse(base64, origin);
            case KeySource.KeyFile(Path path) -> read(path);
        };
    }

    /** Writes a new key to a file that only the owner may read. The file must not exist. */
    static void create(Path path) throws IOException {
        byte[] key = new byte[KEY_BYTES];
        RANDOM.nextBytes(key);
        byte[] text = (Base64.getEncoder().encodeToString(key) + "\n").getBytes(StandardCharsets.US_ASCII);
        PrivateFile.replace(path, text);
    }

    private static StoreKey read(Path path) {
        try {
            PrivateFile.requirePrivate(path, "key file");
            if (Files.size(path) > 1024) {
                throw new CredentialsUnavailableException(
                        "size of the key file " + path + ": " + Files.size(path) + " bytes (expected: <= 1024)");
            }
            try (var in = new FileInputStream(path.toFile())) {
                return parse(new String(in.readAllBytes(), StandardCharsets.ISO_8859_1), "key file " + path);
            }
        } catch (IOException e) {
            throw new CredentialsUnavailableException(
                    "The key file " + path + " of the credential store cannot be read. Put it back, or set "
                            + KeySource.VARIABLE + " to its content",
                    e);
        }
    }

    private static StoreKey parse(String base64, String origin) {
        byte[] key;
        try {
            key = Base64.getDecoder().decode(base64.strip());
        } catch (IllegalArgumentException e) {
            // The decoder's message quotes the text: it is not passed on.
            throw new CredentialsUnavailableException(
                    "The key of the credential store (" + origin + ") is not base64 (expected: " + KEY_BYTES
                            + " random bytes in base64, as `openssl rand -base64 32` makes them)");
        }
        if (key.length != KEY_BYTES) {
            throw new CredentialsUnavailableException(
                    "length of the credential store's key (" + origin + "): " + key.length + " bytes (expected: "
                            + KEY_BYTES + " bytes in base64, as `openssl rand -base64 32` makes them)");
        }
        return new StoreKey(key, origin);
    }

    /** Where the key came from, for messages. */
    String origin() {
        return origin;
    }

    byte[] id() {
        return id.clone();
    }

    boolean hasId(byte[] other) {
        return MessageDigest.isEqual(id, other);
    }

    /** Nonce and sealed bytes; the header is authenticated with them. */
    byte[] seal(byte[] plain, byte[] header) {
        byte[] nonce = new byte[NONCE_BYTES];
        RANDOM.nextBytes(nonce);
        try {
            byte[] sealed = cipher(Cipher.ENCRYPT_MODE, nonce, header).doFinal(plain);
            byte[] all = Arrays.copyOf(nonce, NONCE_BYTES + sealed.length);
            System.arraycopy(sealed, 0, all, NONCE_BYTES, sealed.length);
            return all;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-GCM failed", e);
        }
    }

    /**
     * Opens what {@link #seal} gave.
     *
     * @throws GeneralSecurityException if the bytes or the header are not what was sealed with this key
     */
    byte[] open(byte[] sealed, byte[] header) throws GeneralSecurityException {
        if (sealed.length < NONCE_BYTES) {
            throw new GeneralSecurityException(
                    "sealed bytes: " + sealed.length + " (expected: >= " + NONCE_BYTES + ")");
        }
        byte[] nonce = Arrays.copyOf(sealed, NONCE_BYTES);
        return cipher(Cipher.DECRYPT_MODE, nonce, header).doFinal(sealed, NONCE_BYTES, sealed.length - NONCE_BYTES);
    }

    private Cipher cipher(int mode, byte[] nonce, byte[] header) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
        cipher.updateAAD(header);
        return cipher;
    }

    private static byte[] sha256(byte[] key) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update("toolpost credential store key".getBytes(StandardCharsets.US_ASCII));
            return digest.digest(key);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every Java platform has SHA-256", e);
        }
    }

    @Override
    public String toString() {
        return "StoreKey[" + origin + ", redacted]";
    }
}
