package dev.toolpost.worker.oauth;

/** A person cannot be asked for a grant, or a grant cannot be given back, as things are. The message holds no secret. */
public final class ConsentException extends Exception {
    private static final long serialVersionUID = 1L;

    public ConsentException(String message) {
        super(message);
    }
}
