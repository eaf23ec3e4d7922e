package dev.toolpost.connectors;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Something that a connection says about itself, such as its subdomain. Immutable.
 *
 * @param name as the base URL refers to it
 * @param kind what it may hold; this is what keeps a variable from moving a request elsewhere
 * @param title its name for people
 * @param description what it is and where to find it, or empty
 * @param standard its value where the connection gives none, or null where the connection must
 * @param pattern what the whole value must match besides, or null
 * @param examples for people
 */
public record Variable(
        String name,
        Kind kind,
        String title,
        String description,
        @Nullable String standard,
        @Nullable TextPattern pattern,
        List<String> examples) {

    /** What a variable may hold. */
    public enum Kind {
        /** One label of a host name, for example {@code acme} of {@code acme.example.com}. */
        LABEL,
        /** A whole host name, without scheme, port or path. */
        HOST,
        /** An http or https address: scheme, host, port, path; nothing of a query or credentials. */
        URL,
        /** One segment of a path; it is percent-encoded. */
        SEGMENT,
        /** The number of a port. */
        PORT,
        /** A word: letters, digits, hyphens and underscores. */
        WORD;

        private static final Pattern WORD_FORM = Pattern.compile("[A-Za-z0-9_-]{1,63}");
        private static final Pattern PORT_FORM = Pattern.compile("[1-9][0-9]{0,4}");

        private static final Pattern LABEL_FORM = Pattern.compile("[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?");

        static Kind of(String text) {
            return valueOf(text.toUpperCase(Locale.ROOT));
        }

        /** The value as it goes into the URL, or null where it is not of this kind. */
        @Nullable
        String accept(String value) {
            return switch (this) {
                case LABEL -> LABEL_FORM.matcher(value).matches() ? value : null;
                case HOST -> isHost(value) ? value : null;
                case URL -> isPlainUrl(value) ? withoutSlash(value) : null;
                case SEGMENT -> value.isEmpty() || value.length() > 200 ? null : PercentEncoding.segment(value);
                case PORT -> PORT_FORM.matcher(value).matches() && Integer.parseInt(value) <= 65_535 ? value : null;
                case WORD -> WORD_FORM.matcher(value).matches() ? value : null;
            };
        }

        /** As definitions write it. */
        String text() {
            return name().toLowerCase(Locale.ROOT);
        }

        String expectation() {
            return switch (this) {
                case LABEL -> "one label of a host name: letters, digits and hyphens";
                case HOST -> "a host name without scheme, port or path";
                case URL -> "an http or https address without credentials, query or fragment";
                case SEGMENT -> "1 to 200 characters";
                case PORT -> "a number from 1 to 65535";
                case WORD -> "1 to 63 letters, digits, hyphens and underscores";
            };
        }

        String example() {
            return switch (this) {
                case LABEL -> "acme";
                case HOST -> "acme.example.com";
                case URL -> "https://api.example.com";
                case SEGMENT -> "4711";
                case PORT -> "5432";
                case WORD -> "main";
            };
        }

        private static boolean isHost(String value) {
            if (value.length() > 253) {
                return false;
            }
            for (String label : value.split("\\.", -1)) {
                if (!LABEL_FORM.matcher(label).matches()) {
                    return false;
                }
            }
            return true;
        }

        private static boolean isPlainUrl(String value) {
            try {
                URI uri = new URI(value);
                return ("https".equalsIgnoreCase(uri.getScheme()) || "http".equalsIgnoreCase(uri.getScheme()))
                        && uri.getHost() != null
                        && uri.getRawUserInfo() == null
                        && uri.getRawQuery() == null
                        && uri.getRawFragment() == null
                        && uri.getPort() <= 65_535
                        && !climbs(uri.getRawPath());
            } catch (URISyntaxException e) {
                return false;
            }
        }

        private static boolean climbs(String path) {
            for (String segment : path.split("/", -1)) {
                String plain = segment.toLowerCase(Locale.ROOT).replace("%2e", ".");
                if (plain.equals(".") || plain.equals("..")) {
                    return true;
                }
            }
            return false;
        }

        private static String withoutSlash(String value) {
            String cut = value;
            while (cut.endsWith("/")) {
                cut = cut.substring(0, cut.length() - 1);
            }
            return cut;
        }
    }

    public Variable {
        examples = List.copyOf(examples);
    }

    public boolean required() {
        return standard == null;
    }

    /**
     * Checks a connection's value and makes it ready for its place in the base URL.
     *
     * @param given the connection's value, or null where it has none
     * @throws InvalidVariableException where it is missing or not what this variable may hold
     */
    public String accept(@Nullable String given) {
        String value = given == null ? standard : given;
        if (value == null) {
            throw new InvalidVariableException(
                    name,
                    "variable " + name + " is missing (" + title + "): give the connection " + name + "=" + example());
        }
        String accepted = kind.accept(value);
        if (accepted == null) {
            throw new InvalidVariableException(
                    name,
                    "variable " + name + ": '" + shown(value) + "' (expected: " + kind.expectation() + ", like "
                            + example() + ")");
        }
        if (pattern != null && !pattern.matchesAll(value)) {
            throw new InvalidVariableException(
                    name,
                    "variable " + name + ": '" + shown(value) + "' (expected: a match of " + pattern + ", like "
                            + example() + ")");
        }
        return accepted;
    }

    /**
     * Checks a connection's value and gives it as it is, for a place that is no address.
     *
     * @throws InvalidVariableException where it is missing or not what this variable may hold
     */
    public String plain(@Nullable String given) {
        accept(given);
        return given != null ? given : Objects.requireNonNull(standard);
    }

    private String example() {
        if (!examples.isEmpty()) {
            return examples.getFirst();
        }
        return standard == null ? kind.example() : standard;
    }

    private static String shown(String value) {
        String cut = value.length() > 100 ? value.substring(0, 100) + "..." : value;
        return cut.replaceAll("\\p{Cntrl}", "?");
    }
}
