package dev.toolpost.scheduler.job.state;

import dev.toolpost.message.PartEvent;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one part. Immutable.
 *
 * @param phase null where it was never looked at
 * @param round how often it was taken up again after it had been given up; each round has a call id of its own
 * @param run number of the run, over all rounds
 * @param begun whether a worker had it in this round: whoever reads the sink waits for its end
 * @param failures runs in a row that came no further
 * @param records delivered in all runs
 * @param pages read in all runs
 * @param bytes delivered in all runs
 * @param frame number of the next frame of this round
 * @param cursor where it goes on; null for its beginning, or where that is not known
 * @param attempts HTTP exchanges of this run
 * @param sinceMillis when it came into its phase
 * @param dueMillis when it is tried again, or counts as lost
 * @param stopSinceMillis when it was first told to stop in this run; 0 where it was not
 * @param stoppedMillis when it was told so last, in whatever run; 0 for never
 * @param error of its last failure
 */
public record PartState(
        @Nullable Phase phase,
        int round,
        int run,
        boolean begun,
        int failures,
        long records,
        long pages,
        long bytes,
        int frame,
        @Nullable String cursor,
        int attempts,
        long sinceMillis,
        long dueMillis,
        long stopSinceMillis,
        long stoppedMillis,
        @Nullable PartError error) {

    /** A part that was never looked at. */
    public static final PartState NEW = new PartState(null, 0, 0, false, 0, 0, 0, 0, 0, null, 0, 0, 0, 0, 0, null);

    /** Whether it delivered something and its place is not known: a further run would deliver that again. */
    boolean isPlaceLost() {
        return frame > 0 && cursor == null;
    }

    /** Whether it was told to stop in this run. */
    boolean stopping() {
        return stopSinceMillis > 0;
    }

    PartState in(Phase next, long nowMillis) {
        return new PartState(
                next,
                round,
                run,
                begun,
                failures,
                records,
                pages,
                bytes,
                frame,
                cursor,
                attempts,
                nowMillis,
                0,
                0,
                stoppedMillis,
                error);
    }

    PartState offered(long nowMillis) {
        return new PartState(
                Phase.OFFERED,
                round,
                phase == null ? 0 : run + 1,
                begun,
                failures,
                records,
                pages,
                bytes,
                frame,
                cursor,
                0,
                nowMillis,
                0,
                0,
                stoppedMillis,
                error);
    }

    PartState running(long nowMillis, long lostMillis) {
        return new PartState(
                Phase.RUNNING,
                round,
                run,
                true,
                failures,
                records,
                pages,
                bytes,
                frame,
                cursor,
                attempts,
                nowMillis,
                lostMillis,
                stopSinceMillis,
                stoppedMillis,
                error);
    }

    PartState told(long nowMillis) {
        return new PartState(
                phase,
                round,
                run,
                begun,
                failures,
                records,
                pages,
                bytes,
                frame,
                cursor,
                attempts,
                sinceMillis,
                dueMillis,
                stopSinceMillis == 0 ? nowMillis : stopSinceMillis,
                nowMillis,
                error);
    }

    PartState waiting(long nowMillis, long retryMillis) {
        return new PartState(
                Phase.WAITING,
                round,
                run,
                begun,
                failures,
                records,
                pages,
                bytes,
                frame,
                cursor,
                attempts,
                nowMillis,
                retryMillis,
                0,
                stoppedMillis,
                error);
    }

    PartState failedWith(PartError why, int failuresNow) {
        return new PartState(
                phase,
                round,
                run,
                begun,
                failuresNow,
                records,
                pages,
                bytes,
                frame,
                cursor,
                attempts,
                sinceMillis,
                dueMillis,
                stopSinceMillis,
                stoppedMillis,
                why);
    }

    /** Taken up again after it was given up: it goes on at its place, under another call id. */
    PartState again(long nowMillis) {
        return new PartState(
                Phase.READY,
                round + 1,
                run,
                false,
                0,
                records,
                pages,
                bytes,
                0,
                cursor,
                0,
                nowMillis,
                0,
                0,
                stoppedMillis,
                null);
    }

    /** Whether an event of this run tells something that was not told before. */
    boolean isNews(PartEvent event, boolean last) {
        if (event.getFrame() < frame || event.getAttempts() < attempts) {
            return false;
        }
        return last
                || event.getFrame() > frame
                || event.getAttempts() > attempts
                || (event.getCursor() != null && !event.getCursor().equals(cursor));
    }

    PartState after(PartEvent event) {
        boolean further = event.getFrame() > frame || event.getRecords() > 0;
        String place = event.getCursor() == null && (event.getFrame() == frame) ? cursor : event.getCursor();
        return new PartState(
                phase,
                round,
                run,
                begun,
                further ? 0 : failures,
                records + event.getRecords(),
                pages + event.getPages(),
                bytes + event.getBytes(),
                event.getFrame(),
                place,
                event.getAttempts(),
                sinceMillis,
                dueMillis,
                stopSinceMillis,
                stoppedMillis,
                error);
    }
}
