package dev.toolpost.worker.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.connectors.Feedback;
import dev.toolpost.connectors.Limit;
import dev.toolpost.connectors.Limit.Kind;
import dev.toolpost.connectors.Limit.Scope;
import dev.toolpost.connectors.LimitCost;
import dev.toolpost.connectors.ValueSource;
import dev.toolpost.worker.ratelimit.shared.SharedPermitsSource;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** A limit over all connections of a vendor while workers come and go; zero rejected, and how much was used. */
class MovingShardsSimulationTest {

    private static final int SEEDS = 40;

    /** Of a limit that is lowered. */
    private static final int LOWERED_SEEDS = 20;

    private static final long MILLISECOND = 1_000_000;
    private static final long SECOND = 1_000 * MILLISECOND;
    private static final long WINDOW = 10 * SECOND;

    private static SharedPermitsSource redis(ManualTime time) {
        return new StrictLog(time, told(100), WINDOW);
    }

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
    void ofThreeWorkersOneLearnsThatTheVendorLowersItsLimitWhenMuchIsSpent() {
        Lowered lowered = lowered(random -> WINDOW * 5 / 4 / 100, WINDOW / 90);
        print("a limit of 100 shared by three workers becomes 40 when 80 are spent", lowered);
        assertThat(lowered.mostRejected).isEqualTo(1);
        assertThat(lowered.rejectedKnowing).isZero();
    }

    @Test
    void ofThreeWorkersThatShareThroughRedisOneLearnsToo() {
        Lowered much = lowered(random -> WINDOW * 5 / 4 / 100, WINDOW / 90, MovingShardsSimulationTest::redis);
        print("a limit of 100 shared by three workers through Redis becomes 40 when 80 are spent", much);
        assertThat(much.mostRejected).isEqualTo(1);
        assertThat(much.rejectedKnowing).isZero();
        Lowered little =
                lowered(random -> WINDOW / (5 + random.nextInt(30)), WINDOW / 90, MovingShardsSimulationTest::redis);
        print("a limit of 100 shared by three workers through Redis becomes 40 when 5 to 34 are spent", little);
        assertThat(little.mostRejected).isZero();
    }

    @Test
    void ofThreeWorkersNoneIsRejectedWhenTheVendorLowersItsLimitAndLittleIsSpent() {
        Lowered lowered = lowered(random -> WINDOW / (5 + random.nextInt(30)), WINDOW / 90);
        print("a limit of 100 shared by three workers becomes 40 when 5 to 34 are spent", lowered);
        assertThat(lowered.mostRejected).isZero();
    }

    @Test
    void whatIsRejectedWasSentBeforeTheNewsCouldBeHeard() {
        for (long transit : new long[] {10 * MILLISECOND, 100 * MILLISECOND}) {
            long rejected = 0;
            long underWay = 0;
            for (long seed = 1; seed <= LOWERED_SEEDS; seed++) {
                AtomicLong from = new AtomicLong(Long.MAX_VALUE);
                MovingShards world = new MovingShards(
                        seed, 12, List.of(told(100)), VendorModel.lowering("app", 100, WINDOW, 40, from), transit);
                world.join();
                world.join();
                world.runFor(WINDOW + world.random.nextLong(3 * WINDOW));
                from.set(world.time.getAsLong());
                world.before = from.get();
                world.runFor(6 * WINDOW);
                assertThat(world.rejectedKnowing).as("seed %d", seed).isZero();
                rejected += world.rejected;
                underWay += world.rejectedFromBefore;
            }
            System.out.println(String.format(
                    Locale.ROOT,
                    "a saturated limit of 100 shared by three workers becomes 40, up to %d ms to the vendor and back: %d seeds, %d rejected, of which %d were"
                            + " under way at that moment, %d were sent before the news was heard, 0 later",
                    2 * transit / MILLISECOND,
                    LOWERED_SEEDS,
                    rejected,
                    underWay,
                    rejected - underWay));
        }
    }

    @Test
    void aLimitThatTheVendorRaisesAgainIsUsedByAllWorkers() {
        AtomicLong from = new AtomicLong(Long.MAX_VALUE);
        VendorModel lowered = VendorModel.lowering("app", 100, WINDOW, 40, from);
        MovingShards world = new MovingShards(7, 12, List.of(told(100)), lowered, 10 * MILLISECOND);
        world.join();
        world.join();
        world.runFor(2 * WINDOW);
        from.set(world.time.getAsLong());
        world.runFor(3 * WINDOW);
        long before = world.arrivals;
        world.runFor(3 * WINDOW);
        assertThat(world.arrivals - before).isBetween(3 * 36L, 3 * 40L);
        from.set(Long.MAX_VALUE);
        world.runFor(2 * WINDOW);
        before = world.arrivals;
        world.runFor(3 * WINDOW);
        assertThat(world.arrivals - before).isBetween(3 * 90L, 3 * 100L);
        assertThat(world.newsTold).isLessThan(12);
    }

    private record Lowered(long rejected, long mostRejected, long rejectedKnowing, long mostNews, double usedAfter) {}

    private interface Step {
        long nanos(Random random);
    }

    /** One request after the other: no two are under way at a time, nor sent while news is. */
    private static Lowered lowered(Step before, long after) {
        return lowered(before, after, time -> SharedPermitsSource.NONE);
    }

    private static Lowered lowered(Step before, long after, Function<ManualTime, SharedPermitsSource> source) {
        long rejected = 0;
        long most = 0;
        long knowing = 0;
        long news = 0;
        double used = 0;
        for (long seed = 1; seed <= LOWERED_SEEDS; seed++) {
            AtomicLong from = new AtomicLong(Long.MAX_VALUE);
            MovingShards world = new MovingShards(
                    seed,
                    12,
                    List.of(told(100)),
                    VendorModel.lowering("app", 100, WINDOW, 40, from),
                    10 * MILLISECOND,
                    source);
            world.backlog(0);
            world.join();
            world.join();
            long step = before.nanos(world.random);
            for (long at = 0; at < 3 * WINDOW + world.random.nextLong(WINDOW); at += step) {
                world.call();
                world.runFor(step);
            }
            from.set(world.time.getAsLong());
            for (long at = 0; at < 8 * WINDOW; at += after) {
                world.call();
                world.runFor(after);
            }
            long arrivals = world.arrivals;
            world.runFor(3 * WINDOW);
            rejected += world.rejected;
            most = Math.max(most, world.rejected);
            knowing += world.rejectedKnowing;
            news = Math.max(news, world.newsTold);
            used += (world.arrivals - arrivals) / (3 * 40.0) / LOWERED_SEEDS;
        }
        return new Lowered(rejected, most, knowing, news, used);
    }

    private static void print(String what, Lowered lowered) {
        System.out.println(String.format(
                Locale.ROOT,
                "%s, requests do not overlap: %d seeds, %d rejected, at most %d in a run, %d news at most, %.1f %% of the lower limit used later",
                what,
                LOWERED_SEEDS,
                lowered.rejected,
                lowered.mostRejected,
                lowered.mostNews,
                lowered.usedAfter * 100));
    }

    /** One whose answers say what the vendor allows and what is left. */
    private static Limit told(int permits) {
        return new Limit(
                "app",
                Scope.VENDOR,
                Kind.SLIDING,
                permits,
                Duration.ofNanos(WINDOW),
                Set.of(),
                Set.of(),
                null,
                null,
                0.05,
                LimitCost.ONE,
                new Feedback(List.of(), null, ValueSource.header("remaining"), null, ValueSource.header("limit"), null),
                null);
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
