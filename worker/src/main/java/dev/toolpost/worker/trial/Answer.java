package dev.toolpost.worker.trial;

import dev.toolpost.connectors.ErrorRule;
import dev.toolpost.worker.classify.Verdict;
import dev.toolpost.worker.http.HttpOutcome;
import dev.toolpost.worker.request.AskedPage;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How one exchange ended.
 *
 * @param answered whether an answer came
 * @param status of the answer, or null without one, and where there are none
 * @param headers of the answer
 * @param bytes size of the answer's body
 * @param rule the rule over HTTP that decided, or null where none matched
 * @param ruleNumber its place among the connector's own rules, from 0; -1 for a standard rule, or none
 * @param verdict what it means
 * @param reply the answer itself over HTTP, or null
 */
public record Answer(
        boolean answered,
        @Nullable Integer status,
        Duration took,
        List<Map.Entry<String, String>> headers,
        int bytes,
        @Nullable ErrorRule rule,
        int ruleNumber,
        Verdict verdict,
        @Nullable Reply reply) {
    public Answer {
        headers = List.copyOf(headers);
    }

    /** An answer over HTTP, and what was asked. */
    record Reply(HttpOutcome.Answered answered, AskedPage asked) {}
}
