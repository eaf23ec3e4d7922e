package dev.toolpost.connectors;

import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * A view of a tool's result other than the vendor's own: every record as a common model has it. Immutable.
 *
 * @param model name of the common model, one of {@link Models#names()}
 * @param expression JSONata expression from one record of a paged tool, or from the whole body of another, to the model's shape
 * @param arguments what arguments are under this view where a call leaves them out, before their own defaults
 */
public record View(String model, String expression, Map<String, JsonNode> arguments) {
    /** Name of the view that maps to a common model. */
    public static final String UNIFIED = "unified";

    public View {
        arguments = Immutable.map(arguments);
    }

    /** A view that asks for nothing. */
    public View(String model, String expression) {
        this(model, expression, Map.of());
    }
}
