package dev.toolpost.worker.retry;

import dev.toolpost.connectors.RetryRules;
import dev.toolpost.connectors.Tool;
import dev.toolpost.schemas.ErrorCode;
import dev.toolpost.worker.classify.VendorError;
import dev.toolpost.worker.classify.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Decides what follows a failed attempt. Only what is safe is sent again: a tool that is idempotent, a write that carries an
 * idempotency key, or anything that the vendor provably did not process. The rest ends as OUTCOME_UNKNOWN.
 *
 * <p>Delays are exponential with full jitter, never below the vendor's wish. A throttled attempt costs none of the attempts: it is
 * bounded by the deadline alone. Pure; immutable.
 */
public final class RetryPolicy {

    private static final Duration SHORTEST_THROTTLE_WAIT = Duration.ofSeconds(1);

    private final RetryRules rules;

    public RetryPolicy(RetryRules rules) {
        this.rules = rules;
    }

    /**
     * Judges one failure.
     *
     * @param keySent whether the request carried the idempotency key that the tool declares
     * @param state what the call has been through, this attempt included
     * @param deadline of the call
     * @param budget asked last, and only where everything else says retry; see {@link RetryBudget#tryRetry}
     */
    public RetryDecision decide(
            Tool tool,
            boolean keySent,
            RetryState state,
            Verdict.Failure failure,
            Instant now,
            Instant deadline,
            BooleanSupplier budget,
            RandomGenerator random) {
        boolean repeatable = tool.idempotent() || tool.effect().readsOnly() || keySent;
        return switch (failure) {
            case Verdict.Throttled throttled -> afterThrottle(state, throttled, now, deadline, random);
            case Verdict.CredentialRejected rejected -> afterRejection(state, rejected);
            case Verdict.Retryable retryable ->
                repeatable || retryable.provablyNotProcessed()
                        ? afterTransient(state, retryable, now, deadline, budget, random)
                        : outcomeUnknown(retryable.error());
            case Verdict.Moved moved ->
                new RetryDecision.GiveUp(moved.error(), false, null, "redirected more than once");
            case Verdict.Failed failed -> afterFinal(repeatable || failed.provablyNotProcessed(), failed.error());
        };
    }

    private static RetryDecision afterFinal(boolean harmlessToRepeat, VendorError error) {
        // What was read well and cannot be used would be the same again, unlike what broke on its way.
        boolean mayPass = error.code().retryable() && error.code() != ErrorCode.MALFORMED_RESPONSE;
        return harmlessToRepeat || !leavesOutcomeOpen(error)
                ? new RetryDecision.GiveUp(error, harmlessToRepeat && mayPass, null, "the vendor's answer is final")
                : outcomeUnknown(error);
    }

    private RetryDecision afterThrottle(
            RetryState state, Verdict.Throttled throttled, Instant now, Instant deadline, RandomGenerator random) {
        Duration wish = throttled.retryAfter();
        Duration delay = wish == null
                ? max(SHORTEST_THROTTLE_WAIT, backoff(state.throttles() + 2, random))
                : max(wish, backoff(state.throttles() + 1, random));
        if (!fits(delay, now, deadline)) {
            Instant retryAt = now.plus(wish == null ? SHORTEST_THROTTLE_WAIT : wish);
            return new RetryDecision.GiveUp(
                    throttled.error(), true, retryAt, "throttled, and the deadline leaves no time to wait");
        }
        return new RetryDecision.Retry(delay, state.afterThrottle(), "throttled by the vendor");
    }

    private static RetryDecision afterRejection(RetryState state, Verdict.CredentialRejected rejected) {
        return state.replayed()
                ? new RetryDecision.GiveUp(rejected.error(), false, null, "credential rejected again after a fresh one")
                : new RetryDecision.Replay(state.afterReplay(), rejected.error(), "credential rejected");
    }

    private RetryDecision afterTransient(
            RetryState state,
            Verdict.Retryable retryable,
            Instant now,
            Instant deadline,
            BooleanSupplier budget,
            RandomGenerator random) {
        Duration wish = retryable.retryAfter();
        Instant retryAt = wish == null ? null : now.plus(wish);
        if (state.attempt() >= rules.maxAttempts()) {
            return giveUp(retryable.error(), retryAt, "attempt " + state.attempt() + " of " + rules.maxAttempts());
        }
        Duration own = backoff(state.attempt(), random);
        Duration delay = wish == null ? own : max(wish, own);
        if (!fits(delay, now, deadline)) {
            return giveUp(retryable.error(), retryAt, "the deadline leaves no time for another attempt");
        }
        if (!budget.getAsBoolean()) {
            return giveUp(retryable.error(), retryAt, "the vendor's retry budget is spent");
        }
        return new RetryDecision.Retry(
                delay,
                state.afterFailure(),
                "attempt " + state.attempt() + " failed: " + retryable.error().code());
    }

    private static RetryDecision giveUp(VendorError error, @Nullable Instant retryAt, String reason) {
        return new RetryDecision.GiveUp(error, error.code().retryable(), retryAt, reason);
    }

    private static RetryDecision outcomeUnknown(VendorError error) {
        VendorError unknown = error.as(
                ErrorCode.OUTCOME_UNKNOWN,
                "The write was sent and its outcome is unknown: " + error.message(),
                "Look at the vendor whether it happened before sending it again.");
        return new RetryDecision.GiveUp(unknown, false, null, "sent, and not safe to repeat");
    }

    /** A server error, or an answer nobody can read, after a write was sent: the vendor may have acted on it. */
    private static boolean leavesOutcomeOpen(VendorError error) {
        Integer status = error.vendorStatus();
        return error.code() == ErrorCode.MALFORMED_RESPONSE
                || (error.code() == ErrorCode.UNAVAILABLE && (status == null || status >= 500));
    }

    /** Full jitter: anything from nothing to the exponential bound of this attempt. */
    private Duration backoff(int attempt, RandomGenerator random) {
        long base = Math.max(1, rules.minDelay().toNanos());
        long cap = Math.max(base, rules.maxDelay().toNanos());
        int doublings = Math.min(attempt - 1, Long.numberOfLeadingZeros(base) - 1);
        long bound = Math.min(cap, base << doublings);
        return Duration.ofNanos(random.nextLong(bound + 1));
    }

    private static boolean fits(Duration delay, Instant now, Instant deadline) {
        return delay.compareTo(Duration.between(now, deadline)) < 0;
    }

    private static Duration max(Duration a, Duration b) {
        return a.compareTo(b) >= 0 ? a : b;
    }
}
