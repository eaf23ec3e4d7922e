package dev.toolpost.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.message.ToolReply;
import dev.toolpost.sandbox.GrantSpec;
import dev.toolpost.sandbox.OAuthGrant;
import dev.toolpost.sandbox.OAuthStats;
import dev.toolpost.sandbox.SimulatedVault;
import dev.toolpost.sandbox.SimulatedVendor;
import dev.toolpost.sandbox.TokenState;
import dev.toolpost.worker.credentials.ConnectionRecord;
import dev.toolpost.worker.credentials.CredentialStore;
import dev.toolpost.worker.credentials.LimitOverride;
import dev.toolpost.worker.credentials.Secret;
import dev.toolpost.worker.oauth.OAuthVendor;
import dev.toolpost.worker.rig.Agent;
import dev.toolpost.worker.rig.Await;
import dev.toolpost.worker.rig.Rig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Calls whose connections are in Vault. */
@Timeout(120)
class VaultWorkerTest {

    private static final Duration BOUND = Duration.ofSeconds(60);
    private static final String TOOL = "hubspot_list_contacts";

    private static SimulatedVault vault;
    private static Rig rig;
    private static CredentialStore operators;
    private static Agent agent;

    @BeforeAll
    static void start() {
        vault = SimulatedVault.start();
        rig = Rig.start(2, SimulatedVendor.builder().unlimited().start())
                .withOAuthVendors()
                .with("pools", "hubspot")
                .with("credentials.vault.address", vault.uri().toString())
                .with("credentials.vault.token", SimulatedVault.ROOT_TOKEN)
                .with("credentials.vault.cache_ttl", "1h")
                .with("credentials.vault.retry_for", "1s");
        operators = rig.owns(WorkerMain.credentials(rig.config()));
        rig.worker(rig.owns(WorkerMain.credentials(rig.config())));
        agent = rig.agent();
    }

    @AfterAll
    static void close() {
        rig.close();
        vault.close();
    }

    private static void put(String connection, String token) {
        rig.vendor().token(token, TokenState.ACCEPTED);
        operators.put(
                new ConnectionRecord(
                        Rig.TENANT,
                        connection,
                        "hubspot",
                        "bearer",
                        Map.of("base_url", rig.vendor().uri().toString()),
                        Map.of("ten_seconds", new LimitOverride(100_000, null)),
                        Set.of(),
                        Map.of()),
                Secret.of("token", token),
                CredentialStore.ANY);
    }

    private static ToolReply call(String id, String connection) {
        agent.call(id, TOOL, connection, "{\"limit\":1}");
        return agent.reply(id, BOUND);
    }

    @Test
    void whileVaultIsSealedRememberedConnectionsGoOnOthersAreToldAndAllIsWellAgainWithoutARestart() throws Exception {
        put("sales-1", "pat-1-1");
        put("support-1", "pat-2-1");
        assertThat(call("a1", "sales-1").getError()).isNull();
        vault.seal();
        assertThat(call("b1", "sales-1").getError()).isNull();
        ToolReply told = call("c1", "support-1");
        assertThat(told.getError().getCode()).isEqualTo("CREDENTIALS_UNAVAILABLE");
        assertThat(told.getError().getMessage()).contains("Vault").contains("sealed");
        assertThat(told.getError().getRetryable()).isTrue();
        vault.unseal();
        Await.until(
                "Vault is used again",
                BOUND,
                () -> call("d1" + System.nanoTime(), "support-1").getError() == null);
        vault.endTokens();
        assertThat(call("e1", "sales-1").getError()).isNull();
    }

    @Test
    void aSecretThatSomebodyReplacedIsUsedAsSoonAsAnEventSaysSo() throws Exception {
        put("sales-2", "pat-old-2");
        assertThat(call("a2", "sales-2").getError()).isNull();
        put("sales-2", "pat-new-2");
        assertThat(call("b2", "sales-2").getError()).isNull();
        assertThat(rig.vendor().stats().byToken()).doesNotContainKey("pat-new-2");
        Await.until("the new secret is used", BOUND, () -> {
            agent.publish(rig.topics().connectionEvents(), Rig.TENANT + "/sales-2", "{}");
            return call("c2" + System.nanoTime(), "sales-2").getError() == null
                    && rig.vendor().stats().byToken().containsKey("pat-new-2");
        });
    }

    @Test
    void aSecretThatTheVendorRejectsIsLookedUpAnewAndTheCallIsAnsweredWithTheNewOne() {
        put("sales-3", "pat-old-3");
        assertThat(call("a3", "sales-3").getError()).isNull();
        put("sales-3", "pat-new-3");
        rig.vendor().token("pat-old-3", TokenState.EXPIRED);
        assertThat(call("b3", "sales-3").getError()).isNull();
    }

    @Test
    void aThousandCallsMeetAnExpiredTokenInVaultAndOneTokenRequestIsMade() {
        OAuthGrant grant =
                rig.vendor().grant(GrantSpec.usual().withRotation(true).withReuseLeeway(Duration.ZERO));
        operators.put(
                OAuthVendor.connection(
                        OAuthVendor.STRICT, Rig.TENANT, "books", rig.vendor().uri()),
                OAuthVendor.secret(grant, System.currentTimeMillis() - 1_000),
                CredentialStore.ANY);
        vault.forgetRequests();
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            ids.add("r" + i);
            agent.publishLater(
                    rig.topics().calls("hubspot"),
                    Rig.TENANT + "/books",
                    agent.json("r" + i, "ledger_list_contacts", "books", "{\"limit\":1}"));
        }
        agent.flush();
        agent.awaitReplies(ids, BOUND);
        for (String id : ids) {
            assertThat(agent.reply(id).getError()).as(id).isNull();
        }
        assertThat(rig.vendor().oauth().of(grant.id())).isEqualTo(new OAuthStats.Counts(1, 1, 0, 0, 0));
        assertThat(vault.requests()).as("what a thousand calls ask of Vault").hasSizeLessThan(60);
    }
}
