package dev.toolpost.sandbox;

import java.time.Duration;

/**
 * A strict sliding window of a vendor, held per token: never more than {@code permits} accepted requests in any {@code window}.
 *
 * @param permits 0 for no limit
 * @param paths which requests it counts, {@code *} standing for anything
 * @param except which of those it leaves out; empty for none
 */
public record VendorLimit(String name, int permits, Duration window, String paths, String except) {

    boolean covers(String path) {
        return Glob.matches(paths, path) && (except.isEmpty() || !Glob.matches(except, path));
    }
}
