package dev.toolpost.worker.oauth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.connectors.Auth;
import dev.toolpost.connectors.ConnectorCatalogue;
import dev.toolpost.worker.credentials.ConnectionRecord;
import dev.toolpost.worker.credentials.CredentialStore;
import dev.toolpost.worker.credentials.GrantState;
import dev.toolpost.worker.credentials.InMemoryCredentialStore;
import dev.toolpost.worker.credentials.Secret;
import dev.toolpost.worker.oauth.IdleConnections.Name;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Which connections a worker looks at for grants that would die unused, and how often. */
class IdleConnectionsTest {
    private static final ConnectorCatalogue CATALOGUE = ConnectorCatalogue.bundled();
    private static final long DAY = Duration.ofDays(1).toMillis();

    private final AtomicLong now = new AtomicLong(1_795_000_000_000L);
    private final CredentialStore store = new InMemoryCredentialStore();
    private final IdleConnections idle = new IdleConnections(
            "common", store, Set::of, new IdleGrants(Duration.ofHours(1), null), () -> Instant.ofEpochMilli(now.get()));

    private void put(String name, String vendor, String way, long obtainedAt) {
        store.put(
                ConnectionRecord.of("acme", name, vendor, way),
                Secret.of("refresh_token", "r"),
                new GrantState(null, null, obtainedAt),
                CredentialStore.ANY);
    }

    /** The names that a round looks at; those due among them are marked. */
    private List<String> round(String... owned) {
        List<String> seen = new ArrayList<>();
        for (Name name : idle.toLookAt((tenant, connection) -> List.of(owned).contains(connection))) {
            seen.add(name.connection() + (idle.due(name, CATALOGUE) == null ? "" : "!"));
        }
        return seen;
    }

    @Test
    void othersConnectionsAreNotReadAndOnesOwnOnceADayUntilTheyAreDue() {
        put("fresh", "pipedrive", "oauth2", now.get());
        put("old", "pipedrive", "oauth2", now.get() - 50 * DAY);
        put("key", "hubspot", "bearer", 0);
        put("theirs", "pipedrive", "oauth2", 0);
        assertThat(round("fresh", "old", "key")).containsExactly("fresh", "key", "old!");
        now.addAndGet(Duration.ofHours(1).toMillis());
        assertThat(round("fresh", "old", "key")).as("only what is still due").containsExactly("old!");
        put("old", "pipedrive", "oauth2", now.get());
        now.addAndGet(DAY);
        assertThat(round("fresh", "old", "key")).containsExactly("fresh", "key", "old");
        now.addAndGet(Duration.ofHours(1).toMillis());
        assertThat(round("fresh", "old", "key", "theirs"))
                .as("a shard is gained")
                .containsExactly("theirs!");
        assertThat(round()).as("all are lost").isEmpty();
        assertThat(round("fresh")).as("and one comes back").containsExactly("fresh");
    }

    @Test
    void whatIsDueBeforeTheDayIsOverIsLookedAtThen() {
        put("soon", "pipedrive", "oauth2", now.get());
        long due = now.get();
        while (!idle(due)) {
            due += Duration.ofMinutes(10).toMillis();
        }
        now.set(due - Duration.ofHours(2).toMillis());
        assertThat(round("soon")).containsExactly("soon");
        now.set(due);
        assertThat(round("soon")).containsExactly("soon!");
    }

    private boolean idle(long at) {
        var stored = store.findNow("acme", "soon");
        var auth = (Auth.OAuth2) CATALOGUE.byVendor("pipedrive").auth("oauth2");
        return new IdleGrants(Duration.ofHours(1), null).isDue(stored, auth, at);
    }
}
