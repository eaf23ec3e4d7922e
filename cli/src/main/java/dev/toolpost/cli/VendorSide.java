package dev.toolpost.cli;

import dev.toolpost.sandbox.Arrival;
import dev.toolpost.sandbox.SimulatedVendor;
import dev.toolpost.sandbox.VendorStats;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** What a simulated vendor saw, for the demo's checks. */
final class VendorSide {
    private static final int ALL = 65_536;

    private VendorSide() {}

    /** What the vendor counted, in words. */
    static String seen(VendorStats stats) {
        if (stats.requests() == 0) {
            return "nothing";
        }
        return stats.byRoute().entrySet().stream()
                        .map(route -> route.getKey() + (route.getValue() == 1 ? "" : " x " + route.getValue()))
                        .collect(Collectors.joining(", "))
                + "; answered "
                + stats.byStatus().entrySet().stream()
                        .map(status -> status.getKey() + (status.getValue() == 1 ? "" : " x " + status.getValue()))
                        .collect(Collectors.joining(", "));
    }

    /** The most requests of one account within any stretch of the limit's length, by the vendor's own clock. */
    static int mostInAnyWindow(SimulatedVendor vendor) {
        Map<String, Deque<Long>> windows = new HashMap<>();
        int most = 0;
        for (Arrival arrival : vendor.arrivals(ALL)) {
            Deque<Long> window = windows.computeIfAbsent(arrival.token(), _ -> new ArrayDeque<>());
            window.add(arrival.nanos());
            while (arrival.nanos() - window.element() >= DemoStage.WINDOW.toNanos()) {
                window.remove();
            }
            most = Math.max(most, window.size());
        }
        return most;
    }

    /** The vendor's time of the first request with one of these tokens a moment after the given time. */
    static OptionalLong firstAfter(SimulatedVendor vendor, Set<String> tokens, long nanos) {
        // What a killed worker had sent may still be read by the vendor a moment later.
        long afterNanos = nanos + TimeUnit.MILLISECONDS.toNanos(50);
        return vendor.arrivals(ALL).stream()
                .filter(arrival -> tokens.contains(arrival.token()) && arrival.nanos() > afterNanos)
                .mapToLong(Arrival::nanos)
                .min();
    }
}
