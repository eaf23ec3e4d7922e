package dev.toolpost.sandbox;

import java.time.Duration;
import java.util.Locale;
import tools.jackson.databind.JsonNode;

/**
 * A strict limit of a vendor, held per account: never more than {@code permits} accepted requests in any {@code window}, or in each aligned one.
 *
 * @param permits 0 for no limit
 * @param methods which requests it counts, separated by commas; empty for all
 * @param paths which of those, {@code *} standing for anything, several separated by commas
 * @param except which of those it leaves out; empty for none
 * @param per what has a window of its own
 * @param argument whose value has a window of its own, with {@link Per#ARGUMENT}
 * @param costed whether a request counts with what its route costs rather than as one
 * @param traits what only the vendor's dialect understands
 */
public record VendorLimit(
        String name,
        int permits,
        Duration window,
        Kind kind,
        String methods,
        String paths,
        String except,
        Per per,
        String argument,
        boolean costed,
        JsonNode traits) {

    /** How time passes in it. */
    public enum Kind {
        SLIDING,
        /** Starts again at every multiple of its length. */
        FIXED
    }

    /** What a window belongs to within an account. */
    public enum Per {
        ACCOUNT,
        /** Each method and endpoint. */
        ROUTE,
        /** Each record that is written to. */
        RECORD,
        /** Each value of an argument. */
        ARGUMENT,
        /** All accounts together. */
        VENDOR
    }

    static VendorLimit read(JsonNode node) {
        return new VendorLimit(
                node.path("name").asString(),
                node.path("permits").asInt(),
                Duration.ofMillis(node.path("window_ms").asLong()),
                Kind.valueOf(node.path("kind").asString("sliding").toUpperCase(Locale.ROOT)),
                node.path("methods").asString(""),
                node.path("paths").asString("*"),
                node.path("except").asString(""),
                Per.valueOf(node.path("per").asString("account").toUpperCase(Locale.ROOT)),
                node.path("argument").asString(""),
                node.path("costed").asBoolean(false),
                node);
    }

    /** The same limit with other numbers. */
    VendorLimit of(int newPermits, Duration newWindow) {
        return new VendorLimit(
                name, newPermits, newWindow, kind, methods, paths, except, per, argument, costed, traits);
    }

    boolean covers(String method, String path) {
        return (methods.isEmpty() || ("," + methods + ",").contains("," + method + ","))
                && matches(paths, path)
                && (except.isEmpty() || !matches(except, path));
    }

    private static boolean matches(String globs, String path) {
        if (globs.indexOf(',') < 0) {
            return Glob.matches(globs, path);
        }
        for (String glob : globs.split(",", -1)) {
            if (Glob.matches(glob, path)) {
                return true;
            }
        }
        return false;
    }
}
