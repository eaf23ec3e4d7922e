package dev.toolpost.worker.ratelimit;

import static dev.toolpost.schemas.Lane.BATCH;
import static dev.toolpost.schemas.Lane.INTERACTIVE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.toolpost.connectors.Limit;
import dev.toolpost.connectors.Limit.Kind;
import dev.toolpost.connectors.Limit.Scope;
import dev.toolpost.schemas.Lane;
import dev.toolpost.worker.ratelimit.Acquisition.Granted;
import dev.toolpost.worker.ratelimit.Acquisition.TooLate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Who goes when, step by step on a settable clock. */
class ConnectionLimiterTest {

    private static final long SECOND = 1_000_000_000;
    private static final long START = 7 * SECOND;
    private static final String LIST = "vendor_list";
    private static final String SEARCH = "vendor_search";
    private static final String CREATE = "vendor_create";

    private final ManualTime time = new ManualTime(START);

    @Test
    void aBurstOfTheWholeLimitGoesAtOnceAndTheNextAWindowAfterTheFirstEnd() {
        var limiter = limiter(sliding("rolling", 5, 10));
        List<Permits> burst = grant(limiter, LIST, 5);
        Waiter next = limiter.ask(LIST, INTERACTIVE, Long.MAX_VALUE);
        time.advanceBy(2 * SECOND);
        burst.get(3).finished();

        time.advanceTo(START + 12 * SECOND);
        assertThat(next.outcome).isNull();
        time.advanceTo(START + 12 * SECOND + SECOND / 50);
        assertThat(granted(next)).isTrue();
    }

    @Test
    void howeverManyLeaveWhenTheirTurnComesTheNextHasHis() throws InterruptedException {
        var limiter = limiter(sliding("rolling", 1, 10));
        Permits first = grant(limiter, LIST, 1).getFirst();
        for (int i = 0; i < 20_000; i++) {
            Ticket leaving = limiter.enter(LIST, null, INTERACTIVE, Long.MAX_VALUE);
            leaving.whenDecided(leaving::leave);
        }
        Waiter last = limiter.ask(LIST, INTERACTIVE, Long.MAX_VALUE);
        first.unused();

        assertThat(granted(last)).isTrue();
    }

    @Test
    void anUnansweredRequestKeepsItsPermitForAGraceMore() {
        var limiter = limiter(sliding("rolling", 1, 10));
        grant(limiter, LIST, 1).getFirst().unanswered();
        Waiter next = limiter.ask(LIST, INTERACTIVE, Long.MAX_VALUE);

        time.advanceTo(START + 15 * SECOND);
        assertThat(next.outcome).isNull();
        time.advanceTo(START + 15 * SECOND + SECOND / 50);
        assertThat(granted(next)).isTrue();
    }

    @Test
    void anUnusedPermitGoesToTheNextAtOnce() {
        var limiter = limiter(sliding("rolling", 1, 10));
        Permits permits = grant(limiter, LIST, 1).getFirst();
        Waiter next = limiter.ask(LIST, INTERACTIVE, Long.MAX_VALUE);
        permits.unused();
        assertThat(granted(next)).isTrue();
    }

    @Test
    void onlyTheFirstSettlementCounts() {
        var limiter = limiter(sliding("rolling", 2, 10), concurrent("at once", 2));
        Permits permits = grant(limiter, LIST, 1).getFirst();
        permits.finished();
        permits.unused();
        permits.unanswered();
        permits.close();
        assertThat(limiter.free()).containsEntry("rolling", 1L).containsEntry("at once", 2L);
    }

    @Test
    void interactiveGoesBeforeBatchAndEachLaneInOrder() {
        var limiter = limiter(concurrent("at once", 1));
        Permits permits = grant(limiter, LIST, 1).getFirst();
        Waiter batch1 = limiter.ask(LIST, BATCH, Long.MAX_VALUE);
        Waiter batch2 = limiter.ask(SEARCH, BATCH, Long.MAX_VALUE);
        Waiter interactive1 = limiter.ask(SEARCH, INTERACTIVE, Long.MAX_VALUE);
        Waiter interactive2 = limiter.ask(LIST, INTERACTIVE, Long.MAX_VALUE);
        assertThat(limiter.waiting(INTERACTIVE)).isEqualTo(2);
        assertThat(limiter.waiting(BATCH)).isEqualTo(2);

        for (Waiter expected : List.of(interactive1, interactive2, batch1, batch2)) {
            assertThat(expected.outcome).isNull();
            permits.finished();
            permits = permits(expected);
        }
    }

    @Test
    void batchLeavesTheReserveToInteractiveCalls() {
        var limiter = limiter(sliding("rolling", 100, 10));
        List<Waiter> batch = ask(limiter, LIST, BATCH, 200);
        assertThat(batch.stream().filter(ConnectionLimiterTest::granted)).hasSize(95);
        List<Waiter> interactive = ask(limiter, LIST, INTERACTIVE, 10);
        assertThat(interactive.stream().filter(ConnectionLimiterTest::granted)).hasSize(5);
    }

    @Test
    void theReserveIsTheShareAndOneFromTenOn() {
        record Row(int permits, double share, int reserve) {}
        var rows = List.of(
                new Row(1, 0.05, 0),
                new Row(9, 0.05, 0),
                new Row(10, 0.05, 1),
                new Row(39, 0.05, 1),
                new Row(40, 0.05, 2),
                new Row(110, 0.05, 5),
                new Row(1000, 0.05, 50),
                new Row(100, 0.29, 29),
                new Row(100, 0, 0),
                new Row(2, 0.99, 1),
                new Row(1, 0.99, 0));
        for (Row row : rows) {
            Limit limit = new Limit(
                    "rolling",
                    Scope.CONNECTION,
                    Kind.SLIDING,
                    row.permits,
                    Duration.ofSeconds(1),
                    Set.of(),
                    Set.of(),
                    null,
                    row.share);
            assertThat(Bandwidth.reserve(limit)).as("%s", row).isEqualTo(row.reserve);
        }
    }

    @Test
    void whoWaitsForOneBandwidthDoesNotHoldUpThoseWhoDoNotNeedIt() {
        var limiter = limiter(sliding("rolling", 10, 10), group("search", 1, 10, SEARCH));
        List<Waiter> search = ask(limiter, SEARCH, INTERACTIVE, 50);
        List<Waiter> list = ask(limiter, LIST, INTERACTIVE, 20);

        assertThat(search.stream().filter(ConnectionLimiterTest::granted)).hasSize(1);
        assertThat(list.stream().filter(ConnectionLimiterTest::granted)).hasSize(9);
    }

    @Test
    void whoWaitsForOneBandwidthIsNotOvertakenOnIt() {
        var limiter = limiter(sliding("rolling", 2, 10), group("search", 2, 10, SEARCH));
        List<Permits> permits = grant(limiter, LIST, 2);
        Waiter search = limiter.ask(SEARCH, INTERACTIVE, Long.MAX_VALUE);
        Waiter list = limiter.ask(LIST, INTERACTIVE, Long.MAX_VALUE);

        permits.get(0).unused();
        assertThat(granted(search)).isTrue();
        assertThat(list.outcome).isNull();
    }

    @Test
    void whoLacksTwoBandwidthsHoldsUpTheFirstOnlyUntilItHasAPermit() {
        var limiter = limiter(sliding("rolling", 1, 10), group("search", 1, 60, SEARCH));
        grant(limiter, SEARCH, 1).getFirst().finished();
        ask(limiter, SEARCH, INTERACTIVE, 1);
        Waiter list = limiter.ask(LIST, INTERACTIVE, Long.MAX_VALUE);
        time.advanceTo(START + 10 * SECOND + SECOND / 50);
        assertThat(granted(list)).isTrue();
    }

    @Test
    void nothingIsSpentWhileOneBandwidthIsMissing() {
        var limiter = limiter(sliding("rolling", 10, 10), concurrent("at once", 1));
        Permits running = grant(limiter, LIST, 1).getFirst();
        ask(limiter, LIST, INTERACTIVE, 5);
        assertThat(limiter.free()).containsEntry("rolling", 9L).containsEntry("at once", 0L);
        running.finished();
        assertThat(limiter.free()).containsEntry("rolling", 8L).containsEntry("at once", 0L);
    }

    @Test
    void aToolScopeGivesEachToolItsOwnPermitsAndAGroupSharesThem() {
        Limit perTool = limit("each", Scope.TOOL, Kind.SLIDING, 2, 10, Set.of(LIST, SEARCH));
        Limit shared = limit("shared", Scope.GROUP, Kind.SLIDING, 3, 10, Set.of(LIST, SEARCH));
        var limiter = limiter(perTool, shared);

        assertThat(ask(limiter, LIST, INTERACTIVE, 5).stream().filter(ConnectionLimiterTest::granted))
                .hasSize(2);
        assertThat(ask(limiter, SEARCH, INTERACTIVE, 5).stream().filter(ConnectionLimiterTest::granted))
                .hasSize(1);
        assertThat(ask(limiter, CREATE, INTERACTIVE, 5)).allMatch(ConnectionLimiterTest::granted);
        assertThat(limiter.free())
                .containsEntry("each/" + LIST, 0L)
                .containsEntry("each/" + SEARCH, 1L)
                .containsEntry("shared", 0L);
    }

    @Test
    void aCallOfTwoOverlappingGroupsIsServedThoughEachGroupIsAlwaysBusy() {
        String both = "vendor_both";
        var limiter = limiter(
                limit("left", Scope.GROUP, Kind.TOKEN, 1, 1, Set.of(LIST, both)),
                limit("right", Scope.GROUP, Kind.TOKEN, 1, 1, Set.of(SEARCH, both)));
        List<Permits> busy = new ArrayList<>(grant(limiter, LIST, 1));
        busy.getFirst().finished();
        time.advanceBy(SECOND / 2);
        grant(limiter, SEARCH, 1).getFirst().finished();
        Waiter waiting = limiter.ask(both, INTERACTIVE, Long.MAX_VALUE);

        // From here on the two groups get their permits by turns, half a second apart, and others want each.
        List<Waiter> others = new ArrayList<>();
        for (int second = 0; second < 20 && waiting.outcome == null; second++) {
            others.add(limiter.ask(LIST, INTERACTIVE, Long.MAX_VALUE));
            others.add(limiter.ask(SEARCH, INTERACTIVE, Long.MAX_VALUE));
            for (int step = 0; step < 10; step++) {
                time.advanceBy(SECOND / 10);
                for (Waiter other : others) {
                    if (other.outcome instanceof Granted(Permits permits)) {
                        permits.finished();
                    }
                }
            }
        }
        assertThat(granted(waiting)).isTrue();
        assertThat(others.stream().filter(ConnectionLimiterTest::granted)).isNotEmpty();
    }

    @Test
    void aDeadlineThatCannotBeMetIsToldAtOnceWithTheTimeOfTheNextPermit() {
        var limiter = limiter(sliding("rolling", 2, 10));
        grant(limiter, LIST, 2).forEach(Permits::finished);
        long deadline = START + 10 * SECOND;

        assertThat(limiter.ask(LIST, INTERACTIVE, deadline).outcome)
                .isInstanceOfSatisfying(
                        TooLate.class,
                        tooLate -> assertThat(tooLate.availableAtNanos())
                                .isBetween(START + 10 * SECOND, START + 10 * SECOND + SECOND / 50));
        assertThat(limiter.waiting(INTERACTIVE)).isZero();
        assertThat(limiter.ask(LIST, INTERACTIVE, deadline + SECOND).outcome).isNull();
        assertThat(limiter.ask(LIST, INTERACTIVE, deadline + SECOND).outcome).isNull();
        assertThat(limiter.ask(LIST, INTERACTIVE, deadline + SECOND).outcome)
                .as("two are ahead, so this one waits a second window")
                .isInstanceOfSatisfying(
                        TooLate.class,
                        tooLate -> assertThat(tooLate.availableAtNanos()).isGreaterThanOrEqualTo(START + 20 * SECOND));
    }

    @Test
    void thoseWhoWaitForAnotherBandwidthDoNotCountAsAhead() {
        var limiter = limiter(sliding("rolling", 2, 10), group("search", 1, 3600, SEARCH));
        grant(limiter, SEARCH, 1).getFirst().finished();
        ask(limiter, SEARCH, INTERACTIVE, 1000);
        grant(limiter, LIST, 1).getFirst().finished();
        assertThat(limiter.ask(LIST, INTERACTIVE, START + 11 * SECOND).outcome).isNull();
    }

    @Test
    void aDeadlineInThePastTakesNoPermit() {
        var limiter = limiter(sliding("rolling", 2, 10));
        assertThat(limiter.ask(LIST, INTERACTIVE, START).outcome).isInstanceOf(TooLate.class);
        assertThat(limiter.free()).containsEntry("rolling", 2L);
    }

    @Test
    void aPauseStopsEverythingAndTheLaterOneCounts() {
        var limiter = limiter(sliding("rolling", 10, 10));
        limiter.pause(START + 5 * SECOND);
        limiter.pause(START + 3 * SECOND);
        List<Waiter> waiting = ask(limiter, LIST, INTERACTIVE, 3);
        time.advanceTo(START + 5 * SECOND - 1);
        assertThat(waiting).noneMatch(ConnectionLimiterTest::granted);
        time.advanceTo(START + 5 * SECOND);
        assertThat(waiting).allMatch(ConnectionLimiterTest::granted);
    }

    @Test
    void aPauseTellsThoseWhoseDeadlineItPasses() {
        var limiter = limiter(concurrent("at once", 1));
        grant(limiter, LIST, 1);
        Waiter patient = limiter.ask(LIST, INTERACTIVE, START + 60 * SECOND);
        Waiter hasty = limiter.ask(LIST, INTERACTIVE, START + 20 * SECOND);
        limiter.pause(START + 30 * SECOND);
        assertThat(hasty.outcome).isEqualTo(new TooLate(START + 30 * SECOND));
        assertThat(patient.outcome).isNull();
        assertThat(limiter.waiting(INTERACTIVE)).isEqualTo(1);
    }

    @Test
    void aConnectionWithoutLimitsNeverWaitsExceptForAPause() {
        var limiter = limiter();
        assertThat(ask(limiter, LIST, BATCH, 1000)).allMatch(ConnectionLimiterTest::granted);
        limiter.pause(START + SECOND);
        Waiter paused = limiter.ask(LIST, BATCH, Long.MAX_VALUE);
        assertThat(paused.outcome).isNull();
        time.advanceBy(SECOND);
        assertThat(granted(paused)).isTrue();
    }

    @Test
    void whoLeavesGivesTheirPermitToTheNext() {
        var limiter = limiter(sliding("rolling", 1, 10));
        Waiter leaving = limiter.ask(LIST, INTERACTIVE, Long.MAX_VALUE);
        Waiter middle = limiter.ask(LIST, INTERACTIVE, Long.MAX_VALUE);
        Waiter next = limiter.ask(LIST, INTERACTIVE, Long.MAX_VALUE);
        limiter.withdraw(middle);
        limiter.withdraw(leaving);
        assertThat(middle.outcome).isNull();
        assertThat(granted(next)).isTrue();
        permits(next).unused();
        assertThat(limiter.free()).containsEntry("rolling", 1L);
    }

    @Test
    void theTimerRunsNoMoreOftenThanPermitsReturn() {
        var limiter = limiter(sliding("rolling", 10, 10));
        List<Waiter> waiting = ask(limiter, LIST, INTERACTIVE, 1010);
        List<Waiter> left = new ArrayList<>(waiting);
        while (!left.isEmpty()) {
            time.advanceBy(SECOND / 7);
            left.removeIf(waiter -> {
                if (waiter.outcome instanceof Granted(Permits permits)) {
                    permits.finished();
                    return true;
                }
                return false;
            });
        }
        assertThat(time.wakeUps()).isLessThanOrEqualTo(1010);
    }

    @Test
    void aSuccessorGoesOnFromTheSnapshot() {
        var first = limiter(sliding("rolling", 10, 10), limit("each", Scope.TOOL, Kind.SLIDING, 4, 10, Set.of()));
        grant(first, LIST, 3).forEach(Permits::finished);
        grant(first, SEARCH, 2);
        time.advanceBy(4 * SECOND);
        first.pause(time.getAsLong() + 2 * SECOND);
        byte[] snapshot = first.snapshot(time.getAsLong());

        time.advanceBy(100 * SECOND);
        long restoredAt = time.getAsLong();
        var second = limiter(
                InitialState.restored(snapshot),
                sliding("rolling", 10, 10),
                limit("each", Scope.TOOL, Kind.SLIDING, 4, 10, Set.of()));
        byte[] untouched = second.snapshot(time.getAsLong());
        var third = limiter(
                InitialState.restored(untouched),
                sliding("rolling", 10, 10),
                limit("each", Scope.TOOL, Kind.SLIDING, 4, 10, Set.of()));

        for (var limiter : List.of(second, third)) {
            assertThat(limiter.ask(LIST, INTERACTIVE, restoredAt + 2 * SECOND - 1).outcome)
                    .as("paused")
                    .isInstanceOf(TooLate.class);
        }
        time.advanceBy(2 * SECOND);
        for (var limiter : List.of(second, third)) {
            assertThat(limiter.ask(LIST, INTERACTIVE, Long.MAX_VALUE)).matches(ConnectionLimiterTest::granted);
            assertThat(limiter.ask(SEARCH, INTERACTIVE, Long.MAX_VALUE)).matches(ConnectionLimiterTest::granted);
            assertThat(limiter.ask(CREATE, INTERACTIVE, Long.MAX_VALUE)).matches(ConnectionLimiterTest::granted);
            assertThat(limiter.free())
                    .containsEntry("rolling", 2L)
                    .containsEntry("each/" + LIST, 0L)
                    .containsEntry("each/" + SEARCH, 1L)
                    .containsEntry("each/" + CREATE, 3L);
        }
        time.advanceTo(restoredAt + 6 * SECOND + SECOND / 20);
        assertThat(second.free()).as("those that had ended came back").containsEntry("rolling", 5L);
        time.advanceTo(restoredAt + 15 * SECOND + SECOND / 20);
        assertThat(second.free())
                .as("those under way a grace and a window later")
                .containsEntry("rolling", 7L);
    }

    @Test
    void aSuccessorWithOtherLimitsStaysOnTheSafeSide() {
        var first = limiter(sliding("rolling", 10, 10));
        grant(first, LIST, 6).forEach(Permits::finished);
        byte[] snapshot = first.snapshot(time.getAsLong());

        assertThat(freeAtFirst(snapshot, sliding("rolling", 20, 10))).containsEntry("rolling", 13L);
        assertThat(freeAtFirst(snapshot, sliding("rolling", 8, 10))).containsEntry("rolling", 1L);
        assertThat(freeAtFirst(snapshot, sliding("rolling", 4, 10))).containsEntry("rolling", 0L);
        assertThat(freeAtFirst(snapshot, sliding("renamed", 10, 10))).containsEntry("renamed", 0L);
        assertThat(freeAtFirst(snapshot, limit("rolling", Scope.CONNECTION, Kind.TOKEN, 10, 10, Set.of())))
                .containsEntry("rolling", 0L);
    }

    private Map<String, Long> freeAtFirst(byte[] snapshot, Limit limit) {
        var limiter = limiter(InitialState.restored(snapshot), limit);
        limiter.ask(LIST, INTERACTIVE, Long.MAX_VALUE);
        return limiter.free();
    }

    @Test
    void afterAnUncleanLossTheWindowCountsAsFullFromTheLastPossibleSend() {
        var limiter = limiter(InitialState.fullAt(START - 4 * SECOND), sliding("rolling", 10, 10));
        Waiter waiter = limiter.ask(LIST, INTERACTIVE, Long.MAX_VALUE);
        time.advanceTo(START + 7 * SECOND);
        assertThat(waiter.outcome).isNull();
        time.advanceTo(START + 7 * SECOND + SECOND / 50);
        assertThat(granted(waiter)).isTrue();
    }

    @Test
    void aDamagedSnapshotIsRefused() {
        byte[] snapshot = limiter(sliding("rolling", 10, 10)).snapshot(START);
        assertThatThrownBy(() -> InitialState.restored(new byte[0])).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> InitialState.restored(Arrays.copyOf(snapshot, snapshot.length - 3)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("damaged");
        byte[] newer = snapshot.clone();
        newer[0] = 9;
        assertThatThrownBy(() -> InitialState.restored(newer)).hasMessageContaining("9 (expected: 2)");
    }

    @Test
    void aStalePermitIsOneUnusedForAQuarterSecond() {
        Permits permits = grant(limiter(), LIST, 1).getFirst();
        assertThat(permits.grantedAtNanos()).isEqualTo(START);
        assertThat(permits.isStale(START + 250_000_000)).isFalse();
        assertThat(permits.isStale(START + 250_000_001)).isTrue();
    }

    @Test
    void stalePermitsAreRenewedBeforeThoseWhoWaitAndNotWhileTheBucketIsPaused() {
        ConnectionLimiter limiter = limiter(sliding("rolling", 1, 10));
        Permits permits = grant(limiter, LIST, 1).getFirst();
        time.advanceTo(START + SECOND);
        assertThat(permits.isStale(START + SECOND)).isTrue();

        assertThat(permits.renew()).isTrue();
        assertThat(permits.isStale(START + SECOND)).isFalse();
        assertThat(limiter.free()).containsValue(0L);

        limiter.pause(START + 5 * SECOND);
        assertThat(permits.renew()).isFalse();
        permits.unused();
        assertThat(permits.renew()).isFalse();
    }

    @Test
    void twoLimitsOfOneNameAreRefused() {
        assertThatThrownBy(() -> limiter(sliding("rolling", 1, 1), sliding("rolling", 2, 2)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("rolling");
    }

    private ConnectionLimiter limiter(Limit... limits) {
        return limiter(InitialState.FRESH, limits);
    }

    private ConnectionLimiter limiter(InitialState initial, Limit... limits) {
        return new ConnectionLimiter(List.of(limits), time, time, initial, time);
    }

    private static List<Waiter> ask(ConnectionLimiter limiter, String tool, Lane lane, int times) {
        return IntStream.range(0, times)
                .mapToObj(i -> limiter.ask(tool, lane, Long.MAX_VALUE))
                .toList();
    }

    private static List<Permits> grant(ConnectionLimiter limiter, String tool, int times) {
        return ask(limiter, tool, INTERACTIVE, times).stream()
                .map(ConnectionLimiterTest::permits)
                .toList();
    }

    private static boolean granted(Waiter waiter) {
        return waiter.outcome instanceof Granted;
    }

    private static Permits permits(Waiter waiter) {
        if (waiter.outcome instanceof Granted(Permits permits)) {
            return permits;
        }
        throw new AssertionError("outcome: " + waiter.outcome + " (expected: granted)");
    }

    private static Limit sliding(String name, int permits, int seconds) {
        return limit(name, Scope.CONNECTION, Kind.SLIDING, permits, seconds, Set.of());
    }

    private static Limit group(String name, int permits, int seconds, String... tools) {
        return limit(name, Scope.GROUP, Kind.SLIDING, permits, seconds, Set.of(tools));
    }

    private static Limit concurrent(String name, int permits) {
        return limit(name, Scope.CONNECTION, Kind.CONCURRENT, permits, 0, Set.of());
    }

    private static Limit limit(String name, Scope scope, Kind kind, int permits, int seconds, Set<String> tools) {
        @Nullable Duration window = seconds == 0 ? null : Duration.ofSeconds(seconds);
        return new Limit(name, scope, kind, permits, window, tools, Set.of(), null, 0.05);
    }
}
