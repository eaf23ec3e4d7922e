package dev.toolpost.scheduler.schedule;

import dev.toolpost.message.Job;
import dev.toolpost.message.JobCommand;
import dev.toolpost.message.Schedule;
import dev.toolpost.message.ToolCall;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Objects;

/** The command that begins a run. */
final class RunCommand {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

    private RunCommand() {}

    /** The job of a run: the same for every instance and every attempt, so that it is never begun twice. */
    static String jobId(String scheduleId, Instant due) {
        return scheduleId + "-" + TIME.format(due);
    }

    static JobCommand of(Schedule schedule, Instant due, Instant now) {
        String id = jobId(schedule.getScheduleId(), due);
        JobCommand.Builder command = JobCommand.newBuilder()
                .setJobId(id)
                .setAction("submit")
                .setScheduleId(schedule.getScheduleId())
                .setSubmitter("schedule " + schedule.getScheduleId())
                .setAt(now.toEpochMilli());
        Job job = schedule.getJob();
        if (job != null) {
            return command.setJob(
                            job.getTenant() == null
                                    ? Job.newBuilder(job)
                                            .setTenant(schedule.getTenant())
                                            .build()
                                    : job)
                    .build();
        }
        return command.setCall(call(schedule, Objects.requireNonNull(schedule.getCall()), id))
                .build();
    }

    /** Every run is a call of its own: under an identity of the schedule's, the second write would be taken for the first. */
    private static ToolCall call(Schedule schedule, ToolCall call, String id) {
        ToolCall.Builder run = ToolCall.newBuilder(call).setCallId(id);
        if (call.getTenant() == null) {
            run.setTenant(schedule.getTenant());
        }
        if (call.getIdempotencyKey() != null) {
            run.setIdempotencyKey(id);
        }
        return run.build();
    }
}
