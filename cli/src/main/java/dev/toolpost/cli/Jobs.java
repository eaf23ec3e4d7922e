package dev.toolpost.cli;

import java.time.Instant;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** {@code toolpost jobs}: large fetches, which the scheduler works off. */
@Command(
        name = "jobs",
        description =
                "Submits, follows and steers jobs: large fetches that the scheduler works off in parts, behind interactive"
                        + " calls.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        subcommands = {
            JobsSubmit.class,
            JobsFetch.class,
            Jobs.Listing.class,
            Jobs.Show.class,
            JobsWatch.class,
            JobsSteer.Pause.class,
            JobsSteer.Resume.class,
            JobsSteer.Cancel.class,
            JobsSteer.Retry.class
        })
final class Jobs {
    /** {@code jobs list}. */
    @Command(name = "list", description = "Lists jobs, newest first.")
    static final class Listing implements Callable<Integer> {
        @Mixin
        private CommonOptions common = new CommonOptions();

        @Mixin
        private SchedulerAddress scheduler = new SchedulerAddress();

        @Option(
                names = "--state",
                paramLabel = "STATE",
                description =
                        "Only jobs in this state: accepted, running, pausing, paused, cancelling, cancelled, finished,"
                                + " finished_with_errors or rejected.")
        private String state = "";

        @Option(names = "--tenant", paramLabel = "NAME", description = "Only jobs of this tenant.")
        private String tenant = "";

        @Option(names = "--limit", paramLabel = "N", description = "At most so many. Default: 50.")
        private int limit = 50;

        @Option(
                names = "--after",
                paramLabel = "JOB",
                description = "Begin behind this job, the last of the list before.")
        private String after = "";

        @Override
        public Integer call() {
            if (limit < 1 || limit > 1_000) {
                throw CliException.usage("--limit " + limit + " (expected: 1 to 1000)", "");
            }
            var config = common.load();
            JsonNode found =
                    new JobLookup(common, config, scheduler.api(common, config)).list(state, tenant, limit, after);
            if (common.json()) {
                common.out().println(Json.print(found));
                return ExitCode.OK;
            }
            JsonNode jobs = found.path("jobs");
            if (jobs.isEmpty()) {
                common.err().println("No jobs" + (state.isEmpty() && tenant.isEmpty() ? "." : " like that."));
                return ExitCode.OK;
            }
            JobView.table(jobs, common.out(), Instant.now());
            String next = found.path("next").asString("");
            if (!next.isEmpty()) {
                int all = found.path("count").asInt();
                common.err()
                        .println("… " + all + " in all; --after " + Text.visible(next)
                                + " shows the next (--limit, --state, --tenant)");
            }
            return ExitCode.OK;
        }
    }

    /** {@code jobs show}. */
    @Command(name = "show", description = "Shows a job: how far it is, and which parts failed and why.")
    static final class Show implements Callable<Integer> {
        @Mixin
        private CommonOptions common = new CommonOptions();

        @Mixin
        private SchedulerAddress scheduler = new SchedulerAddress();

        @Parameters(paramLabel = "JOB", description = "The job's id.")
        private String jobId = "";

        @Override
        public Integer call() {
            var config = common.load();
            JsonNode status = new JobLookup(common, config, scheduler.api(common, config)).require(jobId);
            print(common, status);
            return ExitCode.OK;
        }
    }

    /** The status of a job, as text or JSON. */
    static void print(CommonOptions common, @Nullable JsonNode status) {
        if (status == null) {
            return;
        }
        if (common.json()) {
            common.out().println(Json.print(status));
        } else {
            JobView.details(status, common.out(), Instant.now());
        }
        common.out().flush();
    }
}
