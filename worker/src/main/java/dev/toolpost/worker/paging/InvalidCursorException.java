package dev.toolpost.worker.paging;

/** A cursor cannot be used for this call: INVALID_CURSOR. Says nothing about what is inside it. */
public final class InvalidCursorException extends Exception {

    private final String remedy;

    InvalidCursorException(String message, String remedy) {
        super(message);
        this.remedy = remedy;
    }

    /** What the agent can do. */
    public String remedy() {
        return remedy;
    }

    @Override
    public String getMessage() {
        return String.valueOf(super.getMessage());
    }
}
