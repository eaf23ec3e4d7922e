package dev.toolpost.worker.http;

import dev.toolpost.worker.credentials.Pem;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAKey;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * The certificate that one connection shows when TLS begins, with its key. Two are equal where the same connection holds the same
 * certificate and key. Immutable; cannot print its key.
 */
public final class ClientCertificate {

    private static final char[] NO_PASSWORD = {};

    private final String owner;
    private final String fingerprint;
    private final List<X509Certificate> chain;
    private final PrivateKey key;

    private ClientCertificate(String owner, String fingerprint, List<X509Certificate> chain, PrivateKey key) {
        this.owner = owner;
        this.fingerprint = fingerprint;
        this.chain = chain;
        this.key = key;
    }

    /**
     * Reads certificate and key.
     *
     * @param owner the connection, as {@code tenant/connection}
     * @param certificate the chain in PEM, the client's own first
     * @param privateKey its key in PEM
     * @throws IllegalArgumentException where one cannot be read, or they do not belong together; tells nothing of the key
     */
    public static ClientCertificate of(String owner, String certificate, String privateKey) {
        List<X509Certificate> chain = Pem.certificates(certificate);
        PrivateKey key = Pem.privateKey(privateKey);
        if (!belongTogether(key, chain.getFirst().getPublicKey())) {
            throw new IllegalArgumentException(
                    "a certificate of another key (expected: the certificate of private_key," + " first in its chain)");
        }
        return new ClientCertificate(owner, fingerprint(certificate + "\n" + privateKey), chain, key);
    }

    private static boolean belongTogether(PrivateKey key, PublicKey certified) {
        if (!key.getAlgorithm().equals(certified.getAlgorithm())) {
            return false;
        }
        if (key instanceof RSAKey own && certified instanceof RSAKey other) {
            return own.getModulus().equals(other.getModulus());
        }
        try {
            Signature signature = Signature.getInstance("SHA256withECDSA");
            signature.initSign(key);
            byte[] signed = signature.sign();
            signature.initVerify(certified);
            return signature.verify(signed);
        } catch (GeneralSecurityException unfit) {
            return false;
        }
    }

    private static String fingerprint(String text) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("every Java platform has SHA-256", impossible);
        }
    }

    /** What TLS takes certificate and key from. */
    KeyManager[] keyManagers() {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setKeyEntry("client", key, NO_PASSWORD, chain.toArray(X509Certificate[]::new));
            KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            factory.init(store, NO_PASSWORD);
            return factory.getKeyManagers();
        } catch (GeneralSecurityException | java.io.IOException e) {
            throw new IllegalStateException("the platform takes no client certificate", e);
        }
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ClientCertificate that
                && owner.equals(that.owner)
                && fingerprint.equals(that.fingerprint);
    }

    @Override
    public int hashCode() {
        return Objects.hash(owner, fingerprint);
    }

    @Override
    public String toString() {
        return "ClientCertificate[" + owner + ", redacted]";
    }
}
