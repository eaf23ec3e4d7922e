package dev.toolpost.worker.call;

import dev.toolpost.worker.classify.Verdict;
import dev.toolpost.worker.http.HttpOutcome;
import dev.toolpost.worker.ratelimit.LimitFeedback;
import dev.toolpost.worker.request.AskedPage;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One exchange with a vendor, ready to be made: everything of it is decided but its end. */
interface Exchange {

    /** Names the server that it goes to, among those of its vendor. */
    String server();

    /** What a dry run answers: what would be sent, as JSON text, nothing of the credential in it. */
    String shown();

    /** Whether it goes to a server that is not the vendor's, which a link of the vendor's led to. */
    default boolean isElsewhere() {
        return false;
    }

    /** Records that it asks for, or null where it is no page of a list. */
    default @Nullable Integer pageSize() {
        return null;
    }

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
     * @param feedback what the answer says about limits
     * @param reply the answer itself, or null where there is none or nobody reads more of it than the verdict
     */
    record Made(
            Verdict verdict,
            Trace trace,
            Duration took,
            List<LimitFeedback> feedback,
            @Nullable Reply reply) {

        public Made {
            feedback = List.copyOf(feedback);
        }

        /** One that says nothing of limits. */
        Made(Verdict verdict, Trace trace, Duration took) {
            this(verdict, trace, took, List.of(), null);
        }
    }

    /**
     * An answer as it came.
     *
     * @param asked what was asked
     */
    record Reply(HttpOutcome.Answered answered, AskedPage asked) {}

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
