package dev.toolpost.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/** A million deferrals wait, some thousand are due each second; then the scheduler is killed and begins without its state. */
final class Deferring {

    private static final Duration LONGEST = Duration.ofMinutes(5);
    private static final Duration SESSION = Duration.ofSeconds(6);
    private static final long FAR_MILLIS = Duration.ofHours(6).toMillis();
    private static final double[] PARTS = {0.5, 0.9, 0.99, 0.999, 1};

    private final int waiting;
    private final int perSecond;
    private final int due;
    private final int rounds;
    private final SchedulerProgram.Tuning tuning;
    private final List<String> jvm;
    private final SchedulerStage stage;
    private final NumberedDeferrals deferrals;
    private final Path state;
    private final Health health = Health.onFreePort();

    private Deferring(
            SchedulerStage stage,
            NumberedDeferrals deferrals,
            int pending,
            int perSecond,
            int seconds,
            int rounds,
            SchedulerProgram.Tuning tuning,
            String heap) {
        this.stage = stage;
        this.deferrals = deferrals;
        this.perSecond = perSecond;
        this.due = perSecond * seconds;
        this.waiting = pending - due;
        this.rounds = rounds;
        this.tuning = tuning;
        this.jvm = List.of("-Xmx" + heap, "-Xms" + heap);
        this.state = stage.state("scheduler");
    }

    static void run(Options options) throws Exception {
        int pending = options.number("pending", 100_000, 1_000_000);
        int perSecond = options.number("per-second", 5_000, 5_000);
        int seconds = options.number("seconds", 8, 30);
        int partitions = options.number("partitions", 12, 12);
        int bytes = options.number("bytes", 500, 500);
        SchedulerProgram.Tuning tuning = new SchedulerProgram.Tuning(
                options.number("threads", 1, 1),
                SESSION,
                options.number("poll", 0, 0),
                options.number("commit", 0, 0),
                0);
        int rounds = options.number("rounds", 1, 3);
        String heap = options.text("heap", "512m");
        options.refuseOthers();
        try (SchedulerStage stage = SchedulerStage.open(partitions);
                NumberedDeferrals deferrals = new NumberedDeferrals(stage.deferrals(), bytes)) {
            new Deferring(stage, deferrals, pending, perSecond, seconds, rounds, tuning, heap).measure();
        }
    }

    private void measure() throws Exception {
        try (Program scheduler = start()) {
            Await.until("the scheduler is ready", LONGEST, health::ready);
            takeIn(scheduler);
            try (Arrivals arrivals = new Arrivals(stage.deferrals(), due * rounds + waiting)) {
                Table table = new Table(
                        "round",
                        "p50 ms",
                        "p90 ms",
                        "p99 ms",
                        "p99.9 ms",
                        "most ms",
                        "lost",
                        "early",
                        "doubled",
                        "cores",
                        "broker cores");
                for (int round = 0; round < rounds; round++) {
                    table.row(deliver(arrivals, scheduler, round));
                }
            }
            sizes(scheduler);
            scheduler.kill();
        }
        Table table = new Table("restore", "s", "deferrals");
        table.row("killed, state there", restore(), waiting);
        SchedulerStage.delete(state);
        table.row("killed, state wiped", restore(), waiting);
    }

    private Program start() {
        return SchedulerProgram.start(stage, jvm, state, health, tuning);
    }

    private void takeIn(Program scheduler) throws Exception {
        long from = System.nanoTime();
        CpuTime cpu = scheduler.cpu();
        long far = System.currentTimeMillis() + FAR_MILLIS;
        for (int i = 0; i < waiting; i++) {
            deferrals.defer(due * rounds + i, far + i);
        }
        deferrals.flush();
        Await.until("all are taken in", LONGEST, () -> SchedulerHttp.pending(health) == waiting);
        System.out.printf(
                Locale.ROOT,
                "%,d taken in within %.1f s, %.0f us of processor time each%n",
                waiting,
                (System.nanoTime() - from) / 1e9,
                scheduler.cpu().since(cpu).per(waiting));
    }

    private Object[] deliver(Arrivals arrivals, Program scheduler, int round) throws Exception {
        int before = arrivals.lateness().size();
        long start = System.currentTimeMillis() + 8_000 + due / 10;
        for (int i = 0; i < due; i++) {
            deferrals.defer(round * due + i, start + i * 1_000L / perSecond);
        }
        deferrals.flush();
        Await.until(
                "all that will be due are taken in before the first is",
                Duration.ofMillis(Math.max(1, start - System.currentTimeMillis())),
                () -> SchedulerHttp.pending(health) == waiting + due);
        Await.until("the first is due", LONGEST, () -> System.currentTimeMillis() >= start);
        CpuTime cpu = scheduler.cpu();
        CpuTime broker = CpuTime.of(stage.brokerPid());
        Await.until("all that is due is read", LONGEST, () -> arrivals.arrived() >= (round + 1L) * due);
        long micros = due * 1_000_000L / perSecond;
        List<Long> all = arrivals.lateness();
        List<Long> lateness = all.subList(before, all.size());
        Object[] row = new Object[PARTS.length + 6];
        row[0] = (round + 1) + ": " + perSecond + "/s";
        for (int i = 0; i < PARTS.length; i++) {
            row[i + 1] = Figures.percentileMillis(lateness, PARTS[i]);
        }
        row[PARTS.length + 1] = arrivals.lost((round + 1) * due);
        row[PARTS.length + 2] = arrivals.early();
        row[PARTS.length + 3] = arrivals.doubled();
        row[PARTS.length + 4] = scheduler.cpu().since(cpu).per(micros);
        row[PARTS.length + 5] = CpuTime.of(stage.brokerPid()).since(broker).per(micros);
        return row;
    }

    private void sizes(Program scheduler) throws Exception {
        long heap = LiveHeap.megabytes(scheduler.pid()) << 20;
        long disk = SchedulerStage.bytesOf(state);
        long changelogs = stage.changelogBytes();
        Table table = new Table("sizes", "MB", "bytes/deferral");
        table.row("heap alive", heap >> 20, heap / waiting);
        table.row("resident", resident(scheduler.pid()) >> 20, resident(scheduler.pid()) / waiting);
        table.row("state directory", disk >> 20, disk / waiting);
        table.row("changelogs", changelogs >> 20, changelogs / waiting);
    }

    private static long resident(long pid) throws IOException {
        String line = Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
                .filter(each -> each.startsWith("VmRSS:"))
                .findFirst()
                .orElseThrow();
        return Long.parseLong(line.replaceAll("[^0-9]", "")) << 10;
    }

    private double restore() throws Exception {
        long from = System.nanoTime();
        try (Program scheduler = start()) {
            Await.until("it is ready", LONGEST, health::ready);
            Await.until("all wait again", LONGEST, () -> SchedulerHttp.pending(health) == waiting);
            double seconds = (System.nanoTime() - from) / 1e9;
            scheduler.kill();
            return seconds;
        }
    }
}
