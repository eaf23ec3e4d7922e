package dev.toolpost.cli;

import dev.toolpost.connectors.ToolRef;
import dev.toolpost.message.Job;
import dev.toolpost.scheduler.job.accept.JobAcceptance;
import dev.toolpost.schemas.Format;
import dev.toolpost.schemas.Ids;
import dev.toolpost.schemas.MessageCodec;
import dev.toolpost.worker.config.ToolpostConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.MissingNode;

/** {@code jobs submit}. */
@Command(
        name = "submit",
        description =
                "Submits a job and says whether it was accepted. Its frames go to --sink; toolpost jobs watch follows it.",
        footer = {
            "",
            "Examples, against `toolpost dev`:",
            "  toolpost jobs submit hubspot_list_contacts --connection demo-hubspot --sink toolpost.replies",
            "  toolpost jobs submit hubspot_list_contacts --vendor hubspot --id contacts-1 --priority 7"
        })
final class JobsSubmit implements Callable<Integer> {
    private static final int TRIES = 40;
    private static final long EVERY_MILLIS = 250;

    private static final MessageCodec<Job> JOBS = MessageCodec.of(Job.class, null);

    @Mixin
    private CommonOptions common = new CommonOptions();

    @Mixin
    private SchedulerAddress scheduler = new SchedulerAddress();

    @Parameters(paramLabel = "TOOL", description = "The tool, as `toolpost tools list` names it.")
    private String tool = "";

    @Mixin
    private JobOptions options = new JobOptions();

    @Option(
            names = "--sink",
            paramLabel = "TOPIC",
            description = "Topic that takes the records, frame by frame. Default: the shared reply topic.")
    private @Nullable String sink;

    @Option(
            names = "--format",
            paramLabel = "avro|json",
            defaultValue = "json",
            description = "The form of the frames; avro needs a schema registry. Default: json.")
    private Format format = Format.JSON;

    @Option(
            names = "--deadline",
            paramLabel = "DURATION",
            converter = DurationOption.class,
            description = "When the job is ended, from now. Default: as configured.")
    private @Nullable Duration deadline;

    @Option(
            names = "--id",
            paramLabel = "JOB",
            description = "The job's id: the same one again changes nothing. Default: a new one.")
    private @Nullable String id;

    @Override
    public Integer call() throws InterruptedException {
        if (id != null && (id.length() > JobAcceptance.MAX_JOB_ID_LENGTH || !Ids.isCallId(id))) {
            throw CliException.usage(
                    "--id \"" + id + "\" (expected: 1 to " + JobAcceptance.MAX_JOB_ID_LENGTH
                            + " printable ASCII characters without spaces)",
                    "");
        }
        ToolpostConfig config = common.load();
        ToolRef known = KnownConnectors.withTool(common, config, tool).byTool(tool);
        Job job = options.job(config, tool, known, sink, format, JobOptions.deadline(deadline));
        String jobId = id == null ? newId() : id;
        JobLookup jobs = new JobLookup(common, config, scheduler.api(common, config));
        JobCommands.submit(config, jobId, job);
        JsonNode status = jobs.find(jobId);
        for (int i = 0; i < TRIES && status == null; i++) {
            TimeUnit.MILLISECONDS.sleep(EVERY_MILLIS);
            status = jobs.find(jobId);
        }
        requireSame(jobId, job, status);
        return tell(jobId, status);
    }

    /** The scheduler keeps the job that had the id first, whose state would be taken for that of this one. */
    private void requireSame(String jobId, Job job, @Nullable JsonNode status) {
        JsonNode known = status == null ? MissingNode.getInstance() : status.path("job");
        if (!known.isObject()) {
            return;
        }
        List<String> different = new ArrayList<>();
        JsonMapper.shared()
                .readTree(JOBS.encode("", job, Format.JSON))
                .properties()
                .forEach(field -> {
                    JsonNode there = known.path(field.getKey());
                    if (!field.getValue().isNull()
                            && !there.isMissingNode()
                            && !field.getKey().equals("deadline")
                            && !field.getValue().equals(there)) {
                        different.add(field.getKey() + " is " + there + " there and " + field.getValue() + " here");
                    }
                });
        if (!different.isEmpty()) {
            throw CliException.usage(
                    "--id " + jobId + " is that of another job, which stays as it is: " + String.join(", ", different),
                    "Give this one an id of its own.");
        }
    }

    private static String newId() {
        return "job-" + UUID.randomUUID().toString().substring(0, 13).toLowerCase(Locale.ROOT);
    }

    private int tell(String jobId, @Nullable JsonNode status) {
        if (status == null) {
            throw CliException.unreachable(
                    "job " + jobId + " was submitted, and no scheduler has taken it up yet",
                    "It waits in its topic until one runs: `toolpost scheduler --config FILE`. Submitting it again with --id "
                            + jobId + " does no harm.",
                    null);
        }
        if (common.json()) {
            common.out().println(Json.print(status));
        } else {
            common.out().println("job " + jobId + ": " + JobView.state(status));
            JobView.failures(status, common.err());
            if (!JobView.isOver(status)) {
                common.err().println("Follow it: toolpost jobs watch " + jobId);
            }
        }
        return JobView.state(status).equals("rejected") ? ExitCode.ANSWERED_WITH_ERROR : ExitCode.OK;
    }
}
