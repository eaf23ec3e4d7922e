package dev.toolpost.worker.ratelimit.shared;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ServerClockTest {

    private static final long SECOND = 1_000_000_000;

    private final AtomicLong nanoTime = new AtomicLong(-7 * SECOND);
    private final ServerClock clock = new ServerClock(nanoTime::get);

    @Test
    void itShowsTheServersTime() {
        assertThat(clock.isStale()).isTrue();
        clock.read(1_000 * SECOND);
        assertThat(clock.isStale()).isFalse();
        nanoTime.addAndGet(5 * SECOND);
        assertThat(clock.currentTimeNanos()).isEqualTo(1_005 * SECOND);
        assertThat(clock.isStale()).isTrue();
    }

    @Test
    void aServerThatIsSetForwardMakesNothingComeEarly() {
        clock.read(1_000 * SECOND);
        nanoTime.addAndGet(5 * SECOND);
        clock.read(5_000 * SECOND);
        assertThat(clock.currentTimeNanos() - 1_005 * SECOND).isBetween(0L, 5 * SECOND / 4_096);
    }

    @Test
    void aServerThatIsSetBackDoesNotStopTheClock() {
        clock.read(1_000 * SECOND);
        nanoTime.addAndGet(5 * SECOND);
        clock.read(10 * SECOND);
        assertThat(clock.currentTimeNanos()).isBetween(1_004 * SECOND, 1_005 * SECOND);
    }

    @Test
    void clocksThatDriftAreFollowed() {
        clock.read(1_000 * SECOND);
        for (int i = 1; i <= 1_000; i++) {
            nanoTime.addAndGet(5 * SECOND);
            clock.read(1_000 * SECOND + i * (5 * SECOND + 500_000));
        }
        assertThat(clock.currentTimeNanos()).isEqualTo(6_000 * SECOND + 1_000 * 500_000);
    }
}
