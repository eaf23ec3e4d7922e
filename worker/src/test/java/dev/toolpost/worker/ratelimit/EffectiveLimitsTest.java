package dev.toolpost.worker.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.toolpost.connectors.Limit;
import dev.toolpost.worker.credentials.ConnectionRecord;
import dev.toolpost.worker.credentials.LimitOverride;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class EffectiveLimitsTest {

    private static final Limit OAUTH = ofAuthKind("oauth", 110, Set.of("oauth2"));
    private static final Limit PRIVATE = ofAuthKind("private", 100, Set.of("bearer"));
    private static final Limit DAILY = ofAuthKind("daily", 250_000, Set.of());

    @Test
    void aConnectionHasTheLimitsOfItsAuthKindWithItsOverrides() {
        ConnectionRecord connection = connection(
                "bearer",
                Map.of(
                        "private",
                        new LimitOverride(190, null),
                        "daily",
                        new LimitOverride(null, Duration.ofHours(12))));
        assertThat(EffectiveLimits.of(List.of(OAUTH, PRIVATE, DAILY), connection))
                .containsExactly(PRIVATE.with(190, null), DAILY.with(null, Duration.ofHours(12)));
    }

    @Test
    void anOverrideOfAnotherAuthKindsLimitChangesNothing() {
        ConnectionRecord connection = connection("oauth2", Map.of("private", new LimitOverride(190, null)));
        assertThat(EffectiveLimits.of(List.of(OAUTH, PRIVATE, DAILY), connection))
                .containsExactly(OAUTH, DAILY);
    }

    @Test
    void anOverrideOfAnUnknownLimitNamesThoseThatExist() {
        ConnectionRecord connection = connection("bearer", Map.of("dayly", new LimitOverride(1, null)));
        assertThatThrownBy(() -> EffectiveLimits.of(List.of(PRIVATE, DAILY), connection))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("acme/sales: dayly (expected: one of [daily, private])");
    }

    private static ConnectionRecord connection(String authKind, Map<String, LimitOverride> limits) {
        return new ConnectionRecord("acme", "sales", "hubspot", authKind, Map.of(), limits, Set.of(), Map.of());
    }

    private static Limit ofAuthKind(String name, int permits, Set<String> authKinds) {
        return new Limit(
                name,
                Limit.Scope.CONNECTION,
                Limit.Kind.SLIDING,
                permits,
                Duration.ofSeconds(10),
                Set.of(),
                authKinds,
                null,
                0.05);
    }
}
