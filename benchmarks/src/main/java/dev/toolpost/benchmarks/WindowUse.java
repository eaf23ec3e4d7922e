package dev.toolpost.benchmarks;

import dev.toolpost.sandbox.Arrival;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How much of strict sliding windows was used. With a limit of N the request that comes N later must come at least a window later;
 * the window through the mean of what it took is the part that was used, whatever the shape of the bursts.
 */
final class WindowUse {

    private WindowUse() {}

    /**
     * A time in which part of the permits was nobody's to spend.
     *
     * @param parts by token, the part of its permits that could not be spent
     */
    record Lost(long fromNanos, long toNanos, Map<String, Double> parts) {
        private double overlap(String token, long from, long to) {
            long overlap = Math.min(to, toNanos) - Math.max(from, fromNanos);
            return overlap <= 0 ? 0 : overlap * parts.getOrDefault(token, 0.0);
        }
    }

    /** NaN where no window was filled twice. */
    static double of(List<Arrival> arrivals, int permits, Duration window) {
        return of(arrivals, permits, window, Long.MIN_VALUE, List.of());
    }

    /**
     * @param from only requests that came later, measured from those N before, whenever these came
     * @param lost is taken off
     */
    static double of(List<Arrival> arrivals, int permits, Duration window, long from, List<Lost> lost) {
        double sum = 0;
        long count = 0;
        for (Map.Entry<String, List<Long>> each : byToken(arrivals).entrySet()) {
            List<Long> times = each.getValue();
            for (int i = permits; i < times.size(); i++) {
                long begin = times.get(i - permits);
                long end = times.get(i);
                if (end > from) {
                    sum += end - begin;
                    for (Lost part : lost) {
                        sum -= part.overlap(each.getKey(), begin, end);
                    }
                    count++;
                }
            }
        }
        return count == 0 ? Double.NaN : window.toNanos() / (sum / count);
    }

    /** From the first to the N-th request of the slowest token, in milliseconds. */
    static double burstMillis(List<Arrival> arrivals, int permits) {
        double most = 0;
        for (List<Long> times : byToken(arrivals).values()) {
            if (times.size() < permits) {
                return Double.NaN;
            }
            most = Math.max(most, (times.get(permits - 1) - times.get(0)) / 1e6);
        }
        return most;
    }

    private static Map<String, List<Long>> byToken(List<Arrival> arrivals) {
        Map<String, List<Long>> byToken = new HashMap<>();
        for (Arrival arrival : arrivals) {
            byToken.computeIfAbsent(arrival.token(), token -> new ArrayList<>()).add(arrival.nanos());
        }
        return byToken;
    }
}
