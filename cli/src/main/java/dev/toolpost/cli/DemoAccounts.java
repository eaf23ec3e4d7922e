package dev.toolpost.cli;

import dev.toolpost.sandbox.SimulatedVendor;
import dev.toolpost.sandbox.TokenState;
import dev.toolpost.schemas.Shards;
import dev.toolpost.worker.credentials.ConnectionRecord;
import dev.toolpost.worker.credentials.CredentialStore;
import dev.toolpost.worker.credentials.LimitOverride;
import dev.toolpost.worker.credentials.Secret;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntPredicate;

/** The demo's customer: connections to accounts at the simulated vendors, each with a limit of its own. */
final class DemoAccounts {
    static final String TENANT = "acme";

    private final CredentialStore credentials;
    private final SimulatedVendor hubspot;
    private final int shards;

    /** @param shards of the pool of HubSpot */
    DemoAccounts(CredentialStore credentials, SimulatedVendor hubspot, int shards) {
        this.credentials = credentials;
        this.hubspot = hubspot;
        this.shards = shards;
    }

    /** A connection to an account at HubSpot with a static token. */
    void hubspot(String name) {
        String token = token(name);
        hubspot.token(token, TokenState.ACCEPTED);
        credentials.put(
                new ConnectionRecord(
                        TENANT,
                        name,
                        "hubspot",
                        "bearer",
                        Map.of("base_url", hubspot.uri().toString()),
                        Map.of("ten_seconds", new LimitOverride(DemoStage.PERMITS, DemoStage.WINDOW)),
                        Set.of(),
                        Map.of()),
                Secret.of("token", token),
                CredentialStore.ANY);
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

    int shardOf(String connection) {
        return Shards.of(TENANT, connection, shards);
    }

    /** The token of a HubSpot connection. */
    static String token(String connection) {
        return "token-of-" + connection;
    }
}
