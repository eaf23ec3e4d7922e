package dev.toolpost.cli;

import dev.toolpost.scheduler.ConnectorUpdates;
import dev.toolpost.scheduler.Scheduler;
import dev.toolpost.scheduler.SchedulerException;
import dev.toolpost.worker.WorkerMain;
import dev.toolpost.worker.config.ToolpostConfig;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code toolpost scheduler}: keeps what is due later, follows jobs and begins schedules, until it is told to end. */
@Command(
        name = "scheduler",
        description =
                "Runs a scheduler until it is interrupted; then it commits and hands its share over to the others. It keeps"
                        + " deferred calls until their time, follows jobs and begins the runs of schedules.")
final class SchedulerCommand implements Callable<Integer> {
    @Mixin
    private CommonOptions common = new CommonOptions();

    @Option(names = "--end-with-stdin", hidden = true, description = "End at once when standard input ends.")
    private boolean endWithStandardInput;

    @Override
    public Integer call() throws InterruptedException {
        if (endWithStandardInput) {
            GuestProcess.endWithParent();
        }
        ToolpostConfig config = common.load();
        Brokers.requireListening(config);
        try {
            Scheduler scheduler = start(config);
            Runtime.getRuntime()
                    .addShutdownHook(Thread.ofPlatform().name("shutdown").unstarted(scheduler::close));
            announce(config, scheduler);
            scheduler.awaitEnd();
        } catch (SchedulerException cannotWork) {
            String message = String.valueOf(cannotWork.getMessage());
            throw cannotWork.getCause() == null
                    ? CliException.usage(message, "", cannotWork)
                    : CliException.unreachable(message, "", cannotWork);
        }
        return ExitCode.OK;
    }

    /** A scheduler of this configuration, which follows the connectors as workers do. */
    private Scheduler start(ToolpostConfig config) {
        return Scheduler.start(
                SchedulerSetup.settings(config),
                KnownConnectors.ofFiles(common, config),
                new ConnectorUpdates(
                        config.connectors().directories(), config.connectors().trustedKeys()),
                WorkerMain.registry(config));
    }

    private void announce(ToolpostConfig config, Scheduler scheduler) {
        PrintWriter out = common.out();
        String url = SchedulerSetup.url(scheduler.address());
        String bootstrap = config.kafka().bootstrapServers();
        if (common.json()) {
            out.println(Json.object()
                    .put("scheduler", config.scheduler().applicationId())
                    .put("bootstrap", bootstrap)
                    .put("url", url)
                    .put("health", url + "/health/ready")
                    .toString());
        } else {
            out.println("scheduler " + config.scheduler().applicationId() + " started");
            new Table("Kafka broker", bootstrap)
                    .row("State", config.scheduler().stateDirectory().toString())
                    .row("Jobs, schedules", url)
                    .row("Health", url + "/health/ready")
                    .print(out, "  ");
        }
        out.flush();
    }
}
