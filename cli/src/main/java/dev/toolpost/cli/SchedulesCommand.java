package dev.toolpost.cli;

import dev.toolpost.worker.config.ToolpostConfig;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** {@code toolpost schedules}: jobs and calls at times of their own. */
@Command(
        name = "schedules",
        description = "Manages schedules: jobs and calls that begin by themselves, again and again or once.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        subcommands = {
            SchedulesAdd.class,
            SchedulesCommand.Listing.class,
            SchedulesCommand.Show.class,
            SchedulesSwitch.Pause.class,
            SchedulesSwitch.Resume.class,
            SchedulesSwitch.Remove.class
        })
final class SchedulesCommand {
    /** {@code schedules list}. */
    @Command(name = "list", description = "Lists schedules with their next run.")
    static final class Listing implements Callable<Integer> {
        @Mixin
        private CommonOptions common = new CommonOptions();

        @Mixin
        private SchedulerAddress scheduler = new SchedulerAddress();

        @Option(names = "--tenant", paramLabel = "NAME", description = "Only schedules of this tenant.")
        private String tenant = "";

        @Option(names = "--limit", paramLabel = "N", description = "At most so many. Default: 100.")
        private int limit = 100;

        @Override
        public Integer call() {
            if (limit < 1 || limit > 10_000) {
                throw CliException.usage("--limit " + limit + " (expected: 1 to 10000)", "");
            }
            ToolpostConfig config = common.load();
            Map<String, String> parameters = new LinkedHashMap<>();
            parameters.put("tenant", tenant);
            parameters.put("limit", Integer.toString(limit));
            JsonNode found = scheduler.api(common, config).require("/schedules", parameters);
            if (common.json()) {
                common.out().println(Json.print(found));
                return ExitCode.OK;
            }
            if (found.path("schedules").isEmpty()) {
                common.err().println("No schedules.");
            } else {
                ScheduleTexts.table(found.path("schedules"), common.out());
            }
            if (found.path("more").asBoolean()) {
                common.err().println("… and more: --limit, --tenant");
            }
            found.path("incomplete")
                    .forEach(
                            each -> common.err().println("Not all could be asked: " + Text.visible(each.asString(""))));
            return ExitCode.OK;
        }
    }

    /** {@code schedules show}. */
    @Command(name = "show", description = "Shows a schedule: what it does, its next run, its last one.")
    static final class Show implements Callable<Integer> {
        @Mixin
        private CommonOptions common = new CommonOptions();

        @Mixin
        private SchedulerAddress scheduler = new SchedulerAddress();

        @Parameters(paramLabel = "SCHEDULE", description = "The schedule's id.")
        private String id = "";

        @Override
        public Integer call() {
            ToolpostConfig config = common.load();
            SchedulerApi api = scheduler.api(common, config);
            String path = "/schedules/" + SchedulerApi.segment(id);
            if (api.ask(path, Map.of()) instanceof SchedulerApi.Said.Unknown) {
                throw SchedulesSwitch.unknown(id);
            }
            JsonNode found = api.require(path, Map.of());
            if (common.json()) {
                common.out().println(Json.print(found));
            } else {
                ScheduleTexts.details(found, common.out());
            }
            return ExitCode.OK;
        }
    }
}
