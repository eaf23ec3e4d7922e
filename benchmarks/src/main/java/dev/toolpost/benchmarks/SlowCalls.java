package dev.toolpost.benchmarks;

import dev.toolpost.sandbox.Fault;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A vendor whose answers take 20 ms and one in a hundred a second: what waits for slow calls in order falls far behind. The
 * ceiling by Little's law is what is in flight through the mean time.
 */
final class SlowCalls {

    private static final Duration USUAL = Duration.ofMillis(20);
    private static final Duration SLOW = Duration.ofSeconds(1);
    private static final double SLOW_PART = 0.01;

    /** The rate is taken before the last slow calls are alone. */
    private static final double COUNTED = 0.8;

    private SlowCalls() {}

    static void run(Options options) {
        int rounds = options.number("rounds", 2, 5);
        int calls = options.number("calls", 30_000, 60_000);
        int inFlight = options.number("in-flight", 256, 256);
        String only = options.text("only", "");
        String threads = options.text("threads", "virtual");
        options.refuseOthers();
        try (Stage stage = Candidates.stage()) {
            Agent agent = stage.open(new Agent(stage));
            List<Candidate> candidates =
                    new Candidates(stage, agent, inFlight).start(only, Map.of(), List.of(), threads);
            Load load = new Load(stage, agent);
            for (Candidate candidate : candidates) {
                load.throughput(candidate, calls, 1); // warm-up without latency
            }
            stage.vendor().inject(Fault.latency(USUAL));
            stage.vendor().inject(Fault.latency(SLOW.minus(USUAL)).probability(SLOW_PART, 1));
            double meanSeconds = (USUAL.toMillis() * (1 - SLOW_PART) + SLOW.toMillis() * SLOW_PART) / 1_000;
            double ceiling = inFlight / meanSeconds;
            System.out.printf(
                    "vendor: %d ms, one call in a hundred %d ms; %d in flight; ceiling %.0f calls/s%n",
                    USUAL.toMillis(), SLOW.toMillis(), inFlight, ceiling);
            Map<String, List<Double>> rates = new LinkedHashMap<>();
            Table table = new Table("slow calls", "calls/s", "of ceiling", "CPU us/call", "round");
            for (int i = 0; i < rounds; i++) {
                for (Candidate candidate : candidates) {
                    Load.Throughput round = load.throughput(candidate, calls, COUNTED);
                    table.row(
                            candidate.name(),
                            round.callsPerSecond(),
                            round.callsPerSecond() / ceiling,
                            round.cpu(),
                            i + 1 + "/" + rounds);
                    rates.computeIfAbsent(candidate.name(), first -> new ArrayList<>())
                            .add(round.callsPerSecond());
                }
            }
            Table medians = new Table("median", "calls/s", "of ceiling");
            rates.forEach((name, each) -> {
                double median = Figures.median(each, Double::doubleValue);
                medians.row(name, median, median / ceiling);
            });
        }
    }
}
