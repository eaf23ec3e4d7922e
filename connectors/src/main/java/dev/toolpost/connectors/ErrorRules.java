package dev.toolpost.connectors;

import java.util.List;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonPointer;
import tools.jackson.databind.JsonNode;

/**
 * How an answer is told to be an error, and what it means. Immutable and pure.
 *
 * <p>The rules are tried in order and the first that matches decides; an answer that none matches is a success. The list is
 * complete: after the connector's own rules come those of its transient statuses and then {@link StandardErrorRules}, so
 * every status outside 2xx is matched by something.
 *
 * @param rules all rules, in order
 * @param message where an error's message may be, first hit first
 * @param vendorCode where the vendor's own code may be, first hit first
 * @param fields where errors of single arguments may be; all of them are read
 */
public record ErrorRules(
        List<ErrorRule> rules, List<JsonPointer> message, List<JsonPointer> vendorCode, List<FieldErrors> fields) {

    public ErrorRules {
        rules = List.copyOf(rules);
        message = List.copyOf(message);
        vendorCode = List.copyOf(vendorCode);
        fields = List.copyOf(fields);
    }

    /**
     * The rule that decides on an answer, or null for a success.
     *
     * @param status the answer's status
     * @param header gives the first value of a header by its name, without regard to case, or null
     * @param body gives the parsed JSON body, or null where it is none; asked only where a rule looks at it
     */
    public @Nullable ErrorRule decide(
            int status, UnaryOperator<@Nullable String> header, Supplier<@Nullable JsonNode> body) {
        for (ErrorRule rule : rules) {
            if (rule.statuses().contains(status) && headersHold(rule, header) && bodyHolds(rule, body)) {
                return rule;
            }
        }
        return null;
    }

    private static boolean headersHold(ErrorRule rule, UnaryOperator<@Nullable String> header) {
        for (HeaderCondition condition : rule.headers()) {
            if (!condition.holds(header.apply(condition.header()))) {
                return false;
            }
        }
        return true;
    }

    private static boolean bodyHolds(ErrorRule rule, Supplier<@Nullable JsonNode> body) {
        if (!rule.readsBody()) {
            return true;
        }
        JsonNode parsed = body.get();
        if (parsed == null) {
            return false;
        }
        for (BodyCondition condition : rule.body()) {
            if (!condition.holds(parsed)) {
                return false;
            }
        }
        return true;
    }
}
