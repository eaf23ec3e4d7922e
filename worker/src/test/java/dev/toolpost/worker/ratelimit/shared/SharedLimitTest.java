package dev.toolpost.worker.ratelimit.shared;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.toolpost.connectors.Limit;
import dev.toolpost.connectors.Limit.Kind;
import dev.toolpost.connectors.Limit.Scope;
import dev.toolpost.connectors.LimitCost;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SharedLimitTest {

    private static final Duration JITTER = Duration.ofSeconds(1);

    @ParameterizedTest
    @CsvSource({
        // kind, permits, seconds, capacity, permits in ten minutes
        "SLIDING, 100, 10, 10, 4961",
        "SLIDING, 1, 10, 1, 54",
        "SLIDING, 2, 10, 1, 109",
        "SLIDING, 5, 1, 1, 1499",
        "FIXED, 100, 10, 10, 4961",
        "FIXED, 1000000, 60, 100000, 8848147",
        "TOKEN, 100, 10, 90, 5997",
        "TOKEN, 1, 10, 1, 54",
        "TOKEN, 10, 1, 1, 5451",
        "LEAKY, 600, 60, 590, 5997",
    })
    void theCapacityAndTheRateThatAreDerived(Kind kind, int permits, int seconds, int capacity, int inTenMinutes) {
        SharedLimit derived = SharedLimit.of(limit(kind, permits, Duration.ofSeconds(seconds)), JITTER, 0.1);
        assertThat(derived.capacity()).isEqualTo(capacity);
        assertThat(derived.tokensIn(Duration.ofMinutes(10)) / SharedLimit.PERMIT)
                .isEqualTo(inTenMinutes);
    }

    @Test
    void aCallThatCostsMoreThanTheBurstFitsUpToHalfOfThePermits() {
        Limit limit = limit(Kind.SLIDING, 1_000, Duration.ofMinutes(1));
        assertThat(SharedLimit.of(limit.with(new LimitCost(1, Map.of("vendor_search", 300), null)), JITTER, 0.1)
                        .capacity())
                .isEqualTo(300);
        assertThat(SharedLimit.of(limit.with(new LimitCost(900, Map.of(), null)), JITTER, 0.1)
                        .capacity())
                .isEqualTo(500);
    }

    @Test
    void aConcurrencyLimitIsNotShared() {
        Limit limit = new Limit("open", Scope.VENDOR, Kind.CONCURRENT, 5, null, Set.of(), Set.of(), null, 0.05);
        assertThat(SharedLimit.supports(limit)).isFalse();
        assertThatThrownBy(() -> SharedLimit.of(limit, JITTER, 0.1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("limit open is concurrent (expected: a limit with a window)");
    }

    @Test
    void aBucketThatIsRefilledWithMillionsDoesNotOverflow() {
        SharedLimit derived = SharedLimit.of(limit(Kind.SLIDING, 2_000_000_000, Duration.ofDays(30)), JITTER, 0.5);
        assertThat(derived.timeToFill()).isBetween(Duration.ofDays(29), Duration.ofDays(31));
        assertThat(derived.beginningWith(0).getBandwidths()).hasSize(1);
    }

    private static Limit limit(Kind kind, int permits, Duration window) {
        return new Limit("vendor", Scope.VENDOR, kind, permits, window, Set.of(), Set.of(), null, 0.05);
    }
}
