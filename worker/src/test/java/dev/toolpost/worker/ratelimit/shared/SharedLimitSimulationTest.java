package dev.toolpost.worker.ratelimit.shared;

import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.connectors.Limit;
import dev.toolpost.connectors.Limit.Kind;
import dev.toolpost.connectors.Limit.Scope;
import dev.toolpost.worker.ratelimit.VendorModel;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.TimeMeter;
import io.github.bucket4j.local.SynchronizationStrategy;
import java.time.Duration;
import java.util.Comparator;
import java.util.Locale;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Workers that share a derived bucket, a network that delays each request by another time, and a vendor that counts exactly. Seeded; zero rejected, and
 * how much of the allowance was used.
 */
class SharedLimitSimulationTest {

    private static final int SEEDS = 200;
    private static final long MILLISECOND = 1_000_000;
    private static final long SECOND = 1_000 * MILLISECOND;

    private interface VendorOf {
        VendorModel make(int permits, long window, Random random);
    }

    @Test
    void aSlidingWindowIsNeverExceeded() {
        manySeeds("sliding", Kind.SLIDING, (permits, window, _) -> VendorModel.sliding(permits, window));
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
                (permits, window, _) -> VendorModel.fixedFromFirstUse(permits, window));
    }

    @Test
    void aTokenBucketIsNeverOverdrawn() {
        manySeeds("token bucket", Kind.TOKEN, (permits, window, _) -> VendorModel.tokens(permits, window));
    }

    @Test
    void aLeakyBucketNeverOverflows() {
        manySeeds("leaky bucket", Kind.LEAKY, (permits, window, _) -> VendorModel.leaky(permits, window));
    }

    @Test
    void whatIsTakenAndGivenBackAgainAndAgainDoesNotPileUp() {
        SharedLimit derived = SharedLimit.of(limit(Kind.SLIDING, 100, 10 * SECOND), Duration.ofMillis(1_500), 0.1);
        World world = new World(new Random(7), derived, VendorModel.sliding(100, 10 * SECOND), 0);
        for (int round = 0; round < 200; round++) {
            world.takeAllFor(1_500 * MILLISECOND, round < 190);
            world.runFor(150 * MILLISECOND);
        }
        world.wants(1_000);
        world.runFor(20 * SECOND);
        assertThat(world.violations).isZero();
        assertThat(world.arrivals).isGreaterThan(150);
    }

    @Test
    void smallMetersWithLateRequestsAreNeverOverdrawn() {
        for (long seed = 1; seed <= SEEDS; seed++) {
            Random random = new Random(seed);
            int permits = 1 + random.nextInt(4);
            long window = SECOND;
            Duration jitter = Duration.ofNanos(random.nextLong(3 * window));
            SharedLimit derived = SharedLimit.of(limit(Kind.TOKEN, permits, window), jitter, random.nextDouble());
            World world = new World(random, derived, VendorModel.tokens(permits, window), 0);
            world.wants(Integer.MAX_VALUE);
            world.runFor(200 * SECOND);
            assertThat(world.violations)
                    .as("seed %d, %d per second, jitter %s: %s", seed, permits, jitter, derived)
                    .isZero();
            assertThat(world.arrivals).isGreaterThan(20);
        }
    }

    @Test
    void mostOfTheAllowanceIsUsed() {
        for (Kind kind : new Kind[] {Kind.SLIDING, Kind.TOKEN}) {
            VendorModel vendor =
                    kind == Kind.SLIDING ? VendorModel.sliding(100, 10 * SECOND) : VendorModel.tokens(100, 10 * SECOND);
            Limit limit = limit(kind, 100, 10 * SECOND);
            SharedLimit derived = SharedLimit.of(limit, Duration.ofMillis(1_500), 0.1);
            World world = new World(new Random(1), derived, vendor, 0);
            for (int second = 0; second < 200; second++) {
                world.wants(200);
                world.runFor(SECOND);
                world.givesUp();
            }
            double used = world.arrivals / (100 * 20.0);
            System.out.printf(
                    Locale.ROOT,
                    "shared %s limit, 100 per 10 s, saturated: %.0f %% of the allowance used%n",
                    kind,
                    used * 100);
            assertThat(world.violations).isZero();
            assertThat(used).isGreaterThan(kind == Kind.SLIDING ? 0.77 : 0.97);
        }
    }

    private static void manySeeds(String name, Kind kind, VendorOf vendorOf) {
        long arrivals = 0;
        double used = 0;
        for (long seed = 1; seed <= SEEDS; seed++) {
            Random random = new Random(seed);
            int permits = (int) Math.exp(random.nextDouble() * Math.log(300));
            long window = (long) (100 * MILLISECOND * Math.exp(random.nextDouble() * Math.log(600)));
            Duration jitter =
                    Duration.ofNanos((long) (window * (random.nextInt(4) == 0 ? 2 : 0.3) * random.nextDouble()));
            double burst = random.nextInt(3) == 0 ? random.nextDouble() : 0.1;
            Limit limit = limit(kind, permits, window);
            SharedLimit derived = SharedLimit.of(limit, jitter, burst);
            World world = new World(random, derived, vendorOf.make(permits, window, random), random.nextDouble() * 0.3);
            for (int stretch = 0; stretch < 15; stretch++) {
                world.wants(random.nextInt(3) == 0 ? 0 : random.nextInt(3 * permits + 3));
                world.runFor(random.nextLong(1 + 2 * window));
            }
            assertThat(world.violations)
                    .as("%s, seed %d, %d per %d ns, jitter %s: %s", name, seed, permits, window, jitter, derived)
                    .isZero();
            long before = world.arrivals;
            world.givesBack = 0;
            world.wants(Integer.MAX_VALUE);
            world.runFor(20 * window + 20 * jitter.toNanos());
            assertThat(world.violations)
                    .as(
                            "%s, seed %d, saturated, %d per %d ns, jitter %s: %s",
                            name, seed, permits, window, jitter, derived)
                    .isZero();
            assertThat(world.arrivals)
                    .as("%s, seed %d: a low rate, and never none: %s", name, seed, derived)
                    .isGreaterThan(before);
            arrivals += world.arrivals;
            used += derived.utilisation(Duration.ofNanos(window));
        }
        System.out.printf(
                Locale.ROOT,
                "shared, %s: %d seeds, %d requests arrived, 0 rejected, lasting rate %.0f %% of the allowance in the mean%n",
                name,
                SEEDS,
                arrivals,
                used / SEEDS * 100);
    }

    private static Limit limit(Kind kind, int permits, long window) {
        return new Limit(
                "vendor", Scope.VENDOR, kind, permits, Duration.ofNanos(window), Set.of(), Set.of(), null, 0.05);
    }

    /** Everything that happens, on one settable clock. */
    private static final class World implements TimeMeter {
        private record Event(long at, long number, Runnable action) {}

        private final PriorityQueue<Event> events =
                new PriorityQueue<>(Comparator.comparingLong(Event::at).thenComparingLong(Event::number));
        private final Random random;
        private final SharedLimit limit;
        private final VendorModel vendor;
        private final double vendorClockRate;
        private final Bucket bucket;
        private double givesBack;
        private long now;
        private long number;
        private long wanted;
        private boolean asking;
        private long arrivals;
        private long violations;

        World(Random random, SharedLimit limit, VendorModel vendor, double givesBack) {
            this.random = random;
            this.limit = limit;
            this.vendor = vendor;
            this.givesBack = givesBack;
            this.vendorClockRate = 1 + (random.nextDouble() - 0.5) * 400e-6;
            this.now = random.nextLong(1_000 * SECOND);
            long begins = random.nextBoolean() ? limit.capacityTokens() : 0;
            this.bucket = Bucket.builder()
                    .addLimit(limit.beginningWith(begins).getBandwidths()[0])
                    .withCustomTimePrecision(this)
                    .withSynchronizationStrategy(SynchronizationStrategy.NONE)
                    .build();
        }

        void wants(long more) {
            wanted += more;
            ask();
        }

        void givesUp() {
            wanted = 0;
        }

        void runFor(long nanos) {
            long end = now + nanos;
            while (!events.isEmpty() && events.peek().at() <= end) {
                Event next = events.remove();
                now = next.at();
                next.action().run();
            }
            now = end;
        }

        private void after(long nanos, Runnable action) {
            events.add(new Event(now + nanos, ++number, action));
        }

        /** Some worker asks, for some of what is wanted. */
        private void ask() {
            if (asking || wanted == 0) {
                return;
            }
            long there = bucket.getAvailableTokens() / SharedLimit.PERMIT;
            long most = Math.min(wanted, Math.min(there, 1 + random.nextInt(limit.capacity())));
            if (most > 0 && bucket.tryConsume(most * SharedLimit.PERMIT)) {
                wanted -= most;
                use((int) most);
            }
            asking = true;
            long pause = there > 0 ? 0 : limit.timeFor(SharedLimit.PERMIT).toNanos();
            after(random.nextInt(8) == 0 ? random.nextLong(1 + 3 * pause) : pause, () -> {
                asking = false;
                ask();
            });
        }

        /** Takes all that is there, and at the end of the time gives it back or has used it by then. */
        void takeAllFor(long nanos, boolean givenBack) {
            int there = (int) (bucket.getAvailableTokens() / SharedLimit.PERMIT);
            if (there > 0 && bucket.tryConsume(there * SharedLimit.PERMIT)) {
                after(nanos, () -> {
                    if (givenBack) {
                        giveBack(there, nanos);
                    } else {
                        arrive(there);
                    }
                });
            }
        }

        private void giveBack(int permits, long held) {
            long back = permits * SharedLimit.PERMIT - limit.tokensIn(Duration.ofNanos(held));
            if (back > 0) {
                bucket.addTokens(back);
            }
        }

        private void arrive(int permits) {
            for (int i = 0; i < permits; i++) {
                arrivals++;
                if (!vendor.arrives(Math.round(now * vendorClockRate), 1)) {
                    violations++;
                }
            }
        }

        private void use(int permits) {
            long longest = limit.jitter().toNanos();
            if (random.nextDouble() < givesBack) {
                long held = random.nextLong(1 + longest);
                after(held, () -> giveBack(permits, held));
                return;
            }
            for (int i = 0; i < permits; i++) {
                long late = switch (random.nextInt(4)) {
                    case 0 -> 0;
                    case 1 -> longest;
                    default -> random.nextLong(1 + longest);
                };
                after(late, () -> arrive(1));
            }
        }

        @Override
        public long currentTimeNanos() {
            return now;
        }

        @Override
        public boolean isWallClockBased() {
            return true;
        }
    }
}
