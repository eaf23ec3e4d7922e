package dev.toolpost.cli;

import dev.toolpost.worker.config.ToolpostConfig;
import java.time.Instant;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** {@code jobs watch}. */
@Command(
        name = "watch",
        description =
                "Follows a job until it ends, and says by the exit code whether all of it came. Ctrl-C ends the watching,"
                        + " not the job.")
final class JobsWatch implements Callable<Integer> {
    private static final long EVERY_MILLIS = 500;

    @Mixin
    private CommonOptions common = new CommonOptions();

    @Mixin
    private SchedulerAddress scheduler = new SchedulerAddress();

    @Parameters(paramLabel = "JOB", description = "The job's id.")
    private String jobId = "";

    @Override
    public Integer call() throws InterruptedException {
        ToolpostConfig config = common.load();
        JobLookup jobs = new JobLookup(common, config, scheduler.api(common, config));
        ProgressLine progress = common.json() ? null : ProgressLine.on(common.err());
        JsonNode status = jobs.require(jobId);
        long shown = -1;
        while (true) {
            if (common.json() && status.path("updated_at").asLong() != shown) {
                shown = status.path("updated_at").asLong();
                common.out().println(status);
                common.out().flush();
            }
            if (JobView.isOver(status)) {
                return conclude(status, progress);
            }
            show(status, progress);
            TimeUnit.MILLISECONDS.sleep(EVERY_MILLIS);
            JsonNode next = jobs.find(jobId);
            status = next == null ? status : next;
        }
    }

    private void show(JsonNode status, @Nullable ProgressLine progress) {
        if (progress != null) {
            progress.show(() -> jobId + ": " + JobView.state(status) + ", " + JobView.figures(status, Instant.now()));
        }
    }

    private int conclude(JsonNode status, @Nullable ProgressLine progress) {
        if (progress != null) {
            progress.clear();
            common.out()
                    .println("job " + jobId + ": " + JobView.state(status) + ", "
                            + JobView.figures(status, Instant.now()));
            common.out().flush();
            JobView.failures(status, common.err());
        }
        return JobView.isWhole(status) ? ExitCode.OK : ExitCode.ANSWERED_WITH_ERROR;
    }
}
