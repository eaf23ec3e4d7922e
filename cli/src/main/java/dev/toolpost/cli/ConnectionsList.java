package dev.toolpost.cli;

import dev.toolpost.worker.credentials.ConnectionRecord;
import dev.toolpost.worker.credentials.CredentialStore;
import dev.toolpost.worker.credentials.StoredConnection;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** {@code toolpost connections list}. */
@Command(name = "list", description = "Lists the connections of all tenants, or of one.")
final class ConnectionsList implements Runnable {
    @Mixin
    private CommonOptions common = new CommonOptions();

    @Mixin
    private Connections.Tenant tenant = new Connections.Tenant();

    @Override
    public void run() {
        CredentialStore store = Setup.credentials(common.load());
        List<ConnectionRecord> connections = store.list(tenant.given());
        if (common.json()) {
            ArrayNode list = JsonNodeFactory.instance.arrayNode();
            for (ConnectionRecord each : connections) {
                ObjectNode node = Connections.json(each);
                GrantView grant = grant(store, each);
                if (grant != null) {
                    grant.writeTo(node.putObject("grant"));
                }
                list.add(node);
            }
            common.out().println(Json.print(list));
            return;
        }
        if (connections.isEmpty()) {
            common.err().println("No connections. Add one: toolpost connections add NAME --vendor VENDOR");
            return;
        }
        Table table = new Table("TENANT", "CONNECTION", "VENDOR", "AUTH", "GRANT", "VARIABLES");
        for (ConnectionRecord each : connections) {
            GrantView grant = grant(store, each);
            table.row(
                    each.tenant(),
                    each.connection(),
                    each.vendor(),
                    each.authKind(),
                    grant == null ? "" : grant.text(),
                    String.join(
                            " ",
                            each.variables().entrySet().stream()
                                    .map(variable -> variable.getKey() + "=" + variable.getValue())
                                    .toList()));
        }
        table.print(common.out());
    }

    private static @Nullable GrantView grant(CredentialStore store, ConnectionRecord connection) {
        StoredConnection stored = store.find(connection.tenant(), connection.connection());
        return stored == null ? null : GrantView.of(stored, InstantSource.system());
    }
}
