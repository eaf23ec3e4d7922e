package dev.toolpost.cli;

import dev.toolpost.sandbox.GrantSpec;
import dev.toolpost.sandbox.OAuthGrant;
import dev.toolpost.sandbox.TokenState;
import dev.toolpost.schemas.Shards;
import dev.toolpost.worker.credentials.LimitOverride;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;

/** The demo's customer: connections to accounts at the simulated vendors, each with a limit of its own. */
final class DemoAccounts {
    static final String TENANT = "acme";

    private static final LimitOverride LIMIT = new LimitOverride(DemoStage.PERMITS, DemoStage.WINDOW);

    private final LocalStack stack;
    private final SandboxConnections connections;
    private final int shards;

    DemoAccounts(LocalStack stack) {
        this.stack = stack;
        this.connections = new SandboxConnections(stack.credentials(), TENANT, Map.of());
        this.shards = stack.config().topics().partitions();
    }

    /** A connection to an account at HubSpot with a static token. */
    void hubspot(String name) {
        String token = token(name);
        stack.vendor().token(token, TokenState.ACCEPTED);
        connections.bearer(stack.vendor(), name, token, Map.of("ten_seconds", LIMIT));
    }

    /** A connection to an account at HubSpot by OAuth2. */
    OAuthGrant hubspotByOAuth(String name) {
        return connections.oauth(stack.vendor(), name, GrantSpec.usual(), Map.of("ten_seconds_oauth", LIMIT));
    }

    /** A connection to an org of Salesforce. */
    void salesforce(String name) {
        OAuthGrant _ = connections.oauth(stack.vendor("salesforce"), name, GrantSpec.usual(), Map.of());
    }

    /** A connection to a site of Jira. */
    void jira(String name) {
        String token = token(name);
        stack.vendor("jira").token(token, TokenState.ACCEPTED);
        connections.basic(stack.vendor("jira"), name, "ada@example.com", token);
    }

    /** Connections to HubSpot, so many in every shard that fits. */
    List<String> hubspotsIn(IntPredicate shard, int inEach, String prefix) {
        List<String> chosen = new ArrayList<>();
        for (int of = 0; of < shards; of++) {
            for (int i = 1, found = 0; shard.test(of) && found < inEach; i++) {
                String name = prefix + "-" + i;
                if (shardOf(name) == of) {
                    chosen.add(name);
                    found++;
                }
            }
        }
        chosen.forEach(this::hubspot);
        return chosen;
    }

    /** The shard of a connection in its pool. */
    int shardOf(String connection) {
        return Shards.of(TENANT, connection, shards);
    }

    /** The static token of a connection. */
    static String token(String connection) {
        return "token-of-" + connection;
    }
}
