package dev.toolpost.connectors.openapi;

import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Writes YAML in blocks, with comments. Whatever could be read as something else is quoted. Not thread-safe. */
final class YamlText {
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z/][A-Za-z0-9_./()-]*(?: [A-Za-z0-9_./(),'-]+)*");
    private static final Set<String> WORDS = Set.of("true", "false", "null", "yes", "no", "on", "off", "y", "n");
    private static final int WIDTH = 120;

    private final StringBuilder text = new StringBuilder();
    private int lines = 1;

    /** A comment, wrapped. */
    YamlText comment(int indent, String comment) {
        StringBuilder line = new StringBuilder();
        for (String word : comment.replaceAll("[\\p{Cntrl}\\s]+", " ").strip().split(" ", -1)) {
            if (!line.isEmpty() && indent + line.length() + word.length() > WIDTH) {
                line(indent, "# " + line);
                line.setLength(0);
            }
            line.append(line.isEmpty() ? "" : " ").append(word);
        }
        return line(indent, "# " + line);
    }

    YamlText line(int indent, String content) {
        text.append(" ".repeat(content.isEmpty() ? 0 : indent)).append(content).append('\n');
        lines++;
        return this;
    }

    /** A key and its value. */
    YamlText put(int indent, String key, JsonNode value) {
        String name = scalar(key) + ":";
        if (value.isValueNode()) {
            return line(indent, name + " " + scalar(value));
        }
        if (value.isEmpty()) {
            return line(indent, name + (value.isObject() ? " {}" : " []"));
        }
        if (value.isArray() && value.valueStream().allMatch(JsonNode::isValueNode)) {
            return line(
                    indent,
                    name + " ["
                            + String.join(
                                    ", ",
                                    value.valueStream().map(YamlText::flow).toList()) + "]");
        }
        line(indent, name);
        return value.isObject() ? members(indent + 2, value) : items(indent + 2, value);
    }

    YamlText members(int indent, JsonNode object) {
        for (Map.Entry<String, JsonNode> member : object.properties()) {
            put(indent, member.getKey(), member.getValue());
        }
        return this;
    }

    private YamlText items(int indent, JsonNode array) {
        for (JsonNode item : array) {
            if (item.isValueNode()) {
                line(indent, "- " + scalar(item));
            } else if (item.isEmpty()) {
                line(indent, item.isObject() ? "- {}" : "- []");
            } else if (item.isArray()) {
                line(indent, "-");
                items(indent + 2, item);
            } else {
                int start = text.length();
                members(indent + 2, item);
                text.setCharAt(start + indent, '-');
            }
        }
        return this;
    }

    private static String flow(JsonNode value) {
        String scalar = scalar(value);
        return scalar.matches("(?s).*[,()'].*") && !scalar.startsWith("\"") ? quoted(value.asString()) : scalar;
    }

    private static String scalar(JsonNode value) {
        return value.isString() ? scalar(value.asString()) : value.toString();
    }

    private static String scalar(String value) {
        boolean plain = PLAIN.matcher(value).matches() && !WORDS.contains(value.toLowerCase(Locale.ROOT));
        return plain ? value : quoted(value);
    }

    /** As JSON writes it, which YAML reads too; without what YAML refuses. */
    private static String quoted(String value) {
        return JsonMapper.shared()
                .writeValueAsString(value.replaceAll("[\\x7F-\\x9F\\uFEFF\\p{Cs}\\uFFFE\\uFFFF]", ""));
    }

    /** The number of the line that comes next, from 1. */
    int nextLine() {
        return lines;
    }

    int length() {
        return text.length();
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
