package dev.toolpost.benchmarks;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/** Of two schedulers one is killed: how long until the other has all of the state and delivers, with and without a copy of it. */
final class StandbyTakeover {

    private static final Duration LONGEST = Duration.ofMinutes(5);
    private static final long FAR_MILLIS = Duration.ofHours(6).toMillis();

    /** Due while one is away, one of each so many milliseconds, so that deliveries show when all partitions go on. */
    private static final int DUE_EVERY_MILLIS = 5;

    private static final int DUE = 12_000;

    private StandbyTakeover() {}

    static void run(Options options) throws Exception {
        int pending = options.number("pending", 40_000, 500_000);
        int partitions = options.number("partitions", 12, 12);
        int bytes = options.number("bytes", 500, 500);
        Duration session = Duration.ofMillis(options.number("session-ms", 6_000, 6_000));
        String replicas = options.text("standby-replicas", "0,1");
        options.refuseOthers();
        System.out.printf(
                Locale.ROOT,
                "%,d deferrals wait in %d partitions, session %d ms%n",
                pending,
                partitions,
                session.toMillis());
        Table table = new Table(
                "standby replicas",
                "taken over",
                "restored",
                "kill to ready ms",
                "longest lateness ms",
                "lost",
                "doubled");
        for (String each : replicas.split(",", -1)) {
            takeOver(table, Integer.parseInt(each), pending, partitions, bytes, session);
        }
    }

    private static void takeOver(Table table, int replicas, int pending, int partitions, int bytes, Duration session)
            throws Exception {
        SchedulerProgram.Tuning tuning =
                SchedulerProgram.Tuning.defaults(session).withStandbyReplicas(replicas);
        Health one = Health.onFreePort();
        Health other = Health.onFreePort();
        try (SchedulerStage stage = SchedulerStage.open(partitions);
                NumberedDeferrals deferrals = new NumberedDeferrals(stage.deferrals(), bytes);
                Arrivals arrivals = new Arrivals(stage.deferrals(), DUE + pending);
                Program survivor = start(stage, "one", one, tuning);
                Program killed = start(stage, "other", other, tuning)) {
            Await.until("both work", LONGEST, () -> one.ready() && other.ready());
            long far = System.currentTimeMillis() + FAR_MILLIS;
            for (int i = 0; i < pending; i++) {
                deferrals.defer(DUE + i, far + i);
            }
            deferrals.flush();
            Await.until("all wait", LONGEST, () -> SchedulerHttp.pending(one) == pending);
            Await.until(
                    "both have a part",
                    LONGEST,
                    () -> SchedulerHttp.ownPending(other) > 0 && SchedulerHttp.ownPending(one) > 0);
            long taken = SchedulerHttp.ownPending(other);
            if (replicas > 0) {
                // Each deferral is two records of the changelog.
                Await.until(
                        "it is copied",
                        LONGEST,
                        () -> SchedulerHttp.metric(one, "toolpost_scheduler_standby_copied_total") >= 2 * taken);
            }
            long first = System.currentTimeMillis() + 1_000;
            for (int i = 0; i < DUE; i++) {
                deferrals.defer(i, first + (long) i * DUE_EVERY_MILLIS);
            }
            deferrals.flush();
            Await.until("some are delivered", LONGEST, () -> arrivals.arrived() > DUE / 20);
            double restored = SchedulerHttp.metric(one, "toolpost_scheduler_restored_total");
            long kill = System.nanoTime();
            killed.kill();
            Await.until(
                    "it has all of the state", LONGEST, () -> SchedulerHttp.ownPending(one) >= pending && one.ready());
            double ready = (System.nanoTime() - kill) / 1e6;
            Await.until("all that is due is read", LONGEST, () -> arrivals.arrived() >= DUE);
            table.row(
                    replicas,
                    taken,
                    SchedulerHttp.metric(one, "toolpost_scheduler_restored_total") - restored,
                    ready,
                    Figures.percentileMillis(arrivals.lateness(), 1),
                    arrivals.lost(DUE),
                    arrivals.doubled());
            survivor.kill();
        }
    }

    private static Program start(SchedulerStage stage, String name, Health health, SchedulerProgram.Tuning tuning) {
        Path state = stage.state(name);
        return SchedulerProgram.start(stage, List.of("-Xmx256m", "-Xms64m"), state, health, tuning);
    }
}
