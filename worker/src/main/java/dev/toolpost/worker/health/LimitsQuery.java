package dev.toolpost.worker.health;

import dev.toolpost.worker.ratelimit.ConnectionLimits;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which connections somebody wants to see.
 *
 * @param most connections that are shown one by one
 */
record LimitsQuery(
        @Nullable String vendor,
        @Nullable String tenant,
        @Nullable String connection,
        int most) {

    static final int MOST = 500;
    private static final int USUAL = 50;
    private static final List<String> NAMES = List.of("vendor", "tenant", "connection", "top");

    /**
     * Reads the query of an address.
     *
     * @throws IllegalArgumentException where it asks for what there is not
     */
    static LimitsQuery of(@Nullable String query) {
        Map<String, String> given = new HashMap<>();
        for (String pair : query == null || query.isEmpty() ? new String[0] : query.split("&", -1)) {
            int equals = pair.indexOf('=');
            String name = decoded(equals < 0 ? pair : pair.substring(0, equals));
            if (!NAMES.contains(name)) {
                throw new IllegalArgumentException("parameter " + name + " (expected: one of " + NAMES + ")");
            }
            given.put(name, equals < 0 ? "" : decoded(pair.substring(equals + 1)));
        }
        return new LimitsQuery(
                given.get("vendor"), given.get("tenant"), given.get("connection"), top(given.get("top")));
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    private static int top(@Nullable String text) {
        if (text == null) {
            return USUAL;
        }
        if (!text.matches("\\d{1,4}") || Integer.parseInt(text) > MOST) {
            throw new IllegalArgumentException("top: " + text + " (expected: 0 to " + MOST + ")");
        }
        return Integer.parseInt(text);
    }

    boolean fits(ConnectionLimits limits) {
        return fits(vendor, limits.vendor()) && fits(tenant, limits.tenant()) && fits(connection, limits.connection());
    }

    private static boolean fits(@Nullable String wanted, String there) {
        return wanted == null || wanted.equals(there);
    }
}
