package dev.toolpost.worker.retry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.worker.retry.CircuitBreaker.Admission;
import dev.toolpost.worker.retry.CircuitBreaker.Pass;
import dev.toolpost.worker.retry.CircuitBreaker.Position;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CircuitBreakerTest {

    private static final CircuitBreaker.Settings SETTINGS = new CircuitBreaker.Settings(
            Duration.ofSeconds(10), 10, 0.5, Duration.ofSeconds(2), Duration.ofSeconds(7), 2);

    private final CircuitBreaker breaker = new CircuitBreaker(SETTINGS);
    private long now = -5_000_000_000L;

    private void pass(Duration time) {
        now += time.toNanos();
    }

    private Pass admitted() {
        Admission admission = breaker.tryPass(now);
        assertThat(admission).isInstanceOf(Admission.Admitted.class);
        return ((Admission.Admitted) admission).pass();
    }

    private void fail(int times) {
        for (int i = 0; i < times; i++) {
            admitted().failed(now);
        }
    }

    private void succeed(int times) {
        for (int i = 0; i < times; i++) {
            admitted().succeeded(now);
        }
    }

    @Test
    void itOpensOnceEnoughAttemptsWereMadeAndHalfOfThemFailed() {
        fail(9);
        assertThat(breaker.position()).isEqualTo(Position.CLOSED);
        fail(1);
        assertThat(breaker.position()).isEqualTo(Position.OPEN);
        assertThat(breaker.tryPass(now))
                .isEqualTo(new Admission.Refused(now + Duration.ofSeconds(2).toNanos()));
    }

    @Test
    void itStaysClosedWhileFewerThanHalfFail() {
        for (int i = 0; i < 100; i++) {
            succeed(3);
            fail(2);
            pass(Duration.ofMillis(50));
        }
        assertThat(breaker.position()).isEqualTo(Position.CLOSED);
    }

    @Test
    void whatLiesBeforeTheWindowIsForgotten() {
        fail(9);
        pass(Duration.ofSeconds(11));
        fail(9);
        assertThat(breaker.position()).isEqualTo(Position.CLOSED);
        fail(1);
        assertThat(breaker.position()).isEqualTo(Position.OPEN);
    }

    @Test
    void halfOpenItLetsOnlyTheProbesThrough() {
        fail(10);
        pass(Duration.ofSeconds(2));
        Pass first = admitted();
        Pass second = admitted();
        assertThat(breaker.position()).isEqualTo(Position.HALF_OPEN);
        assertThat(breaker.tryPass(now)).isInstanceOf(Admission.Refused.class);

        first.succeeded(now);
        assertThat(breaker.tryPass(now)).isInstanceOf(Admission.Refused.class);
        second.succeeded(now);
        assertThat(breaker.position()).isEqualTo(Position.CLOSED);
    }

    @Test
    void everyProbeThatFailsDoublesTheTimeUpToTheLongest() {
        fail(10);
        for (int seconds : new int[] {2, 4, 7, 7}) {
            assertThat(breaker.tryPass(now))
                    .isEqualTo(new Admission.Refused(
                            now + Duration.ofSeconds(seconds).toNanos()));
            pass(Duration.ofSeconds(seconds));
            admitted().failed(now);
        }
    }

    @Test
    void aProbeThatWasNotSentMakesRoomForAnother() {
        fail(10);
        pass(Duration.ofSeconds(2));
        admitted().unused(now);
        admitted().unused(now);
        succeed(2);
        assertThat(breaker.position()).isEqualTo(Position.CLOSED);
    }

    @Test
    void attemptsFromBeforeItOpenedDoNotCountForItsProbes() {
        List<Pass> slow = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            slow.add(admitted());
        }
        fail(10);
        pass(Duration.ofSeconds(2));
        Pass probe = admitted();
        slow.forEach(pass -> pass.succeeded(now));
        assertThat(breaker.position()).isEqualTo(Position.HALF_OPEN);
        probe.failed(now);
        probe.failed(now);
        assertThat(breaker.tryPass(now))
                .isEqualTo(new Admission.Refused(now + Duration.ofSeconds(4).toNanos()));
    }

    @Test
    void anHourOfSilenceLeavesItClosedAndEmpty() {
        fail(9);
        pass(Duration.ofHours(1));
        succeed(1);
        fail(8);
        assertThat(breaker.position()).isEqualTo(Position.CLOSED);
    }
}
