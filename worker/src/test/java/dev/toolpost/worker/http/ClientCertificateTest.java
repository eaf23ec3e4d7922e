package dev.toolpost.worker.http;

import static dev.toolpost.worker.http.RoutedServer.Answer.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.toolpost.worker.credentials.Pem;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.interfaces.RSAPrivateCrtKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Client certificates against a TLS server that demands one. */
@Timeout(60)
class ClientCertificateTest {

    @TempDir
    private static Path directory;

    private static TestCertificates certificates;
    private static RoutedServer server;
    private static VendorHttp http;

    @BeforeAll
    static void begin() throws Exception {
        certificates = new TestCertificates(directory, "vendor", "ann", "ec-bob");
        server = RoutedServer.withClientCertificates(certificates.server("vendor"));
        server.on("GET /who", request -> json("\"" + request.client() + "\""));
        http = new VendorHttp(VendorHttpSettings.DEFAULTS
                .withAddresses(AddressPolicy.allowing(List.of("127.0.0.1")))
                .withTrust(certificates.trust()));
    }

    @AfterAll
    static void end() {
        http.close();
        server.close();
    }

    private static ClientCertificate of(String owner, String alias) throws Exception {
        return ClientCertificate.of(owner, certificates.certificate(alias), certificates.privateKey(alias));
    }

    private static HttpOutcome ask(ClientCertificate certificate) {
        VendorRequest request =
                new VendorRequest("GET", URI.create(server.url() + "/who"), List.of(), null, certificate, Set.of());
        return http.exchange(request, System.nanoTime() + Duration.ofSeconds(20).toNanos());
    }

    private static String who(ClientCertificate certificate) {
        return new String(((HttpOutcome.Answered) ask(certificate)).body(), StandardCharsets.UTF_8);
    }

    @Test
    void eachConnectionShowsItsOwnCertificateAndSharesNoTlsConnection() throws Exception {
        Map<String, ClientCertificate> owners = Map.of(
                "acme/ann", of("acme/ann", "ann"),
                "other/ann", of("other/ann", "ann"),
                "acme/bob", of("acme/bob", "ec-bob"));
        Map<String, Set<Integer>> ports = new HashMap<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Map.Entry<String, ClientCertificate> owner : owners.entrySet()) {
                server.received().clear();
                List<Future<String>> answers = new ArrayList<>();
                for (int i = 0; i < 20; i++) {
                    answers.add(threads.submit(() -> who(owner.getValue())));
                }
                for (Future<String> answer : answers) {
                    assertThat(answer.get()).contains(owner.getKey().equals("acme/bob") ? "CN=ec-bob" : "CN=ann");
                }
                server.received()
                        .forEach(request -> ports.computeIfAbsent(owner.getKey(), none -> new HashSet<>())
                                .add(request.port()));
            }
        }
        for (String one : owners.keySet()) {
            for (String other : owners.keySet()) {
                if (!one.equals(other)) {
                    assertThat(ports.get(one)).doesNotContainAnyElementsOf(ports.get(other));
                }
            }
        }
        assertThat(http.certificatePools()).isEqualTo(3);
    }

    @Test
    void oneConnectionsTlsConnectionIsUsedAgain() throws Exception {
        ClientCertificate certificate = of("acme/again", "ann");
        server.received().clear();
        for (int i = 0; i < 5; i++) {
            assertThat(who(certificate)).contains("CN=ann");
        }
        assertThat(server.received().stream().map(RoutedServer.Received::port).distinct())
                .hasSize(1);
    }

    @Test
    void withoutACertificateTheServerLetsNobodyIn() {
        assertThat(ask(null)).isNotInstanceOf(HttpOutcome.Answered.class);
    }

    @Test
    void keyAndCertificateMustBelongTogetherAndNoMessageTellsTheKey() throws Exception {
        String key = certificates.privateKey("ann");
        String certificate = certificates.certificate("ann");
        assertThatThrownBy(() -> ClientCertificate.of("a/b", certificates.certificate("vendor"), key))
                .hasMessageContaining("another key");
        assertThatThrownBy(() -> ClientCertificate.of("a/b", certificates.certificate("ec-bob"), key))
                .hasMessageContaining("another key");
        assertThatThrownBy(() -> ClientCertificate.of("a/b", key, key)).hasMessageContaining("no certificate");
        assertThatThrownBy(() -> ClientCertificate.of("a/b", certificate, certificate))
                .hasMessageContaining("no private key");
        String broken = key.replace("MII", "!II");
        assertThatThrownBy(() -> ClientCertificate.of("a/b", certificate, broken))
                .isInstanceOf(IllegalArgumentException.class)
                .satisfies(problem ->
                        assertThat(problem.toString() + problem.getCause()).doesNotContain(key.substring(40, 80)));
        assertThat(of("a/b", "ann").toString()).isEqualTo("ClientCertificate[a/b, redacted]");
        assertThat(of("a/b", "ann")).isEqualTo(of("a/b", "ann")).isNotEqualTo(of("a/c", "ann"));
    }

    @Test
    void keysInTheFormsOfOpenSslAreReadOrRefusedWithTheWayOut() throws Exception {
        PrivateKey key = Pem.privateKey(certificates.privateKey("ann"));
        byte[] pkcs8 = key.getEncoded();
        // What PKCS#8 wraps: the last element, behind 26 octets of envelope.
        byte[] pkcs1 = java.util.Arrays.copyOfRange(pkcs8, 26, pkcs8.length);
        String pem = "-----BEGIN RSA PRIVATE KEY-----\r\n"
                + Base64.getMimeEncoder().encodeToString(pkcs1) + "\r\n-----END RSA PRIVATE KEY-----";

        assertThat(((RSAPrivateCrtKey) Pem.privateKey(pem)).getModulus())
                .isEqualTo(((RSAPrivateCrtKey) key).getModulus());
        assertThatThrownBy(() -> Pem.privateKey("-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----"))
                .hasMessageContaining("openssl pkcs8");
        assertThatThrownBy(() -> Pem.privateKey(
                        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----"))
                .hasMessageContaining("passphrase");
    }
}
