package dev.toolpost.benchmarks;

import dev.toolpost.sandbox.SimulatedVendor;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A long list through a worker process with a small heap, beside a plain loop in Python against the same vendor process, and a loop
 * that only fetches, which shows what the vendor itself can do.
 */
final class Traversing {

    private static final int PAGE = ListWalk.PAGE;
    private static final int PARTS = 10;
    private static final double AIRBYTE_PAGES_PER_SECOND = 300;

    private final Stage stage;
    private final int pages;
    private final Table table =
            new Table("traversal", "pages/s", "records/s", "seconds", "CPU us/page", "broker us", "vendor us", "round");

    private Traversing(Stage stage, int pages) {
        this.stage = stage;
        this.pages = pages;
    }

    static void run(Options options) throws Exception {
        int pages = options.number("pages", 1_000, 10_000);
        int rounds = options.number("rounds", 1, 3);
        String heap = options.text("heap", "256m");
        String python = options.text("python", "python3");
        options.refuseOthers();
        try (Stage stage = ListWalk.stage(pages)) {
            stage.connection(ListWalk.CONNECTION, SimulatedVendor.DEFAULT_TOKEN, Stage.UNLIMITED);
            PythonLoop beside = PythonLoop.isThere(python) ? PythonLoop.in(stage.directory(), python) : null;
            new Traversing(stage, pages).measure(rounds, heap, beside);
        }
    }

    private void measure(int rounds, String heap, @Nullable PythonLoop python) throws Exception {
        Path gcLog = stage.directory().resolve("gc.log");
        Program worker = ListWalk.worker(stage, List.of("-Xms" + heap, "-Xmx" + heap, GcLog.option(gcLog)));
        ListWalk walk = new ListWalk(stage, pages);
        List<Double> workerRates = new ArrayList<>();
        List<Double> pythonRates = new ArrayList<>();
        for (int i = 0; i <= rounds; i++) {
            String round = i == 0 ? "warm-up" : i + "/" + rounds;
            Double pythonRate = python == null ? null : loop(python, round);
            double workerRate = traverse(walk, worker, heap, "t" + i, round);
            if (i > 0) {
                workerRates.add(workerRate);
                if (pythonRate != null) {
                    pythonRates.add(pythonRate);
                }
            }
        }
        double single = fetchOnly(1);
        double parallel = fetchOnly(4);
        heapOverTime(gcLog, worker);
        double rate = Figures.median(workerRates, Double::doubleValue);
        Table result = new Table("worker beside", "ratio", "target");
        if (!pythonRates.isEmpty()) {
            result.row("plain Python loop", rate / Figures.median(pythonRates, Double::doubleValue), "> 1");
        }
        result.row("Airbyte CDK's 300/s", rate / AIRBYTE_PAGES_PER_SECOND, ">= 4");
        result.row("fetching alone", rate / single, "(ceiling)");
        System.out.printf(
                "each of %d records came exactly once, every time; the vendor's ceiling is %.0f pages/s on one connection, %.0f on"
                        + " four%n",
                (long) pages * PAGE, single, parallel);
    }

    private double traverse(ListWalk walk, Program worker, String heap, String id, String round) {
        CpuTime cpu = worker.cpu();
        CpuTime broker = stage.brokerCpu();
        CpuTime vendor = stage.vendorCpu();
        double seconds = walk.run(id);
        table.row(
                "worker, heap " + heap,
                pages / seconds,
                (double) pages * PAGE / seconds,
                seconds,
                worker.cpu().since(cpu).per(pages),
                stage.brokerCpu().since(broker).per(pages),
                stage.vendorCpu().since(vendor).per(pages),
                round);
        return pages / seconds;
    }

    private double loop(PythonLoop python, String round) {
        CpuTime vendor = stage.vendorCpu();
        double seconds = python.run(stage, pages);
        beside("plain Python loop", pages, seconds, vendor, round);
        return pages / seconds;
    }

    private void beside(String name, int read, double seconds, CpuTime vendorBefore, String round) {
        table.row(
                name,
                read / seconds,
                (double) read * PAGE / seconds,
                seconds,
                "",
                "",
                stage.vendorCpu().since(vendorBefore).per(read),
                round);
    }

    /** Reads the list page by page without looking at the records, on so many connections at once. */
    private double fetchOnly(int connections) throws Exception {
        int each = Math.max(1, pages / 2 / connections);
        CpuTime vendor = stage.vendorCpu();
        long[] bytes = new long[connections];
        try (PlainHttp http =
                        new PlainHttp(stage.vendor().uri().toString(), SimulatedVendor.DEFAULT_TOKEN, connections);
                ExecutorService threads = Executors.newFixedThreadPool(connections)) {
            long from = System.nanoTime();
            List<Future<Integer>> running = new ArrayList<>();
            for (int i = 0; i < connections; i++) {
                int number = i;
                Callable<Integer> loop = () -> {
                    String after = "";
                    for (int page = 0; page < each; page++) {
                        byte[] body = http.get(ListWalk.path() + after);
                        bytes[number] += body.length;
                        after = next(body);
                    }
                    return each;
                };
                running.add(threads.submit(loop));
            }
            int read = 0;
            for (Future<Integer> one : running) {
                read += one.get();
            }
            double seconds = (System.nanoTime() - from) / 1e9;
            beside("fetching alone x" + connections, read, seconds, vendor, bytes[0] / each / 1_024 + " KiB a page");
            return read / seconds;
        }
    }

    /** The end of the body names the next page. */
    private static String next(byte[] body) {
        int tail = Math.min(body.length, 600);
        String end = new String(body, body.length - tail, tail, StandardCharsets.UTF_8);
        int paging = end.lastIndexOf("\"paging\"");
        if (paging < 0) {
            return "";
        }
        JsonNode place = JsonMapper.shared().readTree("{" + end.substring(paging));
        return "&after=" + place.path("paging").path("next").path("after").asString();
    }

    /** A tenth of the run a row: what was in use after collections, at least, is what was alive. */
    private static void heapOverTime(Path gcLog, Program worker) {
        List<GcLog.Pause> pauses = GcLog.read(gcLog);
        Table table = new Table("worker's heap", "collections", "full", "least MB after", "most MB after", "ms paused");
        double end = pauses.isEmpty() ? 0 : pauses.getLast().atSeconds();
        for (int part = 0; part < PARTS; part++) {
            double from = end * part / PARTS;
            double to = part == PARTS - 1 ? Double.MAX_VALUE : end * (part + 1) / PARTS;
            List<GcLog.Pause> of = pauses.stream()
                    .filter(pause -> pause.atSeconds() >= from && pause.atSeconds() < to)
                    .toList();
            table.row(
                    part * 10 + " to " + (part + 1) * 10 + " %",
                    of.size(),
                    of.stream().filter(GcLog.Pause::full).count(),
                    of.stream().mapToInt(GcLog.Pause::afterMegabytes).min().orElse(0),
                    of.stream().mapToInt(GcLog.Pause::afterMegabytes).max().orElse(0),
                    of.stream().mapToDouble(GcLog.Pause::millis).sum());
        }
        System.out.printf("alive in the worker at the end: %d MB%n", LiveHeap.megabytes(worker.pid()));
    }
}
