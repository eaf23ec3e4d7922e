package dev.toolpost.scheduler.schedule;

import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What becomes of a schedule that is due. Pure. */
sealed interface NextStep {
    /** A run is late, and no longer on time, when it is this much behind. */
    Duration ON_TIME = Duration.ofMinutes(1);

    /** A job that nobody knows of so soon after it was submitted is on its way. */
    Duration ON_ITS_WAY = Duration.ofMinutes(2);

    Set<String> OVER = Set.of("finished", "finished_with_errors", "cancelled", "rejected");

    /** Begin a run. */
    record Begin(Instant due) implements NextStep {}

    /** Leave the run out. */
    record LeaveOut(ScheduleState.Skipped skipped) implements NextStep {}

    /**
     * Decides about all runs up to now: of those that were missed, at most the last one is made.
     *
     * @param due the first of them
     */
    static NextStep at(Instant now, Instant due, CheckedSchedule schedule, ScheduleState state, JobStates jobs) {
        Instant last = schedule.timing().lastUpTo(now, due);
        if (!schedule.makesUp() && Duration.between(last, now).compareTo(ON_TIME) > 0) {
            return new LeaveOut(new ScheduleState.Skipped(last, ScheduleState.Skipped.Why.MISSED));
        }
        if (!schedule.mayOverlap() && goesOn(state.last(), now, jobs)) {
            return new LeaveOut(new ScheduleState.Skipped(last, ScheduleState.Skipped.Why.OVERLAP));
        }
        return new Begin(last);
    }

    private static boolean goesOn(ScheduleState.@Nullable Run run, Instant now, JobStates jobs) {
        if (run == null) {
            return false;
        }
        String state = jobs.stateOf(run.jobId());
        return state == null ? Duration.between(run.began(), now).compareTo(ON_ITS_WAY) < 0 : !OVER.contains(state);
    }
}
