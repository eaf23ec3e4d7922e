package dev.toolpost.scheduler.job.state;

import dev.toolpost.message.PartEvent;
import org.jspecify.annotations.Nullable;

/**
 * Where a job stands, without its parts. Immutable.
 *
 * @param next number of the first part that was never looked at
 */
public record JobHead(
        JobState state,
        Extent extent,
        int next,
        Tally tally,
        Delivered delivered,
        Course course,
        Notices notices,
        Failures failures) {

    /**
     * What it was accepted as; this never changes.
     *
     * @param parts in all
     * @param concurrency parts under way at once
     * @param cappedRecords the most records that a part may deliver; 0 for no cap
     */
    public record Extent(int parts, int concurrency, long cappedRecords, long submittedMillis, long deadlineMillis) {}

    /**
     * What came of it so far.
     *
     * @param endedRecords records of the parts that are done or failed
     */
    public record Delivered(long records, long frames, long pages, long bytes, long endedRecords, RateWindow rate) {

        static final Delivered NOTHING = new Delivered(0, 0, 0, 0, 0, RateWindow.EMPTY);

        Delivered plus(long nowMillis, PartEvent turn, int framesOfTurn) {
            return new Delivered(
                    records + turn.getRecords(),
                    frames + framesOfTurn,
                    pages + turn.getPages(),
                    bytes + turn.getBytes(),
                    endedRecords,
                    rate.plus(nowMillis, turn.getRecords()));
        }

        Delivered plusEnded(long recordsOfPart) {
            return new Delivered(records, frames, pages, bytes, endedRecords + recordsOfPart, rate);
        }
    }

    /**
     * From its first part to its end.
     *
     * @param expired whether it ends because its deadline has passed
     */
    public record Course(
            @Nullable Long startedMillis, @Nullable Long finishedMillis, boolean expired) {

        static final Course NOT_BEGUN = new Course(null, null, false);
    }

    /**
     * What it told of its progress.
     *
     * @param lastMillis when it did so last
     * @param planned whether a time is set at which it does so next
     */
    public record Notices(long lastMillis, boolean planned) {}

    /**
     * What went wrong.
     *
     * @param retried runs that failed and were followed by another
     * @param first why the first part was given up, or the job could not go on
     */
    public record Failures(int retried, @Nullable PartError first) {

        static final Failures NONE = new Failures(0, null);
    }

    /** A job that was accepted now. */
    public static JobHead accepted(
            int parts, int concurrency, long cappedRecords, long nowMillis, long deadlineMillis) {
        return new JobHead(
                JobState.ACCEPTED,
                new Extent(parts, concurrency, cappedRecords, nowMillis, deadlineMillis),
                0,
                Tally.NONE,
                Delivered.NOTHING,
                Course.NOT_BEGUN,
                new Notices(nowMillis, false),
                Failures.NONE);
    }

    JobHead in(JobState changed) {
        return new JobHead(changed, extent, next, tally, delivered, course, notices, failures);
    }

    JobHead with(Tally changed) {
        return new JobHead(state, extent, next, changed, delivered, course, notices, failures);
    }

    JobHead withNext(int first) {
        return new JobHead(state, extent, first, tally, delivered, course, notices, failures);
    }

    private JobHead with(Delivered changed) {
        return new JobHead(state, extent, next, tally, changed, course, notices, failures);
    }

    private JobHead with(Course changed) {
        return new JobHead(state, extent, next, tally, delivered, changed, notices, failures);
    }

    private JobHead with(Failures changed) {
        return new JobHead(state, extent, next, tally, delivered, course, notices, changed);
    }

    JobHead begunAt(long nowMillis) {
        return with(new Course(nowMillis, course.finishedMillis, course.expired));
    }

    JobHead endedAt(@Nullable Long millis) {
        return with(new Course(course.startedMillis, millis, course.expired));
    }

    JobHead overdue() {
        return with(new Course(course.startedMillis, course.finishedMillis, true));
    }

    JobHead delivered(long nowMillis, PartEvent turn, int framesOfTurn) {
        return with(delivered.plus(nowMillis, turn, framesOfTurn));
    }

    JobHead withEnded(long recordsOfPart) {
        return with(delivered.plusEnded(recordsOfPart));
    }

    JobHead withRetry() {
        return with(new Failures(failures.retried + 1, failures.first));
    }

    /** Keeps the first error. */
    JobHead withError(PartError error) {
        return failures.first == null ? with(new Failures(failures.retried, error)) : this;
    }

    JobHead withoutError() {
        return with(new Failures(failures.retried, null));
    }

    JobHead told(long nowMillis) {
        return new JobHead(state, extent, next, tally, delivered, course, new Notices(nowMillis, false), failures);
    }

    JobHead tellsAgain() {
        return new JobHead(
                state, extent, next, tally, delivered, course, new Notices(notices.lastMillis, true), failures);
    }

    /** Parts in all. */
    public int parts() {
        return extent.parts;
    }

    /** When it ends with what it has. */
    public long deadlineMillis() {
        return extent.deadlineMillis;
    }

    /** When its first part went to a worker; null before that. */
    public @Nullable Long startedMillis() {
        return course.startedMillis;
    }

    /** When it ended; null before that. */
    public @Nullable Long finishedMillis() {
        return course.finishedMillis;
    }

    /** Parts that were never looked at. */
    int untouched() {
        return extent.parts - next;
    }

    /** Parts that are done or were given up. */
    int ended() {
        return tally.done() + tally.failed();
    }

    /** Records per second in the last minute. */
    public double recordsPerSecond(long nowMillis) {
        return course.startedMillis == null ? 0 : delivered.rate.perSecond(course.startedMillis, nowMillis);
    }

    /** When it should end at the rate of the last minute; null where nothing tells how much there is. */
    public @Nullable Long expectedEnd(long nowMillis) {
        double perSecond = recordsPerSecond(nowMillis);
        int done = tally.done();
        if (perSecond <= 0 || !state.begins() || (done == 0 && extent.cappedRecords == 0)) {
            return null;
        }
        // What failed says nothing of how large the others are.
        double perPart = done == 0 ? extent.cappedRecords : (double) delivered.endedRecords / done;
        double left = Math.max(0, perPart * (extent.parts - ended()) - (delivered.records - delivered.endedRecords));
        double seconds = left / perSecond;
        return seconds > 10L * 366 * 86_400 ? null : Long.valueOf(nowMillis + (long) (seconds * 1_000));
    }
}
