package dev.toolpost.sandbox;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * An answer as JSON with placeholders in its texts. A text that is one placeholder, {@code "{name}"}, becomes the value with its JSON type, null where
 * there is none; {@code "{name|text}"} becomes the text then, and {@code "{name?}"} leaves the member out. Placeholders within a longer text are
 * filled in as text; a text that begins with {@code =} is written without quotes. A member whose key ends in {@code ?name} is only there when
 * that value is true, not 0 and not empty.
 */
final class ReplyTemplate {

    private static final Pattern PLACEHOLDER = Pattern.compile("\\{([a-z_]+(?::[^{}|?]+)?)(\\?|\\|[^{}]*)?}");

    @FunctionalInterface
    private interface Node {
        /** False where a value is missing that may be. */
        boolean write(ByteText out, ReplyValues values);
    }

    private record Member(String key, @Nullable String condition, Node value) {}

    private final Node root;

    private ReplyTemplate(Node root) {
        this.root = root;
    }

    static ReplyTemplate parse(JsonNode template) {
        return new ReplyTemplate(node(template));
    }

    /** Appends the filled template as JSON. */
    void write(ByteText out, ReplyValues values) {
        boolean _ = root.write(out, values);
    }

    /** A text with its placeholders filled in; missing values leave nothing. */
    static String fill(String text, ReplyValues values) {
        Matcher matcher = PLACEHOLDER.matcher(text);
        return matcher.replaceAll(found -> {
            String value = values.text(found.group(1));
            return Matcher.quoteReplacement(value == null ? otherwise(found.group(2)) : value);
        });
    }

    private static String otherwise(@Nullable String mark) {
        return mark == null || mark.equals("?") ? "" : mark.substring(1);
    }

    private static Node node(JsonNode template) {
        if (template.isObject()) {
            return object(template);
        }
        if (template.isArray()) {
            return array(template);
        }
        return template.isString() ? text(template.asString()) : literal(template.toString());
    }

    private static Node literal(String json) {
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        return (out, _) -> {
            out.raw(bytes);
            return true;
        };
    }

    private static Node text(String text) {
        Matcher whole = PLACEHOLDER.matcher(text);
        if (whole.matches()) {
            return placeholder(whole.group(1), whole.group(2));
        }
        if (!whole.reset().find()) {
            return text.startsWith("=")
                    ? literal(text.substring(1))
                    : literal(new ByteText(64).string(text).toString());
        }
        return text.startsWith("=")
                ? (out, values) -> {
                    out.text(fill(text.substring(1), values));
                    return true;
                }
                : (out, values) -> {
                    out.string(fill(text, values));
                    return true;
                };
    }

    private static Node placeholder(String name, @Nullable String mark) {
        boolean optional = "?".equals(mark);
        String otherwise = mark == null || optional
                ? "null"
                : new ByteText(32).string(mark.substring(1)).toString();
        return (out, values) -> {
            if (values.json(out, name)) {
                return true;
            }
            if (!optional) {
                out.text(otherwise);
            }
            return !optional;
        };
    }

    private static Node array(JsonNode template) {
        List<Node> elements = new ArrayList<>();
        template.forEach(element -> elements.add(node(element)));
        return (out, values) -> {
            out.raw((byte) '[');
            boolean first = true;
            for (Node element : elements) {
                int before = out.length();
                if (!first) {
                    out.raw((byte) ',');
                }
                if (element.write(out, values)) {
                    first = false;
                } else {
                    out.truncate(before);
                }
            }
            out.raw((byte) ']');
            return true;
        };
    }

    private static Node object(JsonNode template) {
        List<Member> members = new ArrayList<>();
        for (Map.Entry<String, JsonNode> member : template.properties()) {
            String key = member.getKey();
            int mark = key.indexOf('?');
            String name = mark < 0 ? key : key.substring(0, mark);
            members.add(new Member(
                    new ByteText(32).string(name).raw((byte) ':').toString(),
                    mark < 0 ? null : key.substring(mark + 1),
                    node(member.getValue())));
        }
        return (out, values) -> {
            out.raw((byte) '{');
            boolean first = true;
            for (Member member : members) {
                if (member.condition() != null && !values.holds(member.condition())) {
                    continue;
                }
                int before = out.length();
                if (!first) {
                    out.raw((byte) ',');
                }
                out.text(member.key());
                if (member.value().write(out, values)) {
                    first = false;
                } else {
                    out.truncate(before);
                }
            }
            out.raw((byte) '}');
            return true;
        };
    }
}
