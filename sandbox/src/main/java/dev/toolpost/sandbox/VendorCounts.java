package dev.toolpost.sandbox;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What a vendor has seen. Not thread-safe. */
final class VendorCounts {

    private static final int MARKERS = 1_000_000;
    private static final int ARRIVALS = 1 << 16;

    long requests;
    long violations;
    long unauthorized;
    long writes;
    private long uniques;
    private final Map<String, long[]> byRoute = new HashMap<>();
    private final Map<String, long[]> byToken = new HashMap<>();
    private final long[] byStatus = new long[1000];
    private final Map<String, Integer> writesByMarker = new LinkedHashMap<>();
    private final long[] arrivedNanos = new long[ARRIVALS];
    private final String[] arrivedToken = new String[ARRIVALS];
    private final String[] arrivedRoute = new String[ARRIVALS];
    private final boolean[] arrivedRejected = new boolean[ARRIVALS];
    private long originNanos = System.nanoTime();

    void reset() {
        requests = 0;
        violations = 0;
        unauthorized = 0;
        writes = 0;
        byRoute.clear();
        byToken.clear();
        Arrays.fill(byStatus, 0);
        writesByMarker.clear();
        originNanos = System.nanoTime();
    }

    /** A text that no other answer holds. */
    String unique(long seed) {
        return new ByteText(16).hex(PropertyTemplate.mix(++uniques ^ seed), 16).toString();
    }

    void arrived(long atNanos, String token, String route, boolean rejected) {
        int slot = (int) (requests % ARRIVALS);
        arrivedNanos[slot] = atNanos;
        arrivedToken[slot] = token;
        arrivedRoute[slot] = route;
        arrivedRejected[slot] = rejected;
        requests++;
        byRoute.computeIfAbsent(route, _ -> new long[1])[0]++;
        byToken.computeIfAbsent(token, _ -> new long[1])[0]++;
    }

    void answered(int status) {
        byStatus[status]++;
    }

    void wrote(String operation, String collection, String marker) {
        writes++;
        String key = key(operation, collection, marker);
        if (writesByMarker.size() < MARKERS || writesByMarker.containsKey(key)) {
            writesByMarker.merge(key, 1, Integer::sum);
        }
    }

    int writes(String operation, String collection, String marker) {
        return writesByMarker.getOrDefault(key(operation, collection, marker), 0);
    }

    static String key(String operation, String collection, String marker) {
        return operation + " " + collection + " " + marker;
    }

    Map<String, Integer> repeatedWrites() {
        Map<String, Integer> repeated = new LinkedHashMap<>();
        writesByMarker.forEach((key, count) -> {
            if (count > 1) {
                repeated.put(key, count);
            }
        });
        return repeated;
    }

    Map<String, Long> byRoute() {
        return copy(byRoute);
    }

    Map<String, Long> byToken() {
        return copy(byToken);
    }

    Map<Integer, Long> byStatus() {
        Map<Integer, Long> copy = new TreeMap<>();
        for (int status = 0; status < byStatus.length; status++) {
            if (byStatus[status] > 0) {
                copy.put(status, byStatus[status]);
            }
        }
        return copy;
    }

    /** The last arrivals, oldest first. */
    List<Arrival> arrivals(int last) {
        long count = Math.min(Math.min(last, ARRIVALS), requests);
        List<Arrival> list = new ArrayList<>((int) count);
        for (long i = requests - count; i < requests; i++) {
            int slot = (int) (i % ARRIVALS);
            list.add(new Arrival(
                    arrivedNanos[slot] - originNanos, arrivedToken[slot], arrivedRoute[slot], arrivedRejected[slot]));
        }
        return list;
    }

    private static Map<String, Long> copy(Map<String, long[]> counts) {
        Map<String, Long> copy = new TreeMap<>();
        counts.forEach((key, count) -> copy.put(key, count[0]));
        return copy;
    }
}
