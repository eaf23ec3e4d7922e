package dev.toolpost.worker.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.connectors.Limit;
import dev.toolpost.connectors.Limit.Kind;
import dev.toolpost.connectors.Limit.Scope;
import dev.toolpost.connectors.LimitCost;
import dev.toolpost.schemas.Lane;
import dev.toolpost.worker.ratelimit.Acquisition.Granted;
import dev.toolpost.worker.ratelimit.shared.SharedPermits;
import dev.toolpost.worker.ratelimit.shared.SharedPermitsSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Workers that share one allowance kept elsewhere, which is a plain counter here that answers after a while. */
class RemoteBandwidthTest {

    private static final long MILLISECOND = 1_000_000;
    private static final long SECOND = 1_000 * MILLISECOND;
    private static final String TOOL = "vendor_list";
    private static final int PERMITS = 100;

    private final ManualTime time = new ManualTime(0);
    private final Kept kept = new Kept();
    private final Kept keptByTheHour = new Kept();
    private boolean up = true;
    private boolean sharesWhenDown = true;

    /** As many permits as are put in; each answer comes a millisecond later. */
    private final class Kept implements SharedPermits {
        private int left = PERMITS;
        private int asked;
        private int allowed = PERMITS;
        private int ended;
        private int renewed;

        @Override
        public int most() {
            return PERMITS / 2;
        }

        @Override
        public void ask(int least, int count, int leave, Answer answer) {
            asked++;
            time.after(MILLISECOND, () -> {
                int there = Math.min(count, left - leave);
                if (!up) {
                    answer.unreachable("down");
                } else if (there < least) {
                    answer.none(Duration.ofMillis(100), Duration.ofMillis(100));
                } else {
                    left -= there;
                    answer.granted(there);
                }
            });
        }

        @Override
        public int lastSeen() {
            return left;
        }

        @Override
        public void giveBack(int count) {
            left += count;
        }

        @Override
        public void ended(int count, Duration in) {
            time.after(in.toNanos(), () -> ended += count);
        }

        @Override
        public Duration keepsFor() {
            return Duration.ofMillis(500);
        }

        @Override
        public void renew(int held, int count, Duration heldFor, Answer answer) {
            renewed++;
            if (heldFor.compareTo(Duration.ofSeconds(11)) < 0) {
                left += held;
            }
            ask(count, count, 0, answer);
        }

        @Override
        public void spend(int count) {
            left -= count;
        }

        @Override
        public void drainTo(long most) {
            left = (int) Math.min(left, most);
        }

        @Override
        public void allow(int permits) {
            allowed = permits;
        }

        @Override
        public void close() {}
    }

    private final class Source implements SharedPermitsSource {
        @Override
        public @Nullable SharedPermits permits(String vendor, Limit limit) {
            return switch (limit.name()) {
                case "app" -> kept;
                case "hour" -> keptByTheHour;
                default -> null;
            };
        }

        @Override
        public boolean isUp() {
            return up;
        }

        @Override
        public boolean sharesWhenDown() {
            return sharesWhenDown;
        }
    }

    @Test
    void workersTakeWhatTheyNeedFromTheSameAllowance() {
        VendorAllowance one = worker(12);
        VendorAllowance other = worker(12);
        List<Waiter> ones = ask(one, 80);
        List<Waiter> others = ask(other, 80);

        run(SECOND);

        assertThat(granted(ones) + granted(others)).isEqualTo(PERMITS);
        assertThat(granted(others)).as("who comes second is not left out").isGreaterThan(10);
        assertThat(kept.left).isZero();
    }

    @Test
    void aSingleCallAsksForOnePermitAndWaitsForOneAnswer() {
        VendorAllowance worker = worker(24);
        List<Waiter> call = ask(worker, 1);

        assertThat(granted(call)).isZero();
        run(2 * MILLISECOND);
        assertThat(granted(call)).isEqualTo(1);
        assertThat(kept.left).isEqualTo(PERMITS - 1);
    }

    @Test
    void aCallThatCostsMoreThanIsEverGrantedAtOnceIsToldSo() {
        Limit dear = limit("hour", Kind.SLIDING, PERMITS, Duration.ofHours(1))
                .with(new LimitCost(PERMITS / 2 + 1, Map.of(), null));
        Waiter call = ask(worker(24, dear), 1).getFirst();

        assertThat(call.outcome).isInstanceOf(Acquisition.TooCostly.class);
        assertThat(kept.asked).isZero();
    }

    @Test
    void permitsThatNobodyTakesAnyMoreGoBack() {
        VendorAllowance worker = worker(24);
        ConnectionLimiter limiter = limiter(worker);
        Waiter gone = limiter.ask(TOOL, Lane.INTERACTIVE, Long.MAX_VALUE);
        limiter.withdraw(gone);

        run(SECOND);

        assertThat(kept.left).isEqualTo(PERMITS);
    }

    @Test
    void whileNoneAreLeftItIsAskedNowAndThenAndNotAllTheTime() {
        kept.left = 0;
        VendorAllowance worker = worker(24);
        List<Waiter> calls = ask(worker, 1_000);
        run(SECOND);

        assertThat(kept.asked).isLessThan(15);
        kept.left = 30;
        run(SECOND);
        assertThat(granted(calls)).isEqualTo(30);
    }

    @Test
    void outOfReachEachWorkerGoesOnWithItsPartOneWindowLater() {
        VendorAllowance worker = worker(6);
        List<Waiter> before = ask(worker, 40);
        run(SECOND);
        before.forEach(RemoteBandwidthTest::finish);
        up = false;
        worker.reaches(false);
        List<Waiter> calls = ask(worker, 80);

        run(10 * SECOND);
        assertThat(granted(calls)).isZero();
        run(2 * SECOND);
        assertThat(granted(calls))
                .as("a quarter of the shards, less what newcomers may want")
                .isEqualTo(24);
    }

    @Test
    void backInReachBothMustAllowARequestForAWindow() {
        VendorAllowance worker = worker(6);
        worker.reaches(false);
        up = false;
        List<Waiter> calls = ask(worker, 80);
        run(12 * SECOND);
        assertThat(granted(calls)).isEqualTo(25);
        calls.forEach(RemoteBandwidthTest::finish);
        up = true;
        worker.reaches(true);

        run(5 * SECOND);
        assertThat(granted(calls)).isEqualTo(25);
        run(12 * SECOND);
        assertThat(granted(calls)).isEqualTo(80);
    }

    @Test
    void outOfReachNothingGoesWhereTheOperatorWantsItSo() {
        sharesWhenDown = false;
        VendorAllowance worker = worker(24);
        up = false;
        worker.reaches(false);
        List<Waiter> calls = ask(worker, 80);

        run(60 * SECOND);
        assertThat(granted(calls)).isZero();
        up = true;
        worker.reaches(true);
        run(SECOND);
        assertThat(granted(calls)).isEqualTo(80);
    }

    @Test
    void whatTheVendorSaysIsLeftIsToldToAll() {
        VendorAllowance worker = worker(24);
        ConnectionLimiter limiter = limiter(worker);
        Waiter call = limiter.ask(TOOL, Lane.INTERACTIVE, Long.MAX_VALUE);
        run(10 * MILLISECOND);
        ((Granted) call.outcome).permits().finished(List.of(new LimitFeedback("app", 5L, 20L, null, null, null)));

        assertThat(kept.left).isEqualTo(20);
    }

    @Test
    void whatTheVendorSaysItAllowsIsToldToAll() {
        VendorAllowance worker = worker(24);
        Waiter call = limiter(worker).ask(TOOL, Lane.INTERACTIVE, Long.MAX_VALUE);
        run(10 * MILLISECOND);
        ((Granted) call.outcome).permits().finished(List.of(new LimitFeedback("app", null, null, null, 40L, null)));

        assertThat(kept.allowed).isEqualTo(40);
    }

    @Test
    void aCallThatNeedsPermitsOfTwoSharedLimitsGetsBothAndWastesNone() {
        VendorAllowance worker = worker(24, limit("hour", Kind.SLIDING, PERMITS, Duration.ofHours(1)));
        List<Waiter> calls = ask(worker, 10);
        run(SECOND);

        assertThat(granted(calls)).isEqualTo(10);
        assertThat(kept.left).isEqualTo(PERMITS - 10);
        assertThat(keptByTheHour.left).isEqualTo(PERMITS - 10);
    }

    @Test
    void whileOneOfTwoSharedLimitsHasNoneTheOtherIsAskedNowAndThenAndKeepsItsOwn() {
        keptByTheHour.left = 0;
        VendorAllowance worker = worker(24, limit("hour", Kind.SLIDING, PERMITS, Duration.ofHours(1)));
        List<Waiter> calls = ask(worker, 10);
        run(SECOND);

        assertThat(granted(calls)).isZero();
        assertThat(kept.asked).isLessThan(15);
        assertThat(kept.left).isEqualTo(PERMITS);
    }

    @Test
    void permitsThatWereHeldTooLongAreTakenAnewWhereTheyAreKept() {
        List<Permits> held = grantedTo(worker(24), 3);
        run(300 * MILLISECOND);
        assertThat(renewed(held)).containsExactly(true, true, true);
        assertThat(kept.renewed).as("a request may still arrive in time").isZero();
        run(300 * MILLISECOND);
        assertThat(renewed(held)).containsExactly(true, true, true);
        assertThat(kept.renewed).isEqualTo(3);
        assertThat(kept.left).isEqualTo(PERMITS - 3);
        run(400 * MILLISECOND);
        held.forEach(Permits::finished);
        run(SECOND);
        assertThat(kept.ended).isEqualTo(3);
    }

    @Test
    void whatCannotBeTakenAnewIsNotSentAndWaitsAgain() {
        VendorAllowance worker = worker(24);
        List<Permits> held = grantedTo(worker, 3);
        // They count no more, and others have taken all but one.
        run(12 * SECOND);
        kept.left = 1;
        assertThat(renewed(held)).containsExactly(true, false, false);
        assertThat(held.get(1).isStale(time.getAsLong())).isTrue();
        assertThat(kept.left).isZero();

        held.forEach(Permits::unused);
        run(SECOND);
        assertThat(kept.left).as("only what is there comes back").isEqualTo(1);
    }

    @Test
    void whatWasGrantedElsewhereIsNotSentLateWhileThatIsOutOfReach() {
        VendorAllowance worker = worker(24);
        List<Permits> held = grantedTo(worker, 1);
        run(600 * MILLISECOND);
        up = false;
        worker.reaches(false);
        assertThat(renewed(held)).containsExactly(false);
        assertThat(kept.renewed).isZero();
    }

    @Test
    void permitsOfAPartAreRenewedByThatAlone() {
        up = false;
        VendorAllowance worker = worker(12);
        run(12 * SECOND);
        List<Waiter> calls = ask(worker, 1);
        run(SECOND);
        List<Permits> held = permits(calls);
        run(SECOND);
        assertThat(renewed(held)).containsExactly(true);
    }

    private List<Permits> grantedTo(VendorAllowance worker, int calls) {
        List<Waiter> waiters = ask(worker, calls);
        run(5 * MILLISECOND);
        assertThat(granted(waiters)).isEqualTo(calls);
        return permits(waiters);
    }

    private static List<Permits> permits(List<Waiter> waiters) {
        return waiters.stream()
                .map(waiter -> ((Granted) Objects.requireNonNull(waiter.outcome)).permits())
                .toList();
    }

    private List<Boolean> renewed(List<Permits> held) {
        List<Boolean> renewed = new ArrayList<>();
        for (Permits each : held) {
            CompletableFuture<Boolean> answer = each.renewing();
            run(5 * MILLISECOND);
            renewed.add(answer.getNow(null));
        }
        return renewed;
    }

    @Test
    void whileAllPlacesAreTakenNothingIsAskedFor() {
        VendorAllowance worker = worker(24, limit("at once", Kind.CONCURRENT, 2, null));
        List<Waiter> calls = ask(worker, 10);
        run(SECOND);
        int asked = kept.asked;
        run(10 * SECOND);

        assertThat(granted(calls)).isEqualTo(2);
        assertThat(kept.asked).isEqualTo(asked);
        assertThat(kept.left).isEqualTo(PERMITS - 2);
    }

    @Test
    void aPauseThatAnotherWorkerMetHoldsWherePermitsAreKeptElsewhere() {
        VendorAllowance worker = worker(24);
        worker.hear(new LimitNews.Paused("vendor", "app", Duration.ofSeconds(2)), Duration.ZERO);
        List<Waiter> calls = ask(worker, 3);
        run(2 * SECOND - MILLISECOND);
        assertThat(granted(calls)).isZero();
        assertThat(kept.asked).isZero();
        run(SECOND);
        assertThat(granted(calls)).as("one at first").isEqualTo(1);
    }

    @Test
    void aTenantThatFloodsLeavesSomethingToWhoeverComesAnew() {
        VendorAllowance worker = worker(24);
        List<Waiter> flood = ask(worker, 1_000);
        for (int window = 1; window <= 3; window++) {
            run(SECOND);
            assertThat(granted(flood)).isGreaterThanOrEqualTo(window * (PERMITS - 10L));
            flood.forEach(RemoteBandwidthTest::finish);
            run(10 * SECOND);
            kept.left = PERMITS;
        }
        run(SECOND);
        assertThat(kept.left).as("left by the flood").isBetween(1, 10);

        Waiter first = limiter(worker, "newcomer").ask(TOOL, Lane.INTERACTIVE, Long.MAX_VALUE);
        run(5 * MILLISECOND);

        assertThat(first.outcome).isInstanceOf(Granted.class);
    }

    @Test
    void singleCallsBesideAFloodDoNotWaitForItsWindowWhateverWorkerTheyComeTo() {
        Limit app = limit("app", Kind.SLIDING, PERMITS, Duration.ofSeconds(10));
        StrictLog log = new StrictLog(time, app, 10 * SECOND);
        VendorAllowance one = worker(log, 12);
        VendorAllowance other = worker(log, 12);
        List<Waiter> flood = ask(one, 3_000);
        ConnectionLimiter known = limiter(one, "known");
        List<Waiter> open = new ArrayList<>(flood);
        long used = 0;
        List<Long> waits = new ArrayList<>();
        for (int second = 0; second < 120; second++) {
            ConnectionLimiter from = second >= 60 && second % 20 == 7 ? limiter(other, "newcomer-" + second) : known;
            Waiter call = from.ask(TOOL, Lane.INTERACTIVE, Long.MAX_VALUE);
            long asked = time.getAsLong();
            long waited = -1;
            for (int i = 0; i < 50; i++) {
                run(20 * MILLISECOND);
                if (waited < 0 && call.outcome instanceof Granted) {
                    waited = time.getAsLong() - asked;
                    finish(call);
                }
                used += finish(open);
            }
            if (second >= 30) {
                waits.add(waited < 0 ? Long.MAX_VALUE : waited);
            }
        }
        assertThat(waits).as("nanoseconds").allSatisfy(wait -> assertThat(wait).isLessThanOrEqualTo(100 * MILLISECOND));
        assertThat(used).as("by the flood in 12 windows").isGreaterThan(11 * (PERMITS - 25L));
    }

    private static long finish(List<Waiter> open) {
        List<Waiter> granted =
                open.stream().filter(each -> each.outcome instanceof Granted).toList();
        granted.forEach(RemoteBandwidthTest::finish);
        open.removeAll(granted);
        return granted.size();
    }

    private static Limit limit(String name, Kind kind, int permits, @Nullable Duration window) {
        return new Limit(name, Scope.VENDOR, kind, permits, window, Set.of(), Set.of(), null, 0.05);
    }

    private VendorAllowance worker(int shards, Limit... more) {
        return worker(new Source(), shards, more);
    }

    private VendorAllowance worker(SharedPermitsSource source, int shards, Limit... more) {
        VendorAllowance allowance = new VendorAllowance(
                "vendor",
                Stream.concat(Stream.of(limit("app", Kind.SLIDING, PERMITS, Duration.ofSeconds(10))), Stream.of(more))
                        .toList(),
                time,
                time,
                tenant -> 1,
                time,
                source,
                null,
                LimitNews.UNHEARD);
        allowance.owns(time.getAsLong(), shards(shards), 24, shards(shards));
        return allowance;
    }

    private ConnectionLimiter limiter(VendorAllowance allowance) {
        return limiter(allowance, "acme");
    }

    private ConnectionLimiter limiter(VendorAllowance allowance, String tenant) {
        return new ConnectionLimiter(allowance.limits(), time, time, InitialState.FRESH, time, allowance, tenant, null);
    }

    private List<Waiter> ask(VendorAllowance allowance, int calls) {
        ConnectionLimiter limiter = limiter(allowance);
        List<Waiter> waiters = new ArrayList<>();
        for (int i = 0; i < calls; i++) {
            waiters.add(limiter.ask(TOOL, Lane.INTERACTIVE, Long.MAX_VALUE));
        }
        return waiters;
    }

    private static long granted(List<Waiter> waiters) {
        return waiters.stream()
                .filter(waiter -> waiter.outcome instanceof Granted)
                .count();
    }

    private static void finish(Waiter waiter) {
        if (waiter.outcome instanceof Granted(Permits permits)) {
            permits.finished();
        }
    }

    private void run(long nanos) {
        time.advanceBy(nanos);
    }

    private static BitSet shards(int count) {
        BitSet shards = new BitSet();
        shards.set(0, count);
        return shards;
    }
}
