package dev.toolpost.worker.commit;

/** A record that the broker will not take (too large, no such topic, no right to write), so that its unit cannot be committed. */
public final class RecordRefusedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String topic;

    public RecordRefusedException(String topic, Throwable cause) {
        super("the broker refuses a record for " + topic + ": " + cause.getMessage(), cause);
        this.topic = topic;
    }

    /** Where the record was to go. */
    public String topic() {
        return topic;
    }
}
