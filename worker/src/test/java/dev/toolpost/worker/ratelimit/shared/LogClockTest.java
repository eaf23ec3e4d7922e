package dev.toolpost.worker.ratelimit.shared;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class LogClockTest {

    private static final long MILLISECOND = 1_000_000;
    private static final long SECOND = 1_000 * MILLISECOND;
    private static final long MEMORY = 7;

    private final LogClock clock = new LogClock(Duration.ofSeconds(10));

    @Test
    void itGoesWithTheWorkersClockAndHardlyFaster() {
        clock.shows(MEMORY, 5_000_000, -SECOND, -SECOND);

        assertThat(clock.memory()).isEqualTo(MEMORY);
        assertThat(clock.atMost(9 * SECOND) - 15_000_000).isBetween(0L, 10_000_000L / 512);
    }

    @Test
    void whatAQuickAnswerShowsIsBelievedAgainAfterSomeWindows() {
        clock.shows(MEMORY, 5_000_000, 0, MILLISECOND);
        clock.shows(MEMORY, 5_900_000, SECOND, SECOND + MILLISECOND);
        assertThat(clock.atMost(SECOND)).as("not yet").isGreaterThan(5_990_000);
        clock.shows(MEMORY, 44_900_000, 41 * SECOND, 41 * SECOND + MILLISECOND);
        assertThat(clock.atMost(41 * SECOND)).isLessThan(44_910_000);
    }

    @Test
    void anAnswerThatTookLongIsBelievedLater() {
        clock.shows(MEMORY, 5_000_000, 0, MILLISECOND);
        clock.shows(MEMORY, 44_900_000, 41 * SECOND, 41 * SECOND + 90 * MILLISECOND);
        assertThat(clock.atMost(41 * SECOND)).isGreaterThan(45_990_000);
        clock.shows(MEMORY, 164_900_000, 161 * SECOND, 161 * SECOND + 90 * MILLISECOND);
        assertThat(clock.atMost(161 * SECOND)).isLessThan(164_910_000);
    }

    @Test
    void anotherMemoryHasAnotherClockAndWhoIsAheadIsFollowed() {
        clock.shows(MEMORY, 5_000_000, 0, MILLISECOND);
        clock.shows(MEMORY, 9_000_000, SECOND, SECOND + MILLISECOND);
        assertThat(clock.atMost(SECOND)).isGreaterThan(8_990_000);
        clock.shows(MEMORY + 1, 1_000_000, SECOND, SECOND + MILLISECOND);
        assertThat(clock.memory()).isEqualTo(MEMORY + 1);
        assertThat(clock.atMost(SECOND)).isLessThan(1_010_000);
    }
}
