package dev.toolpost.sandbox;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Which records of a list an argument keeps.
 *
 * @param argument a name, or a JSON Pointer into the arguments
 * @param properties of which one has to match
 * @param otherwise what is taken where the argument is missing; null for no filter then
 * @param all values that keep everything
 */
record DescribedFilter(
        String argument,
        List<String> properties,
        Op op,
        @Nullable String otherwise,
        Set<String> all) {

    enum Op {
        /** The same text; a list separated by commas, or an array, means any of them. */
        EQUALS,
        /** Equal, or the record has no value of its own. */
        EQUALS_OR_NONE,
        /** Somewhere within, without regard to case. */
        CONTAINS,
        /** Every word that holds no colon is somewhere within one of the properties. */
        MENTIONS,
        AT_LEAST,
        AT_MOST,
        ABOVE,
        BELOW
    }

    static List<DescribedFilter> read(JsonNode nodes) {
        List<DescribedFilter> filters = new ArrayList<>();
        for (JsonNode node : nodes) {
            List<String> properties = new ArrayList<>();
            if (node.path("property").isArray()) {
                node.path("property").forEach(property -> properties.add(property.asString()));
            } else {
                properties.add(node.path("property").asString());
            }
            Set<String> all = new TreeSet<>();
            node.path("all").forEach(value -> all.add(value.asString()));
            filters.add(new DescribedFilter(
                    node.path("argument").asString(),
                    List.copyOf(properties),
                    Op.valueOf(node.path("op").asString("equals").toUpperCase(Locale.ROOT)),
                    node.path("default").isString() ? node.path("default").asString() : null,
                    all));
        }
        return List.copyOf(filters);
    }

    /** The values that the request asks for; empty for no filter. */
    List<String> wanted(RequestArguments arguments) {
        JsonNode node = arguments.at(argument);
        List<String> values = new ArrayList<>();
        if (node.isArray()) {
            node.forEach(element -> values.add(element.asString("")));
        } else if (node.isValueNode() && !node.isNull()) {
            String text = node.asString();
            if (op == Op.EQUALS || op == Op.EQUALS_OR_NONE) {
                values.addAll(List.of(text.split(",", -1)));
            } else {
                values.add(text);
            }
        } else if (otherwise != null) {
            values.add(otherwise);
        }
        values.removeIf(String::isEmpty);
        return values.stream().anyMatch(all::contains) ? List.of() : values;
    }

    boolean keeps(DescribedRecords records, long id, List<String> wanted) {
        if (op == Op.MENTIONS) {
            return mentions(records, id, wanted);
        }
        for (String property : properties) {
            String value = records.value(id, property);
            if (value == null ? op == Op.EQUALS_OR_NONE : wanted.stream().anyMatch(text -> keeps(value, text))) {
                return true;
            }
        }
        return false;
    }

    private boolean keeps(String value, String wanted) {
        return switch (op) {
            case EQUALS, EQUALS_OR_NONE -> value.equalsIgnoreCase(wanted);
            case CONTAINS, MENTIONS -> value.toLowerCase(Locale.ROOT).contains(wanted.toLowerCase(Locale.ROOT));
            case AT_LEAST -> compare(value, wanted) >= 0;
            case AT_MOST -> compare(value, wanted) <= 0;
            case ABOVE -> compare(value, wanted) > 0;
            case BELOW -> compare(value, wanted) < 0;
        };
    }

    private boolean mentions(DescribedRecords records, long id, List<String> wanted) {
        ByteText all = new ByteText(256);
        for (String property : properties) {
            String value = records.value(id, property);
            all.text(value == null ? "" : value).raw((byte) '\n');
        }
        String text = all.toString().toLowerCase(Locale.ROOT);
        for (String phrase : wanted) {
            for (String word : phrase.toLowerCase(Locale.ROOT).split("[\\s\"]+", -1)) {
                if (word.indexOf(':') < 0 && !text.contains(word)) {
                    return false;
                }
            }
        }
        return true;
    }

    /** As numbers where both are, otherwise as text, which is right for dates of one form. */
    private static int compare(String a, String b) {
        try {
            return Double.compare(Double.parseDouble(a), Double.parseDouble(b));
        } catch (NumberFormatException e) {
            return a.compareTo(b);
        }
    }
}
