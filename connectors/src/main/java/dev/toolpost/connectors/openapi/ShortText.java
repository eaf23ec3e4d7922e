package dev.toolpost.connectors.openapi;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/** Makes short plain text of what documents say at length. */
final class ShortText {
    private static final List<Map.Entry<Pattern, String>> MARKUP = List.of(
            Map.entry(Pattern.compile("(?s)```.*?```"), " "),
            Map.entry(Pattern.compile("(?s)<[^<>]{0,200}>"), " "),
            Map.entry(Pattern.compile("!?\\[([^\\]]{0,300})\\]\\([^)]{0,1000}\\)"), "$1"),
            Map.entry(Pattern.compile("\\[!(NOTE|WARNING|TIP|IMPORTANT|CAUTION)\\]"), " "),
            Map.entry(Pattern.compile("(?m)^\\s{0,3}(#{1,6}|>|[-*+])\\s+"), " "),
            Map.entry(Pattern.compile("\\*\\*|__|`"), ""),
            Map.entry(Pattern.compile("[\\p{Cntrl}\\p{Cf}\\p{Co}\\p{Cs}\\p{Cn}\\p{Zl}\\p{Zp}\\s]+"), " "));

    private ShortText() {}

    /** Text on one line, without markup, cut at the end of a sentence or word. */
    static String of(String text, int most) {
        String plain = isPlain(text) ? text.strip() : plain(text);
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

    private static String plain(String text) {
        String plain = text;
        for (Map.Entry<Pattern, String> each : MARKUP) {
            plain = each.getKey().matcher(plain).replaceAll(each.getValue());
        }
        return plain.strip();
    }

    /** Most texts of large documents are words on one line. */
    private static boolean isPlain(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
            boolean single = c == ' ' && i > 0 && text.charAt(i - 1) != ' ';
            if (!word && !single && ".,:;()/'\"=?%+".indexOf(c) < 0) {
                return false;
            }
        }
        return true;
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
