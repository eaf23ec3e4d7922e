package dev.toolpost.connectors;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An upper bound of the instructions that an RE2 expression compiles to, found without compiling it: the compiler writes out counted repetitions,
 * so a few characters can become more than any memory holds. What is no expression at all is left to the compiler to refuse. Confined to
 * one expression.
 */
final class PatternSize {
    /** Of expressions that people write; the longest repetition that RE2 knows is 1,000. */
    static final int MOST_INSTRUCTIONS = 2_000;

    static final int MOST_CHARACTERS = 2_000;

    /** Groups inside groups: reading and compiling them goes down the stack. */
    static final int DEEPEST = 50;

    private static final long TOO_MANY = MOST_INSTRUCTIONS + 1L;
    private static final int FIRST_AND_LAST = 2;
    private static final Pattern COUNTS = Pattern.compile("\\{([0-9]{1,9})(,?)([0-9]{0,9})}");

    /** The parts of a group that is open: those that are done, and the last one, which a repetition may follow. */
    private static final class Group {
        long done;
        long last;

        void add(long size) {
            done = bounded(done + last);
            last = size;
        }

        long size() {
            return Math.max(1, bounded(done + last));
        }
    }

    private final String regex;
    private final Deque<Group> open = new ArrayDeque<>();
    private int at;

    private PatternSize(String regex) {
        this.regex = regex;
        open.push(new Group());
    }

    /**
     * Bounds an expression.
     *
     * @throws IllegalArgumentException where it is longer, deeper or larger than is compiled
     */
    static long of(String regex) {
        if (regex.length() > MOST_CHARACTERS) {
            throw refused(
                    regex.substring(0, 40) + "...",
                    "has " + number(regex.length()) + " characters (expected: at most " + number(MOST_CHARACTERS)
                            + ")");
        }
        return new PatternSize(regex).read();
    }

    private long read() {
        while (at < regex.length()) {
            next();
        }
        long size = FIRST_AND_LAST;
        for (Group each : open) {
            size = bounded(size + each.size());
        }
        if (size >= TOO_MANY) {
            throw refused(
                    regex,
                    "compiles to more than " + number(MOST_INSTRUCTIONS)
                            + " instructions (expected: smaller counts in braces, which multiply where one stands in another)");
        }
        return size;
    }

    private void next() {
        Group group = open.element();
        switch (regex.charAt(at)) {
            case '\\' -> escape(group);
            case '[' -> {
                at = endOfClass(at);
                group.add(1);
            }
            case '(' -> begin();
            case ')' -> {
                at++;
                if (open.size() > 1) {
                    // Two instructions remember where a group begins and ends.
                    long size = open.pop().size() + 2;
                    open.element().add(bounded(size));
                }
            }
            case '*', '+', '?' -> {
                at++;
                group.last = bounded(group.last + 2);
            }
            case '{' -> repeat(group);
            case '|' -> {
                at++;
                // An alternative that is empty is an instruction too.
                group.add(2);
            }
            default -> {
                at += Character.charCount(regex.codePointAt(at));
                group.add(1);
            }
        }
    }

    private void escape(Group group) {
        if (regex.startsWith("\\Q", at)) {
            int end = regex.indexOf("\\E", at + 2);
            int stop = end < 0 ? regex.length() : end;
            for (int i = at + 2; i < stop; i++) {
                group.add(1);
            }
            at = end < 0 ? stop : end + 2;
            return;
        }
        boolean braces = at + 2 < regex.length() && "pPx".indexOf(regex.charAt(at + 1)) >= 0;
        int end = braces && regex.charAt(at + 2) == '{' ? regex.indexOf('}', at) : -1;
        at = end < 0 ? at + 2 : end + 1;
        group.add(1);
    }

    private int endOfClass(int start) {
        int i = start + 1;
        if (regex.startsWith("^", i)) {
            i++;
        }
        for (int first = i; i < regex.length(); i++) {
            char c = regex.charAt(i);
            int named = c == '[' && regex.startsWith("[:", i) ? regex.indexOf(":]", i + 2) : -1;
            if (named >= 0) {
                i = named + 1;
            } else if (c == '\\') {
                i++;
            } else if (c == ']' && i > first) {
                return i + 1;
            }
        }
        return regex.length();
    }

    private void begin() {
        at++;
        if (regex.startsWith("?", at)) {
            boolean named = regex.startsWith("?P<", at) || regex.startsWith("?<", at);
            while (at < regex.length() && (named ? ">" : ":)").indexOf(regex.charAt(at)) < 0) {
                at++;
            }
            if (regex.startsWith(")", at)) {
                // Flags for the rest of the group, not a group.
                at++;
                return;
            }
            at++;
        }
        open.push(new Group());
        if (open.size() > DEEPEST + 1) {
            throw refused(regex, "has more than " + DEEPEST + " groups inside each other (expected: fewer)");
        }
    }

    private void repeat(Group group) {
        Matcher counts = COUNTS.matcher(regex).region(at, regex.length());
        if (!counts.lookingAt()) {
            at++;
            group.add(1);
            return;
        }
        at = counts.end();
        long least = Long.parseLong(counts.group(1));
        boolean open = !counts.group(2).isEmpty() && counts.group(3).isEmpty();
        long most = counts.group(3).isEmpty() ? least : Long.parseLong(counts.group(3));
        long optional = Math.max(0, most - least);
        long once = Math.max(1, group.last);
        long unbounded = open ? once + 2 : 0;
        group.last = Math.max(1, bounded(bounded(least * once) + bounded(optional * (once + 1)) + unbounded));
    }

    private static long bounded(long size) {
        return Math.min(size, TOO_MANY);
    }

    private static String number(int number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    private static IllegalArgumentException refused(String regex, String why) {
        return new IllegalArgumentException("pattern '" + regex + "': it " + why);
    }
}
