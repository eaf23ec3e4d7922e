package dev.toolpost.cli;

import dev.toolpost.connectors.Auth;
import dev.toolpost.connectors.Connector;
import dev.toolpost.connectors.ConnectorCatalogue;
import dev.toolpost.connectors.ConnectorLoader;
import dev.toolpost.connectors.Problem;
import dev.toolpost.connectors.ToolRef;
import dev.toolpost.worker.config.ToolpostConfig;
import dev.toolpost.worker.credentials.ConnectionRecord;
import dev.toolpost.worker.credentials.Secret;
import dev.toolpost.worker.credentials.StoredConnection;
import dev.toolpost.worker.http.AddressPolicy;
import dev.toolpost.worker.http.VendorHttp;
import dev.toolpost.worker.http.VendorHttpSettings;
import dev.toolpost.worker.request.RequestProblemException;
import dev.toolpost.worker.trial.Trial;
import java.net.URI;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
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
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** {@code connectors try}: one request of a connector's tool, without Kafka. */
@Command(
        name = "try",
        description =
                "Sends one request of a connector's tool, without Kafka, and shows it (secrets masked), the answer, and how"
                        + " it was understood: the rule that matched, what it means, waits, the next page. A write is really made,"
                        + " once, unless --dry-run. Exit code 1 if the answer is an error.")
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

    @Option(names = "--dry-run", description = "Show the request and send nothing.")
    private boolean dryRun;

    @Override
    public Integer call() {
        Connector connector = read();
        if (connector == null) {
            return ExitCode.ANSWERED_WITH_ERROR;
        }
        ToolRef ref = find(connector);
        if (connector.database() != null) {
            throw CliException.usage(
                    connector.title() + " is a database, and try sends requests over HTTP",
                    "Let a worker run the statement: toolpost call "
                            + ref.tool().name());
        }
        ToolpostConfig config = common.load();
        StoredConnection stored = stored(config, connector);
        ConnectionRecord record = stored == null ? unstored(connector) : stored.connection();
        Secret credential = stored == null ? typed(connector, record) : stored.secret();
        Trial trial = prepare(ref, record, credential);
        TrialPrinter printer = new TrialPrinter(common);
        printer.request(trial.shown());
        int exitCode = ExitCode.OK;
        if (!dryRun) {
            try (VendorHttp http = new VendorHttp(VendorHttpSettings.DEFAULTS
                    .withConnectTimeout(config.http().connectTimeout())
                    .withMaxBodyBytes(
                            Math.toIntExact(config.http().maxResponseSize().bytes()))
                    .withAddresses(AddressPolicy.allowing(allowed(config))))) {
                exitCode = printer.answer(connector, ref.tool(), trial.send(http, InstantSource.system()));
            }
        }
        printer.end();
        return exitCode;
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

    private Trial prepare(ToolRef ref, ConnectionRecord record, Secret credential) {
        ObjectNode given = (ObjectNode) JsonMapper.shared().readTree(arguments.text(ref.tool()));
        try {
            return switch (Trial.prepare(ref, given, record, credential, baseUrl())) {
                case Trial.Prepared.Ready(Trial ready) -> ready;
                case Trial.Prepared.Invalid(var problems) ->
                    throw CliException.usage(
                            "the arguments are not valid: "
                                    + problems.stream()
                                            .map(each -> each.path() + " " + each.message())
                                            .collect(Collectors.joining("; ")),
                            "A worker answers INVALID_ARGUMENTS to them.");
            };
        } catch (RequestProblemException problem) {
            throw CliException.usage(problem.getMessage(), "", problem);
        }
    }

    private @Nullable StoredConnection stored(ToolpostConfig config, Connector connector) {
        if (connection == null) {
            return null;
        }
        String owner = tenant == null ? config.defaultTenant() : tenant;
        if (owner == null) {
            throw CliException.usage("no tenant (expected: --tenant NAME, or default_tenant in the configuration)", "");
        }
        StoredConnection found = Connections.find(Setup.credentials(config), owner, connection);
        if (!found.connection().vendor().equals(connector.vendor())) {
            throw CliException.usage(
                    "the connection " + found.connection().id() + " is one of "
                            + found.connection().vendor() + " (expected: of " + connector.vendor() + ")",
                    "Give a secret with --secret-file instead.");
        }
        if (connector.auth(found.connection().authKind()) instanceof Auth.Fetched
                && found.secret().get(Auth.Fetched.ACCESS_TOKEN) == null) {
            throw CliException.usage(
                    "the connection " + found.connection().id() + " has no access token yet",
                    "A worker fetches one with the first call; or give one: --secret-file access_token=FILE");
        }
        return found;
    }

    private ConnectionRecord unstored(Connector connector) {
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
        return dryRun ? placeholder(way) : secret.readForRequest(way);
    }

    /** What a dry run shows needs no secret. */
    private static Secret placeholder(Auth way) {
        Map<String, String> fields = new HashMap<>();
        way.secretFields().forEach(field -> fields.put(field, "not-asked"));
        fields.put(Auth.Fetched.ACCESS_TOKEN, "not-asked");
        return Secret.of(fields);
    }

    private @Nullable String baseUrl() {
        if (baseUrl == null) {
            return null;
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
        if (baseUrl != null && String.valueOf(URI.create(baseUrl).getHost()).matches("localhost|127\\..*|\\[::1]")) {
            allowed.add("127.0.0.0/8");
            allowed.add("::1/128");
        }
        return allowed;
    }
}
