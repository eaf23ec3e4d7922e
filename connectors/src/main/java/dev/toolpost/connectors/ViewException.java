package dev.toolpost.connectors;

/** A record could not be mapped by a view's expression. The message says why, and shows nothing of the record but what a function refused. */
public final class ViewException extends Exception {
    ViewException(String message, Throwable cause) {
        super(message, cause);
    }

    @Override
    public String getMessage() {
        return String.valueOf(super.getMessage());
    }
}
