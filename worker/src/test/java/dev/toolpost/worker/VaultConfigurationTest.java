package dev.toolpost.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.toolpost.sandbox.SimulatedVault;
import dev.toolpost.worker.config.ConfigException;
import dev.toolpost.worker.config.ToolpostConfig;
import dev.toolpost.worker.credentials.ConnectionRecord;
import dev.toolpost.worker.credentials.CredentialStore;
import dev.toolpost.worker.credentials.CredentialsUnavailableException;
import dev.toolpost.worker.credentials.Secret;
import dev.toolpost.worker.http.TestCertificates;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** From the words of a configuration to a store that works. */
@Timeout(60)
class VaultConfigurationTest {

    private static final ConnectionRecord SALES = ConnectionRecord.of("acme", "sales", "hubspot", "bearer");
    private static final Secret SECRET = Secret.of("token", "t");

    private final SimulatedVault vault = SimulatedVault.start();

    @TempDir
    private Path directory;

    @AfterEach
    void stop() {
        vault.close();
    }

    private ToolpostConfig config(String vaultKeys, Map<String, String> environment) throws IOException {
        Path file = Files.writeString(
                directory.resolve("toolpost.yaml"),
                "credentials: { vault: { address: '" + vault.uri() + "', retry_for: 500ms, " + vaultKeys + " } }");
        return ToolpostConfig.load(file, environment);
    }

    private void works(String vaultKeys) throws IOException {
        works(vaultKeys, Map.of());
    }

    private void works(String vaultKeys, Map<String, String> environment) throws IOException {
        try (CredentialStore store = WorkerMain.credentials(config(vaultKeys, environment))) {
            store.put(SALES, SECRET, CredentialStore.ANY);
            assertThat(store.findNow("acme", "sales").secret()).isEqualTo(SECRET);
        }
    }

    private void fails(String vaultKeys, String message) throws IOException {
        try (CredentialStore store = WorkerMain.credentials(config(vaultKeys, Map.of()))) {
            assertThatThrownBy(() -> store.findNow("acme", "sales"))
                    .isInstanceOf(CredentialsUnavailableException.class)
                    .hasMessageContaining(message);
        }
    }

    private JsonNode admin(String path, String body, String namespace) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(vault.uri() + "/v1/" + path))
                .header("X-Vault-Token", SimulatedVault.ROOT_TOKEN);
        if (!namespace.isEmpty()) {
            request.header("X-Vault-Namespace", namespace);
        }
        try (HttpClient http = HttpClient.newHttpClient()) {
            String answer = http.send(
                            (body.isEmpty() ? request.GET() : request.POST(HttpRequest.BodyPublishers.ofString(body)))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
            return JsonMapper.shared().readTree(answer.isEmpty() ? "{}" : answer);
        }
    }

    private Path file(String name, String content) throws IOException {
        return Files.writeString(directory.resolve(name), content);
    }

    @Test
    void aTokenComesFromTheConfigurationAFileOrTheVariableOfVaultsOwnTools() throws Exception {
        works("token: '" + SimulatedVault.ROOT_TOKEN + "'");
        file("token", SimulatedVault.ROOT_TOKEN + "\n");
        works("token_file: token");
        works("auth: token", Map.of("VAULT_TOKEN", SimulatedVault.ROOT_TOKEN));
        fails("token: hvs.wrong", "403");
        assertThat(config("token: hvs.canary", Map.of()).toString()).doesNotContain("canary");
    }

    @Test
    void appRoleReadsItsSecretAnewForEveryLogin() throws Exception {
        admin("sys/auth/roles", "{\"type\":\"approle\"}", "");
        admin("auth/roles/role/worker", "{\"token_policies\":[\"root\"]}", "");
        String roleId = admin("auth/roles/role/worker/role-id", "", "")
                .path("data")
                .path("role_id")
                .asString();
        String keys = "auth: approle, auth_mount: roles, role_id: " + roleId + ", secret_id_file: secret-id";
        fails(keys, "secret-id cannot be read");
        file("secret-id", "wrong");
        fails(keys, "the login by approle is refused (400)");
        String secretId = admin("auth/roles/role/worker/secret-id", "{}", "")
                .path("data")
                .path("secret_id")
                .asString();
        file("secret-id", secretId + "\n");
        works(keys);
        works("auth: approle, auth_mount: roles, role_id: " + roleId + ", secret_id: " + secretId);
    }

    @Test
    void kubernetesLogsInWithThePodsOwnToken() throws Exception {
        admin("sys/auth/kubernetes", "{\"type\":\"kubernetes\"}", "");
        admin("auth/kubernetes/role/worker", "{\"token_policies\":[\"root\"]}", "");
        vault.acceptServiceAccount("kubernetes", "worker", "pod.jwt.signature");
        file("jwt", "pod.jwt.signature");
        works("auth: kubernetes, role: worker, jwt_file: jwt");
        file("jwt", "of.another.pod");
        fails("auth: kubernetes, role: worker, jwt_file: jwt", "the login by kubernetes is refused (403)");
        fails("auth: kubernetes, role: other, jwt_file: jwt", "the login by kubernetes is refused (400)");
    }

    @Test
    void aNamespaceIsSentWithEveryRequestAndSeesItsOwnConnectionsOnly() throws Exception {
        String token = "token: '" + SimulatedVault.ROOT_TOKEN + "'";
        works(token);
        vault.addNamespace("teams/a");
        fails(token + ", namespace: teams/a", "no KV engine at secret");
        admin("sys/mounts/secret", "{\"type\":\"kv\",\"options\":{\"version\":\"2\"}}", "teams/a");
        try (CredentialStore store = WorkerMain.credentials(config(token + ", namespace: teams/a", Map.of()))) {
            assertThat(store.findNow("acme", "sales")).isNull();
        }
        works(token + ", namespace: teams/a, prefix: /other/place/");
        assertThat(vault.requests()).contains("GET secret/data/other/place/acme/sales");
    }

    @Test
    void tlsTrustsTheNamedAuthorityAloneAndShowsTheClientCertificate() throws Exception {
        TestCertificates certificates = new TestCertificates(directory, "vault", "worker");
        file("ca.pem", certificates.certificate("vault"));
        file("worker.pem", certificates.certificate("worker"));
        file("worker.key", certificates.privateKey("worker"));
        try (SimulatedVault tls = SimulatedVault.startTls(certificates.server("vault"), true)) {
            String token = "token: '" + SimulatedVault.ROOT_TOKEN + "', address: '" + tls.uri() + "', ";
            String shown = "client_certificate_file: worker.pem, client_key_file: worker.key";
            try (CredentialStore store = credentials(token + "ca_file: ca.pem, " + shown)) {
                store.put(SALES, SECRET, CredentialStore.ANY);
                assertThat(store.findNow("acme", "sales").secret()).isEqualTo(SECRET);
            }
            try (CredentialStore stranger = credentials(token + "ca_file: ca.pem")) {
                assertThatThrownBy(() -> stranger.findNow("acme", "sales"))
                        .isInstanceOf(CredentialsUnavailableException.class);
            }
            try (CredentialStore distrustful = credentials(token + shown)) {
                assertThatThrownBy(() -> distrustful.findNow("acme", "sales"))
                        .isInstanceOf(CredentialsUnavailableException.class)
                        .hasMessageContaining("check ca_file and the client certificate");
            }
            assertThatThrownBy(() -> credentials(token + "ca_file: worker.key"))
                    .isInstanceOf(CredentialsUnavailableException.class)
                    .hasMessageContaining("worker.key holds no certificate in PEM");
            assertThat(tls.requests()).allMatch(each -> each.contains("secret/data") || each.contains("auth/token"));
        }
    }

    private CredentialStore credentials(String vaultKeys) throws IOException {
        Path file = Files.writeString(
                directory.resolve("tls.yaml"), "credentials: { vault: { retry_for: 300ms, " + vaultKeys + " } }");
        return WorkerMain.credentials(ToolpostConfig.load(file, Map.of()));
    }

    @Test
    void whatCannotWorkIsRefusedWithItsKeyAndTheWayOut() {
        refused(
                "{ address: vault.example.com }",
                "credentials.vault.address: vault.example.com (expected: https:// with a host");
        refused(
                "{ address: 'http://vault.example.com:8200', token: t }",
                "credentials.vault.allow_http: true takes that on");
        refused(
                "{ address: 'https://v' }",
                "credentials.vault.token: not given (expected: a token, a token_file or VAULT_TOKEN)");
        refused("{ address: 'https://v', auth: approle }", "credentials.vault.role_id: not given");
        refused("{ address: 'https://v', auth: approle, role_id: r }", "credentials.vault.secret_id: not given");
        refused("{ address: 'https://v', auth: kubernetes }", "credentials.vault.role: not given");
        refused("{ address: 'https://v', token: hvs.canary, token_file: f }", "given together with token_file");
        refused(
                "{ address: 'https://v', token: t, client_key_file: k }",
                "credentials.vault.client_key_file: given alone");
        refused("{ address: 'https://v', token: t, mount: a/../b }", "credentials.vault.mount: a/../b");
        refused("{ address: 'https://v', tokn: t }", "nearest known key: credentials.vault.token");
    }

    private void refused(String vaultKeys, String message) {
        assertThatThrownBy(() -> ToolpostConfig.load(
                        Files.writeString(directory.resolve("wrong.yaml"), "credentials: { vault: " + vaultKeys + " }"),
                        Map.of()))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(message)
                .hasMessageNotContaining("canary");
    }
}
