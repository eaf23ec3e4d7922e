package dev.toolpost.worker.ratelimit;

import static dev.toolpost.schemas.Lane.BATCH;
import static dev.toolpost.schemas.Lane.INTERACTIVE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.connectors.Feedback;
import dev.toolpost.connectors.Limit;
import dev.toolpost.connectors.Limit.Kind;
import dev.toolpost.connectors.Limit.Scope;
import dev.toolpost.connectors.LimitCost;
import dev.toolpost.connectors.ValueSource;
import dev.toolpost.connectors.WindowReset;
import dev.toolpost.worker.ratelimit.Acquisition.Granted;
import dev.toolpost.worker.ratelimit.Acquisition.TooCostly;
import dev.toolpost.worker.ratelimit.Acquisition.TooLate;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Costs, what answers say, and pauses of single limits, step by step on a settable clock. */
class LimitCorrectionTest {

    private static final long SECOND = 1_000_000_000;
    private static final long HOUR = 3_600 * SECOND;
    private static final String LIST = "vendor_list";
    private static final String QUERY = "vendor_query";

    private final ManualTime time = new ManualTime(7 * SECOND);

    // ---- costs ----

    @Test
    void aCallTakesAllItsPermitsOfAllLimitsAtOnceOrNone() {
        var limiter = limiter(
                limit("first", Kind.SLIDING, 10, 10),
                limit("second", Kind.TOKEN, 6, 10),
                limit("third", Kind.CONCURRENT, 9, 0));
        Permits four = granted(ask(limiter, 4));
        Waiter five = ask(limiter, 5);
        assertThat(five.outcome).isNull();
        assertThat(limiter.free())
                .containsEntry("first", 6L)
                .containsEntry("second", 2L)
                .containsEntry("third", 5L);
        four.unused();
        granted(five).finished();
        assertThat(limiter.free())
                .containsEntry("first", 5L)
                .containsEntry("second", 1L)
                .containsEntry("third", 9L);
    }

    @Test
    void aCheapCallDoesNotOvertakeACostlyOne() {
        var limiter = limiter(limit("points", Kind.SLIDING, 10, 10));
        Permits seven = granted(ask(limiter, 7));
        Waiter eight = ask(limiter, 8);
        Waiter one = ask(limiter, 1);
        assertThat(eight.outcome).isNull();
        assertThat(one.outcome).isNull();
        seven.unused();
        granted(eight);
        granted(one);
    }

    @Test
    void aCostAboveTheLimitIsRefusedAtOnceAndHoldsUpNobody() {
        var limiter = limiter(limit("wide", Kind.SLIDING, 100, 10), limit("narrow", Kind.SLIDING, 10, 10));
        assertThat(ask(limiter, 11).outcome).isInstanceOfSatisfying(TooCostly.class, tooCostly -> {
            assertThat(tooCostly.limit().name()).isEqualTo("narrow");
            assertThat(tooCostly.cost()).isEqualTo(11);
        });
        granted(ask(limiter, 10));
    }

    @Test
    void aBatchCallThatCostsEverythingGoesWhenEverythingIsThere() {
        var limiter = limiter(withReserve(limit("points", Kind.TOKEN, 100, 10), 0.2));
        assertThat(limiter.ask(QUERY, each -> 81, BATCH, Long.MAX_VALUE).outcome)
                .isInstanceOf(Granted.class);
        Waiter all = limiter.ask(QUERY, each -> 100, BATCH, Long.MAX_VALUE);
        assertThat(all.outcome).isNull();
        time.advanceBy(HOUR);
        assertThat(all.outcome).as("81 are under way").isNull();
    }

    @Test
    void unansweredRequestsThatHoldEverythingLetGoOfItByThemselves() {
        var limiter = limiter(limit("points", Kind.TOKEN, 1, 10));
        granted(ask(limiter, 1)).unanswered();
        Waiter next = ask(limiter, 1);
        time.advanceBy(30 * SECOND);
        granted(next);
    }

    @Test
    void theEstimateCountsWhatThoseAheadWillTake() {
        var limiter = limiter(limit("points", Kind.SLIDING, 10, 10));
        granted(ask(limiter, 10)).finished();
        ask(limiter, 10);
        ask(limiter, 10);
        assertThat(limiter.ask(QUERY, each -> 1, INTERACTIVE, time.getAsLong() + 25 * SECOND).outcome)
                .isInstanceOf(TooLate.class);
        assertThat(limiter.ask(QUERY, each -> 1, INTERACTIVE, time.getAsLong() + 35 * SECOND).outcome)
                .isNull();
    }

    // ---- what answers say ----

    @Test
    void aCostThatTheAnswerReportsIsSettled() {
        for (Kind kind : new Kind[] {Kind.SLIDING, Kind.TOKEN}) {
            var limiter = limiter(limit("points", kind, 100, 1_000));
            granted(ask(limiter, 40)).finished(cost(10));
            assertThat(limiter.free()).as("%s: less is given back", kind).containsEntry("points", 90L);
            granted(ask(limiter, 40)).finished(cost(70));
            assertThat(limiter.free()).as("%s: more is taken", kind).containsEntry("points", 20L);
            granted(ask(limiter, 10)).finished(cost(60));
            assertThat(limiter.free()).as("%s: what is not there is owed", kind).containsEntry("points", 0L);
        }
    }

    @Test
    void whatIsOwedIsPaidBeforeAnythingElse() {
        var sliding = limiter(limit("points", Kind.SLIDING, 100, 100));
        granted(ask(sliding, 60)).finished();
        time.advanceBy(50 * SECOND);
        granted(ask(sliding, 40)).finished(cost(90));
        // 60 return after 100 s and pay the 50 that are owed; 90 return after 150 s.
        time.advanceBy(51 * SECOND);
        assertThat(sliding.free()).containsEntry("points", 10L);
        time.advanceBy(50 * SECOND);
        assertThat(sliding.free()).containsEntry("points", 100L);

        var token = limiter(limit("points", Kind.TOKEN, 100, 100));
        granted(ask(token, 100)).finished();
        time.advanceBy(20 * SECOND);
        granted(ask(token, 10)).finished(cost(40));
        Waiter next = ask(token, 1);
        time.advanceBy(20 * SECOND);
        assertThat(next.outcome).as("owes 20").isNull();
        time.advanceBy(3 * SECOND);
        granted(next);
    }

    @Test
    void aSettlementNeverMakesMoreThanThereIs() {
        for (Kind kind : new Kind[] {Kind.SLIDING, Kind.TOKEN, Kind.FIXED}) {
            var limiter = limiter(limit("points", kind, 100, 100));
            granted(ask(limiter, 1)).finished(cost(0));
            granted(ask(limiter, 30)).finished(cost(-5));
            assertThat(limiter.free()).as("%s", kind).containsEntry("points", 100L);
            granted(ask(limiter, 30)).finished(cost(Long.MAX_VALUE));
            time.advanceBy(250 * SECOND);
            assertThat(limiter.free())
                    .as("%s: an absurd cost is a window's", kind)
                    .containsEntry("points", 100L);
        }
    }

    @Test
    void lessRemainingThanOursLowersOursAndMoreDoesNotRaiseIt() {
        for (Kind kind : new Kind[] {Kind.SLIDING, Kind.TOKEN, Kind.FIXED}) {
            var limiter = limiter(limit("points", kind, 100, 1_000));
            granted(ask(limiter, 1)).finished(remaining(40, null));
            assertThat(limiter.free()).as("%s", kind).containsEntry("points", 40L);
            granted(ask(limiter, 1)).finished(remaining(90, null));
            assertThat(limiter.free()).as("%s", kind).containsEntry("points", 39L);
            time.advanceBy(1_010 * SECOND);
            assertThat(limiter.free()).as("%s: after a window", kind).containsEntry("points", 100L);
        }
    }

    @Test
    void whatIsUsedSaysWhatIsLeft() {
        var limiter = limiter(limit("points", Kind.SLIDING, 100, 1_000));
        granted(ask(limiter, 1)).finished(List.of(new LimitFeedback("points", null, null, 70L, 80L, null)));
        // 80 are allowed, 70 used: 10 are left, whatever the vendor withholds of ours besides.
        assertThat(grantAll(limiter)).hasSize(10);
        granted(ask(limiter(limit("points", Kind.SLIDING, 100, 1_000)), 1))
                .finished(List.of(new LimitFeedback("points", null, null, 70L, null, null)));
    }

    @Test
    void aLowerLimitWithholdsTheRestUntilTheVendorGivesMore() {
        var limiter = limiter(limit("points", Kind.TOKEN, 100, 1));
        granted(ask(limiter, 1)).finished(allowed(30));
        time.advanceBy(5 * SECOND);
        List<Permits> burst = grantAll(limiter);
        assertThat(burst).hasSize(30);
        burst.forEach(permits -> permits.finished(allowed(60)));
        time.advanceBy(5 * SECOND);
        burst = grantAll(limiter);
        assertThat(burst).hasSize(60);
        burst.forEach(permits -> permits.finished(allowed(100_000)));
        time.advanceBy(5 * SECOND);
        assertThat(grantAll(limiter)).as("never more than the definition says").hasSize(100);
    }

    @Test
    void nothingRemainingPausesThatLimitUntilTheReset() {
        var limiter = limiter(
                limit("points", Kind.SLIDING, 100, 1_000, QUERY), limit("rest", Kind.SLIDING, 100, 1_000, LIST));
        Permits permits = granted(ask(limiter, 1));
        permits.finished(remaining(0, Duration.ofMinutes(5)));
        Waiter late = limiter.ask(QUERY, INTERACTIVE, time.getAsLong() + 200 * SECOND);
        assertThat(late.outcome).isInstanceOf(TooLate.class);
        granted(limiter.ask(LIST, INTERACTIVE, Long.MAX_VALUE));
    }

    @Test
    void aPauseOfAnAnswerTellsThoseAtOnceWhoCannotWaitSoLong() {
        var limiter = limiter(limit("points", Kind.CONCURRENT, 1, 0), limit("quota", Kind.TOKEN, 100, 1_000));
        Permits permits = granted(ask(limiter, 1));
        Waiter waits = limiter.ask(QUERY, INTERACTIVE, time.getAsLong() + 100 * SECOND);
        assertThat(waits.outcome).isNull();
        permits.finished(List.of(new LimitFeedback("quota", null, 0L, null, null, Duration.ofMinutes(5))));
        assertThat(waits.outcome).isInstanceOf(TooLate.class);
    }

    @Test
    void anAnswerOfAWindowThatIsOverChangesNothing() {
        var limiter = limiter(limit("points", Kind.SLIDING, 100, 1_000));
        granted(ask(limiter, 1)).finished(remaining(0, Duration.ZERO));
        assertThat(limiter.free()).containsEntry("points", 99L);
        granted(ask(limiter, 1));
    }

    @Test
    void aFixedWindowComesBackWhenTheVendorSaysThatItEnds() {
        var limiter = limiter(limit("hour", Kind.FIXED, 100, 3_600));
        List<Permits> all = grantAll(limiter);
        assertThat(all).hasSize(100);
        time.advanceBy(SECOND);
        all.forEach(permits ->
                permits.finished(List.of(new LimitFeedback("hour", null, 0L, null, null, Duration.ofMinutes(10)))));
        Waiter next = ask(limiter, 1);
        time.advanceBy(600 * SECOND);
        assertThat(next.outcome).isNull();
        time.advanceBy(10 * SECOND);
        granted(next);
        assertThat(limiter.free()).containsEntry("hour", 99L);
    }

    // ---- pauses ----

    @Test
    void aThrottleThatNamesItsLimitsPausesThemAlone() {
        var limiter = limiter(limit("graph", Kind.SLIDING, 100, 10, QUERY), limit("rest", Kind.SLIDING, 100, 10, LIST));
        Permits query = granted(limiter.ask(QUERY, INTERACTIVE, Long.MAX_VALUE));
        limiter.throttled(query, Set.of("graph"), Duration.ofSeconds(60), null);
        query.finished();
        granted(limiter.ask(LIST, INTERACTIVE, Long.MAX_VALUE));
        Waiter waits = limiter.ask(QUERY, INTERACTIVE, Long.MAX_VALUE);
        assertThat(waits.outcome).isNull();
        time.advanceBy(59 * SECOND);
        assertThat(waits.outcome).isNull();
        time.advanceBy(SECOND);
        granted(waits);
    }

    @Test
    void aThrottleThatNamesNoLimitOfTheCallPausesEverything() {
        var limiter = limiter(limit("graph", Kind.SLIDING, 100, 10, QUERY), limit("rest", Kind.SLIDING, 100, 10, LIST));
        Permits list = granted(limiter.ask(LIST, INTERACTIVE, Long.MAX_VALUE));
        limiter.throttled(list, Set.of("graph"), Duration.ofSeconds(60), null);
        assertThat(limiter.ask(QUERY, INTERACTIVE, Long.MAX_VALUE).outcome).isNull();
        assertThat(limiter.ask(LIST, INTERACTIVE, Long.MAX_VALUE).outcome).isNull();
    }

    @Test
    void aPauseGrowsWithThrottlesInARowAndNotWithThoseOfOneMoment() {
        Pause pause = new Pause();
        long now = 100;
        assertThat(pause.grown(now, 90, 60, 400)).isEqualTo(60);
        pause.extendTo(160);
        assertThat(pause.grown(110, 95, 60, 400)).as("sent before the pause").isEqualTo(60);
        assertThat(pause.grown(165, 161, 60, 400)).isEqualTo(120);
        pause.extendTo(285);
        assertThat(pause.grown(300, 286, 60, 400)).isEqualTo(240);
        pause.extendTo(540);
        assertThat(pause.grown(550, 541, 60, 400)).as("never above its bound").isEqualTo(400);
        pause.extendTo(950);
        assertThat(pause.grown(2_000, 1_990, 60, 400)).as("after a calm").isEqualTo(60);
        assertThat(pause.grown(2_001, 1_990, 500, 400)).as("asked for more").isEqualTo(500);
    }

    // ---- owners ----

    @Test
    void aPauseOfOneLimitGoesToTheNextOwner() {
        Limit graph = limit("graph", Kind.SLIDING, 100, 10);
        var limiter = limiter(graph);
        Permits query = granted(ask(limiter, 1));
        limiter.throttled(query, Set.of("graph"), Duration.ofSeconds(60), null);
        query.finished();
        var successor = new ConnectionLimiter(
                List.of(graph), time, time, InitialState.restored(limiter.snapshot(time.getAsLong())), time);
        Waiter waits = ask(successor, 1);
        time.advanceBy(59 * SECOND);
        assertThat(waits.outcome).isNull();
        time.advanceBy(SECOND);
        granted(waits);
    }

    @Test
    void afterALossShortWindowsCountAsFullAndLongOnesDoNot() {
        Limit ten = limit("ten_minutes", Kind.SLIDING, 100, 600);
        Limit day = limit("day", Kind.SLIDING, 100, 86_400);
        Limit hour = limit("hour", Kind.TOKEN, 100, 3_600);
        var limiter = new ConnectionLimiter(
                List.of(ten, day, hour, daily(100)), time, time, InitialState.fullAt(time.getAsLong()), time);
        ask(limiter, 1);
        assertThat(limiter.free())
                .containsEntry("ten_minutes", 0L)
                .containsEntry("day", 100L)
                .containsEntry("hour", 100L)
                .containsEntry("daily", 100L);
    }

    @Test
    void aLimitThatChangesKeepsWhatItsLongWindowsHaveCounted() {
        Limit day = limit("day", Kind.SLIDING, 100, 86_400);
        Limit ten = limit("ten_seconds", Kind.SLIDING, 50, 10);
        var limiter = limiter(day, ten);
        granted(ask(limiter, 30)).finished();
        time.advanceBy(60 * SECOND);
        var changed = new ConnectionLimiter(
                List.of(day.with(200, null), ten.with(60, null)),
                time,
                time,
                InitialState.replacing(limiter.snapshot(time.getAsLong()), time.getAsLong(), Duration.ZERO),
                time);
        ask(changed, 1);
        assertThat(changed.free()).containsEntry("day", 170L).containsEntry("ten_seconds", 0L);
    }

    @Test
    void aDayIsToldFromTheNextByItsEndHoweverLateTheSuccessorComes() {
        // The test's clock begins at midnight, and the day at 06:00.
        Limit daily = daily(100);
        var limiter = limiter(daily);
        granted(ask(limiter, 60)).finished();
        byte[] snapshot = limiter.snapshot(time.getAsLong());

        time.advanceBy(5 * HOUR);
        var sameDay = new ConnectionLimiter(List.of(daily), time, time, InitialState.restored(snapshot), time);
        ask(sameDay, 1);
        assertThat(sameDay.free()).containsEntry("daily", 39L);

        time.advanceBy(HOUR + 60 * SECOND);
        var nextDay = new ConnectionLimiter(List.of(daily), time, time, InitialState.restored(snapshot), time);
        ask(nextDay, 1);
        assertThat(nextDay.free()).containsEntry("daily", 99L);
        assertThat(sameDay.free()).as("what is under way counts on both days").containsEntry("daily", 99L);
    }

    @Test
    void aDayIsCorrectedAndPausedByAnswersAndComesBackAtItsEnd() {
        var limiter = limiter(daily(100));
        granted(ask(limiter, 20)).finished(List.of(new LimitFeedback("daily", 30L, 10L, null, null, null)));
        assertThat(limiter.free()).containsEntry("daily", 10L);
        Waiter waits = ask(limiter, 20);
        assertThat(limiter.ask(QUERY, each -> 20, INTERACTIVE, time.getAsLong() + HOUR).outcome)
                .isInstanceOfSatisfying(
                        TooLate.class,
                        late -> assertThat(late.availableAtNanos() - time.getAsLong())
                                .isBetween(5 * HOUR, 7 * HOUR));
        time.advanceBy(6 * HOUR - 10 * SECOND);
        assertThat(waits.outcome).isNull();
        time.advanceBy(60 * SECOND);
        granted(waits);
    }

    // ---- helpers ----

    private ConnectionLimiter limiter(Limit... limits) {
        return new ConnectionLimiter(List.of(limits), time, time, InitialState.FRESH, time);
    }

    private static Waiter ask(ConnectionLimiter limiter, int cost) {
        return limiter.ask(QUERY, limit -> cost, INTERACTIVE, Long.MAX_VALUE);
    }

    private static List<Permits> grantAll(ConnectionLimiter limiter) {
        List<Permits> all = new ArrayList<>();
        while (true) {
            Waiter waiter = ask(limiter, 1);
            if (waiter.outcome == null) {
                limiter.withdraw(waiter);
                return all;
            }
            all.add(granted(waiter));
        }
    }

    private static Permits granted(Waiter waiter) {
        assertThat(waiter.outcome).isInstanceOf(Granted.class);
        return ((Granted) waiter.outcome).permits();
    }

    private static List<LimitFeedback> cost(long cost) {
        return List.of(new LimitFeedback("points", cost, null, null, null, null));
    }

    private static List<LimitFeedback> remaining(long remaining, @Nullable Duration reset) {
        return List.of(new LimitFeedback("points", null, remaining, null, null, reset));
    }

    private static List<LimitFeedback> allowed(long allowed) {
        return List.of(new LimitFeedback("points", null, null, null, allowed, null));
    }

    private static Limit daily(int permits) {
        return limit(
                "daily",
                Kind.FIXED,
                permits,
                Duration.ofDays(1),
                Set.of(),
                0,
                new WindowReset(LocalTime.of(6, 0), ZoneOffset.UTC));
    }

    private static Limit withReserve(Limit limit, double reserve) {
        return limit(limit.name(), limit.kind(), limit.permits(), limit.window(), limit.tools(), reserve, null);
    }

    private static Limit limit(String name, Kind kind, int permits, long seconds, String... tools) {
        return limit(name, kind, permits, seconds == 0 ? null : Duration.ofSeconds(seconds), Set.of(tools), 0, null);
    }

    /** One of which every call decides what it takes. */
    private static Limit limit(
            String name,
            Kind kind,
            int permits,
            @Nullable Duration window,
            Set<String> tools,
            double reserve,
            @Nullable WindowReset reset) {
        return new Limit(
                name,
                tools.isEmpty() ? Scope.CONNECTION : Scope.GROUP,
                kind,
                permits,
                window,
                tools,
                Set.of(),
                null,
                null,
                reserve,
                new LimitCost(1, Map.of(), new LimitCost.FromArgument("points", Set.of(QUERY), 1, 0, 1, permits)),
                new Feedback(List.of(), ValueSource.header("X-Cost"), null, null, null, null),
                reset);
    }
}
