package dev.toolpost.sandbox;

import java.time.Duration;

/**
 * A strict sliding window of a vendor, held per account: never more than {@code permits} accepted requests in any {@code window}.
 *
 * @param permits 0 for no limit
 * @param methods which requests it counts, separated by commas; empty for all
 * @param paths which of those, {@code *} standing for anything
 * @param except which of those it leaves out; empty for none
 * @param per what has a window of its own
 */
public record VendorLimit(
        String name, int permits, Duration window, String methods, String paths, String except, Per per) {

    /** What a window belongs to within an account. */
    public enum Per {
        ACCOUNT,
        /** Each method and endpoint. */
        ROUTE,
        /** Each record that is written to. */
        RECORD
    }

    boolean covers(String method, String path) {
        return (methods.isEmpty() || ("," + methods + ",").contains("," + method + ","))
                && Glob.matches(paths, path)
                && (except.isEmpty() || !Glob.matches(except, path));
    }
}
