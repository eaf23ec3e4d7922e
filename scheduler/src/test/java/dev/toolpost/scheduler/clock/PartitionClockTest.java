package dev.toolpost.scheduler.clock;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PartitionClockTest {

    private static final long MILLI = 1_000_000;
    private static final long SECOND = 1_000 * MILLI;
    private static final long EPOCH = 1_795_000_000_000L;

    private final PartitionClock clock = new PartitionClock(Duration.ofMinutes(3));

    @Test
    void knowsNothingBeforeTheFirstStamp() {
        assertThat(clock.now(7 * SECOND)).isEqualTo(BrokerTime.UNKNOWN);
    }

    @Test
    void goesOnFromAStampAsTheMonotonicClockDoesButForWhatClocksMayDiffer() {
        clock.stamped(EPOCH, 1 * SECOND, 1 * SECOND + 2 * MILLI);
        assertThat(clock.now(1 * SECOND + 2 * MILLI)).isEqualTo(EPOCH);
        assertThat(clock.now(11 * SECOND + 2 * MILLI)).isEqualTo(EPOCH + 9_998);
    }

    @Test
    void theStampWithTheShortestWayBackCounts() {
        clock.stamped(EPOCH, 0, 5 * MILLI);
        clock.stamped(EPOCH + 10_000, 10 * SECOND, 10 * SECOND + 400 * MILLI);
        assertThat(clock.now(10 * SECOND + 400 * MILLI)).isEqualTo(EPOCH + 10_392);
    }

    @Test
    void aStampThatIsTooOldIsForgotten() {
        clock.stamped(EPOCH, 0, 0);
        clock.stamped(EPOCH + 200_000, 200 * SECOND, 200 * SECOND + 50 * MILLI);
        assertThat(clock.now(200 * SECOND + 50 * MILLI)).isEqualTo(EPOCH + 200_000);
    }

    @Test
    void aBrokerWhoseClockIsBehindThatOfTheLastIsFollowedAtOnce() {
        clock.stamped(EPOCH, 0, MILLI);
        clock.stamped(EPOCH - 3_600_000 + 10_000, 10 * SECOND, 10 * SECOND + MILLI);
        assertThat(clock.now(10 * SECOND + MILLI)).isEqualTo(EPOCH - 3_600_000 + 10_000);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void overRandomDelaysAndClocksThatRunUnlikeItIsNeverAheadOfTheBrokerAndSoonClose(long seed) {
        Random random = new Random(seed);
        long monotonic = random.nextLong(Long.MAX_VALUE / 4);
        long start = monotonic;
        double rate = 1 + (random.nextDouble() - 0.5) * 300e-6;
        for (int i = 0; i < 200; i++) {
            long sent = monotonic;
            long appended = sent + random.nextLong(100 * MILLI);
            long acknowledged = appended + (i % 10 == 0 ? random.nextLong(3 * MILLI) : random.nextLong(200 * MILLI));
            clock.stamped(broker(appended - start, rate), sent, acknowledged);
            for (int look = 0; look < 10; look++) {
                monotonic = acknowledged + look * SECOND;
                long broker = broker(monotonic - start, rate);
                assertThat(clock.now(monotonic))
                        .as("seed %d, tick %d", seed, i)
                        .isLessThanOrEqualTo(broker)
                        .isGreaterThan(broker - (i < 20 ? 220 : 50));
            }
        }
    }

    private static long broker(long passedNanos, double rate) {
        return Math.floorDiv(EPOCH * MILLI + (long) (passedNanos * rate), MILLI);
    }
}
