package dev.toolpost.worker.call;

import dev.toolpost.message.Resumption;
import dev.toolpost.worker.classify.PageRecords;
import dev.toolpost.worker.ratelimit.Ticket;
import dev.toolpost.worker.reply.CallError;
import java.time.Duration;
import java.util.List;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** How a delivered record ends in this worker. */
sealed interface CallOutcome {

    /** The call has an answer. */
    sealed interface Answer extends CallOutcome {}

    /**
     * The vendor's result.
     *
     * @param content JSON text, or text of another type
     * @param contentType its media type
     * @param nextCursor sealed cursor of the next page, or null
     * @param records records in the page
     * @param pages pages read
     */
    record Result(
            String content, String contentType, @Nullable String nextCursor, long records, int pages)
            implements Answer {}

    /**
     * The vendor's result where it may be anything.
     *
     * @param base64 a JSON string, or null for nothing
     * @param contentType media type of what it stands for
     */
    record Bytes(String base64, String contentType) implements Answer {}

    /** The call failed. */
    record Failure(CallError error) implements Answer {}

    /**
     * A stretch of a traversal.
     *
     * @param frames one for every page that held records
     */
    record Turn(List<PageFrame> frames, Ending ending) implements CallOutcome {}

    /**
     * The records of one page.
     *
     * @param pages pages read so far, this one included
     * @param cursorBehind the sealed cursor that goes on behind so many of the records
     */
    record PageFrame(PageRecords records, int pages, IntFunction<String> cursorBehind) {}

    /** How a turn ends. */
    sealed interface Ending {
        /** Another turn follows from here, not before the time that is in it. */
        record Continues(Progress reached) implements Ending {}

        /**
         * The list ended, or enough was read.
         *
         * @param pages pages read in all
         * @param nextCursor sealed cursor where more is to be had; null at the list's end
         */
        record Complete(int pages, @Nullable String nextCursor) implements Ending {}

        /**
         * It failed; what was read before stays.
         *
         * @param pages pages read in all
         * @param nextCursor sealed cursor from which it can be tried again; null for the list's beginning
         */
        record Broken(CallError error, int pages, @Nullable String nextCursor) implements Ending {}
    }

    /** A write that was answered before: the recorded frames again. */
    record Recorded(List<byte[]> frames) implements CallOutcome {}

    /** No call, or one that cannot be answered. */
    record DeadLetter(String cause, String detail) implements CallOutcome {}

    /**
     * The call goes on elsewhere.
     *
     * @param delay after which it does, zero for at once; the scheduler keeps it until then
     */
    record HandedOver(Resumption resumption, String topic, int partition, Duration delay) implements CallOutcome {}

    /**
     * A cancel of a call that is not here: the scheduler may keep it.
     *
     * @param deferral what it is known by there
     */
    record Recalls(String deferral) implements CallOutcome {}

    /**
     * The call waits in this worker and goes on as a fresh run of its record.
     *
     * @param untilMillis when it goes on at the latest, in epoch milliseconds
     * @param dueAtMillis when its vendor is to be asked after work that it has taken on, or 0
     * @param line where it waits for a place of its connection, or null
     * @param ticket its place in the line for permits, or null
     */
    record Waits(
            long untilMillis,
            long dueAtMillis,
            @Nullable Places line,
            @Nullable Ticket ticket) implements CallOutcome {}

    /** Done with nothing to say, such as a cancel. */
    record Silent() implements CallOutcome {}

    /** The shard was lost; the call comes again at its next owner. */
    record Dropped() implements CallOutcome {}
}
