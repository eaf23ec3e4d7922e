package dev.toolpost.cli;

import dev.toolpost.worker.config.ToolpostConfig;
import dev.toolpost.worker.credentials.CredentialStore;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code toolpost connections remove}. */
@Command(name = "remove", description = "Forgets a connection and its secret.")
final class ConnectionsRemove implements Callable<Integer> {
    @Mixin
    private CommonOptions common = new CommonOptions();

    @Parameters(paramLabel = "NAME", description = "The connection.")
    private String name = "";

    @Mixin
    private Connections.Tenant tenant = new Connections.Tenant();

    @Override
    public Integer call() throws InterruptedException {
        ToolpostConfig config = common.load();
        CredentialStore store = Setup.credentials(config);
        String owner = tenant.require(config);
        if (!store.remove(owner, name)) {
            throw Connections.missing(store, owner, name);
        }
        ConnectionNews.tell(common, config, owner, name, "removed", null);
        if (common.json()) {
            common.out().println(Json.print(Json.object().put("removed", owner + "/" + name)));
        } else {
            common.out().println("Removed " + owner + "/" + name);
        }
        return ExitCode.OK;
    }
}
