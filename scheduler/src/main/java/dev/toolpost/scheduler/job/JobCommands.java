package dev.toolpost.scheduler.job;

import dev.toolpost.message.JobCommand;
import dev.toolpost.message.JobEvent;
import dev.toolpost.message.JobStatus;
import dev.toolpost.message.ToolError;
import dev.toolpost.scheduler.job.accept.Acceptance;
import dev.toolpost.scheduler.job.accept.Connections;
import dev.toolpost.scheduler.job.accept.JobPlan;
import dev.toolpost.scheduler.job.state.Alarm;
import dev.toolpost.scheduler.job.state.JobState;
import dev.toolpost.scheduler.job.state.JobStep;
import dev.toolpost.schemas.Decoded;
import dev.toolpost.schemas.ErrorCode;
import dev.toolpost.schemas.Format;
import dev.toolpost.schemas.InvalidMessageException;
import java.util.function.Consumer;
import org.apache.kafka.streams.processor.api.Record;

/** Carries out what people and schedules want of jobs; every command is answered by an event. Confined to its stream thread. */
final class JobCommands {

    private static final int LONGEST_SHOWN = 80;

    private final JobParameters parameters;
    private final JobMessages messages;
    private final Connections connections;
    private final JobKeeper jobs;
    private final JobWriter writer;

    JobCommands(
            JobParameters parameters, JobMessages messages, Connections connections, JobKeeper jobs, JobWriter writer) {
        this.parameters = parameters;
        this.messages = messages;
        this.connections = connections;
        this.jobs = jobs;
        this.writer = writer;
    }

    void carryOut(Record<byte[], byte[]> record) {
        Decoded<JobCommand> read;
        try {
            read = messages.commands().decode(parameters.topics().jobs(), record.value());
        } catch (InvalidMessageException wrong) {
            JobCommand partial = wrong.partial(JobCommand.class);
            if (partial != null) {
                reject(
                        partial,
                        false,
                        Format.JSON,
                        new Acceptance.Rejected(
                                ErrorCode.INVALID_CALL,
                                String.valueOf(wrong.getMessage()),
                                wrong.problems(),
                                "Correct the named fields and submit the job again."));
            }
            return;
        }
        JobCommand command = read.value();
        switch (command.getAction()) {
            case "submit" -> submit(command, CommandReader.bytes(record), read.format());
            case "pause" -> steer(command, read.format(), JobStep::pause);
            case "resume" -> steer(command, read.format(), JobStep::resume);
            case "cancel" -> steer(command, read.format(), JobStep::cancel);
            case "retry" -> steer(command, read.format(), JobStep::retry);
            default ->
                writer.refuse(
                        command.getJobId(),
                        read.format(),
                        ErrorCode.INVALID_CALL,
                        "action: \"" + shortened(command.getAction())
                                + "\" (expected: submit, pause, resume, cancel or retry)",
                        "Correct the action and send the command again.");
        }
    }

    private void submit(JobCommand command, int bytes, Format format) {
        String id = command.getJobId();
        String digest = messages.digest(command);
        KnownJob known = jobs.find(id);
        if (known != null) {
            if (known.digest().equals(digest)) {
                jobs.step(id, known, JobStep::submittedAgain);
            } else {
                refuseAnother(id, format, "The job that has this one goes on as it was submitted.");
            }
            return;
        }
        JobStatus ended = jobs.status(id);
        if (ended != null && wasTakenOn(ended)) {
            String of = jobs.stores().digestOfEnded(id);
            if (of != null && !of.equals(digest)) {
                refuseAnother(id, format, "The job that has this one is " + ended.getState() + ".");
                return;
            }
            writer.tell(
                    JobEvent.newBuilder()
                            .setJobId(id)
                            .setKind("accepted")
                            .setAt(writer.now())
                            .setMessage("submitted again: the job is " + ended.getState() + ", and nothing changes")
                            .build(),
                    format);
            return;
        }
        switch (parameters.acceptance().of(command, bytes, connections, writer.now())) {
            case Acceptance.Rejected rejected ->
                reject(command, bytes <= parameters.settings().maxJobBytes(), format, rejected);
            case Acceptance.Accepted(JobPlan plan) -> {
                KnownJob job = jobs.made(command, plan, format, digest);
                Acceptance.Rejected unfit = jobs.unfit(id, job);
                if (unfit == null) {
                    jobs.begin(id, job);
                    jobs.step(id, job, JobStep::begin);
                } else {
                    reject(command, false, format, unfit);
                }
            }
        }
    }

    private void refuseAnother(String id, Format format, String standing) {
        writer.refuse(
                id,
                format,
                ErrorCode.CALL_CONFLICT,
                "job_id: " + id + " is that of another job (expected: an id of its own, or the same job)",
                "Submit it under another id. " + standing);
    }

    private static boolean wasTakenOn(JobStatus status) {
        return !status.getState().equals(JobState.REJECTED.wireName());
    }

    private void reject(JobCommand command, boolean withJob, Format format, Acceptance.Rejected rejected) {
        String id = command.getJobId();
        long now = writer.now();
        ToolError error = rejected.toMessage();
        writer.tell(JobRecords.refusal(id, error, now), format);
        JobStores stores = jobs.stores();
        JobStatus shown = jobs.status(id);
        if (stores.head(id) == null
                && (shown == null || !wasTakenOn(shown))
                && command.getAction().equals("submit")) {
            writer.publish(JobRecords.rejected(command, withJob, error, now), format);
            stores.wake(now + parameters.settings().keepStatus().toMillis(), id, Alarm.FORGET, Alarm.WHOLE_JOB);
        }
    }

    private void steer(JobCommand command, Format format, Consumer<JobStep> how) {
        String id = command.getJobId();
        KnownJob known = jobs.find(id);
        if (known != null) {
            jobs.step(id, known, how);
            return;
        }
        JobStatus ended = jobs.status(id);
        writer.refuse(
                id,
                format,
                ErrorCode.INVALID_CALL,
                command.getAction() + " of job " + id + ": "
                        + (ended == null
                                ? "there is no such job"
                                : "it is " + ended.getState() + ", and its parts are not kept any more"),
                ended == null
                        ? "Submit the job, or name one that GET /jobs shows."
                        : "Submit it under another id to run it anew.");
    }

    private static String shortened(String text) {
        return text.length() <= LONGEST_SHOWN ? text : text.substring(0, LONGEST_SHOWN) + "...";
    }
}
