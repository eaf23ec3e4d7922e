package dev.toolpost.connectors;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * A regular expression in RE2 syntax. Matching takes time linear in the text and in the size of the compiled expression; both are bounded, so that
 * neither a definition nor a vendor's answer can hold a thread. Immutable.
 */
public final class TextPattern {
    /** How much of a text conditions on answers look at, in characters from its beginning. */
    public static final int LONGEST_TEXT = 8_192;

    /** Instructions times characters of one look at a text of an answer: milliseconds, where all goes badly a few tens of them. */
    private static final long MOST_WORK = 1 << 20;

    /** The same for values that are held against an expression as a whole, and for all items of one list. */
    private static final long MOST_WORK_AT_ALL = 8 * MOST_WORK;

    private final Pattern pattern;
    private final long size;

    private TextPattern(Pattern pattern, long size) {
        this.pattern = pattern;
        this.size = size;
    }

    /**
     * Compiles a pattern; {@code (?i)} at its start makes it blind to case.
     *
     * @throws IllegalArgumentException where it is not RE2 syntax, which knows neither back-references nor look-around, or where it is
     *     too large or too deep
     */
    public static TextPattern compile(String regex) {
        long size = PatternSize.of(regex);
        try {
            return new TextPattern(Pattern.compile(regex), size);
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException("pattern '" + regex + "': " + e.getDescription(), e);
        }
    }

    /** Whether the pattern is found anywhere in the text, which is not {@linkplain #longest longer} than can be searched. */
    public boolean foundIn(String text) {
        return pattern.matcher(text).find();
    }

    /** Whether the pattern is found in the {@linkplain #look part} of the text that conditions look at. */
    boolean foundAtTheStartOf(String text) {
        return foundIn(beginning(text));
    }

    /** How many characters of a text conditions look at: {@value #LONGEST_TEXT}, or fewer where the pattern is a large one. */
    int look() {
        return (int) Math.min(LONGEST_TEXT, MOST_WORK / size);
    }

    /** How many characters can be searched within bounds, of one text or of several. */
    long longest() {
        return MOST_WORK_AT_ALL / size;
    }

    private String beginning(String text) {
        return text.length() > look() ? text.substring(0, look()) : text;
    }

    /** How many groups it has that count. */
    public int groups() {
        return pattern.groupCount();
    }

    /** What the first group holds where the pattern is found in the {@linkplain #look part} that conditions look at, else null. */
    public @Nullable String firstGroup(String text) {
        Matcher matcher = pattern.matcher(beginning(text));
        return matcher.find() ? matcher.group(1) : null;
    }

    /** Whether the pattern matches the whole text; a text that is too long to be searched does not. */
    public boolean matchesAll(String text) {
        return text.length() <= longest() && pattern.matcher(text).matches();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TextPattern that && that.pattern.equals(pattern);
    }

    @Override
    public int hashCode() {
        return pattern.hashCode();
    }

    @Override
    public String toString() {
        return pattern.pattern();
    }
}
