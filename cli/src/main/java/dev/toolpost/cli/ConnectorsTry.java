package dev.toolpost.cli;

import dev.toolpost.connectors.ArgumentProblem;
import dev.toolpost.connectors.Auth;
import dev.toolpost.connectors.Connector;
import dev.toolpost.connectors.ConnectorCatalogue;
import dev.toolpost.connectors.ConnectorLoader;
import dev.toolpost.connectors.Loopback;
import dev.toolpost.connectors.Problem;
import dev.toolpost.connectors.ToolRef;
import dev.toolpost.worker.config.ToolpostConfig;
import dev.toolpost.worker.credentials.ConnectionRecord;
import dev.toolpost.worker.credentials.CredentialStore;
import dev.toolpost.worker.credentials.InMemoryCredentialStore;
import dev.toolpost.worker.credentials.Secret;
import dev.toolpost.worker.credentials.StoredConnection;
import dev.toolpost.worker.http.AddressPolicy;
import dev.toolpost.worker.http.VendorHttp;
import dev.toolpost.worker.http.VendorHttpSettings;
import dev.toolpost.worker.request.RequestProblemException;
import dev.toolpost.worker.sql.VendorSql;
import dev.toolpost.worker.sql.VendorSqlSettings;
import dev.toolpost.worker.trial.Trial;
import java.net.URI;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** {@code connectors try}: one call of a connector's tool, without Kafka. */
@Command(
        name = "try",
        description =
                "Makes one call of a connector's tool, without Kafka, and shows what is sent (secrets masked), the answer, and"
                        + " how it was understood: the rule that matched, what it means, waits, the next page. Tokens are fetched,"
                        + " statements run, operations followed to their end. A write is really made, once, unless --dry-run. Exit"
                        + " code 1 if the answer is an error.")
final class ConnectorsTry implements Callable<Integer> {
    @Mixin
    private CommonOptions common = new CommonOptions();

    @Parameters(index = "0", paramLabel = "FILE", description = "The connector's file.")
    private Path file = Path.of("");

    @Parameters(index = "1", paramLabel = "TOOL", description = "The tool, with or without the vendor before its name.")
    private String tool = "";

    @Mixin
    private CallArguments arguments = new CallArguments();

    @Mixin
    private SecretInput secret = new SecretInput();

    @Option(names = "--connection", paramLabel = "NAME", description = "Use a stored connection and its secret.")
    private @Nullable String connection;

    @Option(
            names = "--tenant",
            paramLabel = "NAME",
            description = "Its tenant. Default: default_tenant of the configuration.")
    private @Nullable String tenant;

    @Option(names = "--auth", paramLabel = "KIND", description = "How to authenticate. Default: the connector's first.")
    private @Nullable String auth;

    @Option(
            names = "--set",
            paramLabel = "VARIABLE=VALUE",
            description = "A variable of the connector; repeat for more.")
    private Map<String, String> variables = new HashMap<>();

    @Option(
            names = "--base-url",
            paramLabel = "URL",
            description =
                    "Send it there instead of the connector's base_url, for instance to a server of this machine.")
    private @Nullable String baseUrl;

    @Option(
            names = "--use-refresh-token",
            description =
                    "Fetch a token with the refresh token that is given here although the vendor may replace it: the new one is not"
                            + " kept, and the old one may work no more. A stored connection keeps it.")
    private boolean useRefreshToken;

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            converter = DurationOption.class,
            description = "How long to wait for work that the vendor takes on. Default: 1m.")
    private Duration timeout = Duration.ofMinutes(1);

    @Option(names = "--dry-run", description = "Show the request and send nothing.")
    private boolean dryRun;

    @Override
    public Integer call() throws InterruptedException {
        Connector connector = read();
        if (connector == null) {
            return ExitCode.ANSWERED_WITH_ERROR;
        }
        ToolRef ref = find(connector);
        String address = baseUrl(connector);
        ToolpostConfig config = common.load();
        ObjectNode given = given(ref);
        CredentialStore store = connection == null ? new InMemoryCredentialStore() : Setup.credentials(config);
        StoredConnection used = connection == null ? unstored(store, connector) : stored(store, config, connector);
        TrialPrinter printer = new TrialPrinter(common, connector);
        AddressPolicy addresses = AddressPolicy.allowing(allowed(config));
        int longest = Math.toIntExact(config.http().maxResponseSize().bytes());
        try (VendorHttp http = new VendorHttp(VendorHttpSettings.DEFAULTS
                        .withConnectTimeout(config.http().connectTimeout())
                        .withMaxBodyBytes(longest)
                        .withAddresses(addresses));
                VendorSql sql = new VendorSql(VendorSqlSettings.DEFAULTS
                        .withConnectTimeout(config.http().connectTimeout())
                        .withMaxBodyBytes(longest)
                        .withAddresses(addresses));
                Trial trial = new Trial(
                        ref, store, used, address, http, sql, printer, InstantSource.system(), new SecureRandom())) {
            int exitCode = printer.ended(dryRun ? trial.show(given) : trial.run(given, timeout));
            if (connection == null && trial.replacedTheGrant(used.secret())) {
                printer.note(
                        "The vendor replaced the refresh token. The one that was given may work no more: authorise the"
                                + " account again before it is stored.");
            }
            printer.end();
            return exitCode;
        } catch (RequestProblemException problem) {
            throw CliException.usage(problem.getMessage(), "", problem);
        }
    }

    /** The connector; null, with its problems printed, where it cannot be used. */
    private @Nullable Connector read() {
        ConnectorLoader.Reading reading = new ConnectorLoader().read(file.toString(), Connectors.Lint.read(file));
        reading.errors().stream().map(Problem::toString).map(Text::visible).forEach(common.err()::println);
        return reading.connector();
    }

    private ToolRef find(Connector connector) {
        ConnectorCatalogue catalogue = ConnectorCatalogue.of(List.of(connector));
        ToolRef ref = catalogue.byTool(connector.vendor() + "_" + tool);
        String prefix = connector.vendor() + "_";
        return ref != null ? ref : Tools.find(catalogue, tool.startsWith(prefix) ? tool : prefix + tool);
    }

    private ObjectNode given(ToolRef ref) {
        ObjectNode given = (ObjectNode) JsonMapper.shared().readTree(arguments.text(ref.tool()));
        List<ArgumentProblem> problems = Trial.problems(ref, given);
        if (!problems.isEmpty()) {
            throw CliException.usage(
                    "the arguments are not valid: "
                            + problems.stream()
                                    .map(each -> each.path() + " " + each.message())
                                    .collect(Collectors.joining("; ")),
                    "A worker answers INVALID_ARGUMENTS to them.");
        }
        return given;
    }

    private StoredConnection stored(CredentialStore store, ToolpostConfig config, Connector connector) {
        String owner = tenant == null ? config.defaultTenant() : tenant;
        if (owner == null) {
            throw CliException.usage("no tenant (expected: --tenant NAME, or default_tenant in the configuration)", "");
        }
        StoredConnection found = Connections.find(store, owner, String.valueOf(connection));
        if (!found.connection().vendor().equals(connector.vendor())) {
            throw CliException.usage(
                    "the connection " + found.connection().id() + " is one of "
                            + found.connection().vendor() + " (expected: of " + connector.vendor() + ")",
                    "Give a secret with --secret-file instead.");
        }
        return found;
    }

    /** In a store of this process, which ends with it. */
    private StoredConnection unstored(CredentialStore store, Connector connector) {
        ConnectionRecord record = described(connector);
        store.put(record, typed(connector, record), CredentialStore.ANY);
        return Objects.requireNonNull(store.find(record.tenant(), record.connection()), "connection just stored");
    }

    private ConnectionRecord described(Connector connector) {
        String kind = auth == null ? connector.auth().getFirst().id() : auth;
        if (connector.auth(kind) == null) {
            throw CliException.usage(
                    "--auth " + kind + " (expected: "
                            + connector.auth().stream().map(Auth::id).collect(Collectors.joining(" or ")) + ")",
                    "");
        }
        return new ConnectionRecord("try", "try", connector.vendor(), kind, variables, Map.of(), Set.of(), Map.of());
    }

    private Secret typed(Connector connector, ConnectionRecord record) {
        Auth way = connector.auth(record.authKind());
        if (way == null || way instanceof Auth.None) {
            return Secret.none();
        }
        if (dryRun) {
            return placeholder(way);
        }
        Secret given = secret.readForRequest(way);
        return way instanceof Auth.Fetched fetched ? forFetching(fetched, given) : given;
    }

    /** Nobody is to lose a grant by a trial: a refresh token that the vendor may replace is used only where that is meant. */
    private Secret forFetching(Auth.Fetched way, Secret given) {
        boolean hasToken = given.get(Auth.Fetched.ACCESS_TOKEN) != null;
        boolean isSpent = given.get(Auth.OAuth2.REFRESH_TOKEN) != null && way.rotates() && !useRefreshToken;
        if (isSpent && !hasToken) {
            throw CliException.usage(
                    "the vendor may replace the refresh token when it is used, and the new one would be lost",
                    "Store the connection (toolpost connections add) and use --connection NAME; or give the access token:"
                            + " --secret-file access_token=FILE; or, where losing it is no harm, add --use-refresh-token.");
        }
        Secret used = isSpent ? without(given, Auth.OAuth2.REFRESH_TOKEN) : given;
        // Somebody who gives a token means it to be used; how long it lives is not known here.
        return hasToken && used.get(Auth.Fetched.EXPIRES_AT) == null
                ? used.with(
                        Auth.Fetched.EXPIRES_AT,
                        Long.toString(Instant.now().plus(Duration.ofHours(1)).toEpochMilli()))
                : used;
    }

    private static Secret without(Secret secret, String left) {
        Map<String, String> fields = new HashMap<>();
        secret.names().stream()
                .filter(name -> !name.equals(left))
                .forEach(name -> fields.put(name, String.valueOf(secret.get(name))));
        return Secret.of(fields);
    }

    /** What a dry run shows needs no secret. */
    private static Secret placeholder(Auth way) {
        Map<String, String> fields = new HashMap<>();
        way.secretFields().forEach(field -> fields.put(field, "not-asked"));
        fields.put(Auth.Fetched.ACCESS_TOKEN, "not-asked");
        return Secret.of(fields);
    }

    private @Nullable String baseUrl(Connector connector) {
        if (baseUrl == null) {
            return null;
        }
        if (connector.database() != null) {
            throw CliException.usage(
                    "--base-url " + baseUrl + ": " + connector.title() + " is a database",
                    "Say where it is by its variables: "
                            + connector.variables().stream()
                                    .map(variable -> "--set " + variable.name() + "=…")
                                    .collect(Collectors.joining(" ")));
        }
        if (!baseUrl.matches("https?://[^\\s/?#@]+(/[^\\s?#]*)?")) {
            throw CliException.usage(
                    "--base-url " + baseUrl + " (expected: http:// or https://, a host and perhaps a path)", "");
        }
        return baseUrl.endsWith("/") ? baseUrl.substring(0, baseUrl.length() - 1) : baseUrl;
    }

    /** Who names a server of this machine on the command line means it. */
    private List<String> allowed(ToolpostConfig config) {
        List<String> allowed = new ArrayList<>(config.http().allowAddresses());
        boolean here = Stream.concat(Stream.ofNullable(baseUrl), variables.values().stream())
                .anyMatch(ConnectorsTry::isThisMachine);
        if (here) {
            allowed.add("127.0.0.0/8");
            allowed.add("::1/128");
        }
        return allowed;
    }

    private static boolean isThisMachine(String address) {
        try {
            URI uri = URI.create(address);
            return Loopback.isLoopback(uri.getHost() == null ? address : uri.getHost());
        } catch (IllegalArgumentException noAddress) {
            return false;
        }
    }
}
