package dev.toolpost.sandbox;

import java.util.function.LongSupplier;

/** The time by which a vendor's tokens and cursors end; it can be set ahead. Belongs to the loop's thread. */
final class VendorClock implements LongSupplier {

    private long aheadMillis;

    /** Milliseconds since 1970. */
    @Override
    public long getAsLong() {
        return System.currentTimeMillis() + aheadMillis;
    }

    void advance(long millis) {
        if (millis < 0) {
            throw new IllegalArgumentException("advance: " + millis + " ms (expected: >= 0)");
        }
        aheadMillis += millis;
    }
}
