package dev.toolpost.worker.trial;

import dev.toolpost.connectors.ArgumentProblem;
import dev.toolpost.connectors.Connector;
import dev.toolpost.connectors.ErrorRule;
import dev.toolpost.connectors.ToolRef;
import dev.toolpost.worker.classify.Classifier;
import dev.toolpost.worker.classify.Verdict;
import dev.toolpost.worker.credentials.ConnectionRecord;
import dev.toolpost.worker.credentials.Secret;
import dev.toolpost.worker.http.HttpOutcome;
import dev.toolpost.worker.http.RedactedRequest;
import dev.toolpost.worker.http.VendorHttp;
import dev.toolpost.worker.http.VendorRequest;
import dev.toolpost.worker.request.AskedPage;
import dev.toolpost.worker.request.RequestBuilder;
import dev.toolpost.worker.request.RequestProblemException;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A tool's request, ready to be sent once: no Kafka, no journal, no limits, no repetition. Everything else is as in a worker: the same
 * builder, the same HTTP, the same classification. Not thread-safe.
 */
public final class Trial {
    private static final String CURSOR = "next_cursor";

    private final ToolRef ref;
    private final ObjectNode arguments;
    private final ConnectionRecord connection;
    private final @Nullable String place;
    private final VendorRequest request;

    private Trial(
            ToolRef ref,
            ObjectNode arguments,
            ConnectionRecord connection,
            @Nullable String place,
            VendorRequest request) {
        this.ref = ref;
        this.arguments = arguments;
        this.connection = connection;
        this.place = place;
        this.request = request;
    }

    /** What the arguments are like. */
    public sealed interface Prepared {
        record Ready(Trial trial) implements Prepared {}

        /** They are not valid. */
        record Invalid(List<ArgumentProblem> problems) implements Prepared {}
    }

    /**
     * Builds the request.
     *
     * @param given the arguments; {@code next_cursor} is the place of a page as {@link Answer} names it, not sealed as agents see it
     * @param baseUrl in place of the connector's, or null
     * @throws RequestProblemException where none can be made of these arguments, or for this connection
     */
    public static Prepared prepare(
            ToolRef ref, ObjectNode given, ConnectionRecord connection, Secret secret, @Nullable String baseUrl)
            throws RequestProblemException {
        List<ArgumentProblem> problems = ref.validator().validate(given);
        if (!problems.isEmpty()) {
            return new Prepared.Invalid(problems);
        }
        ObjectNode arguments = given.deepCopy();
        JsonNode cursor = ref.tool().paging() == null ? null : arguments.remove(CURSOR);
        String place = cursor == null || cursor.isNull() ? null : cursor.asString();
        ObjectNode filled = ref.defaults().fillIn(arguments, null);
        VendorRequest request = RequestBuilder.build(
                ref.connector(),
                ref.tool(),
                filled,
                connection,
                baseUrl == null ? RequestBuilder.baseUrl(ref.connector(), ref.tool(), connection) : baseUrl,
                secret,
                place,
                null,
                ref.tool().idempotencyKeyHeader() == null
                        ? null
                        : UUID.randomUUID().toString());
        return new Prepared.Ready(new Trial(ref, filled, connection, place, request));
    }

    /** The request as people may see it. */
    public RedactedRequest shown() {
        return RequestBuilder.redacted(request, ref.connector(), connection);
    }

    /**
     * How it ended.
     *
     * @param status of the answer, or null without one
     * @param headers of the answer
     * @param bytes size of the answer's body
     * @param rule the rule that decided, or null where none matched
     * @param ruleNumber its place among the connector's own rules, from 0; -1 for a standard rule, or none
     * @param verdict what it means
     */
    public record Answer(
            HttpOutcome outcome,
            @Nullable Integer status,
            List<Map.Entry<String, String>> headers,
            int bytes,
            @Nullable ErrorRule rule,
            int ruleNumber,
            Verdict verdict) {
        public Answer {
            headers = List.copyOf(headers);
        }
    }

    /** Sends it, once. */
    public Answer send(VendorHttp http, InstantSource clock) {
        HttpOutcome outcome = request.withoutEchoes(
                http.exchange(request, System.nanoTime() + ref.tool().timeout().toNanos()));
        AskedPage asked = AskedPage.of(ref.tool(), request, arguments, place, null);
        Connector connector = ref.connector();
        Verdict verdict = Classifier.classify(connector, ref.tool(), outcome, asked, clock.instant());
        return switch (outcome) {
            case HttpOutcome.Answered answered -> {
                ErrorRule rule = Classifier.deciding(connector, ref.tool(), answered);
                int number = rule == null ? -1 : connector.errors().rules().indexOf(rule);
                boolean own = number >= 0 && number < connector.errors().own(connector.retry());
                yield new Answer(
                        outcome,
                        answered.status(),
                        answered.headers().entries(),
                        answered.body().length,
                        rule,
                        own ? number : -1,
                        verdict);
            }
            case HttpOutcome.TooLarge tooLarge ->
                new Answer(outcome, tooLarge.status(), tooLarge.headers().entries(), 0, null, -1, verdict);
            case HttpOutcome.NotSent _, HttpOutcome.Unanswered _ ->
                new Answer(outcome, null, List.of(), 0, null, -1, verdict);
        };
    }
}
