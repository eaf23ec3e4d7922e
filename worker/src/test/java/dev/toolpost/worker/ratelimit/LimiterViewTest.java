package dev.toolpost.worker.ratelimit;

import static dev.toolpost.schemas.Lane.BATCH;
import static dev.toolpost.schemas.Lane.INTERACTIVE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.connectors.Limit;
import dev.toolpost.connectors.Limit.Kind;
import dev.toolpost.connectors.Limit.Scope;
import dev.toolpost.schemas.Lane;
import dev.toolpost.worker.ratelimit.Acquisition.Granted;
import dev.toolpost.worker.ratelimit.LimiterView.BandwidthView;
import dev.toolpost.worker.ratelimit.LimiterView.Seen;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What a limiter shows of itself, on a settable clock. */
class LimiterViewTest {

    private static final long SECOND = 1_000_000_000;
    private static final Duration WITHIN_SLOTS = Duration.ofMillis(10);

    private final ManualTime time = new ManualTime(7 * SECOND);

    @Test
    void aLimiterThatNobodyHasAskedYetShowsNothing() {
        LimiterView view = limiter(sliding(10)).view();

        assertThat(view.bandwidths()).isEmpty();
        assertThat(view.waiting()).isZero();
        assertThat(view.pausedFor()).isZero();
    }

    @Test
    void aWindowShowsWhatIsFreeUnderWayAndComesBackNext() {
        ConnectionLimiter limiter = limiter(sliding(10));
        List<Permits> first = grant(limiter, 4);
        first.subList(0, 3).forEach(Permits::finished);
        time.advanceBy(2 * SECOND);
        grant(limiter, 2).forEach(Permits::finished);

        BandwidthView window = only(limiter);
        assertThat(window.limit()).isEqualTo("rolling");
        assertThat(window.free()).isEqualTo(4);
        assertThat(window.inFlight()).isEqualTo(1);
        assertThat(window.refill()).isNotNull().satisfies(refill -> {
            assertThat(refill.in()).isCloseTo(Duration.ofSeconds(8), WITHIN_SLOTS);
            assertThat(refill.permits()).isEqualTo(3);
        });

        time.advanceBy(20 * SECOND);
        assertThat(only(limiter)).satisfies(later -> {
            assertThat(later.free()).isEqualTo(9);
            assertThat(later.refill())
                    .as("only the end of a request gives the last one back")
                    .isNull();
        });
    }

    @Test
    void whoWaitsIsShownByLaneWithTheOldestAndAnEstimateForTheNext() {
        ConnectionLimiter limiter = limiter(sliding(10));
        grant(limiter, 10).forEach(Permits::finished);
        ask(limiter, "vendor_list", INTERACTIVE);
        time.advanceBy(3 * SECOND);
        ask(limiter, "vendor_list", INTERACTIVE);
        Waiter batch = ask(limiter, "vendor_list", BATCH);
        time.advanceBy(SECOND);

        LimiterView view = limiter.view();
        assertThat(view.interactive().waiting()).isEqualTo(2);
        assertThat(view.interactive().oldest()).isEqualTo(Duration.ofSeconds(4));
        assertThat(view.batch().waiting()).isEqualTo(1);
        assertThat(view.batch().oldest()).isEqualTo(Duration.ofSeconds(1));
        assertThat(view.interactive().estimated()).isCloseTo(Duration.ofSeconds(6), WITHIN_SLOTS);

        limiter.withdraw(batch);
        assertThat(limiter.view().batch().oldest()).isZero();
    }

    @Test
    void aTokenBucketShowsItsNextTokenAndAConcurrencyLimitWaitsForAnEnd() {
        ConnectionLimiter limiter = limiter(
                limit("bucket", Scope.CONNECTION, Kind.TOKEN, 10, 10),
                limit("at once", Scope.CONNECTION, Kind.CONCURRENT, 3, 0));
        grant(limiter, 2).getFirst().finished();

        BandwidthView atOnce = limiter.view().bandwidths().getFirst();
        assertThat(atOnce.free()).isEqualTo(2);
        assertThat(atOnce.inFlight()).isEqualTo(1);
        assertThat(atOnce.refill()).isNull();
        BandwidthView bucket = limiter.view().bandwidths().getLast();
        assertThat(bucket.free()).isEqualTo(8);
        assertThat(bucket.inFlight()).isEqualTo(1);
        assertThat(bucket.refill()).isNotNull().satisfies(refill -> {
            assertThat(refill.in()).isCloseTo(Duration.ofSeconds(1), WITHIN_SLOTS);
            assertThat(refill.permits()).isEqualTo(1);
        });
    }

    @Test
    void aLimitOfToolsIsShownForEachTool() {
        ConnectionLimiter limiter = limiter(limit("each", Scope.TOOL, Kind.SLIDING, 5, 10));
        granted(ask(limiter, "vendor_list", INTERACTIVE));
        granted(ask(limiter, "vendor_get", INTERACTIVE));

        assertThat(limiter.view().bandwidths())
                .extracting(BandwidthView::tool)
                .containsExactly("vendor_get", "vendor_list");
    }

    @Test
    void whatAnswersDidIsCounted() {
        ConnectionLimiter limiter = limiter(sliding(10), limit("bucket", Scope.CONNECTION, Kind.TOKEN, 50, 10));
        List<Permits> permits = grant(limiter, 4);
        LimitFeedback asOurs = new LimitFeedback("rolling", null, 9L, null, null, null);
        LimitFeedback less = new LimitFeedback("rolling", null, 2L, null, null, null);
        LimitFeedback smaller = new LimitFeedback("rolling", null, null, null, 8L, null);

        assertThat(permits.get(0).finished(List.of(asOurs))).isEmpty();
        assertThat(permits.get(1).finished(List.of(less))).containsExactly("rolling");
        assertThat(permits.get(2).finished(List.of(smaller))).containsExactly("rolling");
        limiter.throttled(permits.get(2), Set.of("rolling"), Duration.ofSeconds(3), null);
        limiter.throttled(permits.get(2), Set.of(), Duration.ofSeconds(2), null);
        time.advanceBy(SECOND);

        LimiterView view = limiter.view();
        BandwidthView rolling = view.bandwidths().getLast();
        assertThat(rolling.corrections()).isEqualTo(new Seen(2, Duration.ofSeconds(1), null));
        assertThat(rolling.withheld()).isEqualTo(2);
        assertThat(rolling.throttles()).isEqualTo(new Seen(1, Duration.ofSeconds(1), Duration.ofSeconds(3)));
        assertThat(rolling.pausedFor()).isEqualTo(Duration.ofSeconds(2));
        assertThat(view.bandwidths().getFirst().throttles()).isEqualTo(Seen.NEVER);
        assertThat(view.throttles()).isEqualTo(new Seen(1, Duration.ofSeconds(1), Duration.ofSeconds(2)));
        assertThat(view.pausedFor()).isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void aReportedCostIsCountedWhereItDiffers() {
        ConnectionLimiter limiter = limiter(sliding(10));
        List<Permits> permits = grant(limiter, 2);
        permits.get(0).finished(List.of(new LimitFeedback("rolling", 1L, null, null, null, null)));
        permits.get(1).finished(List.of(new LimitFeedback("rolling", 4L, null, null, null, null)));

        assertThat(only(limiter).costsSettled()).isEqualTo(1);
        assertThat(only(limiter).free()).isEqualTo(5);
    }

    @Test
    void lookingDisturbsNothing() {
        assertThat(grantsOf(true)).isEqualTo(grantsOf(false));
    }

    /** When each of many calls was granted, with somebody who looks again and again or without. */
    private static List<Long> grantsOf(boolean looked) {
        Random random = new Random(11);
        ManualTime time = new ManualTime(0);
        ConnectionLimiter limiter = new ConnectionLimiter(
                List.of(sliding(10), limit("bucket", Scope.CONNECTION, Kind.TOKEN, 5, 2)),
                time,
                time,
                InitialState.FRESH,
                time);
        List<Waiter> waiters = new ArrayList<>();
        List<Long> grantedAt = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            waiters.add(limiter.ask("vendor_list", random.nextBoolean() ? BATCH : INTERACTIVE, Long.MAX_VALUE));
            if (looked) {
                limiter.view();
            }
            time.advanceBy(random.nextLong(SECOND / 5));
            for (Waiter waiter : List.copyOf(waiters)) {
                if (waiter.outcome instanceof Granted(Permits permits)) {
                    grantedAt.add(permits.grantedAtNanos());
                    permits.finished();
                    waiters.remove(waiter);
                }
            }
        }
        return grantedAt;
    }

    private ConnectionLimiter limiter(Limit... limits) {
        return new ConnectionLimiter(List.of(limits), time, time, InitialState.FRESH, time);
    }

    private static BandwidthView only(ConnectionLimiter limiter) {
        List<BandwidthView> bandwidths = limiter.view().bandwidths();
        assertThat(bandwidths).hasSize(1);
        return bandwidths.getFirst();
    }

    private static List<Permits> grant(ConnectionLimiter limiter, int calls) {
        List<Permits> permits = new ArrayList<>();
        for (int i = 0; i < calls; i++) {
            permits.add(granted(ask(limiter, "vendor_list", INTERACTIVE)));
        }
        return permits;
    }

    private static Waiter ask(ConnectionLimiter limiter, String tool, Lane lane) {
        return limiter.ask(tool, lane, Long.MAX_VALUE);
    }

    private static Permits granted(Waiter waiter) {
        assertThat(waiter.outcome).isInstanceOf(Granted.class);
        return ((Granted) waiter.outcome).permits();
    }

    private static Limit sliding(int permits) {
        return limit("rolling", Scope.CONNECTION, Kind.SLIDING, permits, 10);
    }

    private static Limit limit(String name, Scope scope, Kind kind, int permits, int seconds) {
        @Nullable Duration window = kind == Kind.CONCURRENT ? null : Duration.ofSeconds(seconds);
        return new Limit(name, scope, kind, permits, window, Set.of(), Set.of(), null, 0.05);
    }
}
