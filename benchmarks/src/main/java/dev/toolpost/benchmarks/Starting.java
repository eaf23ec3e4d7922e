package dev.toolpost.benchmarks;

import dev.toolpost.sandbox.SimulatedVendor;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** How long people and orchestrators wait: a worker until it is ready, one call of the command, the demo's first reply. */
final class Starting {

    private static final Duration LONGEST = Duration.ofMinutes(3);
    private static final int SHARDS = 3;
    private static final String CONNECTION = "crm-0";

    private Starting() {}

    static void run(Options options) throws Exception {
        int rounds = options.number("rounds", 3, 10);
        int demos = options.number("demos", 0, 1);
        Path root = Path.of(options.text("root", System.getProperty("toolpost.root", ".")));
        options.refuseOthers();
        String launcher = root.resolve("toolpost").toAbsolutePath().normalize().toString();
        System.out.println("building with the launcher where something changed");
        Commands.run(launcher, "version");

        Table table = new Table("start", "ms", "round");
        List<Double> ready = new ArrayList<>();
        List<Double> works = new ArrayList<>();
        List<Double> calls = new ArrayList<>();
        try (Stage stage = Stage.open(SHARDS, "--limit=none")) {
            stage.connection(CONNECTION, SimulatedVendor.DEFAULT_TOKEN, Stage.UNLIMITED);
            for (int i = 0; i < rounds; i++) {
                String round = i + 1 + "/" + rounds;
                worker(stage, launcher, ready, works);
                table.row("worker ready", ready.getLast(), round);
                table.row("worker owns shards", works.getLast(), round);
            }
            Path config = stage.config(Map.of());
            stage.worker(List.of(), Map.of());
            for (int i = 0; i < rounds; i++) {
                calls.add(millis(
                        launcher,
                        "call",
                        "hubspot_list_contacts",
                        "--connection",
                        CONNECTION,
                        "--arg",
                        "limit=1",
                        "--output",
                        "json",
                        "--config",
                        config.toString()));
                table.row("toolpost call", calls.getLast(), i + 1 + "/" + rounds);
            }
        }
        Table medians = new Table("median", "ms", "worst ms", "target ms");
        row(medians, "worker ready", ready, "<= 3000");
        row(medians, "worker owns shards", works, "");
        row(medians, "toolpost call", calls, "<= 1000");
        for (int i = 0; i < demos; i++) {
            JsonNode report = JsonMapper.shared().readTree(Commands.run(launcher, "demo", "--output", "json"));
            medians.row("demo's first reply", report.path("first_reply_ms").asDouble(Double.NaN), "", "<= 10000");
        }
    }

    private static void row(Table table, String name, List<Double> millis, String target) {
        table.row(
                name,
                Figures.median(millis, Double::doubleValue),
                millis.stream().mapToDouble(Double::doubleValue).max().orElse(Double.NaN),
                target);
    }

    private static void worker(Stage stage, String launcher, List<Double> ready, List<Double> works) throws Exception {
        Health health = Health.onFreePort();
        Path config = stage.config(Map.of("worker.health_port", health.port()));
        long from = System.nanoTime();
        Process worker = start(launcher, config);
        try {
            Await.until("the worker is ready", LONGEST, health::ready);
            ready.add((System.nanoTime() - from) / 1e6);
            Await.until("it has all shards", LONGEST, () -> health.owned().size() == SHARDS);
            works.add((System.nanoTime() - from) / 1e6);
        } finally {
            worker.destroy();
            if (!worker.waitFor(LONGEST.toSeconds(), TimeUnit.SECONDS)) {
                worker.destroyForcibly();
            }
        }
    }

    private static Process start(String launcher, Path config) throws IOException {
        return new ProcessBuilder(launcher, "worker", "--config", config.toString())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static double millis(String... command) {
        long from = System.nanoTime();
        Commands.run(command);
        return (System.nanoTime() - from) / 1e6;
    }
}
