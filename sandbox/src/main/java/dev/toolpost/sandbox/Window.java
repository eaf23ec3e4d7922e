package dev.toolpost.sandbox;

/** What was used of a limit. Not thread-safe. */
sealed interface Window permits SlidingWindow, FixedWindow {

    static Window of(VendorLimit limit) {
        return switch (limit.kind()) {
            case SLIDING -> new SlidingWindow(limit.permits(), limit.window().toNanos());
            case FIXED -> new FixedWindow(limit.permits(), limit.window().toMillis());
        };
    }

    /** Whether a request at this time would be within the limit. */
    boolean hasRoom(Moment now, int cost);

    /** Counts a request for which there is room. */
    void take(Moment now, int cost);

    /** From now on so many are allowed; what was used stays used. */
    void allow(int permits);

    /** Where the client stands at a time for which {@link #hasRoom} was just asked. */
    Room room(Moment now, int cost);
}
