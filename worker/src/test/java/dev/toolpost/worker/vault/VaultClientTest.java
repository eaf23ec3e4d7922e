package dev.toolpost.worker.vault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.toolpost.sandbox.SimulatedVault;
import dev.toolpost.sandbox.VaultFault;
import dev.toolpost.worker.rig.Await;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** What a client makes of everything that goes wrong. Waiting moves the clock, of the client and of the server alike. */
class VaultClientTest {

    private static final String PATH = "secret/data/toolpost/acme/sales";

    /** As many requests as one client has under way at most. */
    private static final int MOST_AT_ONCE = 32;

    private final AtomicLong nanos = new AtomicLong();
    private final List<AutoCloseable> opened = new ArrayList<>();

    private SimulatedVault vault() {
        SimulatedVault vault = SimulatedVault.start(() -> 1_800_000_000_000L + nanos.get() / 1_000_000);
        opened.addFirst(vault);
        return vault;
    }

    private VaultClient client(VaultLogin login, URI... addresses) {
        return client(Duration.ofSeconds(20), login, addresses);
    }

    private VaultClient client(Duration timeout, VaultLogin login, URI... addresses) {
        VaultClient client = VaultClient.open(
                new VaultSettings(List.of(addresses), null, login, timeout, Duration.ofSeconds(15)),
                http(),
                nanos::get,
                new Random(1),
                time -> nanos.addAndGet(time.toNanos()));
        opened.addFirst(client);
        return client;
    }

    private static HttpClient http() {
        return HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    }

    private static VaultLogin root() {
        return token(SimulatedVault.ROOT_TOKEN);
    }

    private static VaultLogin token(String token) {
        return new VaultLogin.Token(new LoginSecret.Text("token", token));
    }

    /** A role of AppRole that may do everything. */
    private VaultLogin appRole(SimulatedVault vault, int ttlSeconds, int maxTtlSeconds) {
        VaultClient admin = client(root(), vault.uri());
        admin.write("sys/auth/approle", object().put("type", "approle"));
        ObjectNode role = object();
        role.putArray("token_policies").add("root");
        admin.write(
                "auth/approle/role/worker", role.put("token_ttl", ttlSeconds).put("token_max_ttl", maxTtlSeconds));
        String roleId = admin.read("auth/approle/role/worker/role-id")
                .body()
                .path("data")
                .path("role_id")
                .asString();
        String secretId = admin.write("auth/approle/role/worker/secret-id", object())
                .body()
                .path("data")
                .path("secret_id")
                .asString();
        vault.forgetRequests();
        return new VaultLogin.AppRole("approle", roleId, new LoginSecret.Text("secret_id", secretId));
    }

    private static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    private static ObjectNode entry(int cas) {
        ObjectNode body = object();
        body.putObject("data").put("field", "value");
        body.putObject("options").put("cas", cas);
        return body;
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : opened) {
            each.close();
        }
    }

    @Test
    void aShortFailoverIsWaitedOut() {
        SimulatedVault vault = vault();
        VaultClient client = client(root(), vault.uri());
        assertThat(client.write(PATH, entry(0)).status()).isEqualTo(200);
        vault.next(6, new VaultFault.Answer(503, null));
        assertThat(client.read(PATH).status()).isEqualTo(200);
        assertThat(nanos.get()).isLessThan(Duration.ofSeconds(5).toNanos());
    }

    @Test
    void aSealedVaultIsToldAfterABoundAndIsUsedAgainWithoutARestartOnceItIsUnsealed() {
        SimulatedVault vault = vault();
        VaultClient client = client(root(), vault.uri());
        assertThat(client.write(PATH, entry(0)).status()).isEqualTo(200);
        vault.seal();
        long before = nanos.get();
        assertThatThrownBy(() -> client.read(PATH))
                .isInstanceOf(VaultUnavailableException.class)
                .hasMessageContaining("Vault cannot be used now")
                .hasMessageContaining("is sealed, or has no active server now (503)");
        assertThat(Duration.ofNanos(nanos.get() - before)).isBetween(Duration.ofSeconds(15), Duration.ofSeconds(20));

        // The outage has lasted longer than anybody waits: now all are told at once, and one in a while tries.
        int tried = vault.requests().size();
        long told = nanos.get();
        for (int i = 0; i < 1_000; i++) {
            assertThatThrownBy(() -> client.read(PATH)).hasMessageContaining("sealed");
        }
        assertThat(vault.requests().size() - tried).isLessThan(5);
        assertThat(nanos.get()).isLessThan(told + Duration.ofSeconds(20).toNanos());

        vault.unseal();
        nanos.addAndGet(Duration.ofSeconds(4).toNanos());
        assertThat(client.read(PATH).status()).isEqualTo(200);
    }

    @Test
    void inAnOutageOneTriesAndAllOthersWaitForIt() throws Exception {
        SimulatedVault vault = vault();
        VaultClient client = VaultClient.open(
                new VaultSettings(List.of(vault.uri()), null, root(), Duration.ofSeconds(20), Duration.ofSeconds(60)),
                http(),
                new Random(1));
        opened.addFirst(client);
        client.write(PATH, entry(0));
        vault.forgetRequests();
        vault.seal();
        Queue<Integer> statuses = new ConcurrentLinkedQueue<>();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            threads.add(Thread.ofVirtual()
                    .start(() -> statuses.add(client.read(PATH).status())));
        }
        Await.until("some tries", Duration.ofSeconds(30), () -> vault.requests().size() >= 6);
        assertThat(vault.requests())
                .as("what a sealed Vault is asked: what was under way when it began, and one try after another")
                .hasSizeLessThan(MOST_AT_ONCE + 10);
        vault.unseal();
        for (Thread each : threads) {
            each.join();
        }
        assertThat(statuses).hasSize(300).containsOnly(200);
    }

    @Test
    void aThousandWhoFindTheTokenEndedLogInOnce() throws Exception {
        SimulatedVault vault = vault();
        VaultClient client = client(appRole(vault, 60, 0), vault.uri());
        client.write(PATH, entry(0));
        assertThat(vault.logins()).isEqualTo(1);
        nanos.addAndGet(Duration.ofMinutes(2).toNanos());
        together(1_000, () -> assertThat(client.read(PATH).status()).isEqualTo(200));
        assertThat(vault.logins()).isEqualTo(2);

        // And the same where Vault says so first.
        vault.endTokens();
        together(1_000, () -> assertThat(client.read(PATH).status()).isEqualTo(200));
        assertThat(vault.logins()).isEqualTo(3);
    }

    private static void together(int count, Runnable work) throws InterruptedException {
        Queue<Throwable> failed = new ConcurrentLinkedQueue<>();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            threads.add(Thread.ofVirtual().start(() -> {
                try {
                    work.run();
                } catch (Throwable failure) {
                    failed.add(failure);
                }
            }));
        }
        for (Thread each : threads) {
            each.join();
        }
        assertThat(failed).isEmpty();
    }

    @Test
    void aTokenIsRenewedAheadOfItsEndAndReplacedAtItsMaximumTtlSoThatNobodyEverWaits() {
        SimulatedVault vault = vault();
        VaultClient client = client(appRole(vault, 3_600, 10_800), vault.uri());
        client.write(PATH, entry(0));
        vault.forgetRequests();
        for (int minute = 0; minute < 12 * 60; minute++) {
            nanos.addAndGet(Duration.ofMinutes(1).toNanos());
            client.tick();
            assertThat(client.read(PATH).status()).isEqualTo(200);
        }
        List<String> requests = vault.requests();
        assertThat(requests.stream().filter(each -> each.contains("renew-self")).count())
                .isBetween(10L, 30L);
        assertThat(vault.logins()).isBetween(4, 7);
        assertThat(requests.stream().filter(each -> each.startsWith("GET")).count())
                .as("reads, none of them repeated")
                .isEqualTo(12 * 60);
    }

    @Test
    void aRefusalLeadsToOneNewLoginAndThenToAClearError() {
        SimulatedVault vault = vault();
        VaultClient admin = client(root(), vault.uri());
        admin.write(
                "sys/policies/acl/narrow",
                object().put("policy", "path \"secret/data/other/*\" { capabilities = [\"read\"] }"));
        admin.write("sys/auth/approle", object().put("type", "approle"));
        ObjectNode role = object();
        role.putArray("token_policies").add("narrow");
        admin.write("auth/approle/role/worker", role);
        VaultLogin login = new VaultLogin.AppRole(
                "approle",
                admin.read("auth/approle/role/worker/role-id")
                        .body()
                        .path("data")
                        .path("role_id")
                        .asString(),
                new LoginSecret.Text(
                        "secret_id",
                        admin.write("auth/approle/role/worker/secret-id", object())
                                .body()
                                .path("data")
                                .path("secret_id")
                                .asString()));
        VaultClient client = client(login, vault.uri());
        for (int i = 0; i < 100; i++) {
            assertThatThrownBy(() -> client.read(PATH))
                    .isInstanceOf(VaultUnavailableException.class)
                    .hasMessageStartingWith("Vault refuses to read " + PATH + " (403)")
                    .hasMessageContaining("policy")
                    .hasMessageContaining("docs/credentials.md");
        }
        assertThat(vault.logins()).isEqualTo(2);
        assertThat(client.read("secret/data/other/thing").status()).isEqualTo(404);
    }

    @Test
    void aRateLimitIsWaitedForAsLongAsVaultSays() {
        SimulatedVault vault = vault();
        VaultClient client = client(root(), vault.uri());
        client.write(PATH, entry(0));
        vault.next(1, new VaultFault.Answer(429, "7"));
        long before = nanos.get();
        assertThat(client.read(PATH).status()).isEqualTo(200);
        assertThat(nanos.get() - before)
                .isBetween(
                        Duration.ofSeconds(7).toNanos(), Duration.ofSeconds(8).toNanos());
    }

    @Test
    void whereOneServerIsAwayOrAStandbyTheNextIsAsked() {
        SimulatedVault active = vault();
        SimulatedVault standby = vault();
        SimulatedVault dead = vault();
        standby.standBehind(active.uri());
        dead.close();
        VaultClient client = client(root(), dead.uri(), standby.uri(), active.uri());
        assertThat(client.write(PATH, entry(0)).status()).isEqualTo(200);
        active.forgetRequests();
        standby.forgetRequests();
        assertThat(client.read(PATH).status()).isEqualTo(200);
        assertThat(standby.requests()).isEmpty();
        assertThat(active.requests()).hasSize(1);
    }

    @Test
    void aWriteWhoseAnswerWasLostIsSentAgainAndSaysSo() {
        SimulatedVault vault = vault();
        VaultClient client = client(root(), vault.uri());
        client.read(PATH);
        vault.next(1, new VaultFault.LoseAnswer());
        VaultAnswer answer = client.write(PATH, entry(0));
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.afterDoubt()).isTrue();
    }

    @Test
    void aBodyThatStallsEndsAtTheBoundOfTheRequest() {
        SimulatedVault vault = vault();
        client(root(), vault.uri()).write(PATH, entry(0));
        VaultClient client = client(Duration.ofMillis(300), root(), vault.uri());
        vault.next(1, new VaultFault.StallBody());
        assertThat(client.read(PATH).status()).isEqualTo(200);
    }

    @Test
    void aWrongTokenOrSecretIsNamedByItsKeyAndNeverShown() {
        SimulatedVault vault = vault();
        assertThatThrownBy(() -> client(token("hvs.canary"), vault.uri()).read(PATH))
                .hasMessageContaining("403")
                .hasMessageNotContaining("canary");
        assertThatThrownBy(() -> client(token("hvs.canary\nmore"), vault.uri()).read(PATH))
                .hasMessageContaining("token holds spaces, line breaks")
                .hasMessageNotContaining("canary");
        appRole(vault, 60, 0);
        VaultLogin wrong = new VaultLogin.AppRole("approle", "role", new LoginSecret.Text("secret_id", "hvs.canary"));
        assertThatThrownBy(() -> client(wrong, vault.uri()).read(PATH))
                .hasMessageContaining("the login by approle is refused (400)")
                .hasMessageNotContaining("canary");
    }

    @Test
    void aTokenThatWasFetchedIsGivenBackAndOneThatWasGivenIsNot() {
        SimulatedVault vault = vault();
        VaultClient fetched = client(appRole(vault, 60, 0), vault.uri());
        fetched.read(PATH);
        int tokens = vault.tokens();
        fetched.close();
        assertThat(vault.tokens()).isEqualTo(tokens - 1);
        VaultClient given = client(root(), vault.uri());
        given.read(PATH);
        given.close();
        assertThat(vault.tokens()).isEqualTo(tokens - 1);
    }
}
