package dev.toolpost.scheduler.job.state;

import dev.toolpost.message.PartEvent;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one part. Immutable.
 *
 * @param phase null where it was never looked at
 * @param dueMillis when it is tried again, or counts as lost; 0 for never
 */
public record PartState(
        @Nullable Phase phase, long dueMillis, Course course, Place place, Stops stops, Trouble trouble) {

    /**
     * Which of its runs it is in.
     *
     * @param round how often it was taken up again after it had been given up; each round has a call id of its own
     * @param run its number, over all rounds
     * @param begun whether a worker had it in this round: whoever reads the sink waits for its end
     * @param attempts HTTP exchanges of this run
     */
    public record Course(int round, int run, boolean begun, int attempts) {

        Course nextRun() {
            return new Course(round, run + 1, begun, 0);
        }

        Course nextRound() {
            return new Course(round + 1, run, false, 0);
        }

        Course atWorker() {
            return new Course(round, run, true, attempts);
        }

        Course with(int attemptsNow) {
            return new Course(round, run, begun, attemptsNow);
        }
    }

    /**
     * Where it has come to.
     *
     * @param frame number of the next frame of this round
     * @param cursor where it goes on; null for its beginning, or where that is not known
     * @param records delivered in all runs
     * @param pages read in all runs
     * @param bytes delivered in all runs
     */
    public record Place(int frame, @Nullable String cursor, long records, long pages, long bytes) {

        static final Place BEGINNING = new Place(0, null, 0, 0, 0);

        Place after(PartEvent turn) {
            String known = turn.getCursor() == null && turn.getFrame() == frame ? cursor : turn.getCursor();
            return new Place(
                    turn.getFrame(),
                    known,
                    records + turn.getRecords(),
                    pages + turn.getPages(),
                    bytes + turn.getBytes());
        }

        Place numberedAnew() {
            return new Place(0, cursor, records, pages, bytes);
        }
    }

    /**
     * When it was told to stop.
     *
     * @param sinceMillis first in this run; 0 where it was not
     * @param lastMillis last, in whatever run; 0 for never
     */
    public record Stops(long sinceMillis, long lastMillis) {

        static final Stops NEVER = new Stops(0, 0);

        Stops told(long nowMillis) {
            return new Stops(sinceMillis == 0 ? nowMillis : sinceMillis, nowMillis);
        }

        Stops ofNextRun() {
            return new Stops(0, lastMillis);
        }
    }

    /**
     * What went wrong.
     *
     * @param failures runs in a row that came no further
     * @param error of the last failure
     */
    public record Trouble(int failures, @Nullable PartError error) {

        static final Trouble NONE = new Trouble(0, null);
    }

    /** A part that was never looked at. */
    public static final PartState NEW =
            new PartState(null, 0, new Course(0, 0, false, 0), Place.BEGINNING, Stops.NEVER, Trouble.NONE);

    /** Number of its run. */
    public int run() {
        return course.run;
    }

    /** Whether it delivered something and its place is not known: a further run would deliver that again. */
    boolean isPlaceLost() {
        return place.frame > 0 && place.cursor == null;
    }

    /** Whether it was told to stop in this run. */
    boolean stopping() {
        return stops.sinceMillis > 0;
    }

    PartState in(Phase next) {
        return new PartState(next, 0, course, place, stops.ofNextRun(), trouble);
    }

    PartState offered() {
        return new PartState(
                Phase.OFFERED, 0, phase == null ? course : course.nextRun(), place, stops.ofNextRun(), trouble);
    }

    PartState running(long lostMillis) {
        return new PartState(Phase.RUNNING, lostMillis, course.atWorker(), place, stops, trouble);
    }

    PartState toldToStop(long nowMillis) {
        return new PartState(phase, dueMillis, course, place, stops.told(nowMillis), trouble);
    }

    PartState waiting(long retryMillis) {
        return new PartState(Phase.WAITING, retryMillis, course, place, stops.ofNextRun(), trouble);
    }

    PartState failedWith(PartError why, int failuresNow) {
        return new PartState(phase, dueMillis, course, place, stops, new Trouble(failuresNow, why));
    }

    /** Taken up again after it was given up: it goes on at its place, under another call id. */
    PartState again() {
        return new PartState(Phase.READY, 0, course.nextRound(), place.numberedAnew(), stops.ofNextRun(), Trouble.NONE);
    }

    /** Whether an event of this run tells something that was not told before. */
    boolean isNews(PartEvent event, boolean last) {
        if (event.getFrame() < place.frame || event.getAttempts() < course.attempts) {
            return false;
        }
        return last
                || event.getFrame() > place.frame
                || event.getAttempts() > course.attempts
                || (event.getCursor() != null && !event.getCursor().equals(place.cursor));
    }

    PartState after(PartEvent event) {
        boolean further = event.getFrame() > place.frame || event.getRecords() > 0;
        return new PartState(
                phase,
                dueMillis,
                course.with(event.getAttempts()),
                place.after(event),
                stops,
                further ? new Trouble(0, trouble.error) : trouble);
    }
}
