package dev.toolpost.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SlidingWindowTest {

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void agreesWithCountingTheAcceptedOnesOfTheLastWindow(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int permits = random.nextInt(1, seed == 5 ? 1000 : 20);
        long window = random.nextLong(10, seed == 5 ? 2000 : 200);
        SlidingWindow sliding = new SlidingWindow(permits, window);
        List<Long> accepted = new ArrayList<>();
        long now = Long.MAX_VALUE - 1000; // nanoTime may overflow
        for (int i = 0; i < 20_000; i++) {
            now += random.nextInt(4) == 0 ? random.nextLong(window) : random.nextLong(3);
            long at = now;
            long inWindow = accepted.stream().filter(time -> at - time < window).count();
            Moment moment = new Moment(at, 0);
            assertThat(sliding.hasRoom(moment, 1)).isEqualTo(inWindow < permits);
            if (inWindow < permits) {
                sliding.take(moment, 1);
                accepted.add(at);
                assertThat(sliding.room(moment, 1).remaining()).isEqualTo((int) (permits - inWindow - 1));
            }
            accepted.removeIf(time -> at - time >= window);
        }
    }
}
