package dev.toolpost.connectors;

import com.networknt.schema.Schema;
import com.networknt.schema.ValidationLimitExceededException;
import java.math.BigDecimal;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Holds a call's arguments against the JSON Schema of its tool. Arguments from anywhere may be given: depth and effort are bounded.
 * Thread-safe; the schema is compiled at the first use.
 */
public final class ArgumentValidator {
    /** Deepest nesting of arguments, the arguments themselves being level 1. */
    public static final int MAX_DEPTH = 64;

    private static final BigDecimal MOST = BigDecimal.valueOf(Long.MAX_VALUE);

    private final ObjectNode schema;
    private final SimpleSchema simple;
    private volatile @Nullable Schema compiled;

    /** A validator of the tool's arguments. */
    public ArgumentValidator(Tool tool) {
        this.schema = tool.arguments();
        this.simple = SimpleSchema.of(schema);
    }

    /**
     * Validates.
     *
     * @param arguments the arguments of a call
     * @return what is wrong, in words for the model that made the call; empty when all is well
     */
    public List<ArgumentProblem> validate(JsonNode arguments) {
        if (!arguments.isObject()) {
            return List.of(new ArgumentProblem("", "the arguments must be a JSON object"));
        }
        if (simple.accepts(arguments)) {
            return List.of();
        }
        if (isTooDeep(arguments)) {
            return List.of(new ArgumentProblem(
                    "",
                    "the arguments are nested deeper than " + MAX_DEPTH + " levels (expected: at most " + MAX_DEPTH
                            + ")"));
        }
        String unreadable = unreadableNumber(arguments, "");
        if (unreadable != null) {
            return List.of(new ArgumentProblem(
                    unreadable,
                    "a number in scientific notation beyond " + MOST + " (expected: a number of ordinary size)"));
        }
        try {
            var errors = compiled()
                    .validate(
                            arguments,
                            context ->
                                    context.executionConfig(config -> config.maxEvaluationSteps(JsonSchemas.MAX_STEPS)
                                            .maxEvaluationDepth(JsonSchemas.MAX_DEPTH)));
            return errors.isEmpty()
                    ? List.of()
                    : Violations.of(errors, schema, "argument").stream()
                            .map(violation -> new ArgumentProblem(violation.pointer(), violation.withFix()))
                            .toList();
        } catch (ValidationLimitExceededException e) {
            return List.of(new ArgumentProblem(
                    "", "the arguments are too large or too deep to be validated; send less in one call"));
        } catch (JsonSchemas.TooLongException e) {
            return List.of(new ArgumentProblem(
                    "", "a text is too long to be held against the expression of its argument; send a shorter one"));
        }
    }

    private Schema compiled() {
        Schema ready = compiled;
        if (ready == null) {
            ready = JsonSchemas.compile(schema);
            compiled = ready;
        }
        return ready;
    }

    private static boolean isTooDeep(JsonNode arguments) {
        Deque<Level> open = new ArrayDeque<>();
        open.push(new Level(arguments, 1));
        while (!open.isEmpty()) {
            Level level = open.pop();
            if (level.depth() > MAX_DEPTH) {
                return true;
            }
            for (JsonNode child : level.node()) {
                if (child.isContainer()) {
                    open.push(new Level(child, level.depth() + 1));
                }
            }
        }
        return false;
    }

    /** Where a number stands that the schema library cannot compare: a decimal beyond 64 bits; null where there is none. */
    private static @Nullable String unreadableNumber(JsonNode node, String pointer) {
        if (node.isBigDecimal()) {
            return node.decimalValue().abs().compareTo(MOST) > 0 ? pointer : null;
        }
        if (node.isObject()) {
            for (var member : node.properties()) {
                String name = member.getKey().replace("~", "~0").replace("/", "~1");
                String found = unreadableNumber(member.getValue(), pointer + "/" + name);
                if (found != null) {
                    return found;
                }
            }
        } else if (node.isArray()) {
            for (int i = 0; i < node.size(); i++) {
                String found = unreadableNumber(node.get(i), pointer + "/" + i);
                if (found != null) {
                    return found;
                }
            }
        }
        return null;
    }

    private record Level(JsonNode node, int depth) {}
}
