package dev.toolpost.worker.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.connectors.Feedback;
import dev.toolpost.connectors.Limit;
import dev.toolpost.connectors.Limit.Kind;
import dev.toolpost.connectors.Limit.Scope;
import dev.toolpost.connectors.LimitCost;
import dev.toolpost.connectors.WindowReset;
import dev.toolpost.schemas.Lane;
import dev.toolpost.worker.ratelimit.Acquisition.Granted;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What a connection's limiter makes durable of long windows, and what a successor knows by it after a kill. */
class DurableSpendingTest {

    private static final String TOOL = "vendor_list";
    private static final int PERMITS = 1_000;
    private static final int CHUNK_AND_A_HALF = 15;

    private final ManualTime time = new ManualTime(0);
    private final List<byte[]> written = new ArrayList<>();
    private final List<Consumer<Boolean>> underWay = new ArrayList<>();
    private boolean slow;

    @Test
    void whatAnAnswerCostIsDurableThoughNobodyAsksAnyMore() {
        Limit limit = limit(Kind.SLIDING, Duration.ofHours(1), null);
        ConnectionLimiter limiter = limiter(limit, InitialState.FRESH);
        permits(limiter).finished(List.of(new LimitFeedback("app", 300L, null, null, null, null)));

        assertThat(spendAll(successor(limit))).isBetween(PERMITS - 300 - CHUNK_AND_A_HALF, PERMITS - 300);
    }

    @Test
    void whatWasDurableForOneDayIsNotSpentOnTheNext() {
        Limit limit = limit(Kind.FIXED, Duration.ofDays(1), new WindowReset(LocalTime.MIDNIGHT, ZoneOffset.UTC));
        time.advanceBy(Duration.ofHours(23).toNanos());
        ConnectionLimiter limiter = limiter(limit, InitialState.FRESH);
        spend(limiter, 24);
        slow = true;
        spend(limiter, 2);
        assertThat(underWay).as("a chunk on its way when the day ends").hasSize(1);
        time.advanceBy(Duration.ofHours(2).toNanos());
        underWay.removeFirst().accept(true);
        slow = false;
        underWay.forEach(durable -> durable.accept(true));
        underWay.clear();
        spend(limiter, 100);

        assertThat(spendAll(successor(limit))).isBetween(PERMITS - 100 - CHUNK_AND_A_HALF, PERMITS - 100);
    }

    @Test
    void aLostShardsLimiterDoesNotTryForEverToMakeItsSpendingDurable() {
        AtomicInteger refused = new AtomicInteger();
        Limit limit = limit(Kind.SLIDING, Duration.ofHours(1), null);
        ConnectionLimiter limiter = limiter(limit, InitialState.FRESH);
        Permits permits = permits(limiter);
        limiter.logTo((snapshot, durable) -> {
            refused.incrementAndGet();
            durable.accept(false);
        });
        permits.finished(List.of(new LimitFeedback("app", 300L, null, null, null, null)));

        assertThat(refused).hasValue(1);
    }

    @Test
    void whoWaitsOnAThreadAfterAskingToBeCalledBackGetsBoth() throws InterruptedException {
        Limit limit = new Limit("app", Scope.CONNECTION, Kind.CONCURRENT, 1, null, Set.of(), Set.of(), null, 0);
        ConnectionLimiter limiter = new ConnectionLimiter(
                List.of(limit), System::nanoTime, time, InitialState.FRESH, LimiterTimer.shared());
        Permits first = permits(limiter);
        AtomicInteger calledBack = new AtomicInteger();
        Ticket ticket = limiter.enter(TOOL, null, Lane.INTERACTIVE, Long.MAX_VALUE);
        ticket.whenDecided(calledBack::incrementAndGet);
        Thread.ofVirtual().start(first::finished);

        assertThat(ticket.await()).isInstanceOf(Granted.class);
        assertThat(calledBack).hasValue(1);
    }

    private ConnectionLimiter limiter(Limit limit, InitialState initial) {
        return new ConnectionLimiter(List.of(limit), time, time, initial, time, null, "acme", (snapshot, durable) -> {
            if (slow) {
                underWay.add(isDurable -> {
                    written.add(snapshot);
                    durable.accept(isDurable);
                });
            } else {
                written.add(snapshot);
                durable.accept(true);
            }
        });
    }

    private ConnectionLimiter successor(Limit limit) {
        return limiter(limit, InitialState.replacing(written.getLast(), time.getAsLong(), Duration.ZERO));
    }

    private static Permits permits(ConnectionLimiter limiter) {
        return ((Granted) limiter.ask(TOOL, Lane.INTERACTIVE, Long.MAX_VALUE).outcome).permits();
    }

    private static void spend(ConnectionLimiter limiter, int count) {
        for (int i = 0; i < count; i++) {
            permits(limiter).finished();
        }
    }

    private static int spendAll(ConnectionLimiter limiter) {
        int spent = 0;
        while (limiter.ask(TOOL, Lane.INTERACTIVE, Long.MAX_VALUE).outcome instanceof Granted(Permits permits)) {
            permits.finished();
            spent++;
        }
        return spent;
    }

    private static Limit limit(Kind kind, Duration window, @Nullable WindowReset resetsAt) {
        return new Limit(
                "app",
                Scope.CONNECTION,
                kind,
                PERMITS,
                window,
                Set.of(),
                Set.of(),
                null,
                null,
                0,
                LimitCost.ONE,
                Feedback.NONE,
                resetsAt);
    }
}
