package dev.toolpost.worker.credentials;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** TLS to the credential store from files in PEM. There is no way to trust everybody. */
public final class VaultTls {

    private static final char[] NO_PASSWORD = {};

    private VaultTls() {}

    /**
     * Reads the files.
     *
     * @param authorities whom to trust, and nobody else; null for whom the platform trusts
     * @param certificate to show, with its chain; null for none
     * @param key of the certificate
     * @throws CredentialsUnavailableException where a file cannot be used
     */
    public static SSLContext context(@Nullable Path authorities, @Nullable Path certificate, @Nullable Path key) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(
                    certificate == null || key == null ? null : shown(certificate, key),
                    authorities == null ? null : trusted(authorities),
                    null);
            return context;
        } catch (GeneralSecurityException | IOException unfit) {
            throw new CredentialsUnavailableException(
                    "TLS to Vault cannot be set up: " + unfit.getClass().getSimpleName(), unfit);
        }
    }

    private static TrustManager[] trusted(Path file) throws GeneralSecurityException, IOException {
        KeyStore store = empty();
        int number = 0;
        for (X509Certificate authority : read(file, Pem::certificates)) {
            store.setCertificateEntry("authority-" + number++, authority);
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return factory.getTrustManagers();
    }

    private static KeyManager[] shown(Path certificate, Path key) throws GeneralSecurityException, IOException {
        KeyStore store = empty();
        store.setKeyEntry(
                "client",
                read(key, Pem::privateKey),
                NO_PASSWORD,
                read(certificate, Pem::certificates).toArray(X509Certificate[]::new));
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, NO_PASSWORD);
        return factory.getKeyManagers();
    }

    private static KeyStore empty() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }

    private interface Reading<T> {
        T of(String pem);
    }

    private static <T> T read(Path file, Reading<T> reading) {
        try {
            return reading.of(Files.readString(file));
        } catch (IOException unreadable) {
            throw new CredentialsUnavailableException(
                    "TLS to Vault: " + file + " cannot be read (expected: a file in PEM)", unreadable);
        } catch (IllegalArgumentException unfit) {
            throw new CredentialsUnavailableException("TLS to Vault: " + file + " holds " + unfit.getMessage(), unfit);
        }
    }
}
