package dev.toolpost.benchmarks;

import dev.toolpost.message.Paging;
import dev.toolpost.message.ToolCall;
import dev.toolpost.message.ToolReply;
import dev.toolpost.sandbox.SimulatedVendor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * One call for every page of a long list, through a worker process with a small heap to a reader of its reply topic that checks
 * every record, beside a plain loop in Python against the same vendor process, and a loop that only fetches, which shows what the
 * vendor itself can do.
 */
final class Traversing {

    private static final String LIST = "hubspot_list_contacts";
    private static final String CONNECTION = "crm-0";
    private static final long FIRST_CONTACT = 51;
    private static final int PAGE = 100;
    private static final Duration LONGEST = Duration.ofMinutes(20);
    private static final int PARTS = 10;

    private final Stage stage;
    private final int pages;
    private final String heap;
    private final Table table =
            new Table("traversal", "pages/s", "records/s", "seconds", "CPU us/page", "broker us", "vendor us", "round");

    private Traversing(Stage stage, int pages, String heap) {
        this.stage = stage;
        this.pages = pages;
        this.heap = heap;
    }

    static void run(Options options) throws Exception {
        int pages = options.number("pages", 1_000, 10_000);
        int rounds = options.number("rounds", 1, 3);
        String heap = options.text("heap", "256m");
        String python = options.text("python", "python3");
        options.refuseOthers();
        try (Stage stage = Stage.open(4, "--limit=none", "--contacts=" + (long) pages * PAGE)) {
            stage.connection(CONNECTION, SimulatedVendor.DEFAULT_TOKEN, Stage.UNLIMITED);
            new Traversing(stage, pages, heap).measure(rounds, pythonThere(python) ? python : "");
        }
    }

    private static boolean pythonThere(String python) {
        try {
            System.out.print(Commands.run(python, "--version"));
            return true;
        } catch (UncheckedIOException missing) {
            System.out.println(python + " is not here: the worker is measured alone (--python=PATH names one)");
            return false;
        }
    }

    private void measure(int rounds, String python) throws Exception {
        Path gcLog = stage.directory().resolve("gc.log");
        Program worker = stage.worker(
                List.of("-Xms" + heap, "-Xmx" + heap, GcLog.option(gcLog)),
                Map.of("worker.deadline_interactive", "1h"));
        Agent agent = stage.open(new Agent(stage));
        warmUp(agent);
        List<Double> workerRates = new ArrayList<>();
        List<Double> pythonRates = new ArrayList<>();
        for (int i = 0; i < rounds; i++) {
            String round = i + 1 + "/" + rounds;
            if (!python.isEmpty()) {
                pythonRates.add(python(python, round));
            }
            workerRates.add(traverse(agent, worker, "t" + i, round));
        }
        double single = fetchOnly(1);
        double parallel = fetchOnly(4);
        heapOverTime(gcLog, worker);
        double rate = Figures.median(workerRates, Double::doubleValue);
        Table result = new Table("worker beside", "ratio", "target");
        if (!pythonRates.isEmpty()) {
            result.row("plain Python loop", rate / Figures.median(pythonRates, Double::doubleValue), "> 1");
        }
        result.row("Airbyte CDK's 300/s", rate / 300, ">= 4");
        result.row("fetching alone", rate / single, "(the vendor's ceiling on one connection)");
        System.out.printf(
                "every one of %d records came once, in order of frames, each time; the vendor's ceiling is %.0f pages/s on one"
                        + " connection, %.0f on four%n",
                (long) pages * PAGE, single, parallel);
    }

    /** A worker that runs for days has its code compiled. */
    private void warmUp(Agent agent) {
        agent.readFromEnd(stage.replies());
        int warmUpPages = Math.max(1, pages / 5);
        agent.publish(list("warm-up", Paging.newBuilder().setMode("all").setMaxPages(warmUpPages)));
        agent.flush();
        agent.awaitReplies(warmUpPages, LONGEST);
    }

    private ToolCall list(String id, Paging.Builder paging) {
        return ToolCall.newBuilder()
                .setCallId(id)
                .setTool(LIST)
                .setTenant(Stage.TENANT)
                .setConnection(CONNECTION)
                .setArguments("{\"limit\":" + PAGE + "}")
                .setReplyTo(stage.replies())
                .setPaging(paging.build())
                .build();
    }

    /** One call; the answer is read and checked as it comes. */
    private double traverse(Agent agent, Program worker, String id, String round) {
        agent.readFromEnd(stage.replies());
        RecordIds ids = new RecordIds(FIRST_CONTACT);
        CpuTime cpu = worker.cpu();
        CpuTime broker = stage.brokerCpu();
        CpuTime vendor = stage.vendorCpu();
        long from = System.nanoTime();
        agent.publish(list(id, Paging.newBuilder().setMode("all")));
        agent.flush();
        int[] frames = {0};
        boolean[] last = {false};
        while (!last[0]) {
            if (System.nanoTime() - from > LONGEST.toNanos()) {
                throw new IllegalStateException(frames[0] + " frames within " + LONGEST);
            }
            agent.read(Duration.ofMillis(100), message -> {
                ToolReply frame = agent.decode(message);
                Agent.requireOk(frame);
                if (frame.getFrame() != frames[0]) {
                    throw new IllegalStateException("frame " + frame.getFrame() + " (expected: " + frames[0] + ")");
                }
                frames[0]++;
                String content = frame.getContent();
                ids.take(content == null ? "" : content);
                last[0] = frame.getLast();
            });
        }
        double seconds = (System.nanoTime() - from) / 1e9;
        ids.requireEachOnce((long) pages * PAGE);
        table.row(
                "worker, heap " + heap,
                pages / seconds,
                ids.all() / seconds,
                seconds,
                worker.cpu().since(cpu).per(pages),
                stage.brokerCpu().since(broker).per(pages),
                stage.vendorCpu().since(vendor).per(pages),
                round);
        return pages / seconds;
    }

    private double python(String python, String round) throws IOException {
        Path script = stage.directory().resolve("traverse.py");
        try (var source = Traversing.class.getResourceAsStream("/traverse.py")) {
            if (source == null) {
                throw new IllegalStateException("traverse.py is not on the class path");
            }
            Files.write(script, source.readAllBytes());
        }
        CpuTime vendor = stage.vendorCpu();
        String[] said = Commands.run(
                        python,
                        script.toString(),
                        stage.vendor().uri().toString(),
                        SimulatedVendor.DEFAULT_TOKEN,
                        Integer.toString(pages))
                .strip()
                .split(" ", -1);
        double seconds = Double.parseDouble(said[2]);
        if (Long.parseLong(said[1]) != (long) pages * PAGE) {
            throw new IllegalStateException("the Python loop read " + said[1] + " records");
        }
        table.row(
                "plain Python loop",
                pages / seconds,
                (double) pages * PAGE / seconds,
                seconds,
                "",
                "",
                stage.vendorCpu().since(vendor).per(pages),
                round);
        return pages / seconds;
    }

    /** Reads the list page by page without looking at the records, on so many connections at once. */
    private double fetchOnly(int connections) throws Exception {
        int each = Math.max(1, pages / 2 / connections);
        CpuTime vendor = stage.vendorCpu();
        try (PlainHttp http =
                        new PlainHttp(stage.vendor().uri().toString(), SimulatedVendor.DEFAULT_TOKEN, connections);
                ExecutorService threads = Executors.newFixedThreadPool(connections)) {
            Callable<Integer> loop = () -> {
                String path = "/crm/v3/objects/contacts?limit=" + PAGE;
                String after = "";
                for (int i = 0; i < each; i++) {
                    after = next(http.get(path + after));
                }
                return each;
            };
            long from = System.nanoTime();
            List<Future<Integer>> running = new ArrayList<>();
            for (int i = 0; i < connections; i++) {
                running.add(threads.submit(loop));
            }
            int read = 0;
            for (Future<Integer> one : running) {
                read += one.get();
            }
            double seconds = (System.nanoTime() - from) / 1e9;
            table.row(
                    "fetching alone x" + connections,
                    read / seconds,
                    (double) read * PAGE / seconds,
                    seconds,
                    "",
                    "",
                    stage.vendorCpu().since(vendor).per(read),
                    "");
            return read / seconds;
        }
    }

    /** The end of the body names the next page. */
    private static String next(byte[] body) {
        int tail = Math.min(body.length, 400);
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
                    part * 10 + " to " + (part + 1) * 10 + " % of the run",
                    of.size(),
                    of.stream().filter(GcLog.Pause::full).count(),
                    of.stream().mapToInt(GcLog.Pause::afterMegabytes).min().orElse(0),
                    of.stream().mapToInt(GcLog.Pause::afterMegabytes).max().orElse(0),
                    of.stream().mapToDouble(GcLog.Pause::millis).sum());
        }
        System.out.printf("alive in the worker at the end: %d MB%n", LiveHeap.megabytes(worker.pid()));
    }
}
