package dev.toolpost.worker.sql;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An error of a database. Immutable.
 *
 * @param state its SQLSTATE; {@link #CONNECTION_LOST} where the driver gave none
 * @param message the server's
 * @param parts what it says besides, by name: {@code detail}, {@code hint}, {@code schema}, {@code table}, {@code column},
 *     {@code constraint}
 * @param position of the error in what the caller wrote, counted from 1, or null
 * @param timedOut whether a time limit of this exchange ended the statement
 */
public record SqlError(
        String state,
        String message,
        Map<String, String> parts,
        @Nullable Integer position,
        boolean timedOut) {

    /** Connection failure (ISO 9075-2). */
    public static final String CONNECTION_LOST = "08006";

    private static final Map<String, String> GETTERS = Map.of(
            "detail", "getDetail",
            "hint", "getHint",
            "schema", "getSchema",
            "table", "getTable",
            "column", "getColumn",
            "constraint", "getConstraint");

    public SqlError {
        parts = Map.copyOf(parts);
    }

    /** @param before characters of the statement before what the caller wrote, or null where he wrote nothing of it */
    static SqlError of(SQLException exception, @Nullable Integer before, boolean timedOut) {
        String state = exception.getSQLState() == null ? CONNECTION_LOST : exception.getSQLState();
        Object told = told(exception);
        if (told == null) {
            return new SqlError(state, firstLine(exception.getMessage()), Map.of(), null, timedOut);
        }
        Map<String, String> parts = new LinkedHashMap<>();
        GETTERS.forEach((name, getter) -> {
            if (ask(told, getter) instanceof String text && !text.isEmpty()) {
                parts.put(name, text);
            }
        });
        Integer position = before != null && ask(told, "getPosition") instanceof Integer at && at > before
                ? Integer.valueOf(at - before)
                : null;
        String message = ask(told, "getMessage") instanceof String text ? text : firstLine(exception.getMessage());
        return new SqlError(state, message, parts, position, timedOut);
    }

    /** What the server said in parts, which JDBC has no words for: drivers have a getter of their own for it, or none. */
    private static @Nullable Object told(SQLException exception) {
        return ask(exception, "getServerErrorMessage");
    }

    private static @Nullable Object ask(Object object, String getter) {
        try {
            Method method = object.getClass().getMethod(getter);
            return method.invoke(object);
        } catch (NoSuchMethodException | IllegalAccessException | InvocationTargetException none) {
            return null;
        }
    }

    private static String firstLine(@Nullable String message) {
        return message == null ? "no message" : message.lines().findFirst().orElse("no message");
    }

    /** Whether the state is of one of these classes: its first two characters. */
    boolean isOfClass(String... classes) {
        for (String one : classes) {
            if (state.startsWith(one)) {
                return true;
            }
        }
        return false;
    }
}
