package dev.toolpost.worker.credentials;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Walks the time. */
class CredentialCacheTest {

    private static final String ID = "acme/sales";
    private static final StoredConnection OLD = stored("old", 1);
    private static final StoredConnection NEW = stored("new", 2);

    private long now = -7;
    private final CredentialCache cache = new CredentialCache(Duration.ofMinutes(1), 100, () -> now);

    private static StoredConnection stored(String token, long version) {
        return new StoredConnection(
                ConnectionRecord.of("acme", "sales", "hubspot", "bearer"), Secret.of("token", token), version);
    }

    private void pass(long seconds) {
        now += Duration.ofSeconds(seconds).toNanos();
    }

    private boolean knows(StoredConnection stored) {
        return cache.find(ID).equals(new CredentialCache.Known.Is(stored));
    }

    private boolean knowsNothing() {
        return cache.find(ID) instanceof CredentialCache.Known.Nothing;
    }

    @Test
    void aConnectionIsRememberedForItsTimeAndItsAbsenceForAMoment() {
        cache.put(ID, OLD, now);
        pass(59);
        assertThat(knows(OLD)).isTrue();
        pass(1);
        assertThat(knowsNothing()).isTrue();

        cache.put(ID, null, now);
        assertThat(knows(null)).isTrue();
        pass(1);
        assertThat(knowsNothing()).isTrue();
    }

    @Test
    void whatWasReadBeforeAChangeDoesNotTakeItsPlace() {
        long before = now;
        pass(1);
        cache.put(ID, NEW, now);
        assertThat(cache.put(ID, OLD, before)).isEqualTo(OLD);
        assertThat(knows(NEW)).isTrue();
    }

    @Test
    void whatWasReadBeforeAChangeWasHeardOfIsNotRemembered() {
        cache.put(ID, OLD, now);
        long before = now;
        pass(1);
        cache.forget(ID, false);
        assertThat(knowsNothing()).isTrue();
        cache.put(ID, OLD, before);
        assertThat(knowsNothing()).isTrue();
        pass(1);
        cache.put(ID, NEW, now);
        assertThat(knows(NEW)).isTrue();
    }

    @Test
    void aChangeThatIsHeardOfDuringTheFirstReadCountsToo() {
        long before = now;
        pass(1);
        cache.forget(ID, true);
        cache.put(ID, OLD, before);
        assertThat(knowsNothing()).isTrue();
    }

    @Test
    void aConnectionThatHasNotChangedStaysTheSameObject() {
        cache.put(ID, OLD, now);
        pass(61);
        assertThat(cache.put(ID, stored("old", 1), now)).isSameAs(OLD);
        assertThat(cache.put(ID, NEW, now)).isSameAs(NEW);
    }

    @Test
    void secretsWhoseTimeIsOverLeaveTheMemoryWithTheNextNews() {
        for (int i = 0; i < 50; i++) {
            cache.put("acme/c" + i, OLD, now);
        }
        pass(61);
        cache.put(ID, NEW, now);
        assertThat(cache.size()).isEqualTo(1);
        for (int i = 0; i < 1_000; i++) {
            cache.put("acme/d" + i, OLD, now);
            assertThat(cache.size()).isLessThanOrEqualTo(100);
        }
    }
}
