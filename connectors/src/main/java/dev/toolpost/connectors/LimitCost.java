package dev.toolpost.connectors;

import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.IntNode;

/**
 * How many permits of a limit a call takes. Immutable and pure.
 *
 * @param constant of every tool that has nothing of its own
 * @param byTool constants of single tools, by full name
 * @param fromArgument of tools that have the argument; null where none depends on one
 * @param fromExpression of tools whose arguments decide by more than a count; null where none do
 */
public record LimitCost(
        int constant,
        Map<String, Integer> byTool,
        @Nullable FromArgument fromArgument,
        @Nullable FromExpression fromExpression) {

    /** One permit for each request. */
    public static final LimitCost ONE = new LimitCost(1, Map.of(), null);

    /**
     * A cost that the request decides: {@code plus} and {@code times} for each of the argument's items, or times its number.
     *
     * @param argument name of an argument; {@code limit} of a paged tool is the size of the page that is asked for
     * @param tools full names of the tools that have it
     * @param times permits for each
     * @param plus permits besides
     * @param otherwise the whole cost where the call does not give the argument
     * @param max no call costs more
     */
    public record FromArgument(String argument, Set<String> tools, double times, int plus, int otherwise, int max) {

        public FromArgument {
            tools = Immutable.set(tools);
        }

        int of(@Nullable JsonNode value) {
            if (value == null || !(value.isNumber() || value.isArray())) {
                return otherwise;
            }
            double count = value.isArray() ? value.size() : Math.max(0, value.asDouble());
            // A sum of binary fractions may stand a hair above the whole number that is meant.
            double permits = plus + Math.ceil(count * times - 1e-9);
            return (int) Math.clamp(permits, 1.0, max);
        }
    }

    /**
     * A cost that a JSONata expression makes of the arguments, rounded up, within the bounds of {@link ViewExpression}. Thread-safe.
     *
     * @param expression over the call's arguments, defaults included
     * @param tools full names of the tools that it is for; empty for all
     * @param otherwise the cost where nothing comes of it
     * @param max no call costs more; also the cost where it fails
     */
    public record FromExpression(ViewExpression expression, Set<String> tools, int otherwise, int max) {

        public FromExpression {
            tools = Immutable.set(tools);
        }

        int of(JsonNode arguments) {
            try {
                Object made = expression.evaluate(JsonMapper.shared().treeToValue(arguments, Object.class));
                return switch (made) {
                    case null -> otherwise;
                    case Number number ->
                        Double.isNaN(number.doubleValue())
                                ? max
                                : (int) Math.clamp(Math.ceil(number.doubleValue() - 1e-9), 1.0, max);
                    default -> max;
                };
            } catch (ViewException _) {
                return max;
            }
        }
    }

    /** One without an expression. */
    public LimitCost(int constant, Map<String, Integer> byTool, @Nullable FromArgument fromArgument) {
        this(constant, byTool, fromArgument, null);
    }

    public LimitCost {
        byTool = Immutable.map(byTool);
    }

    /** Whether calls of this tool cost differently by what they ask. */
    public boolean depends(String tool) {
        return !byTool.containsKey(tool) && (countsArgumentOf(tool) || isExpressedFor(tool));
    }

    private boolean countsArgumentOf(String tool) {
        return fromArgument != null && fromArgument.tools().contains(tool);
    }

    private boolean isExpressedFor(String tool) {
        return fromExpression != null
                && (fromExpression.tools().isEmpty() || fromExpression.tools().contains(tool));
    }

    /** What a call costs whatever it asks, or what it costs where it says nothing that decides. */
    public int standard(String tool) {
        Integer own = byTool.get(tool);
        if (own != null) {
            return own;
        }
        if (fromExpression != null && isExpressedFor(tool)) {
            return fromExpression.otherwise();
        }
        return fromArgument != null && countsArgumentOf(tool) ? fromArgument.otherwise() : constant;
    }

    /**
     * What one call costs.
     *
     * @param arguments of the call
     * @param pageSize the page that is asked for, or null where the tool has none
     */
    public int of(String tool, JsonNode arguments, @Nullable Integer pageSize) {
        if (!depends(tool)) {
            return standard(tool);
        }
        if (fromExpression != null) {
            return fromExpression.of(arguments);
        }
        if (fromArgument == null) {
            return standard(tool);
        }
        return fromArgument.argument().equals(Paging.LIMIT) && pageSize != null
                ? fromArgument.of(IntNode.valueOf(pageSize))
                : fromArgument.of(arguments.get(fromArgument.argument()));
    }
}
