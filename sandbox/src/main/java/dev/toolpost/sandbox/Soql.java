package dev.toolpost.sandbox;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The plain part of Salesforce's query language: {@code SELECT fields | COUNT() FROM type [WHERE field op value [AND …]] [ORDER BY field [ASC|DESC]] [LIMIT
 * n] [OFFSET n]}.
 *
 * @param count whether only the number of records is asked for
 * @param limit -1 for none
 */
record Soql(
        List<String> fields,
        boolean count,
        String type,
        List<Condition> conditions,
        @Nullable String orderBy,
        boolean descending,
        long limit,
        long offset) {

    /** A comparison with one value, or with several for {@code IN}; null stands for null. */
    record Condition(String field, String operator, List<@Nullable String> values) {

        boolean holds(@Nullable String actual) {
            @Nullable String value = values.isEmpty() ? null : values.getFirst();
            return switch (operator) {
                case "=" -> same(actual, value);
                case "!=", "<>" -> !same(actual, value);
                case "IN" -> values.stream().anyMatch(one -> same(actual, one));
                case "NOT IN" -> values.stream().noneMatch(one -> same(actual, one));
                case "LIKE" -> actual != null && value != null && like(actual, value);
                default -> actual != null && value != null && ordered(compare(actual, value));
            };
        }

        private boolean ordered(int comparison) {
            return switch (operator) {
                case "<" -> comparison < 0;
                case "<=" -> comparison <= 0;
                case ">" -> comparison > 0;
                default -> comparison >= 0;
            };
        }

        private static boolean same(@Nullable String a, @Nullable String b) {
            if (a == null || b == null) {
                return a == null && b == null;
            }
            return compare(a, b) == 0;
        }

        private static boolean like(String actual, String pattern) {
            return Glob.matches(pattern.replace('%', '*').toLowerCase(Locale.ROOT), actual.toLowerCase(Locale.ROOT));
        }
    }

    private static final Pattern TOKEN = Pattern.compile(
            "\\s*(?:'((?:[^'\\\\]|\\\\.)*)'|(COUNT\\(\\s*\\)|FIELDS\\(\\s*(?:ALL|STANDARD)\\s*\\))|([\\w.:+-]+)|(<=|>=|!=|<>|[=<>(),]))",
            Pattern.CASE_INSENSITIVE);
    private static final Set<String> COMPARISONS = Set.of("=", "!=", "<>", "<", "<=", ">", ">=");

    /** As numbers where both are, otherwise as text without case. */
    static int compare(String a, String b) {
        try {
            return Double.compare(Double.parseDouble(a), Double.parseDouble(b));
        } catch (NumberFormatException e) {
            return a.compareToIgnoreCase(b);
        }
    }

    /**
     * Reads a query.
     *
     * @throws IllegalArgumentException when it is malformed, with a message like Salesforce's
     */
    static Soql parse(String text) {
        return new Parser(text).parse();
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
                String quoted = matcher.group(1);
                tokens.add(
                        quoted != null
                                ? new Token(unescaped(quoted), true)
                                : new Token(matcher.group().strip(), false));
            }
            if (!text.substring(end).isBlank()) {
                throw new IllegalArgumentException(
                        "unexpected token: '" + text.substring(end).strip() + "' (is a quote missing or not escaped?)");
            }
        }

        private Soql parse() {
            expect("SELECT");
            List<String> fields = new ArrayList<>();
            do {
                fields.add(word());
            } while (take(","));
            expect("FROM");
            String type = word();
            List<Condition> conditions = new ArrayList<>();
            if (take("WHERE")) {
                do {
                    boolean open = take("(");
                    conditions.add(condition());
                    if (open) {
                        expect(")");
                    }
                } while (take("AND"));
            }
            String orderBy = null;
            boolean descending = false;
            if (take("ORDER")) {
                expect("BY");
                orderBy = word();
                descending = take("DESC");
                if (!descending) {
                    take("ASC");
                }
                if (take("NULLS")) {
                    word();
                }
            }
            long limit = take("LIMIT") ? number() : -1;
            long offset = take("OFFSET") ? number() : 0;
            if (at < tokens.size()) {
                throw unexpected();
            }
            boolean count = fields.size() == 1
                    && fields.getFirst().toUpperCase(Locale.ROOT).startsWith("COUNT(");
            return new Soql(
                    List.copyOf(fields), count, type, List.copyOf(conditions), orderBy, descending, limit, offset);
        }

        private Condition condition() {
            String field = word();
            if (take("LIKE")) {
                return new Condition(field, "LIKE", values(false));
            }
            if (take("NOT")) {
                expect("IN");
                return new Condition(field, "NOT IN", values(true));
            }
            if (take("IN")) {
                return new Condition(field, "IN", values(true));
            }
            String operator = word();
            if (!COMPARISONS.contains(operator)) {
                at--;
                throw unexpected();
            }
            return new Condition(field, operator, values(false));
        }

        private List<@Nullable String> values(boolean several) {
            List<@Nullable String> values = new ArrayList<>();
            if (several) {
                expect("(");
            }
            do {
                Token token = next();
                values.add(!token.quoted() && token.text().equalsIgnoreCase("null") ? null : token.text());
            } while (several && take(","));
            if (several) {
                expect(")");
            }
            return values;
        }

        private long number() {
            long number = Wire.number(word());
            if (number < 0) {
                at--;
                throw unexpected();
            }
            return number;
        }

        private String word() {
            Token token = next();
            if (token.quoted()) {
                at--;
                throw unexpected();
            }
            return token.text();
        }

        private Token next() {
            if (at == tokens.size()) {
                throw new IllegalArgumentException("unexpected token: <EOF>");
            }
            return tokens.get(at++);
        }

        private boolean take(String word) {
            if (at < tokens.size()
                    && !tokens.get(at).quoted()
                    && tokens.get(at).text().equalsIgnoreCase(word)) {
                at++;
                return true;
            }
            return false;
        }

        private void expect(String word) {
            if (!take(word)) {
                throw at == tokens.size() ? new IllegalArgumentException("unexpected token: <EOF>") : unexpected();
            }
        }

        private IllegalArgumentException unexpected() {
            return new IllegalArgumentException(
                    "unexpected token: '" + tokens.get(at).text() + "'");
        }

        private static String unescaped(String text) {
            return text.indexOf('\\') < 0 ? text : text.replaceAll("\\\\(.)", "$1");
        }
    }
}
