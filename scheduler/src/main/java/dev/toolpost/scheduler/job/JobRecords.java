package dev.toolpost.scheduler.job;

import dev.toolpost.message.FailedPart;
import dev.toolpost.message.Job;
import dev.toolpost.message.JobCommand;
import dev.toolpost.message.JobEvent;
import dev.toolpost.message.JobStatus;
import dev.toolpost.message.Paging;
import dev.toolpost.message.Resumption;
import dev.toolpost.message.Stats;
import dev.toolpost.message.ToolCall;
import dev.toolpost.message.ToolError;
import dev.toolpost.message.ToolReply;
import dev.toolpost.scheduler.job.accept.JobPlan;
import dev.toolpost.scheduler.job.state.JobHead;
import dev.toolpost.scheduler.job.state.JobState;
import dev.toolpost.scheduler.job.state.PartBook;
import dev.toolpost.scheduler.job.state.PartError;
import dev.toolpost.scheduler.job.state.PartState;
import dev.toolpost.scheduler.job.state.Phase;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The messages that a job writes. Pure. */
final class JobRecords {

    /** The most failed parts in a status. */
    static final int MOST_FAILURES = 100;

    /** Longer arguments of a failed part are left out of the status, which is written again and again. */
    private static final int LONGEST_ARGUMENTS = 2_000;

    /** Of a message in a record that does not fit into its topic with the whole. */
    private static final int SHORT_TEXT = 200;

    private static final String BATCH = "batch";

    private final String jobId;
    private final JobCommand command;
    private final JobPlan plan;

    /** @param command as it was kept */
    JobRecords(String jobId, JobCommand command, JobPlan plan) {
        this.jobId = jobId;
        this.command = command;
        this.plan = plan;
    }

    JobCommand command() {
        return command;
    }

    JobPlan plan() {
        return plan;
    }

    boolean isCall() {
        return plan.call() != null;
    }

    /** By what the part is known to readers of the sink. Taken up again after it was given up, it has another. */
    String callId(int part, PartState state) {
        ToolCall call = plan.call();
        if (call != null) {
            return call.getCallId() == null ? jobId : call.getCallId();
        }
        return jobId + "." + part
                + (state.course().round() == 0 ? "" : "." + state.course().round());
    }

    String sink() {
        Job job = plan.job();
        return job == null || job.getSink() == null ? "" : job.getSink();
    }

    String frameFormat() {
        Job job = plan.job();
        return job == null ? "json" : job.getFormat();
    }

    /** The record with which a worker begins a part, or goes on with it; without the deadline of the run. */
    Resumption resumption(int part, PartState state, String format) {
        Resumption.Builder resumption = Resumption.newBuilder()
                .setKind("continuation")
                .setCall(callOf(part, state))
                .setCallId(callId(part, state))
                .setLane(BATCH)
                .setJobId(jobId)
                .setPart(part)
                .setRun(state.run())
                .setFrame(state.place().frame())
                .setCursor(state.place().cursor())
                .setRecords(state.place().records())
                .setPages((int) Math.min(Integer.MAX_VALUE, state.place().pages()));
        return isCall()
                ? resumption.setFormat(format).setAnswersErrors(true).build()
                : resumption.setFormat(frameFormat()).setAnswersErrors(false).build();
    }

    /** The record that tells a worker to stop a part. */
    Resumption stop(int part, PartState state, long nowMillis, long deadlineMillis) {
        ToolCall call = ToolCall.newBuilder(callOf(part, state))
                .setAction("cancel")
                .setArguments("{}")
                .setPaging(null)
                .setSelect(null)
                .build();
        return Resumption.newBuilder()
                .setKind("continuation")
                .setCall(call)
                .setCallId(callId(part, state))
                .setLane(BATCH)
                .setFormat(frameFormat())
                .setAppendedAt(nowMillis)
                .setDeadline(deadlineMillis)
                .setJobId(jobId)
                .setPart(part)
                .setRun(state.run())
                .setAnswersErrors(isCall())
                .build();
    }

    private ToolCall callOf(int part, PartState state) {
        Job job = plan.job();
        ToolCall call = plan.call();
        if (job == null) {
            if (call == null) {
                throw new IllegalStateException(jobId + " has neither a job nor a call");
            }
            return ToolCall.newBuilder(call).build();
        }
        return ToolCall.newBuilder()
                .setCallId(callId(part, state))
                .setTool(job.getTool())
                .setTenant(plan.tenant())
                .setConnection(plan.connection(part))
                .setArguments(plan.arguments(part))
                .setReplyTo(job.getSink())
                .setView(job.getView())
                .setSelect(job.getSelect())
                .setPaging(Paging.newBuilder()
                        .setMode("all")
                        .setMaxRecords(job.getMaxRecords())
                        .setMaxPages(job.getMaxPages())
                        .build())
                .build();
    }

    /** The frame after which no other of this call comes. */
    ToolReply lastFrame(int part, PartState state, PartError error, long nowMillis) {
        return ToolReply.newBuilder()
                .setCallId(callId(part, state))
                .setFrame(state.place().frame())
                .setLast(true)
                .setStatus("error")
                .setNextCursor(state.place().cursor())
                .setError(error.toMessage())
                .setStats(Stats.newBuilder()
                        .setPart(part)
                        .setPages(
                                (int) Math.min(Integer.MAX_VALUE, state.place().pages()))
                        .setAttempts(state.course().attempts())
                        .build())
                .setCompletedAt(nowMillis)
                .build();
    }

    JobEvent event(
            JobHead head,
            String kind,
            @Nullable Integer part,
            @Nullable PartError error,
            @Nullable String message,
            long nowMillis) {
        return JobEvent.newBuilder()
                .setJobId(jobId)
                .setKind(kind)
                .setAt(nowMillis)
                .setRecords(head.delivered().records())
                .setPages(head.delivered().pages())
                .setBytes(head.delivered().bytes())
                .setParts(head.parts())
                .setPartsRunning(head.tally().running())
                .setPartsDone(head.tally().done())
                .setPartsFailed(head.tally().failed())
                .setRecordsPerSecond(rate(head, nowMillis))
                .setExpectedEnd(head.expectedEnd(nowMillis))
                .setPart(part)
                .setError(error == null ? null : error.toMessage())
                .setMessage(message)
                .build();
    }

    /** An event about a job of which nothing is kept. */
    static JobEvent refusal(String jobId, ToolError error, long nowMillis) {
        return JobEvent.newBuilder()
                .setJobId(jobId)
                .setKind("rejected")
                .setAt(nowMillis)
                .setError(error)
                .setMessage(error.getMessage())
                .build();
    }

    JobStatus status(JobHead head, PartBook book, long nowMillis) {
        PartError error = head.failures().first();
        return JobStatus.newBuilder()
                .setJobId(jobId)
                .setState(head.state().wireName())
                .setJob(plan.job())
                .setCall(plan.call())
                .setScheduleId(command.getScheduleId())
                .setSubmitter(command.getSubmitter())
                .setRecords(head.delivered().records())
                .setPages(head.delivered().pages())
                .setBytes(head.delivered().bytes())
                .setParts(head.parts())
                .setPartsRunning(head.tally().running())
                .setPartsDone(head.tally().done())
                .setPartsFailed(head.tally().failed())
                .setPartsRetried(head.failures().retried())
                .setRecordsPerSecond(rate(head, nowMillis))
                .setExpectedEnd(head.expectedEnd(nowMillis))
                .setSubmittedAt(head.extent().submittedMillis())
                .setStartedAt(head.startedMillis())
                .setUpdatedAt(nowMillis)
                .setFinishedAt(head.finishedMillis())
                .setError(error == null ? null : error.toMessage())
                .setFailures(failures(head, book))
                .build();
    }

    /** The status of a job that was not taken on. */
    static JobStatus rejected(JobCommand command, boolean withJob, ToolError error, long nowMillis) {
        return JobStatus.newBuilder()
                .setJobId(command.getJobId())
                .setState(JobState.REJECTED.wireName())
                .setJob(withJob ? command.getJob() : null)
                .setCall(withJob ? command.getCall() : null)
                .setScheduleId(command.getScheduleId())
                .setSubmitter(command.getSubmitter())
                .setSubmittedAt(nowMillis)
                .setUpdatedAt(nowMillis)
                .setFinishedAt(nowMillis)
                .setError(error)
                .build();
    }

    // ---- what does not fit into its topic ----

    /** Without what may be long: the rest of it is in the status. */
    static JobEvent shortened(JobEvent event) {
        return JobEvent.newBuilder(event)
                .setMessage(event.getMessage() == null ? null : shortened(event.getMessage()))
                .setError(shortened(event.getError()))
                .build();
    }

    /** With so many failed parts, and without their arguments. */
    static JobStatus shortened(JobStatus status, int mostFailures) {
        return JobStatus.newBuilder(status)
                .setFailures(status.getFailures().stream()
                        .limit(mostFailures)
                        .map(failed -> FailedPart.newBuilder(failed)
                                .setArguments("{}")
                                .setError(shortened(failed.getError()))
                                .build())
                        .toList())
                .setError(shortened(status.getError()))
                .build();
    }

    /** Without the place where it could be gone on, which only the job needs. */
    static ToolReply shortened(ToolReply last) {
        return ToolReply.newBuilder(last)
                .setNextCursor(null)
                .setError(shortened(last.getError()))
                .build();
    }

    private static @Nullable ToolError shortened(@Nullable ToolError error) {
        return error == null
                ? null
                : ToolError.newBuilder(error)
                        .setMessage(shortened(error.getMessage()))
                        .setFields(List.of())
                        .setVendorBody(null)
                        .build();
    }

    private static String shortened(String text) {
        return text.length() <= SHORT_TEXT ? text : text.substring(0, SHORT_TEXT) + "...";
    }

    private static @Nullable Double rate(JobHead head, long nowMillis) {
        return head.startedMillis() == null || head.state().ended() ? null : head.recordsPerSecond(nowMillis);
    }

    private List<FailedPart> failures(JobHead head, PartBook book) {
        if (head.tally().failed() == 0) {
            return List.of();
        }
        List<FailedPart> failures = new ArrayList<>();
        for (int part : book.in(Phase.FAILED, 0, MOST_FAILURES)) {
            PartState state = book.get(part);
            PartError error = state.trouble().error();
            String arguments = plan.arguments(part);
            failures.add(FailedPart.newBuilder()
                    .setPart(part)
                    .setConnection(plan.connection(part))
                    .setArguments(arguments.length() > LONGEST_ARGUMENTS ? "{}" : arguments)
                    .setRecords(state.place().records())
                    .setError(error == null ? null : error.toMessage())
                    .build());
        }
        return failures;
    }
}
