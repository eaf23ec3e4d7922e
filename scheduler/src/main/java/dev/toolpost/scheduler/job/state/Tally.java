package dev.toolpost.scheduler.job.state;

import org.jspecify.annotations.Nullable;

/** How many parts of a job are in which phase; those that were never looked at are in none. Immutable. */
public record Tally(int ready, int offered, int running, int waiting, int done, int failed, int cancelled) {

    static final Tally NONE = new Tally(0, 0, 0, 0, 0, 0, 0);

    /** Parts that the job has at the dispatcher or at workers. */
    public int underWay() {
        return offered + running;
    }

    Tally moved(@Nullable Phase from, Phase to) {
        return (from == null ? this : plus(from, -1)).plus(to, 1);
    }

    Tally plus(Phase phase, int by) {
        return switch (phase) {
            case READY -> new Tally(ready + by, offered, running, waiting, done, failed, cancelled);
            case OFFERED -> new Tally(ready, offered + by, running, waiting, done, failed, cancelled);
            case RUNNING -> new Tally(ready, offered, running + by, waiting, done, failed, cancelled);
            case WAITING -> new Tally(ready, offered, running, waiting + by, done, failed, cancelled);
            case DONE -> new Tally(ready, offered, running, waiting, done + by, failed, cancelled);
            case FAILED -> new Tally(ready, offered, running, waiting, done, failed + by, cancelled);
            case CANCELLED -> new Tally(ready, offered, running, waiting, done, failed, cancelled + by);
        };
    }
}
