package dev.toolpost.cli;

import dev.toolpost.connectors.Auth;
import dev.toolpost.connectors.Connector;
import dev.toolpost.worker.config.ToolpostConfig;
import dev.toolpost.worker.credentials.ConnectionRecord;
import dev.toolpost.worker.credentials.CredentialStore;
import dev.toolpost.worker.credentials.GrantState;
import dev.toolpost.worker.credentials.Secret;
import dev.toolpost.worker.credentials.StoredConnection;
import dev.toolpost.worker.credentials.VersionConflictException;
import dev.toolpost.worker.http.VendorHttp;
import dev.toolpost.worker.oauth.Access;
import dev.toolpost.worker.oauth.TokenTrial;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ObjectNode;

/** {@code toolpost connections rotate}. */
@Command(
        name = "rotate",
        description =
                "Replaces what a connection authenticates with; everything else about it stays. Fields that are given are replaced;"
                        + " where a token is fetched and none is given, a new one is fetched now. Calls under way end with the old one.",
        footer = {
            "",
            "Examples:",
            "  toolpost connections rotate sales-hubspot --tenant acme --secret-file token.txt",
            "  toolpost connections rotate books --secret-env client_secret=NEW_CLIENT_SECRET",
            "  toolpost connections rotate books"
        })
final class ConnectionsRotate implements Callable<Integer> {
    private static final int MOST_TRIES = 10;

    @Mixin
    private CommonOptions common = new CommonOptions();

    @Parameters(paramLabel = "NAME", description = "The connection.")
    private String name = "";

    @Mixin
    private Connections.Tenant tenant = new Connections.Tenant();

    @Mixin
    private SecretInput secret = new SecretInput();

    @Option(names = "--refresh", description = "Fetch a new token even where fields are given.")
    private boolean refresh;

    @Override
    public Integer call() throws InterruptedException {
        ToolpostConfig config = common.load();
        CredentialStore store = Setup.credentials(config);
        StoredConnection found = Connections.find(store, tenant.require(config), name);
        ConnectionRecord connection = found.connection();
        Connector connector = Connections.connector(
                KnownConnectors.withVendor(common, config, connection.vendor()), connection.vendor());
        Auth way = Connections.way(connector, connection);
        if (way.secretFields().isEmpty()) {
            throw CliException.usage("the connection " + connection.id() + " has no secret (" + way.id() + ")", "");
        }
        boolean fetches = way instanceof Auth.Fetched && (refresh || !secret.isGiven());
        StoredConnection changed = found;
        if (secret.isGiven() || !(way instanceof Auth.Fetched)) {
            changed = replaced(store, found, way);
            ConnectionNews.tell(common, config, connection.tenant(), name, "changed", connection.vendor());
        }
        if (fetches && way instanceof Auth.Fetched fetched) {
            return refreshed(config, store, connector, fetched, changed);
        }
        print(changed, "replaced");
        return ExitCode.OK;
    }

    /** Replaces fields on what is stored then: a worker may store a token at the same moment. */
    private StoredConnection replaced(CredentialStore store, StoredConnection found, Auth way) {
        Map<String, String> given = values(secret.isGiven() ? secret.readGiven(way, Map.of()) : secret.read(way));
        StoredConnection there = found;
        for (int i = 1; ; i++) {
            Map<String, String> all = values(there.secret());
            all.putAll(given);
            Secret fresh = Secret.of(all);
            try {
                // What was refused before was another secret.
                GrantState grant = there.grant().alive();
                long version = store.put(there.connection(), fresh, grant, there.version());
                return new StoredConnection(there.connection(), fresh, grant, version);
            } catch (VersionConflictException changed) {
                StoredConnection now = store.findNow(there.connection().tenant(), name);
                if (now == null
                        || i == MOST_TRIES
                        || !now.connection().authKind().equals(way.id())) {
                    throw CliException.usage(
                            "the connection " + there.connection().id() + " was changed by somebody else meanwhile",
                            "See what is there (toolpost connections show " + name + "), then rotate again.",
                            changed);
                }
                there = now;
            }
        }
    }

    private static Map<String, String> values(Secret secret) {
        Map<String, String> values = new LinkedHashMap<>();
        secret.names().forEach(field -> values.put(field, String.valueOf(secret.get(field))));
        return values;
    }

    private int refreshed(
            ToolpostConfig config,
            CredentialStore store,
            Connector connector,
            Auth.Fetched way,
            StoredConnection stored)
            throws InterruptedException {
        Access access;
        try (VendorHttp http = VendorAccess.http(config, List.of());
                TokenTrial tokens = new TokenTrial(
                        store, http, stored.secret(), asked -> {}, InstantSource.system(), new SecureRandom())) {
            access = tokens.replace(stored, connector, way);
        }
        return switch (access) {
            case Access.Usable(StoredConnection fresh) -> {
                ConnectionRecord connection = fresh.connection();
                ConnectionNews.tell(common, config, connection.tenant(), name, "refreshed", connection.vendor());
                print(fresh, "refreshed");
                yield ExitCode.OK;
            }
            case Access.ReauthorizationRequired(String message) ->
                failed(stored, message, Connections.authorize(stored.connection()));
            case Access.Unavailable(String message, var retryAt) -> failed(stored, message, "Try again at " + retryAt);
            case Access.TooLate() -> failed(stored, "the vendor did not answer in time", "Try again.");
            case Access.NotOwned(), Access.Gone() ->
                failed(stored, "the connection was removed meanwhile", "See toolpost connections list.");
        };
    }

    private int failed(StoredConnection stored, String message, String next) {
        if (common.json()) {
            common.out()
                    .println(Json.print(Json.object()
                            .put("connection", stored.connection().id())
                            .put("rotated", false)
                            .put("message", message)
                            .put("remedy", next)));
        } else {
            common.err().println("Not rotated: " + Text.line(message));
            common.err().println(next);
        }
        return ExitCode.ANSWERED_WITH_ERROR;
    }

    private void print(StoredConnection stored, String how) {
        GrantView grant = GrantView.of(stored, InstantSource.system());
        if (common.json()) {
            ObjectNode node = Json.object()
                    .put("connection", stored.connection().id())
                    .put("rotated", true)
                    .put("how", how)
                    .put("version", stored.version());
            if (grant != null) {
                grant.writeTo(node.putObject("grant"));
            }
            common.out().println(Json.print(node));
        } else {
            common.out()
                    .println("Rotated " + stored.connection().id() + ": "
                            + (how.equals("refreshed")
                                    ? "a new token is stored"
                                    : "the new secret is stored and takes effect with the next call")
                            + (grant == null || grant.validUntil() == null || !how.equals("refreshed")
                                    ? ""
                                    : ", good until " + grant.validUntil()));
        }
    }
}
