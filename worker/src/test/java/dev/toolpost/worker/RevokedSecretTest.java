package dev.toolpost.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.sandbox.GrantSpec;
import dev.toolpost.sandbox.OAuthGrant;
import dev.toolpost.sandbox.SimulatedVendor;
import dev.toolpost.sandbox.TokenState;
import dev.toolpost.worker.credentials.CredentialStore;
import dev.toolpost.worker.credentials.Secret;
import dev.toolpost.worker.credentials.StoredConnection;
import dev.toolpost.worker.oauth.OAuthVendor;
import dev.toolpost.worker.rig.Agent;
import dev.toolpost.worker.rig.Await;
import dev.toolpost.worker.rig.Rig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A batch in whose middle the customer takes the access away. */
@Timeout(120)
class RevokedSecretTest {

    private static final Duration BOUND = Duration.ofSeconds(60);
    private static final int IN_FLIGHT = 8;
    private static final int CALLS = 400;

    private static Rig rig() {
        return Rig.start(
                        1,
                        SimulatedVendor.builder()
                                .unlimited()
                                .latency(Duration.ofMillis(20))
                                .start())
                .withOAuthVendors()
                .with("pools", "hubspot")
                .with("worker.max_in_flight_per_connection", Integer.toString(IN_FLIGHT));
    }

    private static List<String> batch(Rig rig, Agent agent, String tool, String connection) {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < CALLS; i++) {
            String id = "batch-" + i;
            ids.add(id);
            agent.publishLater(
                    rig.topics().batch("hubspot"),
                    Rig.TENANT + "/" + connection,
                    agent.json(id, tool, connection, "{\"limit\":1}"));
        }
        agent.flush();
        return ids;
    }

    private static long failed(Agent agent, List<String> ids) {
        agent.awaitReplies(ids, BOUND);
        long failed = 0;
        for (String id : ids) {
            var error = agent.reply(id).getError();
            if (error != null) {
                assertThat(error.getCode()).as(id).isEqualTo("REAUTHORIZATION_REQUIRED");
                failed++;
            }
        }
        return failed;
    }

    @Test
    void whereASecretIsRevokedMidBatchTheRestFailsFastWithoutTheVendorAndANewSecretIsUsedAtOnce() throws Exception {
        try (Rig rig = rig().fastConnection("sales")) {
            rig.worker();
            Agent agent = rig.agent();
            List<String> ids = batch(rig, agent, "hubspot_list_contacts", "sales");
            Await.until("some are done", BOUND, () -> rig.vendor().stats().requests() > 40);
            rig.vendor().token(SimulatedVendor.DEFAULT_TOKEN, TokenState.EXPIRED);

            assertThat(failed(agent, ids)).isGreaterThan(100);
            assertThat(rig.vendor().stats().unauthorized())
                    .as("requests with the revoked secret")
                    .isBetween(1L, 4L * IN_FLIGHT);

            StoredConnection stored = rig.credentials().findNow(Rig.TENANT, "sales");
            rig.vendor().token("pat-new", TokenState.ACCEPTED);
            rig.credentials().put(stored.connection(), Secret.of("token", "pat-new"), CredentialStore.ANY);
            Await.until("the new secret is used", BOUND, () -> {
                String id = "after-" + System.nanoTime();
                agent.call(id, "hubspot_list_contacts", "sales", "{}");
                return agent.reply(id, BOUND).getError() == null;
            });
        }
    }

    @Test
    void whereAGrantIsRevokedMidBatchTheRestFailsFastAfterOneTokenRequest() throws Exception {
        try (Rig rig = rig()) {
            OAuthGrant grant =
                    rig.vendor().grant(GrantSpec.usual().withRotation(true).withReuseLeeway(Duration.ZERO));
            rig.grant(OAuthVendor.STRICT, "books", grant, System.currentTimeMillis(), grant.expiresAtMillis());
            rig.worker();
            Agent agent = rig.agent();
            List<String> ids = batch(rig, agent, "ledger_list_contacts", "books");
            Await.until("some are done", BOUND, () -> rig.vendor().stats().requests() > 40);
            rig.vendor().revoke(grant.id());

            assertThat(failed(agent, ids)).isGreaterThan(100);
            assertThat(rig.vendor().oauth().of(grant.id()).asked()).isEqualTo(1);
            assertThat(rig.vendor().stats().unauthorized())
                    .as("requests with the revoked token")
                    .isBetween(1L, 5L * IN_FLIGHT);
        }
    }
}
