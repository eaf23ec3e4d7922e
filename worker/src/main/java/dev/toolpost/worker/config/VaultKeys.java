package dev.toolpost.worker.config;

import dev.toolpost.worker.vault.LoginSecret;
import dev.toolpost.worker.vault.VaultLogin;
import dev.toolpost.worker.vault.VaultSettings;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Reads {@code credentials.vault.*}. */
final class VaultKeys {

    private static final String BELOW = "credentials.vault.";
    private static final String POD_TOKEN = "/var/run/secrets/kubernetes.io/serviceaccount/token";

    private final Settings settings;
    private final Function<String, Path> resolve;
    private final @Nullable String environmentToken;

    /** @param environmentToken what the variable that Vault's own tools read says, or null */
    VaultKeys(Settings settings, Function<String, Path> resolve, @Nullable String environmentToken) {
        this.settings = settings;
        this.resolve = resolve;
        this.environmentToken = environmentToken;
    }

    /** How to log in. */
    enum Method {
        TOKEN,
        APPROLE,
        KUBERNETES
    }

    /** Null where no address is given. All keys are asked for in any case, which makes them known. */
    ToolpostConfig.@Nullable Vault read() {
        List<URI> addresses = addresses();
        String namespace = settings.optionalText(BELOW + "namespace");
        String mount = path("mount", "secret");
        String prefix = path("prefix", "toolpost");
        VaultLogin login = login(!addresses.isEmpty());
        ToolpostConfig.Tls tls = tls();
        var timeout = settings.duration(BELOW + "timeout", "5s", "100ms", "60s");
        var retryFor = settings.duration(BELOW + "retry_for", "15s", "0s", "5m");
        var cacheTtl = settings.duration(BELOW + "cache_ttl", "1m", "0s", "1h");
        int cacheSize = settings.number(BELOW + "cache_size", 10_000, 1, 1_000_000);
        return addresses.isEmpty() || login == null
                ? null
                : new ToolpostConfig.Vault(
                        new VaultSettings(addresses, namespace, login, timeout, retryFor),
                        mount,
                        prefix,
                        tls,
                        cacheTtl,
                        cacheSize);
    }

    private List<URI> addresses() {
        boolean plain = settings.choice(BELOW + "allow_http", YesNo.FALSE) == YesNo.TRUE;
        List<URI> addresses = new ArrayList<>();
        for (String each : settings.texts(BELOW + "address")) {
            if (!each.matches("https?://[^\\s/?#@]+(/[^\\s?#]*)?")) {
                settings.wrong(
                        BELOW + "address",
                        each.replaceAll("//.*@", "//(redacted)@"),
                        "https:// with a host, such as https://vault.example.com:8200; several separated by commas");
            } else if (each.startsWith("http:") && !plain && !isLoopback(URI.create(each))) {
                settings.wrong(
                        BELOW + "address",
                        each,
                        "https://, because tokens and secrets would cross the network for everybody to read;"
                                + " credentials.vault.allow_http: true takes that on");
            } else {
                addresses.add(URI.create(each));
            }
        }
        return addresses;
    }

    private enum YesNo {
        TRUE,
        FALSE
    }

    private static boolean isLoopback(URI address) {
        String host = String.valueOf(address.getHost()).toLowerCase(Locale.ROOT);
        return host.equals("localhost") || host.equals("[::1]") || host.matches("127\\.[0-9.]+");
    }

    private String path(String key, String fallback) {
        String given = settings.text(BELOW + key, fallback);
        String path = given.replaceAll("^/+|/+$", "");
        if (!path.matches("[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*") || path.matches("(.*/)?\\.\\.?(/.*)?")) {
            settings.wrong(
                    BELOW + key, given, "names of letters, digits, dots, underscores and hyphens between slashes");
            return fallback;
        }
        return path;
    }

    private @Nullable VaultLogin login(boolean wanted) {
        Method method = settings.choice(BELOW + "auth", Method.TOKEN);
        String mount = settings.optionalText(BELOW + "auth_mount");
        LoginSecret token = secret("token", "token_file", environmentToken);
        String roleId = settings.optionalText(BELOW + "role_id");
        LoginSecret secretId = secret("secret_id", "secret_id_file", null);
        String role = settings.optionalText(BELOW + "role");
        String jwt = settings.text(BELOW + "jwt_file", POD_TOKEN);
        return switch (method) {
            case TOKEN ->
                token == null
                        ? missing(wanted, "token", "a token, a token_file or VAULT_TOKEN")
                        : new VaultLogin.Token(token);
            case APPROLE ->
                roleId == null
                        ? missing(wanted, "role_id", "the role's id, with auth: approle")
                        : secretId == null
                                ? missing(wanted, "secret_id", "a secret_id or secret_id_file, with auth: approle")
                                : new VaultLogin.AppRole(mount == null ? "approle" : mount, roleId, secretId);
            case KUBERNETES ->
                role == null
                        ? missing(wanted, "role", "the role's name, with auth: kubernetes")
                        : new VaultLogin.Kubernetes(
                                mount == null ? "kubernetes" : mount,
                                role,
                                new LoginSecret.File(BELOW + "jwt_file", resolve.apply(jwt)));
        };
    }

    private @Nullable VaultLogin missing(boolean wanted, String key, String expected) {
        if (wanted) {
            settings.wrong(BELOW + key, "not given", expected);
        }
        return null;
    }

    private @Nullable LoginSecret secret(String key, String fileKey, @Nullable String fallback) {
        String text = settings.optionalText(BELOW + key);
        String file = settings.optionalText(BELOW + fileKey);
        if (text != null && file != null) {
            settings.wrong(BELOW + key, "given together with " + fileKey, "one of the two");
        }
        if (text != null) {
            return new LoginSecret.Text(BELOW + key, text);
        }
        if (file != null) {
            return new LoginSecret.File(BELOW + fileKey, resolve.apply(file));
        }
        return fallback == null || fallback.isBlank() ? null : new LoginSecret.Text("VAULT_TOKEN", fallback);
    }

    private ToolpostConfig.Tls tls() {
        String authorities = settings.optionalText(BELOW + "ca_file");
        String certificate = settings.optionalText(BELOW + "client_certificate_file");
        String key = settings.optionalText(BELOW + "client_key_file");
        if ((certificate == null) != (key == null)) {
            settings.wrong(
                    BELOW + (key == null ? "client_certificate_file" : "client_key_file"),
                    "given alone",
                    "client_certificate_file and client_key_file together");
        }
        return new ToolpostConfig.Tls(
                authorities == null ? null : resolve.apply(authorities),
                certificate == null ? null : resolve.apply(certificate),
                key == null ? null : resolve.apply(key));
    }
}
