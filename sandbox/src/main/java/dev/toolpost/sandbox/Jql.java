package dev.toolpost.sandbox;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The plain part of Jira's query language: comparisons joined by AND, and an order by key, id or creation. Other orders are read and change nothing; dates
 * relative to now and functions hold for every issue.
 *
 * @param bounded whether there is a restriction, without which Jira Cloud refuses to search
 */
record Jql(List<Condition> conditions, boolean descending, boolean bounded) {

    /** A comparison; {@code ~} means "contains". */
    record Condition(String field, String operator, List<String> values) {

        /**
         * Whether it holds.
         *
         * @param actual the field's value as it is kept: text, or JSON with the names that count
         */
        boolean holds(@Nullable String actual) {
            return switch (operator) {
                case "=", "IN" -> values.stream().anyMatch(value -> is(actual, value));
                case "!=", "NOT IN" -> values.stream().noneMatch(value -> is(actual, value));
                case "IS" -> actual == null;
                case "IS NOT" -> actual != null;
                case "~" -> actual != null && contains(actual, values.getFirst());
                case "!~" -> actual == null || !contains(actual, values.getFirst());
                default -> actual != null && ordered(actual, values.getFirst());
            };
        }

        private boolean ordered(String actual, String value) {
            if (value.isEmpty() || value.charAt(0) == '-' || value.endsWith(")")) {
                return true;
            }
            int comparison = actual.compareToIgnoreCase(value.replace('/', '-').replace(' ', 'T'));
            return switch (operator) {
                case ">" -> comparison > 0;
                case ">=" -> comparison >= 0;
                case "<" -> comparison < 0;
                default -> comparison <= 0;
            };
        }

        private static boolean is(@Nullable String actual, String value) {
            if (value.endsWith(")")) {
                return true;
            }
            return actual != null
                    && (actual.equalsIgnoreCase(value)
                            || ((actual.startsWith("{") || actual.startsWith("["))
                                    && contains(actual, '"' + value + '"')));
        }

        private static boolean contains(String text, String part) {
            return text.toLowerCase(Locale.ROOT).contains(part.toLowerCase(Locale.ROOT));
        }
    }

    private static final Pattern TOKEN = Pattern.compile(
            "\\s*(?:\"((?:[^\"\\\\]|\\\\.)*)\"|'((?:[^'\\\\]|\\\\.)*)'|(\\w+\\([^()]*\\))|(-?[\\w.@:/-]+)|(!=|!~|>=|<=|[=~<>(),]))");
    private static final Map<String, String> FIELDS = Map.ofEntries(
            Map.entry("project", "project"),
            Map.entry("key", "_key"),
            Map.entry("issuekey", "_key"),
            Map.entry("issue", "_key"),
            Map.entry("id", "_key"),
            Map.entry("status", "status"),
            Map.entry("statuscategory", "status"),
            Map.entry("assignee", "assignee"),
            Map.entry("reporter", "reporter"),
            Map.entry("issuetype", "issuetype"),
            Map.entry("type", "issuetype"),
            Map.entry("priority", "priority"),
            Map.entry("labels", "labels"),
            Map.entry("summary", "summary"),
            Map.entry("text", "summary"),
            Map.entry("created", "created"),
            Map.entry("updated", "updated"));
    private static final Set<String> OPERATORS = Set.of("=", "!=", "~", "!~", ">", ">=", "<", "<=");
    private static final Set<String> IN_ORDER_OF_ID = Set.of("key", "issuekey", "id", "created");

    /**
     * Reads a query.
     *
     * @throws IllegalArgumentException when it is malformed, with a message like Jira's
     */
    static Jql parse(String text) {
        return new Parser(text).parse();
    }

    boolean holds(Function<String, @Nullable String> fields) {
        for (Condition condition : conditions) {
            if (!condition.holds(fields.apply(condition.field()))) {
                return false;
            }
        }
        return true;
    }

    private record Token(String text, boolean quoted) {}

    private static final class Parser {
        private final List<Token> tokens = new ArrayList<>();
        private int at;

        private Parser(String text) {
            Matcher matcher = TOKEN.matcher(text);
            int end = 0;
            while (end < text.length() && matcher.find() && matcher.start() == end) {
                end = matcher.end();
                String quoted = matcher.group(1) != null ? matcher.group(1) : matcher.group(2);
                tokens.add(
                        quoted != null
                                ? new Token(quoted.replaceAll("\\\\(.)", "$1"), true)
                                : new Token(matcher.group().strip(), false));
            }
            if (!text.substring(end).isBlank()) {
                throw new IllegalArgumentException("Error in the JQL Query: The character '"
                        + text.substring(end).strip().charAt(0)
                        + "' is a reserved JQL character. You must enclose it in a string or escape it.");
            }
        }

        private Jql parse() {
            List<Condition> conditions = new ArrayList<>();
            if (at < tokens.size() && !is("ORDER")) {
                do {
                    conditions.add(condition());
                } while (take("AND"));
            }
            boolean descending = false;
            if (take("ORDER")) {
                if (!take("BY")) {
                    throw unexpected();
                }
                boolean byId = IN_ORDER_OF_ID.contains(next().text().toLowerCase(Locale.ROOT));
                descending = take("DESC") && byId;
                take("ASC");
                while (take(",")) {
                    next();
                    if (!take("DESC")) {
                        take("ASC");
                    }
                }
            }
            if (at < tokens.size()) {
                throw unexpected();
            }
            return new Jql(List.copyOf(conditions), descending, !conditions.isEmpty());
        }

        private Condition condition() {
            String name = next().text();
            String field = FIELDS.get(name.toLowerCase(Locale.ROOT));
            if (field == null) {
                throw new IllegalArgumentException(
                        "Field '" + name + "' does not exist or you do not have permission to view it.");
            }
            if (take("IS")) {
                boolean not = take("NOT");
                if (!take("EMPTY") && !take("NULL")) {
                    throw unexpected();
                }
                return new Condition(field, not ? "IS NOT" : "IS", List.of());
            }
            if (take("NOT")) {
                if (!take("IN")) {
                    throw unexpected();
                }
                return new Condition(field, "NOT IN", list());
            }
            if (take("IN")) {
                return new Condition(field, "IN", list());
            }
            String operator = next().text();
            if (!OPERATORS.contains(operator)) {
                at--;
                throw unexpected();
            }
            return new Condition(field, operator, List.of(next().text()));
        }

        private List<String> list() {
            if (!take("(")) {
                throw unexpected();
            }
            List<String> values = new ArrayList<>();
            do {
                values.add(next().text());
            } while (take(","));
            if (!take(")")) {
                throw unexpected();
            }
            return values;
        }

        private Token next() {
            if (at == tokens.size()) {
                throw unexpected();
            }
            return tokens.get(at++);
        }

        private boolean is(String word) {
            return at < tokens.size()
                    && !tokens.get(at).quoted()
                    && tokens.get(at).text().equalsIgnoreCase(word);
        }

        private boolean take(String word) {
            if (is(word)) {
                at++;
                return true;
            }
            return false;
        }

        private IllegalArgumentException unexpected() {
            return new IllegalArgumentException(
                    at == tokens.size()
                            ? "Error in the JQL Query: The query ended where more was expected."
                            : "Error in the JQL Query: Expecting something else than '"
                                    + tokens.get(at).text() + "'.");
        }
    }
}
