package dev.toolpost.connectors;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How the arguments of a tool become one SQL statement. Arguments are bound as parameters, or stand as quoted names; no value of one is
 * ever read as SQL. Immutable.
 *
 * @param text the statement, or null where an argument holds it
 * @param argument the argument that holds a query of the agent's own, or null
 * @param types the SQL type that each parameter of the text is bound as
 * @param maxRows the most rows that it may return, or change
 */
public record Statement(@Nullable SqlText text, @Nullable String argument, Map<String, String> types, int maxRows)
        implements Action {

    /** Parameter that needs no argument: a key that stays the same however often a call is made again. */
    public static final String IDEMPOTENCY_KEY = "idempotency_key";

    /** What a statement returns or changes at most where it does not say. */
    public static final int STANDARD_ROWS = 1_000;

    public Statement {
        types = Immutable.map(types);
    }
}
