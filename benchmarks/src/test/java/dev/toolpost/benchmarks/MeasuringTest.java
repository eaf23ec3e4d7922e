package dev.toolpost.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.toolpost.sandbox.Arrival;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What turns measurements into figures. */
class MeasuringTest {

    private static final Duration SECOND = Duration.ofSeconds(1);

    @Test
    void aWindowIsFullyUsedWhenEachPermitComesBackAtOnce() {
        assertThat(WindowUse.of(bursts(10, 1_000), 10, SECOND)).isEqualTo(1.0);
        assertThat(WindowUse.of(bursts(10, 1_250), 10, SECOND)).isEqualTo(0.8);
        assertThat(WindowUse.of(bursts(10, 1_000).subList(0, 10), 10, SECOND)).isNaN();
    }

    @Test
    void aTimeInWhichPermitsWereNobodysIsTakenOffForThePartThatItConcerns() {
        List<Arrival> arrivals = new ArrayList<>(bursts(10, 1_000).subList(0, 20));
        bursts(10, 1_000)
                .subList(0, 20)
                .forEach(each -> arrivals.add(new Arrival(each.nanos() + 3_000_000_000L, "a", "", false)));

        assertThat(WindowUse.of(arrivals, 10, SECOND)).isEqualTo(0.75);
        assertThat(WindowUse.of(arrivals, 10, SECOND, Long.MIN_VALUE, List.of(lost("a", 1))))
                .isEqualTo(1.0);
        assertThat(WindowUse.of(arrivals, 10, SECOND, Long.MIN_VALUE, List.of(lost("a", 0.5))))
                .isEqualTo(6 / 7.0);
        assertThat(WindowUse.of(arrivals, 10, SECOND, Long.MIN_VALUE, List.of(lost("b", 1))))
                .isEqualTo(0.75);
        assertThat(WindowUse.of(arrivals, 10, SECOND, 3_500_000_000L, List.of()))
                .isEqualTo(1.0);
    }

    private static WindowUse.Lost lost(String token, double part) {
        return new WindowUse.Lost(1_500_000_000L, 2_500_000_000L, Map.of(token, part));
    }

    @Test
    void aBurstLastsFromItsFirstToItsLastRequest() {
        List<Arrival> arrivals = LongStream.of(0, 5_000_000, 12_000_000, 900_000_000)
                .mapToObj(nanos -> new Arrival(nanos, "a", "", false))
                .toList();
        assertThat(WindowUse.burstMillis(arrivals, 3)).isEqualTo(12.0);
        assertThat(WindowUse.burstMillis(arrivals, 5)).isNaN();
    }

    @Test
    void aRecordThatComesTwiceIsTold() {
        RecordIds ids = new RecordIds(51);
        assertThat(ids.take("[{\"id\":\"51\",\"properties\":{\"hs_object_id\":\"51\"}},{\"id\":\"52\"}]"))
                .isEqualTo(2);
        ids.requireEachOnce(2);
        ids.take("[{\"id\":\"52\"}]");
        assertThatThrownBy(() -> ids.requireEachOnce(2)).hasMessageContaining("1 repeated");
    }

    @Test
    void pausesAreReadFromTheLogOfTheCollector(@TempDir Path directory) throws IOException {
        Path log = Files.writeString(directory.resolve("gc.log"), """
                [0.012s][info][gc] Using Serial
                [1.234s][info][gc] GC(0) Pause Young (Allocation Failure) 68M->10M(247M) 3.250ms
                [2.500s][info][gc] GC(1) Pause Full (Diagnostic Command) 20M->8M(247M) 30.500ms
                """);
        assertThat(GcLog.read(log))
                .containsExactly(new GcLog.Pause(1.234, false, 68, 10, 3.25), new GcLog.Pause(2.5, true, 20, 8, 30.5));
    }

    @Test
    void aSampleBelongsToTheInnermostFrameThatIsOurs() {
        assertThat(Feature.of(
                        "",
                        List.of(
                                "com.networknt.schema.Schema.validate",
                                "dev.toolpost.connectors.ArgumentValidator.check",
                                "dev.toolpost.worker.call.ArgumentReader.read",
                                "java.lang.VirtualThread.run")))
                .isEqualTo("arguments: validation");
        assertThat(Feature.of("", List.of("java.lang.VirtualThread.runContinuation")))
                .isEqualTo("virtual threads: scheduling");
        assertThat(Feature.of("kafka-producer-network-thread | x", List.of("sun.nio.ch.EPoll.wait")))
                .startsWith("producer");
    }

    @Test
    void anUnknownOptionIsRefusedWithThoseThatThereAre() {
        Options options = Options.parse(List.of("--quick", "--round=3"));
        assertThat(options.number("rounds", 2, 9)).isEqualTo(2);
        assertThatThrownBy(options::refuseOthers)
                .hasMessageContaining("--round ")
                .hasMessageContaining("rounds");
        assertThatThrownBy(() -> Options.parse(List.of("quick"))).hasMessageContaining("--quick");
    }

    @Test
    void medianOfAnEvenNumberIsBetweenTheTwoInTheMiddle() {
        assertThat(Figures.median(4, 1, 3, 2)).isEqualTo(2.5);
        assertThat(Figures.median()).isNaN();
    }

    private static List<Arrival> bursts(int size, long everyMillis) {
        List<Arrival> arrivals = new ArrayList<>();
        for (long burst = 0; burst < 5; burst++) {
            for (int i = 0; i < size; i++) {
                arrivals.add(new Arrival(burst * everyMillis * 1_000_000, "a", "", false));
            }
        }
        return arrivals;
    }
}
