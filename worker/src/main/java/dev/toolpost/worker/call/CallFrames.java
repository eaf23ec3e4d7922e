package dev.toolpost.worker.call;

import dev.toolpost.message.Resumption;
import dev.toolpost.message.Stats;
import dev.toolpost.schemas.HeaderNames;
import dev.toolpost.schemas.MessageCodec;
import dev.toolpost.worker.call.CallOutcome.Answer;
import dev.toolpost.worker.call.CallOutcome.Bytes;
import dev.toolpost.worker.call.CallOutcome.Ending;
import dev.toolpost.worker.call.CallOutcome.Failure;
import dev.toolpost.worker.call.CallOutcome.HandedOver;
import dev.toolpost.worker.call.CallOutcome.PageFrame;
import dev.toolpost.worker.call.CallOutcome.Result;
import dev.toolpost.worker.call.CallOutcome.Turn;
import dev.toolpost.worker.classify.PageRecords;
import dev.toolpost.worker.reply.CallError;
import dev.toolpost.worker.reply.ReplyRoute;
import dev.toolpost.worker.reply.ReplyWriter;
import dev.toolpost.worker.reply.ReplyWriter.Envelope;
import java.nio.charset.StandardCharsets;
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
    private final MessageCodec<Resumption> resumptions;
    private final Placement placement;
    private final CallSettings settings;
    private final InstantSource clock;

    CallFrames(
            ReplyWriter replies,
            MessageCodec<Resumption> resumptions,
            Placement placement,
            CallSettings settings,
            InstantSource clock) {
        this.replies = replies;
        this.resumptions = resumptions;
        this.placement = placement;
        this.settings = settings;
        this.clock = clock;
    }

    /** The record that moves a call. */
    ProducerRecord<byte[], byte[]> moved(RunningCall run, HandedOver handedOver) {
        ProducerRecord<byte[], byte[]> moved = new ProducerRecord<>(
                handedOver.topic(),
                handedOver.partition(),
                run.settledCall().connectionKey().getBytes(StandardCharsets.UTF_8),
                resumptions.encode(handedOver.topic(), handedOver.resumption(), settings.internalFormat()));
        if (handedOver.resumption().getHops() > 0) {
            moved.headers()
                    .add(
                            HeaderNames.FORWARDED,
                            Integer.toString(handedOver.resumption().getHops()).getBytes(StandardCharsets.UTF_8));
        }
        return moved;
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

    /** The frames of a turn, and its continuation where it has one. */
    List<ProducerRecord<byte[], byte[]>> of(RunningCall run, Turn turn) {
        Writing writing = new Writing(run);
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
            case Ending.Continues(Progress reached) ->
                writing.records.add(moved(run, placement.continued(run, reached.withFrame(writing.number))));
            case Ending.Complete complete -> {
                if (turn.frames().isEmpty()) {
                    writing.empty(complete);
                }
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
        private int number;

        Writing(RunningCall run) {
            this.run = run;
            this.route = run.route();
            this.number = run.settledCall().progress().frame();
        }

        /** Writes records of a page, in as many frames as it takes; false where one fits into none, which ends the call. */
        boolean page(PageFrame page, int from, int to, Ending.@Nullable Complete end) {
            PageRecords part = page.records().part(from, to);
            Envelope envelope = envelope(run, number, end != null, page.pages(), part.size());
            byte[] frame = replies.result(envelope, route, part.array(), JSON, end == null ? null : end.nextCursor());
            if (ReplyWriter.fits(route, envelope, frame)) {
                add(envelope, frame);
                return true;
            }
            if (part.size() == 1) {
                CallError tooLarge = Errors.recordTooLarge(frame.length, route.maxMessageBytes(), route.topic())
                        .error();
                error(tooLarge, page.pages(), page.cursorBehind().apply(to));
                return false;
            }
            int half = from + part.size() / 2;
            return page(page, from, half, null) && page(page, half, to, end);
        }

        void empty(Ending.Complete end) {
            Envelope envelope = envelope(run, number, true, end.pages(), 0);
            add(envelope, replies.result(envelope, route, "[]", JSON, end.nextCursor()));
        }

        void error(CallError error, int pages, @Nullable String nextCursor) {
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
            number++;
        }
    }
}
