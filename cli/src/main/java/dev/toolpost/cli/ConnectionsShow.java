package dev.toolpost.cli;

import dev.toolpost.worker.config.ToolpostConfig;
import dev.toolpost.worker.credentials.ConnectionRecord;
import dev.toolpost.worker.credentials.StoredConnection;
import java.time.InstantSource;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code toolpost connections show}. */
@Command(name = "show", description = "Shows a connection; of its secret only the names of the fields.")
final class ConnectionsShow implements Runnable {
    @Mixin
    private CommonOptions common = new CommonOptions();

    @Parameters(paramLabel = "NAME", description = "The connection.")
    private String name = "";

    @Mixin
    private Connections.Tenant tenant = new Connections.Tenant();

    @Override
    public void run() {
        ToolpostConfig config = common.load();
        StoredConnection found = Connections.find(Setup.credentials(config), tenant.require(config), name);
        ConnectionRecord connection = found.connection();
        GrantView grant = GrantView.of(found, InstantSource.system());
        if (common.json()) {
            ObjectNode node = Connections.json(connection);
            ArrayNode fields = node.putArray("secret_fields");
            found.secret().names().forEach(fields::add);
            node.put("version", found.version());
            if (grant != null) {
                grant.writeTo(node.putObject("grant"));
            }
            common.out().println(Json.print(node));
            return;
        }
        Table table = new Table("connection", connection.id())
                .row("vendor", connection.vendor())
                .row("auth", connection.authKind())
                .row("secret", String.join(", ", found.secret().names()) + " (stored, not shown)");
        if (grant != null) {
            table.row("grant", grant.text());
            if (grant.message() != null) {
                table.row("", grant.message());
            }
        }
        connection.variables().forEach((variable, value) -> table.row(variable, value));
        connection.limits().forEach((limit, override) -> table.row("limit " + limit, Connections.text(override)));
        if (!connection.scopes().isEmpty()) {
            table.row("scopes", String.join(" ", connection.scopes()));
        }
        connection.labels().forEach((label, value) -> table.row("label " + label, value));
        table.row("version", Long.toString(found.version()));
        table.print(common.out());
    }
}
