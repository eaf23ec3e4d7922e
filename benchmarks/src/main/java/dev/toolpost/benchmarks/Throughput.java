package dev.toolpost.benchmarks;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * Calls per second, processor time per call and latency of a worker beside a bare loop and a parallel consumer, in rounds that
 * take turns on one broker and one vendor. What counts are the ratios within a round.
 */
final class Throughput {

    private final Load load;
    private final Plan plan;
    private final List<Candidate> candidates;

    private Throughput(Load load, Plan plan, List<Candidate> candidates) {
        this.load = load;
        this.plan = plan;
        this.candidates = candidates;
    }

    private record Plan(
            int warmup,
            int rounds,
            int calls,
            int latencyRounds,
            int latencySeconds,
            int callsPerSecond,
            int inFlight,
            String only,
            String commitInterval,
            String threads) {

        static Plan of(Options options) {
            Plan plan = new Plan(
                    options.number("warmup", 4, 8),
                    options.number("rounds", 3, 9),
                    options.number("calls", 20_000, 40_000),
                    options.number("latency-rounds", 2, 5),
                    options.number("latency-seconds", 3, 8),
                    options.number("latency-rate", 500, 500),
                    options.number("in-flight", 256, 256),
                    options.text("only", ""),
                    options.text("commit-interval", "100ms"),
                    options.text("threads", "virtual"));
            options.refuseOthers();
            return plan;
        }
    }

    static void run(Options options) throws InterruptedException {
        Plan plan = Plan.of(options);
        try (Stage stage = Candidates.stage()) {
            Agent agent = stage.open(new Agent(stage));
            List<Candidate> candidates = new Candidates(stage, agent, plan.inFlight())
                    .start(
                            plan.only(),
                            Map.of("worker.offset_commit_interval", plan.commitInterval()),
                            List.of(),
                            plan.threads());
            new Throughput(new Load(stage, agent), plan, candidates).measure();
        }
    }

    private void measure() throws InterruptedException {
        Map<String, List<Load.Throughput>> rates = rates();
        Map<String, List<Load.Latency>> latencies = latencies();
        report(rates, latencies);
        for (Candidate candidate : candidates) {
            if (candidate.name().equals(Candidate.WORKER)) {
                System.out.printf("worker's replies: %d bytes each%n", load.checkReplies(candidate, 2_000));
            }
        }
    }

    private Map<String, List<Load.Throughput>> rates() {
        Map<String, List<Load.Throughput>> rounds = new LinkedHashMap<>();
        Table table = new Table("throughput", "calls/s", "CPU us/call", "in kernel", "broker us", "vendor us", "round");
        int all = plan.warmup() + plan.rounds();
        for (int i = 0; i < all; i++) {
            for (Candidate candidate : turn(i)) {
                Load.Throughput round = load.throughput(candidate, plan.calls(), 1);
                boolean counts = i >= plan.warmup();
                table.row(
                        candidate.name(),
                        round.callsPerSecond(),
                        round.cpu(),
                        round.cpuInKernel(),
                        round.brokerCpu(),
                        round.vendorCpu(),
                        counts ? i - plan.warmup() + 1 + "/" + plan.rounds() : "warm-up");
                if (counts) {
                    rounds.computeIfAbsent(candidate.name(), first -> new ArrayList<>())
                            .add(round);
                }
            }
        }
        return rounds;
    }

    private Map<String, List<Load.Latency>> latencies() throws InterruptedException {
        Map<String, List<Load.Latency>> rounds = new LinkedHashMap<>();
        if (plan.latencyRounds() == 0) {
            return rounds;
        }
        Table table = new Table("latency, " + plan.callsPerSecond() + "/s", "p50 ms", "p99 ms", "round");
        for (int i = 0; i <= plan.latencyRounds(); i++) {
            for (Candidate candidate : turn(i)) {
                Load.Latency round =
                        load.latency(candidate, plan.latencySeconds() * plan.callsPerSecond(), plan.callsPerSecond());
                table.row(
                        candidate.name(), round.p50(), round.p99(), i > 0 ? i + "/" + plan.latencyRounds() : "warm-up");
                if (i > 0) {
                    rounds.computeIfAbsent(candidate.name(), first -> new ArrayList<>())
                            .add(round);
                }
            }
        }
        return rounds;
    }

    /** Each goes first in turn, so that none has the better place. */
    private List<Candidate> turn(int round) {
        List<Candidate> order = new ArrayList<>(candidates);
        Collections.rotate(order, -round);
        return order;
    }

    private void report(Map<String, List<Load.Throughput>> rates, Map<String, List<Load.Latency>> latencies) {
        Table medians = new Table("median", "calls/s", "CPU us/call", "p50 ms", "p99 ms");
        for (Candidate candidate : candidates) {
            List<Load.Throughput> rate = rates.getOrDefault(candidate.name(), List.of());
            List<Load.Latency> latency = latencies.getOrDefault(candidate.name(), List.of());
            medians.row(
                    candidate.name(),
                    Figures.median(rate, Load.Throughput::callsPerSecond),
                    Figures.median(rate, Load.Throughput::cpu),
                    Figures.median(latency, Load.Latency::p50),
                    Figures.median(latency, Load.Latency::p99));
        }
        Table ratios = new Table("worker beside", "calls/s", "CPU us/call", "p50 ms", "p99 ms");
        for (String other : List.of(Candidate.BARE, Candidate.PARALLEL)) {
            if (!rates.containsKey(Candidate.WORKER) || !rates.containsKey(other)) {
                continue;
            }
            ratios.row(
                    other,
                    ratio(rates, other, Load.Throughput::callsPerSecond),
                    ratio(rates, other, Load.Throughput::cpu),
                    ratio(latencies, other, Load.Latency::p50),
                    ratio(latencies, other, Load.Latency::p99));
            ratios.row(
                    "  each round",
                    span(rates, other, Load.Throughput::callsPerSecond),
                    span(rates, other, Load.Throughput::cpu),
                    span(latencies, other, Load.Latency::p50),
                    span(latencies, other, Load.Latency::p99));
            boolean bare = other.equals(Candidate.BARE);
            ratios.row(
                    "  target",
                    bare ? ">= 0.85" : "> 1.00",
                    bare ? "<= 1.30" : "",
                    bare ? "<= 1.50" : "",
                    bare ? "<= 1.50" : "");
        }
    }

    /** The median of what each round's own ratio is. */
    private static <T> double ratio(Map<String, List<T>> rounds, String other, ToDoubleFunction<T> figure) {
        return Figures.median(ratios(rounds, other, figure));
    }

    private static <T> String span(Map<String, List<T>> rounds, String other, ToDoubleFunction<T> figure) {
        double[] ratios = ratios(rounds, other, figure);
        if (ratios.length == 0) {
            return "-";
        }
        Arrays.sort(ratios);
        return Table.text(ratios[0]) + ".." + Table.text(ratios[ratios.length - 1]);
    }

    private static <T> double[] ratios(Map<String, List<T>> rounds, String other, ToDoubleFunction<T> figure) {
        List<T> worker = rounds.getOrDefault(Candidate.WORKER, List.of());
        List<T> beside = rounds.getOrDefault(other, List.of());
        double[] ratios = new double[Math.min(worker.size(), beside.size())];
        for (int i = 0; i < ratios.length; i++) {
            ratios[i] = figure.applyAsDouble(worker.get(i)) / figure.applyAsDouble(beside.get(i));
        }
        return ratios;
    }
}
