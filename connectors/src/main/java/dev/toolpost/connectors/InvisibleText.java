package dev.toolpost.connectors;

import java.util.Locale;

/**
 * Characters that are not seen and yet do something: controls that a terminal obeys, overrides of the direction in which text is
 * read, characters without width, tags. In a definition they deceive who reviews it, or a model that reads it. Pure.
 */
public final class InvisibleText {
    private static final int ZERO_WIDTH_NON_JOINER = 0x200C;
    private static final int ZERO_WIDTH_JOINER = 0x200D;

    private InvisibleText() {}

    /** The text with each such character, line breaks and tabulators excepted, as {@code <U+202E>}. */
    public static String escaped(String text) {
        int first = find(text, 0);
        if (first < 0) {
            return text;
        }
        StringBuilder escaped = new StringBuilder(text.length() + 16);
        int from = 0;
        for (int at = first; at >= 0; at = find(text, from)) {
            int c = text.codePointAt(at);
            escaped.append(text, from, at).append('<').append(name(c)).append('>');
            from = at + Character.charCount(c);
        }
        return escaped.append(text, from, text.length()).toString();
    }

    /** Where the first such character stands from there on, or -1. */
    public static int find(String text, int from) {
        for (int i = from; i < text.length(); ) {
            int c = text.codePointAt(i);
            if (isInvisible(c) && !joins(text, i)) {
                return i;
            }
            i += Character.charCount(c);
        }
        return -1;
    }

    /** What the character is called: {@code U+202E}. */
    public static String name(int codePoint) {
        return String.format(Locale.ROOT, "U+%04X", codePoint);
    }

    private static boolean isInvisible(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL -> c != '\n' && c != '\t';
            case Character.FORMAT, Character.SURROGATE, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> true;
            default -> false;
        };
    }

    /** Emoji and some scripts need joiners between two characters that are seen. */
    private static boolean joins(String text, int at) {
        int c = text.codePointAt(at);
        boolean isJoiner = c == ZERO_WIDTH_JOINER || c == ZERO_WIDTH_NON_JOINER;
        if (!isJoiner || at == 0 || at + 1 >= text.length()) {
            return false;
        }
        return isJoinable(text.codePointBefore(at)) && isJoinable(text.codePointAt(at + 1));
    }

    private static boolean isJoinable(int c) {
        return c >= 0x250 && !isInvisible(c) && !Character.isWhitespace(c);
    }
}
