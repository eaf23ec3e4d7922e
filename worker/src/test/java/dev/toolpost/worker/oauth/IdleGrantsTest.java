package dev.toolpost.worker.oauth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.connectors.Auth;
import dev.toolpost.connectors.Connector;
import dev.toolpost.connectors.ConnectorCatalogue;
import dev.toolpost.worker.credentials.ConnectionRecord;
import dev.toolpost.worker.credentials.DeadGrant;
import dev.toolpost.worker.credentials.GrantState;
import dev.toolpost.worker.credentials.Secret;
import dev.toolpost.worker.credentials.StoredConnection;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** When a grant that nobody uses is refreshed. */
class IdleGrantsTest {
    private static final IdleGrants BY_CONNECTORS = new IdleGrants(Duration.ofHours(1), null);
    private static final IdleGrants AFTER_TEN_DAYS = new IdleGrants(Duration.ofHours(1), Duration.ofDays(10));
    private static final long DAY = Duration.ofDays(1).toMillis();
    private static final long NOW = 1_795_000_000_000L;

    private final Auth.OAuth2 pipedrive = auth("pipedrive");
    private final Auth.OAuth2 hubspot = auth("hubspot");

    @Test
    void itIsDueBetweenHalfAndSevenTenthsOfTheTimeAndNotAllAtOnce() {
        Set<Integer> days = new HashSet<>();
        for (int i = 0; i < 200; i++) {
            StoredConnection stored = stored("c" + i, GrantState.NONE);
            int day = 0;
            while (!BY_CONNECTORS.isDue(leftFor(stored, day), pipedrive, NOW)) {
                day++;
            }
            assertThat(day).isBetween(30, 42);
            days.add(day);
        }
        assertThat(days).hasSizeGreaterThan(8);
    }

    @Test
    void whereTheConnectorSaysNothingItIsLeftAloneUnlessTheConfigurationSaysMore() {
        StoredConnection stored = leftFor(stored("books", GrantState.NONE), 300);
        assertThat(BY_CONNECTORS.concerns(hubspot)).isFalse();
        assertThat(BY_CONNECTORS.isDue(stored, hubspot, NOW)).isFalse();
        assertThat(AFTER_TEN_DAYS.isDue(stored, hubspot, NOW)).isTrue();
        assertThat(AFTER_TEN_DAYS.isDue(leftFor(stored, 8), pipedrive, NOW)).isTrue();
        assertThat(AFTER_TEN_DAYS.isDue(leftFor(stored, 4), hubspot, NOW)).isFalse();
    }

    @Test
    void aDeadGrantIsNotAskedForAgain() {
        StoredConnection stored = stored("books", GrantState.NONE);
        DeadGrant dead = new DeadGrant(Grant.tokenHash(stored.secret()), 1, "invalid_grant", "gone");
        assertThat(BY_CONNECTORS.isDue(stored("books", GrantState.NONE.died(dead)), pipedrive, NOW))
                .isFalse();
    }

    private static StoredConnection leftFor(StoredConnection stored, int days) {
        return new StoredConnection(
                stored.connection(), stored.secret(), new GrantState(null, null, NOW - days * DAY), 1);
    }

    private static StoredConnection stored(String name, GrantState grant) {
        return new StoredConnection(
                ConnectionRecord.of("acme", name, "pipedrive", "oauth2"), Secret.of("refresh_token", "r"), grant, 1);
    }

    private static Auth.OAuth2 auth(String vendor) {
        Connector connector = ConnectorCatalogue.bundled().byVendor(vendor);
        return (Auth.OAuth2) connector.auth("oauth2");
    }
}
