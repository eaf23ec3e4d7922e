package dev.toolpost.worker.retry;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RetryBudgetTest {

    private long now = 77;
    private final RetryBudget budget = new RetryBudget(now);

    @Test
    void inAStormOfFailuresAttemptsStayBelowElevenTenthsOfTheCalls() {
        for (long seed = 1; seed <= 20; seed++) {
            Random random = new Random(seed);
            RetryBudget fresh = new RetryBudget(now);
            int calls = 1_000;
            int attempts = 0;
            for (int call = 0; call < calls; call++) {
                now += random.nextLong(Duration.ofMillis(20).toNanos());
                fresh.callStarted();
                attempts++;
                for (int retry = 0; retry < 3 && fresh.tryRetry(now); retry++) {
                    attempts++;
                }
            }
            assertThat((double) attempts / calls).as("seed " + seed).isLessThanOrEqualTo(1.1);
        }
    }

    @Test
    void aVendorWithLittleTrafficIsRetriedToo() {
        for (int hour = 0; hour < 100; hour++) {
            now += Duration.ofMinutes(1).toNanos();
            budget.callStarted();
            for (int retry = 0; retry < 3; retry++) {
                assertThat(budget.tryRetry(now)).isTrue();
            }
        }
    }

    @Test
    void calmHoursDoNotPayForAStorm() {
        for (int call = 0; call < 1_000_000; call++) {
            budget.callStarted();
        }
        now += Duration.ofDays(30).toNanos();
        int granted = 0;
        while (budget.tryRetry(now)) {
            granted++;
        }
        assertThat(granted).isEqualTo(5);
    }
}
