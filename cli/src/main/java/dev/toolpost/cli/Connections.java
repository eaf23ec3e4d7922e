package dev.toolpost.cli;

import dev.toolpost.connectors.Auth;
import dev.toolpost.connectors.Connector;
import dev.toolpost.connectors.ConnectorCatalogue;
import dev.toolpost.worker.config.ToolpostConfig;
import dev.toolpost.worker.credentials.ConnectionRecord;
import dev.toolpost.worker.credentials.CredentialStore;
import dev.toolpost.worker.credentials.LimitOverride;
import dev.toolpost.worker.credentials.StoredConnection;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code toolpost connections}: the customers' accounts at vendors, in the credential store. */
@Command(
        name = "connections",
        description = "Manages connections in the credential store: Vault, or a local file. Secrets are never printed.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        subcommands = {
            ConnectionsAdd.class,
            ConnectionsAuthorize.class,
            ConnectionsList.class,
            ConnectionsShow.class,
            ConnectionsCheck.class,
            ConnectionsRotate.class,
            ConnectionsRevoke.class,
            ConnectionsRemove.class,
            ConnectionsAnnounce.class
        })
final class Connections {
    /** Whose connection is meant. */
    static final class Tenant {
        @Option(
                names = "--tenant",
                paramLabel = "NAME",
                description = "The customer. Default: default_tenant of the configuration (`dev` sets dev).")
        private @Nullable String name;

        @Nullable
        String given() {
            return name;
        }

        /** The tenant given, or the configuration's. */
        String require(ToolpostConfig config) {
            String tenant = name != null ? name : config.defaultTenant();
            if (tenant == null) {
                throw CliException.usage(
                        "which tenant? None was given, and the configuration has no default_tenant",
                        "Add --tenant NAME, or run this where `toolpost dev` was started.");
            }
            return tenant;
        }
    }

    /** The connector of a vendor, or a refusal that says which ones there are. */
    static Connector connector(ConnectorCatalogue catalogue, String vendor) {
        Connector connector = catalogue.byVendor(vendor);
        if (connector == null) {
            String nearest = catalogue.nearestVendor(vendor);
            throw CliException.usage(
                    "there is no connector for vendor " + vendor,
                    (nearest == null ? "" : "Did you mean " + nearest + "? ") + "Known: "
                            + String.join(", ", catalogue.connectors().keySet())
                            + ". Your own are read from connectors.directories of the configuration.");
        }
        return connector;
    }

    /** The connection, or a refusal that says which ones there are. */
    static StoredConnection find(CredentialStore store, String tenant, String name) {
        StoredConnection found = store.find(tenant, name);
        if (found == null) {
            throw missing(store, tenant, name);
        }
        return found;
    }

    /** How a connection authenticates, or a refusal where its connector has that no more. */
    static Auth way(Connector connector, ConnectionRecord connection) {
        Auth way = connector.auth(connection.authKind());
        if (way == null) {
            throw CliException.usage(
                    connector.title() + " has no way to authenticate of the name " + connection.authKind(),
                    "It has: "
                            + String.join(
                                    ", ",
                                    connector.auth().stream().map(Auth::id).toList())
                            + ". Add the connection anew: toolpost connections add " + connection.connection()
                            + " --vendor " + connection.vendor() + " --replace");
        }
        return way;
    }

    /** What to do about a dead grant. */
    static String authorize(ConnectionRecord connection) {
        return "Authorise it again: toolpost connections authorize " + connection.vendor() + " --connection "
                + connection.connection() + " --tenant " + connection.tenant();
    }

    static CliException missing(CredentialStore store, String tenant, String name) {
        String there = String.join(
                ", ",
                store.list(tenant).stream().map(ConnectionRecord::connection).toList());
        return CliException.usage(
                "tenant " + tenant + " has no connection " + name,
                there.isEmpty()
                        ? "It has none at all. Add one: toolpost connections add " + name + " --vendor VENDOR"
                        : "It has: " + there);
    }

    /** Everything about a connection that is no secret. */
    static ObjectNode json(ConnectionRecord connection) {
        ObjectNode node = Json.object();
        node.put("tenant", connection.tenant())
                .put("connection", connection.connection())
                .put("vendor", connection.vendor())
                .put("auth", connection.authKind());
        texts(node.putObject("variables"), connection.variables());
        ObjectNode limits = node.putObject("limits");
        connection.limits().forEach((name, limit) -> {
            ObjectNode override = limits.putObject(name);
            if (limit.permits() != null) {
                override.put("permits", limit.permits());
            }
            if (limit.window() != null) {
                override.put("window_ms", limit.window().toMillis());
            }
        });
        ArrayNode scopes = node.putArray("scopes");
        connection.scopes().forEach(scopes::add);
        texts(node.putObject("labels"), connection.labels());
        return node;
    }

    private static void texts(ObjectNode node, Map<String, String> texts) {
        texts.forEach(node::put);
    }

    static String text(LimitOverride limit) {
        String permits =
                limit.permits() == null ? "the vendor's" : limit.permits().toString();
        return limit.window() == null
                ? permits
                : permits + " in " + limit.window().toMillis() + " ms";
    }
}
