package dev.toolpost.scheduler.job.state;

import dev.toolpost.message.PartEvent;
import dev.toolpost.schemas.ErrorCode;
import java.util.Set;

/** What becomes of single parts, told by the dispatcher, by workers or by the time that has passed. Used once, by one thread. */
final class PartSteps {

    /** How long after a part was told to stop a worker may still find that in a later run. */
    private static final long STOPS_LINGER_MILLIS = 180_000;

    private static final Set<String> ENDS = Set.of("done", "failed");

    private final JobDraft draft;
    private final RetryPolicy policy;

    PartSteps(JobDraft draft) {
        this.draft = draft;
        this.policy = new RetryPolicy(draft.settings());
    }

    /** The dispatcher gave the part to a worker. */
    void begun(int part, int run) {
        PartState state = draft.known(part, run, Phase.OFFERED);
        if (state == null) {
            return;
        }
        long deadline = Math.min(
                draft.head().deadlineMillis(),
                draft.now() + draft.settings().partDeadline().toMillis());
        PartState running =
                state.running(deadline + draft.settings().lostAfter().toMillis());
        draft.put(part, state, running);
        draft.add(new Effect.Wake(running.dueMillis(), Alarm.LOST, part));
        if (draft.head().startedMillis() == null) {
            draft.change(head -> head.begunAt(draft.now()));
            if (draft.head().state() == JobState.ACCEPTED) {
                draft.change(head -> head.in(JobState.RUNNING));
            }
            draft.tell("started", null);
            draft.add(new Effect.Publish());
        }
        if (!draft.head().state().begins()) {
            draft.stop(part, running);
        }
    }

    /** The dispatcher gave the part back. */
    void withdrawn(int part, int run) {
        PartState state = draft.known(part, run, Phase.OFFERED);
        if (state != null) {
            draft.put(part, state, state.in(Phase.READY));
            draft.fill();
            draft.settle();
        }
    }

    /** A worker tells of a part. */
    void news(PartEvent event) {
        int part = event.getPart();
        boolean last = ENDS.contains(event.getKind());
        if (!last && !event.getKind().equals("progress")) {
            return;
        }
        PartState state = draft.known(part, event.getRun(), Phase.RUNNING);
        if (state == null || !state.isNews(event, last)) {
            return;
        }
        PartState after = state.after(event);
        draft.change(head -> head.delivered(
                draft.now(), event, event.getFrame() - state.place().frame()));
        switch (event.getKind()) {
            case "progress" -> draft.book().put(part, after);
            case "done" -> {
                draft.put(part, state, after.in(Phase.DONE));
                draft.change(head -> head.withEnded(after.place().records()));
                ended(part, after);
            }
            default -> failed(part, state, after, PartError.of(event.getError()));
        }
        draft.progressed();
    }

    /**
     * Nothing was told of the part until now. Only this shows it: a clock does not, since whoever reads what is told may have been away
     * for longer than the part had time.
     */
    void silent(int part, int run) {
        PartState state = draft.known(part, run, Phase.RUNNING);
        if (state == null) {
            return;
        }
        if (isOutOfPatience(state)) {
            stoppedForGood(part, state, state, JobDraft.cancelled());
        } else if (state.dueMillis() <= draft.now()) {
            PartError error =
                    PartError.of(ErrorCode.DEADLINE_EXCEEDED, "nothing was heard of the part until its deadline", null);
            failed(part, state, state, error);
        }
    }

    private void failed(int part, PartState before, PartState state, PartError error) {
        boolean stopped = error.is(ErrorCode.CANCELLED)
                && (state.stopping()
                        || (state.stops().lastMillis() > 0
                                && draft.now() - state.stops().lastMillis() < STOPS_LINGER_MILLIS));
        if (draft.head().state() == JobState.CANCELLING) {
            stoppedForGood(part, before, state, error);
        } else if (stopped && !draft.isCall() && !state.isPlaceLost()) {
            draft.put(part, before, state.in(Phase.READY));
            ended(part, state);
        } else {
            decide(part, before, state.failedWith(error, state.trouble().failures() + 1), error);
        }
    }

    private void decide(int part, PartState before, PartState state, PartError error) {
        RetryPolicy.Decision decision = draft.isCall()
                ? new RetryPolicy.Decision.GiveUp("a call is made once")
                : policy.decide(
                        state,
                        error,
                        draft.now(),
                        draft.head().deadlineMillis(),
                        31L * draft.jobId().hashCode() + part);
        switch (decision) {
            case RetryPolicy.Decision.Again(long at) -> {
                draft.put(part, before, state.waiting(at));
                draft.change(head -> head.withRetry());
                draft.add(new Effect.Wake(at, Alarm.RETRY, part));
                draft.add(new Effect.Tell(
                        "part_retried",
                        part,
                        error,
                        "run " + (state.run() + 1) + " follows in " + Summary.seconds(at - draft.now())));
                ended(part, state);
            }
            case RetryPolicy.Decision.GiveUp(String why) -> {
                draft.giveUp(part, before, state, error, why);
                ended(part, state);
            }
        }
    }

    private void stoppedForGood(int part, PartState before, PartState state, PartError error) {
        if (draft.head().course().expired()) {
            draft.giveUp(
                    part,
                    before,
                    state,
                    error.is(ErrorCode.CANCELLED) ? JobDraft.tooLate() : error,
                    "the job's deadline has passed");
        } else {
            draft.put(part, before, state.in(Phase.CANCELLED));
            draft.lastFrame(part, state, JobDraft.cancelled());
        }
        ended(part, state);
    }

    /** The part is no longer under way. */
    private void ended(int part, PartState state) {
        draft.add(new Effect.Freed(part, state.run()));
        draft.fill();
        draft.settle();
    }

    void retryDue(int part) {
        PartState state = draft.book().get(part);
        if (state.phase() == Phase.WAITING && state.dueMillis() <= draft.now()) {
            draft.put(part, state, state.in(Phase.READY));
            draft.fill();
        }
    }

    void lost(int part) {
        PartState state = draft.book().get(part);
        if (state.phase() == Phase.RUNNING && state.dueMillis() <= draft.now()) {
            draft.add(new Effect.Probe(part, state.run()));
        }
    }

    void stopAgain(int part) {
        PartState state = draft.book().get(part);
        if (state.phase() != Phase.RUNNING
                || !state.stopping()
                || draft.now()
                        < state.stops().lastMillis()
                                + draft.settings().cancelEvery().toMillis()) {
            return;
        }
        if (isOutOfPatience(state)) {
            draft.add(new Effect.Probe(part, state.run()));
            return;
        }
        draft.stop(part, state);
    }

    private boolean isOutOfPatience(PartState state) {
        return draft.head().state() == JobState.CANCELLING
                && state.stopping()
                && draft.now() - state.stops().sinceMillis()
                        >= draft.settings().cancelPatience().toMillis();
    }
}
