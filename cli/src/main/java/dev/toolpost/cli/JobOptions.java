package dev.toolpost.cli;

import dev.toolpost.connectors.Tool;
import dev.toolpost.connectors.ToolRef;
import dev.toolpost.message.Job;
import dev.toolpost.schemas.Format;
import dev.toolpost.schemas.Topics;
import dev.toolpost.worker.config.ToolpostConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options of commands that describe a job. */
final class JobOptions {
    @Option(
            names = "--connection",
            split = ",",
            paramLabel = "NAME",
            description = "A connection to fetch from; several times or separated by commas for several.")
    private List<String> connections = new ArrayList<>();

    @Option(
            names = "--vendor",
            paramLabel = "VENDOR",
            description = "In place of --connection: all connections of the tenant at this vendor.")
    private @Nullable String vendor;

    @Mixin
    private Connections.Tenant tenant = new Connections.Tenant();

    @Mixin
    private CallArguments arguments = new CallArguments();

    @Option(
            names = "--expand",
            paramLabel = "NAME=VALUES",
            description =
                    "An argument that differs from part to part: A,B,C or FROM..TO/STEP for numbers (/10) and dates (/1d, /7d,"
                            + " /1M); NAME_FROM,NAME_TO=… gives windows. Repeat for more: every combination is a part.")
    private List<String> expand = new ArrayList<>();

    @Option(names = "--max-records", paramLabel = "N", description = "Stop each part after N records.")
    private @Nullable Long maxRecords;

    @Option(names = "--max-pages", paramLabel = "N", description = "Stop each part after N pages.")
    private @Nullable Integer maxPages;

    @Option(names = "--concurrency", paramLabel = "N", description = "Parts under way at once. Default: as configured.")
    private @Nullable Integer concurrency;

    @Option(
            names = "--priority",
            paramLabel = "1..9",
            description = "1 (after all others) to 9 (before them), among the jobs of one tenant. Default: 5.")
    private int priority = 5;

    @Option(
            names = "--view",
            paramLabel = "native|unified",
            description = "The vendor's own shape, or the common model where the tool has one. Default: native.")
    private CallCommand.@Nullable View view;

    @Option(
            names = "--select",
            paramLabel = "EXPRESSION",
            description = "Only this of each record: a JSONata expression over it.")
    private @Nullable String select;

    @Option(names = "--label", paramLabel = "NAME=VALUE", description = "A label of your own; repeat for more.")
    private Map<String, String> labels = new TreeMap<>();

    /** Whose the job is. */
    String tenant(ToolpostConfig config) {
        return tenant.require(config);
    }

    /** The connections that were named. */
    List<String> connections() {
        return List.copyOf(connections);
    }

    /** The arguments that all parts have, as JSON. */
    String arguments(@Nullable ToolRef known) {
        return arguments.text(known == null ? null : known.tool());
    }

    /**
     * The job.
     *
     * @param known null where the tool is not known here, which a worker may know better
     * @param sink null for the shared reply topic
     * @param deadlineMillis null for as configured
     * @throws CliException where options say nothing that can be meant
     */
    Job job(
            ToolpostConfig config,
            String tool,
            @Nullable ToolRef known,
            @Nullable String sink,
            Format format,
            @Nullable Long deadlineMillis) {
        if (connections.isEmpty() == (vendor == null)) {
            throw CliException.usage(
                    connections.isEmpty() ? "no connection is given" : "--connection and --vendor are both given",
                    "Name connections by --connection, or all of a vendor's by --vendor.");
        }
        if (priority < 1 || priority > 9) {
            throw CliException.usage("--priority " + priority + " (expected: 1 to 9)", "");
        }
        if (known != null && !known.tool().effect().readsOnly()) {
            throw CliException.usage(
                    tool + " changes data, and the parts of a job may run more than once",
                    "Make it as a call, which is made once: toolpost call " + tool
                            + "; in a schedule by --call, one call each run.");
        }
        requireSink(config, sink);
        Tool definition = known == null ? null : known.tool();
        return Job.newBuilder()
                .setTool(tool)
                .setTenant(tenant(config))
                .setConnections(connections())
                .setVendor(vendor)
                .setArguments(arguments(known))
                .setExpand(Expand.json(expand, definition))
                .setSink(sink == null ? new Topics(config.prefix()).replies() : sink)
                .setFormat(format.wireName())
                .setView(view == null ? "native" : view.name().toLowerCase(Locale.ROOT))
                .setSelect(select)
                .setMaxRecords(atLeastOne("--max-records", maxRecords))
                .setMaxPages(atLeastOne("--max-pages", maxPages))
                .setConcurrency(atLeastOne("--concurrency", concurrency))
                .setPriority(priority)
                .setDeadline(deadlineMillis)
                .setLabels(labels)
                .build();
    }

    private static void requireSink(ToolpostConfig config, @Nullable String sink) {
        Pattern allowed = config.topics().replyPattern();
        if (sink != null && !allowed.matcher(sink).matches()) {
            throw CliException.usage(
                    "--sink " + sink + " (expected: a topic whose name matches " + allowed.pattern() + ")",
                    "toolpost topics create --agent NAME creates " + new Topics(config.prefix()).replies() + ".NAME.");
        }
    }

    private static <N extends Number> @Nullable N atLeastOne(String option, @Nullable N number) {
        if (number != null && number.longValue() < 1) {
            throw CliException.usage(option + " " + number + " (expected: at least 1)", "");
        }
        return number;
    }

    /** A deadline that is so far away. */
    static @Nullable Long deadline(@Nullable Duration within) {
        return within == null ? null : System.currentTimeMillis() + within.toMillis();
    }
}
