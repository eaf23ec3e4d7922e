package dev.toolpost.schemas;

/** Names of the Kafka record headers that Toolpost reads and writes. */
public final class HeaderNames {
    /** W3C trace context; taken over from the call to everything that follows from it. */
    public static final String TRACEPARENT = "traceparent";
    /** Headers of a call with this prefix come back on its frames, name and value unchanged. */
    public static final String REPLY_PREFIX = "reply-";
    /** On {@code resume}: the record was forwarded to its right shard. It is forwarded once only. */
    public static final String FORWARDED = "toolpost-forwarded";
    /** On {@code resume}: the deferred record comes before its time, since the call was cancelled. */
    public static final String RECALLED = "toolpost-recalled";
    /** On a dead letter: why it is one, as a short code. */
    public static final String DEAD_CAUSE = "toolpost-cause";
    /** On a dead letter: why it is one, for people. */
    public static final String DEAD_DETAIL = "toolpost-detail";
    /** On a dead letter: topic of the original record. */
    public static final String DEAD_TOPIC = "toolpost-topic";
    /** On a dead letter: partition of the original record, decimal. */
    public static final String DEAD_PARTITION = "toolpost-partition";
    /** On a dead letter: offset of the original record, decimal. */
    public static final String DEAD_OFFSET = "toolpost-offset";
    /** On a dead letter: timestamp of the original record, epoch milliseconds, decimal. */
    public static final String DEAD_TIMESTAMP = "toolpost-timestamp";

    private HeaderNames() {}
}
