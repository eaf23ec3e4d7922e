package dev.toolpost.cli;

import dev.toolpost.worker.credentials.ConnectionRecord;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** {@code toolpost connections list}. */
@Command(name = "list", description = "Lists the connections of all tenants, or of one.")
final class ConnectionsList implements Runnable {
    @Mixin
    private CommonOptions common = new CommonOptions();

    @Mixin
    private Connections.Tenant tenant = new Connections.Tenant();

    @Override
    public void run() {
        List<ConnectionRecord> connections = Setup.credentials(common.load()).list(tenant.given());
        if (common.json()) {
            ArrayNode list = JsonNodeFactory.instance.arrayNode();
            connections.forEach(each -> list.add(Connections.json(each)));
            common.out().println(Json.print(list));
            return;
        }
        if (connections.isEmpty()) {
            common.err().println("No connections. Add one: toolpost connections add NAME --vendor VENDOR");
            return;
        }
        Table table = new Table("TENANT", "CONNECTION", "VENDOR", "AUTH", "VARIABLES");
        for (ConnectionRecord each : connections) {
            table.row(
                    each.tenant(),
                    each.connection(),
                    each.vendor(),
                    each.authKind(),
                    String.join(
                            " ",
                            each.variables().entrySet().stream()
                                    .map(variable -> variable.getKey() + "=" + variable.getValue())
                                    .toList()));
        }
        table.print(common.out());
    }
}
