package dev.toolpost.worker.call;

import dev.toolpost.message.StateEntry;
import dev.toolpost.schemas.DeadLetters;
import dev.toolpost.schemas.ErrorCode;
import dev.toolpost.schemas.Lane;
import dev.toolpost.schemas.RegistryUnavailableException;
import dev.toolpost.worker.call.CallOutcome.Answer;
import dev.toolpost.worker.call.CallOutcome.Bytes;
import dev.toolpost.worker.call.CallOutcome.DeadLetter;
import dev.toolpost.worker.call.CallOutcome.Dropped;
import dev.toolpost.worker.call.CallOutcome.Ending;
import dev.toolpost.worker.call.CallOutcome.Failure;
import dev.toolpost.worker.call.CallOutcome.HandedOver;
import dev.toolpost.worker.call.CallOutcome.PageFrame;
import dev.toolpost.worker.call.CallOutcome.Recalls;
import dev.toolpost.worker.call.CallOutcome.Recorded;
import dev.toolpost.worker.call.CallOutcome.Result;
import dev.toolpost.worker.call.CallOutcome.Silent;
import dev.toolpost.worker.call.CallOutcome.Turn;
import dev.toolpost.worker.call.CallOutcome.Waits;
import dev.toolpost.worker.call.CallSignalled.Signal;
import dev.toolpost.worker.commit.CommitUnit;
import dev.toolpost.worker.commit.Committer;
import dev.toolpost.worker.commit.RecordRefusedException;
import dev.toolpost.worker.metrics.PoolMeters;
import dev.toolpost.worker.reply.CallError;
import dev.toolpost.worker.reply.ReplyRoute;
import dev.toolpost.worker.reply.ReplyRoutes;
import dev.toolpost.worker.reply.ReplyWriter;
import dev.toolpost.worker.reply.ReplyWriter.Envelope;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes an outcome true. The reply of an interactive read goes out at once and its offset follows; everything else
 * (the reply of a write with its journal entry, the frames of a turn, a hand-over, a dead letter) goes in one transaction with its offset.
 * Thread-safe.
 */
final class CallEnd {

    private static final Logger log = LoggerFactory.getLogger(CallEnd.class);
    private static final long TRY_AGAIN_MILLIS = 300;

    /** A topic that is not found may only be out of sight; every try holds up the transaction that others share. */
    private static final int MOST_PUBLISHED_AGAIN = 2;

    private final Committer committer;
    private final ReplyWriter replies;
    private final ReplyRoutes routes;
    private final DeadLetters deadLetters;
    private final CallFrames frames;
    private final Onward onward;
    private final CallSettings settings;
    private final PoolMeters meters;
    private final Departures departures;
    private final InstantSource clock;

    /** Told once for every run, when it is over. */
    interface Departures {
        /** Nothing of the call is left in this worker. */
        void ended(RunningCall run);

        /** Its record is, and goes on later. */
        void waits(RunningCall run, Waits until, @Nullable Signal signalled);
    }

    CallEnd(
            Committer committer,
            ReplyWriter replies,
            ReplyRoutes routes,
            DeadLetters deadLetters,
            CallFrames frames,
            Onward onward,
            CallSettings settings,
            PoolMeters meters,
            Departures departures,
            InstantSource clock) {
        this.committer = committer;
        this.replies = replies;
        this.routes = routes;
        this.deadLetters = deadLetters;
        this.frames = frames;
        this.onward = onward;
        this.settings = settings;
        this.meters = meters;
        this.departures = departures;
        this.clock = clock;
    }

    /** Publishes what follows from an outcome; what cannot be published becomes a dead letter. Never throws. */
    void end(RunningCall run, CallOutcome decided) {
        Signal signalled = run.decided();
        if (decided instanceof Waits until) {
            endWrite(run);
            departures.waits(run, until, signalled);
            return;
        }
        CallOutcome outcome = cancelled(decided, signalled);
        count(run, outcome);
        boolean told = false;
        while (run.delivery().shard().mayCommit()) {
            try {
                publish(run, outcome, signalled);
                return;
            } catch (RegistryUnavailableException unreachable) {
                if (!told) {
                    told = true;
                    log.warn(
                            "The outcome of call {} waits for the schema registry: {}",
                            run.call(),
                            unreachable.getMessage());
                }
                if (!pause()) {
                    break;
                }
            } catch (RuntimeException bug) {
                log.error("The outcome of call {} cannot be published", run.call(), bug);
                bury(run, "internal", "the outcome cannot be published: " + bug.getMessage());
                return;
            }
        }
        leave(run);
    }

    /** A cancel that came in the last exchange of a turn ends the traversal there: the next turn would not hear of it. */
    private static CallOutcome cancelled(CallOutcome outcome, @Nullable Signal signal) {
        if (signal == Signal.CANCEL
                && outcome instanceof HandedOver handedOver
                && handedOver.resumption().getTaken() != null) {
            return Errors.cancelledWork();
        }
        return signal == Signal.CANCEL
                        && outcome instanceof Turn(List<PageFrame> frames, Ending.Continues(Progress reached))
                ? new Turn(
                        frames,
                        new Ending.Broken(
                                Errors.cancelledAfter(reached.pages(), reached.records())
                                        .error(),
                                reached.pages(),
                                reached.cursor()))
                : outcome;
    }

    /** Counts what ends here; what goes on elsewhere is counted there. */
    private void count(RunningCall run, CallOutcome outcome) {
        Call call = run.call();
        Lane lane = call == null ? Lane.INTERACTIVE : call.lane();
        String code = switch (outcome) {
            case Result _, Bytes _, Recorded _, Turn(var _, Ending.Complete _) -> "OK";
            case Failure(CallError error) -> error.code().name();
            case Turn(var _, Ending.Broken(CallError error, int _, var _)) ->
                error.code().name();
            case DeadLetter _ -> "DEAD_LETTER";
            case Turn(var _, Ending.Continues _), HandedOver _, Recalls _, Waits _, Dropped _, Silent _ -> null;
        };
        if (code == null) {
            return;
        }
        if (outcome instanceof DeadLetter) {
            meters.passed(lane, code);
        } else {
            meters.ended(lane, code, run.waitedMillis());
        }
    }

    private void publish(RunningCall run, CallOutcome outcome, @Nullable Signal signalled) {
        switch (outcome) {
            case Dropped() -> leave(run);
            case Silent() -> commit(run, List.of(), null);
            case Recalls(String deferral) -> commit(run, List.of(onward.recall(run, deferral)), null);
            case DeadLetter(String cause, String detail) -> bury(run, cause, detail);
            case HandedOver handedOver -> handOver(run, handedOver, signalled);
            case Recorded(List<byte[]> recorded) -> repeat(run, recorded);
            case Answer answer -> answer(run, answer);
            case Turn turn -> endTurn(run, turn);
            case Waits _ -> throw new IllegalStateException("a call that waits has nothing to publish");
        }
    }

    private static boolean pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(TRY_AGAIN_MILLIS);
            return true;
        } catch (InterruptedException stopped) {
            return false;
        }
    }

    private void answer(RunningCall run, Answer answer) {
        JobPart part = run.settledCall().part();
        if (part != null && !part.answersErrors() && answer instanceof Failure(CallError error)) {
            commit(run, List.of(failed(run, part, error)), null);
            return;
        }
        ReplyRoute.Open route = run.route();
        Envelope envelope = frames.envelope(run, answer);
        byte[] frame = frame(envelope, route, answer);
        Answer said = answer;
        if (!ReplyWriter.fits(route, envelope, frame)) {
            if (answer instanceof Bytes bytes && run.write() == null) {
                // Pieces of two runs must not mix, so they go out like the frames of a turn.
                List<ProducerRecord<byte[], byte[]>> pieces = frames.of(run, bytes);
                commitReply(run, route, toldOf(run, answer, pieces), null);
                return;
            }
            said = Errors.resultTooLarge(frame.length, route.maxMessageBytes(), route.topic());
            if (part != null && !part.answersErrors() && said instanceof Failure(CallError error)) {
                commit(run, List.of(failed(run, part, error)), null);
                return;
            }
            frame = frame(envelope, route, said);
        }
        ProducerRecord<byte[], byte[]> reply = ReplyWriter.message(route, envelope, frame);
        StartedWrite write = run.write();
        if (write == null && part == null) {
            send(run, reply);
            return;
        }
        if (write == null) {
            commitReply(run, route, toldOf(run, said, List.of(reply)), null);
            return;
        }
        run.goesToVendor(run.atVendorUntilNanos());
        StateEntry entry = journalEntry(run, write, answer, frame);
        List<ProducerRecord<byte[], byte[]>> records =
                entry == null ? List.of(reply) : List.of(write.record(entry), reply);
        commitReply(run, route, toldOf(run, said, records), entry);
    }

    /** The frames of an answer, and with them what a job is told of it. */
    private List<ProducerRecord<byte[], byte[]>> toldOf(
            RunningCall run, Answer answer, List<ProducerRecord<byte[], byte[]>> records) {
        JobPart part = run.settledCall().part();
        if (part == null) {
            return records;
        }
        List<ProducerRecord<byte[], byte[]>> told = new ArrayList<>(records);
        told.add(
                switch (answer) {
                    case Result result ->
                        onward.partDone(
                                run,
                                part,
                                new Onward.Published(
                                        Math.max(1, result.records()),
                                        result.pages(),
                                        result.content().length(),
                                        1));
                    case Bytes bytes ->
                        onward.partDone(
                                run,
                                part,
                                new Onward.Published(1, 1, bytes.base64().length(), records.size()));
                    case Failure(CallError error) -> failed(run, part, error);
                });
        return told;
    }

    private ProducerRecord<byte[], byte[]> failed(RunningCall run, JobPart part, CallError error) {
        Call call = run.settledCall();
        return onward.partFailed(
                run,
                part,
                Onward.Published.nothing(call),
                error,
                call.progress().cursor());
    }

    private byte[] frame(Envelope envelope, ReplyRoute.Open route, Answer answer) {
        return switch (answer) {
            case Result result ->
                replies.result(envelope, route, result.content(), result.contentType(), result.nextCursor());
            case Bytes(String base64, String contentType) -> replies.result(envelope, route, base64, contentType, null);
            case Failure(CallError error) -> replies.error(envelope, route, error, null);
        };
    }

    /** What the journal keeps; null where the same write may simply be tried again and nothing was started. */
    private @Nullable StateEntry journalEntry(RunningCall run, StartedWrite write, Answer answer, byte[] frame) {
        List<byte[]> kept = frame.length <= settings.recordedReplyMaxBytes() ? List.of(frame) : List.of();
        return switch (answer) {
            case Result _, Bytes _ -> write.done(null, kept);
            case Failure(CallError error) -> {
                if (write.goesOn()) {
                    yield write.done(error.code().name(), kept);
                }
                if (error.retryable() || (run.attempts() == 0 && !write.wasInterrupted())) {
                    yield write.isOpen() ? write.untouched(run.attempts()) : null;
                }
                yield write.done(error.code().name(), kept);
            }
        };
    }

    /** The frames of a turn and what comes after them, in one transaction with the offset that they finish. */
    private void endTurn(RunningCall run, Turn turn) {
        List<ProducerRecord<byte[], byte[]>> records = frames.of(run, turn);
        commitReply(run, run.route(), records, null);
    }

    private void repeat(RunningCall run, List<byte[]> recorded) {
        ReplyRoute.Open route = run.route();
        Envelope envelope = frames.envelope(run, Errors.cancelled());
        List<ProducerRecord<byte[], byte[]>> records = recorded.stream()
                .map(frame -> ReplyWriter.message(route, envelope, replies.readdress(envelope, route, frame)))
                .toList();
        JobPart part = run.settledCall().part();
        if (part != null) {
            records = new ArrayList<>(records);
            records.add(onward.partDone(run, part, new Onward.Published(1, 1, 0, recorded.size())));
        }
        commitReply(run, route, records, null);
    }

    /** A reply in a transaction that others share: one for a topic that is gone would hold them all up. */
    private void commitReply(
            RunningCall run,
            ReplyRoute.Open route,
            List<ProducerRecord<byte[], byte[]>> records,
            @Nullable StateEntry entry) {
        String closed = closedMeanwhile(route);
        if (closed == null) {
            commit(run, records, entry);
        } else {
            buryReply(run, closed, entry);
        }
    }

    /** Why the route is no longer open, or null. */
    private @Nullable String closedMeanwhile(ReplyRoute.Open route) {
        try {
            return switch (routes.recheck(route)) {
                case ReplyRoute.Open open -> null;
                case ReplyRoute.WrongPartition(ReplyRoute.Open open, String problem) -> problem;
                case ReplyRoute.Closed(String reason) -> reason;
            };
        } catch (KafkaException unreachable) {
            return null;
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return null;
        }
    }

    private void handOver(RunningCall run, HandedOver handedOver, @Nullable Signal signalled) {
        StartedWrite write = run.write();
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        StateEntry entry =
                write == null || write.goesOn() || handedOver.resumption().getTaken() == null ? null : write.accepted();
        if (entry != null && write != null) {
            records.add(write.record(entry));
        }
        records.add(onward.moved(run, handedOver));
        String key = run.settledCall().cancelKey();
        if (signalled == Signal.CANCEL) {
            run.shard().remember(key, run.settledCall().deadline(), clock.millis());
        }
        // Whoever keeps it gives it back at once, behind the deferral and in its transaction.
        if (!handedOver.delay().isZero() && run.shard().isCancelled(key)) {
            records.add(onward.recall(run, key));
        }
        commit(run, records, entry);
    }

    private void bury(RunningCall run, String cause, String detail) {
        log.info(
                "Dead letter from {} offset {}: {} ({})",
                run.delivery().partition(),
                run.delivery().offset(),
                cause,
                detail);
        commit(run, buried(run, List.of(deadLetters.of(run.delivery().message(), cause, detail)), detail), null);
    }

    /** A dead letter of a part is its end: its job hears of it. */
    private List<ProducerRecord<byte[], byte[]>> buried(
            RunningCall run, List<ProducerRecord<byte[], byte[]>> records, String detail) {
        Call call = run.call();
        JobPart part = call == null || call.isCancel() ? null : call.part();
        if (part == null) {
            return records;
        }
        List<ProducerRecord<byte[], byte[]>> told = new ArrayList<>(records);
        told.add(failed(
                run,
                part,
                CallError.of(ErrorCode.INTERNAL, detail, "What could not be delivered is in the topic of dead letters.")
                        .finalForThisCall()));
        return told;
    }

    /** Publishes records together with the call's offset; how that ends is told to the unit's callback alone. */
    @SuppressWarnings("FutureReturnValueIgnored")
    private void commit(RunningCall run, List<ProducerRecord<byte[], byte[]>> records, @Nullable StateEntry entry) {
        CommitUnit unit = records.isEmpty()
                ? CommitUnit.done(
                        run.delivery().shard(),
                        run.delivery().partition(),
                        run.delivery().offset())
                : CommitUnit.done(
                        run.delivery().shard(),
                        run.delivery().partition(),
                        run.delivery().offset(),
                        records);
        unit.result().whenComplete((result, failure) -> {
            if (failure instanceof RecordRefusedException refused) {
                Thread.ofVirtual().start(() -> refused(run, refused, records, entry));
                return;
            }
            if (result instanceof CommitUnit.Result.Committed(RecordMetadata first) && run.write() != null) {
                run.write().end(entry, entry == null ? null : first);
            }
            leave(run);
        });
        committer.submit(unit);
    }

    /** The broker will not take a record of the unit: the reply gives way to an error, or to a dead letter. */
    private void refused(
            RunningCall run,
            RecordRefusedException refused,
            List<ProducerRecord<byte[], byte[]>> records,
            @Nullable StateEntry entry) {
        routes.forget(refused.topic());
        if (RecordRefusedException.isOfTheTopic(refused.getCause())
                && run.isPublishedAgain(MOST_PUBLISHED_AGAIN)
                && pause()) {
            commit(run, records, entry);
            return;
        }
        if (refused.topic().equals(deadLetters.topic())) {
            log.error(
                    "A dead letter cannot be written and its record at {} offset {} is passed over: {}",
                    run.delivery().partition(),
                    run.delivery().offset(),
                    refused.getMessage(),
                    refused);
            commit(run, List.of(), null);
            return;
        }
        buryReply(run, String.valueOf(refused.getMessage()), entry);
    }

    /** A write that nobody can be told of: the journal keeps how it ended, without the reply. */
    private void buryReply(RunningCall run, String why, @Nullable StateEntry entry) {
        ProducerRecord<byte[], byte[]> letter =
                deadLetters.of(run.delivery().message(), "reply-refused", "the reply could not be written: " + why);
        StartedWrite write = run.write();
        if (entry != null && write != null) {
            StateEntry small =
                    StateEntry.newBuilder(entry).setReplies(List.of()).build();
            commit(run, buried(run, List.of(write.record(small), letter), why), small);
        } else {
            commit(run, buried(run, List.of(letter), why), null);
        }
    }

    /** Sends the reply of a read at once; its offset follows the acknowledgement. */
    private void send(RunningCall run, ProducerRecord<byte[], byte[]> reply) {
        run.goesToVendor(run.atVendorUntilNanos());
        replies.send(reply, (sent, failure) -> {
            if (failure == null) {
                committer.submit(CommitUnit.done(
                        run.delivery().shard(),
                        run.delivery().partition(),
                        run.delivery().offset()));
                leave(run);
            } else {
                Thread.ofVirtual().start(() -> sendAgain(run, reply, failure));
            }
        });
    }

    private void sendAgain(RunningCall run, ProducerRecord<byte[], byte[]> reply, Exception failure) {
        routes.forget(reply.topic());
        if (RecordRefusedException.isOfTheRecord(failure)) {
            bury(
                    run,
                    "reply-refused",
                    "the reply could not be written to " + reply.topic() + ": " + failure.getMessage());
            return;
        }
        String closed = closedMeanwhile(run.route());
        if (closed != null) {
            bury(run, "reply-refused", "the reply could not be written to " + reply.topic() + ": " + closed);
            return;
        }
        log.warn("A reply to {} was not acknowledged and is sent again: {}", reply.topic(), failure.toString());
        if (!pause() || !run.delivery().shard().mayCommit()) {
            leave(run);
            return;
        }
        try {
            send(run, reply);
        } catch (RuntimeException broken) {
            log.error("The reply of call {} cannot be sent", run.call(), broken);
            bury(run, "internal", "the reply cannot be sent: " + broken.getMessage());
        }
    }

    private void leave(RunningCall run) {
        endWrite(run);
        departures.ended(run);
    }

    private static void endWrite(RunningCall run) {
        StartedWrite write = run.write();
        if (write != null) {
            write.end(null, null);
        }
    }
}
