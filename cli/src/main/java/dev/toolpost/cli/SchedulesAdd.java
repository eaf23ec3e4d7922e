package dev.toolpost.cli;

import dev.toolpost.connectors.ToolRef;
import dev.toolpost.message.Schedule;
import dev.toolpost.message.ToolCall;
import dev.toolpost.scheduler.schedule.ScheduleCheck;
import dev.toolpost.schemas.Format;
import dev.toolpost.schemas.MessageCodec;
import dev.toolpost.schemas.Topics;
import dev.toolpost.worker.config.ToolpostConfig;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code schedules add}. */
@Command(
        name = "add",
        description = "Adds a schedule, or replaces the one of that id. It runs a job, or with --call one call.",
        footer = {
            "",
            "Examples, against `toolpost dev`:",
            "  toolpost schedules add nightly-contacts hubspot_list_contacts --connection demo-hubspot"
                    + " --cron '30 2 * * *' --time-zone Europe/Berlin",
            "  toolpost schedules add remind hubspot_create_contact --call --connection demo-hubspot"
                    + " --arg properties.email=ada@example.com --at 2026-12-24T09:00:00Z"
        })
final class SchedulesAdd implements Callable<Integer> {
    private static final MessageCodec<Schedule> CODEC = MessageCodec.of(Schedule.class, null);
    private static final DateTimeFormatter SHOWN = DateTimeFormatter.ofPattern("EEE yyyy-MM-dd HH:mm VV", Locale.ROOT);
    private static final int SHOWN_RUNS = 3;

    /** What becomes of runs that were missed. */
    enum Missed {
        SKIP,
        ONCE
    }

    /** What becomes of a run while the last one goes on. */
    enum Overlap {
        SKIP,
        ALLOW
    }

    @Mixin
    private CommonOptions common = new CommonOptions();

    @Parameters(index = "0", paramLabel = "SCHEDULE", description = "The schedule's id.")
    private String id = "";

    @Parameters(index = "1", paramLabel = "TOOL", description = "The tool, as `toolpost tools list` names it.")
    private String tool = "";

    @Option(
            names = "--cron",
            paramLabel = "EXPRESSION",
            description =
                    "When it runs, in five fields: minute, hour, day of month, month, day of week, such as '30 6 * * MON-FRI'.")
    private String cron = "";

    @Option(
            names = "--at",
            paramLabel = "TIME",
            description =
                    "In place of --cron: the only time at which it runs, such as 2026-12-24T09:00:00Z, or without an offset in"
                            + " the time zone.")
    private @Nullable String at;

    @Option(
            names = "--time-zone",
            paramLabel = "ZONE",
            description = "IANA time zone of the expression, such as Europe/Berlin. Default: UTC.")
    private String timeZone = "UTC";

    @Option(
            names = "--missed",
            paramLabel = "skip|once",
            description =
                    "What becomes of runs for which nobody was there: skip, or once, one run for all of them. Default: once.")
    private Missed missed = Missed.ONCE;

    @Option(
            names = "--overlap",
            paramLabel = "skip|allow",
            description = "What becomes of a run while the last one is not over. Default: skip.")
    private Overlap overlap = Overlap.SKIP;

    @Option(names = "--starts-at", paramLabel = "TIME", description = "No run before.")
    private @Nullable String startsAt;

    @Option(names = "--ends-at", paramLabel = "TIME", description = "No run after.")
    private @Nullable String endsAt;

    @Option(names = "--paused", description = "Do not run it until `toolpost schedules resume`.")
    private boolean paused;

    @Option(names = "--call", description = "Each run is one call, which may write, instead of a job.")
    private boolean call;

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            converter = DurationOption.class,
            description = "With --call: how long each call may take. Default: as configured for batch calls.")
    private @Nullable Duration timeout;

    @Mixin
    private JobOptions options = new JobOptions();

    @Option(
            names = "--sink",
            paramLabel = "TOPIC",
            description = "Topic that takes records or, with --call, replies. Default: the shared reply topic.")
    private @Nullable String sink;

    @Option(
            names = "--format",
            paramLabel = "avro|json",
            defaultValue = "json",
            description = "The form of the frames of a job; avro needs a schema registry. Default: json.")
    private Format format = Format.JSON;

    @Override
    public Integer call() throws InterruptedException {
        ToolpostConfig config = common.load();
        ToolRef known = KnownConnectors.withTool(common, config, tool).byTool(tool);
        Schedule schedule = schedule(config, known);
        String problem = ScheduleCheck.problem(schedule);
        if (problem != null) {
            throw CliException.usage(
                    problem, cron.isEmpty() && at == null ? "Say when by --cron '30 6 * * MON-FRI' or --at TIME." : "");
        }
        String topic = new Topics(config.prefix()).schedules();
        CommandTopic.publish(config, topic, id, CODEC.encode(topic, schedule, Format.JSON));
        tell(schedule, ScheduleCheck.next(schedule, Instant.now(), SHOWN_RUNS));
        return ExitCode.OK;
    }

    private Schedule schedule(ToolpostConfig config, @Nullable ToolRef known) {
        Schedule.Builder schedule = Schedule.newBuilder()
                .setScheduleId(id)
                .setTenant(options.tenant(config))
                .setCron(cron)
                .setTimeZone(timeZone)
                .setAt(time("--at", at))
                .setEnabled(!paused)
                .setMissed(missed.name().toLowerCase(Locale.ROOT))
                .setOverlap(overlap.name().toLowerCase(Locale.ROOT))
                .setStartsAt(time("--starts-at", startsAt))
                .setEndsAt(time("--ends-at", endsAt));
        if (call) {
            return schedule.setCall(single(config, known)).build();
        }
        if (timeout != null) {
            throw CliException.usage("--timeout needs --call", "");
        }
        return schedule.setJob(options.job(config, tool, known, sink, format, null))
                .build();
    }

    private ToolCall single(ToolpostConfig config, @Nullable ToolRef known) {
        List<String> connections = options.connections();
        if (connections.size() != 1) {
            throw CliException.usage(
                    "--call with " + connections.size() + " connections (expected: one)",
                    "Name it by --connection; a job, without --call, takes several.");
        }
        return ToolCall.newBuilder()
                .setTool(tool)
                .setTenant(options.tenant(config))
                .setConnection(connections.getFirst())
                .setArguments(options.arguments(known))
                .setReplyTo(sink)
                .setTimeoutMs(timeout == null ? null : timeout.toMillis())
                .build();
    }

    private @Nullable Long time(String option, @Nullable String text) {
        if (text == null) {
            return null;
        }
        try {
            return OffsetDateTime.parse(text).toInstant().toEpochMilli();
        } catch (DateTimeParseException withoutOffset) {
            try {
                return LocalDateTime.parse(text)
                        .atZone(ZoneId.of(timeZone))
                        .toInstant()
                        .toEpochMilli();
            } catch (DateTimeException wrong) {
                throw CliException.usage(
                        option + " " + text + " (expected: such as 2026-12-24T09:00:00Z, or 2026-12-24T09:00:00 in "
                                + timeZone + ")",
                        "",
                        wrong);
            }
        }
    }

    private void tell(Schedule schedule, List<Instant> runs) {
        if (common.json()) {
            var document = Json.object().put("schedule_id", id).put("enabled", schedule.getEnabled());
            var next = document.putArray("next_runs");
            runs.forEach(each -> next.add(each.toEpochMilli()));
            common.out().println(Json.print(document));
        } else {
            common.out().println("schedule " + id + (paused ? ": paused" : ": kept"));
            ZoneId zone = ZoneId.of(timeZone);
            for (Instant each : runs) {
                common.out().println("  " + (paused ? "would run " : "runs ") + SHOWN.format(each.atZone(zone)));
            }
            if (runs.isEmpty()) {
                common.out()
                        .println("  its time is past: it "
                                + (missed == Missed.ONCE && at != null ? "runs at once" : "does not run"));
            }
        }
        common.out().flush();
    }
}
