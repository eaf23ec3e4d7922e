package dev.toolpost.cli;

import dev.toolpost.connectors.InvisibleText;
import java.util.Locale;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** JSON as the commands print it. */
final class Json {
    private static final JsonMapper MAPPER =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    private Json() {}

    static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    /** Indented. What a terminal should not have raw is escaped, which is the same JSON. */
    static String print(Object node) {
        String json = MAPPER.writeValueAsString(node);
        int at = InvisibleText.find(json, 0);
        if (at < 0) {
            return json;
        }
        StringBuilder escaped = new StringBuilder(json.length() + 16);
        int from = 0;
        for (; at >= 0; at = InvisibleText.find(json, from)) {
            int end = at + Character.charCount(json.codePointAt(at));
            escaped.append(json, from, at);
            json.substring(at, end)
                    .chars()
                    .forEach(unit -> escaped.append(String.format(Locale.ROOT, "\\u%04x", unit)));
            from = end;
        }
        return escaped.append(json, from, json.length()).toString();
    }

    /**
     * Breaks valid JSON into indented lines. Only white space between tokens changes, so that numbers keep their digits and texts
     * their escapes.
     */
    static String indent(String json) {
        StringBuilder lines = new StringBuilder(json.length() * 2);
        int depth = 0;
        boolean inText = false;
        for (int i = 0; i < json.length(); i++) {
            char c = json.charAt(i);
            if (inText) {
                lines.append(c);
                if (c == '\\') {
                    lines.append(json.charAt(++i));
                } else if (c == '"') {
                    inText = false;
                }
                continue;
            }
            switch (c) {
                case ' ', '\t', '\n', '\r' -> {}
                case '"' -> {
                    inText = true;
                    lines.append(c);
                }
                case '{', '[' -> {
                    lines.append(c);
                    int next = nextToken(json, i + 1);
                    if (next < json.length() && json.charAt(next) == c + 2) {
                        lines.append(json.charAt(next));
                        i = next;
                    } else {
                        newLine(lines, ++depth);
                    }
                }
                case '}', ']' -> {
                    newLine(lines, --depth);
                    lines.append(c);
                }
                case ',' -> {
                    lines.append(c);
                    newLine(lines, depth);
                }
                case ':' -> lines.append(": ");
                default -> lines.append(c);
            }
        }
        return lines.toString();
    }

    private static int nextToken(String json, int from) {
        int i = from;
        while (i < json.length() && json.charAt(i) <= ' ') {
            i++;
        }
        return i;
    }

    private static void newLine(StringBuilder lines, int depth) {
        lines.append('\n').repeat("  ", Math.max(0, depth));
    }
}
