package dev.toolpost.worker.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.connectors.Limit;
import dev.toolpost.connectors.Limit.Kind;
import dev.toolpost.connectors.Limit.Scope;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** A limit over all connections of a vendor while workers come and go; zero rejected, and how much was used. */
class MovingShardsSimulationTest {

    private static final int SEEDS = 40;
    private static final long MILLISECOND = 1_000_000;
    private static final long SECOND = 1_000 * MILLISECOND;
    private static final long WINDOW = 10 * SECOND;

    @Test
    void theVendorsLimitHoldsWhileOneWorkerBecomesEightAndOneAgain() {
        long arrivals = 0;
        double used = 0;
        for (long seed = 1; seed <= SEEDS; seed++) {
            int permits = 1 + new Random(seed).nextInt(120);
            MovingShards world = world(seed, permits);
            long from = world.time.getAsLong();
            long before = world.arrivals;
            while (world.workers() < 8) {
                world.join();
                settle(world);
            }
            while (world.workers() > 1) {
                world.leave();
                settle(world);
            }
            assertThat(world.rejected).as("seed %d, %d permits", seed, permits).isZero();
            arrivals += world.arrivals;
            used += (world.arrivals - before) / ((double) permits * (world.time.getAsLong() - from) / WINDOW);
        }
        print("1 to 8 to 1 workers: %d seeds, %d requests, 0 rejected, %.1f %% used", arrivals, used / SEEDS * 100);
    }

    @Test
    void theVendorsLimitHoldsWhileWorkersAreKilledAddedAndStopped() {
        long arrivals = 0;
        double used = 0;
        for (long seed = 1; seed <= SEEDS; seed++) {
            int permits = 1 + new Random(seed).nextInt(120);
            MovingShards world = world(seed, permits);
            long from = world.time.getAsLong();
            long before = world.arrivals;
            for (int change = 0; change < 14; change++) {
                switch (world.workers() < 2 ? 0 : world.random.nextInt(4)) {
                    case 0, 1 -> world.join();
                    case 2 -> world.leave();
                    default -> world.kill(world.random.nextLong(8 * SECOND));
                }
                settle(world);
            }
            assertThat(world.rejected).as("seed %d, %d permits", seed, permits).isZero();
            arrivals += world.arrivals;
            used += (world.arrivals - before) / ((double) permits * (world.time.getAsLong() - from) / WINDOW);
        }
        print(
                "added, stopped and killed: %d seeds, %d requests, 0 rejected, %.1f %% used",
                arrivals, used / SEEDS * 100);
    }

    @Test
    void aVendorThatLowersItsLimitAndSaysSoRejectsOneRequestOfEachWorkerAtMost() {
        long most = 0;
        long rejected = 0;
        for (long seed = 1; seed <= SEEDS; seed++) {
            Random random = new Random(seed);
            int permits = 60 + random.nextInt(60);
            int later = 10 + random.nextInt(permits - 20);
            AtomicLong from = new AtomicLong(Long.MAX_VALUE);
            MovingShards world = new MovingShards(
                    seed,
                    12,
                    List.of(limit(permits)),
                    VendorModel.lowering("app", permits, WINDOW, later, from),
                    10 * MILLISECOND);
            world.backlog(0);
            world.join();
            world.join();
            from.set(world.time.getAsLong() + 40 * SECOND + random.nextLong(10 * SECOND));
            // Most of what the limit lets through, one after the other.
            long step = WINDOW * 5 / 4 / permits;
            for (long at = 0; at < 80 * SECOND; at += step) {
                world.call();
                world.runFor(step);
            }
            most = Math.max(most, world.rejected);
            rejected += world.rejected;
        }
        System.out.println(String.format(
                Locale.ROOT,
                "a limit of three workers lowered mid-run, told by answers: %d seeds, %d rejected, at most %d in a run",
                SEEDS,
                rejected,
                most));
        assertThat(most).isLessThanOrEqualTo(3);
    }

    private static Limit limit(int permits) {
        return new Limit(
                "app", Scope.VENDOR, Kind.SLIDING, permits, Duration.ofNanos(WINDOW), Set.of(), Set.of(), null, 0.05);
    }

    private static MovingShards world(long seed, int permits) {
        Random random = new Random(seed);
        MovingShards world = new MovingShards(
                seed,
                8 + random.nextInt(25),
                List.of(limit(permits)),
                VendorModel.sliding(permits, WINDOW),
                MILLISECOND + random.nextLong(400 * MILLISECOND));
        // Bursts spread out with the jitter, so that later windows are used evenly.
        world.runFor(WINDOW + random.nextLong(5 * WINDOW));
        return world;
    }

    /** Changes come one upon the other, or after a while. */
    private static void settle(MovingShards world) {
        world.backlog(1 + world.random.nextInt(8));
        world.runFor(world.random.nextInt(3) == 0 ? world.random.nextLong(SECOND) : world.random.nextLong(2 * WINDOW));
    }

    private static void print(String format, long arrivals, double used) {
        System.out.println(String.format(Locale.ROOT, format, SEEDS, arrivals, used));
    }
}
