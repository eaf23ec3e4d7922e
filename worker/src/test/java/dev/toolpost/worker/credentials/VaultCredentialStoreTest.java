package dev.toolpost.worker.credentials;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.toolpost.sandbox.SimulatedVault;
import dev.toolpost.sandbox.VaultFault;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** The contract over the simulated Vault, and what only that can be made to do. */
class VaultCredentialStoreTest extends VaultContract {

    private static final SimulatedVault VAULT = SimulatedVault.start();

    @AfterAll
    static void stop() {
        VAULT.close();
    }

    @Override
    URI address() {
        return VAULT.uri();
    }

    @Override
    String rootToken() {
        return SimulatedVault.ROOT_TOKEN;
    }

    @Override
    void endTokens() {
        VAULT.endTokens();
    }

    private long readsOf(String id) {
        return VAULT.requests().stream()
                .filter(each -> each.equals("GET " + server().mount() + "/data/toolpost/" + id))
                .count();
    }

    @Test
    void aThousandCallsReadAConnectionOnce() throws Exception {
        store().put(SALES, Secret.of("token", "1"), CredentialStore.ABSENT);
        CredentialStore store = store();
        VAULT.forgetRequests();
        together(1_000, () -> assertThat(store.find("acme", "sales-hubspot")).isNotNull());
        assertThat(readsOf("acme/sales-hubspot")).isEqualTo(1);
    }

    @Test
    void aThousandCallsWhoseCredentialWasRejectedLookAgainTogether() throws Exception {
        CredentialStore store = store();
        store.put(SALES, Secret.of("token", "1"), CredentialStore.ABSENT);
        VAULT.forgetRequests();
        together(1_000, () -> assertThat(store.findNow("acme", "sales-hubspot")).isNotNull());
        assertThat(readsOf("acme/sales-hubspot")).isBetween(1L, 200L);
    }

    private static void together(int count, Runnable work) throws InterruptedException {
        Queue<Throwable> failed = new ConcurrentLinkedQueue<>();
        List<Thread> threads = new ArrayList<>();
        CountDownLatch begin = new CountDownLatch(1);
        for (int i = 0; i < count; i++) {
            threads.add(Thread.ofVirtual().start(() -> {
                try {
                    begin.await();
                    work.run();
                } catch (Throwable failure) {
                    failed.add(failure);
                }
            }));
        }
        begin.countDown();
        for (Thread each : threads) {
            each.join();
        }
        assertThat(failed).isEmpty();
    }

    @Test
    void whileVaultIsSealedWhatIsRememberedGoesOnAndTheRestIsUnavailableUntilItIsUnsealed() {
        CredentialStore store = store();
        store.put(SALES, Secret.of("token", "1"), CredentialStore.ABSENT);
        store.put(SUPPORT, Secret.none(), CredentialStore.ABSENT);
        CredentialStore other = store();
        assertThat(other.find("acme", "sales-hubspot")).isNotNull();
        VAULT.seal();
        try {
            assertThat(other.find("acme", "sales-hubspot").secret()).isEqualTo(Secret.of("token", "1"));
            assertThatThrownBy(() -> other.find("acme", "support"))
                    .isInstanceOf(CredentialsUnavailableException.class)
                    .hasMessageContaining("sealed");
            assertThatThrownBy(() -> other.put(SALES, Secret.of("token", "2"), CredentialStore.ANY))
                    .isInstanceOf(CredentialsUnavailableException.class);
        } finally {
            VAULT.unseal();
        }
        assertThat(await(() -> other.find("acme", "support"))).isNotNull();
    }

    private interface Find {
        StoredConnection now();
    }

    private static StoredConnection await(Find find) {
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (true) {
            try {
                return find.now();
            } catch (CredentialsUnavailableException still) {
                if (System.nanoTime() - end > 0) {
                    throw still;
                }
            }
        }
    }

    @Test
    void aWriteWhoseAnswerWasLostIsNoConflictWithItself() {
        CredentialStore store = store();
        long version = store.put(SALES, Secret.of("token", "1"), CredentialStore.ABSENT);
        VAULT.next(1, new VaultFault.LoseAnswer());
        long next = store.put(SALES, Secret.of("token", "2"), version);
        assertThat(next).isEqualTo(version + 1);
        assertThat(store().find("acme", "sales-hubspot"))
                .isEqualTo(new StoredConnection(SALES, Secret.of("token", "2"), next));

        // The same where somebody else was quicker: their write is there, and this one is told.
        store().put(SALES, Secret.of("token", "theirs"), next);
        VAULT.next(1, new VaultFault.LoseAnswer());
        assertThatThrownBy(() -> store.put(SALES, Secret.of("token", "3"), next))
                .isInstanceOf(VersionConflictException.class);
    }

    @Test
    void anAnswerThatIsNotVaultsIsTrouble() {
        CredentialStore store = store();
        VAULT.next(100, new VaultFault.Answer(502, null));
        assertThatThrownBy(() -> store.find("acme", "sales-hubspot"))
                .isInstanceOf(CredentialsUnavailableException.class)
                .hasMessageContaining("answers 502");
        VAULT.clearFaults();
        assertThat(await(() -> {
                    assertThat(store.find("acme", "sales-hubspot")).isNull();
                    return new StoredConnection(SALES, Secret.none(), 1);
                }))
                .isNotNull();
    }

    @Test
    void whatIsRememberedIsBoundedInNumber() {
        CredentialStore writer = store();
        for (int i = 0; i < 40; i++) {
            writer.put(
                    ConnectionRecord.of("acme", "c" + i, "hubspot", "bearer"),
                    Secret.of("token", "t"),
                    CredentialStore.ABSENT);
        }
        VaultCredentialStore store = server().store(server().rootLogin(), Duration.ofMinutes(1), 16);
        for (int i = 0; i < 40; i++) {
            assertThat(store.find("acme", "c" + i)).isNotNull();
            assertThat(store.remembered()).isLessThanOrEqualTo(16);
        }
    }

    @Test
    void nothingIsRememberedForLongerThanItsTime() {
        CredentialStore writer = store();
        writer.put(SALES, Secret.of("token", "1"), CredentialStore.ABSENT);
        CredentialStore store = server().store(server().rootLogin(), Duration.ZERO, 10);
        store.find("acme", "sales-hubspot");
        writer.put(SALES, Secret.of("token", "2"), CredentialStore.ANY);
        assertThat(store.find("acme", "sales-hubspot").secret()).isEqualTo(Secret.of("token", "2"));
    }
}
