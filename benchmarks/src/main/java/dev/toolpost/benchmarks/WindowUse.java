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

    /** NaN where no window was filled twice. */
    static double of(List<Arrival> arrivals, int permits, Duration window) {
        double sum = 0;
        long count = 0;
        for (List<Long> times : byToken(arrivals).values()) {
            for (int i = permits; i < times.size(); i++) {
                sum += times.get(i) - times.get(i - permits);
                count++;
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
