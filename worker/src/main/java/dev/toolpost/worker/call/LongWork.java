package dev.toolpost.worker.call;

import dev.toolpost.connectors.Operation;
import dev.toolpost.connectors.RequestTemplate;
import dev.toolpost.connectors.ResponseKind;
import dev.toolpost.connectors.Tool;
import dev.toolpost.connectors.ToolRef;
import dev.toolpost.schemas.ErrorCode;
import dev.toolpost.worker.call.CallOutcome.Failure;
import dev.toolpost.worker.call.CallOutcome.Result;
import dev.toolpost.worker.call.VendorCall.Fetched;
import dev.toolpost.worker.classify.LinkedAnswers;
import dev.toolpost.worker.classify.VendorError;
import dev.toolpost.worker.classify.Verdict;
import dev.toolpost.worker.classify.WorkAnswer;
import dev.toolpost.worker.classify.WorkAnswer.Taken;
import dev.toolpost.worker.reply.CallError;
import dev.toolpost.worker.view.UnmappableException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Calls whose work a vendor only takes on: one request begins it, others ask after it, a last one may fetch what it made.
 *
 * <p>What the first answer gave goes on as a continuation, in one transaction with the offset and a write's journal entry, before anything
 * else is sent. So a worker that is lost while the work goes on is taken over where it stood, and nobody begins the work twice. Between two
 * questions the call is {@link Parked}: it has no thread and no place. Thread-safe.
 */
final class LongWork {

    /** How long a call waits on its thread, where no more calls can be parked, before it is handed over. */
    static final Duration LONGEST_WAIT = Duration.ofSeconds(10);

    /** Not even a vendor that says so is asked again sooner. */
    private static final Duration SHORTEST_WAIT = Duration.ofMillis(100);

    private final VendorCall vendor;
    private final Placement placement;
    private final ResultViews views;
    private final Duration turn;
    private final Duration longestDeadline;
    private final InstantSource clock;
    private final LongSupplier nanoTime;

    /**
     * Work with these bounds.
     *
     * @param turn how long a call waits on its thread, where no more calls can be parked, before it is handed over
     * @param longestDeadline the latest that a call may end, after its first arrival
     */
    LongWork(
            VendorCall vendor,
            Placement placement,
            ResultViews views,
            Duration turn,
            Duration longestDeadline,
            InstantSource clock,
            LongSupplier nanoTime) {
        this.vendor = vendor;
        this.placement = placement;
        this.views = views;
        this.turn = turn;
        this.longestDeadline = longestDeadline;
        this.clock = clock;
        this.nanoTime = nanoTime;
    }

    /** The call with the deadline of its tool's work, where it names none itself. */
    Call settled(Call call, Tool tool) {
        return call.withDeadlineOf(tool.operation(), longestDeadline);
    }

    /** Begins the work, or goes on with what was begun. */
    CallOutcome carry(RunningCall run, Call call, ToolRef ref, KnownConnection connection, Arguments arguments)
            throws InterruptedException, CallSignalled {
        Operation operation = Objects.requireNonNull(ref.tool().operation(), "operation of a tool that has work done");
        Work work = call.progress().work();
        return work == null
                ? begin(run, call, ref, operation, connection, arguments)
                : new Turn(run, call, ref, operation, arguments, connection, work).go();
    }

    /** What comes of a call whose vendor is not to be asked yet; empty where it is time. */
    Optional<CallOutcome> notYet(RunningCall run, Call call, Work work) {
        long now = clock.millis();
        if (call.deadline() <= now || work.dueAt() >= call.deadline()) {
            return Optional.of(Errors.deadlineOfWork());
        }
        return work.dueAt() <= now
                ? Optional.empty()
                : placement.awaits(run, call, call.progress().withVendorMillis(run.vendorMillis()), work, now);
    }

    /** A call that cannot be carried on now, and later perhaps: it asks again then, if its deadline allows. */
    CallOutcome later(RunningCall run, Call call, Tool tool, Work work, Failure failure) {
        Operation operation = tool.operation();
        CallError error = failure.error();
        if (operation == null || !error.retryable()) {
            return new Failure(error.finalForThisCall());
        }
        Work next = work.due(nextQuestion(operation, error).toEpochMilli());
        return next.dueAt() >= call.deadline()
                ? new Failure(error.finalForThisCall())
                : notYet(run, call, next).orElseGet(() -> handedOver(run, call, next));
    }

    private Instant nextQuestion(Operation operation, CallError error) {
        Instant next = clock.instant().plus(operation.poll().every());
        return error.retryAt() == null || error.retryAt().isBefore(next) ? next : error.retryAt();
    }

    private CallOutcome begin(
            RunningCall run,
            Call call,
            ToolRef ref,
            Operation operation,
            KnownConnection connection,
            Arguments arguments)
            throws InterruptedException, CallSignalled {
        switch (vendor.fetch(run, call, ref, connection, arguments, call.lane())) {
            case Fetched.Ended(CallOutcome outcome) -> {
                return outcome;
            }
            case Fetched.Later later -> {
                return vendor.later(run, call.progress(), later);
            }
            case Fetched.Page(Verdict.Success _, KnownConnection _, Exchange.Reply reply) -> {
                WorkAnswer answer = answer(ref, reply);
                return switch (answer.take(operation.values())) {
                    case Taken.Wrong(VendorError error) -> accepted(ref.tool(), Errors.ofVendor(error, false, null));
                    case Taken.Whole(Map<String, String> values) -> {
                        Duration wait = wait(operation.poll(), answer);
                        yield handedOver(run, call, new Work(values, clock.millis() + wait.toMillis()));
                    }
                };
            }
        }
    }

    private WorkAnswer answer(ToolRef ref, Exchange.@Nullable Reply reply) {
        Exchange.Reply whole = Objects.requireNonNull(reply, "reply of a step over HTTP");
        return new WorkAnswer(ref.connector(), whole.answered(), whole.asked(), clock.instant());
    }

    private static Duration wait(Operation.Poll poll, WorkAnswer answer) {
        Duration told = answer.wait(poll.waits());
        Duration wait = told == null ? poll.every() : told;
        return wait.compareTo(SHORTEST_WAIT) < 0 ? SHORTEST_WAIT : wait;
    }

    private CallOutcome handedOver(RunningCall run, Call call, Work work) {
        return placement.continued(
                run, call.progress().withVendorMillis(run.vendorMillis()).withWork(work));
    }

    /** A failure after the vendor took the work on: the same call would begin it again. */
    private static Failure accepted(Tool tool, Failure failure) {
        return tool.effect().readsOnly() ? failure : new Failure(failure.error().finalForThisCall());
    }

    /** Where one turn stands. Confined to its call's thread. */
    private final class Turn {

        private final RunningCall run;
        private final Call call;
        private final ToolRef ref;
        private final Operation operation;
        private final Arguments arguments;
        private final long endsAtNanos;
        private KnownConnection connection;
        private Work work;
        private boolean askedAnew;

        Turn(
                RunningCall run,
                Call call,
                ToolRef ref,
                Operation operation,
                Arguments arguments,
                KnownConnection connection,
                Work work) {
            this.run = run;
            this.call = call;
            this.ref = ref;
            this.operation = operation;
            this.arguments = arguments;
            this.connection = connection;
            this.work = work;
            this.endsAtNanos = nanoTime.getAsLong() + turn.toNanos();
        }

        CallOutcome go() throws InterruptedException, CallSignalled {
            try {
                while (true) {
                    CallOutcome waited = awaitDue();
                    if (waited != null) {
                        return waited;
                    }
                    CallOutcome asked = ask();
                    if (asked != null) {
                        return asked;
                    }
                }
            } catch (CallSignalled signalled) {
                return switch (signalled.signal()) {
                    case HAND_OVER -> handedOver(run, call, work);
                    case CANCEL -> Errors.cancelledWork();
                    case DROP -> throw signalled;
                };
            }
        }

        /** What comes of the call until the vendor is to be asked again, or null where it is time. */
        private @Nullable CallOutcome awaitDue() throws InterruptedException, CallSignalled {
            Optional<CallOutcome> waits = notYet(run, call, work);
            if (waits.isPresent()) {
                return waits.get();
            }
            long wait = TimeUnit.MILLISECONDS.toNanos(work.dueAt() - clock.millis());
            if (wait <= 0) {
                return null;
            }
            long left = endsAtNanos - nanoTime.getAsLong();
            if (left > 0) {
                // Whoever waits for a vendor's work takes no place from those that wait for the vendor itself.
                run.leavePlace();
                run.waiting(() -> {
                    TimeUnit.NANOSECONDS.sleep(Math.min(wait, left));
                    return true;
                });
            }
            if (wait > left) {
                return handedOver(run, call, work);
            }
            return switch (placement.takePlace(run, call, call.deadline() - clock.millis())) {
                case Placement.Place.Taken() -> null;
                case Placement.Place.Full(var _) -> handedOver(run, call, work);
                case Placement.Place.TooLate() -> Errors.deadlineOfWork();
            };
        }

        /** Asks after the work; the outcome, or null where it is not done yet. */
        private @Nullable CallOutcome ask() throws InterruptedException, CallSignalled {
            Operation.Poll poll = operation.poll();
            ResponseKind kind = operation.download() == null ? ref.tool().response() : ResponseKind.JSON;
            ToolRef step = ref.step(ref.tool().step(poll.request(), kind));
            switch (vendor.fetch(run, call, step, connection, arguments.with(work.taken()), call.lane())) {
                case Fetched.Ended(CallOutcome outcome) -> {
                    return ended(outcome);
                }
                case Fetched.Later(Duration delay, int _) -> {
                    return askLater(delay);
                }
                case Fetched.Page(Verdict.Success success, KnownConnection accepted, Exchange.Reply reply) -> {
                    connection = accepted;
                    WorkAnswer answer = answer(ref, reply);
                    VendorError failure = answer.failure(poll);
                    if (failure != null) {
                        return Errors.ofVendor(failure, false, null);
                    }
                    if (!answer.isDone(poll)) {
                        work = work.due(
                                clock.millis() + LongWork.wait(poll, answer).toMillis());
                        return null;
                    }
                    return done(success, answer);
                }
            }
        }

        private @Nullable CallOutcome done(Verdict.Success success, WorkAnswer answer)
                throws InterruptedException, CallSignalled {
            Operation.Download download = operation.download();
            if (download == null) {
                return result(success);
            }
            Map<String, String> values = new HashMap<>(work.taken());
            switch (answer.take(operation.poll().values())) {
                case Taken.Wrong(VendorError error) -> {
                    return accepted(ref.tool(), Errors.ofVendor(error, false, null));
                }
                case Taken.Whole(Map<String, String> more) -> values.putAll(more);
            }
            ToolRef step = ref.step(ref.tool().step(download.request(), download.response()));
            return switch (vendor.fetch(run, call, step, connection, arguments.with(values), call.lane())) {
                case Fetched.Ended(CallOutcome outcome)
                when hasLinkEnded(outcome, download, values) && !askedAnew -> {
                    askedAnew = true;
                    yield ask();
                }
                case Fetched.Ended(CallOutcome outcome) -> ended(outcome);
                case Fetched.Later(Duration delay, int _) -> askLater(delay);
                case Fetched.Page(Verdict.Success fetched, KnownConnection _, var _) -> result(fetched);
            };
        }

        /** Null, as {@link #ask}: the loop waits for the new due time wherever that is best. */
        private @Nullable CallOutcome askLater(Duration delay) {
            work = work.due(clock.millis() + delay.toMillis());
            return null;
        }

        /** Whether another server no longer takes a link that the answer to the next question gives anew. */
        private boolean hasLinkEnded(CallOutcome outcome, Operation.Download download, Map<String, String> values) {
            RequestTemplate.Link link = download.request().link();
            return link != null
                    && outcome instanceof Failure(CallError error)
                    && LinkedAnswers.isEnded(error.vendorStatus())
                    && !String.valueOf(values.get(link.value())).startsWith("/")
                    && operation.poll().values().stream()
                            .anyMatch(value -> value.name().equals(link.value()));
        }

        /** A vendor that fails for a while does not end what it has taken on: it is asked again later. */
        private @Nullable CallOutcome ended(CallOutcome outcome) {
            if (!(outcome instanceof Failure(CallError error))) {
                return outcome;
            }
            if (!error.retryable() || error.code() == ErrorCode.DEADLINE_EXCEEDED) {
                return accepted(ref.tool(), new Failure(error));
            }
            if (call.deadline() <= clock.millis()) {
                return Errors.deadlineOfWork();
            }
            Instant due = nextQuestion(operation, error);
            if (due.toEpochMilli() >= call.deadline()) {
                return accepted(ref.tool(), new Failure(error));
            }
            work = work.due(due.toEpochMilli());
            return null;
        }

        private CallOutcome result(Verdict.Success answer) {
            try {
                String content = views.content(call, ref.tool(), arguments, answer);
                return new Result(content, answer.contentType(), null, answer.records(), 1);
            } catch (UnmappableException unmappable) {
                return accepted(ref.tool(), Errors.unmappable(unmappable));
            }
        }
    }
}
