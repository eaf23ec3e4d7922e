package dev.toolpost.connectors;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * A regular expression in RE2 syntax. Matching takes time linear in the text, whatever the pattern, so that neither a
 * definition nor a vendor's answer can hold a thread. Immutable.
 */
public final class TextPattern {
    private final Pattern pattern;

    private TextPattern(Pattern pattern) {
        this.pattern = pattern;
    }

    /**
     * Compiles a pattern; {@code (?i)} at its start makes it blind to case.
     *
     * @throws IllegalArgumentException where it is not RE2 syntax, which knows neither back-references nor look-around
     */
    public static TextPattern compile(String regex) {
        try {
            return new TextPattern(Pattern.compile(regex));
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException("pattern '" + regex + "': " + e.getDescription(), e);
        }
    }

    /** Whether the pattern is found anywhere in the text. */
    public boolean foundIn(String text) {
        return pattern.matcher(text).find();
    }

    /** How many groups it has that count. */
    public int groups() {
        return pattern.groupCount();
    }

    /** What the first group holds where the pattern is found in the text, else null. */
    public @Nullable String firstGroup(String text) {
        Matcher matcher = pattern.matcher(text);
        return matcher.find() ? matcher.group(1) : null;
    }

    /** Whether the pattern matches the whole text. */
    public boolean matchesAll(String text) {
        return pattern.matcher(text).matches();
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
