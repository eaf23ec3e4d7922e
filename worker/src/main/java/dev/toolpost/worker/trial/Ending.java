package dev.toolpost.worker.trial;

import dev.toolpost.worker.classify.VendorError;
import java.time.Duration;

/** How a trial ends. */
public sealed interface Ending {

    /** With this answer, be it a result or an error. */
    record Done(Answer answer) implements Ending {}

    /** Nothing was sent, as was asked for. */
    record NothingSent() implements Ending {}

    /**
     * Without a token that could be sent.
     *
     * @param code what an agent would get
     * @param message why; holds no secret
     */
    record NoToken(String code, String message) implements Ending {}

    /** The vendor took the work on, and it failed or its answer is no use. */
    record WorkFailed(VendorError error) implements Ending {}

    /** The vendor was still at work after so long; a worker would ask on. */
    record StillAtWork(Duration waited) implements Ending {}
}
