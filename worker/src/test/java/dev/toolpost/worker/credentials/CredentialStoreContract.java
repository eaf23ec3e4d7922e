package dev.toolpost.worker.credentials;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What every credential store does. */
abstract class CredentialStoreContract {

    static final ConnectionRecord SALES = new ConnectionRecord(
            "acme",
            "sales-hubspot",
            "hubspot",
            "bearer",
            Map.of("subdomain", "acme", "region", "eu"),
            Map.of(
                    "rolling", new LimitOverride(190, null),
                    "search", new LimitOverride(null, Duration.ofMillis(1500)),
                    "both", new LimitOverride(7, Duration.ofDays(1))),
            Set.of("crm.objects.contacts.read", "crm.objects.contacts.write"),
            Map.of("team", "\u00e9quipe \"sales\""));
    static final ConnectionRecord SUPPORT = ConnectionRecord.of("acme", "support", "hubspot", "none");
    static final ConnectionRecord OTHER = ConnectionRecord.of("globex", "sales-hubspot", "hubspot", "bearer");

    /** An empty store. */
    abstract CredentialStore store() throws Exception;

    @Test
    void whatWasPutIsFound() throws Exception {
        CredentialStore store = store();
        Secret secret = Secret.of(Map.of("username", "u", "password", "p\u00e4ss \"word\"\n"));
        long version = store.put(SALES, secret, CredentialStore.ABSENT);
        assertThat(version).isPositive();
        assertThat(store.find("acme", "sales-hubspot")).isEqualTo(new StoredConnection(SALES, secret, version));
    }

    @Test
    void aConnectionThatWasNeverPutIsNotFound() throws Exception {
        CredentialStore store = store();
        assertThat(store.find("acme", "sales-hubspot")).isNull();
        assertThat(store.list(null)).isEmpty();
        assertThat(store.remove("acme", "sales-hubspot")).isFalse();
    }

    @Test
    void tenantsDoNotSeeEachOther() throws Exception {
        CredentialStore store = store();
        store.put(SALES, Secret.of("token", "one"), CredentialStore.ABSENT);
        store.put(OTHER, Secret.of("token", "two"), CredentialStore.ABSENT);
        store.put(SUPPORT, Secret.none(), CredentialStore.ABSENT);
        assertThat(store.list("acme")).containsExactly(SALES, SUPPORT);
        assertThat(store.list("globex")).containsExactly(OTHER);
        assertThat(store.list(null)).containsExactly(SALES, SUPPORT, OTHER);
        assertThat(store.find("globex", "sales-hubspot"))
                .extracting(stored -> stored.secret().get("token"))
                .isEqualTo("two");
    }

    @Test
    void aChangeNeedsTheVersionThatIsThere() throws Exception {
        CredentialStore store = store();
        long first = store.put(SALES, Secret.of("token", "1"), CredentialStore.ABSENT);
        long second = store.put(SALES, Secret.of("token", "2"), first);
        assertThat(second).isGreaterThan(first);

        assertThatThrownBy(() -> store.put(SALES, Secret.of("token", "3"), first))
                .isInstanceOfSatisfying(
                        VersionConflictException.class,
                        conflict -> assertThat(conflict.actualVersion()).isEqualTo(second));
        assertThatThrownBy(() -> store.put(SALES, Secret.of("token", "3"), CredentialStore.ABSENT))
                .isInstanceOf(VersionConflictException.class);
        assertThatThrownBy(() -> store.put(OTHER, Secret.of("token", "3"), 7))
                .isInstanceOfSatisfying(
                        VersionConflictException.class,
                        conflict -> assertThat(conflict.actualVersion()).isEqualTo(CredentialStore.ABSENT));
        assertThat(store.find("acme", "sales-hubspot"))
                .isEqualTo(new StoredConnection(SALES, Secret.of("token", "2"), second));

        long third = store.put(SALES, Secret.of("token", "3"), CredentialStore.ANY);
        assertThat(third).isGreaterThan(second);
    }

    @Test
    void aRemovedConnectionIsGoneAndMayComeBack() throws Exception {
        CredentialStore store = store();
        store.put(SALES, Secret.of("token", "1"), CredentialStore.ABSENT);
        assertThat(store.remove("acme", "sales-hubspot")).isTrue();
        assertThat(store.find("acme", "sales-hubspot")).isNull();
        assertThat(store.remove("acme", "sales-hubspot")).isFalse();
        store.put(SALES, Secret.of("token", "2"), CredentialStore.ABSENT);
        assertThat(store.find("acme", "sales-hubspot")).isNotNull();
    }

    @Test
    void ofManyWhoChangeOneVersionOneWins() throws Exception {
        CredentialStore store = store();
        long version = store.put(SALES, Secret.of("token", "0"), CredentialStore.ABSENT);
        AtomicInteger won = new AtomicInteger();
        AtomicInteger lost = new AtomicInteger();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            String token = "token " + i;
            threads.add(Thread.ofVirtual().start(() -> {
                try {
                    store.put(SALES, Secret.of("token", token), version);
                    won.incrementAndGet();
                } catch (VersionConflictException e) {
                    lost.incrementAndGet();
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(won).hasValue(1);
        assertThat(lost).hasValue(15);
    }

    @Test
    void whereAGrantStandsIsKeptBesideItsSecretAndForgottenWhenTheConnectionBeginsAnew() throws Exception {
        CredentialStore store = store();
        Secret secret = Secret.of("refresh_token", "r");
        long version = store.put(SALES, secret, CredentialStore.ABSENT);
        assertThat(store.find("acme", "sales-hubspot").grant()).isEqualTo(GrantState.NONE);

        GrantState refreshing = new GrantState(
                new RefreshIntent("worker-1", "abcd", 1_800_000_000_000L, 1_800_000_030_000L, true), null, 7);
        long taken = store.put(SALES, secret, refreshing, version);
        assertThat(store.findNow("acme", "sales-hubspot"))
                .isEqualTo(new StoredConnection(SALES, secret, refreshing, taken));
        assertThatThrownBy(() -> store.put(SALES, secret, refreshing, version))
                .isInstanceOf(VersionConflictException.class);

        GrantState dead = refreshing.died(new DeadGrant("abcd", 9, "invalid_grant", "gone"));
        assertThat(dead.intent()).isNull();
        long died = store.put(SALES, secret, dead, taken);
        assertThat(store.find("acme", "sales-hubspot")).isEqualTo(new StoredConnection(SALES, secret, dead, died));

        store.put(SALES, secret, CredentialStore.ANY);
        assertThat(store.findNow("acme", "sales-hubspot").grant()).isEqualTo(GrantState.NONE);
        assertThat(store.findNow("acme", "none")).isNull();
    }
}
