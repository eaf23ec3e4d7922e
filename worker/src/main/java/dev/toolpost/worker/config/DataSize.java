package dev.toolpost.worker.config;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An amount of data with its unit, as in {@code 4MiB}.
 *
 * @param bytes not negative
 */
public record DataSize(long bytes) implements Comparable<DataSize> {
    static final String EXPECTED = "a size with its unit: B, KiB, MiB or GiB, such as 4MiB";

    private static final Pattern TEXT = Pattern.compile("(\\d{1,9}) ?(B|KiB|MiB|GiB)");
    private static final Map<String, Long> BYTES = Map.of("B", 1L, "KiB", 1L << 10, "MiB", 1L << 20, "GiB", 1L << 30);

    public DataSize {
        if (bytes < 0) {
            throw new IllegalArgumentException("bytes: " + bytes + " (expected: >= 0)");
        }
    }

    public static DataSize ofKibibytes(long kibibytes) {
        return new DataSize(Math.multiplyExact(kibibytes, 1L << 10));
    }

    public static DataSize ofMebibytes(long mebibytes) {
        return new DataSize(Math.multiplyExact(mebibytes, 1L << 20));
    }

    /** Reads a size with its unit, null when the text is none. */
    static @Nullable DataSize parse(String text) {
        Matcher matcher = TEXT.matcher(text);
        return matcher.matches()
                ? new DataSize(Long.parseLong(matcher.group(1)) * BYTES.getOrDefault(matcher.group(2), 1L))
                : null;
    }

    /** The number of bytes where an int is needed. */
    public int intBytes() {
        return Math.toIntExact(bytes);
    }

    @Override
    public int compareTo(DataSize other) {
        return Long.compare(bytes, other.bytes);
    }

    /** In the largest unit without a rest, the way it is written in the configuration. */
    @Override
    public String toString() {
        for (String unit : new String[] {"GiB", "MiB", "KiB"}) {
            long size = BYTES.getOrDefault(unit, 1L);
            if (bytes >= size && bytes % size == 0) {
                return bytes / size + unit;
            }
        }
        return bytes + "B";
    }
}
