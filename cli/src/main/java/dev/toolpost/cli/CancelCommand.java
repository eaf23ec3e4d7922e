package dev.toolpost.cli;

import dev.toolpost.connectors.ConnectorCatalogue;
import dev.toolpost.message.ToolCall;
import dev.toolpost.schemas.Format;
import dev.toolpost.schemas.Ids;
import dev.toolpost.schemas.MessageCodec;
import dev.toolpost.schemas.Shards;
import dev.toolpost.schemas.Topics;
import dev.toolpost.worker.config.ToolpostConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code toolpost cancel}. */
@Command(
        name = "cancel",
        description =
                "Cancels a call, also one that waits for its time: it is answered with CANCELLED. Of a write that was already"
                        + " sent nothing is taken back.",
        footer = {"", "A job is cancelled by toolpost jobs cancel, one of its parts by its call id, JOB.PART, here."})
final class CancelCommand implements Callable<Integer> {
    private static final MessageCodec<ToolCall> CODEC = MessageCodec.of(ToolCall.class, null);

    @Mixin
    private CommonOptions common = new CommonOptions();

    @Parameters(paramLabel = "CALL_ID", description = "The call's id, as every frame of its reply has it.")
    private String callId = "";

    @Option(
            names = "--tool",
            paramLabel = "TOOL",
            description = "The call's tool. Without it and --connection, the call is looked for in its topics.")
    private @Nullable String tool;

    @Option(names = "--connection", paramLabel = "NAME", description = "The call's connection.")
    private @Nullable String connection;

    @Mixin
    private Connections.Tenant tenant = new Connections.Tenant();

    @Option(
            names = "--since",
            paramLabel = "DURATION",
            converter = DurationOption.class,
            description = "How far back the call is looked for. Default: 1h.")
    private Duration since = Duration.ofHours(1);

    @Override
    public Integer call() throws InterruptedException {
        if (!Ids.isCallId(callId)) {
            throw CliException.usage(
                    "CALL_ID \"" + callId + "\" (expected: 1 to 200 printable characters without a space)", "");
        }
        ToolpostConfig config = common.load();
        if ((tool == null) != (connection == null)) {
            throw CliException.usage(
                    (tool == null ? "--connection" : "--tool") + " is given alone",
                    "Give both, or none: then the call is looked for.");
        }
        ConnectorCatalogue catalogue = KnownConnectors.all(common, config);
        FoundCall found = tool == null || connection == null
                ? look(config, catalogue)
                : new FoundCall(tool, tenant.require(config), connection);
        cancel(config, catalogue, found);
        if (common.json()) {
            common.out()
                    .println(Json.print(Json.object()
                            .put("call_id", callId)
                            .put("tool", found.tool())
                            .put("tenant", found.tenant())
                            .put("connection", found.connection())
                            .put("sent", true)));
        } else {
            common.out()
                    .println("cancel of " + callId + " (" + found.tool() + ", " + found.tenant() + "/"
                            + found.connection() + ") is sent; the call's reply says what became of it");
        }
        return ExitCode.OK;
    }

    private FoundCall look(ToolpostConfig config, ConnectorCatalogue catalogue) {
        Topics topics = new Topics(config.prefix());
        List<String> names = new ArrayList<>();
        for (String pool : Setup.pools(config, catalogue)) {
            names.add(topics.calls(pool));
            names.add(topics.batch(pool));
            names.add(topics.resume(pool));
        }
        FoundCall found = CallSearch.find(config, names, callId, System.currentTimeMillis() - since.toMillis());
        if (found == null) {
            throw CliException.usage(
                    "no call " + callId + " came within the last " + JobView.span(since),
                    "Look farther back with --since, or name its --tool and --connection (and --tenant).");
        }
        return found;
    }

    private void cancel(ToolpostConfig config, ConnectorCatalogue catalogue, FoundCall found)
            throws InterruptedException {
        ToolCall cancel = ToolCall.newBuilder()
                .setCallId(callId)
                .setTool(found.tool())
                .setTenant(found.tenant())
                .setConnection(found.connection())
                .setAction("cancel")
                .build();
        String topic = Setup.topicOf(new Topics(config.prefix()), catalogue, found.tool());
        CommandTopic.publish(
                config,
                topic,
                Shards.key(found.tenant(), found.connection()),
                CODEC.encode(topic, cancel, Format.JSON));
    }
}
