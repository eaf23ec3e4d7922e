package dev.toolpost.worker.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class LimiterTimerTest {

    @Test
    void everyWakeUpRunsOnceAndNeverEarly() throws Exception {
        int count = 2_000;
        Random random = new Random(3);
        CountDownLatch ran = new CountDownLatch(count);
        AtomicInteger early = new AtomicInteger();
        AtomicInteger runs = new AtomicInteger();
        // The clock stands while the wake-ups are set: one that had run already would rightly be set anew.
        long start = System.nanoTime();
        AtomicBoolean ticking = new AtomicBoolean();
        LongSupplier clock = () -> ticking.get() ? System.nanoTime() : start;
        try (LimiterTimer timer = new LimiterTimer(clock)) {
            for (int i = 0; i < count; i++) {
                long soonest = start + 1 + random.nextInt(200_000_000);
                WakeUps.WakeUp wakeUp = timer.register(() -> {
                    if (System.nanoTime() - soonest < 0) {
                        early.incrementAndGet();
                    }
                    runs.incrementAndGet();
                    ran.countDown();
                });
                wakeUp.at(soonest + 5_000_000_000L);
                wakeUp.at(soonest);
                wakeUp.at(soonest + 1_000_000);
            }
            ticking.set(true);
            assertThat(ran.await(20, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(early).hasValue(0);
        assertThat(runs).hasValue(count);
    }

    @Test
    void aFailingWakeUpDoesNotStopTheOthers() throws Exception {
        CountDownLatch ran = new CountDownLatch(1);
        try (LimiterTimer timer = new LimiterTimer(System::nanoTime)) {
            long now = System.nanoTime();
            timer.register(() -> {
                        throw new IllegalStateException("meant to fail");
                    })
                    .at(now);
            timer.register(ran::countDown).at(now + 1_000_000);
            assertThat(ran.await(20, TimeUnit.SECONDS)).isTrue();
        }
    }
}
