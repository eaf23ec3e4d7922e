package dev.toolpost.connectors;

import com.dashjoin.jsonata.Functions;
import com.dashjoin.jsonata.Jsonata;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Functions of JSONata that make large texts in one step, with a look at what they would make before they do. Thread-safe. */
final class BoundedTexts {

    static final Jsonata.JFunction JOIN =
            new Jsonata.JFunction((input, arguments) -> join(at(arguments, 0), at(arguments, 1)), "<a<s>s?:s>");

    static final Jsonata.JFunction REPLACE = new Jsonata.JFunction(
            (input, arguments) -> replace(at(arguments, 0), at(arguments, 1), at(arguments, 2), at(arguments, 3)),
            "<s-(sf)(sf)n?:s>");

    private BoundedTexts() {}

    private static @Nullable Object at(List<?> arguments, int index) {
        return index < arguments.size() ? arguments.get(index) : null;
    }

    private static @Nullable Object join(@Nullable Object texts, @Nullable Object separator) {
        if (!(texts instanceof List<?> list)) {
            return texts;
        }
        long between = separator instanceof String text ? text.length() : 0;
        long length = between * list.size();
        List<String> parts = new ArrayList<>(list.size());
        for (Object each : list) {
            String part = String.valueOf(each);
            length += part.length();
            parts.add(part);
        }
        refuseAbove(length, "$join");
        return Functions.join(parts, separator instanceof String text ? text : null);
    }

    private static @Nullable Object replace(
            @Nullable Object text, @Nullable Object pattern, @Nullable Object replacement, @Nullable Object most) {
        if (!(text instanceof String given)) {
            return null;
        }
        if (!(pattern instanceof String sought) || !(replacement instanceof String put)) {
            throw new IllegalArgumentException("$replace takes texts here, no functions");
        }
        long times = sought.isEmpty() ? 0 : given.length() / sought.length();
        refuseAbove(
                given.length()
                        + (times * put.length() > ViewExpression.LARGEST_VALUE
                                ? occurrences(given, sought) * put.length()
                                : 0),
                "$replace");
        return Functions.replace(given, sought, put, most instanceof Number number ? number.intValue() : null);
    }

    private static long occurrences(String text, String sought) {
        long count = 0;
        for (int at = text.indexOf(sought); at >= 0; at = text.indexOf(sought, at + sought.length())) {
            count++;
        }
        return count;
    }

    private static void refuseAbove(long length, String function) {
        // What a record holds may be joined as it is; the value itself is measured after the step.
        if (length > 8L * ViewExpression.LARGEST_VALUE) {
            throw new IllegalArgumentException(function + " would make a text of " + length
                    + " characters (expected: at most " + 8L * ViewExpression.LARGEST_VALUE + ")");
        }
    }
}
