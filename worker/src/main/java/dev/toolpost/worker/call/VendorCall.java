package dev.toolpost.worker.call;

import dev.toolpost.connectors.Connector;
import dev.toolpost.connectors.Limit;
import dev.toolpost.connectors.ResponseKind;
import dev.toolpost.connectors.Tool;
import dev.toolpost.connectors.ToolRef;
import dev.toolpost.schemas.Lane;
import dev.toolpost.worker.call.CallOutcome.Dropped;
import dev.toolpost.worker.call.CallOutcome.Result;
import dev.toolpost.worker.call.ConnectionTokens.Credential;
import dev.toolpost.worker.classify.Verdict;
import dev.toolpost.worker.commit.Committer;
import dev.toolpost.worker.metrics.VendorMeters;
import dev.toolpost.worker.metrics.WorkerMetrics;
import dev.toolpost.worker.ratelimit.Acquisition;
import dev.toolpost.worker.ratelimit.CallCost;
import dev.toolpost.worker.ratelimit.ConnectionLimiter;
import dev.toolpost.worker.ratelimit.InitialState;
import dev.toolpost.worker.ratelimit.Permits;
import dev.toolpost.worker.ratelimit.Ticket;
import dev.toolpost.worker.request.RequestProblemException;
import dev.toolpost.worker.retry.RetryDecision;
import dev.toolpost.worker.retry.RetryPolicy;
import dev.toolpost.worker.retry.RetryState;
import dev.toolpost.worker.view.UnmappableException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The attempts of one call at its vendor: permits, journal and lease, send, classify, decide. Nothing that can wait
 * stands between permits and send except the journal's commit. Thread-safe.
 */
final class VendorCall {

    /** How long a call waits for a vendor whose circuit breaker is open, in all. */
    private static final Duration LONGEST_HOLD = Duration.ofSeconds(30);

    /** Where neither the answer nor the connector says how long a throttle lasts. */
    private static final Duration STANDARD_THROTTLE_PAUSE = Duration.ofSeconds(1);

    private final Exchanges exchanges;
    private final VendorHealth health;
    private final ConnectionTokens tokens;
    private final Committer committer;
    private final Placement placement;
    private final PageCursors cursors;
    private final ResultViews views;
    private final WorkerMetrics metrics;
    private final InstantSource clock;
    private final RandomGenerator random;

    /** Servers that links lead to count in no limit of the vendor's. */
    private final Counting elsewhere;

    VendorCall(
            Exchanges exchanges,
            VendorHealth health,
            ConnectionTokens tokens,
            Committer committer,
            Placement placement,
            PageCursors cursors,
            ResultViews views,
            WorkerMetrics metrics,
            InstantSource clock,
            RandomGenerator random) {
        this.exchanges = exchanges;
        this.health = health;
        this.tokens = tokens;
        this.committer = committer;
        this.placement = placement;
        this.cursors = cursors;
        this.views = views;
        this.metrics = metrics;
        this.clock = clock;
        this.random = random;
        this.elsewhere =
                new Counting(new ConnectionLimiter(List.of(), System::nanoTime, clock, InitialState.FRESH), List.of());
    }

    /** What came of a request and its repetitions. */
    sealed interface Fetched {
        /**
         * The vendor did it.
         *
         * @param connection as it was when the vendor accepted it
         * @param reply the answer itself, where there is more to read in it
         */
        record Page(Verdict.Success answer, KnownConnection connection, Exchange.@Nullable Reply reply)
                implements Fetched {}

        /** The call ends here. */
        record Ended(CallOutcome outcome) implements Fetched {}

        /**
         * The request is to be made again after a time for which nobody should hold a thread and a place.
         *
         * @param tries attempts at it that failed
         */
        record Later(Duration delay, int tries) implements Fetched {}
    }

    /** Makes the call's one request and answers with what the vendor says. */
    CallOutcome make(RunningCall run, Call call, ToolRef ref, KnownConnection known, Arguments arguments)
            throws InterruptedException, CallSignalled {
        switch (fetch(run, call, ref, known, arguments, call.lane())) {
            case Fetched.Ended(CallOutcome outcome) -> {
                return outcome;
            }
            case Fetched.Later later -> {
                return later(run, call.progress(), later);
            }
            case Fetched.Page(Verdict.Success answer, KnownConnection _, var _) -> {
                if (ref.tool().response() == ResponseKind.BINARY) {
                    return new CallOutcome.Bytes(
                            new String(answer.body(), StandardCharsets.US_ASCII), answer.contentType());
                }
                try {
                    int skipped = (int) Math.min(arguments.skip(), answer.records());
                    return new Result(
                            views.content(call, ref.tool(), arguments, answer),
                            answer.contentType(),
                            cursors.seal(call, ref.tool(), arguments, answer.nextCursor(), arguments.skip() - skipped),
                            answer.records() - skipped,
                            1);
                } catch (UnmappableException unmappable) {
                    return ref.tool().effect().readsOnly()
                            ? Errors.unmappable(unmappable)
                            : Errors.unmappableAfterWrite(unmappable);
                }
            }
        }
    }

    /** The call with a request that is to be made again later. */
    CallOutcome later(RunningCall run, Progress reached, Fetched.Later later) {
        return placement.later(
                run,
                reached.withVendorMillis(run.vendorMillis()).withTries(later.tries()),
                clock.millis(),
                later.delay());
    }

    /**
     * Attempts one request until the vendor answered it or the call has its outcome.
     *
     * @param lane in which it waits for permits
     */
    Fetched fetch(RunningCall run, Call call, ToolRef ref, KnownConnection known, Arguments arguments, Lane lane)
            throws InterruptedException, CallSignalled {
        Tool tool = ref.tool();
        Connector connector = ref.connector();
        RetryPolicy policy = new RetryPolicy(connector.retry());
        RetryState state = new RetryState(1 + run.takeTries(), 0, false);
        KnownConnection connection = known;
        Exchange exchange;
        long heldUntil = 0;
        boolean renewed = false;
        String moved = null;
        boolean first = true;
        while (true) {
            switch (tokens.forSend(run, call, connector, connection)) {
                case Credential.Held(KnownConnection held) -> connection = held;
                case Credential.Refused(CallOutcome outcome) -> {
                    return new Fetched.Ended(outcome);
                }
            }
            try {
                exchange = exchanges.of(call, ref, connection, arguments, moved);
            } catch (RequestProblemException problem) {
                return new Fetched.Ended(Errors.requestProblem(problem));
            }
            if (call.message().getDryRun()) {
                return new Fetched.Ended(new Result(exchange.shown(), "application/json", null, 0, 0));
            }

            Permits permits;
            List<Limit> limits;
            switch (ready(run, call, tool, connection, arguments, exchange, lane)) {
                case Readiness.Ready(Permits ready, List<Limit> of) -> {
                    permits = ready;
                    limits = of;
                }
                case Readiness.Ended(CallOutcome outcome) -> {
                    return new Fetched.Ended(outcome);
                }
            }
            KnownConnection newest = tokens.newest(call, connector, connection);
            if (!newest.equals(connection)) {
                connection = newest;
                try {
                    exchange = exchanges.of(call, ref, connection, arguments, moved);
                } catch (RequestProblemException problem) {
                    permits.unused();
                    return closeAttempt(run)
                            ? new Fetched.Ended(Errors.requestProblem(problem))
                            : new Fetched.Ended(new Dropped());
                }
            }
            if (!renewed && tokens.hasEnded(connector, connection)) {
                // Once: a token that ends again while its call waits is the vendor's to reject.
                renewed = true;
                permits.unused();
                if (!closeAttempt(run)) {
                    return new Fetched.Ended(new Dropped());
                }
                continue;
            }
            String server = exchange.server();
            Verdict verdict;
            Exchange.Reply reply;
            switch (attempt(run, call, ref, exchange, first, permits, limits)) {
                case Attempt.Made(Verdict made, Exchange.Reply answered) -> {
                    verdict = made;
                    reply = answered;
                    first = false;
                }
                case Attempt.Held(Duration remaining) -> {
                    if (!closeAttempt(run)) {
                        return new Fetched.Ended(new Dropped());
                    }
                    heldUntil = heldUntil == 0 ? System.nanoTime() + LONGEST_HOLD.toNanos() : heldUntil;
                    long end = System.nanoTime() + remaining.toNanos();
                    if (end - heldUntil > 0 || end - deadlineNanos(call) > 0) {
                        return new Fetched.Ended(Errors.vendorFailing(
                                connector.title(), clock.instant().plus(remaining)));
                    }
                    pause(run, remaining);
                    continue;
                }
            }

            if (state.replayed()) {
                tokens.replayed(connector, connection, verdict);
            }
            if (verdict instanceof Verdict.Moved there && moved == null) {
                moved = there.place();
                if (!closeAttempt(run)) {
                    return new Fetched.Ended(new Dropped());
                }
                continue;
            }
            switch (verdict) {
                case Verdict.Success answer -> {
                    tokens.accepted(connection);
                    return new Fetched.Page(answer, connection, reply);
                }
                case Verdict.Failure failure -> {
                    RetryDecision decision = policy.decide(
                            tool,
                            tool.idempotencyKeyHeader() != null,
                            state,
                            failure,
                            clock.instant(),
                            Instant.ofEpochMilli(call.deadline()),
                            () -> health.mayRetry(connector.vendor(), server),
                            random);
                    if (!(decision instanceof RetryDecision.GiveUp) && !closeAttempt(run)) {
                        return new Fetched.Ended(new Dropped());
                    }
                    switch (decision) {
                        case RetryDecision.Retry(Duration delay, RetryState next, String reason) -> {
                            if (placement.leavesFor(delay)) {
                                return new Fetched.Later(delay, next.attempt() - 1);
                            }
                            state = next;
                            pause(run, delay);
                        }
                        case RetryDecision.Replay replay -> {
                            state = replay.next();
                            switch (tokens.afterRejection(run, call, connector, connection, replay.error())) {
                                case Credential.Held(KnownConnection fresh) -> connection = fresh;
                                case Credential.Refused(CallOutcome outcome) -> {
                                    return new Fetched.Ended(outcome);
                                }
                            }
                        }
                        case RetryDecision.GiveUp giveUp -> {
                            boolean mayHaveActed = run.mayHaveWritten() && !failure.provablyNotProcessed();
                            return new Fetched.Ended(Errors.ofVendor(
                                    giveUp.error(), giveUp.retryable() && !mayHaveActed, giveUp.retryAt()));
                        }
                    }
                }
            }
        }
    }

    /** What counts a request, and by which limits. */
    private record Counting(ConnectionLimiter limiter, List<Limit> limits) {
        static Counting of(ConnectionSlot slot) {
            return new Counting(slot.limiter(), slot.limits());
        }
    }

    /** Everything that must be true right before a send. */
    private sealed interface Readiness {
        /** @param limits those that count the call */
        record Ready(Permits permits, List<Limit> limits) implements Readiness {}

        record Ended(CallOutcome outcome) implements Readiness {}
    }

    private Readiness ready(
            RunningCall run,
            Call call,
            Tool tool,
            KnownConnection connection,
            Arguments arguments,
            Exchange exchange,
            Lane lane)
            throws InterruptedException, CallSignalled {
        CallCost cost = new CallCost() {
            @Override
            public int of(Limit limit) {
                return limit.cost().of(tool.name(), arguments.filled(), exchange.pageSize());
            }

            @Override
            public String share(Limit limit) {
                return limit.share(arguments.filled());
            }
        };
        while (true) {
            if (run.attempts() == 0 && !run.hasTicket() && call.deadline() <= clock.millis()) {
                return new Readiness.Ended(Errors.deadlineExceeded(call, clock.millis()));
            }
            Permits permits;
            Counting counting = exchange.isElsewhere()
                    ? elsewhere
                    : Counting.of(run.waiting(() -> run.shard().slot(run.connectionKey(), connection)));
            Ticket held = run.takeTicket(counting.limiter(), tool.name());
            Ticket ticket = held != null
                    ? held
                    : run.waiting(
                            () -> run.holds(counting.limiter().enter(tool.name(), cost, lane, deadlineNanos(call))));
            if (ticket.outcome() == null) {
                Optional<CallOutcome> elsewhere = placement.awaitsPermits(run, call, ticket, clock.millis());
                if (elsewhere.isPresent()) {
                    run.passesTicket();
                    return new Readiness.Ended(elsewhere.get());
                }
            }
            Acquisition acquired = run.waiting(ticket::await);
            run.passesTicket();
            switch (acquired) {
                case Acquisition.Moved() -> {
                    continue;
                }
                case Acquisition.TooLate(long availableAtNanos) -> {
                    Duration wait = Duration.ofNanos(Math.max(0, availableAtNanos - System.nanoTime()));
                    return new Readiness.Ended(
                            Errors.rateLimited(tool.name(), clock.instant().plus(wait)));
                }
                case Acquisition.TooCostly(Limit limit, int permitsWanted) -> {
                    return new Readiness.Ended(Errors.tooCostly(tool.name(), limit, permitsWanted));
                }
                case Acquisition.Granted(Permits granted) -> permits = granted;
            }
            boolean mayGo = false;
            boolean inTime = false;
            try {
                mayGo = mayGo(run, tool);
                // A broker whose commits take longer than permits keep does not start the journal's round anew.
                while (mayGo && permits.isStale(System.nanoTime()) && permits.renew()) {
                    mayGo = stillOwns(run);
                }
                inTime = !permits.isStale(System.nanoTime());
            } finally {
                if (!mayGo || !inTime) {
                    permits.unused();
                }
            }
            if (mayGo && inTime) {
                return new Readiness.Ready(permits, counting.limits());
            }
            if (!closeAttempt(run) || !mayGo) {
                return new Readiness.Ended(new Dropped());
            }
        }
    }

    /** Journal and lease: whether this worker may send now. */
    private boolean mayGo(RunningCall run, Tool tool) throws InterruptedException {
        boolean write = !tool.effect().readsOnly();
        // First said, then asked: a drain that begins in between sees the call and waits for it.
        run.goesToVendor(System.nanoTime() + (write ? tool.timeout().toNanos() : 0));
        if (!run.delivery().shard().mayStart()) {
            return false;
        }
        StartedWrite started = run.write();
        int attempt = run.attempts() + 1;
        return (started == null || started.start(attempt)) && stillOwns(run);
    }

    private boolean stillOwns(RunningCall run) throws InterruptedException {
        return committer.proveOwnership(run.delivery().shard(), run.delivery().partition())
                // The commit may have taken longer than a drain waits.
                && run.delivery().shard().mayStart();
    }

    /** What came of wanting to send. */
    private sealed interface Attempt {
        record Made(Verdict verdict, Exchange.@Nullable Reply reply) implements Attempt {}

        /** The vendor's breaker is open for so long; nothing was sent. */
        record Held(Duration remaining) implements Attempt {}
    }

    private Attempt attempt(
            RunningCall run,
            Call call,
            ToolRef ref,
            Exchange exchange,
            boolean first,
            Permits permits,
            List<Limit> limits) {
        switch (health.admit(ref.connector().vendor(), exchange.server(), first)) {
            case VendorHealth.Admission.Refused(Duration remaining) -> {
                permits.unused();
                return new Attempt.Held(remaining);
            }
            case VendorHealth.Admission.Admitted(VendorHealth.Pass pass) -> {
                try (pass;
                        permits) {
                    Exchange.Made made = send(run, call, ref, exchange, permits);
                    pass.ended(made.verdict());
                    if (made.verdict() instanceof Verdict.Throttled throttled && !exchange.isElsewhere()) {
                        pauseLimits(ref.tool(), throttled, permits, limits);
                        count(ref.connector().vendor(), throttled);
                    }
                    return new Attempt.Made(made.verdict(), made.reply());
                }
            }
        }
    }

    private Exchange.Made send(RunningCall run, Call call, ToolRef ref, Exchange exchange, Permits permits) {
        run.nextAttempt();
        Exchange.Made made = exchange.make(Math.min(
                deadlineNanos(call), System.nanoTime() + ref.tool().timeout().toNanos()));
        VendorMeters meters = metrics.vendor(ref.connector().vendor());
        switch (made.trace()) {
            case ANSWERED -> permits.finished(made.feedback()).forEach(meters::corrected);
            case UNANSWERED -> permits.unanswered();
            case NONE -> permits.unused();
        }
        run.spentAtVendor(made.took().toNanos());
        meters.request(statusClass(made), made.took());
        return made;
    }

    private static String statusClass(Exchange.Made made) {
        Exchange.Reply reply = made.reply();
        if (reply != null) {
            return switch (reply.answered().status() / 100) {
                case 1 -> "1xx";
                case 2 -> "2xx";
                case 3 -> "3xx";
                case 4 -> "4xx";
                case 5 -> "5xx";
                default -> "other";
            };
        }
        return switch (made.trace()) {
            case ANSWERED -> made.verdict() instanceof Verdict.Success ? "done" : "failed";
            case UNANSWERED -> "unanswered";
            case NONE -> "unsent";
        };
    }

    private void count(String vendor, Verdict.Throttled throttled) {
        VendorMeters meters = metrics.vendor(vendor);
        if (throttled.limits().isEmpty()) {
            meters.throttled(VendorMeters.ALL_LIMITS);
        } else {
            throttled.limits().forEach(meters::throttled);
        }
    }

    /** Pauses what the throttle's rule names, or else the whole connection, as long as the answer, the rule or the limits say. */
    private static void pauseLimits(Tool tool, Verdict.Throttled throttled, Permits permits, List<Limit> limits) {
        Duration asked = throttled.retryAfter();
        Duration max = throttled.pauseMax();
        if (asked == null) {
            for (Limit limit : limits) {
                boolean concerned = throttled.limits().isEmpty()
                        ? limit.counts(tool.name())
                        : throttled.limits().contains(limit.name());
                Duration pause = limit.throttlePause();
                if (concerned && pause != null && (asked == null || pause.compareTo(asked) > 0)) {
                    asked = pause;
                    max = limit.throttlePauseMax();
                }
            }
        }
        permits.throttled(throttled.limits(), asked == null ? STANDARD_THROTTLE_PAUSE : asked, max);
    }

    /** The attempt provably did nothing, or may be repeated: says so in the journal before any wait. */
    private static boolean closeAttempt(RunningCall run) throws InterruptedException {
        StartedWrite write = run.write();
        boolean closed = write == null || write.notProcessed(run.attempts());
        run.backFromVendor();
        return closed;
    }

    private static void pause(RunningCall run, Duration delay) throws InterruptedException, CallSignalled {
        run.waiting(() -> {
            TimeUnit.NANOSECONDS.sleep(delay.toNanos());
            return true;
        });
    }

    private long deadlineNanos(Call call) {
        long leftMillis = Math.max(0, call.deadline() - clock.millis());
        return System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(leftMillis);
    }
}
