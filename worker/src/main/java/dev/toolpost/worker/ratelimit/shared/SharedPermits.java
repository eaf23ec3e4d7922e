package dev.toolpost.worker.ratelimit.shared;

import java.time.Duration;

/**
 * The permits of one limit that all workers of a vendor share. Never blocks; answers come on another thread, which they must not
 * block either. Thread-safe.
 *
 * <p>What was granted is used (the request sent) within {@link #USE_WITHIN} of its answer or given back. A request that arrives at the vendor
 * later than {@linkplain RedisSettings#jitter() the jitter} after its answer may exceed the vendor's limit.
 */
public interface SharedPermits extends AutoCloseable {

    /** How long a granted permit may stay unused. */
    Duration USE_WITHIN = Duration.ofMillis(250);

    /** The most that can ever be granted at once. */
    int most();

    /**
     * Asks for permits. Exactly one of the answer's methods is called within {@link RedisSettings#timeout()}.
     *
     * @param least with fewer a caller can do nothing; from 1 to {@link #most()}
     * @param count wanted; no less than the least
     * @param leave how many must stay for others, as batch calls leave the interactive reserve; less where the least takes nearly everything
     * @throws IllegalArgumentException for numbers that can never be granted
     */
    void ask(int least, int count, int leave, Answer answer);

    /** As {@link #ask(int, int, int, Answer)}, content with one and leaving none. */
    default void ask(int count, Answer answer) {
        ask(1, count, 0, answer);
    }

    /** How many there were when they were last looked at; -1 before that. For people. */
    int lastSeen();

    /**
     * Permits that were granted within {@link #USE_WITHIN} and are not used. Best effort: of a bucket what may have flown back in meanwhile is kept off,
     * so one that refills fast gets nothing back of a few.
     */
    void giveBack(int count);

    /**
     * Requests for which so many were granted have ended, or surely will have in a while: where a window is counted exactly, the permits come
     * back one window after that.
     */
    void ended(int count, Duration in);

    /** For so long after its answer a granted permit may be used all the same, and half of the time that a request may need to arrive is left. */
    Duration keepsFor();

    /**
     * Permits that were not used within {@link #keepsFor} are given back, whatever comes of it, and as many as are needed are taken instead: at once and
     * before anybody who waits, all of them or none. Answered as {@link #ask(int, int, int, Answer)}.
     *
     * @param held granted before and given back
     * @param count to be taken
     * @param heldFor how long ago they were granted, at most
     */
    void renew(int held, int count, Duration heldFor, Answer answer);

    /** The vendor says that so many more were spent than were taken. What is not there is owed, and paid before anything is granted here. */
    void spend(int count);

    /** The vendor says that so many are left: no more stay, whatever is under way. */
    void drainTo(long left);

    /** The vendor says that it allows so many in a window, for now: fewer than the definition has, or as many again. */
    void allow(int permits);

    /** Nothing is granted from here on; what is asked is unreachable. */
    @Override
    void close();

    /** What became of what was asked. */
    interface Answer {

        /** Permits to use: no fewer than the least, no more than was asked. */
        void granted(int count);

        /** Not enough now.
         *
         * @param next the earliest estimate for the least, if nobody else takes any
         * @param again when to ask again, sooner than that where others may leave some
         */
        void none(Duration next, Duration again);

        /** Redis did not answer in time, or is known not to.
         *
         * @param why for people
         */
        void unreachable(String why);
    }
}
