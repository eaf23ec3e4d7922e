package dev.toolpost.worker.vault;

import io.github.jopenlibs.vault.EnvironmentLoader;
import io.github.jopenlibs.vault.VaultConfig;
import io.github.jopenlibs.vault.VaultException;
import io.github.jopenlibs.vault.api.Auth;
import io.github.jopenlibs.vault.api.Logical;
import io.github.jopenlibs.vault.json.Json;
import io.github.jopenlibs.vault.response.AuthResponse;
import io.github.jopenlibs.vault.response.LogicalResponse;
import io.github.jopenlibs.vault.response.LookupResponse;
import java.io.IOException;
import java.io.Serial;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.MissingNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Single requests through the driver, which never retries here. Texts of answers are looked at nowhere: they differ between
 * Vault and OpenBao, and may repeat what was sent. Thread-safe.
 *
 * @see <a href="https://developer.hashicorp.com/vault/api-docs">Vault's API</a>
 */
final class VaultApi {

    private static final JsonMapper MAPPER = JsonMapper.shared();
    private static final int LONGEST_WISH_SECONDS = 3_600;

    /** Nothing that happens to be in the environment, or in a file of the home directory, changes who this logs in as or whom it trusts. */
    private static final EnvironmentLoader NO_ENVIRONMENT = new EnvironmentLoader() {
        @Serial
        private static final long serialVersionUID = 1L;

        @Override
        public @Nullable String loadVariable(String name) {
            return null;
        }
    };

    private final List<URI> addresses;
    private final @Nullable String namespace;
    private final Duration timeout;
    private final HttpClient http;
    private final AtomicInteger preferred = new AtomicInteger();

    VaultApi(VaultSettings settings, HttpClient pooled) {
        this.addresses = settings.addresses();
        this.namespace = settings.namespace();
        this.timeout = settings.timeout();
        this.http = new BoundedHttpClient(pooled);
    }

    /** Has the requests from here on go to the next server. */
    void preferNext() {
        preferred.updateAndGet(current -> (current + 1) % addresses.size());
    }

    /** A request that needs a token. */
    interface Operation {
        LogicalResponse run(Logical logical) throws VaultException;
    }

    static Operation read(String path) {
        return logical -> logical.read(path);
    }

    static Operation list(String path) {
        return logical -> logical.list(path);
    }

    static Operation write(String path, ObjectNode body) {
        Map<String, Object> fields = new TreeMap<>();
        body.properties()
                .forEach(field ->
                        fields.put(field.getKey(), Json.parse(field.getValue().toString())));
        return logical -> logical.write(path, fields);
    }

    VaultAnswer run(Operation operation, VaultToken token, boolean afterDoubt) throws VaultTrouble {
        return exchange(() -> {
            LogicalResponse response = operation.run(new Logical(config(token)));
            int status = response.getRestResponse().getStatus();
            if (isPassing(status) || status == 403) {
                throw new VaultException("", status);
            }
            return new VaultAnswer(status, body(response.getRestResponse().getBody()), afterDoubt);
        });
    }

    VaultToken login(VaultLogin login) throws VaultTrouble {
        return switch (login) {
            case VaultLogin.Token(LoginSecret secret) -> lookUp(secret.read());
            case VaultLogin.AppRole(String mount, String roleId, LoginSecret secretId) -> {
                String secret = secretId.read();
                yield token(() -> new Auth(config(null)).loginByAppRole(mount, roleId, secret));
            }
            case VaultLogin.Kubernetes(String mount, String role, LoginSecret jwt) -> {
                String secret = jwt.read();
                yield token(() -> new Auth(config(null)).loginByKubernetes(role, secret, "auth/" + mount));
            }
        };
    }

    /** What is known of a token that somebody else obtained; one that may not look at itself may be a good one all the same. */
    private VaultToken lookUp(String value) throws VaultTrouble {
        try {
            LookupResponse about = exchange(() -> new Auth(config(VaultToken.unknown(value))).lookupSelf());
            Duration lease = Duration.ofSeconds(about.getTTL());
            Duration full = Duration.ofSeconds(about.getCreationTTL());
            return new VaultToken(value, lease, full.isZero() ? lease : full, about.isRenewable());
        } catch (VaultTrouble trouble) {
            if (trouble.status() == 403) {
                return VaultToken.unknown(value);
            }
            throw trouble;
        }
    }

    /** The token with its new lease. */
    VaultToken renew(VaultToken token) throws VaultTrouble {
        AuthResponse renewed = exchange(() -> new Auth(config(token)).renewSelf());
        return new VaultToken(
                token.value(),
                Duration.ofSeconds(renewed.getAuthLeaseDuration()),
                token.full(),
                renewed.isAuthRenewable());
    }

    void revoke(VaultToken token) throws VaultTrouble {
        boolean _ = exchange(() -> {
            new Auth(config(token)).revokeSelf();
            return true;
        });
    }

    private interface Login {
        AuthResponse run() throws VaultException;
    }

    private VaultToken token(Login login) throws VaultTrouble {
        AuthResponse given = exchange(login::run);
        String value = given.getAuthClientToken();
        if (value == null || value.isEmpty()) {
            throw VaultTrouble.refused("the login was answered without a token", 200);
        }
        Duration lease = Duration.ofSeconds(given.getAuthLeaseDuration());
        return new VaultToken(value, lease, lease, given.isAuthRenewable());
    }

    private VaultConfig config(@Nullable VaultToken token) throws VaultException {
        VaultConfig config = new VaultConfig()
                .environmentLoader(NO_ENVIRONMENT)
                .address(address().toString())
                .engineVersion(1)
                .httpClient(http);
        if (token != null) {
            config.token(token.value());
        }
        String space = namespace;
        if (space != null) {
            config.nameSpace(space);
        }
        return config.build();
    }

    private URI address() {
        return addresses.get(preferred.get());
    }

    private interface Request<T> {
        T run() throws VaultException;
    }

    private <T> T exchange(Request<T> request) throws VaultTrouble {
        BoundedHttpClient.Exchange exchange = new BoundedHttpClient.Exchange(timeout);
        try {
            return ScopedValue.where(BoundedHttpClient.EXCHANGE, exchange).call(request::run);
        } catch (VaultException failed) {
            throw trouble(failed, exchange);
        } catch (JacksonException garbage) {
            // Without the cause: it quotes what was answered.
            throw new VaultTrouble(address() + " answers with something else than JSON", 0, true, true, null, null);
        }
    }

    private VaultTrouble trouble(VaultException failed, BoundedHttpClient.Exchange exchange) {
        int status = failed.getHttpStatusCode();
        if (status != 0) {
            boolean passing = isPassing(status);
            return new VaultTrouble(
                    address() + meaning(status), status, passing, status >= 500, wish(exchange.retryAfter()), null);
        }
        IOException broken = null;
        Throwable deepest = failed;
        for (Throwable cause = failed.getCause(); cause != null; cause = cause.getCause()) {
            deepest = cause;
            if (cause instanceof InterruptedException) {
                Thread.currentThread().interrupt();
                return new VaultTrouble("interrupted", 0, false, exchange.sent(), null, null);
            }
            if (cause instanceof SSLException || (broken == null && cause instanceof IOException)) {
                broken = (IOException) cause;
            }
        }
        if (broken != null) {
            return new VaultTrouble(
                    address() + " cannot be reached ("
                            + broken.getClass().getSimpleName()
                            + (broken.getMessage() == null ? "" : ": " + broken.getMessage()) + ")"
                            + (broken instanceof SSLException ? "; check ca_file and the client certificate" : ""),
                    0,
                    true,
                    exchange.sent(),
                    null,
                    broken);
        }
        // The name alone: a refused header is quoted with the token in it.
        return new VaultTrouble(
                address() + " answers with something that is not Vault's ("
                        + deepest.getClass().getSimpleName() + ")",
                0,
                true,
                exchange.sent(),
                null,
                null);
    }

    private static boolean isPassing(int status) {
        return status >= 500
                || status == 412
                || status == 429
                || status == 472
                || status == 473
                || (status >= 300 && status < 400);
    }

    private static String meaning(int status) {
        return switch (status) {
            case 503 -> " is sealed, or has no active server now (503)";
            case 429 -> " is asked too much: a rate limit quota of Vault (429)";
            case 403 -> " refuses (403)";
            case 301, 302, 303, 307, 308 ->
                " is a standby that sends requests elsewhere (" + status
                        + "): name the active server, a load balancer's address or all servers";
            default -> " answers " + status;
        };
    }

    private static @Nullable Duration wish(@Nullable String retryAfter) {
        if (retryAfter == null || !retryAfter.matches("[0-9]{1,6}")) {
            return null;
        }
        return Duration.ofSeconds(Math.min(LONGEST_WISH_SECONDS, Integer.parseInt(retryAfter)));
    }

    private static JsonNode body(byte @Nullable [] bytes) {
        return bytes == null || bytes.length == 0 ? MissingNode.getInstance() : MAPPER.readTree(bytes);
    }

    /** For messages. */
    String name() {
        return address().toString();
    }
}
