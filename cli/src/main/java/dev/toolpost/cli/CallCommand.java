package dev.toolpost.cli;

import dev.toolpost.client.CallSpec;
import dev.toolpost.client.Reply;
import dev.toolpost.client.ToolpostClient;
import dev.toolpost.connectors.ConnectorCatalogue;
import dev.toolpost.connectors.Operation;
import dev.toolpost.connectors.ResponseKind;
import dev.toolpost.connectors.ToolRef;
import dev.toolpost.schemas.Format;
import dev.toolpost.schemas.Topics;
import dev.toolpost.worker.config.ToolpostConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code toolpost call}: publishes a call and awaits the reply. */
@Command(
        name = "call",
        description = "Publishes a tool call, awaits the reply and prints it.",
        footer = {
            "",
            "Examples, against `toolpost dev`:",
            "  toolpost call hubspot_list_contacts --connection demo-hubspot --arg limit=3",
            "  toolpost call hubspot_get_contact --connection demo-hubspot --arg contact_id=51",
            "  toolpost call hubspot_list_contacts --connection demo-hubspot --all --max-records 1000 --out contacts.ndjson",
            "  toolpost call hubspot_create_contact --connection demo-hubspot --json"
                    + " '{\"properties\":{\"email\":\"ada@example.com\"}}'"
        })
final class CallCommand implements Callable<Integer> {
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    /** The shape of a result. */
    enum View {
        NATIVE,
        UNIFIED
    }

    @Mixin
    private CommonOptions common = new CommonOptions();

    @Parameters(paramLabel = "TOOL", description = "The tool, as `toolpost tools list` names it.")
    private String tool = "";

    @Option(names = "--connection", required = true, paramLabel = "NAME", description = "The connection to use.")
    private String connection = "";

    @Option(
            names = "--tenant",
            paramLabel = "NAME",
            description = "The connection's tenant. Default: default_tenant of the configuration (`dev` sets dev).")
    private @Nullable String tenant;

    @Mixin
    private CallArguments arguments = new CallArguments();

    @Mixin
    private TraversalOptions traversal = new TraversalOptions();

    @Option(
            names = "--view",
            paramLabel = "native|unified",
            description = "The vendor's own shape, or the common model where the tool has one. Default: native.")
    private @Nullable View view;

    @Option(
            names = "--select",
            paramLabel = "EXPRESSION",
            description =
                    "Only this of the result: a JSONata expression over it, such as 'results.id'; of each record in the unified"
                            + " view and with --all.")
    private @Nullable String select;

    @Option(
            names = "--cursor",
            paramLabel = "CURSOR",
            description = "Where to go on: the next_cursor of an earlier reply.")
    private @Nullable String cursor;

    @Option(
            names = "--dry-run",
            description = "Show the request that would be sent, credentials redacted; send nothing.")
    private boolean dryRun;

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            converter = DurationOption.class,
            description =
                    "How long the call may take. Default: 30s, or what the tool's own work may take; with --all 1h.")
    private @Nullable Duration timeout;

    @Option(
            names = "--format",
            paramLabel = "avro|json",
            defaultValue = "json",
            description = "The form in which call and reply travel; avro needs a schema registry. Default: json.")
    private Format format = Format.JSON;

    @Option(
            names = "--reply-to",
            paramLabel = "TOPIC",
            description = "Topic on which to await the reply; it must exist. Default: the shared one.")
    private @Nullable String replyTo;

    @Option(names = "--call-id", paramLabel = "ID", description = "The call's id. Default: a new one.")
    private @Nullable String callId;

    @Option(
            names = "--idempotency-key",
            paramLabel = "KEY",
            description = "Identity of a write: the same key again gets the recorded reply.")
    private @Nullable String idempotencyKey;

    @Override
    public Integer call() throws InterruptedException {
        traversal.requireSense();
        ToolpostConfig config = common.load();
        requireAllowedReplyTopic(config);
        ConnectorCatalogue catalogue = KnownConnectors.withTool(common, config, tool);
        ToolRef known = catalogue.byTool(tool);
        CallSpec spec = spec(known);
        if (traversal.all() && !dryRun) {
            // The file before the call: a call whose records nobody keeps is not made.
            try (ToolpostClient client = Setup.client(config, catalogue, format, replyTo);
                    RecordOutput output = traversal.open(common)) {
                return CallTraversal.run(config, client, spec, common, traversal, output);
            }
        }
        Path out = traversal.out();
        if (out != null) {
            try (ToolpostClient client = Setup.client(config, catalogue, format, replyTo);
                    ResultFile file = ResultFile.create(out)) {
                return file.take(Setup.execute(config, client, spec), kind(known), common);
            }
        }
        try (ToolpostClient client = Setup.client(config, catalogue, format, replyTo)) {
            long started = System.nanoTime();
            Reply reply = Setup.execute(config, client, spec);
            return new ReplyPrinter(common).print(reply, Duration.ofNanos(System.nanoTime() - started));
        }
    }

    /** Every worker would leave such a call without an answer. */
    private void requireAllowedReplyTopic(ToolpostConfig config) {
        Pattern allowed = config.topics().replyPattern();
        if (replyTo != null && !allowed.matcher(replyTo).matches()) {
            throw CliException.usage(
                    "--reply-to " + replyTo + " (expected: a topic whose name matches " + allowed.pattern() + ")",
                    "Name such a topic, such as " + new Topics(config.prefix()).replies()
                            + ", or allow this one by topics.reply_pattern in the configuration, at the workers too.");
        }
    }

    private Duration timeout(@Nullable ToolRef known) {
        if (timeout != null) {
            return timeout;
        }
        if (traversal.all()) {
            return TraversalOptions.TIMEOUT;
        }
        if (known == null) {
            return TIMEOUT;
        }
        Operation operation = known.tool().operation();
        Duration own = operation == null ? known.tool().timeout() : operation.deadline();
        return own.compareTo(TIMEOUT) > 0 ? own : TIMEOUT;
    }

    /** What the whole result is; null where that is not known here. */
    private @Nullable ResponseKind kind(@Nullable ToolRef known) {
        if (known == null || dryRun) {
            return null;
        }
        Operation operation = known.tool().operation();
        Operation.Download download = operation == null ? null : operation.download();
        return download == null ? known.tool().response() : download.response();
    }

    private CallSpec spec(@Nullable ToolRef known) {
        String text = arguments.text(known == null ? null : known.tool());
        try {
            CallSpec.Builder spec = CallSpec.builder(tool, connection)
                    .arguments(text)
                    .timeout(timeout(known))
                    .format(format)
                    .dryRun(dryRun);
            if (tenant != null) {
                spec.tenant(tenant);
            }
            if (cursor != null) {
                spec.cursor(cursor);
            }
            if (callId != null) {
                spec.callId(callId);
            }
            if (idempotencyKey != null) {
                spec.idempotencyKey(idempotencyKey);
            }
            if (view != null) {
                spec.view(view.name().toLowerCase(Locale.ROOT));
            }
            if (select != null) {
                spec.select(select);
            }
            traversal.apply(spec);
            return spec.build();
        } catch (IllegalArgumentException wrong) {
            throw CliException.usage(String.valueOf(wrong.getMessage()), "", wrong);
        }
    }
}
