package dev.toolpost.connectors.signing;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The Ed25519 keys (RFC 8032) whose signatures an operator trusts, by id. Immutable. */
public final class PublicKeys {
    static final String ALGORITHM = "Ed25519";
    private static final String EXPECTED =
            "an Ed25519 public key (X.509, base64), as `toolpost connectors keygen` prints it";

    private final Map<String, PublicKey> byId;

    private PublicKeys(Map<String, PublicKey> byId) {
        this.byId = Collections.unmodifiableMap(byId);
    }

    /**
     * Reads keys, each the base64 of its X.509 form.
     *
     * @throws IllegalArgumentException where one is something else
     */
    public static PublicKeys of(List<String> base64) {
        Map<String, PublicKey> keys = new LinkedHashMap<>();
        for (String each : base64) {
            PublicKey key = decode(each);
            keys.put(idOf(key), key);
        }
        return new PublicKeys(keys);
    }

    /** These keys and one more. */
    public PublicKeys with(SigningKey key) {
        List<String> all = new ArrayList<>(encoded());
        all.add(key.publicKey());
        return of(all);
    }

    /** The keys as {@link #of} takes them. */
    public List<String> encoded() {
        return byId.values().stream()
                .map(key -> Base64.getEncoder().encodeToString(key.getEncoded()))
                .toList();
    }

    /** Whether nobody is trusted. */
    public boolean isEmpty() {
        return byId.isEmpty();
    }

    /** Whether this key signed these bytes; false for a key that is not among these. */
    public boolean verify(String keyId, byte[] signed, byte[] signature) {
        PublicKey key = key(keyId);
        if (key == null) {
            return false;
        }
        try {
            Signature check = Signature.getInstance(ALGORITHM);
            check.initVerify(key);
            check.update(signed);
            return check.verify(signature);
        } catch (GeneralSecurityException malformed) {
            return false;
        }
    }

    /** Whether this key is among these. */
    public boolean knows(String keyId) {
        return key(keyId) != null;
    }

    private @Nullable PublicKey key(String keyId) {
        return byId.get(keyId);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof PublicKeys keys && byId.equals(keys.byId);
    }

    @Override
    public int hashCode() {
        return byId.hashCode();
    }

    @Override
    public String toString() {
        return "PublicKeys" + byId.keySet();
    }

    /** What names a key: the beginning of the hash of its X.509 form. */
    static String idOf(PublicKey key) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(key.getEncoded());
            return HexFormat.of().formatHex(hash, 0, 8);
        } catch (GeneralSecurityException missing) {
            throw new IllegalStateException("this Java has no SHA-256", missing);
        }
    }

    static PublicKey decode(String base64) {
        try {
            byte[] encoded = Base64.getDecoder().decode(base64.strip());
            return KeyFactory.getInstance(ALGORITHM).generatePublic(new X509EncodedKeySpec(encoded));
        } catch (GeneralSecurityException | IllegalArgumentException wrong) {
            throw new IllegalArgumentException(
                    "'" + (base64.length() > 80 ? base64.substring(0, 80) + "..." : base64) + "' is no key (expected: "
                            + EXPECTED + ")",
                    wrong);
        }
    }
}
