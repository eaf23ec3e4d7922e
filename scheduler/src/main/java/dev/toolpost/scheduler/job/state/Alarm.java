package dev.toolpost.scheduler.job.state;

/** What a job wanted to be woken for. It looks again whether that is still so. */
public enum Alarm {
    /** The job's deadline. */
    DEADLINE('d'),
    /** A part is tried again. */
    RETRY('r'),
    /** A part of which nothing was heard counts as lost. */
    LOST('l'),
    /** A cancel is repeated. */
    STOP('s'),
    /** Progress is told. */
    TELL('t'),
    /** More parts that failed are taken up again, from the alarm's part on. */
    TAKE_UP('u'),
    /** More parts of a job that is being ended are. */
    END('e'),
    /** What is known of the parts of an ended job is removed. */
    CLEAR('c'),
    /** The status of an ended job is removed. */
    FORGET('f');

    /** For alarms that are about the whole job. */
    public static final int WHOLE_JOB = -1;

    private final char code;

    Alarm(char code) {
        this.code = code;
    }

    /** What it is called in stores. */
    public char code() {
        return code;
    }

    /** The alarm of that code. */
    public static Alarm of(char code) {
        for (Alarm alarm : values()) {
            if (alarm.code == code) {
                return alarm;
            }
        }
        throw new IllegalArgumentException("alarm: '" + code + "' (expected: a known one)");
    }
}
