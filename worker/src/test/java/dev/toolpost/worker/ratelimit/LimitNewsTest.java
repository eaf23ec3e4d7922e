package dev.toolpost.worker.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.connectors.Feedback;
import dev.toolpost.connectors.Limit;
import dev.toolpost.connectors.Limit.Scope;
import dev.toolpost.connectors.LimitCost;
import dev.toolpost.connectors.ValueSource;
import dev.toolpost.schemas.Lane;
import dev.toolpost.worker.ratelimit.Acquisition.Granted;
import dev.toolpost.worker.ratelimit.LimitNews.Allowed;
import dev.toolpost.worker.ratelimit.LimitNews.Kind;
import dev.toolpost.worker.ratelimit.LimitNews.Lifted;
import dev.toolpost.worker.ratelimit.LimitNews.Paused;
import dev.toolpost.worker.ratelimit.shared.SharedPermitsSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What a worker makes of what others have learned about a limit over all connections, and what it tells them. */
class LimitNewsTest {

    private static final String VENDOR = "vendor";
    private static final String TOOL = "vendor_list";
    private static final long MILLISECOND = 1_000_000;
    private static final long SECOND = 1_000 * MILLISECOND;
    private static final Feedback TOLD =
            new Feedback(List.of(), null, ValueSource.header("remaining"), null, ValueSource.header("limit"), null);

    private final ManualTime time = new ManualTime(5 * SECOND);
    private final List<LimitNews> told = new ArrayList<>();
    private final VendorAllowances allowances =
            new VendorAllowances(time, time, tenant -> 1, time, SharedPermitsSource.NONE, null, told::add);

    LimitNewsTest() {
        allowances.own(shards(12), 24, shards(12));
    }

    @Test
    void tellsOthersOfALowerLimitOnceAndWhatIsLeft() {
        ConnectionLimiter limiter = limiter(TOLD);
        answered(limiter, 40, 30);
        answered(limiter, 40, 29);

        assertThat(told).containsExactly(new Allowed(VENDOR, "app", 40, 30L, null));
    }

    @Test
    void aLowerLimitThatAnotherLearnedHoldsAtOnceAndItsPartOfWhatIsLeft() {
        ConnectionLimiter limiter = limiter(TOLD);
        hear(new Allowed(VENDOR, "app", 40, 10L, null));

        assertThat(granted(limiter, 50)).as("half of what is left").isEqualTo(5);
        run(11 * SECOND);
        assertThat(granted(limiter, 50)).as("half of 40").isEqualTo(20);
        assertThat(told).isEmpty();
    }

    @Test
    void whereNothingIsLeftWhatWasSpentComesBackOnlyAWindowLater() {
        ConnectionLimiter limiter = limiter(TOLD);
        assertThat(granted(limiter, 30)).isEqualTo(30);
        run(8 * SECOND);
        hear(new Allowed(VENDOR, "app", 40, 0L, null));

        run(9 * SECOND);
        assertThat(granted(limiter, 50)).isZero();
        run(2 * SECOND);
        assertThat(granted(limiter, 50)).isEqualTo(20);
    }

    @Test
    void aPauseThatAnotherMetHoldsForTheRestOfIt() {
        ConnectionLimiter limiter = limiter(TOLD);
        allowances.hear(new Paused(VENDOR, "app", Duration.ofSeconds(6)), Duration.ofSeconds(2));

        run(4 * SECOND - MILLISECOND);
        assertThat(granted(limiter, 5)).isZero();
        run(2 * MILLISECOND);
        assertThat(limiter.ask(TOOL, Lane.INTERACTIVE, Long.MAX_VALUE).outcome).isInstanceOf(Granted.class);
        assertThat(limiter.ask(TOOL, Lane.INTERACTIVE, Long.MAX_VALUE).outcome)
                .as("they come back slowly")
                .isNull();
    }

    @Test
    void aPauseThatIsLiftedHoldsNoLonger() {
        ConnectionLimiter limiter = limiter(TOLD);
        hear(new Paused(VENDOR, "app", Duration.ofDays(31)));
        Waiter waiting = limiter.ask(TOOL, Lane.INTERACTIVE, Long.MAX_VALUE);
        assertThat(waiting.outcome).isNull();

        hear(new Lifted(VENDOR, "app", Kind.PAUSED));
        assertThat(waiting.outcome).isInstanceOf(Granted.class);
    }

    @Test
    void aNumberThatIsLiftedHoldsNoLongerNotForThoseWhoComeLaterEither() {
        ConnectionLimiter limiter = limiter(TOLD);
        hear(new Allowed(VENDOR, "app", 2, null, null));
        hear(new Paused(VENDOR, "app", Duration.ofDays(31)));
        hear(new Allowed("other", "app", 2, null, null));
        hear(new Lifted(VENDOR, "app", Kind.ALLOWED));
        hear(new Lifted(VENDOR, "app", Kind.PAUSED));
        hear(new Lifted("other", "app", Kind.ALLOWED));

        assertThat(limiter.view().bandwidths().getFirst().withheld()).isZero();
        List<Limit> limits = List.of(limit(100, TOLD));
        ConnectionLimiter later = new ConnectionLimiter(
                limits, time, time, InitialState.FRESH, time, allowances.of("other", limits), "acme", null);
        assertThat(granted(later, 60)).isEqualTo(50);
    }

    @Test
    void tellsOthersOfAPause() {
        ConnectionLimiter limiter = limiter(TOLD);
        Permits permits = permits(limiter);
        permits.finished();
        limiter.throttled(permits, Set.of("app"), Duration.ofSeconds(3), null);

        assertThat(told).containsExactly(new Paused(VENDOR, "app", Duration.ofSeconds(3)));
    }

    @Test
    void whatWasSentBeforeTheLimitWasLoweredDoesNotRaiseIt() {
        ConnectionLimiter limiter = limiter(TOLD);
        Permits sentBefore = permits(limiter);
        run(MILLISECOND);
        answered(limiter, 40, 38);
        run(MILLISECOND);
        sentBefore.finished(List.of(new LimitFeedback("app", null, 97L, null, 100L, null)));

        assertThat(told).hasSize(1);
        run(11 * SECOND);
        assertThat(granted(limiter, 50)).isEqualTo(20);
    }

    @Test
    void aHigherLimitIsTakenFromOthersUnlessOwnAnswersHaveJustSaidOtherwise() {
        ConnectionLimiter limiter = limiter(TOLD);
        answered(limiter, 40, 30);
        run(500 * MILLISECOND);
        hear(new Allowed(VENDOR, "app", 100, null, null));
        run(11 * SECOND);
        assertThat(granted(limiter, 60)).isEqualTo(20);

        run(11 * SECOND);
        hear(new Allowed(VENDOR, "app", 100, null, null));
        assertThat(granted(limiter, 60)).isEqualTo(50);
    }

    @Test
    void whatNoAnswerCouldEverCorrectIsNotBelieved() {
        ConnectionLimiter limiter = limiter(Feedback.NONE);
        hear(new Allowed(VENDOR, "app", 1, null, null));

        assertThat(granted(limiter, 60)).isEqualTo(50);
    }

    @Test
    void aWorkerThatIsCalledForTheFirstTimeKnowsWhatWasHeardBefore() {
        hear(new Allowed(VENDOR, "app", 100, null, null));
        hear(new Allowed(VENDOR, "app", 60, null, null));
        hear(new Allowed("other", "app", 2, null, null));
        hear(new Allowed(VENDOR, "other", 2, null, null));
        run(Duration.ofHours(20).toNanos());

        assertThat(granted(limiter(TOLD), 60)).isEqualTo(30);
    }

    @Test
    void whatIsADayOldIsNotBelieved() {
        allowances.hear(new Allowed(VENDOR, "app", 2, null, null), Duration.ofDays(1));

        assertThat(granted(limiter(TOLD), 60)).isEqualTo(50);
    }

    @Test
    void anotherDefinitionGoesOnWithWhatTheVendorSaid() {
        answered(limiter(TOLD), 40, 30);
        ConnectionLimiter changed = limiter(limit(80, TOLD));
        run(11 * SECOND);

        assertThat(granted(changed, 60)).isEqualTo(20);
    }

    @Test
    void whoLooksSeesThePartThatIsThisWorkers() {
        ConnectionLimiter limiter = limiter(TOLD);
        hear(new Allowed(VENDOR, "app", 40, null, null));
        assertThat(granted(limiter, 5)).isEqualTo(5);

        LimiterView.BandwidthView view = limiter.view().bandwidths().getFirst();
        assertThat(view.permits()).isEqualTo(100);
        assertThat(view.part()).isEqualTo(50);
        assertThat(view.free()).isEqualTo(45);
        assertThat(view.withheld()).isEqualTo(60);
        assertThat(view.withheldOfPart()).isEqualTo(30);
    }

    private void hear(LimitNews news) {
        allowances.hear(news, Duration.ZERO);
    }

    private static Limit limit(int permits, Feedback feedback) {
        return new Limit(
                "app",
                Scope.VENDOR,
                Limit.Kind.SLIDING,
                permits,
                Duration.ofSeconds(10),
                Set.of(),
                Set.of(),
                null,
                null,
                0,
                LimitCost.ONE,
                feedback,
                null);
    }

    private ConnectionLimiter limiter(Feedback feedback) {
        return limiter(limit(100, feedback));
    }

    private ConnectionLimiter limiter(Limit limit) {
        List<Limit> limits = List.of(limit);
        return new ConnectionLimiter(
                limits, time, time, InitialState.FRESH, time, allowances.of(VENDOR, limits), "acme", null);
    }

    private static Permits permits(ConnectionLimiter limiter) {
        return ((Granted) limiter.ask(TOOL, Lane.INTERACTIVE, Long.MAX_VALUE).outcome).permits();
    }

    private void answered(ConnectionLimiter limiter, long allowed, long left) {
        permits(limiter).finished(List.of(new LimitFeedback("app", null, left, null, allowed, null)));
        run(MILLISECOND);
    }

    /** Sends as much as goes at once, up to so many; who would have to wait leaves. */
    private static int granted(ConnectionLimiter limiter, int calls) {
        int granted = 0;
        for (int i = 0; i < calls; i++) {
            Waiter waiter = limiter.ask(TOOL, Lane.INTERACTIVE, Long.MAX_VALUE);
            if (waiter.outcome instanceof Granted(Permits permits)) {
                granted++;
                permits.finished();
            } else {
                limiter.withdraw(waiter);
            }
        }
        return granted;
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
