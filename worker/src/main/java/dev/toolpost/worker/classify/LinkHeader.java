package dev.toolpost.worker.classify;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The target of the relation {@code next} in the header {@code Link} (RFC 8288, 3). Pure.
 *
 * @param target the reference between the angle brackets, or null where no link has the relation
 * @param problem why the header cannot be read, or null
 */
record LinkHeader(@Nullable String target, @Nullable String problem) {

    private static final String BROKEN = "its header Link cannot be read";

    /** The next link of all fields together. A link about another page than the answer itself (anchor) does not count. */
    static LinkHeader next(List<String> fields) {
        String found = null;
        for (String field : fields) {
            Reader reader = new Reader(field);
            while (reader.hasNext()) {
                Link link = reader.link();
                if (link == null) {
                    return new LinkHeader(null, BROKEN);
                }
                if (link.isNext()) {
                    if (found != null && !found.equals(link.target())) {
                        return new LinkHeader(null, "its header Link names two next pages");
                    }
                    found = link.target();
                }
            }
        }
        return new LinkHeader(found, null);
    }

    private record Link(String target, @Nullable String relations, boolean anchored) {
        boolean isNext() {
            return !anchored
                    && relations != null
                    && List.of(relations.toLowerCase(Locale.ROOT).strip().split("[ \t]+"))
                            .contains("next");
        }
    }

    /** Walks one field from left to right. */
    private static final class Reader {
        private final String text;
        private int at;

        Reader(String text) {
            this.text = text;
        }

        /** Stands at the next link, after space and empty elements of the list. */
        boolean hasNext() {
            while (at < text.length() && (isSpace() || text.charAt(at) == ',')) {
                at++;
            }
            return at < text.length();
        }

        /** One link, or null where there is none. */
        @Nullable
        Link link() {
            int end = text.indexOf('>', at);
            if (text.charAt(at) != '<' || end < 0) {
                return null;
            }
            String target = text.substring(at + 1, end).strip();
            at = end + 1;
            String relations = null;
            boolean anchored = false;
            skipSpace();
            while (at < text.length() && text.charAt(at) == ';') {
                at++;
                skipSpace();
                String name = token().toLowerCase(Locale.ROOT);
                skipSpace();
                String value = "";
                if (at < text.length() && text.charAt(at) == '=') {
                    at++;
                    skipSpace();
                    String given = value();
                    if (given == null) {
                        return null;
                    }
                    value = given;
                }
                // Of several only the first counts (RFC 8288, 3.3).
                if (name.equals("rel") && relations == null) {
                    relations = value;
                }
                anchored |= name.equals("anchor");
                skipSpace();
            }
            return at < text.length() && text.charAt(at) != ',' ? null : new Link(target, relations, anchored);
        }

        private String token() {
            int start = at;
            while (at < text.length() && !isSpace() && "=;,\"".indexOf(text.charAt(at)) < 0) {
                at++;
            }
            return text.substring(start, at);
        }

        /** A token or a quoted string; null where the quote does not end. */
        private @Nullable String value() {
            if (at >= text.length() || text.charAt(at) != '"') {
                return token();
            }
            StringBuilder value = new StringBuilder();
            for (at++; at < text.length(); at++) {
                char c = text.charAt(at);
                if (c == '"') {
                    at++;
                    return value.toString();
                }
                if (c == '\\' && at + 1 < text.length()) {
                    at++;
                }
                value.append(text.charAt(at));
            }
            return null;
        }

        private void skipSpace() {
            while (at < text.length() && isSpace()) {
                at++;
            }
        }

        private boolean isSpace() {
            return text.charAt(at) == ' ' || text.charAt(at) == '\t';
        }
    }
}
