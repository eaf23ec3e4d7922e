package dev.toolpost.worker.credentials;

import dev.toolpost.worker.vault.LoginSecret;
import dev.toolpost.worker.vault.VaultClient;
import dev.toolpost.worker.vault.VaultLogin;
import dev.toolpost.worker.vault.VaultSettings;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.MissingNode;

/** A Vault, simulated or real, set up over its API with a root token: a KV engine and methods of the test's own. */
final class VaultServer implements AutoCloseable {

    private static final Pattern POLICY = Pattern.compile("(?s)```hcl\\n# toolpost-([a-z]+)\\n(.*?)```");

    private final URI address;
    private final String root;
    private final String mount = "toolpost-test-" + Long.toHexString(System.nanoTime());
    private final HttpClient http = HttpClient.newHttpClient();
    private final List<AutoCloseable> opened = new ArrayList<>();

    VaultServer(URI address, String root) {
        this.address = address;
        this.root = root;
        admin("POST", "sys/mounts/" + mount, "{\"type\":\"kv\",\"options\":{\"version\":\"2\"}}");
    }

    String mount() {
        return mount;
    }

    /** Asks the API with the root token. */
    JsonNode admin(String method, String path, String body) {
        HttpRequest request = HttpRequest.newBuilder(URI.create(address + "/v1/" + path))
                .header("X-Vault-Token", root)
                .method(
                        method,
                        body.isEmpty()
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofString(body))
                .build();
        try {
            // A real engine of version 2 refuses requests for a moment while it is made.
            for (int i = 0; ; i++) {
                HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
                if (response.statusCode() == 400 && response.body().contains("Upgrading") && i < 100) {
                    Thread.sleep(20);
                    continue;
                }
                if (response.statusCode() >= 400 && response.statusCode() != 404) {
                    throw new IllegalStateException(method + " " + path + ": " + response.body());
                }
                return response.body().isEmpty()
                        ? MissingNode.getInstance()
                        : JsonMapper.shared().readTree(response.body());
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** The policy of that name in the documents, for this server's engine. */
    String documented(String name) {
        try {
            Matcher policy = POLICY.matcher(Files.readString(Path.of("../docs/credentials.md")));
            while (policy.find()) {
                if (policy.group(1).equals(name)) {
                    return policy.group(2).replace("\"secret/", "\"" + mount + "/");
                }
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        throw new IllegalStateException("docs/credentials.md has no policy toolpost-" + name);
    }

    /** A login by a new role of AppRole with this policy. */
    VaultLogin appRole(String policy, String ttl, String maxTtl) {
        String method = mount + "-approle";
        admin("POST", "sys/auth/" + method, "{\"type\":\"approle\"}");
        String name = allow(policy);
        String role = "auth/" + method + "/role/worker";
        admin(
                "POST",
                role,
                "{\"token_policies\":[\"" + name + "\"],\"token_ttl\":\"" + ttl + "\",\"token_max_ttl\":\"" + maxTtl
                        + "\"}");
        return new VaultLogin.AppRole(
                method,
                admin("GET", role + "/role-id", "").path("data").path("role_id").asString(),
                new LoginSecret.Text(
                        "secret_id",
                        admin("POST", role + "/secret-id", "{}")
                                .path("data")
                                .path("secret_id")
                                .asString()));
    }

    /** Makes this the policy of whoever logs in by that role, at once; its name. */
    String allow(String policy) {
        String name = mount + "-policy";
        admin(
                "POST",
                "sys/policies/acl/" + name,
                JsonMapper.shared().createObjectNode().put("policy", policy).toString());
        return name;
    }

    /** A token as a worker gets one with this policy, for whoever has taken it. */
    String stolenToken(String policy) {
        return admin(
                        "POST",
                        "auth/token/create",
                        "{\"policies\":[\"" + allow(policy) + "\"],\"ttl\":\"1h\",\"explicit_max_ttl\":\"4h\"}")
                .path("auth")
                .path("client_token")
                .asString();
    }

    /** The status that a request with this token is answered with. */
    int status(String token, String method, String path, String body) throws IOException, InterruptedException {
        return http.send(
                        HttpRequest.newBuilder(URI.create(address + "/v1/" + path))
                                .header("X-Vault-Token", token)
                                .header(
                                        "Content-Type",
                                        method.equals("PATCH") ? "application/merge-patch+json" : "application/json")
                                .method(method, HttpRequest.BodyPublishers.ofString(body))
                                .build(),
                        HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }

    /** Ends every token that a login gave. */
    void revokeLogins() {
        admin("PUT", "sys/leases/revoke-prefix/auth/" + mount + "-approle/login", "{}");
    }

    VaultLogin rootLogin() {
        return new VaultLogin.Token(new LoginSecret.Text("token", root));
    }

    VaultCredentialStore store(VaultLogin login) {
        return store(login, Duration.ofMinutes(1), 1_000);
    }

    VaultCredentialStore store(VaultLogin login, Duration cacheTtl, int cacheSize) {
        VaultClient client = VaultClient.open(
                new VaultSettings(List.of(address), null, login, Duration.ofSeconds(20), Duration.ofSeconds(2)),
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build(),
                new Random(3));
        VaultCredentialStore store =
                new VaultCredentialStore(client, mount, "toolpost", cacheTtl, cacheSize, System::nanoTime);
        opened.add(store);
        return store;
    }

    @Override
    public void close() throws Exception {
        for (AutoCloseable each : opened) {
            each.close();
        }
        admin("DELETE", "sys/auth/" + mount + "-approle", "");
        admin("DELETE", "sys/mounts/" + mount, "");
        http.close();
    }
}
