package dev.toolpost.worker.call;

import dev.toolpost.connectors.View;
import dev.toolpost.message.Paging;
import dev.toolpost.message.Resumption;
import dev.toolpost.message.ToolCall;
import dev.toolpost.schemas.Decoded;
import dev.toolpost.schemas.ErrorCode;
import dev.toolpost.schemas.FieldProblem;
import dev.toolpost.schemas.Format;
import dev.toolpost.schemas.HeaderNames;
import dev.toolpost.schemas.Ids;
import dev.toolpost.schemas.InvalidMessageException;
import dev.toolpost.schemas.Lane;
import dev.toolpost.schemas.MalformedMessageException;
import dev.toolpost.schemas.MessageCodec;
import dev.toolpost.worker.ownership.PoolTopics;
import dev.toolpost.worker.reply.CallError;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.jspecify.annotations.Nullable;

/** Turns records into calls: decodes, settles identity and deadline, checks the fields that every call has. Thread-safe. */
final class CallReader {

    private final MessageCodec<ToolCall> calls;
    private final MessageCodec<Resumption> resumptions;
    private final CallSettings settings;
    private final InstantSource clock;

    /** @param clock against which it is counted how long a call waited to go on */
    CallReader(
            MessageCodec<ToolCall> calls,
            MessageCodec<Resumption> resumptions,
            CallSettings settings,
            InstantSource clock) {
        this.calls = calls;
        this.resumptions = resumptions;
        this.settings = settings;
        this.clock = clock;
    }

    /**
     * Reads a record.
     *
     * @throws dev.toolpost.schemas.RegistryUnavailableException where its schema cannot be fetched now
     */
    Reading read(ConsumerRecord<byte[], byte[]> message, PoolTopics topics) {
        try {
            if (message.topic().equals(topics.resume())) {
                return resumption(message);
            }
            Lane lane = message.topic().equals(topics.batch()) ? Lane.BATCH : Lane.INTERACTIVE;
            if (message.value() == null) {
                return new Reading.Unreadable("empty", "the record has no value (expected: a tool call)");
            }
            if (message.value().length > settings.maxCallBytes()) {
                return tooLarge(message, lane);
            }
            Decoded<ToolCall> decoded = calls.decode(message.topic(), message.value());
            return settle(message, decoded.value(), decoded.format(), lane, List.of());
        } catch (MalformedMessageException poison) {
            return new Reading.Unreadable(poison.causeCode(), String.valueOf(poison.getMessage()));
        } catch (InvalidMessageException wrong) {
            ToolCall partial = wrong.partial(ToolCall.class);
            if (partial == null) {
                return new Reading.Unreadable(wrong.causeCode(), String.valueOf(wrong.getMessage()));
            }
            Lane lane = message.topic().equals(topics.batch()) ? Lane.BATCH : Lane.INTERACTIVE;
            return settle(message, partial, Format.JSON, lane, wrong.problems());
        }
    }

    private Reading tooLarge(ConsumerRecord<byte[], byte[]> message, Lane lane) {
        ToolCall call;
        Format format;
        try {
            Decoded<ToolCall> decoded = calls.decode(message.topic(), message.value());
            call = decoded.value();
            format = decoded.format();
        } catch (InvalidMessageException wrong) {
            ToolCall partial = wrong.partial(ToolCall.class);
            if (partial == null) {
                throw wrong;
            }
            call = partial;
            format = Format.JSON;
        }
        FieldProblem problem = new FieldProblem(
                "",
                "call of " + message.value().length + " bytes (expected: at most " + settings.maxCallBytes()
                        + "; the operator sets worker.max_call_size)");
        return settle(message, call, format, lane, List.of(problem));
    }

    private Reading settle(
            ConsumerRecord<byte[], byte[]> message,
            ToolCall call,
            Format format,
            Lane lane,
            List<FieldProblem> decodeProblems) {
        List<FieldProblem> problems = new ArrayList<>(decodeProblems);
        String tenant = call.getTenant() == null ? settings.defaultTenant() : call.getTenant();
        if (tenant == null) {
            problems.add(new FieldProblem("/tenant", "missing (expected: the customer's id)"));
            tenant = "";
        } else if (!Ids.isId(tenant)) {
            problems.add(new FieldProblem("/tenant", quoted(tenant) + " (expected: " + Ids.ID_PATTERN + ")"));
        }
        if (!Ids.isId(call.getConnection()) && !told(problems, "/connection")) {
            problems.add(new FieldProblem(
                    "/connection", quoted(call.getConnection()) + " (expected: " + Ids.ID_PATTERN + ")"));
        }
        if (call.getTool().isEmpty() && !told(problems, "/tool")) {
            problems.add(new FieldProblem("/tool", "empty (expected: the name of a tool)"));
        }
        String id = call.getCallId();
        if (id == null) {
            id = message.topic() + "-" + message.partition() + "-" + message.offset();
        } else if (!Ids.isCallId(id)) {
            problems.add(new FieldProblem(
                    "/call_id",
                    quoted(id) + " (expected: 1 to " + Ids.MAX_CALL_ID_LENGTH
                            + " printable ASCII characters without spaces)"));
            id = message.topic() + "-" + message.partition() + "-" + message.offset();
        }
        String key = call.getIdempotencyKey();
        if (key != null && !Ids.isCallId(key)) {
            problems.add(new FieldProblem(
                    "/idempotency_key",
                    quoted(key) + " (expected: 1 to " + Ids.MAX_CALL_ID_LENGTH
                            + " printable ASCII characters without spaces)"));
        }
        if (!call.getAction().equals(Call.EXECUTE) && !call.getAction().equals(Call.CANCEL)) {
            problems.add(new FieldProblem("/action", quoted(call.getAction()) + " (expected: execute or cancel)"));
        }
        checkServed(call, problems);
        Call settled = new Call(
                id,
                call,
                format,
                lane,
                tenant,
                call.getConnection(),
                new Call.Origin(message.topic(), message.partition(), message.offset()),
                message.timestamp(),
                deadline(call, message.timestamp(), lane, problems),
                0,
                0,
                0,
                Progress.NONE,
                Call.replyHeaders(message.headers()),
                null);
        if (problems.isEmpty()) {
            return new Reading.Whole(settled);
        }
        StringBuilder text = new StringBuilder();
        for (FieldProblem problem : problems) {
            text.append(text.isEmpty() ? "" : "; ")
                    .append(problem.path())
                    .append(problem.path().isEmpty() ? "" : ": ")
                    .append(problem.message());
        }
        return new Reading.Answerable(
                settled,
                CallError.ofFields(
                        ErrorCode.INVALID_CALL,
                        text.toString(),
                        problems,
                        "Correct the named fields and send the call again."));
    }

    /** What the call wants of paging and view; refuses what this release does not serve, rather than to answer something else. */
    private static void checkServed(ToolCall call, List<FieldProblem> problems) {
        Paging paging = call.getPaging();
        if (paging != null) {
            if (!paging.getMode().equals(Call.PAGE) && !paging.getMode().equals(Call.ALL)) {
                problems.add(new FieldProblem("/paging/mode", quoted(paging.getMode()) + " (expected: page or all)"));
            }
            boolean whole = paging.getMode().equals(Call.ALL);
            if (!whole && paging.getMaxRecords() != null) {
                problems.add(new FieldProblem(
                        "/paging/max_records",
                        "given with mode page (expected: mode all; a page's size is the argument limit)"));
            } else if (paging.getMaxRecords() != null && paging.getMaxRecords() < 1) {
                problems.add(new FieldProblem("/paging/max_records", paging.getMaxRecords() + " (expected: >= 1)"));
            }
            if (!whole && paging.getMaxPages() != null) {
                problems.add(new FieldProblem("/paging/max_pages", "given with mode page (expected: mode all)"));
            } else if (paging.getMaxPages() != null && paging.getMaxPages() < 1) {
                problems.add(new FieldProblem("/paging/max_pages", paging.getMaxPages() + " (expected: >= 1)"));
            }
        }
        if (!call.getView().equals(Call.NATIVE) && !call.getView().equals(View.UNIFIED)) {
            problems.add(new FieldProblem("/view", quoted(call.getView()) + " (expected: native or unified)"));
        }
    }

    private long deadline(ToolCall call, long appendedAt, Lane lane, List<FieldProblem> problems) {
        long latest = appendedAt + settings.longestDeadline().toMillis();
        Long timeout = call.getTimeoutMs();
        if (timeout != null && timeout <= 0) {
            problems.add(new FieldProblem("/timeout_ms", timeout + " (expected: > 0)"));
            timeout = null;
        }
        if (call.getDeadline() != null && call.getDeadline() <= 0) {
            problems.add(new FieldProblem(
                    "/deadline", call.getDeadline() + " (expected: milliseconds since 1970, or null for the default)"));
        }
        Duration standard = lane == Lane.BATCH ? settings.batchDeadline() : settings.interactiveDeadline();
        long wanted = appendedAt + standard.toMillis();
        if (timeout != null) {
            wanted = timeout > settings.longestDeadline().toMillis() ? latest : appendedAt + timeout;
        }
        if (call.getDeadline() != null) {
            wanted = timeout == null ? call.getDeadline() : Math.min(wanted, call.getDeadline());
        }
        return Math.min(wanted, latest);
    }

    private Reading resumption(ConsumerRecord<byte[], byte[]> message) {
        if (message.value() == null) {
            return new Reading.Unreadable("empty", "the record has no value (expected: a resumption)");
        }
        Resumption read = resumptions.decode(message.topic(), message.value()).value();
        ToolCall call = read.getCall();
        String tenant = call.getTenant() == null ? settings.defaultTenant() : call.getTenant();
        if (tenant == null || !Ids.isId(tenant) || !Ids.isId(call.getConnection())) {
            return new Reading.Unreadable("wrong-resumption", "tenant or connection of the resumed call is no id");
        }
        List<Header> headers = new ArrayList<>();
        for (Map.Entry<String, ByteBuffer> header : read.getReplyHeaders().entrySet()) {
            byte[] value = new byte[header.getValue().remaining()];
            header.getValue().duplicate().get(value);
            headers.add(new RecordHeader(header.getKey(), value));
        }
        return new Reading.Whole(new Call(
                read.getCallId(),
                call,
                read.getFormat().equals("avro") ? Format.AVRO : Format.JSON,
                read.getLane().equals("batch") ? Lane.BATCH : Lane.INTERACTIVE,
                tenant,
                call.getConnection(),
                new Call.Origin(
                        String.valueOf(read.getOriginTopic()), read.getOriginPartition(), read.getOriginOffset()),
                read.getAppendedAt(),
                read.getDeadline(),
                message.headers().lastHeader(HeaderNames.FORWARDED) == null
                        ? read.getHops()
                        : Math.max(1, read.getHops()),
                read.getAttempts(),
                waited(read, message.timestamp()),
                new Progress(
                        read.getFrame(),
                        read.getPages(),
                        read.getRecords(),
                        read.getCursor(),
                        read.getCursorGuard(),
                        read.getEmptyPages(),
                        read.getVendorMs(),
                        work(read),
                        read.getNotBefore() == null ? 0 : read.getNotBefore(),
                        Math.max(0, read.getTries())),
                headers,
                part(read)));
    }

    /** A call that was to go on here waited for its turn since; one that came from elsewhere was on its way. */
    private long waited(Resumption read, long handedOverAt) {
        long now = clock.millis();
        // Clocks of two workers differ; nobody waits longer than the call is old.
        long age = Math.max(0, now - read.getAppendedAt());
        long sinceHandOver = Math.clamp(now - handedOverAt, 0, age);
        // One that was called back counted the whole of the wait that it was kept for.
        return Math.min(age, read.getWaitedMs() + (read.getKind().equals(Placement.FORWARD) ? 0 : sinceHandOver));
    }

    private static @Nullable JobPart part(Resumption read) {
        String job = read.getJobId();
        return job == null ? null : new JobPart(job, read.getPart(), read.getRun(), read.getAnswersErrors());
    }

    private static @Nullable Work work(Resumption read) {
        Map<String, String> taken = read.getTaken();
        return taken == null ? null : new Work(taken, read.getNotBefore() == null ? 0 : read.getNotBefore());
    }

    private static boolean told(List<FieldProblem> problems, String path) {
        return problems.stream().anyMatch(problem -> problem.path().equals(path));
    }

    private static String quoted(String text) {
        return '"' + (text.length() <= 80 ? text : text.substring(0, 80) + "...") + '"';
    }
}
