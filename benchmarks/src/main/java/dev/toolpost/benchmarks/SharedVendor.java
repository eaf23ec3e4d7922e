package dev.toolpost.benchmarks;

import dev.toolpost.worker.credentials.ConnectionRecord;
import dev.toolpost.worker.credentials.CredentialStore;
import dev.toolpost.worker.credentials.Secret;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A connector to the stage's vendor whose one limit counts all connections, which have one token. */
final class SharedVendor {

    static final String TOKEN = "shared";
    static final String TOOL = "shared_get_contact";
    static final String LIMIT = "app";

    private static final String DEFINITION = """
            vendor: shared
            title: Shared
            pool: POOL
            base_url: "{base_url}"
            variables: { base_url: { kind: url } }
            auth: [{ kind: bearer }]
            limits:
              app:
                scope: vendor
                kind: sliding
                permits: PERMITS
                window: WINDOWms
                corrections:
                  remaining: { header: X-HubSpot-RateLimit-Remaining }
                  limit: { header: X-HubSpot-RateLimit-Max }
            tools:
              get_contact:
                description: Reads one contact.
                effect: read
                arguments:
                  type: object
                  properties: { contact_id: { type: string } }
                  required: [contact_id]
                request: { path: "/crm/v3/objects/contacts/{contact_id}" }
            """;

    private SharedVendor() {}

    /** Writes the definition; answers with the directory for {@code connectors.directories}. */
    static String define(Stage stage, int permits, Duration window) {
        Path directory = stage.directory().resolve("connectors");
        try {
            Files.createDirectories(directory);
            Files.writeString(directory.resolve("shared.yaml"), definition(permits, window));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return directory.toString();
    }

    /** Workers that know this vendor, with settings besides; their calls may wait for long. */
    static Workers workers(Stage stage, List<String> jvm, int permits, Duration window, Map<String, String> settings) {
        Map<String, String> all = new HashMap<>(settings);
        all.put("connectors.directories", define(stage, permits, window));
        all.put("worker.deadline_interactive", "1h");
        return new Workers(stage, jvm, all);
    }

    private static String definition(int permits, Duration window) {
        return DEFINITION
                .replace("POOL", Stage.POOL)
                .replace("PERMITS", Integer.toString(permits))
                .replace("WINDOW", Long.toString(window.toMillis()));
    }

    static void connection(Stage stage, CredentialStore credentials, String tenant, String name) {
        credentials.put(
                new ConnectionRecord(
                        tenant,
                        name,
                        "shared",
                        "bearer",
                        Map.of("base_url", stage.vendor().uri().toString()),
                        Map.of(),
                        Set.of(),
                        Map.of()),
                Secret.of("token", TOKEN),
                CredentialStore.ANY);
    }
}
