package dev.toolpost.connectors.openapi;

import java.util.Locale;

/** Makes short plain text of what documents say at length. */
final class ShortText {
    private ShortText() {}

    /** Text on one line, without markup, cut at the end of a sentence or word. */
    static String of(String text, int most) {
        String plain = text.replaceAll("(?s)```.*?```", " ")
                .replaceAll("(?s)<[^<>]{0,200}>", " ")
                .replaceAll("!?\\[([^\\]]{0,300})\\]\\([^)]{0,1000}\\)", "$1")
                .replaceAll("\\[!(NOTE|WARNING|TIP|IMPORTANT|CAUTION)\\]", " ")
                .replaceAll("(?m)^\\s{0,3}(#{1,6}|>|[-*+])\\s+", " ")
                .replaceAll("\\*\\*|__|`", "")
                .replaceAll("[\\p{Cntrl}\\p{Cf}\\p{Co}\\p{Cs}\\p{Cn}\\s]+", " ")
                .strip();
        if (plain.length() <= most) {
            return plain;
        }
        String cut = plain.substring(0, most);
        int sentence = Math.max(cut.lastIndexOf(". "), cut.lastIndexOf(".) "));
        if (sentence > most / 3) {
            return cut.substring(0, sentence + 1).strip();
        }
        int word = cut.lastIndexOf(' ');
        return (word > most / 2 ? cut.substring(0, word) : cut).strip() + " ...";
    }

    /** A name in words: {@code listForRepo} and {@code list_for-repo} are "list for repo". */
    static String words(String name) {
        return name.replaceAll("([a-z0-9])([A-Z])", "$1 $2")
                .replaceAll("([A-Z]+)([A-Z][a-z])", "$1 $2")
                .replaceAll("[^A-Za-z0-9]+", " ")
                .strip()
                .toLowerCase(Locale.ROOT);
    }

    /** With a capital at its beginning. */
    static String capital(String text) {
        return text.isEmpty() ? text : Character.toUpperCase(text.charAt(0)) + text.substring(1);
    }
}
