package dev.toolpost.worker.classify;

import java.nio.charset.StandardCharsets;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Steps over the values of a JSON text that is known to be JSON, by its brackets and quotes alone: a parser that checks every token again
 * takes several times as long. Not thread-safe.
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
        while (current() <= ' ' && current() >= 0) {
            at++;
        }
        return current();
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
        boolean plain = string();
        int to = at;
        if (next() != ':') {
            throw notJson();
        }
        return plain
                ? new String(utf8, from + 1, to - from - 2, StandardCharsets.UTF_8)
                : unescaped(new String(utf8, from, to - from, StandardCharsets.UTF_8));
    }

    /** Goes past a whole value. */
    void value() {
        switch (peek()) {
            case '"' -> {
                boolean _ = string();
            }
            case '{', '[' -> container();
            default -> scalar();
        }
    }

    private void container() {
        int depth = 0;
        do {
            switch (current()) {
                case '"' -> {
                    boolean _ = string();
                    continue;
                }
                case '{', '[' -> depth++;
                case '}', ']' -> depth--;
                default -> {}
            }
            at++;
        } while (depth > 0);
    }

    /** Whether it held no escape. */
    private boolean string() {
        boolean plain = true;
        at++;
        while (current() != '"') {
            if (utf8[at] == '\\') {
                plain = false;
                at++;
            }
            at++;
        }
        at++;
        return plain;
    }

    private void scalar() {
        int from = at;
        while (at < utf8.length && utf8[at] > ' ' && utf8[at] != ',' && utf8[at] != ']' && utf8[at] != '}') {
            at++;
        }
        if (at == from) {
            throw notJson();
        }
    }

    private byte current() {
        if (at >= utf8.length) {
            throw notJson();
        }
        return utf8[at];
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
