package dev.toolpost.cli;

import dev.toolpost.message.ToolReply;
import dev.toolpost.worker.config.ToolpostConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** One run of {@code jobs fetch}: writes what comes until the job is over and all of it is there, or until it is interrupted. */
final class FetchRun {
    private static final Duration POLL = Duration.ofMillis(200);

    /** How often the place is kept; what comes in between is read again after a kill. */
    private static final Duration KEEP = Duration.ofMillis(500);

    private static final Duration ASK = Duration.ofSeconds(1);

    /** How long what belongs to a job that is over may take to come. */
    private static final Duration REST = Duration.ofSeconds(60);

    private static final int STOP_SECONDS = 5;
    private static final int INTERRUPTED = 130;

    private final CommonOptions common;
    private final ToolpostConfig config;
    private final JobLookup jobs;
    private final FetchPlace place;
    private final SinkReader reader;
    private final FetchFile output;
    private final Path shownFile;
    private final boolean quiet;
    private final FetchProgress progress;
    private final CountDownLatch over = new CountDownLatch(1);
    private final long startedNanos = System.nanoTime();
    private long keptNanos = System.nanoTime();
    private boolean changed;
    private volatile boolean stop;
    private volatile @Nullable JsonNode status;

    /** How the job stood before its failed parts were tried again. */
    private volatile @Nullable JsonNode ended;

    private volatile @Nullable RuntimeException askFailed;

    FetchRun(
            CommonOptions common,
            ToolpostConfig config,
            JobLookup jobs,
            FetchPlace place,
            SinkReader reader,
            FetchFile output,
            Path shownFile,
            boolean quiet) {
        this.common = common;
        this.config = config;
        this.jobs = jobs;
        this.place = place;
        this.reader = reader;
        this.output = output;
        this.shownFile = shownFile;
        this.quiet = quiet;
        this.progress = new FetchProgress(place, quiet ? null : ProgressLine.on(common.err()));
    }

    /**
     * Fetches.
     *
     * @param again whether an earlier run was interrupted, or ended with parts that failed
     */
    int run(boolean again) throws InterruptedException {
        Thread hook = Thread.ofPlatform().name("keep").unstarted(this::interrupted);
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            submit(again);
            Thread asking = Thread.ofVirtual().start(this::ask);
            try {
                follow();
            } catch (CliException failed) {
                throw failed.withNextStep(
                        "The job goes on in the scheduler; the same command, run again, writes the rest into "
                                + shownFile + ".");
            } finally {
                asking.interrupt();
            }
            return stop ? INTERRUPTED : conclude();
        } finally {
            keep();
            over.countDown();
            removeHook(hook);
        }
    }

    /** The same job again changes nothing; parts that were given up are tried again. */
    private void submit(boolean again) throws InterruptedException {
        JobCommands.submit(config, place.jobId(), place.job());
        if (!quiet && again) {
            common.err()
                    .println("going on with job " + place.jobId() + ": " + JobView.number(place.records())
                            + " records are there");
            common.err().flush();
        }
        if (again && place.failed() > 0) {
            ended = jobs.find(place.jobId());
            JobCommands.steer(config, place.jobId(), "retry");
        }
    }

    /** Asks how the job stands, again and again, on a thread of its own, because nobody may answer for seconds. */
    private void ask() {
        try {
            while (!stop) {
                JsonNode found = jobs.find(place.jobId());
                // A job whose failed parts are tried again says for a moment still that it is over.
                boolean stale =
                        found != null && found.equals(ended) && elapsed().compareTo(REST) < 0;
                if (!stale) {
                    status = found;
                }
                TimeUnit.MILLISECONDS.sleep(ASK.toMillis());
            }
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            askFailed = e;
        }
    }

    private void follow() throws InterruptedException {
        Map<TopicPartition, Long> ends = null;
        long untilNanos = 0;
        while (!stop) {
            reader.poll(POLL, place, this::take);
            if (System.nanoTime() - keptNanos > KEEP.toNanos()) {
                keep();
            }
            JsonNode known = status;
            progress.show(known);
            if (ends != null && (reader.reached(ends) || System.nanoTime() - untilNanos > 0)) {
                return;
            }
            if (known != null && JobView.isOver(known) && ends == null) {
                ends = reader.ends();
                untilNanos = System.nanoTime() + REST.toNanos();
            }
            RuntimeException failed = askFailed;
            if (failed != null) {
                throw failed;
            }
        }
    }

    private void take(int part, int round, ToolReply frame) {
        changed = true;
        if (!place.wants(part, round, frame.getFrame())) {
            return;
        }
        boolean error = frame.getError() != null || !frame.getStatus().equals("ok");
        if (!(error && frame.getLast())) {
            String content = frame.getContent();
            StringBuilder lines = new StringBuilder(content == null ? 0 : content.length() + 64);
            int records = content == null ? 0 : JsonRecords.appendLines(content, lines);
            place.wrote(output.write(lines), records);
            place.took(part, round, frame.getFrame(), records);
            progress.took(records);
        }
        if (frame.getLast()) {
            place.ended(part, !error);
        }
    }

    /** The output first: the place must never promise more than the disk has. */
    private void keep() {
        keptNanos = System.nanoTime();
        if (changed) {
            changed = false;
            output.force();
            place.save();
        }
    }

    private void interrupted() {
        stop = true;
        try {
            if (over.await(STOP_SECONDS, TimeUnit.SECONDS) && !quiet) {
                progress.clear();
                System.err.println("interrupted: " + JobView.number(place.records()) + " records are in " + shownFile
                        + ". The job goes on; the same command writes the rest, toolpost jobs cancel " + place.jobId()
                        + " ends it.");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private int conclude() {
        progress.clear();
        keep();
        JsonNode known = status;
        if (known == null) {
            throw new IllegalStateException("the job is over and has no status");
        }
        int parts = known.path("parts").asInt();
        boolean whole = JobView.isWhole(known) && place.done() == parts && place.lost() == 0;
        boolean forGood = whole
                || JobView.state(known).equals("cancelled")
                || JobView.state(known).equals("rejected");
        tell(known, parts, whole);
        if (forGood) {
            place.forget();
        }
        if (JobView.state(known).equals("rejected")) {
            output.discardEmpty();
        }
        return whole ? ExitCode.OK : ExitCode.ANSWERED_WITH_ERROR;
    }

    private void tell(JsonNode known, int parts, boolean whole) {
        if (common.json()) {
            common.out().println(Json.print(summary(known, parts, whole)));
            common.out().flush();
        }
        if (!quiet || !whole) {
            common.err()
                    .println((whole ? "ok: " : JobView.state(known) + ": ") + JobView.number(place.records())
                            + " records, " + place.done() + " of " + parts + " parts, "
                            + JobView.span(elapsed()) + ", job " + place.jobId() + ", written to " + shownFile);
        }
        if (!whole) {
            JobView.failures(known, common.err());
            if (place.lost() > 0) {
                common.err()
                        .println(JobView.number(place.lost())
                                + " frames did not come, although later ones of their parts did: the file lacks their"
                                + " records. Fetch anew into another file.");
            } else if (JobView.isWhole(known)) {
                common.err().println("Some of what the job delivered did not come yet: run the same command again.");
            } else if (JobView.state(known).equals("finished_with_errors")) {
                common.err().println("The same command again tries the parts that failed, from where they came to.");
            }
        }
        common.err().flush();
    }

    private ObjectNode summary(JsonNode known, int parts, boolean whole) {
        ObjectNode summary = Json.object()
                .put("job_id", place.jobId())
                .put("status", whole ? "ok" : "error")
                .put("state", JobView.state(known))
                .put("records", place.records())
                .put("parts", parts)
                .put("parts_done", place.done())
                .put("parts_failed", known.path("parts_failed").asInt())
                .put("lost_frames", place.lost())
                .put("took_ms", elapsed().toMillis())
                .put("out", shownFile.toString());
        summary.set("failures", known.path("failures"));
        return summary;
    }

    private Duration elapsed() {
        return Duration.ofNanos(System.nanoTime() - startedNanos);
    }

    private static void removeHook(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException underWay) {
            // The process is ending, and the hook sees that this is over.
        }
    }
}
