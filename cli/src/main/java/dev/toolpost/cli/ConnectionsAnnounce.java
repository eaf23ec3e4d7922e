package dev.toolpost.cli;

import dev.toolpost.worker.config.ToolpostConfig;
import dev.toolpost.worker.credentials.ConnectionRecord;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.common.KafkaException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code toolpost connections announce}. */
@Command(
        name = "announce",
        description =
                "Tells schedulers which connections there are, for jobs and schedules over all connections of a vendor."
                        + " Those that were added by this command are known already; this is for a store that was filled in another way.")
final class ConnectionsAnnounce implements Callable<Integer> {
    @Mixin
    private CommonOptions common = new CommonOptions();

    @Mixin
    private Connections.Tenant tenant = new Connections.Tenant();

    @Override
    public Integer call() throws InterruptedException {
        ToolpostConfig config = common.load();
        List<ConnectionRecord> connections = Setup.credentials(config).list(tenant.given());
        Brokers.requireListening(config);
        try {
            ConnectionNews.announce(config, connections);
        } catch (KafkaException | ExecutionException | TimeoutException untold) {
            throw CliException.unreachable(
                    "the connections could not be announced: " + untold.getMessage(),
                    "See that the topics are there (toolpost topics create) and may be written.",
                    untold);
        }
        if (common.json()) {
            common.out().println(Json.print(Json.object().put("announced", connections.size())));
        } else {
            common.out()
                    .println(connections.size() + (connections.size() == 1 ? " connection" : " connections")
                            + " announced");
        }
        return ExitCode.OK;
    }
}
