package dev.toolpost.worker.oauth;

import static dev.toolpost.worker.http.RoutedServer.Answer.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.toolpost.connectors.Auth;
import dev.toolpost.connectors.Connector;
import dev.toolpost.connectors.ConnectorLoader;
import dev.toolpost.worker.credentials.ConnectionRecord;
import dev.toolpost.worker.credentials.Secret;
import dev.toolpost.worker.credentials.StoredConnection;
import dev.toolpost.worker.http.AddressPolicy;
import dev.toolpost.worker.http.HttpOutcome;
import dev.toolpost.worker.http.RoutedServer;
import dev.toolpost.worker.http.TestCertificates;
import dev.toolpost.worker.http.VendorHttp;
import dev.toolpost.worker.http.VendorHttpSettings;
import dev.toolpost.worker.http.VendorRequest;
import dev.toolpost.worker.request.RequestBuilder;
import dev.toolpost.worker.request.RequestProblemException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** Client certificates by definition: alone, and beside client credentials at a token endpoint that demands them too. */
@Timeout(60)
class CertificateTokenTest {

    private static final Connector CONNECTOR = new ConnectorLoader().load("bank.yaml", """
            vendor: bank
            title: Bank
            base_url: "{api}"
            variables: { api: { kind: url } }
            auth:
              - kind: client_certificate
              - kind: oauth2_client_credentials
                client_certificate: true
                token_url: "{api}/token"
                client: id_only
            tools:
              list_accounts:
                description: Lists accounts.
                effect: read
                request: { path: /accounts }
            """);

    @Test
    void clientCertificatesOpenTheApiAndTheTokenEndpoint(@TempDir Path directory) throws Exception {
        TestCertificates certificates = new TestCertificates(directory, "vendor", "ann");
        try (RoutedServer vendor = RoutedServer.withClientCertificates(certificates.server("vendor"));
                VendorHttp http = new VendorHttp(VendorHttpSettings.DEFAULTS
                        .withAddresses(AddressPolicy.allowing(List.of("127.0.0.1")))
                        .withTrust(certificates.trust()))) {
            vendor.on("POST /token", request -> json("{\"access_token\":\"of " + request.client() + "\"}"));
            vendor.on("GET /accounts", request -> json("[]"));
            Map<String, String> pem = Map.of(
                    "certificate", certificates.certificate("ann"), "private_key", certificates.privateKey("ann"));
            long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();

            VendorRequest alone = request(stored("client_certificate", vendor, Secret.of(pem)));
            assertThat(http.exchange(alone, deadline)).isInstanceOf(HttpOutcome.Answered.class);
            assertThat(vendor.received().getFirst().client()).isEqualTo("CN=ann");
            assertThat(vendor.received().getFirst().header("Authorization")).isEmpty();

            Auth.Fetched auth = (Auth.Fetched) Objects.requireNonNull(CONNECTOR.auth("oauth2_client_credentials"));
            assertThat(auth.secretFields()).containsExactly("client_id", "certificate", "private_key");
            StoredConnection beside = stored(auth.id(), vendor, Secret.of(pem).with("client_id", "c7"));
            TokenAnswer answer = TokenExchange.of(auth, CONNECTOR, beside, Instant.EPOCH, new Random(1))
                    .run(http::exchange, deadline, () -> Instant.EPOCH);
            assertThat(answer)
                    .isInstanceOfSatisfying(
                            TokenAnswer.Granted.class,
                            granted -> assertThat(granted.accessToken()).isEqualTo("of CN=ann"));
            assertThat(vendor.received().getLast().body()).isEqualTo("grant_type=client_credentials&client_id=c7");

            StoredConnection broken =
                    stored("client_certificate", vendor, Secret.of(pem).with("private_key", "x"));
            assertThatThrownBy(() -> request(broken))
                    .isInstanceOf(RequestProblemException.class)
                    .hasMessageContaining("client certificate");
        }
    }

    private static StoredConnection stored(String auth, RoutedServer vendor, Secret secret) {
        return new StoredConnection(
                new ConnectionRecord(
                        "acme", "bank", "bank", auth, Map.of("api", vendor.url()), Map.of(), Set.of(), Map.of()),
                secret,
                1);
    }

    private static VendorRequest request(StoredConnection stored) throws RequestProblemException {
        return RequestBuilder.build(
                CONNECTOR,
                Objects.requireNonNull(CONNECTOR.tools().get("bank_list_accounts")),
                JsonMapper.shared().createObjectNode(),
                stored.connection(),
                RequestBuilder.baseUrl(CONNECTOR, stored.connection()),
                stored.secret(),
                null,
                null,
                null);
    }
}
