package dev.toolpost.connectors;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonPointer;

/**
 * What follows a tool's request where the vendor only takes the work on: it is asked again and again until the work is done, and the result
 * may have to be fetched besides. Immutable.
 *
 * @param values what is taken from the answer to the tool's own request
 * @param poll how the vendor is asked
 * @param download how the result is fetched, or null where the last answer to the poll is the result
 * @param deadline how long a call may take that says nothing of it
 */
public record Operation(
        List<Value> values, Poll poll, @Nullable Download download, Duration deadline) {

    /** What is taken from one answer at most, in characters. */
    public static final int LONGEST_VALUE = 4_000;

    /** How many values an operation takes at most. */
    public static final int MOST_VALUES = 20;

    public Operation {
        values = List.copyOf(values);
    }

    /**
     * A part of an answer that later requests use by its name.
     *
     * @param name as templates say it
     * @param source where the answer holds it
     * @param link where a request goes to the address that it is, or null where it is no address
     */
    public record Value(String name, ValueSource source, RequestTemplate.@Nullable Link link) {}

    /**
     * The question whether the work is done. An answer that no rule calls an error, and that is neither done nor failed, means: not yet.
     *
     * @param request what is sent
     * @param every how long to wait before each, where the answer does not say
     * @param waits where an answer says how long to wait
     * @param done one that holds means that the work is done
     * @param failed one that holds means that the work failed
     * @param values what is taken from the answer that says done
     */
    public record Poll(
            RequestTemplate request,
            Duration every,
            List<WaitRule> waits,
            List<AnswerCondition> done,
            List<Failed> failed,
            List<Value> values) {
        public Poll {
            waits = List.copyOf(waits);
            done = List.copyOf(done);
            failed = List.copyOf(failed);
            values = List.copyOf(values);
        }
    }

    /**
     * How a failure of the work shows.
     *
     * @param when the answers that say so
     * @param meaning what it is for the agent: an error code
     * @param message where the body says why, or none for where the connector's errors say it
     * @param remedy what can be done, or null
     */
    public record Failed(
            AnswerCondition when,
            Meaning meaning,
            List<JsonPointer> message,
            @Nullable String remedy) {
        public Failed {
            message = List.copyOf(message);
        }
    }

    /**
     * The fetching of the result.
     *
     * @param request what is sent
     * @param response what it answers with
     */
    public record Download(RequestTemplate request, ResponseKind response) {}
}
