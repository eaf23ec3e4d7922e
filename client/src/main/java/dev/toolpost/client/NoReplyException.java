package dev.toolpost.client;

import org.jspecify.annotations.Nullable;

/** The call was published and nobody answered it in time. What became of it is unknown; see {@link #diagnosis()}. */
public final class NoReplyException extends ClientException {
    private final transient Diagnosis diagnosis;

    NoReplyException(String message, Diagnosis diagnosis, @Nullable Throwable cause) {
        super(message, cause);
        this.diagnosis = diagnosis;
    }

    public Diagnosis diagnosis() {
        return diagnosis;
    }
}
