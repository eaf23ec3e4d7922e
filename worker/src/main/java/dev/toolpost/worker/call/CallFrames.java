package dev.toolpost.worker.call;

import dev.toolpost.message.Stats;
import dev.toolpost.worker.call.CallOutcome.Answer;
import dev.toolpost.worker.call.CallOutcome.Bytes;
import dev.toolpost.worker.call.CallOutcome.Ending;
import dev.toolpost.worker.call.CallOutcome.Failure;
import dev.toolpost.worker.call.CallOutcome.PageFrame;
import dev.toolpost.worker.call.CallOutcome.Result;
import dev.toolpost.worker.call.CallOutcome.Turn;
import dev.toolpost.worker.call.Onward.Published;
import dev.toolpost.worker.classify.PageRecords;
import dev.toolpost.worker.reply.CallError;
import dev.toolpost.worker.reply.ReplyRoute;
import dev.toolpost.worker.reply.ReplyWriter;
import dev.toolpost.worker.reply.ReplyWriter.Envelope;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/** Makes the records that an outcome publishes: frames, split where their topic takes no larger ones, and hand-overs. Thread-safe. */
final class CallFrames {

    private static final String JSON = "application/json";

    /** For numbers that grow, headers, and what the broker adds. */
    private static final int FRAME_MARGIN = 2_048;

    private final ReplyWriter replies;
    private final Onward onward;
    private final Placement placement;
    private final InstantSource clock;

    CallFrames(ReplyWriter replies, Onward onward, Placement placement, InstantSource clock) {
        this.replies = replies;
        this.onward = onward;
        this.placement = placement;
        this.clock = clock;
    }

    /** What the only frame of an answer says beside its content. */
    Envelope envelope(RunningCall run, Answer answer) {
        return switch (answer) {
            case Result result -> envelope(run, 0, true, result.pages(), result.records());
            case Bytes _ -> envelope(run, 0, true, 1, 0);
            case Failure _ -> envelope(run, 0, true, 0, 0);
        };
    }

    private Envelope envelope(RunningCall run, int frame, boolean last, int pages, long records) {
        Call call = run.settledCall();
        long now = clock.millis();
        Stats stats = new Stats();
        stats.setAttempts(run.attempts());
        stats.setPages(pages);
        stats.setRecords(records);
        stats.setWaitedMs(run.waitedMillis());
        stats.setVendorMs(run.vendorMillis());
        JobPart part = call.part();
        stats.setPart(part == null ? null : Integer.valueOf(part.number()));
        stats.setTotalMs(Math.max(0, now - call.appendedAt()));
        return new Envelope(call.id(), frame, last, call.format(), call.replyHeaders(), stats, now);
    }

    /** The frames of what is too large for one: each holds a piece that can be decoded alone. */
    List<ProducerRecord<byte[], byte[]>> of(RunningCall run, Bytes answer) {
        ReplyRoute.Open route = run.route();
        String base64 = answer.base64().substring(1, answer.base64().length() - 1);
        int empty = replies.result(envelope(run, 0, true, 1, 0), route, "\"\"", answer.contentType(), null).length;
        int piece = Math.max(4, (route.maxMessageBytes() - empty - FRAME_MARGIN) / 4 * 4);
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        for (int from = 0; from < base64.length(); from += piece) {
            int to = Math.min(base64.length(), from + piece);
            Envelope envelope = envelope(run, records.size(), to == base64.length(), 1, 0);
            byte[] frame =
                    replies.result(envelope, route, '"' + base64.substring(from, to) + '"', answer.contentType(), null);
            records.add(ReplyWriter.message(route, envelope, frame));
        }
        return records;
    }

    /** The frames of a turn, its continuation where it has one, and what a job is told of it. */
    List<ProducerRecord<byte[], byte[]>> of(RunningCall run, Turn turn) {
        Writing writing = new Writing(run, turn);
        for (int i = 0; i < turn.frames().size(); i++) {
            PageFrame frame = turn.frames().get(i);
            Ending.Complete end = i + 1 == turn.frames().size() && turn.ending() instanceof Ending.Complete complete
                    ? complete
                    : null;
            if (!writing.page(frame, 0, frame.records().size(), end)) {
                return writing.records;
            }
        }
        switch (turn.ending()) {
            case Ending.Continues(Progress reached) -> writing.goesOn(reached.withFrame(writing.number));
            case Ending.Complete complete -> {
                if (turn.frames().isEmpty()) {
                    writing.empty(complete);
                }
                writing.complete();
            }
            case Ending.Broken(CallError error, int pages, String nextCursor) ->
                writing.error(error, pages, nextCursor);
        }
        return writing.records;
    }

    /** The frames of one turn as they are written. */
    private final class Writing {

        private final RunningCall run;
        private final ReplyRoute.Open route;
        private final List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        private final @Nullable JobPart part;
        private final int pagesOfTurn;
        private int number;
        private long recordsWritten;
        private long bytesWritten;

        Writing(RunningCall run, Turn turn) {
            this.run = run;
            this.route = run.route();
            this.part = run.settledCall().part();
            Progress before = run.settledCall().progress();
            this.number = before.frame();
            int reached = switch (turn.ending()) {
                case Ending.Continues(Progress progress) -> progress.pages();
                case Ending.Complete(int pages, var _) -> pages;
                case Ending.Broken(var _, int pages, var _) -> pages;
            };
            this.pagesOfTurn = Math.max(0, reached - before.pages());
        }

        /** Writes records of a page, in as many frames as it takes; false where one fits into none, which ends the call. */
        boolean page(PageFrame page, int from, int to, Ending.@Nullable Complete end) {
            PageRecords slice = page.records().part(from, to);
            Envelope envelope = envelope(run, number, end != null, page.pages(), slice.size());
            byte[] frame = replies.result(envelope, route, slice.array(), JSON, end == null ? null : end.nextCursor());
            if (ReplyWriter.fits(route, envelope, frame)) {
                recordsWritten += slice.size();
                add(envelope, frame);
                return true;
            }
            if (slice.size() == 1) {
                CallError tooLarge = Errors.recordTooLarge(frame.length, route.maxMessageBytes(), route.topic())
                        .error();
                error(tooLarge, page.pages(), page.cursorBehind().apply(to));
                return false;
            }
            int half = from + slice.size() / 2;
            return page(page, from, half, null) && page(page, half, to, end);
        }

        void empty(Ending.Complete end) {
            Envelope envelope = envelope(run, number, true, end.pages(), 0);
            add(envelope, replies.result(envelope, route, "[]", JSON, end.nextCursor()));
        }

        void goesOn(Progress reached) {
            if (part != null) {
                records.add(onward.partProgress(run, part, published(), reached.cursor()));
            }
            long now = clock.millis();
            records.add(onward.moved(
                    run,
                    reached.notBefore() > now
                            ? placement.later(run, reached, now, Duration.ofMillis(reached.notBefore() - now))
                            : placement.continued(run, reached)));
        }

        void complete() {
            if (part != null) {
                records.add(onward.partDone(run, part, published()));
            }
        }

        private Published published() {
            return new Published(recordsWritten, pagesOfTurn, bytesWritten, number);
        }

        void error(CallError error, int pages, @Nullable String nextCursor) {
            if (part != null) {
                if (part.answersErrors()) {
                    errorFrame(error, pages, nextCursor);
                }
                records.add(onward.partFailed(run, part, published(), error, nextCursor));
            } else {
                errorFrame(error, pages, nextCursor);
            }
        }

        private void errorFrame(CallError error, int pages, @Nullable String nextCursor) {
            Envelope envelope = envelope(run, number, true, pages, 0);
            byte[] frame = replies.error(envelope, route, error, nextCursor);
            add(
                    envelope,
                    ReplyWriter.fits(route, envelope, frame)
                            ? frame
                            : replies.error(envelope, route, error.withoutVendorBody(), nextCursor));
        }

        private void add(Envelope envelope, byte[] frame) {
            records.add(ReplyWriter.message(route, envelope, frame));
            bytesWritten += frame.length;
            number++;
        }
    }
}
