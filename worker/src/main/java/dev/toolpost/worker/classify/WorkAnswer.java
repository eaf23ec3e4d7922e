package dev.toolpost.worker.classify;

import dev.toolpost.connectors.AnswerCondition;
import dev.toolpost.connectors.BodyCondition;
import dev.toolpost.connectors.Connector;
import dev.toolpost.connectors.HeaderCondition;
import dev.toolpost.connectors.Operation;
import dev.toolpost.connectors.RequestTemplate;
import dev.toolpost.connectors.WaitRule;
import dev.toolpost.schemas.ErrorCode;
import dev.toolpost.worker.http.HttpOutcome;
import dev.toolpost.worker.request.AskedPage;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonPointer;
import tools.jackson.databind.JsonNode;

/** What a successful answer says about work that the vendor has taken on. Confined to one answer. */
public final class WorkAnswer {

    private static final int LONGEST_REASON = 1_000;

    private final Connector connector;
    private final HttpOutcome.Answered answered;
    private final AskedPage asked;
    private final AnswerBody body;
    private final AnswerValues values;

    /**
     * Reads an answer.
     *
     * @param asked what was asked, whose address links start from
     */
    public WorkAnswer(Connector connector, HttpOutcome.Answered answered, AskedPage asked, Instant now) {
        this.connector = connector;
        this.answered = answered;
        this.asked = asked;
        this.body = new AnswerBody(answered.body(), answered.headers());
        this.values = new AnswerValues(answered.headers(), body, now);
    }

    /** What came of taking values. */
    public sealed interface Taken {
        /** All are there. */
        record Whole(Map<String, String> values) implements Taken {}

        /** One is missing, or no use. */
        record Wrong(VendorError error) implements Taken {}
    }

    /** Takes values of the answer. */
    public Taken take(List<Operation.Value> wanted) {
        Map<String, String> taken = new LinkedHashMap<>();
        for (Operation.Value value : wanted) {
            String text = values.text(value.source());
            if (text == null || text.isEmpty()) {
                return wrong("it holds no " + value.name());
            }
            if (text.length() > Operation.LONGEST_VALUE) {
                return wrong("its " + value.name() + " has " + text.length() + " characters");
            }
            if (value.link() == null) {
                taken.put(value.name(), text);
                continue;
            }
            NextPage target = LinkTarget.of(text, asked, "its " + value.name(), NextPage.keyParameters(connector));
            String place = target.place() == null ? elsewhere(text, value.link()) : target.place();
            if (place == null) {
                return wrong(String.valueOf(target.problem()));
            }
            taken.put(value.name(), place);
        }
        return new Taken.Whole(taken);
    }

    /** An address at another server that the definition names, or null. */
    private static @Nullable String elsewhere(String text, RequestTemplate.Link link) {
        try {
            URI target = new URI(text.strip());
            return link.leadsTo(target) ? target.toASCIIString() : null;
        } catch (URISyntaxException noAddress) {
            return null;
        }
    }

    private Taken wrong(String problem) {
        return new Taken.Wrong(new VendorError(
                ErrorCode.MALFORMED_RESPONSE,
                connector.title() + " answered " + answered.status() + " with what cannot be used: " + problem,
                answered.status(),
                null,
                List.of(),
                body.forError(),
                null));
    }

    /** How long the vendor asks to wait before the next question, or null where it does not say. */
    public @Nullable Duration wait(List<WaitRule> waits) {
        return values.wait(waits);
    }

    /** Whether the work is done. */
    public boolean isDone(Operation.Poll poll) {
        return poll.done().stream().anyMatch(this::holds);
    }

    /** Why the work failed, or null where it did not. */
    public @Nullable VendorError failure(Operation.Poll poll) {
        for (Operation.Failed failed : poll.failed()) {
            if (holds(failed.when())) {
                VendorError error = VendorErrors.of(
                        connector,
                        answered,
                        body,
                        ErrorCode.valueOf(failed.meaning().name()),
                        null);
                String reason = reason(failed.message());
                return new VendorError(
                        error.code(),
                        reason == null ? error.message() : reason,
                        error.vendorStatus(),
                        error.vendorCode(),
                        error.fields(),
                        error.vendorBody(),
                        failed.remedy() == null ? error.remedy() : failed.remedy());
            }
        }
        return null;
    }

    private @Nullable String reason(List<JsonPointer> places) {
        JsonNode tree = body.tree();
        for (JsonPointer place : places) {
            JsonNode node = tree == null ? null : tree.at(place);
            if (node != null && node.isValueNode() && !node.isNull()) {
                return PlainText.of(node.asString(), LONGEST_REASON);
            }
        }
        return null;
    }

    private boolean holds(AnswerCondition condition) {
        if (!condition.statuses().contains(answered.status())) {
            return false;
        }
        for (HeaderCondition header : condition.headers()) {
            if (!header.holds(answered.headers().first(header.header()))) {
                return false;
            }
        }
        if (condition.body().isEmpty()) {
            return true;
        }
        JsonNode tree = body.tree();
        if (tree == null) {
            return false;
        }
        for (BodyCondition one : condition.body()) {
            if (!one.holds(tree)) {
                return false;
            }
        }
        return true;
    }
}
