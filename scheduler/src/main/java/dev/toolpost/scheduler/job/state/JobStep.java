package dev.toolpost.scheduler.job.state;

import dev.toolpost.message.PartEvent;
import dev.toolpost.schemas.ErrorCode;
import java.util.List;

/**
 * One step of a job: from where it stands, by a command, an event of a part or the time, to where it stands then and what follows. Reads
 * no clock and writes nothing but the parts in its book. Used once, by one thread.
 *
 * <p>A part ends exactly once in each round. What comes of runs that are over, and what was told before, changes nothing.
 */
public final class JobStep {

    private final JobDraft draft;
    private final PartSteps parts;

    /**
     * A step.
     *
     * @param call whether the job is a single call, whose errors the worker answers
     */
    public JobStep(String jobId, boolean call, JobHead head, PartBook book, JobSettings settings, long nowMillis) {
        this.draft = new JobDraft(jobId, call, head, book, settings, nowMillis);
        this.parts = new PartSteps(draft);
    }

    /** Where the job stands after the step. */
    public JobHead head() {
        return draft.head();
    }

    /** What follows, in order. */
    public List<Effect> effects() {
        return draft.effects();
    }

    // ---- commands ----

    /** The job was accepted. */
    public void begin() {
        draft.tell(
                "accepted", draft.head().parts() == 1 ? "1 part" : draft.head().parts() + " parts");
        draft.add(new Effect.Wake(draft.head().deadlineMillis(), Alarm.DEADLINE, Alarm.WHOLE_JOB));
        draft.add(new Effect.Publish());
        draft.fill();
    }

    /** The same job was submitted again. */
    public void submittedAgain() {
        draft.tell(
                "accepted",
                "submitted again: the job is " + draft.head().state().wireName() + ", and nothing changes");
    }

    /** Parts under way are stopped and keep their place; no others begin. */
    public void pause() {
        switch (draft.head().state()) {
            case ACCEPTED, RUNNING -> {
                if (draft.isCall() && draft.head().tally().running() > 0) {
                    refuse("pause", "a call that a worker has cannot be paused; cancel it");
                    return;
                }
                draft.change(head -> head.in(JobState.PAUSING));
                draft.add(new Effect.Publish());
                draft.stopAll();
                draft.settle();
            }
            case PAUSING, PAUSED ->
                refuse("pause", "it is " + draft.head().state().wireName() + " already");
            case CANCELLING, CANCELLED, FINISHED, FINISHED_WITH_ERRORS, REJECTED -> refuse("pause", isOver());
        }
    }

    /** Parts go on from their places. */
    public void resume() {
        switch (draft.head().state()) {
            case PAUSING, PAUSED -> {
                draft.change(head -> head.in(head.startedMillis() == null ? JobState.ACCEPTED : JobState.RUNNING));
                draft.tell("resumed", null);
                draft.add(new Effect.Publish());
                draft.fill();
                draft.settle();
            }
            case ACCEPTED, RUNNING -> refuse("resume", "it is not paused");
            case CANCELLING, CANCELLED, FINISHED, FINISHED_WITH_ERRORS, REJECTED -> refuse("resume", isOver());
        }
    }

    /** Parts under way are stopped, and that is the end. */
    public void cancel() {
        switch (draft.head().state()) {
            case ACCEPTED, RUNNING, PAUSING, PAUSED -> {
                draft.change(head -> head.in(JobState.CANCELLING));
                draft.add(new Effect.Publish());
                draft.stopAll();
                draft.settle();
            }
            case CANCELLING -> refuse("cancel", "it is being cancelled already");
            case CANCELLED, FINISHED, FINISHED_WITH_ERRORS, REJECTED -> refuse("cancel", isOver());
        }
    }

    /** Parts that were given up go on from their places. */
    public void retry() {
        switch (draft.head().state()) {
            case ACCEPTED, RUNNING, PAUSING, PAUSED, FINISHED_WITH_ERRORS -> {
                if (draft.isCall()) {
                    refuse("retry", "a call was answered; make it again as another call");
                } else if (draft.head().deadlineMillis() <= draft.now()) {
                    refuse("retry", "its deadline has passed; submit it again under another id");
                } else {
                    retryFailed();
                }
            }
            case CANCELLING, CANCELLED, FINISHED, REJECTED -> refuse("retry", isOver());
        }
    }

    private void retryFailed() {
        List<Integer> failed = draft.book().in(Phase.FAILED, 0, JobDraft.MOST_AT_ONCE);
        boolean all = failed.size() < JobDraft.MOST_AT_ONCE;
        int known = takeUp(failed);
        if (all && known == 0) {
            refuse(
                    "retry",
                    failed.isEmpty()
                            ? "no part of it has failed"
                            : "it is not known where the parts that failed had come to; submit it again under another id");
            return;
        }
        int left = failed.size() - known;
        draft.tell(
                "resumed",
                all
                        ? known + (known == 1 ? " part is" : " parts are") + " tried again"
                                + (left == 0 ? "" : "; of " + left + " it is not known where they had come to")
                        : "all parts that failed are tried again, but those of which it is not known where they had come to");
        draft.add(new Effect.Publish());
        draft.fill();
    }

    /** Those that failed, from a number on, behind as many as one step may take up. */
    private void takeUpMore(int first) {
        switch (draft.head().state()) {
            case ACCEPTED, RUNNING, PAUSING, PAUSED, FINISHED_WITH_ERRORS -> {
                if (draft.head().deadlineMillis() > draft.now()
                        && takeUp(draft.book().in(Phase.FAILED, first, JobDraft.MOST_AT_ONCE)) > 0) {
                    draft.add(new Effect.Publish());
                    draft.fill();
                }
            }
            case CANCELLING, CANCELLED, FINISHED, REJECTED -> {
                // It was cancelled meanwhile.
            }
        }
    }

    /** How many of them are taken up again: those of which it is known where they had come to. */
    private int takeUp(List<Integer> failed) {
        int known = 0;
        for (int part : failed) {
            PartState state = draft.book().get(part);
            if (!state.isPlaceLost()) {
                known++;
                draft.change(head -> head.withEnded(-state.place().records()));
                draft.put(part, state, state.again());
            }
        }
        if (failed.size() == JobDraft.MOST_AT_ONCE) {
            draft.add(new Effect.Wake(draft.now(), Alarm.TAKE_UP, failed.getLast() + 1));
        }
        if (known > 0) {
            draft.change(head -> head.withoutError());
            if (draft.head().state() == JobState.FINISHED_WITH_ERRORS) {
                draft.change(head -> head.in(JobState.RUNNING).endedAt(null));
            }
        }
        return known;
    }

    /** A command that changes nothing is answered by an event. */
    private void refuse(String action, String why) {
        PartError error = PartError.of(ErrorCode.INVALID_CALL, action + " of job " + draft.jobId() + ": " + why, null);
        draft.add(new Effect.Tell("rejected", null, error, error.message()));
    }

    private String isOver() {
        return "it is " + draft.head().state().wireName();
    }

    // ---- parts ----

    /** The dispatcher gave the part to a worker. */
    public void begun(int part, int run) {
        parts.begun(part, run);
    }

    /** The dispatcher gave the part back. */
    public void withdrawn(int part, int run) {
        parts.withdrawn(part, run);
    }

    /** A worker tells of a part. */
    public void news(PartEvent event) {
        parts.news(event);
    }

    /** Nothing was told of the part until now. */
    public void silent(int part, int run) {
        parts.silent(part, run);
    }

    // ---- time ----

    /** What the job wanted to be woken for; nothing happens where that is no longer so. */
    public void alarm(Alarm alarm, int part) {
        switch (alarm) {
            case DEADLINE -> expire();
            case RETRY -> parts.retryDue(part);
            case LOST -> parts.lost(part);
            case STOP -> parts.stopAgain(part);
            case TELL -> draft.tellProgress();
            case TAKE_UP -> takeUpMore(part);
            case END -> draft.settle();
            case CLEAR, FORGET -> {
                // Whoever keeps the job sees to that.
            }
        }
    }

    private void expire() {
        if (draft.head().deadlineMillis() > draft.now()
                || draft.head().state().ended()
                || draft.head().course().expired()) {
            return;
        }
        draft.change(head -> head.overdue().withError(JobDraft.tooLate()));
        if (draft.head().state() != JobState.CANCELLING) {
            draft.change(head -> head.in(JobState.CANCELLING));
            draft.stopAll();
        }
        draft.add(new Effect.Publish());
        draft.settle();
    }
}
