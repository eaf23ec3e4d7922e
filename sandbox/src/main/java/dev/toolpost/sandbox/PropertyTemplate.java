package dev.toolpost.sandbox;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * How a computed record's property follows from its id: literal text with {@code {id}}, {@code {pick:a|b|c}}, {@code {int:low-high}}, {@code
 * {date}} and {@code {value:other property}} (in lower case). The same seed and id give the same value, so records need no memory.
 */
final class PropertyTemplate {

    @FunctionalInterface
    private interface Part {
        void write(ByteText out, long id, long seed, Map<String, PropertyTemplate> others);
    }

    private final long salt;
    private final List<Part> parts;

    private PropertyTemplate(String property, String text) {
        this.salt = mix(property.hashCode());
        this.parts = parts(property, text);
    }

    static PropertyTemplate parse(String property, String text) {
        if (text.indexOf('"') >= 0 || text.indexOf('\\') >= 0) {
            throw new IllegalArgumentException(property + ": " + text + " (expected: no quotes, no backslashes)");
        }
        return new PropertyTemplate(property, text);
    }

    /** Appends the value as it stands in a JSON string. */
    void write(ByteText out, long id, long seed, Map<String, PropertyTemplate> others) {
        for (Part part : parts) {
            part.write(out, id, seed, others);
        }
    }

    /** A date of 2025, in the form that HubSpot and most vendors use. */
    static void writeDate(ByteText out, long hash) {
        long h = hash & Long.MAX_VALUE;
        out.text("2025-").digits(1 + h % 12, 2).raw((byte) '-').digits(1 + (h >>> 8) % 28, 2);
        out.raw((byte) 'T').digits((h >>> 16) % 24, 2).raw((byte) ':').digits((h >>> 24) % 60, 2);
        out.raw((byte) ':').digits((h >>> 32) % 60, 2).raw((byte) '.').digits((h >>> 40) % 1000, 3);
        out.raw((byte) 'Z');
    }

    /** Spreads an id's bits (the finaliser of SplitMix64). */
    static long mix(long value) {
        long z = value + 0x9e3779b97f4a7c15L;
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }

    private long below(long id, long seed, long bound) {
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

    private List<Part> parts(String property, String text) {
        List<Part> found = new ArrayList<>();
        int at = 0;
        while (at < text.length()) {
            int open = text.indexOf('{', at);
            if (open != at) {
                int end = open < 0 ? text.length() : open;
                byte[] literal = utf8(text.substring(at, end));
                found.add((out, _, _, _) -> out.raw(literal));
                at = end;
                continue;
            }
            int close = text.indexOf('}', open);
            if (close < 0) {
                throw new IllegalArgumentException(property + ": " + text + " (expected: a closing brace)");
            }
            found.add(part(property, text.substring(open + 1, close)));
            at = close + 1;
        }
        return found;
    }

    private Part part(String property, String text) {
        int colon = text.indexOf(':');
        String kind = colon < 0 ? text : text.substring(0, colon);
        String argument = colon < 0 ? "" : text.substring(colon + 1);
        return switch (kind) {
            case "id" -> (out, id, _, _) -> out.number(id);
            case "date" -> (out, id, seed, _) -> writeDate(out, mix(id ^ seed ^ salt));
            case "value" -> (out, id, seed, others) -> writeLowerCase(out, argument, id, seed, others);
            case "pick" -> {
                List<byte[]> options = new ArrayList<>();
                for (String option : argument.split("\\|", -1)) {
                    options.add(utf8(option));
                }
                yield (out, id, seed, _) -> out.raw(options.get((int) below(id, seed, options.size())));
            }
            case "int" -> {
                int dash = argument.indexOf('-');
                long low = Long.parseLong(argument.substring(0, dash));
                long high = Long.parseLong(argument.substring(dash + 1));
                yield (out, id, seed, _) -> out.number(low + below(id, seed, high - low + 1));
            }
            default ->
                throw new IllegalArgumentException(
                        property + ": {" + text + "} (expected: id, date, value:, pick: or int:)");
        };
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
