package dev.toolpost.worker.vault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Walks the time: nothing here waits. */
class TokenKeeperTest {

    private static final VaultLogin APP_ROLE =
            new VaultLogin.AppRole("approle", "role", new LoginSecret.Text("secret_id", "s"));

    private long now = 1_000;
    private final List<String> asked = new ArrayList<>();
    private Duration ttl = Duration.ofHours(1);
    private Duration maxTtl = Duration.ofHours(3);
    private long loggedInAt;
    private int logins;
    private @Nullable VaultTrouble loginTrouble;
    private @Nullable VaultTrouble renewTrouble;
    private final TokenKeeper keeper = keeper(APP_ROLE);

    private TokenKeeper keeper(VaultLogin login) {
        return new TokenKeeper(
                login,
                new TokenKeeper.Tokens() {
                    @Override
                    public VaultToken login(VaultLogin by) throws VaultTrouble {
                        asked.add("login at " + minute());
                        if (loginTrouble != null) {
                            throw loginTrouble;
                        }
                        loggedInAt = now;
                        return new VaultToken("token-" + ++logins, ttl, ttl, true);
                    }

                    @Override
                    public VaultToken renew(VaultToken token) throws VaultTrouble {
                        asked.add("renew at " + minute());
                        if (renewTrouble != null) {
                            throw renewTrouble;
                        }
                        Duration left = maxTtl.minusNanos(now - loggedInAt);
                        return new VaultToken(token.value(), left.compareTo(ttl) < 0 ? left : ttl, token.full(), true);
                    }
                },
                () -> now,
                new Random(7) {
                    @Override
                    public double nextDouble() {
                        return 0;
                    }
                });
    }

    private long minute() {
        return (now - 1_000) / Duration.ofMinutes(1).toNanos();
    }

    private void walk(Duration time) {
        for (long second = 0; second < time.toSeconds(); second++) {
            now += Duration.ofSeconds(1).toNanos();
            keeper.tick();
        }
    }

    @Test
    void overADayItRenewsAtTwoThirdsAndLogsInAgainWhereTheMaximumTtlCutsTheLeaseShort() throws Exception {
        keeper.current();
        walk(Duration.ofHours(5));
        // The renewal of minute 160 gives 20 minutes of three hours' maximum, of which two thirds are 13.
        assertThat(asked)
                .startsWith(
                        "login at 0",
                        "renew at 40",
                        "renew at 80",
                        "renew at 120",
                        "renew at 160",
                        "login at 173",
                        "renew at 213");
        walk(Duration.ofHours(19));
        assertThat(asked).hasSizeBetween(30, 50);
        assertThat(keeper.current().value()).isEqualTo("token-" + logins);
    }

    @Test
    void whileVaultIsAwayTheTokenIsUsedToItsEndAndRenewedAsSoonAsItIsBack() throws Exception {
        keeper.current();
        renewTrouble = away();
        walk(Duration.ofMinutes(55));
        assertThat(keeper.current().value()).isEqualTo("token-1");
        assertThat(asked).hasSizeBetween(15, 60);
        renewTrouble = null;
        walk(Duration.ofMinutes(2));
        asked.clear();
        walk(Duration.ofMinutes(30));
        assertThat(asked).isEmpty();
        assertThat(logins).isEqualTo(1);
    }

    @Test
    void aTokenThatEndedMeanwhileIsReplacedByWhoeverNeedsIt() throws Exception {
        keeper.current();
        now += Duration.ofHours(2).toNanos();
        assertThat(keeper.current().value()).isEqualTo("token-2");
        assertThat(keeper.current().value()).isEqualTo("token-2");
    }

    @Test
    void aRefusedTokenIsReplacedOnceAndNotForEver() throws Exception {
        VaultToken first = keeper.current();
        assertThat(keeper.refused(first)).isTrue();
        VaultToken second = keeper.current();
        assertThat(second.value()).isEqualTo("token-2");
        // Others who had sent the first one.
        assertThat(keeper.refused(first)).isTrue();
        assertThat(logins).isEqualTo(2);

        assertThat(keeper.refused(second)).isFalse();
        for (int i = 0; i < 3_600; i++) {
            now += Duration.ofSeconds(1).toNanos();
            keeper.refused(keeper.current());
        }
        assertThat(logins).as("logins of an hour of refusals").isBetween(5, 20);

        now += Duration.ofMinutes(20).toNanos();
        assertThat(keeper.refused(keeper.current()))
                .as("revoked, a while later")
                .isTrue();
    }

    @Test
    void aRefusedLoginIsNotRepeatedAtOnceAndRecoversByItself() throws Exception {
        loginTrouble = VaultTrouble.refused("refused", 400);
        for (int i = 0; i < 600; i++) {
            assertThatThrownBy(keeper::current)
                    .isInstanceOf(VaultTrouble.class)
                    .hasMessage("the login by approle is refused (400): check its mount, role, secret and namespace");
            now += Duration.ofMillis(100).toNanos();
        }
        assertThat(asked).as("logins of a minute").hasSizeBetween(4, 12);
        loginTrouble = null;
        now += Duration.ofMinutes(1).toNanos();
        assertThat(keeper.current().value()).isEqualTo("token-1");
    }

    @Test
    void aGivenTokenIsRenewedAndWhereThatEndsItsGiverIsTold() throws Exception {
        TokenKeeper given = keeper(new VaultLogin.Token(new LoginSecret.Text("token", "t")));
        given.current();
        for (int i = 0; i < 3 * 3_600 - 60; i++) {
            now += Duration.ofSeconds(1).toNanos();
            given.tick();
        }
        assertThat(asked).containsExactly("login at 0", "renew at 40", "renew at 80", "renew at 120", "renew at 160");
        assertThat(given.current().value()).isEqualTo("token-1");
    }

    @Test
    void workersThatBeganTogetherRenewApart() {
        List<Long> dues = new ArrayList<>();
        Random random = new Random(11);
        for (int worker = 0; worker < 100; worker++) {
            TokenPlan plan = TokenPlan.of(new VaultToken("t", ttl, ttl, true), true, 0, random.nextDouble());
            dues.add(((TokenPlan.Renew) plan).atNanos() / Duration.ofSeconds(10).toNanos());
        }
        assertThat(dues.stream().distinct().count()).isGreaterThan(20);
    }

    private static VaultTrouble away() {
        return new VaultTrouble("sealed", 503, true, false, null, null);
    }
}
