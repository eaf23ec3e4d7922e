package dev.toolpost.worker.sql;

/** No connection was made, for a reason that is not the server's. */
final class NotOpenedException extends Exception {

    private final SqlOutcome.NotSentCause why;

    NotOpenedException(SqlOutcome.NotSentCause why, String reason) {
        super(reason);
        this.why = why;
    }

    SqlOutcome.NotSentCause why() {
        return why;
    }

    String reason() {
        return String.valueOf(getMessage());
    }
}
