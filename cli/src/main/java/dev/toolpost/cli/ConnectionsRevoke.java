package dev.toolpost.cli;

import dev.toolpost.connectors.Auth;
import dev.toolpost.connectors.Connector;
import dev.toolpost.worker.config.ToolpostConfig;
import dev.toolpost.worker.credentials.ConnectionRecord;
import dev.toolpost.worker.credentials.CredentialStore;
import dev.toolpost.worker.credentials.StoredConnection;
import dev.toolpost.worker.http.VendorHttp;
import dev.toolpost.worker.oauth.ConsentException;
import dev.toolpost.worker.oauth.ConsentFlow;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code toolpost connections revoke}. */
@Command(
        name = "revoke",
        description =
                "Gives a connection's grant back to the vendor, where it has a place for that, and then forgets the connection. Where the"
                        + " vendor does not take it, the connection stays.")
final class ConnectionsRevoke implements Callable<Integer> {
    @Mixin
    private CommonOptions common = new CommonOptions();

    @Parameters(paramLabel = "NAME", description = "The connection.")
    private String name = "";

    @Mixin
    private Connections.Tenant tenant = new Connections.Tenant();

    @Option(
            names = "--force",
            description = "Forget the connection even where the vendor does not take the grant back.")
    private boolean force;

    @Override
    public Integer call() throws InterruptedException {
        ToolpostConfig config = common.load();
        CredentialStore store = Setup.credentials(config);
        String owner = tenant.require(config);
        StoredConnection found = store.findNow(owner, name);
        if (found == null) {
            throw Connections.missing(store, owner, name);
        }
        ConnectionRecord connection = found.connection();
        Connector connector = Connections.connector(
                KnownConnectors.withVendor(common, config, connection.vendor()), connection.vendor());
        Auth way = Connections.way(connector, connection);
        boolean atVendor = way instanceof Auth.OAuth2 oauth && oauth.revocation() != null;
        String problem = way instanceof Auth.OAuth2 oauth && atVendor ? revoke(config, connector, oauth, found) : null;
        if (problem != null && !force) {
            return stays(connection, problem);
        }
        boolean _ = store.remove(owner, name);
        ConnectionNews.tell(common, config, owner, name, "removed", null);
        print(connection, connector, atVendor && problem == null, problem);
        return ExitCode.OK;
    }

    private @Nullable String revoke(
            ToolpostConfig config, Connector connector, Auth.OAuth2 way, StoredConnection found) {
        try (VendorHttp http = VendorAccess.http(config, List.of())) {
            return new ConsentFlow(
                            connector,
                            way,
                            found.connection(),
                            found.secret(),
                            http,
                            InstantSource.system(),
                            new SecureRandom())
                    .revoke();
        } catch (ConsentException cannot) {
            return String.valueOf(cannot.getMessage());
        }
    }

    private int stays(ConnectionRecord connection, String problem) {
        String next = "Try again, or take the app's access back at the vendor and add --force.";
        if (common.json()) {
            common.out()
                    .println(Json.print(Json.object()
                            .put("connection", connection.id())
                            .put("revoked", false)
                            .put("removed", false)
                            .put("message", problem)
                            .put("remedy", next)));
        } else {
            common.err().println("Not revoked, and " + connection.id() + " stays: " + Text.line(problem));
            common.err().println(next);
        }
        return ExitCode.ANSWERED_WITH_ERROR;
    }

    private void print(ConnectionRecord connection, Connector connector, boolean revoked, @Nullable String problem) {
        if (common.json()) {
            common.out()
                    .println(Json.print(Json.object()
                            .put("connection", connection.id())
                            .put("revoked", revoked)
                            .put("removed", true)
                            .put("message", problem)));
            return;
        }
        common.out().println((revoked ? "Revoked and removed " : "Removed ") + connection.id());
        if (!revoked) {
            common.err()
                    .println(
                            problem == null
                                    ? "Toolpost knows no place where " + Text.line(connector.title())
                                            + " takes a grant back: take the app's access, or the key, back at the vendor."
                                    : "The vendor did not take it back: " + Text.line(problem));
        }
    }
}
