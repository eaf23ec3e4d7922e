package dev.toolpost.worker.vault;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class TokenPlanTest {

    private static final long NOW = -Duration.ofSeconds(5).toNanos();

    @Test
    void aTokenIsRenewedAtTwoThirdsOfItsTtlLessSomeJitter() {
        assertThat(plan(hour(true), true, 0)).isEqualTo(new TokenPlan.Renew(at(2_400), at(3_600)));
        assertThat(plan(hour(true), true, 1)).isEqualTo(new TokenPlan.Renew(at(2_040), at(3_600)));
        assertThat(plan(hour(true), false, 0)).isEqualTo(new TokenPlan.Renew(at(2_400), at(3_600)));
    }

    @Test
    void aLeaseThatTheMaximumTtlCutShortIsFollowedByALogin() {
        VaultToken capped = new VaultToken("t", Duration.ofMinutes(10), Duration.ofHours(1), true);
        assertThat(plan(capped, true, 0)).isEqualTo(new TokenPlan.LogInAgain(at(400), at(600)));
        assertThat(plan(capped, false, 0)).isEqualTo(new TokenPlan.Ends(at(600)));
    }

    @Test
    void aTokenThatCannotBeRenewedIsReplaced() {
        assertThat(plan(hour(false), true, 0)).isEqualTo(new TokenPlan.LogInAgain(at(2_400), at(3_600)));
        assertThat(plan(hour(false), false, 0)).isEqualTo(new TokenPlan.Ends(at(3_600)));
    }

    @Test
    void aTokenWithoutAnEndIsKept() {
        TokenPlan keep = plan(VaultToken.unknown("root"), false, 0);
        assertThat(keep).isEqualTo(new TokenPlan.Keep());
        assertThat(keep.hasEnded(at(1_000_000))).isFalse();
    }

    @Test
    void aTokenEndsWithItsLease() {
        for (TokenPlan plan : new TokenPlan[] {
            plan(hour(true), true, 0.5), plan(hour(false), true, 0.5), plan(hour(false), false, 0.5)
        }) {
            assertThat(plan.hasEnded(at(3_600) - 1)).isFalse();
            assertThat(plan.hasEnded(at(3_600))).isTrue();
        }
    }

    @Test
    void aTokenCannotPrintItself() {
        assertThat(hour(true).toString()).doesNotContain("hvs.canary");
        assertThat(new LoginSecret.Text("token", "hvs.canary").toString()).doesNotContain("hvs.canary");
        assertThat(new VaultLogin.AppRole("approle", "r", new LoginSecret.Text("secret_id", "hvs.canary")).toString())
                .doesNotContain("hvs.canary");
    }

    private static VaultToken hour(boolean renewable) {
        return new VaultToken("hvs.canary", Duration.ofHours(1), Duration.ofHours(1), renewable);
    }

    private static TokenPlan plan(VaultToken token, boolean canLogIn, double jitter) {
        return TokenPlan.of(token, canLogIn, NOW, jitter);
    }

    private static long at(long seconds) {
        return NOW + Duration.ofSeconds(seconds).toNanos();
    }
}
