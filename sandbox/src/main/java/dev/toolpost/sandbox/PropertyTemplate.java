package dev.toolpost.sandbox;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * How a computed record's property follows from its id: literal text with {@code {id}} (and the other forms of {@link IdForm}), {@code {pick:a|b|c}}, {@code {nth:a|b|c}} (in turn, numbered from the second round on), {@code
 * {int:low-high}}, {@code {date}} or {@code {date:zone}}, {@code {of:other property}} and {@code {value:other property}} (in lower case). A text that begins with {@code =} is written without quotes, and JSON that is no
 * text is written as it stands, with the texts in it filled in. Picks among equally many in one property fall alike, and {@code {pick@other:…}} falls as it does in another. The same
 * seed and id give the same value, so records need no memory.
 */
final class PropertyTemplate {

    @FunctionalInterface
    private interface Part {
        void write(ByteText out, long id, long seed, Map<String, PropertyTemplate> others);
    }

    private static final byte[] Z = utf8("Z");

    private final long salt;
    private final List<Part> parts = new ArrayList<>();
    private final boolean raw;

    private PropertyTemplate(String property, JsonNode value) {
        this.salt = mix(property.hashCode());
        this.raw = !value.isString() || isRaw(value.asString());
        if (value.isString()) {
            addText(property, value.asString());
        } else {
            addJson(property, value);
        }
    }

    static PropertyTemplate parse(String property, JsonNode value) {
        return new PropertyTemplate(property, value);
    }

    /** Whether the value is whole JSON rather than the inside of a string. */
    boolean isRaw() {
        return raw;
    }

    /** Appends the value as it stands in JSON: all of it when {@link #isRaw()}, otherwise without its quotes. */
    void write(ByteText out, long id, long seed, Map<String, PropertyTemplate> others) {
        for (Part part : parts) {
            part.write(out, id, seed, others);
        }
    }

    /** A date of 2025, in the form that HubSpot and most vendors use. */
    static void writeDate(ByteText out, long hash) {
        writeDate(out, hash, Z);
    }

    private static void writeDate(ByteText out, long hash, byte[] zone) {
        long h = hash & Long.MAX_VALUE;
        out.text("2025-").digits(1 + h % 12, 2).raw((byte) '-').digits(1 + (h >>> 8) % 28, 2);
        out.raw((byte) 'T').digits((h >>> 16) % 24, 2).raw((byte) ':').digits((h >>> 24) % 60, 2);
        out.raw((byte) ':').digits((h >>> 32) % 60, 2).raw((byte) '.').digits((h >>> 40) % 1000, 3);
        out.raw(zone);
    }

    /** Spreads an id's bits (the finaliser of SplitMix64). */
    static long mix(long value) {
        long z = value + 0x9e3779b97f4a7c15L;
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }

    private static long below(long id, long seed, long salt, long bound) {
        return Long.remainderUnsigned(mix(id ^ seed ^ salt), bound);
    }

    private static void writeLowerCase(
            ByteText out, String property, long id, long seed, Map<String, PropertyTemplate> others) {
        PropertyTemplate other = others.get(property);
        if (other == null) {
            return;
        }
        int from = out.length();
        other.write(out, id, seed, others);
        byte[] array = out.array();
        for (int i = from; i < out.length(); i++) {
            if (array[i] >= 'A' && array[i] <= 'Z') {
                array[i] = (byte) (array[i] + 32);
            }
        }
    }

    private static boolean isRaw(String text) {
        return text.startsWith("=");
    }

    private void addJson(String property, JsonNode value) {
        if (value.isObject()) {
            String before = "{";
            for (Map.Entry<String, JsonNode> member : value.properties()) {
                literal(before + "\"" + member.getKey() + "\":");
                addJson(property, member.getValue());
                before = ",";
            }
            literal(value.isEmpty() ? "{}" : "}");
        } else if (value.isArray()) {
            String before = "[";
            for (JsonNode element : value) {
                literal(before);
                addJson(property, element);
                before = ",";
            }
            literal(value.isEmpty() ? "[]" : "]");
        } else if (value.isString() && !isRaw(value.asString())) {
            literal("\"");
            addText(property, value.asString());
            literal("\"");
        } else if (value.isString()) {
            addText(property, value.asString());
        } else {
            literal(value.toString());
        }
    }

    private void literal(String text) {
        byte[] literal = utf8(text);
        parts.add((out, _, _, _) -> out.raw(literal));
    }

    private void addText(String property, String value) {
        if (value.indexOf('"') >= 0 || value.indexOf('\\') >= 0) {
            throw new IllegalArgumentException(property + ": " + value + " (expected: no quotes, no backslashes)");
        }
        String text = isRaw(value) ? value.substring(1) : value;
        int at = 0;
        while (at < text.length()) {
            int open = text.indexOf('{', at);
            if (open != at) {
                int end = open < 0 ? text.length() : open;
                literal(text.substring(at, end));
                at = end;
                continue;
            }
            int close = text.indexOf('}', open);
            if (close < 0) {
                throw new IllegalArgumentException(property + ": " + text + " (expected: a closing brace)");
            }
            parts.add(part(property, text.substring(open + 1, close)));
            at = close + 1;
        }
    }

    private Part part(String property, String text) {
        if (text.matches("(id|hex)([:+]\\d+)?")) {
            IdForm form = IdForm.parse("{" + text + "}");
            return (out, id, _, _) -> {
                ByteText _ = form.write(out, id);
            };
        }
        int colon = text.indexOf(':');
        String head = colon < 0 ? text : text.substring(0, colon);
        String argument = colon < 0 ? "" : text.substring(colon + 1);
        int at = head.indexOf('@');
        String kind = at < 0 ? head : head.substring(0, at);
        long salt = at < 0 ? this.salt : mix(head.substring(at + 1).hashCode());
        return switch (kind) {
            case "date" -> {
                byte[] zone = argument.isEmpty() ? Z : utf8(argument);
                yield (out, id, seed, _) -> writeDate(out, mix(id ^ seed ^ salt), zone);
            }
            case "of" ->
                (out, id, seed, others) -> {
                    PropertyTemplate other = others.get(argument);
                    if (other != null) {
                        other.write(out, id, seed, others);
                    }
                };
            case "value" -> (out, id, seed, others) -> writeLowerCase(out, argument, id, seed, others);
            case "pick" -> {
                List<byte[]> options = options(argument);
                yield (out, id, seed, _) -> out.raw(options.get((int) below(id, seed, salt, options.size())));
            }
            case "nth" -> {
                List<byte[]> options = options(argument);
                yield (out, id, _, _) -> {
                    out.raw(options.get((int) (id % options.size())));
                    if (id / options.size() > 1) {
                        out.number(id / options.size());
                    }
                };
            }
            case "int" -> {
                int dash = argument.indexOf('-');
                long low = Long.parseLong(argument.substring(0, dash));
                long high = Long.parseLong(argument.substring(dash + 1));
                yield (out, id, seed, _) -> out.number(low + below(id, seed, salt, high - low + 1));
            }
            default ->
                throw new IllegalArgumentException(
                        property + ": {" + text + "} (expected: id, date, of:, value:, pick:, nth: or int:)");
        };
    }

    private static List<byte[]> options(String argument) {
        List<byte[]> options = new ArrayList<>();
        for (String option : argument.split("\\|", -1)) {
            options.add(utf8(option));
        }
        return options;
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
