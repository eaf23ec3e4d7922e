package dev.toolpost.cli;

import dev.toolpost.worker.Worker;
import dev.toolpost.worker.WorkerMain;
import dev.toolpost.worker.call.PoolWorker;
import dev.toolpost.worker.config.ToolpostConfig;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.kafka.common.KafkaException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ObjectNode;

/** {@code toolpost worker}: executes calls until it is told to end. */
@Command(
        name = "worker",
        description =
                "Runs a worker until it is interrupted; then it hands its shards over in order. Beside `toolpost dev`"
                        + " it shares dev's work.")
final class WorkerCommand implements Callable<Integer> {
    @Mixin
    private CommonOptions common = new CommonOptions();

    @Option(names = "--end-with-stdin", hidden = true, description = "End at once when standard input ends.")
    private boolean endWithStandardInput;

    @Override
    public Integer call() throws InterruptedException {
        if (endWithStandardInput) {
            GuestProcess.endWithParent();
        }
        ToolpostConfig config = common.load().requireWorkable();
        Brokers.requireListening(config);
        try {
            WorkerMain.run(config, worker -> announce(config, worker));
        } catch (IllegalStateException cannotWork) {
            String message = String.valueOf(cannotWork.getMessage());
            throw cannotWork.getCause() instanceof KafkaException
                    ? CliException.unreachable(message, "", cannotWork)
                    : CliException.usage(message, "", cannotWork);
        }
        return ExitCode.OK;
    }

    private void announce(ToolpostConfig config, Worker worker) {
        PrintWriter out = common.out();
        String bootstrap = config.kafka().bootstrapServers();
        List<String> pools =
                worker.status().stream().map(PoolWorker.Status::pool).toList();
        InetSocketAddress health = worker.healthAddress();
        String ready = health == null ? "" : ready(health);
        if (common.json()) {
            ObjectNode started = Json.object();
            started.put("worker", worker.instance()).put("bootstrap", bootstrap);
            pools.forEach(started.putArray("pools")::add);
            out.println(started.put("health", ready).toString());
        } else {
            out.println("worker " + worker.instance() + " started");
            new Table("Kafka broker", bootstrap)
                    .row("Pools", String.join(", ", pools))
                    .row("Health", health == null ? "off; worker.health_port in the configuration turns it on" : ready)
                    .print(out, "  ");
        }
        out.flush();
    }

    private static String ready(InetSocketAddress health) {
        String host = health.getAddress().getHostAddress();
        return "http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + health.getPort() + "/health/ready";
    }
}
