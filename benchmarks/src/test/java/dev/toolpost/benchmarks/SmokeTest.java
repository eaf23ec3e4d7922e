package dev.toolpost.benchmarks;

import static org.assertj.core.api.Assertions.assertThatCode;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One benchmark at the smallest scale, so that the programs around the worker still start and agree on the messages. */
@Timeout(120)
class SmokeTest {

    @Test
    void aWorkerAnswersEveryCallOfAShortRound() {
        assertThatCode(() -> Throughput.run(Options.parse(
                        List.of("--only=worker", "--warmup=0", "--rounds=1", "--calls=200", "--latency-rounds=0"))))
                .doesNotThrowAnyException();
    }
}
