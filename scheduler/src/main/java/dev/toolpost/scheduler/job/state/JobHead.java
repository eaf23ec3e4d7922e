package dev.toolpost.scheduler.job.state;

import org.jspecify.annotations.Nullable;

/**
 * Where a job stands, without its parts. Immutable.
 *
 * @param parts in all
 * @param next number of the first part that was never looked at
 * @param concurrency parts under way at once
 * @param expired whether it ends because its deadline has passed
 * @param retried runs that failed and were followed by another
 * @param records delivered
 * @param pages read
 * @param bytes delivered
 * @param endedRecords records of the parts that are done or failed
 * @param cappedRecords the most records that a part may deliver; 0 for no cap
 * @param toldMillis when it told of its progress last
 * @param tells whether a time is set at which it does so next
 */
public record JobHead(
        JobState state,
        int parts,
        int next,
        int concurrency,
        Tally tally,
        boolean expired,
        int retried,
        long records,
        long pages,
        long bytes,
        long endedRecords,
        long cappedRecords,
        RateWindow rate,
        long submittedMillis,
        @Nullable Long startedMillis,
        @Nullable Long finishedMillis,
        long deadlineMillis,
        long toldMillis,
        boolean tells,
        @Nullable PartError error) {

    /** A job that was accepted now. */
    public static JobHead accepted(
            int parts, int concurrency, long cappedRecords, long nowMillis, long deadlineMillis) {
        return new JobHead(
                JobState.ACCEPTED,
                parts,
                0,
                concurrency,
                Tally.NONE,
                false,
                0,
                0,
                0,
                0,
                0,
                cappedRecords,
                RateWindow.EMPTY,
                nowMillis,
                null,
                null,
                deadlineMillis,
                nowMillis,
                false,
                null);
    }

    JobHead in(JobState changed) {
        return new JobHead(
                changed,
                parts,
                next,
                concurrency,
                tally,
                expired,
                retried,
                records,
                pages,
                bytes,
                endedRecords,
                cappedRecords,
                rate,
                submittedMillis,
                startedMillis,
                finishedMillis,
                deadlineMillis,
                toldMillis,
                tells,
                error);
    }

    JobHead with(Tally changed) {
        return new JobHead(
                state,
                parts,
                next,
                concurrency,
                changed,
                expired,
                retried,
                records,
                pages,
                bytes,
                endedRecords,
                cappedRecords,
                rate,
                submittedMillis,
                startedMillis,
                finishedMillis,
                deadlineMillis,
                toldMillis,
                tells,
                error);
    }

    JobHead withNext(int first) {
        return new JobHead(
                state,
                parts,
                first,
                concurrency,
                tally,
                expired,
                retried,
                records,
                pages,
                bytes,
                endedRecords,
                cappedRecords,
                rate,
                submittedMillis,
                startedMillis,
                finishedMillis,
                deadlineMillis,
                toldMillis,
                tells,
                error);
    }

    JobHead begunAt(long nowMillis) {
        return new JobHead(
                state,
                parts,
                next,
                concurrency,
                tally,
                expired,
                retried,
                records,
                pages,
                bytes,
                endedRecords,
                cappedRecords,
                rate,
                submittedMillis,
                startedMillis == null ? nowMillis : startedMillis,
                finishedMillis,
                deadlineMillis,
                toldMillis,
                tells,
                error);
    }

    JobHead endedAt(@Nullable Long millis) {
        return new JobHead(
                state,
                parts,
                next,
                concurrency,
                tally,
                expired,
                retried,
                records,
                pages,
                bytes,
                endedRecords,
                cappedRecords,
                rate,
                submittedMillis,
                startedMillis,
                millis,
                deadlineMillis,
                toldMillis,
                tells,
                error);
    }

    JobHead overdue() {
        return new JobHead(
                state,
                parts,
                next,
                concurrency,
                tally,
                true,
                retried,
                records,
                pages,
                bytes,
                endedRecords,
                cappedRecords,
                rate,
                submittedMillis,
                startedMillis,
                finishedMillis,
                deadlineMillis,
                toldMillis,
                tells,
                error);
    }

    JobHead delivered(long nowMillis, long moreRecords, long morePages, long moreBytes) {
        return new JobHead(
                state,
                parts,
                next,
                concurrency,
                tally,
                expired,
                retried,
                records + moreRecords,
                pages + morePages,
                bytes + moreBytes,
                endedRecords,
                cappedRecords,
                rate.plus(nowMillis, moreRecords),
                submittedMillis,
                startedMillis,
                finishedMillis,
                deadlineMillis,
                toldMillis,
                tells,
                error);
    }

    JobHead withEnded(long recordsOfPart) {
        return new JobHead(
                state,
                parts,
                next,
                concurrency,
                tally,
                expired,
                retried,
                records,
                pages,
                bytes,
                endedRecords + recordsOfPart,
                cappedRecords,
                rate,
                submittedMillis,
                startedMillis,
                finishedMillis,
                deadlineMillis,
                toldMillis,
                tells,
                error);
    }

    JobHead withRetry() {
        return new JobHead(
                state,
                parts,
                next,
                concurrency,
                tally,
                expired,
                retried + 1,
                records,
                pages,
                bytes,
                endedRecords,
                cappedRecords,
                rate,
                submittedMillis,
                startedMillis,
                finishedMillis,
                deadlineMillis,
                toldMillis,
                tells,
                error);
    }

    JobHead told(long nowMillis, boolean tellsAgain) {
        return new JobHead(
                state,
                parts,
                next,
                concurrency,
                tally,
                expired,
                retried,
                records,
                pages,
                bytes,
                endedRecords,
                cappedRecords,
                rate,
                submittedMillis,
                startedMillis,
                finishedMillis,
                deadlineMillis,
                nowMillis,
                tellsAgain,
                error);
    }

    /** Keeps the first error. */
    JobHead withError(@Nullable PartError first) {
        return new JobHead(
                state,
                parts,
                next,
                concurrency,
                tally,
                expired,
                retried,
                records,
                pages,
                bytes,
                endedRecords,
                cappedRecords,
                rate,
                submittedMillis,
                startedMillis,
                finishedMillis,
                deadlineMillis,
                toldMillis,
                tells,
                first);
    }

    /** Parts that were never looked at. */
    int untouched() {
        return parts - next;
    }

    /** Parts that are done or were given up. */
    int ended() {
        return tally.done() + tally.failed();
    }

    /** Records per second in the last minute. */
    public double recordsPerSecond(long nowMillis) {
        return startedMillis == null ? 0 : rate.perSecond(startedMillis, nowMillis);
    }

    /** When it should end at the rate of the last minute; null where nothing tells how much there is. */
    public @Nullable Long expectedEnd(long nowMillis) {
        double perSecond = recordsPerSecond(nowMillis);
        int done = tally.done();
        if (perSecond <= 0 || !state.begins() || (done == 0 && cappedRecords == 0)) {
            return null;
        }
        // What failed says nothing of how large the others are.
        double perPart = done == 0 ? cappedRecords : (double) endedRecords / done;
        double left = Math.max(0, perPart * (parts - ended()) - (records - endedRecords));
        double seconds = left / perSecond;
        return seconds > 10L * 366 * 86_400 ? null : Long.valueOf(nowMillis + (long) (seconds * 1_000));
    }
}
