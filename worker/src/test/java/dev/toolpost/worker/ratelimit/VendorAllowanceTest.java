package dev.toolpost.worker.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.connectors.Limit;
import dev.toolpost.connectors.Limit.Kind;
import dev.toolpost.connectors.Limit.Scope;
import dev.toolpost.schemas.Lane;
import dev.toolpost.worker.ratelimit.Acquisition.Granted;
import dev.toolpost.worker.ratelimit.Acquisition.TooLate;
import dev.toolpost.worker.ratelimit.shared.SharedPermitsSource;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class VendorAllowanceTest {

    private static final long MILLISECOND = 1_000_000;
    private static final long SECOND = 1_000 * MILLISECOND;
    private static final String TOOL = "vendor_list";

    private final ManualTime time = new ManualTime(0);

    @Test
    void connectionsOfAVendorShareItsPermits() {
        VendorAllowance allowance = allowance(100, Duration.ofSeconds(10));
        ConnectionLimiter one = limiter(allowance, "acme");
        ConnectionLimiter other = limiter(allowance, "acme");

        assertThat(grantedAtOnce(one, 60)).isEqualTo(60);
        assertThat(grantedAtOnce(other, 60)).isEqualTo(40);
    }

    @Test
    void tenantsTakeTurnsAndNotTheirCalls() {
        VendorAllowance allowance = allowance(10, Duration.ofSeconds(10));
        ConnectionLimiter flooding = limiter(allowance, "flood");
        ConnectionLimiter calm = limiter(allowance, "calm");
        List<Waiter> flood = ask(flooding, 1_000);
        List<Waiter> calms = ask(calm, 5);
        finishAll(flood);

        time.advanceTo(11 * SECOND);
        while (time.runNext(11 * SECOND)) {}

        assertThat(granted(calms)).isEqualTo(5);
        assertThat(granted(flood))
                .as("the first ten, and of the next all but the reserve")
                .isEqualTo(14);
    }

    @Test
    void aTenantHasAsMuchMoreAsItsWeightSays() {
        VendorAllowance allowance = new VendorAllowance(
                "vendor",
                List.of(limit("app", Kind.SLIDING, 40, Duration.ofSeconds(10))),
                time,
                time,
                tenant -> tenant.equals("large") ? 3 : 1,
                time,
                SharedPermitsSource.NONE,
                null,
                LimitNews.UNHEARD);
        allowance.owns(0, shards(1), 1, shards(1));
        List<Waiter> large = ask(limiter(allowance, "large"), 1_000);
        List<Waiter> small = ask(limiter(allowance, "small"), 1_000);
        long before = granted(large);
        finishAll(large);
        for (int window = 1; window <= 20; window++) {
            run(11 * SECOND, large, small);
        }

        assertThat((granted(large) - before) / (double) granted(small)).isBetween(2.6, 3.4);
    }

    @Test
    void interactiveCallsOfOneConnectionGoBeforeBatchCallsOfAnother() {
        VendorAllowance allowance = allowance(10, Duration.ofSeconds(10));
        ConnectionLimiter batch = limiter(allowance, "acme");
        ConnectionLimiter interactive = limiter(allowance, "acme");
        List<Waiter> first = ask(interactive, 10);
        List<Waiter> waitingBatch = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            waitingBatch.add(batch.ask(TOOL, Lane.BATCH, Long.MAX_VALUE));
        }
        List<Waiter> waitingInteractive = ask(interactive, 4);
        finishAll(first);

        run(11 * SECOND);

        assertThat(granted(waitingInteractive)).isEqualTo(4);
        assertThat(granted(waitingBatch))
                .as("what is left, but for the reserve")
                .isEqualTo(5);
    }

    @Test
    void aWorkerSpendsNoMoreThanItsPartOfTheShards() {
        VendorAllowance allowance = new VendorAllowance(
                "vendor",
                List.of(limit("app", Kind.SLIDING, 100, Duration.ofSeconds(10))),
                time,
                time,
                tenant -> 1,
                time,
                SharedPermitsSource.NONE,
                null,
                LimitNews.UNHEARD);
        allowance.owns(0, shards(6), 24, shards(6));
        ConnectionLimiter limiter = limiter(allowance, "acme");

        assertThat(grantedAtOnce(limiter, 60)).isEqualTo(25);
        allowance.owns(time.getAsLong(), shards(12), 24, shards(0));
        assertThat(grantedAtOnce(limiter, 60))
                .as("what is gained waits a window")
                .isZero();
        run(9 * SECOND);
        assertThat(grantedAtOnce(limiter, 0)).isZero();
        run(3 * SECOND);
        assertThat(grantedAtOnce(limiter, 60)).isEqualTo(50);
        allowance.owns(time.getAsLong(), shards(3), 24, shards(0));
        run(11 * SECOND);
        assertThat(grantedAtOnce(limiter, 60)).as("what is lost stops at once").isEqualTo(13);
    }

    @Test
    void thePartsOfAllWorkersAreTheWholeHoweverTheShardsAreSpread() {
        for (long seed = 1; seed <= 2_000; seed++) {
            Random random = new Random(seed);
            int of = 1 + random.nextInt(40);
            int permits = 1 + random.nextInt(random.nextBoolean() ? 5 : 10_000);
            BitSet[] workers = new BitSet[1 + random.nextInt(10)];
            Arrays.setAll(workers, worker -> new BitSet());
            for (int shard = 0; shard < of; shard++) {
                workers[random.nextInt(workers.length)].set(shard);
            }
            int sum = Arrays.stream(workers)
                    .mapToInt(worker -> VendorAllowance.permitsOf(worker, of, permits))
                    .sum();
            assertThat(sum).as("seed %d", seed).isEqualTo(permits);
        }
    }

    @Test
    void aPartTakenOverFromALostWorkerIsSpentAWindowLater() {
        VendorAllowance allowance = new VendorAllowance(
                "vendor",
                List.of(limit("app", Kind.SLIDING, 100, Duration.ofSeconds(10))),
                time,
                time,
                tenant -> 1,
                time,
                SharedPermitsSource.NONE,
                null,
                LimitNews.UNHEARD);
        allowance.owns(0, shards(24), 24, shards(0));
        List<Waiter> waiting = ask(limiter(allowance, "acme"), 200);

        run(10 * SECOND);
        assertThat(granted(waiting)).isZero();
        run(2 * SECOND);
        assertThat(granted(waiting)).isEqualTo(100);
    }

    @Test
    void callsOfAWorkerThatHasNoPartOfASmallLimitAreToldSoAtOnce() {
        VendorAllowance allowance = new VendorAllowance(
                "vendor",
                List.of(limit("app", Kind.SLIDING, 2, Duration.ofSeconds(10))),
                time,
                time,
                tenant -> 1,
                time,
                SharedPermitsSource.NONE,
                null,
                LimitNews.UNHEARD);
        BitSet none = new BitSet();
        none.set(5, 12);
        BitSet one = new BitSet();
        one.set(0, 12);
        allowance.owns(time.getAsLong(), one, 24, one);
        ConnectionLimiter limiter = limiter(allowance, "acme");
        List<Waiter> waiting = ask(limiter, 3);
        assertThat(granted(waiting)).isEqualTo(1);
        finishAll(waiting);

        allowance.owns(time.getAsLong(), none, 24, new BitSet());
        run(11 * SECOND + MILLISECOND);
        assertThat(waiting.get(2).outcome).as("waits when its part goes").isInstanceOf(TooLate.class);
        assertThat(limiter.ask(TOOL, Lane.INTERACTIVE, time.getAsLong() + 3_600 * SECOND).outcome)
                .as("comes when there is none")
                .isInstanceOf(TooLate.class);
        allowance.owns(time.getAsLong(), one, 24, new BitSet());
        Waiter patient = limiter.ask(TOOL, Lane.INTERACTIVE, time.getAsLong() + 3_600 * SECOND);
        assertThat(patient.outcome).isNull();
        run(12 * SECOND);
        assertThat(patient.outcome).isInstanceOf(Granted.class);
    }

    @Test
    void callsWhoseTurnCannotComeInTimeAreToldSoAtOnce() {
        VendorAllowance allowance = allowance(10, Duration.ofSeconds(10));
        for (int connection = 0; connection < 20; connection++) {
            ask(limiter(allowance, "acme"), 50);
        }
        ConnectionLimiter last = limiter(allowance, "acme");
        ask(last, 20);

        Waiter late = last.ask(TOOL, Lane.INTERACTIVE, time.getAsLong() + 100 * SECOND);
        Waiter patient = last.ask(TOOL, Lane.INTERACTIVE, time.getAsLong() + 2_000 * SECOND);

        assertThat(late.outcome)
                .isInstanceOfSatisfying(
                        TooLate.class,
                        tooLate -> assertThat(tooLate.availableAtNanos()).isGreaterThan(300 * SECOND));
        assertThat(patient.outcome).isNull();
    }

    @Test
    void aThrottleOfTheWholeVendorPausesAllItsConnectionsAndTheyComeBackSlowly() {
        VendorAllowance allowance = allowance(100, Duration.ofSeconds(10));
        ConnectionLimiter one = limiter(allowance, "acme");
        ConnectionLimiter other = limiter(allowance, "beta");
        Permits permits = ((Granted) one.ask(TOOL, Lane.INTERACTIVE, Long.MAX_VALUE).outcome).permits();
        permits.finished();
        one.throttled(permits, Set.of(), Duration.ofSeconds(3), null);

        List<Waiter> waiting = ask(other, 20);
        assertThat(granted(waiting)).isZero();
        run(3 * SECOND + MILLISECOND);
        assertThat(granted(waiting)).isEqualTo(1);
        finishAll(waiting);
        assertThat(granted(waiting)).isEqualTo(3);
        finishAll(waiting);
        assertThat(granted(waiting)).isEqualTo(7);
    }

    /** One tenant wants everything all the time, the other now and then one; what the other waits is compared with being alone. */
    @Test
    void whoCallsNowAndThenDoesNotWaitForATenantThatFloods() {
        long worst = 0;
        for (long seed = 1; seed <= 20; seed++) {
            Random random = new Random(seed);
            var calm = new Calm(random, 200 * MILLISECOND);
            VendorAllowance allowance = allowance(100, Duration.ofSeconds(10));
            long arrivals = 0;
            Deque<Waiter> flood = new ArrayDeque<>();
            List<ConnectionLimiter> flooding = new ArrayList<>();
            for (int connection = 0; connection < 5; connection++) {
                flooding.add(limiter(allowance, "flood"));
            }
            ConnectionLimiter other = limiter(allowance, "calm");
            for (int i = 0; i < 20_000; i++) {
                flood.add(flooding.get(i % 5).ask(TOOL, Lane.INTERACTIVE, Long.MAX_VALUE));
            }
            // Nobody knows of a tenant before it calls: its first windows are those that the flood has spent.
            long start = time.getAsLong();
            long warm = start + 31 * SECOND;
            List<Waiter> calls = new ArrayList<>();
            while (time.getAsLong() < start + 120 * SECOND) {
                long next = time.getAsLong() + 500 * MILLISECOND + random.nextLong(SECOND);
                runTo(next, flood, calls, calm);
                Waiter call = other.ask(TOOL, Lane.INTERACTIVE, Long.MAX_VALUE);
                call.since = time.getAsLong();
                calls.add(call);
                if (time.getAsLong() > warm && call.outcome == null) {
                    calm.waited++;
                }
                arrivals++;
            }
            assertThat(calm.waited)
                    .as("seed %d: calls of %d that had to wait", seed, arrivals)
                    .isZero();
            worst = Math.max(worst, calm.waited);
            assertThat(calm.floodGranted * 10.0 / 120 / 100)
                    .as("used by the flood")
                    .isGreaterThan(0.75);
        }
        System.out.println(String.format(
                Locale.ROOT, "a flood of 20,000 beside a call a second: 20 seeds, %d of the calls had to wait", worst));
    }

    /** One tenant uses a fifth of the limit; then another wants everything, and some of the first one's calls come late and together. */
    @Test
    void whoUsesAPartDoesNotWaitWhenATenantBeginsToFlood() {
        for (long seed = 1; seed <= 20; seed++) {
            Random random = new Random(seed);
            var calm = new Calm(random, 200 * MILLISECOND);
            VendorAllowance allowance = allowance(100, Duration.ofSeconds(10));
            ConnectionLimiter other = limiter(allowance, "calm");
            Deque<Waiter> flood = new ArrayDeque<>();
            List<Waiter> calls = new ArrayList<>();
            long begins = time.getAsLong() + 31 * SECOND + random.nextLong(SECOND);
            long late = begins + 4 * SECOND;
            int held = 0;
            while (time.getAsLong() < begins + 60 * SECOND) {
                runTo(time.getAsLong() + 250 * MILLISECOND + random.nextLong(500 * MILLISECOND), flood, calls, calm);
                if (flood.isEmpty() && time.getAsLong() >= begins) {
                    flood.addAll(ask(limiter(allowance, "flood"), 5_000));
                }
                boolean isHeld = time.getAsLong() >= begins && time.getAsLong() < late && random.nextBoolean();
                if (isHeld) {
                    held++;
                    continue;
                }
                int coming = time.getAsLong() >= late ? 1 + held : 1;
                for (int i = 0; i < coming; i++) {
                    Waiter call = other.ask(TOOL, Lane.INTERACTIVE, Long.MAX_VALUE);
                    calls.add(call);
                    calm.waited += call.outcome == null ? 1 : 0;
                }
                held -= coming - 1;
            }
            assertThat(calm.waited).as("seed %d: calls that had to wait", seed).isZero();
            assertThat(calm.floodGranted).as("seed %d: of the flood", seed).isGreaterThan(380);
        }
    }

    @Test
    void aFloodOfBatchCallsKeepsNothingFromInteractiveCallsOfAnother() {
        Random random = new Random(1);
        var flooding = new Calm(random, 200 * MILLISECOND);
        VendorAllowance allowance = allowance(100, Duration.ofSeconds(10));
        ConnectionLimiter batch = limiter(allowance, "flood");
        Deque<Waiter> flood = new ArrayDeque<>();
        for (int i = 0; i < 3_000; i++) {
            flood.add(batch.ask(TOOL, Lane.BATCH, Long.MAX_VALUE));
        }
        runTo(time.getAsLong() + 30 * SECOND, flood, new ArrayList<>(), flooding);
        ConnectionLimiter other = limiter(allowance, "interactive");
        List<Waiter> calls = new ArrayList<>();
        long asked = 0;
        long from = time.getAsLong();
        while (time.getAsLong() < from + 200 * SECOND) {
            runTo(time.getAsLong() + 125 * MILLISECOND, flood, calls, flooding);
            calls.add(other.ask(TOOL, Lane.INTERACTIVE, Long.MAX_VALUE));
            asked++;
        }
        assertThat(asked).as("four fifths of what the windows allow").isEqualTo(1_600);
        assertThat(calls).as("that wait in the end").hasSizeLessThan(100);
    }

    @Test
    void manyTenantsThatCallNowAndThenTakeLittleFromOneThatFloodsHoweverManyConnectionsItHas() {
        double[] used = new double[2];
        for (int run = 0; run < 2; run++) {
            Random random = new Random(7);
            var flooding = new Calm(random, 200 * MILLISECOND);
            VendorAllowance allowance = allowance(100, Duration.ofSeconds(10));
            List<ConnectionLimiter> others = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                others.add(limiter(allowance, "other-" + i));
            }
            Deque<Waiter> flood = new ArrayDeque<>();
            for (int connection = 0; connection <= 2 * run; connection++) {
                flood.addAll(ask(limiter(allowance, "flood"), 3_000));
            }
            List<Waiter> calls = new ArrayList<>();
            long from = time.getAsLong();
            long asked = 0;
            while (time.getAsLong() < from + 300 * SECOND) {
                runTo(time.getAsLong() + 500 * MILLISECOND + random.nextLong(SECOND), flood, calls, flooding);
                Waiter call = others.get(random.nextInt(50)).ask(TOOL, Lane.INTERACTIVE, Long.MAX_VALUE);
                calls.add(call);
                asked++;
                flooding.waited += call.outcome == null ? 1 : 0;
            }
            assertThat(flooding.waited)
                    .as("of %d calls of the others had to wait", asked)
                    .isLessThan(asked / 10);
            System.out.println(flooding.waited + " of " + asked + " calls beside a flood had to wait");
            used[run] = (flooding.floodGranted + asked) / 3_000.0;
        }
        System.out.println(String.format(
                Locale.ROOT, "a flood beside 50 tenants that use a tenth: %.2f, %.2f used", used[0], used[1]));
        assertThat(used[0]).isGreaterThan(0.85);
        assertThat(used[1]).isBetween(used[0] - 0.02, used[0] + 0.02);
    }

    /** One tenant is alone and wants everything; some windows later another comes for the first time. */
    @Test
    void theFirstCallOfATenantThatNobodyKnewDoesNotWaitForATenantThatFloods() {
        double least = 1;
        for (long seed = 1; seed <= 5; seed++) {
            Random random = new Random(seed);
            var calm = new Calm(random, 200 * MILLISECOND);
            VendorAllowance allowance = allowance(100, Duration.ofSeconds(10));
            Deque<Waiter> flood = new ArrayDeque<>(ask(limiter(allowance, "flood"), 4_400));
            assertThat(granted(List.copyOf(flood))).as("a burst of everything").isEqualTo(100);
            double used = usedInThirtyWindows(100, flood, calm);
            assertThat(used).as("seed %d: of what the windows allow", seed).isGreaterThan(0.94);
            least = Math.min(least, used);

            Waiter first = limiter(allowance, "calm").ask(TOOL, Lane.INTERACTIVE, Long.MAX_VALUE);

            assertThat(first.outcome).as("seed %d", seed).isInstanceOf(Granted.class);
        }
        System.out.println(String.format(
                Locale.ROOT,
                "a tenant comes beside a flood: 5 seeds, nobody waits; of the windows before %.3f was used at least",
                least));
    }

    @Test
    void ofAFewPermitsNoneIsKeptForGoodButTheyAreSpreadSoThatATenantThatNobodyKnewWaitsHalfAWindow() {
        long longest = 0;
        for (long seed = 1; seed <= 5; seed++) {
            Random random = new Random(seed);
            var calm = new Calm(random, 100 * MILLISECOND);
            VendorAllowance allowance = allowance(20, Duration.ofSeconds(10));
            Deque<Waiter> flood = new ArrayDeque<>(ask(limiter(allowance, "flood"), 900));
            assertThat(usedInThirtyWindows(20, flood, calm))
                    .as("seed %d: of what the windows allow", seed)
                    .isGreaterThan(0.94);
            long comes = time.getAsLong();

            Waiter first = limiter(allowance, "calm").ask(TOOL, Lane.INTERACTIVE, Long.MAX_VALUE);
            while (first.outcome == null) {
                runTo(time.getAsLong() + 10 * MILLISECOND, flood, new ArrayList<>(), calm);
            }
            longest = Math.max(longest, time.getAsLong() - comes);
        }
        assertThat(longest).isLessThan(5 * SECOND + 500 * MILLISECOND);
        System.out.println("of 20 permits in 10 s: the first call waits " + longest / MILLISECOND + " ms at the most");
    }

    @Test
    void aConnectionThatWaitsForOneLimitDoesNotHoldUpAnotherOfItsTenantThatNeedsAnother() {
        VendorAllowance allowance = new VendorAllowance(
                "vendor",
                List.of(
                        limit("search", Kind.SLIDING, 1, Duration.ofMinutes(1), Set.of("vendor_search")),
                        limit("read", Kind.SLIDING, 100, Duration.ofSeconds(1), Set.of("vendor_get"))),
                time,
                time,
                tenant -> 1,
                time,
                SharedPermitsSource.NONE,
                null,
                LimitNews.UNHEARD);
        allowance.owns(0, shards(1), 1, shards(1));
        ConnectionLimiter searching = limiter(allowance, "acme");
        for (int i = 0; i < 3; i++) {
            searching.ask("vendor_search", Lane.INTERACTIVE, Long.MAX_VALUE);
        }
        ConnectionLimiter reading = limiter(allowance, "acme");
        List<Waiter> reads = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            reads.add(reading.ask("vendor_get", Lane.INTERACTIVE, Long.MAX_VALUE));
        }
        assertThat(granted(reads)).isEqualTo(5);
    }

    @Test
    void afterAThrottleRequestsComeBackOneByOneWhateverWasUnderWay() {
        ConnectionLimiter limiter = new ConnectionLimiter(
                List.of(new Limit(
                        "own",
                        Scope.CONNECTION,
                        Kind.SLIDING,
                        200,
                        Duration.ofSeconds(10),
                        Set.of(),
                        Set.of(),
                        null,
                        0.05)),
                time,
                time,
                InitialState.FRESH,
                time);
        List<Waiter> underWay = ask(limiter, 60);
        Permits throttled = ((Granted) underWay.getFirst().outcome).permits();
        throttled.finished();
        limiter.throttled(throttled, Set.of(), Duration.ofSeconds(3), null);
        finishAll(underWay);
        List<Waiter> waiting = ask(limiter, 60);

        run(3 * SECOND + MILLISECOND);
        assertThat(granted(waiting)).isEqualTo(1);
    }

    @Test
    void aLowerLimitTakesItsPartOfEachPart() {
        VendorAllowance allowance = new VendorAllowance(
                "vendor",
                List.of(limit("app", Kind.SLIDING, 100, Duration.ofSeconds(10))),
                time,
                time,
                tenant -> 1,
                time,
                SharedPermitsSource.NONE,
                null,
                LimitNews.UNHEARD);
        allowance.owns(0, shards(3), 24, shards(3));
        ConnectionLimiter limiter = limiter(allowance, "acme");
        Waiter first = limiter.ask(TOOL, Lane.INTERACTIVE, Long.MAX_VALUE);
        ((Granted) first.outcome).permits().finished(List.of(new LimitFeedback("app", null, 49L, null, 50L, null)));
        run(11 * SECOND);

        assertThat(grantedAtOnce(limiter, 60)).as("half of 13, rounded down").isEqualTo(6);
    }

    @Test
    void aPauseOfTheWholeVendorTellsAllConnectionsWhoseCallsCannotWaitForIt() {
        VendorAllowance allowance = allowance(1, Duration.ofSeconds(10));
        ConnectionLimiter one = limiter(allowance, "acme");
        Permits permits = ((Granted) one.ask(TOOL, Lane.INTERACTIVE, Long.MAX_VALUE).outcome).permits();
        Waiter other = limiter(allowance, "beta").ask(TOOL, Lane.INTERACTIVE, time.getAsLong() + 30 * SECOND);
        assertThat(other.outcome).isNull();
        permits.finished();
        one.throttled(permits, Set.of(), Duration.ofMinutes(10), null);

        assertThat(other.outcome).isInstanceOf(TooLate.class);
    }

    private static final class Calm {
        private final Random random;
        private final long longestWork;
        private long waited;
        private long floodGranted;

        Calm(Random random, long longestWork) {
            this.random = random;
            this.longestWork = longestWork;
        }
    }

    /** Which share of what a limit per 10 s allows a flood used of thirty windows, from some time on that is past the first of them. */
    private double usedInThirtyWindows(int permits, Deque<Waiter> flood, Calm calm) {
        List<Waiter> nobody = new ArrayList<>();
        runTo(time.getAsLong() + 100 * SECOND + calm.random.nextLong(20 * SECOND), flood, nobody, calm);
        long before = calm.floodGranted;
        runTo(time.getAsLong() + 300 * SECOND, flood, nobody, calm);
        return (calm.floodGranted - before) / (30.0 * permits);
    }

    private void runTo(long end, Deque<Waiter> flood, List<Waiter> calls, Calm calm) {
        do {
            flood.removeIf(waiter -> {
                if (waiter.outcome instanceof Granted(Permits permits)) {
                    calm.floodGranted++;
                    time.after(calm.random.nextLong(calm.longestWork), permits::finished);
                    return true;
                }
                return false;
            });
            calls.removeIf(waiter -> {
                if (waiter.outcome instanceof Granted(Permits permits)) {
                    time.after(calm.random.nextLong(calm.longestWork), permits::finished);
                    return true;
                }
                return false;
            });
        } while (time.runNext(end));
        time.advanceTo(end);
    }

    private VendorAllowance allowance(int permits, Duration window) {
        VendorAllowance allowance = new VendorAllowance(
                "vendor",
                List.of(limit("app", Kind.SLIDING, permits, window)),
                time,
                time,
                tenant -> 1,
                time,
                SharedPermitsSource.NONE,
                null,
                LimitNews.UNHEARD);
        allowance.owns(time.getAsLong(), shards(1), 1, shards(1));
        return allowance;
    }

    private ConnectionLimiter limiter(VendorAllowance allowance, String tenant) {
        return new ConnectionLimiter(allowance.limits(), time, time, InitialState.FRESH, time, allowance, tenant, null);
    }

    private static Limit limit(String name, Kind kind, int permits, Duration window) {
        return limit(name, kind, permits, window, Set.of());
    }

    private static Limit limit(String name, Kind kind, int permits, Duration window, Set<String> tools) {
        return new Limit(name, Scope.VENDOR, kind, permits, window, tools, Set.of(), null, 0.05);
    }

    private List<Waiter> ask(ConnectionLimiter limiter, int calls) {
        List<Waiter> waiters = new ArrayList<>();
        for (int i = 0; i < calls; i++) {
            waiters.add(limiter.ask(TOOL, Lane.INTERACTIVE, Long.MAX_VALUE));
        }
        return waiters;
    }

    /** How many of so many calls get their permits at once; they end at once, the others go away. */
    private long grantedAtOnce(ConnectionLimiter limiter, int calls) {
        List<Waiter> waiters = ask(limiter, calls);
        long granted = granted(waiters);
        waiters.stream().filter(waiter -> waiter.outcome == null).forEach(limiter::withdraw);
        finishAll(waiters);
        return granted;
    }

    private static long granted(List<Waiter> waiters) {
        return waiters.stream()
                .filter(waiter -> waiter.outcome instanceof Granted)
                .count();
    }

    private static void finishAll(List<Waiter> waiters) {
        waiters.stream()
                .map(waiter -> waiter.outcome)
                .filter(Granted.class::isInstance)
                .map(outcome -> ((Granted) outcome).permits())
                .toList()
                .forEach(Permits::finished);
    }

    @SafeVarargs
    private void run(long nanos, List<Waiter>... finishing) {
        long end = time.getAsLong() + nanos;
        while (time.runNext(end)) {
            for (List<Waiter> each : finishing) {
                finishAll(each);
            }
        }
        time.advanceTo(end);
        for (List<Waiter> each : finishing) {
            finishAll(each);
        }
    }

    private static BitSet shards(int count) {
        BitSet shards = new BitSet();
        shards.set(0, count);
        return shards;
    }
}
