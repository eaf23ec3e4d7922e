package dev.toolpost.connectors;

import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.IntNode;

/**
 * How many permits of a limit a call takes. Immutable and pure.
 *
 * @param constant of every tool that has nothing of its own
 * @param byTool constants of single tools, by full name
 * @param fromArgument of tools that have the argument; null where none depends on one
 */
public record LimitCost(
        int constant, Map<String, Integer> byTool, @Nullable FromArgument fromArgument) {

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

    public LimitCost {
        byTool = Immutable.map(byTool);
    }

    /** Whether calls of this tool cost differently by what they ask. */
    public boolean depends(String tool) {
        return fromArgument != null && fromArgument.tools().contains(tool) && !byTool.containsKey(tool);
    }

    /** What a call costs whatever it asks, or what it costs without the argument that decides. */
    public int standard(String tool) {
        Integer own = byTool.get(tool);
        if (own != null) {
            return own;
        }
        return depends(tool) && fromArgument != null ? fromArgument.otherwise() : constant;
    }

    /**
     * What one call costs.
     *
     * @param arguments of the call
     * @param pageSize the page that is asked for, or null where the tool has none
     */
    public int of(String tool, JsonNode arguments, @Nullable Integer pageSize) {
        if (!depends(tool) || fromArgument == null) {
            return standard(tool);
        }
        return fromArgument.argument().equals(Paging.LIMIT) && pageSize != null
                ? fromArgument.of(IntNode.valueOf(pageSize))
                : fromArgument.of(arguments.get(fromArgument.argument()));
    }
}
