package dev.toolpost.scheduler.job.state;

import dev.toolpost.message.PartEvent;
import dev.toolpost.schemas.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One step of a job: from where it stands, by a command, an event of a part or the time, to where it stands then and what follows. Reads
 * no clock and writes nothing but the parts in its book. Used once, by one thread.
 *
 * <p>A part ends exactly once in each round. What comes of runs that are over, and what was told before, changes nothing.
 */
public final class JobStep {

    /** Parts of a job that were begun and wait for their next run, as a multiple of those under way: more are not begun. */
    private static final int MOST_BEGUN = 16;

    /** Parts that were not under way and are taken up again, or ended, in one step: each costs writes of its transaction. */
    static final int MOST_AT_ONCE = 2_000;

    /** How long after a part was told to stop a worker may still find that in a later run. */
    private static final long STOPS_LINGER_MILLIS = 180_000;

    private static final Set<String> ENDS = Set.of("done", "failed");

    private final String jobId;
    private final boolean call;
    private final PartBook book;
    private final JobSettings settings;
    private final RetryPolicy policy;
    private final long now;
    private final List<Effect> effects = new ArrayList<>();
    private JobHead head;

    /**
     * A step.
     *
     * @param call whether the job is a single call, whose errors the worker answers
     */
    public JobStep(String jobId, boolean call, JobHead head, PartBook book, JobSettings settings, long nowMillis) {
        this.jobId = jobId;
        this.call = call;
        this.head = head;
        this.book = book;
        this.settings = settings;
        this.policy = new RetryPolicy(settings);
        this.now = nowMillis;
    }

    /** Where the job stands after the step. */
    public JobHead head() {
        return head;
    }

    /** What follows, in order. */
    public List<Effect> effects() {
        return List.copyOf(effects);
    }

    // ---- commands ----

    /** The job was accepted. */
    public void begin() {
        tell("accepted", head.parts() == 1 ? "1 part" : head.parts() + " parts");
        effects.add(new Effect.Wake(head.deadlineMillis(), Alarm.DEADLINE, Alarm.WHOLE_JOB));
        effects.add(new Effect.Publish());
        fill();
    }

    /** The same job was submitted again. */
    public void submittedAgain() {
        tell("accepted", "submitted again: the job is " + head.state().wireName() + ", and nothing changes");
    }

    /** Parts under way are stopped and keep their place; no others begin. */
    public void pause() {
        switch (head.state()) {
            case ACCEPTED, RUNNING -> {
                if (call && head.tally().running() > 0) {
                    refuse("pause", "a call that a worker has cannot be paused; cancel it");
                    return;
                }
                head = head.in(JobState.PAUSING);
                effects.add(new Effect.Publish());
                stopAll();
                settle();
            }
            case PAUSING, PAUSED -> refuse("pause", "it is " + head.state().wireName() + " already");
            case CANCELLING, CANCELLED, FINISHED, FINISHED_WITH_ERRORS, REJECTED -> refuse("pause", isOver());
        }
    }

    /** Parts go on from their places. */
    public void resume() {
        switch (head.state()) {
            case PAUSING, PAUSED -> {
                head = head.in(head.startedMillis() == null ? JobState.ACCEPTED : JobState.RUNNING);
                tell("resumed", null);
                effects.add(new Effect.Publish());
                fill();
                settle();
            }
            case ACCEPTED, RUNNING -> refuse("resume", "it is not paused");
            case CANCELLING, CANCELLED, FINISHED, FINISHED_WITH_ERRORS, REJECTED -> refuse("resume", isOver());
        }
    }

    /** Parts under way are stopped, and that is the end. */
    public void cancel() {
        switch (head.state()) {
            case ACCEPTED, RUNNING, PAUSING, PAUSED -> {
                head = head.in(JobState.CANCELLING);
                effects.add(new Effect.Publish());
                stopAll();
                settle();
            }
            case CANCELLING -> refuse("cancel", "it is being cancelled already");
            case CANCELLED, FINISHED, FINISHED_WITH_ERRORS, REJECTED -> refuse("cancel", isOver());
        }
    }

    /** Parts that were given up go on from their places. */
    public void retry() {
        switch (head.state()) {
            case ACCEPTED, RUNNING, PAUSING, PAUSED, FINISHED_WITH_ERRORS -> {
                if (call) {
                    refuse("retry", "a call was answered; make it again as another call");
                } else if (head.deadlineMillis() <= now) {
                    refuse("retry", "its deadline has passed; submit it again under another id");
                } else {
                    retryFailed();
                }
            }
            case CANCELLING, CANCELLED, FINISHED, REJECTED -> refuse("retry", isOver());
        }
    }

    private void retryFailed() {
        List<Integer> failed = book.in(Phase.FAILED, 0, MOST_AT_ONCE);
        boolean all = failed.size() < MOST_AT_ONCE;
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
        tell(
                "resumed",
                all
                        ? known + (known == 1 ? " part is" : " parts are") + " tried again"
                                + (left == 0 ? "" : "; of " + left + " it is not known where they had come to")
                        : "all parts that failed are tried again, but those of which it is not known where they had come to");
        effects.add(new Effect.Publish());
        fill();
    }

    /** Those that failed, from a number on, behind as many as one step may take up. */
    private void takeUpMore(int first) {
        switch (head.state()) {
            case ACCEPTED, RUNNING, PAUSING, PAUSED, FINISHED_WITH_ERRORS -> {
                if (head.deadlineMillis() > now && takeUp(book.in(Phase.FAILED, first, MOST_AT_ONCE)) > 0) {
                    effects.add(new Effect.Publish());
                    fill();
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
            PartState state = book.get(part);
            if (!state.isPlaceLost()) {
                known++;
                head = head.withEnded(-state.place().records());
                put(part, state, state.again());
            }
        }
        if (failed.size() == MOST_AT_ONCE) {
            effects.add(new Effect.Wake(now, Alarm.TAKE_UP, failed.getLast() + 1));
        }
        if (known > 0) {
            head = head.withoutError();
            if (head.state() == JobState.FINISHED_WITH_ERRORS) {
                head = head.in(JobState.RUNNING).endedAt(null);
            }
        }
        return known;
    }

    /** A command that changes nothing is answered by an event. */
    private void refuse(String action, String why) {
        PartError error = PartError.of(ErrorCode.INVALID_CALL, action + " of job " + jobId + ": " + why, null);
        effects.add(new Effect.Tell("rejected", null, error, error.message()));
    }

    private String isOver() {
        return "it is " + head.state().wireName();
    }

    // ---- what becomes of parts ----

    /** The dispatcher gave the part to a worker. */
    public void begun(int part, int run) {
        PartState state = known(part, run, Phase.OFFERED);
        if (state == null) {
            return;
        }
        long deadline =
                Math.min(head.deadlineMillis(), now + settings.partDeadline().toMillis());
        PartState running = state.running(deadline + settings.lostAfter().toMillis());
        put(part, state, running);
        effects.add(new Effect.Wake(running.dueMillis(), Alarm.LOST, part));
        if (head.startedMillis() == null) {
            head = head.begunAt(now);
            if (head.state() == JobState.ACCEPTED) {
                head = head.in(JobState.RUNNING);
            }
            tell("started", null);
            effects.add(new Effect.Publish());
        }
        if (!head.state().begins()) {
            stop(part, running);
        }
    }

    /** The dispatcher gave the part back. */
    public void withdrawn(int part, int run) {
        PartState state = known(part, run, Phase.OFFERED);
        if (state != null) {
            put(part, state, state.in(Phase.READY));
            fill();
            settle();
        }
    }

    /** A worker tells of a part. */
    public void news(PartEvent event) {
        int part = event.getPart();
        boolean last = ENDS.contains(event.getKind());
        if (!last && !event.getKind().equals("progress")) {
            return;
        }
        PartState state = known(part, event.getRun(), Phase.RUNNING);
        if (state == null || !state.isNews(event, last)) {
            return;
        }
        PartState after = state.after(event);
        head = head.delivered(now, event, event.getFrame() - state.place().frame());
        switch (event.getKind()) {
            case "progress" -> book.put(part, after);
            case "done" -> {
                put(part, state, after.in(Phase.DONE));
                head = head.withEnded(after.place().records());
                ended(part, after);
            }
            default -> failed(part, state, after, PartError.of(event.getError()));
        }
        progressed();
    }

    private void failed(int part, PartState before, PartState state, PartError error) {
        boolean stopped = error.is(ErrorCode.CANCELLED)
                && (state.stopping()
                        || (state.stops().lastMillis() > 0
                                && now - state.stops().lastMillis() < STOPS_LINGER_MILLIS));
        if (head.state() == JobState.CANCELLING) {
            stoppedForGood(part, before, state, error);
        } else if (stopped && !call && !state.isPlaceLost()) {
            put(part, before, state.in(Phase.READY));
            ended(part, state);
        } else {
            decide(part, before, state.failedWith(error, state.trouble().failures() + 1), error);
        }
    }

    private void decide(int part, PartState before, PartState state, PartError error) {
        RetryPolicy.Decision decision = call
                ? new RetryPolicy.Decision.GiveUp("a call is made once")
                : policy.decide(state, error, now, head.deadlineMillis(), 31L * jobId.hashCode() + part);
        switch (decision) {
            case RetryPolicy.Decision.Again(long at) -> {
                put(part, before, state.waiting(at));
                head = head.withRetry();
                effects.add(new Effect.Wake(at, Alarm.RETRY, part));
                effects.add(new Effect.Tell(
                        "part_retried",
                        part,
                        error,
                        "run " + (state.run() + 1) + " follows in " + Summary.seconds(at - now)));
                ended(part, state);
            }
            case RetryPolicy.Decision.GiveUp(String why) -> {
                giveUp(part, before, state, error, why);
                ended(part, state);
            }
        }
    }

    private void giveUp(int part, PartState before, PartState state, PartError error, String why) {
        put(part, before, state.failedWith(error, state.trouble().failures()).in(Phase.FAILED));
        head = head.withEnded(state.place().records()).withError(error);
        lastFrame(part, state, error);
        effects.add(new Effect.Tell("part_failed", part, error, "given up: " + why));
    }

    private void stoppedForGood(int part, PartState before, PartState state, PartError error) {
        if (head.course().expired()) {
            giveUp(
                    part,
                    before,
                    state,
                    error.is(ErrorCode.CANCELLED) ? tooLate() : error,
                    "the job's deadline has passed");
        } else {
            put(part, before, state.in(Phase.CANCELLED));
            lastFrame(part, state, cancelled());
        }
        ended(part, state);
    }

    private void lastFrame(int part, PartState state, PartError error) {
        if (state.course().begun() && !call) {
            effects.add(new Effect.LastFrame(part, state, error));
        }
    }

    /** The part is no longer under way. */
    private void ended(int part, PartState state) {
        effects.add(new Effect.Freed(part, state.run()));
        fill();
        settle();
    }

    // ---- time ----

    /** What the job wanted to be woken for; nothing happens where that is no longer so. */
    public void alarm(Alarm alarm, int part) {
        switch (alarm) {
            case DEADLINE -> expire();
            case RETRY -> retryDue(part);
            case LOST -> lost(part);
            case STOP -> stopAgain(part);
            case TELL -> tellProgress();
            case TAKE_UP -> takeUpMore(part);
            case END -> settle();
            case CLEAR, FORGET -> {
                // Whoever keeps the job sees to that.
            }
        }
    }

    private void expire() {
        if (head.deadlineMillis() > now || head.state().ended() || head.course().expired()) {
            return;
        }
        head = head.overdue().withError(tooLate());
        if (head.state() != JobState.CANCELLING) {
            head = head.in(JobState.CANCELLING);
            stopAll();
        }
        effects.add(new Effect.Publish());
        settle();
    }

    private void retryDue(int part) {
        PartState state = book.get(part);
        if (state.phase() == Phase.WAITING && state.dueMillis() <= now) {
            put(part, state, state.in(Phase.READY));
            fill();
        }
    }

    private void lost(int part) {
        PartState state = book.get(part);
        if (state.phase() == Phase.RUNNING && state.dueMillis() <= now) {
            effects.add(new Effect.Probe(part, state.run()));
        }
    }

    /**
     * Nothing was told of the part until now. Only this shows it: a clock does not, since whoever reads what is told may have been away
     * for longer than the part had time.
     */
    public void silent(int part, int run) {
        PartState state = known(part, run, Phase.RUNNING);
        if (state == null) {
            return;
        }
        if (isOutOfPatience(state)) {
            stoppedForGood(part, state, state, cancelled());
        } else if (state.dueMillis() <= now) {
            PartError error =
                    PartError.of(ErrorCode.DEADLINE_EXCEEDED, "nothing was heard of the part until its deadline", null);
            failed(part, state, state, error);
        }
    }

    private boolean isOutOfPatience(PartState state) {
        return head.state() == JobState.CANCELLING
                && state.stopping()
                && now - state.stops().sinceMillis()
                        >= settings.cancelPatience().toMillis();
    }

    private void stopAgain(int part) {
        PartState state = book.get(part);
        if (state.phase() != Phase.RUNNING
                || !state.stopping()
                || now < state.stops().lastMillis() + settings.cancelEvery().toMillis()) {
            return;
        }
        if (isOutOfPatience(state)) {
            effects.add(new Effect.Probe(part, state.run()));
            return;
        }
        stop(part, state);
    }

    private void stopAll() {
        for (int part : book.in(Phase.OFFERED, 0, Integer.MAX_VALUE)) {
            effects.add(new Effect.Withdraw(part, book.get(part).run()));
        }
        for (int part : book.in(Phase.RUNNING, 0, Integer.MAX_VALUE)) {
            stop(part, book.get(part));
        }
    }

    private void stop(int part, PartState state) {
        PartState told = state.toldToStop(now);
        book.put(part, told);
        effects.add(new Effect.Stop(part, told));
        effects.add(new Effect.Wake(now + settings.cancelEvery().toMillis(), Alarm.STOP, part));
    }

    // ---- what goes on ----

    private void fill() {
        if (!head.state().begins()) {
            return;
        }
        int free = head.extent().concurrency() - head.tally().underWay();
        if (free <= 0) {
            return;
        }
        List<Integer> ready = head.tally().ready() == 0 ? List.of() : book.in(Phase.READY, 0, free);
        for (int part : ready) {
            offer(part);
        }
        for (int i = ready.size();
                i < free && head.untouched() > 0 && head.tally().waiting() < mostWaiting();
                i++) {
            int part = head.next();
            head = head.withNext(part + 1);
            offer(part);
        }
    }

    private int mostWaiting() {
        return MOST_BEGUN * head.extent().concurrency();
    }

    private void offer(int part) {
        PartState state = book.get(part);
        PartState offered = state.offered();
        put(part, state, offered);
        effects.add(new Effect.Offer(part, offered));
    }

    /** Whether the job has come to a rest, and to which. */
    private void settle() {
        if (head.tally().underWay() > 0) {
            return;
        }
        switch (head.state()) {
            case PAUSING -> {
                head = head.in(JobState.PAUSED);
                tell("paused", null);
                effects.add(new Effect.Publish());
            }
            case CANCELLING -> end();
            case ACCEPTED, RUNNING -> {
                if (head.ended() == head.parts()) {
                    end();
                }
            }
            case PAUSED, CANCELLED, FINISHED, FINISHED_WITH_ERRORS, REJECTED -> {
                // It rests already.
            }
        }
    }

    private void end() {
        boolean cancelled =
                head.state() == JobState.CANCELLING && !head.course().expired();
        if (head.state() == JobState.CANCELLING) {
            int ended = endHeld(Phase.READY, MOST_AT_ONCE);
            endHeld(Phase.WAITING, MOST_AT_ONCE - ended);
            if (head.tally().ready() + head.tally().waiting() > 0) {
                effects.add(new Effect.Wake(now, Alarm.END, Alarm.WHOLE_JOB));
                return;
            }
            if (head.course().expired()) {
                // Of parts that were never looked at nobody waits for a frame.
                Tally tally = head.tally().plus(Phase.FAILED, head.untouched());
                head = head.with(tally).withNext(head.parts());
            }
        }
        head = head.in(
                        cancelled
                                ? JobState.CANCELLED
                                : head.tally().failed() > 0 ? JobState.FINISHED_WITH_ERRORS : JobState.FINISHED)
                .endedAt(now);
        tell(cancelled ? "cancelled" : "finished", Summary.of(head, now));
        effects.add(new Effect.Publish());
        effects.add(new Effect.Wake(now + settings.keepFinished().toMillis(), Alarm.CLEAR, Alarm.WHOLE_JOB));
        effects.add(new Effect.Wake(now + settings.keepStatus().toMillis(), Alarm.FORGET, Alarm.WHOLE_JOB));
    }

    /** Parts that wait for another run get none; how many there were. */
    private int endHeld(Phase phase, int most) {
        List<Integer> held = book.in(phase, 0, most);
        for (int part : held) {
            PartState state = book.get(part);
            if (head.course().expired()) {
                giveUp(
                        part,
                        state,
                        state,
                        state.trouble().error() == null
                                ? tooLate()
                                : state.trouble().error(),
                        "the job's deadline has passed");
            } else {
                put(part, state, state.in(Phase.CANCELLED));
                lastFrame(part, state, cancelled());
            }
        }
        return held.size();
    }

    private static PartError cancelled() {
        return PartError.of(ErrorCode.CANCELLED, "the job was cancelled", null);
    }

    private static PartError tooLate() {
        return PartError.of(
                ErrorCode.DEADLINE_EXCEEDED,
                "the job's deadline has passed",
                "Submit it again under another id with a later deadline, or in several jobs.");
    }

    // ---- what is told ----

    private void progressed() {
        if (head.state().ended()) {
            return;
        }
        long next = head.notices().lastMillis() + settings.progressEvery().toMillis();
        if (next <= now) {
            tellProgress();
        } else if (!head.notices().planned()) {
            head = head.tellsAgain();
            effects.add(new Effect.Wake(next, Alarm.TELL, Alarm.WHOLE_JOB));
        }
    }

    private void tellProgress() {
        if (!head.state().ended()) {
            head = head.told(now);
            tell("progress", null);
            effects.add(new Effect.Publish());
        }
    }

    private void tell(String kind, @Nullable String message) {
        effects.add(new Effect.Tell(kind, null, null, message));
    }

    // ---- the book ----

    private @Nullable PartState known(int part, int run, Phase phase) {
        if (part < 0 || part >= head.parts()) {
            return null;
        }
        PartState state = book.get(part);
        return state.phase() == phase && state.run() == run ? state : null;
    }

    private void put(int part, PartState before, PartState after) {
        Phase phase = after.phase();
        if (phase == null) {
            throw new IllegalStateException("part " + part + " of " + jobId + " goes back to the beginning");
        }
        head = head.with(head.tally().moved(before.phase(), phase));
        book.put(part, after);
    }
}
