package dev.toolpost.worker.request;

import org.jspecify.annotations.Nullable;

/**
 * The place of a page that is named by its number. The size belongs to it: page 3 of 50 and page 3 of 10 are different records. Its text
 * is {@code 3}, or {@code 3:50} with a size. Immutable.
 *
 * @param size records asked for in a page, or null where the vendor alone decides
 */
public record NumberedPage(long number, @Nullable Integer size) {

    /**
     * Reads a place.
     *
     * @throws NumberFormatException where it is none
     */
    public static NumberedPage parse(String place) {
        int colon = place.indexOf(':');
        return colon < 0
                ? new NumberedPage(Long.parseLong(place), null)
                : new NumberedPage(
                        Long.parseLong(place.substring(0, colon)), Integer.valueOf(place.substring(colon + 1)));
    }

    /** The page after this one. */
    public NumberedPage next() {
        return new NumberedPage(Math.addExact(number, 1), size);
    }

    /** The place as text. */
    public String text() {
        return size == null ? Long.toString(number) : number + ":" + size;
    }
}
