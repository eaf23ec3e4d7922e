package dev.toolpost.connectors;

/**
 * A view of a tool's result other than the vendor's own: every record as a common model has it. Immutable.
 *
 * @param model name of the common model, one of {@link Models#names()}
 * @param expression JSONata expression from one record of a paged tool, or from the whole body of another, to the model's shape
 */
public record View(String model, String expression) {
    /** Name of the view that maps to a common model. */
    public static final String UNIFIED = "unified";
}
