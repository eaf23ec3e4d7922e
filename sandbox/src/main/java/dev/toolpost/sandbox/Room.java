package dev.toolpost.sandbox;

/**
 * Where a client stands in a window.
 *
 * @param waitMillis until there is room for the request that was asked about; with room left, until the window gives something back
 */
record Room(int remaining, long waitMillis) {

    /** Where nothing but the limit is known. */
    static final Room NONE = new Room(0, 1000);

    /** In whole seconds, rounded up, at least one. */
    long waitSeconds() {
        return Math.max(1, (waitMillis + 999) / 1000);
    }
}
