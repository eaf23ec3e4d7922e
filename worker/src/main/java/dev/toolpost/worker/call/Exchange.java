package dev.toolpost.worker.call;

import dev.toolpost.worker.classify.Verdict;
import java.time.Duration;

/** One exchange with a vendor, ready to be made: everything of it is decided but its end. */
interface Exchange {

    /** Names the server that it goes to, among those of its vendor. */
    String server();

    /** What a dry run answers: what would be sent, as JSON text, nothing of the credential in it. */
    String shown();

    /**
     * Makes it, and says what came of it.
     *
     * @param untilNanos when it must be over, in nanoseconds of {@link System#nanoTime()}
     */
    Made make(long untilNanos);

    /**
     * How it ended.
     *
     * @param took from the moment it was wanted to its end
     */
    record Made(Verdict verdict, Trace trace, Duration took) {}

    /** What the vendor saw of it, which says what becomes of its permits. */
    enum Trace {
        /** The vendor answered. */
        ANSWERED,
        /** It went out, and no whole answer came back. */
        UNANSWERED,
        /** The vendor never saw it. */
        NONE
    }
}
