package dev.toolpost.worker.retry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.connectors.Tool;
import dev.toolpost.schemas.ErrorCode;
import dev.toolpost.worker.classify.VendorError;
import dev.toolpost.worker.classify.Verdict;
import dev.toolpost.worker.request.AcmeConnector;
import dev.toolpost.worker.retry.RetryDecision.GiveUp;
import dev.toolpost.worker.retry.RetryDecision.Replay;
import dev.toolpost.worker.retry.RetryDecision.Retry;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RetryPolicyTest {

    private static final Instant NOW = Instant.parse("2026-11-01T08:00:00Z");
    private static final Instant FAR = NOW.plus(Duration.ofMinutes(5));
    private static final Tool READ = AcmeConnector.tool("get_thing");
    private static final Tool WRITE = AcmeConnector.tool("create_thing");
    private static final Tool KEYED_WRITE = AcmeConnector.tool("pay");

    /** Full jitter at its upper end. */
    private static final RandomGenerator HIGHEST = new RandomGenerator() {
        @Override
        public long nextLong() {
            return Long.MAX_VALUE;
        }

        @Override
        public long nextLong(long bound) {
            return bound - 1;
        }
    };

    private final RetryPolicy policy = new RetryPolicy(AcmeConnector.CONNECTOR.retry());
    private RandomGenerator random = HIGHEST;
    private boolean budgetLeft = true;
    private int budgetAsked;

    private static VendorError error(ErrorCode code, @Nullable Integer status) {
        return new VendorError(code, "failed", status, null, List.of(), null, null);
    }

    private static Verdict.Failure unavailable(boolean notProcessed, @Nullable Duration wait) {
        return new Verdict.Retryable(notProcessed, wait, error(ErrorCode.UNAVAILABLE, 502));
    }

    private static Verdict.Failure throttled(@Nullable Duration wait) {
        return new Verdict.Throttled(wait, null, Set.of(), error(ErrorCode.RATE_LIMITED, 429));
    }

    private RetryDecision decide(Tool tool, RetryState state, Verdict.Failure failure) {
        return decide(tool, state, failure, FAR);
    }

    private RetryDecision decide(Tool tool, RetryState state, Verdict.Failure failure, Instant deadline) {
        return policy.decide(
                tool,
                tool.idempotencyKeyHeader() != null,
                state,
                failure,
                NOW,
                deadline,
                () -> {
                    budgetAsked++;
                    return budgetLeft;
                },
                random);
    }

    @Test
    void aReadIsTriedAgainUntilItsAttemptsAreUsedUp() {
        RetryState state = RetryState.FIRST;
        for (long bound : new long[] {500, 1_000}) {
            Retry retry = (Retry) decide(READ, state, unavailable(false, null));
            assertThat(retry.delay()).isEqualTo(Duration.ofMillis(bound));
            state = retry.next();
        }
        GiveUp end = (GiveUp) decide(READ, state, unavailable(false, null));
        assertThat(end.error().code()).isEqualTo(ErrorCode.UNAVAILABLE);
        assertThat(end.retryable()).isTrue();
        assertThat(end.reason()).isEqualTo("attempt 3 of 3");
    }

    @Test
    void delaysAreSpreadOverTheWholeRangeAndNeverAboveIt() {
        random = new Random(7);
        long sum = 0;
        for (int i = 0; i < 10_000; i++) {
            long millis = ((Retry) decide(READ, new RetryState(2, 0, false), unavailable(false, null)))
                    .delay()
                    .toMillis();
            assertThat(millis).isBetween(0L, 1_000L);
            sum += millis;
        }
        assertThat(sum / 10_000).isBetween(480L, 520L);
    }

    @Test
    void theVendorsWishIsALowerBound() {
        Duration wish = Duration.ofSeconds(40);
        assertThat(((Retry) decide(READ, RetryState.FIRST, unavailable(false, wish))).delay())
                .isEqualTo(wish);
        assertThat(((Retry) decide(READ, RetryState.FIRST, unavailable(false, Duration.ofMillis(1)))).delay())
                .isEqualTo(Duration.ofMillis(500));
        assertThat(((Retry) decide(READ, RetryState.FIRST, throttled(wish))).delay())
                .isEqualTo(wish);
    }

    @Test
    void aSentWriteIsNeverRepeatedBlindly() {
        GiveUp end = (GiveUp) decide(WRITE, RetryState.FIRST, unavailable(false, null));

        assertThat(end.error().code()).isEqualTo(ErrorCode.OUTCOME_UNKNOWN);
        assertThat(end.retryable()).isFalse();
        assertThat(end.error().vendorStatus()).isEqualTo(502);
        assertThat(end.error().remedy()).isNotBlank();
        assertThat(budgetAsked).isZero();
    }

    @Test
    void aWriteThatWasProvablyNotProcessedIsTriedAgain() {
        assertThat(decide(WRITE, RetryState.FIRST, unavailable(true, null))).isInstanceOf(Retry.class);
        assertThat(decide(WRITE, RetryState.FIRST, throttled(null))).isInstanceOf(Retry.class);
        assertThat(((GiveUp) decide(WRITE, new RetryState(3, 0, false), unavailable(true, null)))
                        .error()
                        .code())
                .isEqualTo(ErrorCode.UNAVAILABLE);
    }

    @Test
    void aWriteWithAnIdempotencyKeyIsTriedAgain() {
        assertThat(decide(KEYED_WRITE, RetryState.FIRST, unavailable(false, null)))
                .isInstanceOf(Retry.class);
    }

    @Test
    void aFinalServerErrorLeavesTheOutcomeOfASentWriteUnknown() {
        Verdict.Failure failed = new Verdict.Failed(false, error(ErrorCode.UNAVAILABLE, 501));
        assertThat(((GiveUp) decide(WRITE, RetryState.FIRST, failed)).error().code())
                .isEqualTo(ErrorCode.OUTCOME_UNKNOWN);
        assertThat(((GiveUp) decide(READ, RetryState.FIRST, failed)).error().code())
                .isEqualTo(ErrorCode.UNAVAILABLE);

        Verdict.Failure rejected = new Verdict.Failed(false, error(ErrorCode.INVALID_ARGUMENTS, 400));
        GiveUp end = (GiveUp) decide(WRITE, RetryState.FIRST, rejected);
        assertThat(end.error()).isSameAs(rejected.error());
        assertThat(end.retryable()).isFalse();
    }

    @Test
    void whatWasReadWellAndCannotBeUsedIsNotAskedForAgain() {
        Verdict.Failure redirect = new Verdict.Failed(true, error(ErrorCode.MALFORMED_RESPONSE, 302));

        assertThat(((GiveUp) decide(READ, RetryState.FIRST, redirect)).retryable())
                .isFalse();
        assertThat(((GiveUp) decide(WRITE, RetryState.FIRST, redirect)).retryable())
                .isFalse();
    }

    @Test
    void throttlingCostsNoAttemptsAndWaitsLongerEachTime() {
        RetryState state = RetryState.FIRST;
        Duration before = Duration.ZERO;
        for (int i = 0; i < 5; i++) {
            Retry retry = (Retry) decide(READ, state, throttled(null));
            assertThat(retry.delay())
                    .isGreaterThanOrEqualTo(Duration.ofSeconds(1))
                    .isGreaterThan(before);
            before = retry.delay();
            state = retry.next();
            assertThat(state.attempt()).isEqualTo(1);
        }
        assertThat(budgetAsked).isZero();
        for (int i = 0; i < 200; i++) {
            Retry retry = (Retry) decide(READ, state, throttled(null));
            assertThat(retry.delay()).isLessThanOrEqualTo(Duration.ofSeconds(30));
            state = retry.next();
        }
    }

    @Test
    void throttledWithoutTimeToWaitIsRateLimitedWithTheTimeToComeBack() {
        GiveUp end = (GiveUp)
                decide(READ, RetryState.FIRST, throttled(Duration.ofSeconds(10)), NOW.plus(Duration.ofSeconds(10)));

        assertThat(end.error().code()).isEqualTo(ErrorCode.RATE_LIMITED);
        assertThat(end.retryable()).isTrue();
        assertThat(end.retryAt()).isEqualTo(NOW.plus(Duration.ofSeconds(10)));
    }

    @Test
    void nothingIsTriedAgainThatCannotBeginBeforeTheDeadline() {
        GiveUp end = (GiveUp) decide(
                READ, RetryState.FIRST, unavailable(false, Duration.ofHours(1)), NOW.plus(Duration.ofMinutes(5)));

        assertThat(end.error().code()).isEqualTo(ErrorCode.UNAVAILABLE);
        assertThat(end.retryAt()).isEqualTo(NOW.plus(Duration.ofHours(1)));
        assertThat(budgetAsked).isZero();
        assertThat(decide(READ, RetryState.FIRST, unavailable(false, null), NOW.minusSeconds(1)))
                .isInstanceOf(GiveUp.class);
    }

    @Test
    void aSpentBudgetEndsRetries() {
        budgetLeft = false;
        GiveUp end = (GiveUp) decide(READ, RetryState.FIRST, unavailable(false, null));

        assertThat(end.error().code()).isEqualTo(ErrorCode.UNAVAILABLE);
        assertThat(end.reason()).contains("budget");
    }

    @Test
    void aRejectedCredentialIsReplayedOnce() {
        Verdict.Failure rejected = new Verdict.CredentialRejected(error(ErrorCode.REAUTHORIZATION_REQUIRED, 401));

        Replay replay = (Replay) decide(WRITE, RetryState.FIRST, rejected);
        GiveUp end = (GiveUp) decide(WRITE, replay.next(), rejected);
        assertThat(end.error().code()).isEqualTo(ErrorCode.REAUTHORIZATION_REQUIRED);
        assertThat(end.retryable()).isFalse();
    }

    @Test
    void aStormOfServerErrorsStaysWithinElevenTenthsOfTheCalls() {
        random = new Random(11);
        long nanos = 0;
        RetryBudget budget = new RetryBudget(nanos);
        int attempts = 0;
        for (int call = 0; call < 1_000; call++) {
            nanos += Duration.ofMillis(5).toNanos();
            long at = nanos;
            budget.callStarted();
            RetryState state = RetryState.FIRST;
            while (true) {
                attempts++;
                RetryDecision decision = policy.decide(
                        READ, false, state, unavailable(true, null), NOW, FAR, () -> budget.tryRetry(at), random);
                if (!(decision instanceof Retry retry)) {
                    break;
                }
                state = retry.next();
            }
        }
        assertThat(attempts).isLessThanOrEqualTo(1_100);
    }
}
