package dev.toolpost.connectors;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * One SQL statement, taken apart where arguments stand in it: {@code :name} is a parameter, {@code {name}} a name of a table or of columns.
 * Texts, quoted names and comments are left alone, as the server reads them (ISO 9075 with dollar quotes, E'' texts and nested comments).
 * Immutable.
 *
 * @param parts its pieces, in order; the literal ones as a JDBC driver takes them, a question mark of theirs doubled
 */
public record SqlText(List<Part> parts) {

    /** What a query begins with. */
    private static final Set<String> QUERIES = Set.of("SELECT", "WITH", "VALUES", "TABLE");

    /** A piece of a statement. */
    public sealed interface Part {}

    /** SQL that stands for itself. */
    public record Literal(String text) implements Part {}

    /** The place of a value. */
    public record Parameter(String name) implements Part {}

    /** The place of a name, or of several: a text, a list of texts, or the names of an object's members. */
    public record Names(String argument) implements Part {}

    public SqlText {
        parts = List.copyOf(parts);
    }

    /**
     * Parses a statement of a definition.
     *
     * @throws IllegalArgumentException where it is not one statement
     */
    public static SqlText parse(String source) {
        return new Scan(source, true).statement();
    }

    /**
     * Parses a query from elsewhere, in which no argument has a place.
     *
     * @throws IllegalArgumentException where it is not one query
     */
    public static SqlText query(String source) {
        SqlText text = new Scan(source, false).statement();
        String keyword = Scan.firstWord(source);
        if (!QUERIES.contains(keyword)) {
            throw new IllegalArgumentException("begins with '" + keyword
                    + "' (expected: a query, which begins with SELECT, WITH, VALUES or TABLE)");
        }
        return text;
    }

    /** Names of the parameters, in order. */
    public Set<String> parameters() {
        Set<String> names = new LinkedHashSet<>();
        for (Part part : parts) {
            if (part instanceof Parameter(String name)) {
                names.add(name);
            }
        }
        return names;
    }

    /** Arguments that stand as names, in order. */
    public Set<String> names() {
        Set<String> names = new LinkedHashSet<>();
        for (Part part : parts) {
            if (part instanceof Names(String argument)) {
                names.add(argument);
            }
        }
        return names;
    }

    /** One pass over a statement. */
    private static final class Scan {
        private final String sql;
        private final boolean placeholders;
        private final List<Part> parts = new ArrayList<>();
        private final StringBuilder literal = new StringBuilder();
        private int at;
        private int depth;
        private boolean ended;

        Scan(String sql, boolean placeholders) {
            this.sql = sql;
            this.placeholders = placeholders;
        }

        SqlText statement() {
            while (at < sql.length()) {
                step();
            }
            if (depth > 0) {
                throw new IllegalArgumentException("a parenthesis is not closed");
            }
            if (parts.isEmpty() && firstWord(sql).isEmpty()) {
                throw new IllegalArgumentException("is empty (expected: one SQL statement)");
            }
            flush();
            return new SqlText(parts);
        }

        private void step() {
            char c = sql.charAt(at);
            if (c == 0) {
                throw new IllegalArgumentException("holds a NUL character at position " + (at + 1));
            }
            int end = comment(sql, at);
            if (end > at) {
                literal.append(sql, at, end);
                at = end;
                return;
            }
            if (ended && !Character.isWhitespace(c) && c != ';') {
                throw new IllegalArgumentException(
                        "goes on after the semicolon at position " + at + " (expected: one statement alone)");
            }
            switch (c) {
                case '\'' -> copyTo(textEnd());
                case '"' -> copyTo(quotedEnd('"', false));
                case '$' -> copyTo(dollarEnd());
                case ';' -> {
                    ended = true;
                    at++;
                }
                case '?' -> {
                    literal.append("??");
                    at++;
                }
                case '(', ')' -> parenthesis(c);
                case '{', '}' -> name(c);
                case ':' -> parameter();
                default -> copyTo(at + 1);
            }
        }

        private void copyTo(int end) {
            literal.append(sql, at, end);
            at = end;
        }

        private void parenthesis(char c) {
            depth += c == '(' ? 1 : -1;
            if (depth < 0) {
                throw new IllegalArgumentException("the parenthesis at position " + (at + 1) + " closes nothing");
            }
            copyTo(at + 1);
        }

        private int textEnd() {
            boolean escapes = at > 0
                    && (sql.charAt(at - 1) == 'E' || sql.charAt(at - 1) == 'e')
                    && (at < 2 || !isPartOfWord(sql.charAt(at - 2)));
            int end = quotedEnd('\'', escapes);
            if (escapes) {
                // The server would read the next piece with escapes too, and a driver without: nobody needs it.
                int next = end;
                while (next < sql.length() && (Character.isWhitespace(sql.charAt(next)) || comment(sql, next) > next)) {
                    next = Math.max(comment(sql, next), next + 1);
                }
                if (next < sql.length() && sql.charAt(next) == '\'') {
                    throw new IllegalArgumentException(
                            "the text at position " + (at + 1) + " goes on in a second piece (expected: one piece)");
                }
            }
            return end;
        }

        private int quotedEnd(char quote, boolean escapes) {
            for (int i = at + 1; i < sql.length(); i++) {
                char c = sql.charAt(i);
                if (c == 0) {
                    throw new IllegalArgumentException("holds a NUL character at position " + (i + 1));
                } else if (c == '\\' && escapes) {
                    i++;
                } else if (c == quote) {
                    if (i + 1 < sql.length() && sql.charAt(i + 1) == quote) {
                        i++;
                    } else {
                        return i + 1;
                    }
                }
            }
            throw new IllegalArgumentException("the quote at position " + (at + 1) + " is not closed");
        }

        private int dollarEnd() {
            if (at > 0 && isPartOfWord(sql.charAt(at - 1))) {
                return at + 1;
            }
            int tag = at + 1;
            while (tag < sql.length() && sql.charAt(tag) != '$' && isPartOfWord(sql.charAt(tag))) {
                tag++;
            }
            boolean quote = tag < sql.length()
                    && sql.charAt(tag) == '$'
                    && (tag == at + 1 || !Character.isDigit(sql.charAt(at + 1)));
            if (!quote) {
                if (!placeholders && tag > at + 1) {
                    throw new IllegalArgumentException("the parameter at position " + (at + 1)
                            + " has no value (expected: values that stand in the text)");
                }
                return at + 1;
            }
            String delimiter = sql.substring(at, tag + 1);
            int end = sql.indexOf(delimiter, tag + 1);
            if (end < 0) {
                throw new IllegalArgumentException(
                        "the quote " + delimiter + " at position " + (at + 1) + " is not closed");
            }
            return end + delimiter.length();
        }

        private void name(char c) {
            int end = sql.indexOf('}', at);
            String name = end < 0 ? "" : sql.substring(at + 1, end);
            if (!placeholders || c == '}' || !isName(name)) {
                throw new IllegalArgumentException("the brace at position " + (at + 1)
                        + " is no SQL"
                        + (placeholders ? " (expected: {argument}, whose value is a name)" : ""));
            }
            flush();
            parts.add(new Names(name));
            at = end + 1;
        }

        private void parameter() {
            int end = at + 1;
            if (end < sql.length() && (sql.charAt(end) == ':' || sql.charAt(end) == '=')) {
                copyTo(end + 1);
                return;
            }
            while (end < sql.length() && isNameCharacter(sql.charAt(end))) {
                end++;
            }
            String name = sql.substring(at + 1, end);
            if (!placeholders || !isName(name)) {
                copyTo(at + 1);
                return;
            }
            flush();
            parts.add(new Parameter(name));
            at = end;
        }

        private void flush() {
            if (!literal.isEmpty()) {
                parts.add(new Literal(literal.toString()));
                literal.setLength(0);
            }
        }

        /** Where the comment that begins there ends, or the same place where none begins. */
        private static int comment(String sql, int at) {
            if (sql.startsWith("--", at)) {
                int end = at;
                while (end < sql.length() && sql.charAt(end) != '\n' && sql.charAt(end) != '\r') {
                    end++;
                }
                return end;
            }
            if (!sql.startsWith("/*", at)) {
                return at;
            }
            int depth = 0;
            int i = at;
            while (i < sql.length()) {
                if (sql.startsWith("/*", i)) {
                    depth++;
                    i += 2;
                } else if (sql.startsWith("*/", i)) {
                    depth--;
                    i += 2;
                    if (depth == 0) {
                        return i;
                    }
                } else {
                    i++;
                }
            }
            throw new IllegalArgumentException("the comment at position " + (at + 1) + " is not closed");
        }

        /** The first word in capitals, behind space, comments and parentheses; empty where something else begins it. */
        static String firstWord(String sql) {
            int i = 0;
            while (i < sql.length()) {
                int end = comment(sql, i);
                if (end == i && !Character.isWhitespace(sql.charAt(i)) && sql.charAt(i) != '(') {
                    break;
                }
                i = Math.max(end, i + 1);
            }
            int end = i;
            while (end < sql.length() && isPartOfWord(sql.charAt(end)) && end - i < 30) {
                end++;
            }
            return sql.substring(i, end).toUpperCase(Locale.ROOT);
        }

        private static boolean isName(String text) {
            return !text.isEmpty()
                    && text.length() <= 64
                    && !Character.isDigit(text.charAt(0))
                    && text.chars().allMatch(c -> isNameCharacter((char) c));
        }

        private static boolean isNameCharacter(char c) {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
        }

        /** Whether the server goes on reading a word at this character. */
        private static boolean isPartOfWord(char c) {
            return isNameCharacter(c) || c == '$' || c >= 0x80;
        }
    }
}
