package dev.toolpost.cli;

import dev.toolpost.connectors.Auth;
import dev.toolpost.connectors.Connector;
import dev.toolpost.connectors.Limit;
import dev.toolpost.connectors.Variable;
import dev.toolpost.worker.config.ToolpostConfig;
import dev.toolpost.worker.credentials.ConnectionRecord;
import dev.toolpost.worker.credentials.CredentialStore;
import dev.toolpost.worker.credentials.LimitOverride;
import dev.toolpost.worker.credentials.Pem;
import dev.toolpost.worker.credentials.Secret;
import dev.toolpost.worker.credentials.StoredConnection;
import dev.toolpost.worker.credentials.VersionConflictException;
import dev.toolpost.worker.http.ClientCertificate;
import java.net.URI;
import java.security.PrivateKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

/** {@code toolpost connections add}. */
@Command(
        name = "add",
        description =
                "Stores a connection and its secret, encrypted. The secret is typed, piped in, or read from a file or an"
                        + " environment variable; not given on the command line, where others could see it.",
        footer = {
            "",
            "Examples:",
            "  toolpost connections add sales-hubspot --vendor hubspot --tenant acme",
            "  toolpost connections add sales-hubspot --vendor hubspot --secret-env HUBSPOT_TOKEN --limit"
                    + " ten_seconds=190/10s",
            "  toolpost connections add books --vendor hubspot --auth oauth2 --secret-file client_id=id.txt"
                    + " --secret-file client_secret=secret.txt --secret-env refresh_token=REFRESH_TOKEN",
            "  toolpost connections add bank --vendor acme --auth client_certificate --secret-file"
                    + " certificate=bank.crt --secret-file private_key=bank.key"
        })
final class ConnectionsAdd implements Callable<Integer> {
    @Mixin
    private CommonOptions common = new CommonOptions();

    @Parameters(paramLabel = "NAME", description = "The connection's name, for example sales-hubspot.")
    private String name = "";

    @Mixin
    private Connections.Tenant tenant = new Connections.Tenant();

    @Option(
            names = "--vendor",
            required = true,
            paramLabel = "VENDOR",
            description = "The vendor, for example hubspot.")
    private String vendor = "";

    @Option(
            names = "--auth",
            paramLabel = "ID",
            description =
                    "How to authenticate, where the vendor has several ways. Default: the first whose secret is given,"
                            + " else the connector's first.")
    private @Nullable String auth;

    @Option(
            names = "--set",
            paramLabel = "VARIABLE=VALUE",
            description = "A variable of the connector, such as its subdomain; repeat for more.")
    private Map<String, String> variables = new LinkedHashMap<>();

    @Option(
            names = "--limit",
            paramLabel = "NAME=PERMITS[/WINDOW]",
            description = "The account's own limit, where its plan differs from the connector's: ten_seconds=190/10s.")
    private Map<String, String> limits = new LinkedHashMap<>();

    @Option(names = "--scope", paramLabel = "SCOPE", description = "A scope that was granted; repeat for more.")
    private List<String> scopes = new ArrayList<>();

    @Option(names = "--label", paramLabel = "KEY=VALUE", description = "A note for people; repeat for more.")
    private Map<String, String> labels = new LinkedHashMap<>();

    @Mixin
    private SecretInput secret = new SecretInput();

    @Option(
            names = "--replace",
            description =
                    "Replace the secret of a connection of this name; variables, limits, scopes and labels stay unless said anew.")
    private boolean replace;

    private Map<String, LimitOverride> keptLimits = Map.of();

    @Override
    public Integer call() throws InterruptedException {
        ToolpostConfig config = common.load();
        Connector connector = Connections.connector(KnownConnectors.withVendor(common, config, vendor), vendor);
        CredentialStore store = Setup.credentials(config);
        StoredConnection before = store.find(tenant.require(config), name);
        if (before != null && replace) {
            keep(before.connection());
        }
        Auth chosen = auth(connector);
        ConnectionRecord connection = connection(config, connector, chosen);
        if (!replace && before != null) {
            throw exists(connection);
        }
        Secret read = secret.read(chosen);
        requireUsable(chosen, connection, read);
        try {
            store.put(connection, read, replace ? CredentialStore.ANY : CredentialStore.ABSENT);
        } catch (VersionConflictException there) {
            throw exists(connection);
        }
        ConnectionNews.tell(
                common,
                config,
                connection.tenant(),
                connection.connection(),
                before == null ? "added" : "changed",
                connection.vendor());
        if (common.json()) {
            common.out().println(Json.print(Connections.json(connection)));
        } else {
            common.out()
                    .println("Stored " + connection.id() + " (" + Text.line(connector.title()) + ", " + chosen.id()
                            + ") in " + Setup.nameOfCredentials(config));
            common.out()
                    .println("Try it: toolpost connections check " + name
                            + (connection.tenant().equals(config.defaultTenant())
                                    ? ""
                                    : " --tenant " + connection.tenant()));
        }
        return ExitCode.OK;
    }

    /** A key or certificate that cannot be read is told here, and not by the first call. */
    private static void requireUsable(Auth chosen, ConnectionRecord connection, Secret secret) {
        String key = secret.get(Auth.PRIVATE_KEY);
        String certificate = secret.get(Auth.CERTIFICATE);
        try {
            if (chosen.clientCertificate() && key != null && certificate != null) {
                ClientCertificate _ = ClientCertificate.of(connection.id(), certificate, key);
            } else if (chosen.secretFields().contains(Auth.PRIVATE_KEY) && key != null) {
                PrivateKey _ = Pem.privateKey(key);
            }
        } catch (IllegalArgumentException unfit) {
            throw CliException.usage("the secret holds " + unfit.getMessage(), "", unfit);
        }
    }

    /** A connection that is replaced keeps what is not said anew: a new secret must not go to another address than the old one. */
    private void keep(ConnectionRecord before) {
        if (!before.vendor().equals(vendor)) {
            return;
        }
        before.variables().forEach(variables::putIfAbsent);
        before.labels().forEach(labels::putIfAbsent);
        if (auth == null) {
            auth = before.authKind();
        }
        if (limits.isEmpty() && auth.equals(before.authKind())) {
            keptLimits = before.limits();
        }
        if (scopes.isEmpty()) {
            scopes.addAll(before.scopes());
        }
    }

    /** A stand-in for the vendor's API and the vendor's own token address do not go together: the secret would leave for the vendor. */
    private void requireTokenAddress(Connector connector) {
        if (variables.containsKey("base_url")
                && connector.variable("token_url") != null
                && !variables.containsKey("token_url")
                && isOnThisMachine(variables.get("base_url"))) {
            throw CliException.usage(
                    "--set base_url names a server of this machine, but tokens would be fetched from "
                            + connector.title() + " itself",
                    "Add --set token_url=ADDRESS too. The simulated vendors' token addresses are in docs/sandbox.md;"
                            + " those of `toolpost dev` are shown by toolpost connections show.");
        }
    }

    private static boolean isOnThisMachine(String url) {
        String host = URI.create(url).getHost();
        return "127.0.0.1".equals(host) || "localhost".equals(host) || "[::1]".equals(host);
    }

    private static CliException exists(ConnectionRecord connection) {
        return CliException.usage(
                "the connection " + connection.id() + " exists already",
                "Take another name, or add --replace to overwrite it.");
    }

    private Auth auth(Connector connector) {
        if (auth == null) {
            Set<String> given = secret.fieldsGiven();
            return connector.auth().stream()
                    .filter(each -> !given.isEmpty() && given.containsAll(each.secretFields()))
                    .filter(each -> !each.secretFields().isEmpty())
                    .findFirst()
                    .orElse(connector.auth().getFirst());
        }
        Auth chosen = connector.auth(auth);
        if (chosen == null) {
            throw CliException.usage(
                    "--auth " + auth + " (expected: "
                            + connector.auth().stream().map(Auth::id).collect(Collectors.joining(" or ")) + ")",
                    "");
        }
        return chosen;
    }

    private ConnectionRecord connection(ToolpostConfig config, Connector connector, Auth chosen) {
        Set<String> known = connector.variables().stream().map(Variable::name).collect(Collectors.toSet());
        for (String variable : variables.keySet()) {
            if (!known.contains(variable)) {
                throw CliException.usage(
                        "--set " + variable + ": " + connector.title() + " has no such variable",
                        known.isEmpty() ? "It has none." : "It has: " + String.join(", ", known));
            }
        }
        connector.baseUrl(chosen.id()).resolve(variables);
        chosen.addresses().forEach(address -> address.resolveForSecrets(variables));
        if (chosen instanceof Auth.Fetched) {
            requireTokenAddress(connector);
        }
        try {
            return new ConnectionRecord(
                    tenant.require(config),
                    name,
                    vendor,
                    chosen.id(),
                    variables,
                    overrides(connector, chosen),
                    new LinkedHashSet<>(scopes),
                    labels);
        } catch (IllegalArgumentException wrong) {
            throw CliException.usage(String.valueOf(wrong.getMessage()), "", wrong);
        }
    }

    private Map<String, LimitOverride> overrides(Connector connector, Auth chosen) {
        if (limits.isEmpty()) {
            return keptLimits;
        }
        Set<String> known = connector.limits().stream()
                .filter(limit -> limit.appliesTo(chosen.id()))
                .map(Limit::name)
                .collect(Collectors.toSet());
        Map<String, LimitOverride> overrides = new LinkedHashMap<>();
        limits.forEach((limit, text) -> {
            if (!known.contains(limit)) {
                throw CliException.usage(
                        "--limit " + limit + ": " + connector.title() + " has no such limit",
                        "It has: " + String.join(", ", known));
            }
            overrides.put(limit, override(limit, text));
        });
        return overrides;
    }

    private static LimitOverride override(String limit, String text) {
        int slash = text.indexOf('/');
        try {
            int permits = Integer.parseInt(slash < 0 ? text : text.substring(0, slash));
            Duration window = slash < 0 ? null : new DurationOption().convert(text.substring(slash + 1));
            return new LimitOverride(permits, window);
        } catch (IllegalArgumentException | TypeConversionException wrong) {
            throw CliException.usage(
                    "--limit " + limit + "=" + text + " (expected: PERMITS or PERMITS/WINDOW, such as 190/10s)",
                    "",
                    wrong);
        }
    }
}
