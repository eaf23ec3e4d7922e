package dev.toolpost.benchmarks;

import dev.toolpost.sandbox.SimulatedVendor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Where the processor time goes of a worker, or of what works beside it, under calls at full speed or in a traversal: by feature,
 * by library and by method.
 */
final class Profile {

    private Profile() {}

    static void run(Options options) throws IOException {
        String load = options.text("load", "calls");
        switch (load) {
            case "calls" -> calls(options);
            case "traversal" -> traversal(options);
            default -> throw new IllegalArgumentException("--load=" + load + " (expected: calls or traversal)");
        }
    }

    private static void calls(Options options) throws IOException {
        int rounds = options.number("rounds", 3, 10);
        int warmup = options.number("warmup", 4, 8);
        int calls = options.number("calls", 20_000, 40_000);
        int inFlight = options.number("in-flight", 256, 256);
        String of = options.text("of", "worker");
        String keep = options.text("keep", "");
        options.refuseOthers();
        try (Stage stage = Candidates.stage()) {
            Agent agent = stage.open(new Agent(stage));
            boolean beside = of.equals("broker") || of.equals("vendor");
            Candidate candidate = new Candidates(stage, agent, inFlight)
                    .start(beside ? "worker" : of, Map.of(), List.of(Recorder.JVM_OPTION), "virtual")
                    .getFirst();
            long pid = beside ? pid(stage, of) : candidate.program().pid();
            Load load = new Load(stage, agent);
            for (int i = 0; i < warmup; i++) {
                load.throughput(candidate, calls, 1);
            }
            Recorder recorder = Recorder.start(pid, stage.directory());
            CpuTime cpu = CpuTime.of(pid);
            Table table = new Table("profiled: " + of, "calls/s", "round");
            for (int i = 0; i < rounds; i++) {
                Load.Throughput round = load.throughput(candidate, calls, 1);
                table.row(candidate.name(), round.callsPerSecond(), i + 1 + "/" + rounds);
            }
            double micros = CpuTime.of(pid).since(cpu).per((long) calls * rounds);
            finish(stage, recorder, keep, micros, "call");
        }
    }

    private static void traversal(Options options) throws IOException {
        int pages = options.number("pages", 2_000, 10_000);
        int rounds = options.number("rounds", 2, 3);
        String heap = options.text("heap", "256m");
        String of = options.text("of", "worker");
        String keep = options.text("keep", "");
        options.refuseOthers();
        try (Stage stage = ListWalk.stage(pages)) {
            stage.connection(ListWalk.CONNECTION, SimulatedVendor.DEFAULT_TOKEN, Stage.UNLIMITED);
            Program worker = ListWalk.worker(stage, List.of("-Xms" + heap, "-Xmx" + heap, Recorder.JVM_OPTION));
            ListWalk walk = new ListWalk(stage, pages);
            walk.run("warm-up");
            long pid = of.equals("worker") ? worker.pid() : pid(stage, of);
            Recorder recorder = Recorder.start(pid, stage.directory());
            CpuTime cpu = CpuTime.of(pid);
            Table table = new Table("profiled: " + of, "pages/s", "round");
            for (int i = 0; i < rounds; i++) {
                table.row("worker", pages / walk.run("profiled-" + i), i + 1 + "/" + rounds);
            }
            double micros = CpuTime.of(pid).since(cpu).per((long) pages * rounds);
            finish(stage, recorder, keep, micros, "page");
        }
    }

    private static long pid(Stage stage, String of) {
        return switch (of) {
            case "broker" -> stage.brokerPid();
            case "vendor" -> stage.vendorPid();
            default ->
                throw new IllegalArgumentException(
                        "--of=" + of + " (expected: worker, broker or vendor; with calls also bare or parallel)");
        };
    }

    private static void finish(Stage stage, Recorder recorder, String keep, double micros, String unit)
            throws IOException {
        Path recording = keep.isEmpty()
                ? stage.directory().resolve("profile.jfr")
                : Path.of(keep).toAbsolutePath();
        recorder.stop(recording);
        CpuSamples.read(recording).print(micros, unit);
        if (!keep.isEmpty()) {
            System.out.println("recording: " + recording);
        }
    }
}
