package dev.toolpost.sandbox;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What has to hold before a request is carried out, and the error otherwise. Everything but {@code present} is only looked at where the argument is there.
 *
 * @param argument a name, or a JSON Pointer into the arguments; null with {@code header}
 * @param header a request header in lower case instead of an argument
 * @param unless another argument that waives the check by being there
 * @param matches what the text has to be
 * @param in a collection that has to have the record
 * @param times another number argument that this one is multiplied with before it is held against {@code atMost}
 */
record DescribedCheck(
        @Nullable String argument,
        @Nullable String header,
        boolean present,
        @Nullable String unless,
        @Nullable Pattern matches,
        int longest,
        double atLeast,
        double atMost,
        @Nullable String times,
        @Nullable String in,
        String error) {

    static List<DescribedCheck> read(JsonNode nodes) {
        List<DescribedCheck> checks = new ArrayList<>();
        for (JsonNode node : nodes) {
            String pattern = text(node, "matches");
            checks.add(new DescribedCheck(
                    text(node, "argument"),
                    text(node, "header"),
                    node.path("present").asBoolean(false),
                    text(node, "unless"),
                    pattern == null ? null : Pattern.compile(pattern, Pattern.DOTALL),
                    node.path("longest").asInt(Integer.MAX_VALUE),
                    node.path("at_least").asDouble(Double.NEGATIVE_INFINITY),
                    node.path("at_most").asDouble(Double.POSITIVE_INFINITY),
                    text(node, "times"),
                    text(node, "in"),
                    node.path("error").asString()));
        }
        return List.copyOf(checks);
    }

    private static @Nullable String text(JsonNode node, String name) {
        JsonNode value = node.path(name);
        return value.isString() ? value.asString() : null;
    }

    boolean holds(HttpExchange exchange, RequestArguments arguments, Map<String, DescribedRecords> collections) {
        if (header != null) {
            String value = exchange.header(header);
            return value == null ? !present : holdsOf(value);
        }
        if (argument == null) {
            return arguments.readable();
        }
        if (unless != null && !arguments.at(unless).isMissingNode()) {
            return true;
        }
        JsonNode node = arguments.at(argument);
        if (node.isMissingNode()
                || node.isNull()
                || (node.isString() && node.asString().isEmpty())) {
            return !present;
        }
        if (node.isContainer()) {
            return node.size() <= longest && (!present || !node.isEmpty());
        }
        String value = node.asString();
        return holdsOf(value) && inRange(value, arguments) && exists(value, collections);
    }

    private boolean holdsOf(String value) {
        return value.length() <= longest
                && (matches == null || matches.matcher(value).matches());
    }

    private boolean inRange(String value, RequestArguments arguments) {
        if (atLeast == Double.NEGATIVE_INFINITY && atMost == Double.POSITIVE_INFINITY) {
            return true;
        }
        String factor = times == null ? null : arguments.text(times);
        try {
            double number = Double.parseDouble(value) * (factor == null ? 1 : Double.parseDouble(factor));
            return number >= atLeast && number <= atMost;
        } catch (NumberFormatException e) {
            return false;
        }
    }

    private boolean exists(String value, Map<String, DescribedRecords> collections) {
        if (in == null) {
            return true;
        }
        DescribedRecords records = collections.get(in);
        if (records == null) {
            throw new SandboxException("checks: in: " + in + " (expected: one of " + collections.keySet() + ")");
        }
        return records.isPresent(records.number(value));
    }
}
