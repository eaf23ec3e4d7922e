package dev.toolpost.worker.ratelimit;

import static dev.toolpost.worker.ratelimit.Simulation.MILLISECOND;
import static dev.toolpost.worker.ratelimit.Simulation.SECOND;
import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.connectors.Feedback;
import dev.toolpost.connectors.Limit;
import dev.toolpost.connectors.Limit.Kind;
import dev.toolpost.connectors.Limit.Scope;
import dev.toolpost.connectors.LimitCost;
import dev.toolpost.connectors.WindowReset;
import dev.toolpost.schemas.Lane;
import dev.toolpost.worker.ratelimit.Simulation.World;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Seeded simulations against exact models of what vendors count. Zero rejected, and how much of the allowance was used. */
class VendorLimitSimulationTest {

    private static final int SEEDS = 150;
    private static final String TOOL = "vendor_tool";

    @Test
    void aStrictSlidingWindowIsNeverExceededUnderAnyJitter() {
        manySeeds("sliding", Kind.SLIDING, (permits, window, random) -> VendorModel.sliding(permits, window));
    }

    @Test
    void aFixedWindowIsNeverExceededHoweverItIsAligned() {
        manySeeds(
                "fixed to the clock",
                Kind.FIXED,
                (permits, window, random) -> VendorModel.fixedToTheClock(permits, window, random.nextLong(window)));
        manySeeds(
                "fixed from first use",
                Kind.FIXED,
                (permits, window, random) -> VendorModel.fixedFromFirstUse(permits, window));
    }

    @Test
    void aTokenBucketIsNeverOverdrawnUnderAnyJitter() {
        manySeeds("token bucket", Kind.TOKEN, (permits, window, random) -> VendorModel.tokens(permits, window));
    }

    @Test
    void aLeakyBucketNeverOverflowsUnderAnyJitter() {
        manySeeds("leaky bucket", Kind.LEAKY, (permits, window, random) -> VendorModel.leaky(permits, window));
    }

    @Test
    void aConcurrencyLimitIsNeverExceededUnderAnyJitter() {
        manySeeds("concurrent", Kind.CONCURRENT, (permits, window, random) -> VendorModel.concurrent(permits));
    }

    @Test
    void randomCostsNeverExceedAnyKindOfLimit() {
        costly("sliding", Kind.SLIDING, (permits, window, random) -> VendorModel.sliding(permits, window));
        costly(
                "fixed to the clock",
                Kind.FIXED,
                (permits, window, random) -> VendorModel.fixedToTheClock(permits, window, random.nextLong(window)));
        costly(
                "fixed from first use",
                Kind.FIXED,
                (permits, window, random) -> VendorModel.fixedFromFirstUse(permits, window));
        costly("token bucket", Kind.TOKEN, (permits, window, random) -> VendorModel.tokens(permits, window));
        costly("leaky bucket", Kind.LEAKY, (permits, window, random) -> VendorModel.leaky(permits, window));
        costly("concurrent", Kind.CONCURRENT, (permits, window, random) -> VendorModel.concurrent(permits));
    }

    private static void costly(String name, Kind kind, VendorOf vendorOf) {
        long arrivals = 0;
        for (long seed = 1; seed <= SEEDS / 2; seed++) {
            Random random = new Random(seed);
            int permits = 2 + (int) Math.exp(random.nextDouble() * Math.log(300));
            long window = (long) (100 * MILLISECOND * Math.exp(random.nextDouble() * Math.log(600)));
            World world = new World(
                    random.nextLong(window / 4),
                    random.nextLong(window / 2),
                    random.nextDouble() * 0.1,
                    random.nextDouble() * 0.05);
            Simulation simulation = new Simulation(
                    seed, List.of(costly(limit(kind, permits, window))), vendorOf.make(permits, window, random), world);
            for (int stretch = 0; stretch < 12; stretch++) {
                long length = window / 2 + random.nextLong(window);
                for (int calls = random.nextInt(permits / 4 + 8); calls > 0; calls--) {
                    int cost = cost(simulation.random, permits);
                    simulation.time.after(
                            random.nextLong(length), () -> simulation.call(TOOL, lane(simulation.random), cost));
                }
                simulation.runFor(length);
            }
            for (int i = 0; i < 100 && simulation.waiting() > 0; i++) {
                simulation.runFor(4 * window + ConnectionLimiter.UNANSWERED_GRACE.toNanos());
            }
            assertThat(simulation.violations)
                    .as("%s, seed %d, %d per %d ns", name, seed, permits, window)
                    .isZero();
            assertThat(simulation.waiting())
                    .as("%s, seed %d: still waiting", name, seed)
                    .isZero();
            arrivals += simulation.arrivals;
        }
        print("%s with random costs: %d seeds, %d requests arrived, 0 rejected", name, SEEDS / 2, arrivals);
    }

    /** Mostly little, now and then everything that there is. */
    private static int cost(Random random, int permits) {
        return switch (random.nextInt(10)) {
            case 0 -> permits;
            case 1, 2 -> 1 + random.nextInt(permits);
            default -> 1 + random.nextInt(Math.max(1, permits / 10));
        };
    }

    /** The same limit, of which the calls decide what they take. */
    private static Limit costly(Limit limit) {
        return limit.with(new LimitCost(
                1, Map.of(), new LimitCost.FromArgument("points", Set.of(TOOL), 1, 0, 1, limit.permits())));
    }

    @Test
    void aCostlyCallIsNotStarvedByAFloodOfCheapOnes() {
        for (Kind kind : new Kind[] {Kind.SLIDING, Kind.TOKEN, Kind.CONCURRENT}) {
            int permits = 100;
            long window = 10 * SECOND;
            Simulation simulation = new Simulation(
                    7,
                    List.of(costly(limit(kind, permits, window))),
                    switch (kind) {
                        case TOKEN -> VendorModel.tokens(permits, window);
                        case CONCURRENT -> VendorModel.concurrent(permits);
                        default -> VendorModel.sliding(permits, window);
                    },
                    new World(50 * MILLISECOND, 500 * MILLISECOND, 0, 0));
            for (int i = 0; i < 200; i++) {
                simulation.call(TOOL, Lane.INTERACTIVE);
            }
            simulation.call(TOOL, Lane.INTERACTIVE, permits);
            for (int i = 0; i < 2_000; i++) {
                simulation.call(TOOL, Lane.INTERACTIVE);
            }
            simulation.runFor(4 * window);
            assertThat(simulation.violations).isZero();
            assertThat(simulation.arrivals)
                    .as("%s: the flood goes on behind it", kind)
                    .isGreaterThan(201);
        }
    }

    @Test
    void aDayThatBeginsAtATimeOfDayIsNeverExceeded() {
        long day = 86_400 * SECOND;
        long arrivals = 0;
        for (long seed = 1; seed <= 20; seed++) {
            Random random = new Random(seed);
            int permits = 200;
            LocalTime at = LocalTime.of(random.nextInt(24), random.nextInt(60));
            long skew = random.nextLong(40 * SECOND) - 20 * SECOND;
            Limit limit = new Limit(
                    "daily",
                    Scope.CONNECTION,
                    Kind.FIXED,
                    permits,
                    Duration.ofDays(1),
                    Set.of(),
                    Set.of(),
                    null,
                    null,
                    0.05,
                    LimitCost.ONE,
                    Feedback.NONE,
                    new WindowReset(at, ZoneOffset.UTC));
            Simulation simulation = new Simulation(
                    seed,
                    List.of(costly(limit)),
                    VendorModel.fixedToTheClock(permits, day, at.toNanoOfDay() + skew),
                    new World(SECOND, 5 * SECOND, 0.05, 0.05),
                    0);
            for (int hour = 0; hour < 24 * 8; hour++) {
                for (int calls = random.nextInt(20); calls > 0; calls--) {
                    int cost = 1 + random.nextInt(5);
                    simulation.time.after(
                            random.nextLong(day / 24), () -> simulation.call(TOOL, lane(simulation.random), cost));
                }
                simulation.runFor(day / 24);
                if (random.nextInt(30) == 0) {
                    simulation.handOver(true, random.nextLong(SECOND));
                }
            }
            assertThat(simulation.violations)
                    .as("seed %d, reset at %s", seed, at)
                    .isZero();
            arrivals += simulation.arrivals;
        }
        print("a day from a time of day: 20 seeds, 8 days each, %d requests arrived, 0 rejected", arrivals);
    }

    @Test
    void aFixedWindowWhoseEndTheVendorTellsIsWaitedForLessAndNeverExceeded() {
        long[] left = new long[2];
        long asked = 0;
        for (long seed = 1; seed <= SEEDS / 3; seed++) {
            Random random = new Random(seed);
            int permits = 20 + random.nextInt(100);
            long window = 20 * SECOND + random.nextLong(60 * SECOND);
            long offset = random.nextLong(window);
            World world = new World(random.nextLong(SECOND), random.nextLong(SECOND), 0.02, 0.01);
            for (int told = 0; told < 2; told++) {
                Simulation simulation = new Simulation(
                        seed,
                        List.of(limit(Kind.FIXED, permits, window)),
                        told == 1
                                ? VendorModel.telling("limit", permits, window, offset)
                                : VendorModel.fixedToTheClock(permits, window, offset),
                        world);
                // In each of the vendor's windows most of what fits into it, in a burst at any time.
                int burstSize = permits * 4 / 5;
                for (int burst = 0; burst < 20; burst++) {
                    long rest = window - Math.floorMod(simulation.time.getAsLong() - offset, window);
                    simulation.runFor(simulation.random.nextLong(rest));
                    for (int i = 0; i < burstSize; i++) {
                        simulation.call(TOOL, Lane.INTERACTIVE);
                    }
                    simulation.runFor(3 * SECOND);
                    left[told] += simulation.waiting();
                    simulation.runFor(window - Math.floorMod(simulation.time.getAsLong() - offset, window));
                    asked += burstSize;
                }
                assertThat(simulation.violations)
                        .as("seed %d, told %d", seed, told)
                        .isZero();
            }
        }
        print(
                "fixed windows, 80 %% load in bursts: %.1f %% wait for long, %.1f %% where answers tell their end, 0 rejected",
                200.0 * left[0] / asked, 200.0 * left[1] / asked);
        assertThat(left[1]).isLessThan(left[0] / 4);
    }

    @Test
    void aVendorThatLowersItsLimitAndSaysSoRejectsOneRequestAtMost() {
        long most = 0;
        long rejected = 0;
        for (long seed = 1; seed <= SEEDS; seed++) {
            Random random = new Random(seed);
            long window = 10 * SECOND;
            int permits = 60 + random.nextInt(60);
            int later = 10 + random.nextInt(permits - 20);
            AtomicLong from = new AtomicLong(Long.MAX_VALUE);
            Simulation simulation = new Simulation(
                    seed,
                    List.of(limit(Kind.SLIDING, permits, window)),
                    VendorModel.lowering("limit", permits, window, later, from),
                    new World(10 * MILLISECOND, 15 * MILLISECOND, 0, 0));
            from.set(simulation.time.getAsLong() + 20 * SECOND + random.nextLong(10 * SECOND));
            // Nearly what the limit lets through, one after the other.
            long step = window / permits;
            for (long at = 0; at < 60 * SECOND; at += step) {
                simulation.call(TOOL, Lane.INTERACTIVE);
                simulation.runFor(step);
            }
            simulation.runFor(2 * window);
            most = Math.max(most, simulation.violations);
            rejected += simulation.violations;
            assertThat(simulation.arrivals).as("seed %d", seed).isGreaterThan(permits);
        }
        print(
                "a sliding limit lowered mid-run, told by answers: %d seeds, %d rejected, at most %d in a run",
                SEEDS, rejected, most);
        assertThat(most).isLessThanOrEqualTo(1);
    }

    private interface VendorOf {
        VendorModel make(int permits, long window, Random random);
    }

    private static void manySeeds(String name, Kind kind, VendorOf vendorOf) {
        long arrivals = 0;
        for (long seed = 1; seed <= SEEDS; seed++) {
            Random random = new Random(seed);
            int permits = 1 + (int) Math.exp(random.nextDouble() * Math.log(300));
            long window = (long) (100 * MILLISECOND * Math.exp(random.nextDouble() * Math.log(600)));
            World world = new World(
                    random.nextLong(window / 4),
                    random.nextLong(window / 2),
                    random.nextDouble() * 0.1,
                    random.nextDouble() * 0.05);
            Simulation simulation = new Simulation(
                    seed, List.of(limit(kind, permits, window)), vendorOf.make(permits, window, random), world);
            for (int stretch = 0; stretch < 12; stretch++) {
                callFor(simulation, permits, window);
            }
            simulation.runFor(2 * window);
            assertThat(simulation.violations)
                    .as("%s, seed %d, %d per %d ns", name, seed, permits, window)
                    .isZero();
            arrivals += simulation.arrivals;
        }
        assertThat(arrivals).isGreaterThan(SEEDS * 100L);
        print("%s: %d seeds, %d requests arrived, 0 rejected", name, SEEDS, arrivals);
    }

    /** One window or so of one pattern: nothing, everything at once, a trickle, or more than fits. */
    private static void callFor(Simulation simulation, int permits, long window) {
        Random random = simulation.random;
        long length = window / 2 + random.nextLong(window);
        switch (random.nextInt(4)) {
            case 0 -> {}
            case 1 -> {
                for (int i = random.nextInt(2 * permits) + 1; i > 0; i--) {
                    simulation.call(TOOL, lane(random));
                }
            }
            default -> {
                int calls = random.nextInt(3 * permits) + 1;
                for (int i = 0; i < calls; i++) {
                    simulation.time.after(random.nextLong(length), () -> simulation.call(TOOL, lane(random)));
                }
            }
        }
        simulation.runFor(length);
    }

    private static Lane lane(Random random) {
        return random.nextInt(3) == 0 ? Lane.BATCH : Lane.INTERACTIVE;
    }

    @Test
    void strictSlidingWindowIdleThenBurstIsNeverRejected() {
        for (long seed = 1; seed <= 50; seed++) {
            int permits = 100;
            long window = 10 * SECOND;
            Simulation simulation = new Simulation(
                    seed,
                    List.of(limit(Kind.SLIDING, permits, window)),
                    VendorModel.sliding(permits, window),
                    new World(80 * MILLISECOND, 200 * MILLISECOND, 0, 0));
            for (int burst = 0; burst < 5; burst++) {
                for (int i = 0; i < 500; i++) {
                    simulation.call(TOOL, Lane.INTERACTIVE);
                }
                int before = simulation.waiting();
                simulation.runFor(0);
                assertThat(before - simulation.waiting()).as("sent at once").isEqualTo(permits);
                simulation.runFor(window * 8 + simulation.random.nextLong(window));
                assertThat(simulation.waiting()).isZero();
            }
            assertThat(simulation.violations).isZero();
        }
    }

    @Test
    void afterIdlenessEverythingGoesAtOnceAndNothingIsRejectedWhateverTheLatency() {
        int permits = 100;
        long window = 10 * SECOND;
        for (long latency : new long[] {0, window / 100, window / 20, window / 8, window / 4, window / 2}) {
            burstsAfterIdleness("sliding", Kind.SLIDING, latency, _ -> VendorModel.sliding(permits, window));
            burstsAfterIdleness(
                    "fixed to the clock",
                    Kind.FIXED,
                    latency,
                    random -> VendorModel.fixedToTheClock(permits, window, random.nextLong(window)));
            burstsAfterIdleness(
                    "fixed from first use", Kind.FIXED, latency, _ -> VendorModel.fixedFromFirstUse(permits, window));
        }
    }

    /** Idle for a window, then three windows' calls at once; again and again. A request takes up to the latency, mostly much less. */
    private static void burstsAfterIdleness(
            String name, Kind kind, long latency, Function<Random, VendorModel> vendor) {
        int permits = 100;
        long window = 10 * SECOND;
        long arrivals = 0;
        for (long seed = 1; seed <= 20; seed++) {
            Simulation simulation = new Simulation(
                    seed,
                    List.of(limit(kind, permits, window)),
                    vendor.apply(new Random(seed)),
                    new World(latency / 4, latency / 2, 0, 0));
            for (int burst = 0; burst < 5; burst++) {
                for (int i = 0; i < 3 * permits; i++) {
                    simulation.call(TOOL, Lane.INTERACTIVE);
                }
                int before = simulation.waiting();
                simulation.runFor(0);
                assertThat(before - simulation.waiting()).as("sent at once").isEqualTo(permits);
                simulation.runFor(5 * window);
                assertThat(simulation.waiting()).isZero();
                simulation.runFor(simulation.random.nextLong(window));
            }
            assertThat(simulation.violations).as("%s, seed %d", name, seed).isZero();
            arrivals += simulation.arrivals;
        }
        print(
                "idle, then a burst, %s, latency up to %4d ms: 20 seeds, %d at once, %d requests, 0 rejected",
                name, latency / MILLISECOND, permits, arrivals);
    }

    @Test
    void theSimulationNoticesABucketThatLetsTwiceTheLimitThrough() {
        int permits = 100;
        long window = 10 * SECOND;
        Simulation simulation = new Simulation(
                1,
                List.of(limit(Kind.TOKEN, permits, window)),
                VendorModel.sliding(permits, window),
                new World(50 * MILLISECOND, 50 * MILLISECOND, 0, 0));
        saturate(simulation, permits, window);
        assertThat(simulation.violations).isPositive();
    }

    @Test
    void aSaturatedSlidingWindowIsUsedAsFarAsTheLatencyAllows() {
        for (long latency : new long[] {0, 20, 100, 250, 500, 1_000, 2_500, 5_000, 10_000}) {
            int permits = 100;
            long window = 10 * SECOND;
            Simulation simulation = new Simulation(
                    latency,
                    List.of(limit(Kind.SLIDING, permits, window)),
                    VendorModel.sliding(permits, window),
                    new World(latency * MILLISECOND, latency * MILLISECOND, 0, 0));
            double used = saturate(simulation, permits, window);
            double ideal = window / (double) (window + simulation.meanHoldNanos());
            print(
                    "sliding 100/10 s, mean latency %4d ms: %.2f %% used, %.2f %% possible, 0 rejected",
                    simulation.meanHoldNanos() / MILLISECOND, used * 100, ideal * 100);
            assertThat(simulation.violations).isZero();
            assertThat(used).isGreaterThan(ideal * 0.985);
        }
    }

    @Test
    void aSaturatedTokenBucketIsUsedFullyWhateverTheLatency() {
        for (long latency : new long[] {0, 100, 1_000}) {
            int permits = 40;
            long window = 20 * SECOND;
            Simulation simulation = new Simulation(
                    latency,
                    List.of(limit(Kind.TOKEN, permits, window)),
                    VendorModel.tokens(permits, window),
                    new World(latency * MILLISECOND, latency * MILLISECOND, 0, 0));
            double used = saturate(simulation, permits, window);
            print("token bucket 40, 2/s, latency up to %4d ms: %.2f %% used, 0 rejected", 3 * latency, used * 100);
            assertThat(simulation.violations).isZero();
            assertThat(used).isGreaterThan(0.985);
        }
    }

    private static double saturate(Simulation simulation, int permits, long window) {
        for (int i = 0; i < permits * 420; i++) {
            simulation.call(TOOL, Lane.INTERACTIVE);
        }
        simulation.runFor(10 * window);
        simulation.count();
        simulation.runFor(400 * window);
        assertThat(simulation.waiting()).as("still saturated").isPositive();
        return simulation.utilisation(permits, window);
    }

    @Test
    void handOversAndLossesNeverExceedTheWindow() {
        for (Kind kind : new Kind[] {Kind.SLIDING, Kind.TOKEN}) {
            long arrivals = 0;
            for (long seed = 1; seed <= SEEDS; seed++) {
                int permits = 1 + new Random(seed).nextInt(120);
                long window = 10 * SECOND;
                Simulation simulation = new Simulation(
                        seed,
                        List.of(limit(kind, permits, window)),
                        kind == Kind.TOKEN ? VendorModel.tokens(permits, window) : VendorModel.sliding(permits, window),
                        new World(200 * MILLISECOND, 400 * MILLISECOND, 0.02, 0));
                for (int stretch = 0; stretch < 12; stretch++) {
                    callFor(simulation, permits, window);
                    Random random = simulation.random;
                    switch (random.nextInt(3)) {
                        case 0 -> simulation.handOver(true, random.nextLong(SECOND));
                        case 1 -> simulation.handOver(false, random.nextLong(SECOND));
                        default -> simulation.lose(random.nextLong(8 * SECOND));
                    }
                }
                simulation.runFor(4 * window);
                assertThat(simulation.violations).as("%s, seed %d", kind, seed).isZero();
                arrivals += simulation.arrivals;
            }
            print("%s with 12 changes of owner: %d seeds, %d requests arrived, 0 rejected", kind, SEEDS, arrivals);
        }
    }

    @Test
    void severalLimitsAtOnceAreAllKept() {
        for (long seed = 1; seed <= SEEDS; seed++) {
            VendorModel perConnection = VendorModel.sliding(110, 10 * SECOND);
            VendorModel perSecond = VendorModel.tokens(30, 2 * SECOND);
            VendorModel atOnce = VendorModel.concurrent(12);
            VendorModel all = new VendorModel() {
                @Override
                public boolean arrives(long nanos, int cost) {
                    boolean fits = perConnection.arrives(nanos, cost);
                    fits &= perSecond.arrives(nanos, cost);
                    fits &= atOnce.arrives(nanos, cost);
                    return fits;
                }

                @Override
                public void done(int cost) {
                    atOnce.done(cost);
                }
            };
            Simulation simulation = new Simulation(
                    seed,
                    List.of(
                            limit("rolling", Kind.SLIDING, 110, Duration.ofSeconds(10)),
                            limit("per second", Kind.TOKEN, 30, Duration.ofSeconds(2)),
                            limit("at once", Kind.CONCURRENT, 12, null)),
                    all,
                    new World(100 * MILLISECOND, 300 * MILLISECOND, 0.05, 0.01));
            for (int stretch = 0; stretch < 12; stretch++) {
                callFor(simulation, 110, 10 * SECOND);
            }
            assertThat(simulation.violations).as("seed %d", seed).isZero();
        }
    }

    private static Limit limit(Kind kind, int permits, long windowNanos) {
        return limit("limit", kind, permits, kind == Kind.CONCURRENT ? null : Duration.ofNanos(windowNanos));
    }

    private static Limit limit(String name, Kind kind, int permits, @Nullable Duration window) {
        return new Limit(name, Scope.CONNECTION, kind, permits, window, Set.of(), Set.of(), null, 0.05);
    }

    @SuppressWarnings("AnnotateFormatMethod") // the annotation's artifact is no dependency
    private static void print(String format, Object... values) {
        System.out.println(String.format(Locale.ROOT, format, values));
    }
}
