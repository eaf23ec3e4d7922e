package dev.toolpost.worker.classify;

import dev.toolpost.connectors.TextPattern;
import dev.toolpost.connectors.ValueSource;
import dev.toolpost.connectors.WaitRule;
import dev.toolpost.connectors.WaitSource;
import dev.toolpost.worker.http.ResponseHeaders;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonPointer;
import tools.jackson.databind.JsonNode;

/** What one answer says about waits and limits, at the places that a connector names. Confined to one classification. */
final class AnswerValues {

    /** Of longer texts only the beginning is looked at. */
    static final int LONGEST_TEXT = TextPattern.LONGEST_TEXT;

    private static final Pattern NUMBER = Pattern.compile("-?[0-9]{1,18}(\\.[0-9]{1,18})?");

    private final ResponseHeaders headers;
    private final AnswerBody body;
    private final Instant now;

    /** @param now where the vendor sends no time of its own */
    AnswerValues(ResponseHeaders headers, AnswerBody body, Instant now) {
        this.headers = headers;
        this.body = body;
        this.now = Objects.requireNonNullElse(RetryAfter.moment(headers.first("Date"), now), now);
    }

    /** The first value of a header, or null. */
    @Nullable
    String header(String name) {
        return headers.first(name);
    }

    /** The text at a place, or null where there is none. */
    @Nullable
    String text(ValueSource source) {
        String whole = switch (source.place()) {
            case ValueSource.Header(String name) -> headers.first(name);
            case ValueSource.Body(JsonPointer pointer) ->
                pointer.matches() ? body.beginning(LONGEST_TEXT) : scalar(pointer);
        };
        if (whole == null || source.extract() == null) {
            return whole;
        }
        return source.extract().firstGroup(whole);
    }

    private @Nullable String scalar(JsonPointer pointer) {
        JsonNode tree = body.tree();
        JsonNode node = tree == null ? null : tree.at(pointer);
        return node != null && (node.isString() || node.isNumber()) ? node.asString() : null;
    }

    /** The number at a place, or null where there is none. */
    @Nullable
    BigDecimal number(ValueSource source) {
        String text = text(source);
        String stripped = text == null || text.length() > 64 ? "" : text.strip();
        return NUMBER.matcher(stripped).matches() ? new BigDecimal(stripped) : null;
    }

    /** What the first of the rules that says something says; null where none does. */
    @Nullable
    Duration wait(List<WaitRule> rules) {
        for (WaitRule rule : rules) {
            Duration latest = null;
            for (WaitSource source : rule.sources()) {
                Duration wait = wait(source);
                if (wait != null && (latest == null || wait.compareTo(latest) > 0)) {
                    latest = wait;
                }
            }
            if (latest != null) {
                return latest;
            }
        }
        return null;
    }

    /** What one source says; null where it says nothing, or where its window is not used up. */
    @Nullable
    Duration wait(WaitSource source) {
        if (source.remaining() != null) {
            BigDecimal left = number(source.remaining());
            if (left == null || left.signum() > 0) {
                return null;
            }
        }
        Duration wait = source.value() == null
                ? RetryAfter.untilMidnight(source.zone(), now)
                : RetryAfter.parse(text(source.value()), source.form(), source.zone(), now);
        if (wait == null) {
            return null;
        }
        Duration atLeast = wait.compareTo(source.min()) < 0 ? source.min() : wait;
        return source.max() != null && atLeast.compareTo(source.max()) > 0 ? source.max() : atLeast;
    }
}
