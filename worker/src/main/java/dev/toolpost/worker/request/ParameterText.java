package dev.toolpost.worker.request;

import dev.toolpost.connectors.Parameter;
import dev.toolpost.connectors.Parameter.ListStyle;
import dev.toolpost.connectors.PercentEncoding;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Writes the parameters of a query or a form. Names and values are percent-encoded, and a member of an argument cannot open or close a
 * bracket, so that nothing in an argument becomes a parameter of its own. Not thread-safe.
 */
final class ParameterText {

    private static final JsonMapper MAPPER = JsonMapper.shared();

    /** Keys repeat the names of all that they lie in: deep nesting would make much out of little. */
    private static final int DEEPEST = 12;

    private final StringBuilder text;
    private final int longest;
    private char separator;

    /** @param separator what stands before the first parameter: {@code ?}, {@code &} where some are there already, 0 for nothing */
    private ParameterText(StringBuilder text, char separator, int longest) {
        this.text = text;
        this.separator = separator;
        this.longest = longest;
    }

    /** The query of a URL that has none yet, or has one. */
    static ParameterText query(StringBuilder url, boolean hasQuery) {
        return new ParameterText(url, hasQuery ? '&' : '?', 256 << 10);
    }

    /** A form. */
    static ParameterText form(StringBuilder form) {
        return new ParameterText(form, (char) 0, 16 << 20);
    }

    /** Adds a parameter as it is, encoded. */
    void add(String name, String value) {
        addEncoded(PercentEncoding.query(name), PercentEncoding.query(value));
    }

    private void addEncoded(String encodedName, @Nullable String encodedValue) {
        if (separator != 0) {
            text.append(separator);
        }
        text.append(encodedName);
        if (encodedValue != null) {
            text.append('=').append(encodedValue);
        }
        separator = '&';
    }

    /** Adds a parameter where it is there; one whose value is absent or null is left out. */
    void add(Parameter parameter, Rendering rendering) throws RequestProblemException {
        if (rendering.holds(parameter.when())) {
            String blamed = Rendering.blamed(parameter.value());
            new Writing(parameter.style(), blamed)
                    .value(PercentEncoding.query(parameter.name()), rendering.node(parameter.value()), 0);
        }
    }

    /** One parameter while it is written. */
    private final class Writing {
        private final Parameter.Style style;
        private final String blamed;

        Writing(Parameter.Style style, String blamed) {
            this.style = style;
            this.blamed = blamed;
        }

        void value(String name, JsonNode value, int depth) throws RequestProblemException {
            if (depth > DEEPEST) {
                throw RequestProblemException.ofArgument(
                        blamed, "nested deeper than " + DEEPEST + " levels (expected: less deep)");
            }
            if (value.isMissingNode() || value.isNull()) {
                return;
            }
            if (value.isValueNode()) {
                plain(name, value);
            } else if (style.objects() == Parameter.ObjectStyle.JSON) {
                write(name, PercentEncoding.query(MAPPER.writeValueAsString(value)));
            } else if (value.isObject()) {
                for (Map.Entry<String, JsonNode> member : value.properties()) {
                    value(memberOf(name, member.getKey()), member.getValue(), depth + 1);
                }
            } else {
                array(name, value, depth);
            }
        }

        private void write(String name, @Nullable String encodedValue) throws RequestProblemException {
            addEncoded(name, encodedValue);
            if (text.length() > longest) {
                throw RequestProblemException.ofArgument(
                        blamed, "makes more than " + longest + " characters of request (expected: less)");
            }
        }

        private void plain(String name, JsonNode value) throws RequestProblemException {
            if (!value.isBoolean()) {
                write(name, PercentEncoding.query(value.asString()));
                return;
            }
            boolean yes = value.booleanValue();
            switch (style.booleans()) {
                case TRUE_FALSE -> write(name, yes ? "true" : "false");
                case ONE_ZERO -> write(name, yes ? "1" : "0");
                case YES_NO -> write(name, yes ? "yes" : "no");
                case PRESENCE -> {
                    if (yes) {
                        write(name, null);
                    }
                }
            }
        }

        private String memberOf(String name, String member) throws RequestProblemException {
            for (int i = 0; i < member.length(); i++) {
                char c = member.charAt(i);
                if (c == '[' || c == ']' || c < ' ' || c == 0x7f) {
                    throw RequestProblemException.ofArgument(
                            blamed,
                            "holds a member whose name has a bracket or a control character (expected: a plain name)");
                }
            }
            if (member.isEmpty()) {
                throw RequestProblemException.ofArgument(blamed, "holds a member without a name (expected: a name)");
            }
            String encoded = PercentEncoding.query(member);
            return style.objects() == Parameter.ObjectStyle.DOTS
                    ? name + '.' + encoded
                    : name + "%5B" + encoded + "%5D";
        }

        private void array(String name, JsonNode array, int depth) throws RequestProblemException {
            ListStyle list = isFlat(array) ? style.list() : ListStyle.INDICES;
            switch (list) {
                case REPEAT -> each(name, array);
                case BRACKETS -> each(name + "%5B%5D", array);
                case INDICES -> {
                    for (int i = 0; i < array.size(); i++) {
                        value(name + "%5B" + i + "%5D", array.get(i), depth + 1);
                    }
                }
                case COMMA -> joined(name, array, ",");
                case SPACE -> joined(name, array, "%20");
                case PIPE -> joined(name, array, "%7C");
            }
        }

        private static boolean isFlat(JsonNode array) {
            for (JsonNode item : array) {
                if (!item.isValueNode()) {
                    return false;
                }
            }
            return true;
        }

        private void each(String name, JsonNode array) throws RequestProblemException {
            for (JsonNode item : array) {
                plain(name, item);
            }
        }

        private void joined(String name, JsonNode array, String between) throws RequestProblemException {
            if (array.isEmpty()) {
                return;
            }
            StringBuilder items = new StringBuilder();
            String separator = "";
            for (JsonNode item : array) {
                items.append(separator).append(PercentEncoding.query(item.asString()));
                separator = between;
            }
            write(name, items.toString());
        }
    }
}
