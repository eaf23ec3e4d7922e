package dev.toolpost.cli;

import dev.toolpost.worker.config.ToolpostConfig;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code toolpost limits}: how the vendors' limits stand in workers. */
@Command(
        name = "limits",
        description =
                "Shows how the vendors' limits stand: permits left, when the next come back, who waits, what the vendors"
                        + " answered. Asks workers by their health endpoint; beside `toolpost dev` it needs no options.")
final class Limits implements Callable<Integer> {
    private static final long WATCH_SECONDS = 2;
    private static final String CLEAR = "\033[H\033[2J";

    @Mixin
    private CommonOptions common = new CommonOptions();

    @Option(names = "--vendor", paramLabel = "VENDOR", description = "Connections of this vendor alone.")
    private @Nullable String vendor;

    @Option(names = "--connection", paramLabel = "NAME", description = "Connections of this name alone.")
    private @Nullable String connection;

    @Option(names = "--tenant", paramLabel = "TENANT", description = "Connections of this tenant alone.")
    private @Nullable String tenant;

    @Option(
            names = "--top",
            paramLabel = "N",
            description =
                    "Connections that each worker shows one by one, those with most waiting calls first; at most 500."
                            + " Default: 50.")
    private @Nullable Integer top;

    @Option(
            names = "--worker",
            paramLabel = "URL",
            split = ",",
            description =
                    "Health endpoint of a worker, such as http://127.0.0.1:8083; several times or separated by commas for"
                            + " several. Default: the worker of `toolpost dev`, else worker.health_port on this machine.")
    private List<String> workers = List.of();

    @Option(names = "--watch", description = "Ask again every two seconds, until interrupted.")
    private boolean watch;

    @Override
    public Integer call() throws InterruptedException {
        if (top != null && (top < 0 || top > 500)) {
            throw CliException.usage("--top " + top + " (expected: 0 to 500)", "");
        }
        List<URI> asked = asked();
        String query = query();
        boolean redraw = watch && !common.json() && Terminals.out();
        while (true) {
            List<WorkerLimits> answers =
                    asked.stream().map(each -> WorkerLimits.of(each, query)).toList();
            requireOne(answers);
            if (redraw) {
                common.out().print(CLEAR);
            }
            print(answers);
            common.out().flush();
            if (!watch || common.out().checkError()) {
                return ExitCode.OK;
            }
            TimeUnit.SECONDS.sleep(WATCH_SECONDS);
        }
    }

    private List<URI> asked() {
        if (!workers.isEmpty()) {
            List<URI> given = new ArrayList<>();
            for (String worker : workers) {
                String url = worker.contains("://") ? worker : "http://" + worker;
                if (!url.matches("https?://[^\\s/?#@]+/?")) {
                    throw CliException.usage(
                            "--worker " + worker
                                    + " (expected: a worker's health endpoint, such as http://127.0.0.1:8083)",
                            "");
                }
                given.add(URI.create(url.endsWith("/") ? url.substring(0, url.length() - 1) : url));
            }
            return given;
        }
        ToolpostConfig config = common.load();
        Path file = common.configFile();
        URI dev = file == null ? null : DevHome.workerBeside(file);
        if (dev != null) {
            return List.of(dev);
        }
        Integer port = config.worker().healthPort();
        if (port == null || port == 0) {
            throw CliException.usage(
                    "no worker is named, and the configuration has no worker.health_port to ask at",
                    "Name workers by --worker URL, or let them have a health endpoint: worker.health_port: 8083");
        }
        return List.of(URI.create("http://" + host(config.worker().healthBind()) + ":" + port));
    }

    /** Where a worker that binds to this address is asked from the same machine. */
    private static String host(String bind) {
        try {
            if (InetAddress.getByName(bind).isAnyLocalAddress()) {
                return "127.0.0.1";
            }
        } catch (UnknownHostException unknown) {
            return bind;
        }
        return bind.contains(":") ? "[" + bind + "]" : bind;
    }

    private String query() {
        List<String> pairs = new ArrayList<>();
        add(pairs, "vendor", vendor);
        add(pairs, "connection", connection);
        add(pairs, "tenant", tenant);
        add(pairs, "top", top == null ? null : top.toString());
        return pairs.isEmpty() ? "" : "?" + String.join("&", pairs);
    }

    private static void add(List<String> pairs, String name, @Nullable String value) {
        if (value != null) {
            pairs.add(name + "=" + URLEncoder.encode(value, StandardCharsets.UTF_8));
        }
    }

    private static void requireOne(List<WorkerLimits> answers) {
        if (answers.stream().allMatch(each -> each.problem() != null)) {
            throw CliException.unreachable(
                    answers.stream()
                            .map(each -> each.url() + ": " + each.problem())
                            .collect(Collectors.joining("\n", "no worker answers\n", "")),
                    "Check that a worker runs there with worker.health_port set; `toolpost dev` starts one. Others are named by"
                            + " --worker URL.",
                    null);
        }
    }

    private void print(List<WorkerLimits> answers) {
        if (common.json()) {
            ObjectNode document = Json.object();
            ArrayNode list = document.putArray("workers");
            answers.forEach(each -> each.writeTo(list.addObject()));
            common.out().println(watch ? document.toString() : Json.print(document));
            return;
        }
        LimitsTable table = new LimitsTable();
        PrintWriter err = common.err();
        for (WorkerLimits each : answers) {
            if (each.problem() == null) {
                table.add(each);
            } else {
                err.println("toolpost: no answer from " + each.url() + ": " + each.problem());
            }
        }
        err.flush();
        table.print(common.out());
    }
}
