package dev.toolpost.cli;

import dev.toolpost.worker.config.ToolpostConfig;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** {@code jobs pause}, {@code resume}, {@code cancel} and {@code retry}. */
abstract class JobsSteer implements Callable<Integer> {
    private static final int TRIES = 40;
    private static final long EVERY_MILLIS = 250;

    @Mixin
    private CommonOptions common = new CommonOptions();

    @Mixin
    private SchedulerAddress scheduler = new SchedulerAddress();

    @Parameters(paramLabel = "JOB", description = "The job's id.")
    private String jobId = "";

    private final String action;
    private final Set<String> from;
    private final Set<String> to;

    /**
     * What the action means.
     *
     * @param from states in which it does something
     * @param to states that show that it was understood
     */
    private JobsSteer(String action, Set<String> from, Set<String> to) {
        this.action = action;
        this.from = from;
        this.to = to;
    }

    /** {@code jobs pause}. */
    @Command(name = "pause", description = "Stops a job for now: parts under way keep their place, no others begin.")
    static final class Pause extends JobsSteer {
        Pause() {
            super("pause", Set.of("accepted", "running"), Set.of("pausing", "paused"));
        }
    }

    /** {@code jobs resume}. */
    @Command(name = "resume", description = "Lets a paused job go on from where it came to.")
    static final class Resume extends JobsSteer {
        Resume() {
            super("resume", Set.of("pausing", "paused"), Set.of("accepted", "running"));
        }
    }

    /** {@code jobs cancel}. */
    @Command(name = "cancel", description = "Ends a job. What it delivered stays.")
    static final class Cancel extends JobsSteer {
        Cancel() {
            super("cancel", Set.of("accepted", "running", "pausing", "paused"), Set.of("cancelling", "cancelled"));
        }
    }

    /** {@code jobs retry}. */
    @Command(name = "retry", description = "Begins the parts that failed again, from where they had come to.")
    static final class Retry extends JobsSteer {
        Retry() {
            super(
                    "retry",
                    Set.of("finished_with_errors", "running", "accepted", "paused", "pausing"),
                    Set.of("accepted", "running"));
        }
    }

    @Override
    public Integer call() throws InterruptedException {
        ToolpostConfig config = common.load();
        JobLookup jobs = new JobLookup(common, config, scheduler.api(common, config));
        JsonNode before = jobs.require(jobId);
        if (!from.contains(JobView.state(before))) {
            throw CliException.usage(
                    "job " + jobId + " is " + JobView.state(before) + ", so there is nothing to " + action,
                    "toolpost jobs show " + jobId + " says more.");
        }
        JobCommands.steer(config, jobId, action);
        JsonNode after = before;
        for (int i = 0; i < TRIES && !isUnderstood(after); i++) {
            TimeUnit.MILLISECONDS.sleep(EVERY_MILLIS);
            after = jobs.require(jobId);
        }
        tell(after);
        return ExitCode.OK;
    }

    private boolean isUnderstood(JsonNode status) {
        return to.contains(JobView.state(status)) || (JobView.isOver(status) && !from.contains(JobView.state(status)));
    }

    private void tell(JsonNode after) {
        if (common.json()) {
            common.out().println(Json.print(after));
        } else if (isUnderstood(after)) {
            common.out().println("job " + jobId + ": " + JobView.state(after));
        } else {
            common.out()
                    .println("job " + jobId + ": " + action + " is on its way; the job is still " + JobView.state(after)
                            + ". The scheduler takes it up when it runs.");
        }
        common.out().flush();
    }
}
