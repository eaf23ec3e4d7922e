package dev.toolpost.worker.oauth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.connectors.Auth;
import dev.toolpost.connectors.Connector;
import dev.toolpost.connectors.ConnectorCatalogue;
import dev.toolpost.worker.credentials.ConnectionRecord;
import dev.toolpost.worker.credentials.GrantState;
import dev.toolpost.worker.credentials.RefreshIntent;
import dev.toolpost.worker.credentials.Secret;
import dev.toolpost.worker.credentials.StoredConnection;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What is made of an intent that somebody who was lost left behind. */
class RefreshStepTest {

    private static final long NOW = 1_800_000_000_000L;
    private static final long LEFT = NOW - 31_000;

    @Test
    void anIntentUnderWayIsAwaited() {
        assertThat(decide("salesforce", NOW - 1_000, false)).isInstanceOf(RefreshStep.Await.class);
    }

    @Test
    void whereTheRefreshTokenStaysALostRefreshIsMadeAgainHoweverOften() {
        assertThat(decide("hubspot", LEFT, false)).isInstanceOf(RefreshStep.Take.class);
        assertThat(decide("hubspot", LEFT, true)).isInstanceOf(RefreshStep.Take.class);
        assertThat(decide("salesforce", LEFT, true)).isInstanceOf(RefreshStep.Take.class);
    }

    @Test
    void withinALeewayALostRefreshIsMadeAgainOnce() {
        assertThat(decide("jira", LEFT, false)).isInstanceOf(RefreshStep.Take.class);
        assertThat(decide("jira", LEFT, true)).isInstanceOf(RefreshStep.Bury.class);
        assertThat(decide("jira", NOW - 601_000, false)).isInstanceOf(RefreshStep.Bury.class);
    }

    @Test
    void whatTheClocksAloneCallLostIsWatchedBeforeItIsBuried() {
        assertThat(decide("jira", LEFT, true, false)).isInstanceOf(RefreshStep.Await.class);
        assertThat(decide("jira", NOW - 86_400_000, true, false)).isInstanceOf(RefreshStep.Await.class);
        assertThat(decide("hubspot", LEFT, true, false)).isInstanceOf(RefreshStep.Take.class);
    }

    private static RefreshStep decide(String vendor, long since, boolean again) {
        return decide(vendor, since, again, since < NOW - 30_000);
    }

    private static RefreshStep decide(String vendor, long since, boolean again, boolean watched) {
        Connector connector =
                Objects.requireNonNull(ConnectorCatalogue.bundled().byVendor(vendor));
        Secret secret = Secret.of(Auth.OAuth2.REFRESH_TOKEN, "r1");
        ConnectionRecord record = ConnectionRecord.of("acme", "crm", vendor, Auth.OAuth2.KIND);
        String hash = Grant.tokenHash(secret);
        StoredConnection stored = new StoredConnection(
                record,
                secret,
                new GrantState(new RefreshIntent("lost", hash, since, since + 30_000, again), null, 0),
                1);
        Auth.OAuth2 auth = (Auth.OAuth2) Objects.requireNonNull(connector.auth(Auth.OAuth2.KIND));
        return RefreshStep.decide(stored, null, auth, "me", watched, RefreshBounds.STANDARD.intentLife(), NOW);
    }
}
