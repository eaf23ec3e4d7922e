package dev.toolpost.worker.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.toolpost.connectors.Limit;
import dev.toolpost.connectors.Limit.Kind;
import dev.toolpost.connectors.Limit.Scope;
import dev.toolpost.schemas.Lane;
import dev.toolpost.worker.ratelimit.Acquisition.Granted;
import dev.toolpost.worker.ratelimit.Acquisition.TooLate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The limiter under many virtual threads on the real clock. */
@Timeout(60)
class ConnectionLimiterThreadsTest {

    private static final String LIST = "vendor_list";
    private static final String SEARCH = "vendor_search";

    @Test
    void noPermitIsLostOrMadeByManyThreadsThatUseLeaveAndGiveBack() throws Exception {
        for (long seed = 1; seed <= 3; seed++) {
            int permits = 200;
            long window = 50_000_000;
            int atOnce = 40;
            ConnectionLimiter limiter = new ConnectionLimiter(
                    List.of(
                            limit("rolling", Scope.CONNECTION, Kind.SLIDING, permits, window, Set.of()),
                            limit("search", Scope.GROUP, Kind.TOKEN, 50, window, Set.of(SEARCH)),
                            limit("at once", Scope.CONNECTION, Kind.CONCURRENT, atOnce, 0, Set.of())),
                    System::nanoTime,
                    InstantSource.system(),
                    InitialState.FRESH);
            Queue<Long> sends = new ConcurrentLinkedQueue<>();
            AtomicInteger underWay = new AtomicInteger();
            AtomicInteger mostUnderWay = new AtomicInteger();
            AtomicInteger outcomes = new AtomicInteger();
            Random random = new Random(seed);
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < 4_000; i++) {
                long threadSeed = random.nextLong();
                threads.add(Thread.ofVirtual().unstarted(() -> {
                    Random own = new Random(threadSeed);
                    String tool = own.nextInt(4) == 0 ? SEARCH : LIST;
                    Lane lane = own.nextBoolean() ? Lane.INTERACTIVE : Lane.BATCH;
                    long deadline = own.nextInt(4) == 0 ? System.nanoTime() + own.nextInt(300_000_000) : Long.MAX_VALUE;
                    try {
                        switch (limiter.acquire(tool, lane, deadline)) {
                            case TooLate _, Acquisition.TooCostly _, Acquisition.Moved _ -> {}
                            case Granted(Permits granted) -> {
                                if (own.nextInt(5) == 0) {
                                    granted.unused();
                                } else {
                                    mostUnderWay.accumulateAndGet(underWay.incrementAndGet(), Math::max);
                                    sends.add(System.nanoTime());
                                    LockSupport.parkNanos(own.nextInt(2_000_000));
                                    underWay.decrementAndGet();
                                    granted.finished();
                                }
                            }
                        }
                    } catch (InterruptedException e) {
                        assertThat(Thread.currentThread().isInterrupted()).isFalse();
                    }
                    outcomes.incrementAndGet();
                }));
            }
            threads.forEach(Thread::start);
            for (Thread thread : threads) {
                if (random.nextInt(4) == 0) {
                    thread.interrupt();
                }
                if (random.nextInt(100) == 0) {
                    LockSupport.parkNanos(random.nextInt(2_000_000));
                }
            }
            for (Thread thread : threads) {
                thread.join();
            }

            assertThat(outcomes).hasValue(threads.size());
            assertThat(mostUnderWay.get()).isLessThanOrEqualTo(atOnce);
            assertThat(limiter.waiting(Lane.INTERACTIVE)).isZero();
            assertThat(limiter.waiting(Lane.BATCH)).isZero();
            assertNeverMoreThan(permits, window, sends);
            awaitFree(limiter, Map.of("rolling", 200L, "search", 50L, "at once", 40L));
            print(
                    "seed %d: %d sent, at most %d at once, all permits came back",
                    seed, sends.size(), mostUnderWay.get());
        }
    }

    private static void assertNeverMoreThan(int permits, long windowNanos, Queue<Long> sends) {
        long[] sorted = sends.stream().mapToLong(Long::longValue).sorted().toArray();
        assertThat(sorted.length).isGreaterThan(permits);
        for (int i = permits; i < sorted.length; i++) {
            assertThat(sorted[i] - sorted[i - permits]).isGreaterThan(windowNanos);
        }
    }

    private static void awaitFree(ConnectionLimiter limiter, Map<String, Long> expected) {
        long giveUpAt = System.nanoTime() + 10_000_000_000L;
        while (!limiter.free().equals(expected) && System.nanoTime() - giveUpAt < 0) {
            LockSupport.parkNanos(5_000_000);
        }
        assertThat(limiter.free()).isEqualTo(expected);
    }

    @Test
    void anInterruptedWaiterLeavesNoTrace() throws Exception {
        ConnectionLimiter limiter = new ConnectionLimiter(
                List.of(limit("at once", Scope.CONNECTION, Kind.CONCURRENT, 1, 0, Set.of())),
                System::nanoTime,
                InstantSource.system(),
                InitialState.FRESH);
        Permits held = permits(limiter.acquire(LIST, Lane.INTERACTIVE, Long.MAX_VALUE));
        CountDownLatch interrupted = new CountDownLatch(1);
        Thread waiting = Thread.ofVirtual().start(() -> {
            assertThatThrownBy(() -> limiter.acquire(LIST, Lane.INTERACTIVE, Long.MAX_VALUE))
                    .isInstanceOf(InterruptedException.class);
            interrupted.countDown();
        });
        while (limiter.waiting(Lane.INTERACTIVE) == 0) {
            Thread.onSpinWait();
        }
        waiting.interrupt();
        interrupted.await();
        assertThat(limiter.waiting(Lane.INTERACTIVE)).isZero();
        held.finished();
        assertThat(limiter.free()).containsEntry("at once", 1L);
    }

    @Test
    void anInterruptedThreadIsToldBeforeItTakesAnything() {
        ConnectionLimiter limiter =
                new ConnectionLimiter(List.of(), System::nanoTime, InstantSource.system(), InitialState.FRESH);
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> limiter.acquire(LIST, Lane.INTERACTIVE, Long.MAX_VALUE))
                .isInstanceOf(InterruptedException.class);
        assertThat(Thread.interrupted()).isFalse();
    }

    @Test
    void aWaiterWhoseDeadlinePassesIsToldAndLeavesNoTrace() throws Exception {
        ConnectionLimiter limiter = new ConnectionLimiter(
                List.of(limit("at once", Scope.CONNECTION, Kind.CONCURRENT, 1, 0, Set.of())),
                System::nanoTime,
                InstantSource.system(),
                InitialState.FRESH);
        Permits held = permits(limiter.acquire(LIST, Lane.INTERACTIVE, Long.MAX_VALUE));
        long deadline = System.nanoTime() + 20_000_000;
        assertThat(limiter.acquire(LIST, Lane.INTERACTIVE, deadline)).isInstanceOf(TooLate.class);
        assertThat(System.nanoTime() - deadline).isNotNegative();
        assertThat(limiter.waiting(Lane.INTERACTIVE)).isZero();
        held.finished();
        assertThat(limiter.free()).containsEntry("at once", 1L);
    }

    @Test
    void twentyThousandWaitersAreServedOneByOneWithoutAHerd() throws Exception {
        int calls = 20_000;
        ConnectionLimiter limiter = new ConnectionLimiter(
                List.of(limit("at once", Scope.CONNECTION, Kind.CONCURRENT, 1, 0, Set.of())),
                System::nanoTime,
                InstantSource.system(),
                InitialState.FRESH);
        Permits held = permits(limiter.acquire(LIST, Lane.INTERACTIVE, Long.MAX_VALUE));
        AtomicInteger served = new AtomicInteger();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < calls; i++) {
            threads.add(Thread.ofVirtual().start(() -> {
                try (Permits permits = permits(limiter.acquire(LIST, Lane.BATCH, Long.MAX_VALUE))) {
                    assertThat(permits.grantedAtNanos()).isLessThanOrEqualTo(System.nanoTime());
                    served.incrementAndGet();
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            }));
        }
        awaitWaiting(limiter, calls);
        long began = System.nanoTime();
        held.finished();
        for (Thread thread : threads) {
            thread.join();
        }
        long took = System.nanoTime() - began;
        assertThat(served).hasValue(calls);
        print("%d waiters, one permit from hand to hand: %.2f us each", calls, took / 1000.0 / calls);
    }

    private static void awaitWaiting(ConnectionLimiter limiter, int count) {
        while (limiter.waiting(Lane.BATCH) < count) {
            LockSupport.parkNanos(100_000);
        }
    }

    @Test
    void anUncontendedPermitCostsFarLessThanTwoMicroseconds() throws Exception {
        ConnectionLimiter limiter = new ConnectionLimiter(
                List.of(
                        limit("rolling", Scope.CONNECTION, Kind.SLIDING, 2_000_000_000, 1_000_000_000, Set.of()),
                        limit("search", Scope.TOOL, Kind.TOKEN, 1_000_000, 1_000_000_000, Set.of()),
                        limit("at once", Scope.CONNECTION, Kind.CONCURRENT, 100, 0, Set.of())),
                System::nanoTime,
                InstantSource.system(),
                InitialState.FRESH);
        int batch = 20_000;
        double[] nanos = new double[15];
        for (int round = 0; round < nanos.length; round++) {
            long began = System.nanoTime();
            for (int i = 0; i < batch; i++) {
                permits(limiter.acquire(LIST, Lane.INTERACTIVE, Long.MAX_VALUE)).finished();
            }
            nanos[round] = (System.nanoTime() - began) / (double) batch;
        }
        Arrays.sort(nanos);
        print("acquire and finish over 3 limits: %.0f ns at best, %.0f ns median", nanos[0], nanos[nanos.length / 2]);
        assertThat(nanos[0]).isLessThan(2_000);
    }

    private static Permits permits(Acquisition acquisition) {
        if (acquisition instanceof Granted(Permits permits)) {
            return permits;
        }
        throw new AssertionError("acquisition: " + acquisition + " (expected: granted)");
    }

    private static Limit limit(String name, Scope scope, Kind kind, int permits, long windowNanos, Set<String> tools) {
        return new Limit(
                name,
                scope,
                kind,
                permits,
                windowNanos == 0 ? null : Duration.ofNanos(windowNanos),
                tools,
                Set.of(),
                null,
                0.05);
    }

    @SuppressWarnings("AnnotateFormatMethod") // the annotation's artifact is no dependency
    private static void print(String format, Object... values) {
        System.out.println(String.format(Locale.ROOT, format, values));
    }
}
