package dev.toolpost.worker.commit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LeaseTest {

    private final AtomicLong clock = new AtomicLong(Long.MAX_VALUE - 1_000_000_000L);
    private final Lease lease = new Lease(Duration.ofSeconds(6), clock::get);

    @Test
    void nothingStartsBeforeTheFirstCommit() {
        assertThat(lease.fresh()).isFalse();
    }

    @Test
    void itLastsAThirdOfTheSessionFromTheStartOfTheCommit() {
        long startedAt = clock.get();
        advance(Duration.ofMillis(500));
        lease.accepted(startedAt);

        advance(Duration.ofMillis(1_499));
        assertThat(lease.fresh()).isTrue();
        advance(Duration.ofMillis(1));
        assertThat(lease.fresh()).isFalse();
    }

    @Test
    void anOlderCommitDoesNotShortenIt() {
        long older = clock.get();
        advance(Duration.ofSeconds(1));
        lease.accepted(clock.get());
        lease.accepted(older);

        advance(Duration.ofMillis(1_999));
        assertThat(lease.fresh()).isTrue();
    }

    @Test
    void itEndsWithTheMembership() {
        lease.accepted(clock.get());
        lease.end();

        assertThat(lease.fresh()).isFalse();
    }

    private void advance(Duration time) {
        clock.addAndGet(time.toNanos());
    }
}
