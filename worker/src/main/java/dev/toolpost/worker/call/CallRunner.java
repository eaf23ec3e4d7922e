package dev.toolpost.worker.call;

import dev.toolpost.connectors.ConnectorSource;
import dev.toolpost.connectors.Tool;
import dev.toolpost.connectors.ToolRef;
import dev.toolpost.schemas.ErrorCode;
import dev.toolpost.schemas.HeaderNames;
import dev.toolpost.schemas.RegistryUnavailableException;
import dev.toolpost.worker.call.ArgumentReader.Reading.Right;
import dev.toolpost.worker.call.ArgumentReader.Reading.Wrong;
import dev.toolpost.worker.call.CallOutcome.DeadLetter;
import dev.toolpost.worker.call.CallOutcome.Dropped;
import dev.toolpost.worker.call.CallOutcome.Ending;
import dev.toolpost.worker.call.CallOutcome.Failure;
import dev.toolpost.worker.call.CallOutcome.Silent;
import dev.toolpost.worker.call.CallOutcome.Turn;
import dev.toolpost.worker.call.KnownConnections.Lookup.Found;
import dev.toolpost.worker.call.KnownConnections.Lookup.Missing;
import dev.toolpost.worker.call.Reading.Answerable;
import dev.toolpost.worker.call.Reading.Arrived;
import dev.toolpost.worker.call.Reading.Unreadable;
import dev.toolpost.worker.call.WriteGate.Gate;
import dev.toolpost.worker.ownership.PoolTopics;
import dev.toolpost.worker.reply.CallError;
import dev.toolpost.worker.reply.ReplyRoute;
import dev.toolpost.worker.reply.ReplyRoutes;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The way of a call through a worker. Thread-safe; every call runs on a virtual thread of its own. */
final class CallRunner {

    private static final Logger log = LoggerFactory.getLogger(CallRunner.class);
    private static final long TRY_AGAIN_MILLIS = 500;

    private final PoolTopics topics;
    private final CallReader reader;
    private final ConnectorSource connectors;
    private final Placement placement;
    private final ReplyRoutes routes;
    private final KnownConnections connections;
    private final ArgumentReader arguments;
    private final WriteGate writes;
    private final VendorCall vendor;
    private final Traversal traversal;
    private final LongWork work;
    private final CallEnd end;
    private final InstantSource clock;

    CallRunner(
            PoolTopics topics,
            CallReader reader,
            ConnectorSource connectors,
            Placement placement,
            ReplyRoutes routes,
            KnownConnections connections,
            ArgumentReader arguments,
            WriteGate writes,
            VendorCall vendor,
            Traversal traversal,
            LongWork work,
            CallEnd end,
            InstantSource clock) {
        this.topics = topics;
        this.reader = reader;
        this.connectors = connectors;
        this.placement = placement;
        this.routes = routes;
        this.connections = connections;
        this.arguments = arguments;
        this.writes = writes;
        this.vendor = vendor;
        this.traversal = traversal;
        this.work = work;
        this.end = end;
        this.clock = clock;
    }

    /** Carries a delivered record to its end; never throws. */
    void run(RunningCall run) {
        CallOutcome outcome;
        try {
            outcome = carry(run);
        } catch (CallSignalled signalled) {
            outcome = switch (signalled.signal()) {
                case DROP -> new Dropped();
                case CANCEL -> hasBegun(run.call()) ? Errors.cancelledWork() : Errors.cancelled();
                case HAND_OVER -> placement.toResume(run);
            };
        } catch (InterruptedException stopped) {
            outcome = new Dropped();
        } catch (RuntimeException | Error bug) {
            log.error(
                    "A call failed inside Toolpost: {} at {} offset {}",
                    run.call(),
                    run.delivery().partition(),
                    run.delivery().offset(),
                    bug);
            outcome = run.mayHaveWritten() ? Errors.interrupted() : bug(run.call(), bug);
        }
        end.end(run, inTurn(run.call(), weighed(run, outcome)));
    }

    private static boolean hasBegun(@Nullable Call call) {
        return call != null && call.progress().work() != null;
    }

    /** Sent again, the same call would begin anew what its vendor has taken on. */
    private static Failure bug(@Nullable Call call, Throwable bug) {
        Failure failure = Errors.bug(bug);
        return hasBegun(call) ? new Failure(failure.error().finalForThisCall()) : failure;
    }

    /** A failure between the turns of a traversal ends it as one within a turn does: after the frames that are out. */
    private static CallOutcome inTurn(@Nullable Call call, CallOutcome outcome) {
        if (call == null || !call.traverses() || !(outcome instanceof Failure(CallError error))) {
            return outcome;
        }
        return new Turn(
                List.of(),
                new Ending.Broken(
                        error, call.progress().pages(), call.progress().cursor()));
    }

    /** A failure before the journal was asked, set against what it says: an earlier owner may have started the write. */
    private CallOutcome weighed(RunningCall run, CallOutcome outcome) {
        Call call = run.call();
        ToolRef tool = run.tool();
        if (call == null
                || tool == null
                || !(outcome instanceof Failure failure)
                || failure.error().code() == ErrorCode.CALL_CONFLICT
                || run.write() != null
                || !writes(call, tool)) {
            return outcome;
        }
        try {
            return writes.failedBefore(
                    run,
                    call,
                    tool,
                    arguments.read(call, tool) instanceof Right(Arguments right) ? right : null,
                    failure);
        } catch (InterruptedException stopped) {
            return new Dropped();
        }
    }

    private static boolean writes(Call call, ToolRef tool) {
        return !tool.tool().effect().readsOnly() && !call.message().getDryRun();
    }

    /** The whole way of a call, top to bottom. */
    private CallOutcome carry(RunningCall run) throws InterruptedException, CallSignalled {
        Reading reading = patiently(run, () -> reader.read(run.delivery().message(), topics));
        Call read;
        switch (reading) {
            case Unreadable(String cause, String detail) -> {
                return new DeadLetter(cause, detail);
            }
            case Arrived arrived -> read = run.identify(run.goesOn(arrived.call(), clock.millis()));
        }

        ToolRef tool = run.begins(connectors.current().byTool(read.message().getTool()));
        Call call = tool == null ? read : run.identify(settled(read, tool.tool()));
        if (tool != null && !(reading instanceof Answerable)) {
            Optional<CallOutcome> elsewhere = patiently(run, () -> placement.elsewhere(run, call, tool.connector()));
            if (elsewhere.isPresent()) {
                return elsewhere.get();
            }
        }
        Optional<CallOutcome> unroutable = patiently(run, () -> route(run, call));
        if (unroutable.isPresent()) {
            return unroutable.get();
        }
        if (reading instanceof Answerable(Call ignored, CallError error)) {
            return refused(call, new Failure(error));
        }
        if (tool == null) {
            return refused(call, Errors.unknownTool(call, connectors.current()));
        }

        if (call.isCancel()) {
            return run.shard().cancel(call.cancelKey(), call.deadline(), clock.millis())
                    ? new Silent()
                    : new CallOutcome.Recalls(call.cancelKey());
        }
        if (isFetch(call) && !tool.tool().effect().readsOnly()) {
            return Errors.jobThatWrites(call);
        }
        Work begun = call.progress().work();
        if (run.shard().registerForCancel(run, call.cancelKey()) || isRecalled(run)) {
            return begun == null ? Errors.cancelled() : Errors.cancelledWork();
        }
        if (begun == null && !run.hasTicket()) {
            Optional<CallOutcome> waits = placement.awaitsTime(run, call, clock.millis());
            if (waits.isPresent()) {
                return waits.get();
            }
        }
        if (begun != null) {
            Optional<CallOutcome> waits = work.notYet(run, call, begun);
            if (waits.isPresent()) {
                return waits.get();
            }
        }
        switch (placement.takePlace(run, call, call.deadline() - clock.millis())) {
            case Placement.Place.Taken() -> {}
            case Placement.Place.Full(CallOutcome waits) -> {
                return waits;
            }
            case Placement.Place.TooLate() -> {
                return begun == null ? Errors.deadlineExceeded(call, clock.millis()) : Errors.deadlineOfWork();
            }
        }

        KnownConnection connection;
        switch (connections.find(call, tool.connector())) {
            case Missing(Failure failure) -> {
                return begun == null ? failure : work.later(run, call, tool.tool(), begun, failure);
            }
            case Found(KnownConnection known) -> connection = known;
        }
        Arguments checked;
        switch (arguments.read(call, tool)) {
            case Wrong(Failure failure) -> {
                return failure;
            }
            case Right(Arguments right) -> checked = right;
        }
        if (writes(call, tool)) {
            patiently(run, writes::ready);
            switch (patiently(run, () -> writes.pass(run, call, tool, checked))) {
                case Gate.Closed(CallOutcome outcome) -> {
                    return outcome;
                }
                case Gate.Open(StartedWrite write) -> run.writes(write);
            }
        }
        if (begun != null && tool.tool().operation() == null) {
            return Errors.workWithoutDefinition(call);
        }
        if (tool.tool().operation() != null && !call.message().getDryRun()) {
            return work.carry(run, call, tool, connection, checked);
        }
        return call.traverses() && !call.message().getDryRun()
                ? traversal.turn(run, call, tool, connection, checked)
                : vendor.make(run, call, tool, connection, checked);
    }

    private Call settled(Call read, Tool tool) {
        boolean single = read.part() != null && read.traverses() && tool.paging() == null;
        return work.settled(single ? read.asSingle() : read, tool);
    }

    private static boolean isFetch(Call call) {
        JobPart part = call.part();
        return part != null && !part.answersErrors();
    }

    /** Whether the scheduler delivered it before its time, since it was cancelled. */
    private boolean isRecalled(RunningCall run) {
        return run.delivery().partition().topic().equals(topics.resume())
                && run.delivery().message().headers().lastHeader(HeaderNames.RECALLED) != null;
    }

    /** A bad cancel is not answered: under the id of the call that was meant, it would be taken for that call's end. */
    private static CallOutcome refused(Call call, Failure failure) {
        return call.isCancel() ? new DeadLetter("bad-cancel", failure.error().message()) : failure;
    }

    /** Where the answer goes: nothing else can be said before that is known. */
    private Optional<CallOutcome> route(RunningCall run, Call call) throws InterruptedException {
        return switch (routes.find(call.message().getReplyTo(), call.message().getReplyPartition())) {
            case ReplyRoute.Open open -> {
                run.answerTo(open);
                yield Optional.empty();
            }
            case ReplyRoute.WrongPartition(ReplyRoute.Open open, String problem) -> {
                run.answerTo(open);
                yield Optional.of(Errors.failure(ErrorCode.INVALID_CALL, problem, null));
            }
            case ReplyRoute.Closed(String reason) -> Optional.of(new DeadLetter("reply-to", reason));
        };
    }

    /** A step that needs broker or registry: while they cannot be reached the call waits, for as long as its shard is owned. */
    private static <T> T patiently(RunningCall run, RunningCall.Wait<T> step)
            throws InterruptedException, CallSignalled {
        boolean told = false;
        while (true) {
            try {
                return step.run();
            } catch (RegistryUnavailableException | KafkaException unreachable) {
                if (!told) {
                    told = true;
                    log.warn(
                            "A call waits for {}: {}",
                            unreachable.getClass().getSimpleName(),
                            unreachable.getMessage());
                }
            }
            run.waiting(() -> {
                TimeUnit.MILLISECONDS.sleep(TRY_AGAIN_MILLIS);
                return true;
            });
        }
    }
}
