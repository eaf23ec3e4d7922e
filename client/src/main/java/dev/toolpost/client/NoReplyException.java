package dev.toolpost.client;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The call was published and nobody answered it in time. What became of it is unknown; see {@link #diagnosis()}. */
public final class NoReplyException extends ClientException {
    private final transient Diagnosis diagnosis;

    NoReplyException(String message, Diagnosis diagnosis, @Nullable Throwable cause) {
        super(message, cause);
        this.diagnosis = diagnosis;
    }

    /** No last frame came within the call's timeout and the grace. */
    static NoReplyException toCall(Outgoing call, int frames, Duration timeout, Duration grace, Diagnosis diagnosis) {
        return new NoReplyException(
                (frames == 0 ? "no reply" : "no last frame after " + frames + " frames") + " to call " + call.callId()
                        + " (" + call.spec().tool() + ") within " + timeout.toMillis() + " ms and a grace of "
                        + grace.toMillis() + " ms. " + diagnosis,
                diagnosis,
                null);
    }

    public Diagnosis diagnosis() {
        return diagnosis;
    }
}
