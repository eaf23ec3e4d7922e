package dev.toolpost.benchmarks;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Four workers beside one on a vendor that takes 100 ms, each with so many calls in flight that the vendor's time is the bound. */
final class ScaleOut {

    private static final Duration LONGEST = Duration.ofMinutes(3);
    private static final int SHARDS = 16;
    private static final int LATENCY_MS = 100;

    /** The rate is taken between these parts of the calls. */
    private static final double FROM = 0.2;

    private static final double TO = 0.8;

    private ScaleOut() {}

    static void run(Options options) throws Exception {
        int inFlight = options.number("in-flight", 64, 128);
        int seconds = options.number("seconds", 8, 20);
        int rounds = options.number("rounds", 1, 3);
        int most = options.number("workers", 4, 4);
        options.refuseOthers();
        try (Stage stage = Stage.open(SHARDS, "--limit=none", "--latency-ms=" + LATENCY_MS)) {
            List<String> connections = stage.connections(4, Stage.UNLIMITED);
            Agent agent = stage.open(new Agent(stage));
            Table table = new Table("scale-out", "calls/s", "of ceiling", "CPU us/call", "round");
            List<Double> one = new ArrayList<>();
            List<Double> many = new ArrayList<>();
            for (int round = 0; round < rounds; round++) {
                for (int workers : new int[] {1, most}) {
                    double ceiling = workers * inFlight * 1_000.0 / LATENCY_MS;
                    double rate = measure(
                            stage,
                            agent,
                            connections,
                            workers,
                            inFlight,
                            (int) (ceiling * seconds),
                            table,
                            round + 1 + "/" + rounds);
                    (workers == 1 ? one : many).add(rate);
                }
            }
            System.out.printf(
                    "%d workers %.2f x 1 worker; target >= 3.8 with 4%n",
                    most, Figures.median(many, Double::doubleValue) / Figures.median(one, Double::doubleValue));
        }
    }

    private static double measure(
            Stage stage,
            Agent agent,
            List<String> connections,
            int workers,
            int inFlight,
            int calls,
            Table table,
            String round)
            throws Exception {
        List<Program> programs = new ArrayList<>();
        List<Health> healths = new ArrayList<>();
        for (int i = 0; i < workers; i++) {
            Health health = Health.onFreePort();
            healths.add(health);
            programs.add(stage.worker(
                    List.of("-Xms256m", "-Xmx256m"),
                    Map.of("worker.health_port", health.port(), "worker.max_in_flight", Integer.toString(inFlight))));
        }
        for (Health health : healths) {
            Await.until(
                    "the shards are shared out", LONGEST, () -> health.owned().size() == SHARDS / workers);
        }
        agent.readFromEnd(stage.replies());
        for (int i = 0; i < calls; i++) {
            String connection = connections.get(i % connections.size());
            agent.publish(agent.call("s" + i, "hubspot_get_contact", connection, "{\"contact_id\":\"60\"}")
                    .build());
        }
        agent.flush();
        long[] at = new long[2];
        List<CpuTime> before = new ArrayList<>();
        int[] come = {0};
        long until = System.nanoTime() + LONGEST.toNanos();
        while (come[0] < calls) {
            if (System.nanoTime() > until) {
                throw new IllegalStateException(come[0] + " of " + calls + " calls answered within " + LONGEST);
            }
            agent.read(Duration.ofMillis(50), message -> {
                come[0]++;
                if (come[0] == (int) (calls * FROM)) {
                    at[0] = System.nanoTime();
                    programs.forEach(program -> before.add(program.cpu()));
                } else if (come[0] == (int) (calls * TO)) {
                    at[1] = System.nanoTime();
                }
            });
        }
        double perCall = 0;
        for (int i = 0; i < workers; i++) {
            perCall += programs.get(i).cpu().since(before.get(i)).per((int) (calls * (1 - FROM)));
        }
        double rate = (int) (calls * TO) - (int) (calls * FROM);
        rate /= (at[1] - at[0]) / 1e9;
        table.row(
                workers + (workers == 1 ? " worker" : " workers"),
                rate,
                rate / (workers * inFlight * 1_000.0 / LATENCY_MS),
                perCall,
                round);
        programs.forEach(Program::close);
        return rate;
    }
}
