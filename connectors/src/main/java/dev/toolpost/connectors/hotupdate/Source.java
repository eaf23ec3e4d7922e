package dev.toolpost.connectors.hotupdate;

import java.nio.file.Path;
import java.util.Comparator;

/**
 * Where a definition comes from. Of two definitions of one vendor that of the greater source counts: a later directory before an
 * earlier one, and what was published before every file.
 *
 * @param layer the directory's place in the configuration, or {@link #PUBLISHED}
 * @param name the file, or the vendor of a published definition
 */
public record Source(int layer, String name) implements Comparable<Source> {
    private static final int PUBLISHED = Integer.MAX_VALUE;
    private static final Comparator<Source> ORDER =
            Comparator.comparingInt(Source::layer).thenComparing(Source::name);

    /** A file of the directory at this place in the configuration. */
    static Source file(int directory, Path file) {
        return new Source(directory, file.toString());
    }

    /** The topic's definition of a vendor. */
    static Source published(String vendor) {
        return new Source(PUBLISHED, vendor);
    }

    boolean isPublished() {
        return layer == PUBLISHED;
    }

    @Override
    public int compareTo(Source other) {
        return ORDER.compare(this, other);
    }

    /** As people see it. */
    @Override
    public String toString() {
        return isPublished() ? "published " + name : name;
    }
}
