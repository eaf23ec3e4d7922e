package dev.toolpost.cli;

import dev.toolpost.connectors.InvisibleText;

/** Text for people. */
final class Text {
    private Text() {}

    /** The text as a terminal may have it: what would hide, reorder or act is shown by its number. */
    static String visible(String text) {
        return InvisibleText.escaped(text);
    }

    /** Breaks text between words; every further line begins with the margin. */
    static String wrap(String text, int width, String margin) {
        StringBuilder lines = new StringBuilder();
        int length = 0;
        for (String word : visible(text).strip().split("\\s+", -1)) {
            if (length > 0 && length + 1 + word.length() > width) {
                lines.append('\n').append(margin);
                length = 0;
            } else if (length > 0) {
                lines.append(' ');
                length++;
            }
            lines.append(word);
            length += word.length();
        }
        return lines.toString();
    }

    /** The text on one line, as a terminal may have it. */
    static String line(String text) {
        return visible(text).replaceAll("[\\n\\t]", " ");
    }

    /** The text, or its beginning where it is longer. */
    static String cut(String text, int length) {
        String line = visible(text).replaceAll("\\s+", " ");
        return line.length() <= length ? line : line.substring(0, length - 1) + "…";
    }
}
