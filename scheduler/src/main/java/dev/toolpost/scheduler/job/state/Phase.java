package dev.toolpost.scheduler.job.state;

/** Where a part stands that was begun, or is about to be. A part that was never looked at has none. */
public enum Phase {
    /** It may go to the dispatcher. */
    READY('r'),
    /** The dispatcher has it in its line. */
    OFFERED('o'),
    /** A worker has it. */
    RUNNING('u'),
    /** It failed, and waits until it is tried again. */
    WAITING('w'),
    DONE('d'),
    /** It was given up. */
    FAILED('f'),
    /** Its job was cancelled. */
    CANCELLED('c');

    private final char code;

    Phase(char code) {
        this.code = code;
    }

    /** What it is called in stores. */
    public char code() {
        return code;
    }

    /** Whether nothing more becomes of the part by itself. */
    public boolean ended() {
        return this == DONE || this == FAILED || this == CANCELLED;
    }

    /** Whether the part counts as one of those that a job has under way. */
    public boolean underWay() {
        return this == OFFERED || this == RUNNING;
    }
}
