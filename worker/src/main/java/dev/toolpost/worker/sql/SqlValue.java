package dev.toolpost.worker.sql;

import dev.toolpost.worker.request.RequestProblemException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** A JSON value as the text that a parameter of an SQL type is bound as; the server reads it as its type. Pure. */
final class SqlValue {

    private SqlValue() {}

    /** The text, or null for SQL's null. */
    static @Nullable String of(String argument, JsonNode value, String type) throws RequestProblemException {
        if (value.isMissingNode() || value.isNull()) {
            return null;
        }
        String text = value.isArray() && type.endsWith("[]") ? array(value) : plain(value);
        if (text.indexOf('\0') >= 0) {
            throw RequestProblemException.ofArgument(argument, "holds a NUL character, which no database takes");
        }
        return text;
    }

    private static String plain(JsonNode value) {
        return value.isString() ? value.asString() : value.toString();
    }

    /** An array in the server's own form, each item quoted. */
    private static String array(JsonNode values) {
        List<String> items = new ArrayList<>();
        for (JsonNode value : values) {
            if (value.isNull()) {
                items.add("NULL");
            } else if (value.isArray()) {
                items.add(array(value));
            } else {
                items.add('"' + plain(value).replace("\\", "\\\\").replace("\"", "\\\"") + '"');
            }
        }
        return "{" + String.join(",", items) + "}";
    }
}
