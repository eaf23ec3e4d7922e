package dev.toolpost.benchmarks;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;

/** A scheduler that is killed at random moments while deferrals come in and are due: what is lost, early and doubled. */
final class KilledScheduler {

    private static final Duration LONGEST = Duration.ofMinutes(3);
    private static final Duration SESSION = Duration.ofMillis(1_500);
    private static final Duration SETTLE = Duration.ofSeconds(2);
    private static final int BYTES = 200;

    /** From ready to killed. */
    private static final int LIVES_MILLIS = 3_000;

    private static final int DUE_WITHIN_MILLIS = 8_000;

    private KilledScheduler() {}

    static void run(Options options) throws Exception {
        int rounds = options.number("rounds", 3, 20);
        int deferrals = options.number("deferrals", 1_000, 10_000);
        int partitions = options.number("partitions", 4, 4);
        int seed = options.number("seed", 20_261_121, 20_261_121);
        boolean wipe = Boolean.parseBoolean(options.text("wipe", "false"));
        options.refuseOthers();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        try (SchedulerStage stage = SchedulerStage.open(partitions);
                NumberedDeferrals published = new NumberedDeferrals(stage, BYTES);
                Arrivals arrivals = new Arrivals(stage, deferrals)) {
            Path state = stage.state("scheduler");
            Table table = new Table("round", "published", "arrived", "lived ms", "doubled", "early");
            int share = deferrals / rounds;
            int next = 0;
            for (int round = 0; round < rounds; round++) {
                int until = round == rounds - 1 ? deferrals : next + share;
                int lives = random.nextInt(LIVES_MILLIS);
                try (Program scheduler = start(stage, state)) {
                    long end = System.nanoTime() + lives * 1_000_000L;
                    while (next < until) {
                        published.defer(next++, System.currentTimeMillis() + random.nextInt(DUE_WITHIN_MILLIS));
                    }
                    published.flush();
                    Await.until("its end", LONGEST, () -> System.nanoTime() - end >= 0);
                    scheduler.kill();
                }
                if (wipe) {
                    SchedulerStage.delete(state);
                }
                table.row(
                        (round + 1) + "/" + rounds,
                        next,
                        arrivals.arrived(),
                        lives,
                        arrivals.doubled(),
                        arrivals.early());
            }
            try (Program scheduler = start(stage, state)) {
                Await.until("all arrive", LONGEST, () -> arrivals.arrived() >= deferrals);
                long settled = System.nanoTime() + SETTLE.toNanos();
                Await.until("nothing more comes", LONGEST, () -> System.nanoTime() - settled >= 0);
                scheduler.kill();
            }
            Table counts = new Table("deferrals", "kills", "lost", "early", "doubled");
            counts.row(deferrals, rounds, arrivals.lost(deferrals), arrivals.early(), arrivals.doubled());
        }
    }

    private static Program start(SchedulerStage stage, Path state) throws Exception {
        Health health = Health.onFreePort();
        Program scheduler = SchedulerProgram.start(
                stage, List.of("-Xmx256m", "-Xms64m"), state, health, SchedulerProgram.Tuning.defaults(SESSION));
        Await.until("the scheduler is ready", LONGEST, health::ready);
        return scheduler;
    }
}
