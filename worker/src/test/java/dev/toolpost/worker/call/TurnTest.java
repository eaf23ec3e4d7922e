package dev.toolpost.worker.call;

import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.schemas.Lane;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The bounds and guards of a turn. */
class TurnTest {

    @ParameterizedTest
    @CsvSource({"0, 1", "1, 2", "3, 4", "7, 8", "15, 16", "31, 32", "63, 64", "127, 100", "2000000000, 100"})
    void theFirstTurnsOfAnInteractiveTraversalEndEarly(int before, int pages) {
        assertThat(TurnBounds.STANDARD.pagesAfter(before, Lane.INTERACTIVE)).isEqualTo(pages);
        assertThat(TurnBounds.STANDARD.pagesAfter(before, Lane.BATCH)).isEqualTo(100);
    }

    @Test
    void theFirstTurnsOfCallsThatBeginTogetherEndAtTimesOfTheirOwn() {
        TurnBounds bounds = new TurnBounds(100, 1 << 20, Duration.ofSeconds(2));

        List<Duration> first = IntStream.range(0, 160)
                .mapToObj(part -> bounds.timeAfter(0, "nightly." + part))
                .toList();

        assertThat(first).allSatisfy(each -> assertThat(each).isPositive().isLessThanOrEqualTo(bounds.time()));
        Map<Duration, Long> counts =
                first.stream().collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
        assertThat(counts).hasSize(16);
        assertThat(counts.values()).allSatisfy(count -> assertThat(count).isLessThan(30));
        assertThat(bounds.timeAfter(20, "nightly.1")).isEqualTo(bounds.time());
    }

    @Test
    void everyCircleIsFoundOutWithinThreeTimesTheWayIntoItAndAround() {
        Random random = new Random(7);
        for (int round = 0; round < 200; round++) {
            int before = random.nextInt(200);
            int circle = 1 + random.nextInt(200);
            CycleGuard guard = null;
            int pages = 0;
            int place = 0;
            while (true) {
                pages++;
                place = place + 1 < before + circle ? place + 1 : before;
                String next = Integer.toString(place);
                if (guard != null && guard.hasSeen(next)) {
                    break;
                }
                guard = CycleGuard.of(CycleGuard.after(guard, pages, next).text());
                assertThat(pages).as("before %d, circle %d", before, circle).isLessThanOrEqualTo(3 * (before + circle));
            }
            assertThat(pages).as("never before it came round").isGreaterThanOrEqualTo(circle);
        }
    }

    @Test
    void aListWithoutCirclesIsNeverAccused() {
        CycleGuard guard = null;
        for (int pages = 1; pages <= 100_000; pages++) {
            String next = Integer.toString(pages);
            assertThat(guard != null && guard.hasSeen(next)).isFalse();
            guard = CycleGuard.after(guard, pages, next);
        }
    }
}
