package dev.toolpost.worker.call;

import dev.toolpost.connectors.Operation;
import dev.toolpost.connectors.View;
import dev.toolpost.message.Resumption;
import dev.toolpost.message.ToolCall;
import dev.toolpost.schemas.Format;
import dev.toolpost.schemas.HeaderNames;
import dev.toolpost.schemas.Lane;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/**
 * A call as it was settled at its first arrival, whichever way it came since.
 *
 * @param id the agent's {@code call_id}, or the place of the first arrival
 * @param message the call as the agent wrote it
 * @param format the format to answer in
 * @param tenant the customer
 * @param connection the customer's account
 * @param origin topic, partition and offset of the first arrival
 * @param appendedAt the broker's append time of the first arrival, epoch milliseconds
 * @param deadline epoch milliseconds by which it ends
 * @param hops how often it was forwarded
 * @param attempts HTTP exchanges so far
 * @param waitedMillis time spent waiting before this arrival
 * @param progress how far its traversal has come
 * @param replyHeaders headers that go with every frame
 * @param part of a job that it carries out, or null
 */
record Call(
        String id,
        ToolCall message,
        Format format,
        Lane lane,
        String tenant,
        String connection,
        Origin origin,
        long appendedAt,
        long deadline,
        int hops,
        int attempts,
        long waitedMillis,
        Progress progress,
        List<Header> replyHeaders,
        @Nullable JobPart part) {

    static final String EXECUTE = "execute";
    static final String CANCEL = "cancel";

    /** {@link dev.toolpost.message.Paging#getMode()} of a call that wants every page. */
    static final String ALL = "all";

    static final String PAGE = "page";
    static final String NATIVE = "native";

    Call {
        replyHeaders = List.copyOf(replyHeaders);
    }

    /** Without arguments and headers, which are nobody's business in a log. */
    @Override
    public String toString() {
        return id + " (" + message.getTool() + " of " + connectionKey() + ", first at " + origin.topic() + "-"
                + origin.partition() + " offset " + origin.offset() + ")";
    }

    /** Where a call first arrived. */
    record Origin(String topic, int partition, long offset) {}

    /** {@code tenant/connection}. */
    String connectionKey() {
        return tenant + "/" + connection;
    }

    boolean isCancel() {
        return message.getAction().equals(CANCEL);
    }

    /** Whether the call wants every page, in turns. */
    boolean traverses() {
        return !isCancel()
                && message.getPaging() != null
                && message.getPaging().getMode().equals(ALL);
    }

    /** The cursor that it starts from here, sealed; null for the first page. */
    @Nullable
    String startCursor() {
        return progress.cursor() != null || message.getPaging() == null
                ? progress.cursor()
                : message.getPaging().getCursor();
    }

    /** The same with the deadline of its tool, where it names none itself; not later than the latest there can be. */
    Call withDeadlineOf(@Nullable Operation operation, Duration longest) {
        boolean own = message.getDeadline() != null || message.getTimeoutMs() != null;
        if (operation == null || own || progress.work() != null) {
            return this;
        }
        Duration wanted = operation.deadline().compareTo(longest) > 0 ? longest : operation.deadline();
        return with(message, Math.max(deadline, appendedAt + wanted.toMillis()), attempts, waitedMillis, progress);
    }

    /** The same for one answer: what is no list has no pages to walk. */
    Call asSingle() {
        ToolCall single = ToolCall.newBuilder(message).setPaging(null).build();
        return with(single, deadline, attempts, waitedMillis, progress);
    }

    private Call with(ToolCall newMessage, long newDeadline, int newAttempts, long newWaitedMillis, Progress reached) {
        return new Call(
                id,
                newMessage,
                format,
                lane,
                tenant,
                connection,
                origin,
                appendedAt,
                newDeadline,
                hops,
                newAttempts,
                newWaitedMillis,
                reached,
                replyHeaders,
                part);
    }

    /** The same after it has waited in this worker. */
    Call after(Parked waited, long nowMillis) {
        Work work = progress.work();
        Progress reached = progress.withVendorMillis(waited.vendorMillis());
        return with(
                message,
                deadline,
                waited.attempts(),
                waited.waitedMillis(nowMillis),
                work == null ? reached : reached.withWork(work.due(Math.max(work.dueAt(), waited.dueAtMillis()))));
    }

    boolean isUnified() {
        return message.getView().equals(View.UNIFIED);
    }

    /** What a write is known by. */
    String writeId() {
        String key = message.getIdempotencyKey();
        return key == null ? id : key;
    }

    /**
     * What its deferral is known by. Behind what a cancel names, by which it is recalled, stands where the call came from: two agents may
     * give their calls one id, and each waits for its own answer.
     */
    String deferralId() {
        return origin.offset() < 0
                ? cancelKey()
                : cancelKey() + " " + origin.topic() + "-" + origin.partition() + "-" + origin.offset();
    }

    /** What a cancel must name to mean this call. A part that runs again is another. */
    String cancelKey() {
        String key = connectionKey() + "/" + message.getTool() + "/" + id;
        return part == null ? key : key + "#" + part.run();
    }

    /** The call to go on with elsewhere. */
    Resumption toResumption(String kind, int hops, int attempts, long waitedMillis, Progress reached) {
        Map<String, ByteBuffer> headers = new HashMap<>();
        for (Header header : replyHeaders) {
            if (header.value() != null) {
                headers.put(header.key(), ByteBuffer.wrap(header.value()));
            }
        }
        Work work = reached.work();
        long notBefore = work == null ? reached.notBefore() : work.dueAt();
        return Resumption.newBuilder()
                .setKind(kind)
                .setCall(message)
                .setCallId(id)
                .setFormat(format.name().toLowerCase(Locale.ROOT))
                .setLane(lane.name().toLowerCase(Locale.ROOT))
                .setOriginTopic(origin.topic())
                .setOriginPartition(origin.partition())
                .setOriginOffset(origin.offset())
                .setAppendedAt(appendedAt)
                .setDeadline(deadline)
                .setHops(hops)
                .setAttempts(attempts)
                .setWaitedMs(waitedMillis)
                .setNotBefore(notBefore == 0 ? null : Long.valueOf(notBefore))
                .setFrame(reached.frame())
                .setPages(reached.pages())
                .setRecords(reached.records())
                .setCursor(reached.cursor())
                .setCursorGuard(reached.guard())
                .setEmptyPages(reached.emptyPages())
                .setVendorMs(reached.vendorMillis())
                .setTries(reached.tries())
                .setJobId(part == null ? null : part.jobId())
                .setPart(part == null ? 0 : part.number())
                .setRun(part == null ? 0 : part.run())
                .setAnswersErrors(part == null || part.answersErrors())
                .setTaken(work == null ? null : work.taken())
                .setReplyHeaders(headers)
                .build();
    }

    /** The headers of a call that go with its frames: those of the agent's own, and the trace. */
    static List<Header> replyHeaders(Headers headers) {
        List<Header> kept = new ArrayList<>(2);
        for (Header header : headers) {
            if (header.key().startsWith(HeaderNames.REPLY_PREFIX)
                    || header.key().equals(HeaderNames.TRACEPARENT)) {
                kept.add(header);
            }
        }
        return kept;
    }
}
