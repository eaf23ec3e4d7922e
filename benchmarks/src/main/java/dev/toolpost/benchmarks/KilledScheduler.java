package dev.toolpost.benchmarks;

import dev.toolpost.worker.credentials.LimitOverride;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * A scheduler that is killed at random moments while deferrals come in and are due and a job runs: what is lost, early and doubled, and how long
 * nothing comes.
 */
final class KilledScheduler {

    private static final Duration LONGEST = Duration.ofMinutes(5);
    private static final Duration SETTLE = Duration.ofSeconds(2);
    private static final int BYTES = 200;
    private static final String JOB = "drill";

    /** Another pool's than the worker's, who would take deliveries for calls. */
    private static final String OTHER_POOL = "crm";

    /** From ready, or from its start, to killed. */
    private static final int LIVES_MILLIS = 3_000;

    /** One in so many is killed before it is ready. */
    private static final int KILLED_EARLY = 4;

    private static final int DUE_WITHIN_MILLIS = 8_000;

    private final Stage stage;
    private final Plan plan;
    private final Path state;
    private final Random random;
    private final Health health = Health.onFreePort();
    private final List<Kill> kills = new ArrayList<>();
    private final List<Long> startedNanos = new ArrayList<>();
    private final List<Long> readyNanos = new ArrayList<>();

    private record Plan(
            int rounds,
            int deferrals,
            int seed,
            boolean wipe,
            Duration session,
            int parts,
            int recordsEach,
            int concurrency,
            int permits,
            Duration window) {

        static Plan of(Options options) {
            return new Plan(
                    options.number("rounds", 3, 20),
                    options.number("deferrals", 1_000, 10_000),
                    options.number("seed", 20_261_121, 20_261_121),
                    Boolean.parseBoolean(options.text("wipe", "false")),
                    Duration.ofMillis(options.number("session-ms", 6_000, 6_000)),
                    options.number("parts", 8, 60),
                    options.number("records-each", 2_000, 2_000),
                    options.number("concurrency", 3, 3),
                    options.number("permits", 10, 10),
                    Duration.ofMillis(options.number("window-ms", 5_000, 5_000)));
        }

        long records() {
            return (long) parts * recordsEach;
        }
    }

    private record Kill(long nanos, boolean jobRan) {}

    private KilledScheduler(Stage stage, Plan plan) {
        this.stage = stage;
        this.plan = plan;
        this.state = stage.directory().resolve("scheduler");
        this.random = new Random(plan.seed());
    }

    static void run(Options options) throws Exception {
        Plan plan = Plan.of(options);
        int partitions = options.number("partitions", 4, 4);
        options.refuseOthers();
        try (Stage stage = Stage.open(
                partitions,
                "--limit=" + plan.permits() + "/" + plan.window().toMillis(),
                "--latency-ms=50",
                "--contacts=" + plan.recordsEach(),
                "--tokens=" + String.join(",", connections(plan)))) {
            new KilledScheduler(stage, plan).measure();
        }
    }

    private static List<String> connections(Plan plan) {
        return IntStream.range(0, plan.parts()).mapToObj(i -> "crm-" + i).toList();
    }

    private void measure() throws Exception {
        System.out.printf(
                Locale.ROOT,
                "seed %d: %d deferrals, %d kills%s, session %d ms; a job of %d records in %d parts, %d at once, each connection's limit %d in %d"
                        + " ms (strict, enforced by the vendor); one worker%n",
                plan.seed(),
                plan.deferrals(),
                plan.rounds(),
                plan.wipe() ? ", the state gone each time" : "",
                plan.session().toMillis(),
                plan.records(),
                plan.parts(),
                plan.concurrency(),
                plan.permits(),
                plan.window().toMillis());
        List<String> connections = connections(plan);
        connections.forEach(each -> stage.connection(each, each, new LimitOverride(plan.permits(), plan.window())));
        String sink = stage.topics().replies("job");
        stage.topic(sink);
        stage.topic(stage.topics().resume(OTHER_POOL));
        DeferralPlace place = new DeferralPlace(
                        stage.bootstrapServers(),
                        stage.registry(),
                        stage.topics().later(),
                        stage.topics().resume(OTHER_POOL),
                        stage.shards())
                .stamped(stage.admin());
        new Workers(stage, List.of("-Xms64m", "-Xmx256m"), Map.of()).add(1);
        try (FollowedJob job = new FollowedJob(new JobSink(stage, sink, JOB, plan.parts(), ListJob.FIRST_CONTACT));
                NumberedDeferrals published = new NumberedDeferrals(place, BYTES);
                Arrivals arrivals = new Arrivals(place, plan.deferrals())) {
            ListJob.submit(stage, JOB, connections, sink, plan.concurrency());
            killAgainAndAgain(job, published, arrivals);
            double seconds = letEnd(job, arrivals);
            figures(job, arrivals, seconds);
        }
    }

    private void killAgainAndAgain(FollowedJob job, NumberedDeferrals published, Arrivals arrivals) throws Exception {
        Table table =
                new Table("round", "killed", "lived ms", "deferred", "delivered", "doubled", "early", "parts ended");
        int next = 0;
        for (int round = 0; round < plan.rounds(); round++) {
            int until = plan.deferrals() * (round + 1) / plan.rounds();
            int lives = random.nextInt(LIVES_MILLIS);
            boolean early = random.nextInt(KILLED_EARLY) == 0;
            try (Program scheduler = start(!early)) {
                long end = System.nanoTime() + lives * 1_000_000L;
                while (next < until) {
                    published.defer(next++, System.currentTimeMillis() + random.nextInt(DUE_WITHIN_MILLIS));
                }
                published.flush();
                Await.until("its end", LONGEST, () -> System.nanoTime() - end >= 0);
                int ended = job.ask(JobSink::ended);
                kills.add(new Kill(System.nanoTime(), ended < plan.parts()));
                scheduler.kill();
                table.row(
                        (round + 1) + "/" + plan.rounds(),
                        early ? "starting" : "at work",
                        lives,
                        next,
                        arrivals.arrived(),
                        arrivals.doubled(),
                        arrivals.early(),
                        ended);
            }
            if (plan.wipe()) {
                SchedulerStage.delete(state);
            }
        }
    }

    /** Says how many seconds after the last kill everything had come. */
    private double letEnd(FollowedJob job, Arrivals arrivals) throws Exception {
        try (Program scheduler = start(true)) {
            Await.until("all deferrals arrive", LONGEST, () -> arrivals.arrived() >= plan.deferrals());
            Await.until("the job ends", LONGEST, () -> job.ask(JobSink::ended) >= plan.parts());
            Await.until(
                    "the job says so",
                    LONGEST,
                    () -> job.ask(sink -> sink.told().stream()
                            .anyMatch(each -> each.event().getKind().equals("finished"))));
            double seconds = (System.nanoTime() - kills.getLast().nanos()) / 1e9;
            long settled = System.nanoTime() + SETTLE.toNanos();
            Await.until("nothing more comes", LONGEST, () -> System.nanoTime() - settled >= 0);
            scheduler.kill();
            return seconds;
        }
    }

    private void figures(FollowedJob job, Arrivals arrivals, double seconds) throws Exception {
        Table counts = new Table("deferrals", "kills", "lost", "early", "doubled");
        counts.row(
                plan.deferrals(), kills.size(), arrivals.lost(plan.deferrals()), arrivals.early(), arrivals.doubled());
        Table times = new Table("ms", "p50", "p90", "p99", "most");
        row(times, "lateness", arrivals.lateness());
        List<Long> delivered = new ArrayList<>();
        List<Long> told = new ArrayList<>();
        for (int i = 0; i < kills.size(); i++) {
            long killed = kills.get(i).nanos();
            double delivery = arrivals.nextMillis(killed);
            double event = job.ask(sink -> sink.nextEventMillis(killed));
            boolean again = i + 1 < kills.size();
            double lived = again ? (kills.get(i + 1).nanos() - killed) / 1e6 : Double.MAX_VALUE;
            // Who was killed before it delivered says nothing of how long that takes.
            if (delivery < lived) {
                delivered.add((long) (delivery * 1e6));
            }
            if (event < lived) {
                told.add((long) (event * 1e6));
            }
        }
        row(times, "kill to process", startedNanos);
        row(times, "kill to ready", readyNanos);
        row(times, "kill to delivery", delivered);
        row(times, "kill to job's event", told);
        System.out.printf(
                Locale.ROOT,
                "%nthe job ran at %d of %d kills; all had come %.1f s after the last; %d records, %d events; requests that the vendor refused: %d%n",
                kills.stream().filter(Kill::jobRan).count(),
                kills.size(),
                seconds,
                job.ask(JobSink::records),
                job.ask(sink -> sink.told().size()),
                stage.vendor().stats().violations());
        job.ask(sink -> {
            sink.requireWhole(plan.recordsEach());
            return sink.told();
        });
        System.out.printf(
                "each of %d records of each of %d parts came exactly once, each frame in its place, one last of each part%n",
                plan.recordsEach(), plan.parts());
    }

    private static void row(Table table, String name, List<Long> nanos) {
        table.row(
                name,
                Figures.percentileMillis(nanos, 0.5),
                Figures.percentileMillis(nanos, 0.9),
                Figures.percentileMillis(nanos, 0.99),
                Figures.percentileMillis(nanos, 1));
    }

    private Program start(boolean untilReady) throws Exception {
        Program scheduler = SchedulerProgram.start(
                stage, List.of("-Xmx256m", "-Xms64m"), state, health, SchedulerProgram.Tuning.defaults(plan.session()));
        if (!kills.isEmpty()) {
            startedNanos.add(System.nanoTime() - kills.getLast().nanos());
        }
        if (untilReady) {
            Await.until("the scheduler is ready", LONGEST, health::ready);
            if (!kills.isEmpty()) {
                readyNanos.add(System.nanoTime() - kills.getLast().nanos());
            }
        }
        return scheduler;
    }
}
