package dev.toolpost.scheduler.job.state;

import dev.toolpost.schemas.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A job while a step changes it: where it stands by then, its parts, and what follows. What goes on and comes to rest by itself is decided
 * here. Used once, by one thread.
 */
final class JobDraft {

    /** Parts that were not under way and are taken up again, or ended, in one step: each costs writes of its transaction. */
    static final int MOST_AT_ONCE = 2_000;

    /** Parts of a job that were begun and wait for their next run, as a multiple of those under way: more are not begun. */
    private static final int MOST_BEGUN = 16;

    private final String jobId;
    private final boolean call;
    private final PartBook book;
    private final JobSettings settings;
    private final long now;
    private final List<Effect> effects = new ArrayList<>();
    private JobHead head;

    /** @param call whether the job is a single call, whose errors the worker answers */
    JobDraft(String jobId, boolean call, JobHead head, PartBook book, JobSettings settings, long nowMillis) {
        this.jobId = jobId;
        this.call = call;
        this.head = head;
        this.book = book;
        this.settings = settings;
        this.now = nowMillis;
    }

    String jobId() {
        return jobId;
    }

    boolean isCall() {
        return call;
    }

    PartBook book() {
        return book;
    }

    JobSettings settings() {
        return settings;
    }

    /** The time of the step. */
    long now() {
        return now;
    }

    /** Where the job stands by now. */
    JobHead head() {
        return head;
    }

    void change(UnaryOperator<JobHead> how) {
        head = how.apply(head);
    }

    /** What follows, in order. */
    List<Effect> effects() {
        return List.copyOf(effects);
    }

    void add(Effect effect) {
        effects.add(effect);
    }

    // ---- parts ----

    /** A part in this run and phase, or null: what comes of other runs changes nothing. */
    @Nullable
    PartState known(int part, int run, Phase phase) {
        if (part < 0 || part >= head.parts()) {
            return null;
        }
        PartState state = book.get(part);
        return state.phase() == phase && state.run() == run ? state : null;
    }

    void put(int part, PartState before, PartState after) {
        Phase phase = after.phase();
        if (phase == null) {
            throw new IllegalStateException("part " + part + " of " + jobId + " goes back to the beginning");
        }
        head = head.with(head.tally().moved(before.phase(), phase));
        book.put(part, after);
    }

    void giveUp(int part, PartState before, PartState state, PartError error, String why) {
        put(part, before, state.failedWith(error, state.trouble().failures()).in(Phase.FAILED));
        head = head.withEnded(state.place().records()).withError(error);
        lastFrame(part, state, error);
        effects.add(new Effect.Tell("part_failed", part, error, "given up: " + why));
    }

    void lastFrame(int part, PartState state, PartError error) {
        if (state.course().begun() && !call) {
            effects.add(new Effect.LastFrame(part, state, error));
        }
    }

    static PartError cancelled() {
        return PartError.of(ErrorCode.CANCELLED, "the job was cancelled", null);
    }

    static PartError tooLate() {
        return PartError.of(
                ErrorCode.DEADLINE_EXCEEDED,
                "the job's deadline has passed",
                "Submit it again under another id with a later deadline, or in several jobs.");
    }

    // ---- what goes on, and what ends ----

    void fill() {
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

    void stopAll() {
        for (int part : book.in(Phase.OFFERED, 0, Integer.MAX_VALUE)) {
            effects.add(new Effect.Withdraw(part, book.get(part).run()));
        }
        for (int part : book.in(Phase.RUNNING, 0, Integer.MAX_VALUE)) {
            stop(part, book.get(part));
        }
    }

    void stop(int part, PartState state) {
        PartState told = state.toldToStop(now);
        book.put(part, told);
        effects.add(new Effect.Stop(part, told));
        effects.add(new Effect.Wake(now + settings.cancelEvery().toMillis(), Alarm.STOP, part));
    }

    /** Whether the job has come to a rest, and to which. */
    void settle() {
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

    // ---- what is told ----

    void progressed() {
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

    void tellProgress() {
        if (!head.state().ended()) {
            head = head.told(now);
            tell("progress", null);
            effects.add(new Effect.Publish());
        }
    }

    void tell(String kind, @Nullable String message) {
        effects.add(new Effect.Tell(kind, null, null, message));
    }
}
