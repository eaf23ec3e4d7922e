package dev.toolpost.worker.commit;

import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InvalidTimestampException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.PolicyViolationException;
import org.apache.kafka.common.errors.RecordBatchTooLargeException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.errors.UnsupportedForMessageFormatException;
import org.jspecify.annotations.Nullable;

/** A record that the broker will not take (too large, no such topic, no right to write), so that its unit cannot be committed. */
public final class RecordRefusedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String topic;

    public RecordRefusedException(String topic, Throwable cause) {
        super("the broker refuses a record for " + topic + ": " + cause.getMessage(), cause);
        this.topic = topic;
    }

    /** Whether a failed send is the record's own fault, so that the same record would be refused again. */
    public static boolean isOfTheRecord(@Nullable Throwable failure) {
        return failure instanceof RecordTooLargeException
                || failure instanceof RecordBatchTooLargeException
                || failure instanceof InvalidRecordException
                || failure instanceof InvalidTimestampException
                || failure instanceof PolicyViolationException
                || failure instanceof UnsupportedForMessageFormatException
                || failure instanceof InvalidTopicException
                || failure instanceof AuthorizationException;
    }

    /** Whether a topic or partition was not found in time: it does not exist, or the brokers cannot tell just now. */
    public static boolean isOfTheTopic(@Nullable Throwable failure) {
        return failure instanceof UnknownTopicOrPartitionException
                || (failure instanceof TimeoutException
                        && failure.getMessage() != null
                        && failure.getMessage().contains("not present in metadata"));
    }

    /** Where the record was to go. */
    public String topic() {
        return topic;
    }
}
