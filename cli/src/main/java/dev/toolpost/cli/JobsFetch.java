package dev.toolpost.cli;

import dev.toolpost.connectors.ToolRef;
import dev.toolpost.message.Job;
import dev.toolpost.schemas.Format;
import dev.toolpost.worker.config.ToolpostConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code jobs fetch}. */
@Command(
        name = "fetch",
        description =
                "Fetches a large list into a file, one record a line (NDJSON): submits a job, writes what comes, says how far it"
                        + " is. Interrupted in whatever way, the same command goes on where it stopped, and no record is"
                        + " written twice.",
        footer = {
            "",
            "Examples, against `toolpost dev`:",
            "  toolpost jobs fetch hubspot_list_contacts --connection demo-hubspot --out contacts.ndjson",
            "  toolpost jobs fetch jira_search_issues --vendor jira --expand 'project=OPS,WEB' --out issues.ndjson",
            "",
            "The job goes on without this command; toolpost jobs cancel ends it."
        })
final class JobsFetch implements Callable<Integer> {
    @Mixin
    private CommonOptions common = new CommonOptions();

    @Mixin
    private SchedulerAddress scheduler = new SchedulerAddress();

    @Parameters(paramLabel = "TOOL", description = "The tool, as `toolpost tools list` names it.")
    private String tool = "";

    @Mixin
    private JobOptions options = new JobOptions();

    @Option(
            names = "--out",
            required = true,
            paramLabel = "FILE",
            description = "Where the records go. Beside it, FILE.toolpost keeps the place until all is there.")
    private Path out = Path.of("");

    @Option(
            names = "--sink",
            paramLabel = "TOPIC",
            description = "Topic through which the records come. Default: the shared reply topic.")
    private @Nullable String sink;

    @Option(names = "--quiet", description = "No progress and no summary; errors still.")
    private boolean quiet;

    @Override
    public Integer call() throws InterruptedException {
        ToolpostConfig config = common.load();
        ToolRef known = KnownConnectors.withTool(common, config, tool).byTool(tool);
        Job job = options.job(config, tool, known, sink, Format.JSON, null);
        JobLookup jobs = new JobLookup(common, config, scheduler.api(common, config));
        Path file = out.toAbsolutePath().normalize();
        FetchPlace earlier = FetchPlace.find(file);
        if (earlier != null && !earlier.isOf(job)) {
            throw CliException.usage(
                    "--out " + out + ": an interrupted fetch of something else goes there, job " + earlier.jobId(),
                    "Run that command again, name another file, or remove " + FetchPlace.beside(out) + " and " + out
                            + ".");
        }
        if (earlier == null && Files.exists(file)) {
            throw CliException.usage(
                    "--out " + out + ": the file is there already, and no fetch into it was interrupted",
                    "Name another, or remove it.");
        }
        FetchPlace place = earlier == null ? FetchPlace.begin(file, newId(), job) : earlier;
        try (SinkReader reader = SinkReader.open(config, String.valueOf(job.getSink()), place);
                FetchFile output = earlier == null ? FetchFile.create(file) : FetchFile.reopen(file, earlier.bytes())) {
            place.save();
            return new FetchRun(common, config, jobs, place, reader, output, out, quiet).run(earlier != null);
        }
    }

    /** Kept before anything is submitted, so that a fetch that is run again is the same job. */
    private static String newId() {
        byte[] random = new byte[6];
        new SecureRandom().nextBytes(random);
        return "fetch-" + HexFormat.of().formatHex(random);
    }
}
