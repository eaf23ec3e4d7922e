package dev.toolpost.benchmarks;

import dev.toolpost.message.JobEvent;
import dev.toolpost.worker.credentials.LimitOverride;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.FutureTask;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A job over many connections with strict limits while workers and the scheduler are killed: what comes of it, what interactive calls for the same
 * connections wait beside it, what it takes of the heap.
 */
final class LargeJob {

    private static final int SHARDS = 6;
    private static final String JOB = "large";
    private static final Duration LONGEST = Duration.ofMinutes(30);
    private static final Duration SESSION = Duration.ofSeconds(6);
    private static final Duration ROW_EVERY = Duration.ofSeconds(10);

    private final Stage stage;
    private final Plan plan;
    private final String sink;
    private final List<String> connections;
    private final List<Kill> kills = new ArrayList<>();
    private final Path state;

    private record Plan(
            int records,
            int connections,
            int concurrency,
            int permits,
            Duration window,
            Duration latency,
            int workers,
            String heap,
            int perSecond,
            Duration idle,
            List<String> kills) {
        static Plan of(Options options) {
            Plan plan = new Plan(
                    options.number("records", 100_000, 1_000_000),
                    options.number("connections", 10, 20),
                    options.number("concurrency", 8, 8),
                    options.number("permits", 100, 100),
                    Duration.ofMillis(options.number("window-ms", 10_000, 10_000)),
                    Duration.ofMillis(options.number("latency-ms", 50, 50)),
                    options.number("workers", 2, 2),
                    options.text("heap", "256m"),
                    options.number("per-second", 20, 20),
                    Duration.ofSeconds(options.number("idle-seconds", 15, 30)),
                    Arrays.stream(options.text("kills", "worker,scheduler,scheduler-wiped")
                                    .split(",", -1))
                            .filter(each -> !each.isEmpty())
                            .toList());
            options.refuseOthers();
            for (String kill : plan.kills()) {
                if (!Set.of("worker", "scheduler", "scheduler-wiped").contains(kill)) {
                    throw new IllegalArgumentException(
                            "--kills=" + kill + " (expected: of worker, scheduler, scheduler-wiped)");
                }
            }
            if (plan.records() % plan.connections() != 0) {
                throw new IllegalArgumentException("--records=" + plan.records() + " (expected: a multiple of the "
                        + plan.connections() + " connections)");
            }
            return plan;
        }

        long recordsEach() {
            return records / connections;
        }

        long permitMillis() {
            return window.toMillis() / permits;
        }
    }

    /**
     * What was killed.
     *
     * @param nanos when
     * @param calmNanos from when on nothing of it should show
     * @param shards of a worker
     * @param readyMillis from the kill until what replaces it has its state or its share; NaN until it has
     */
    private record Kill(String what, long nanos, long calmNanos, Set<Integer> shards, double readyMillis) {}

    private LargeJob(Stage stage, Plan plan) {
        this.stage = stage;
        this.plan = plan;
        this.sink = stage.topics().replies("job");
        this.connections =
                IntStream.range(0, plan.connections()).mapToObj(LargeJob::name).toList();
        this.state = stage.directory().resolve("scheduler");
    }

    private static String name(int connection) {
        return "crm-" + connection;
    }

    static void run(Options options) throws Exception {
        Plan plan = Plan.of(options);
        String tokens = String.join(
                ",",
                IntStream.range(0, plan.connections()).mapToObj(LargeJob::name).toList());
        try (Stage stage = Stage.open(
                SHARDS,
                "--limit=" + plan.permits() + "/" + plan.window().toMillis(),
                "--latency-ms=" + plan.latency().toMillis(),
                "--contacts=" + plan.recordsEach(),
                "--tokens=" + tokens)) {
            new LargeJob(stage, plan).measure();
        }
    }

    private void measure() throws Exception {
        System.out.printf(
                Locale.ROOT,
                "%d records of %d connections, %d parts at once; each connection's limit %d in %d ms (strict, enforced by the vendor), latency %d"
                        + " ms; %d workers and a scheduler of %s each; %d interactive calls a second; killed: %s%n",
                plan.records(),
                plan.connections(),
                plan.concurrency(),
                plan.permits(),
                plan.window().toMillis(),
                plan.latency().toMillis(),
                plan.workers(),
                plan.heap(),
                plan.perSecond(),
                plan.kills());
        connections.forEach(each -> stage.connection(each, each, new LimitOverride(plan.permits(), plan.window())));
        stage.topic(sink);
        Workers workers = new Workers(stage, jvm("worker"), Map.of());
        workers.add(plan.workers());
        Program scheduler = startScheduler();
        try (JobSink job = new JobSink(stage, sink, JOB, plan.connections(), ListJob.FIRST_CONTACT);
                SteadyCalls calls = new SteadyCalls(stage, connections, plan.perSecond())) {
            Thread.sleep(plan.window());
            long calm = System.nanoTime();
            Thread.sleep(plan.idle());
            long submitted = System.nanoTime();
            ListJob.submit(stage, JOB, connections, sink, plan.concurrency());
            scheduler = follow(job, workers, scheduler, submitted);
            long ended = System.nanoTime();
            await(job, "the end is told", each -> !kinds(each, "finished").isEmpty());
            List<SteadyCalls.Answered> answered = calls.end();
            System.out.printf(
                    Locale.ROOT,
                    "%nfrom the job's submission until it is accepted %.0f ms, until its first frame %.0f ms%n",
                    job.nextEventMillis(submitted),
                    job.firstFrameMillis(submitted));
            kills(job);
            waits(answered, job, calm, submitted, ended);
            System.out.printf("interactive calls answered twice, as a killed worker's may be: %d%n", calls.repeated());
            HeapOverTime.print(stage.directory(), "worker");
            HeapOverTime.print(stage.directory(), "scheduler");
            System.out.println("MB alive at the end: workers " + workers.liveHeaps() + ", scheduler "
                    + LiveHeap.megabytes(scheduler.pid()));
            summary(job, (ended - submitted) / 1e9);
        }
    }

    private List<String> jvm(String program) {
        return List.of(
                "-Xms64m",
                "-Xmx" + plan.heap(),
                "-XX:+ExitOnOutOfMemoryError",
                GcLog.option(stage.directory().resolve("gc-" + program + "-%p.log")));
    }

    private Program startScheduler() throws Exception {
        Health health = Health.onFreePort();
        Program scheduler = stage.open(SchedulerProgram.start(
                stage, jvm("scheduler"), state, health, SchedulerProgram.Tuning.defaults(SESSION)));
        Await.until("the scheduler is ready", LONGEST, health::ready);
        return scheduler;
    }

    /** Reads to the end of the job, and kills when its share of the records has come; says which scheduler runs then. */
    private Program follow(JobSink job, Workers workers, Program first, long submitted) throws Exception {
        Program scheduler = first;
        Deque<String> next = new ArrayDeque<>(plan.kills());
        Table table = new Table("second", "records", "records/s", "parts ended");
        long rowAt = submitted + ROW_EVERY.toNanos();
        long before = 0;
        @Nullable Replacement replacement = null;
        while (job.ended() < plan.connections()) {
            job.read(Duration.ofMillis(50));
            long now = System.nanoTime();
            if (now - submitted > LONGEST.toNanos()) {
                throw new IllegalStateException(job.records() + " records within " + LONGEST);
            }
            if (now >= rowAt) {
                double seconds = (now - rowAt + ROW_EVERY.toNanos()) / 1e9;
                table.row(
                        (now - submitted) / 1_000_000_000L,
                        job.records(),
                        (job.records() - before) / seconds,
                        job.ended());
                before = job.records();
                rowAt = now + ROW_EVERY.toNanos();
            }
            if (replacement != null && replacement.done()) {
                scheduler = replacement.schedulerOr(scheduler);
                kills.add(replacement.kill(plan.window()));
                replacement = null;
            }
            int begun = plan.kills().size() - next.size();
            if (replacement == null
                    && !next.isEmpty()
                    && job.records()
                            >= (long) plan.records()
                                    * (begun + 1)
                                    / (plan.kills().size() + 1)) {
                String what = next.removeFirst();
                table.row("killed: " + what, job.records());
                replacement = what.equals("worker") ? replaceWorker(workers) : replaceScheduler(what, scheduler);
            }
        }
        if (replacement != null) {
            kills.add(replacement.kill(plan.window()));
            scheduler = replacement.schedulerOr(scheduler);
        }
        return scheduler;
    }

    private interface Step {
        @Nullable
        Program run() throws Exception;
    }

    /** What takes the place of what was killed, on a thread of its own: the sink is read meanwhile. */
    private static final class Replacement {
        private final String what;
        private final long nanos;
        private final Set<Integer> shards;
        private final FutureTask<@Nullable Program> task;
        private volatile long readyNanos;

        Replacement(String what, long nanos, Set<Integer> shards, Step step) {
            this.what = what;
            this.nanos = nanos;
            this.shards = shards;
            this.task = new FutureTask<>(() -> {
                Program program = step.run();
                readyNanos = System.nanoTime();
                return program;
            });
            Thread.ofPlatform().name("replacement").start(task);
        }

        boolean done() {
            return task.isDone();
        }

        Program schedulerOr(Program present) throws Exception {
            Program started = task.get();
            return started == null ? present : started;
        }

        Kill kill(Duration window) throws Exception {
            task.get();
            return new Kill(what, nanos, readyNanos + window.toNanos(), shards, (readyNanos - nanos) / 1e6);
        }
    }

    private Replacement replaceWorker(Workers workers) throws Exception {
        long now = System.nanoTime();
        Set<Integer> shards = workers.kill();
        return new Replacement("worker", now, shards, () -> {
            workers.add(1);
            return null;
        });
    }

    private Replacement replaceScheduler(String what, Program scheduler) {
        long now = System.nanoTime();
        scheduler.kill();
        return new Replacement(what, now, Set.of(), () -> {
            if (what.equals("scheduler-wiped")) {
                SchedulerStage.delete(state);
            }
            return startScheduler();
        });
    }

    private static void await(JobSink job, String what, Predicate<JobSink> condition) {
        long until = System.nanoTime() + Duration.ofMinutes(1).toNanos();
        while (!condition.test(job)) {
            if (System.nanoTime() > until) {
                throw new IllegalStateException("not within a minute: " + what);
            }
            job.read(Duration.ofMillis(50));
        }
    }

    private static List<JobEvent> kinds(JobSink job, String kind) {
        return job.told().stream()
                .map(JobSink.Told::event)
                .filter(each -> each.getKind().equals(kind))
                .toList();
    }

    private void kills(JobSink job) {
        Table table = new Table(
                "killed",
                "parts of it",
                "last goes on after ms",
                "next frame ms",
                "longest gap ms",
                "job tells after ms",
                "replaced after ms");
        for (Kill kill : kills) {
            List<Double> next = IntStream.range(0, connections.size())
                    .filter(i -> kill.shards().contains(stage.shardOf(connections.get(i))))
                    .filter(i -> job.underWay(i, kill.nanos()))
                    .mapToObj(i -> job.nextFrameMillis(i, kill.nanos()))
                    .toList();
            table.row(
                    kill.what(),
                    next.size(),
                    next.stream().mapToDouble(Double::doubleValue).max().orElse(Double.NaN),
                    job.firstFrameMillis(kill.nanos()),
                    job.longestGapMillis(kill.nanos(), kill.calmNanos()),
                    job.nextEventMillis(kill.nanos()),
                    kill.readyMillis());
        }
    }

    private void waits(List<SteadyCalls.Answered> answered, JobSink job, long calm, long submitted, long ended) {
        Table table =
                new Table("interactive calls", "calls", "p50 ms", "p99 ms", "worst ms", "permits p99 ms", "worst ms");
        List<SteadyCalls.Answered> idle = answered.stream()
                .filter(each -> each.sentNanos() >= calm && each.sentNanos() + each.tookNanos() < submitted)
                .toList();
        List<SteadyCalls.Answered> during = answered.stream()
                .filter(each -> each.sentNanos() >= submitted && each.sentNanos() < ended)
                .toList();
        row(table, "idle", idle);
        List<SteadyCalls.Answered> beside = during.stream()
                .filter(each -> !moving(each.sentNanos()) && job.underWay(each.connection(), each.sentNanos()))
                .toList();
        row(table, "beside a part", beside);
        row(
                table,
                "beside other parts",
                during.stream()
                        .filter(each -> !moving(each.sentNanos()) && !job.underWay(each.connection(), each.sentNanos()))
                        .toList());
        row(
                table,
                "scheduler is killed",
                during.stream().filter(this::schedulerAway).toList());
        row(
                table,
                "worker is killed",
                during.stream().filter(each -> moving(each.sentNanos())).toList());
        double more = p99(beside) - p99(idle);
        System.out.printf(
                Locale.ROOT,
                "p99 beside a part on the same connection: %.1f ms more than idle (target: the time of one permit, %d ms); worker is killed: until"
                        + " another has its place, and a window%n",
                more,
                plan.permitMillis());
    }

    /** Shards move between workers then, or their permits are held back. */
    private boolean moving(long nanos) {
        return kills.stream()
                .anyMatch(each -> each.what().equals("worker") && nanos >= each.nanos() && nanos < each.calmNanos());
    }

    private boolean schedulerAway(SteadyCalls.Answered call) {
        return kills.stream()
                .anyMatch(each -> !each.what().equals("worker")
                        && call.sentNanos() >= each.nanos()
                        && call.sentNanos() < each.nanos() + each.readyMillis() * 1e6);
    }

    private static double p99(List<SteadyCalls.Answered> calls) {
        return Figures.percentileMillis(
                calls.stream().map(SteadyCalls.Answered::tookNanos).toList(), 0.99);
    }

    private static void row(Table table, String name, List<SteadyCalls.Answered> calls) {
        List<Long> took = calls.stream().map(SteadyCalls.Answered::tookNanos).toList();
        List<Long> waited =
                calls.stream().map(SteadyCalls.Answered::waitedNanos).toList();
        table.row(
                name,
                calls.size(),
                Figures.percentileMillis(took, 0.5),
                Figures.percentileMillis(took, 0.99),
                Figures.percentileMillis(took, 1),
                Figures.percentileMillis(waited, 0.99),
                Figures.percentileMillis(waited, 1));
    }

    private void summary(JobSink job, double seconds) {
        JobEvent end = kinds(job, "finished").getFirst();
        System.out.printf(
                Locale.ROOT,
                "%n%d records within %.1f s: %.0f records/s; the job tells of %d records, %d parts done, %d failed, %d events; requests that the"
                        + " vendor refused: %d%n",
                job.records(),
                seconds,
                job.records() / seconds,
                end.getRecords(),
                end.getPartsDone(),
                end.getPartsFailed(),
                job.told().size(),
                stage.vendor().stats().violations());
        job.requireWhole(plan.recordsEach());
        if (end.getRecords() != plan.records() || end.getPartsDone() != plan.connections()) {
            throw new IllegalStateException("the job's last event: " + end);
        }
        System.out.printf(
                "each of %d records of each of %d connections came exactly once, each frame in its place, one last of each part%n",
                plan.recordsEach(), plan.connections());
    }
}
