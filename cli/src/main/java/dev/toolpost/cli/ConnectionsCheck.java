package dev.toolpost.cli;

import dev.toolpost.client.CallSpec;
import dev.toolpost.client.Reply;
import dev.toolpost.client.ToolpostClient;
import dev.toolpost.connectors.ConnectionCheck;
import dev.toolpost.connectors.Connector;
import dev.toolpost.connectors.ConnectorCatalogue;
import dev.toolpost.connectors.Effect;
import dev.toolpost.connectors.Paging;
import dev.toolpost.connectors.Tool;
import dev.toolpost.message.ToolError;
import dev.toolpost.schemas.Format;
import dev.toolpost.worker.config.ToolpostConfig;
import dev.toolpost.worker.credentials.ConnectionRecord;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code toolpost connections check}: one real read by the connection. It goes the way of every call, so that it proves what
 * counts: that a worker is there, sees the connection, keeps the account's limits and is let in by the vendor.
 */
@Command(
        name = "check",
        description =
                "Tries a connection with its connector's check, or its cheapest read, as a call through Kafka and a worker; tells whose account it is where the vendor says so.")
final class ConnectionsCheck implements Callable<Integer> {
    @Mixin
    private CommonOptions common = new CommonOptions();

    @Parameters(paramLabel = "NAME", description = "The connection.")
    private String name = "";

    @Mixin
    private Connections.Tenant tenant = new Connections.Tenant();

    @Option(
            names = "--tool",
            paramLabel = "TOOL",
            description =
                    "The read to try, with --arg where it needs arguments. Default: the connector's check, else the"
                            + " cheapest that needs none.")
    private @Nullable String tool;

    @Mixin
    private CallArguments arguments = new CallArguments();

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            defaultValue = "30s",
            converter = DurationOption.class,
            description = "How long it may take. Default: 30s.")
    private Duration timeout = Duration.ofSeconds(30);

    @Override
    public Integer call() throws InterruptedException {
        ToolpostConfig config = common.load();
        ConnectionRecord connection = Connections.find(Setup.credentials(config), tenant.require(config), name)
                .connection();
        ConnectorCatalogue catalogue = KnownConnectors.withVendor(common, config, connection.vendor());
        Connector connector = Connections.connector(catalogue, connection.vendor());
        ConnectionCheck check = check(connector, connection);
        CallSpec spec = spec(catalogue, connector, check, connection);
        try (ToolpostClient client = Setup.client(config, catalogue, Format.JSON, null)) {
            long started = System.nanoTime();
            Reply reply = Setup.execute(config, client, spec);
            print(connection, spec.tool(), reply, who(check, reply), Duration.ofNanos(System.nanoTime() - started));
            return reply.isOk() ? ExitCode.OK : ExitCode.ANSWERED_WITH_ERROR;
        }
    }

    /** The connector's own check, where it has one for this way to authenticate and no other tool was named. */
    private @Nullable ConnectionCheck check(Connector connector, ConnectionRecord connection) {
        ConnectionCheck check = connector.check();
        return tool == null && check != null && check.isFor(connection.authKind()) ? check : null;
    }

    private CallSpec spec(
            ConnectorCatalogue catalogue,
            Connector connector,
            @Nullable ConnectionCheck check,
            ConnectionRecord connection) {
        if (check != null) {
            return CallSpec.builder(check.tool(), connection.connection())
                    .tenant(connection.tenant())
                    .arguments(check.arguments().toString())
                    .timeout(timeout)
                    .build();
        }
        Tool chosen;
        if (tool != null) {
            chosen = Tools.find(catalogue, tool).tool();
            if (chosen.effect() != Effect.READ) {
                throw CliException.usage("--tool " + tool + " changes data (expected: a tool that only reads)", "");
            }
        } else {
            chosen = cheapestRead(connector, connection.vendor());
        }
        Paging paging = chosen.paging();
        Paging.PageSize size = tool != null || paging == null ? null : paging.pageSize();
        String text = size == null
                ? arguments.text(chosen)
                : new CallArguments(null, List.of(Paging.LIMIT + "=" + size.smallest())).text(chosen);
        return CallSpec.builder(chosen.name(), connection.connection())
                .tenant(connection.tenant())
                .arguments(text)
                .timeout(timeout)
                .build();
    }

    /** A read that needs no arguments; of several one whose page can be kept to a single record. */
    private static Tool cheapestRead(Connector connector, String vendor) {
        Optional<Tool> cheapest = connector.tools().values().stream()
                .filter(each -> each.effect() == Effect.READ)
                .filter(each -> each.arguments().path("required").isEmpty())
                .min(Comparator.comparing(
                        each -> each.paging() == null || each.paging().pageSize() == null));
        return cheapest.orElseThrow(() -> CliException.usage(
                connector.title() + " has no read that needs no arguments",
                "Name one: --tool TOOL --arg NAME=VALUE. All tools: toolpost tools list --vendor " + vendor));
    }

    /** Whose account it is, by the places that the connector names. */
    private static List<String> who(@Nullable ConnectionCheck check, Reply reply) {
        String text = reply.content();
        if (check == null || text == null || !reply.isOk()) {
            return List.of();
        }
        JsonNode content;
        try {
            content = JsonMapper.shared().readTree(text);
        } catch (JacksonException notJson) {
            return List.of();
        }
        return check.shows().stream()
                .map(content::at)
                .filter(JsonNode::isValueNode)
                .filter(value -> !value.isNull())
                .map(value -> Text.cut(value.asString(), 100))
                .toList();
    }

    private void print(ConnectionRecord connection, String tried, Reply reply, List<String> who, Duration took) {
        ToolError error = reply.error();
        if (common.json()) {
            ObjectNode result = Json.object();
            result.put("connection", connection.id())
                    .put("ok", reply.isOk())
                    .put("tool", tried)
                    .put("took_ms", took.toMillis());
            ArrayNode account = result.putArray("account");
            who.forEach(account::add);
            if (error != null) {
                result.putObject("error")
                        .put("code", error.getCode())
                        .put("message", error.getMessage())
                        .put("remedy", error.getRemedy());
            }
            common.out().println(Json.print(result));
        } else if (error == null) {
            common.out()
                    .println(connection.id() + " works: " + tried + " answered in " + took.toMillis() + " ms"
                            + ReplyPrinter.figures(reply.last())
                            + (who.isEmpty() ? "" : "; the account is " + String.join(", ", who)));
        } else {
            common.out().println(connection.id() + " does not work: " + tried + " failed");
            common.out().flush();
            ReplyPrinter.print(common.err(), error);
        }
    }
}
