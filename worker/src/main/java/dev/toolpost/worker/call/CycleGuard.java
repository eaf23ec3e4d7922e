package dev.toolpost.worker.call;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * Finds out a list whose next places run in a circle, in constant memory and over any number of turns: it remembers one place, a
 * later one each time the number of pages has doubled, and every new place is held against it (after Brent, "An improved Monte
 * Carlo factorization algorithm", 1980). Immutable.
 *
 * @param text what a continuation carries: a hash of the place
 */
record CycleGuard(String text) {

    private static final int HASH_BYTES = 12;

    static @Nullable CycleGuard of(@Nullable String text) {
        return text == null ? null : new CycleGuard(text);
    }

    boolean hasSeen(String place) {
        return text.equals(hash(place));
    }

    /** The guard after so many pages, of which the last named this place as the next. */
    static CycleGuard after(@Nullable CycleGuard before, int pages, String place) {
        boolean doubled = Integer.bitCount(pages) == 1;
        return before == null || doubled ? new CycleGuard(hash(place)) : before;
    }

    private static String hash(String place) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(place.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash, 0, HASH_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("SHA-256 is part of every Java platform", e);
        }
    }
}
