package dev.toolpost.scheduler.schedule;

import dev.toolpost.message.Job;
import dev.toolpost.message.Schedule;
import dev.toolpost.message.ToolCall;
import dev.toolpost.schemas.Ids;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A schedule that can run.
 *
 * @param schedule not to be changed
 * @param makesUp whether one run makes up for all that were missed
 * @param mayOverlap whether a run begins while the last one goes on
 */
record CheckedSchedule(Schedule schedule, Timing timing, boolean makesUp, boolean mayOverlap) {

    /** @throws InvalidScheduleException where it can never run */
    static CheckedSchedule of(Schedule schedule) {
        requireId(schedule.getScheduleId());
        requireWork(schedule);
        return new CheckedSchedule(
                schedule,
                timing(schedule),
                either("missed", schedule.getMissed(), "once", "skip"),
                either("overlap", schedule.getOverlap(), "allow", "skip"));
    }

    private static void requireId(String id) {
        if (!Ids.isId(id)) {
            throw new InvalidScheduleException("schedule_id: \"" + id + "\" (expected: " + Ids.ID_PATTERN + ")");
        }
    }

    private static void requireWork(Schedule schedule) {
        Job job = schedule.getJob();
        ToolCall call = schedule.getCall();
        if ((job == null) == (call == null)) {
            throw new InvalidScheduleException(
                    job == null
                            ? "neither job nor call is given (expected: one of them)"
                            : "job and call are both given (expected: one of them)");
        }
        String tool = job == null ? Objects.requireNonNull(call).getTool() : job.getTool();
        if (!Ids.isToolName(tool)) {
            throw new InvalidScheduleException(
                    "tool: \"" + tool + "\" (expected: the name of a tool, " + Ids.TOOL_PATTERN + ")");
        }
        requireOneTenant(
                schedule.getTenant(), job == null ? Objects.requireNonNull(call).getTenant() : job.getTenant());
        if (job != null && job.getConnections().isEmpty() && job.getVendor() == null) {
            throw new InvalidScheduleException(
                    "job: no connections (expected: connections, or a vendor for all of its connections)");
        }
        if (call != null && !Ids.isId(call.getConnection())) {
            throw new InvalidScheduleException(
                    "call: connection \"" + call.getConnection() + "\" (expected: " + Ids.ID_PATTERN + ")");
        }
        if (call != null && !call.getAction().equals("execute")) {
            throw new InvalidScheduleException("call: action \"" + call.getAction() + "\" (expected: execute)");
        }
    }

    private static void requireOneTenant(@Nullable String ofSchedule, @Nullable String ofWork) {
        if (ofSchedule != null && ofWork != null && !ofSchedule.equals(ofWork)) {
            throw new InvalidScheduleException("tenant: \"" + ofSchedule + "\" of the schedule and \"" + ofWork
                    + "\" of its job or call (expected: one tenant)");
        }
    }

    private static Timing timing(Schedule schedule) {
        Long at = schedule.getAt();
        boolean recurs = !schedule.getCron().isBlank();
        if (recurs == (at != null)) {
            throw new InvalidScheduleException(
                    recurs
                            ? "cron and at are both given (expected: one of them)"
                            : "neither cron nor at is given (expected: one of them)");
        }
        if (at != null) {
            return new OneTime(Instant.ofEpochMilli(at));
        }
        Instant from = moment(schedule.getStartsAt());
        Instant until = moment(schedule.getEndsAt());
        if (from != null && until != null && until.isBefore(from)) {
            throw new InvalidScheduleException(
                    "ends_at: " + until + " is before starts_at, " + from + " (expected: a later time)");
        }
        return new Bounded(CronTimes.of(schedule.getCron(), schedule.getTimeZone()), from, until);
    }

    private static @Nullable Instant moment(@Nullable Long millis) {
        return millis == null ? null : Instant.ofEpochMilli(millis);
    }

    private static boolean either(String field, String given, String yes, String no) {
        if (!given.equals(yes) && !given.equals(no)) {
            throw new InvalidScheduleException(field + ": \"" + given + "\" (expected: " + no + " or " + yes + ")");
        }
        return given.equals(yes);
    }
}
