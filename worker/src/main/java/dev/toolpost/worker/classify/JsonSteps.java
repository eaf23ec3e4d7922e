package dev.toolpost.worker.classify;

import java.nio.charset.StandardCharsets;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Steps over the values of a JSON text that is known to be JSON, by its brackets and quotes alone: a parser that checks every token again
 * takes several times as long. A text that is no JSON ends in an {@link IndexOutOfBoundsException} or {@link
 * IllegalArgumentException}. Not thread-safe.
 */
final class JsonSteps {

    private final byte[] utf8;
    private int at;

    JsonSteps(byte[] utf8) {
        this.utf8 = utf8;
    }

    /** Where it stands. */
    int at() {
        return at;
    }

    /** The byte that it stands on, behind any space. */
    byte peek() {
        while (isSpace(utf8[at])) {
            at++;
        }
        return utf8[at];
    }

    /** Goes past the byte that it stands on, behind any space, and tells it. */
    byte next() {
        byte next = peek();
        at++;
        return next;
    }

    /** Goes past a member's name and its colon. */
    String name() {
        peek();
        int from = at;
        at = behindText(utf8, at);
        String quoted = new String(utf8, from, at - from, StandardCharsets.UTF_8);
        if (next() != ':') {
            throw notJson();
        }
        return quoted.indexOf('\\') < 0 ? quoted.substring(1, quoted.length() - 1) : unescaped(quoted);
    }

    /** Goes past a whole value. */
    void value() {
        at = switch (peek()) {
            case '"' -> behindText(utf8, at);
            case '{', '[' -> behindContainer(utf8, at);
            default -> behindScalar(utf8, at);
        };
    }

    private static int behindContainer(byte[] utf8, int from) {
        int depth = 0;
        int at = from;
        do {
            byte b = utf8[at];
            if (b == '"') {
                at = behindText(utf8, at);
            } else {
                if (b == '{' || b == '[') {
                    depth++;
                } else if (b == '}' || b == ']') {
                    depth--;
                }
                at++;
            }
        } while (depth > 0);
        return at;
    }

    private static int behindText(byte[] utf8, int from) {
        int at = from + 1;
        while (utf8[at] != '"') {
            at += utf8[at] == '\\' ? 2 : 1;
        }
        return at + 1;
    }

    private static int behindScalar(byte[] utf8, int from) {
        int at = from;
        while (at < utf8.length && !isSpace(utf8[at]) && utf8[at] != ',' && utf8[at] != ']' && utf8[at] != '}') {
            at++;
        }
        if (at == from) {
            throw notJson();
        }
        return at;
    }

    private static boolean isSpace(byte b) {
        return b == ' ' || b == '\n' || b == '\r' || b == '\t';
    }

    private static String unescaped(String json) {
        try {
            return JsonMapper.shared().readValue(json, String.class);
        } catch (JacksonException e) {
            throw new IllegalArgumentException("a name that is not JSON (expected: text that was checked)", e);
        }
    }

    private static IllegalArgumentException notJson() {
        return new IllegalArgumentException("a text that is not JSON (expected: one that was checked)");
    }
}
