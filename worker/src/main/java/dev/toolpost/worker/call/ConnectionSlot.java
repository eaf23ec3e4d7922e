package dev.toolpost.worker.call;

import dev.toolpost.connectors.Limit;
import dev.toolpost.worker.ratelimit.ConnectionLimiter;
import java.util.List;

/** What the calls of one connection share in this worker: their permits and their bound in flight. Thread-safe. */
final class ConnectionSlot {

    private final String vendor;
    private final List<Limit> limits;
    private final ConnectionLimiter limiter;
    private final Places places;
    private volatile long usedAtNanos;

    ConnectionSlot(String vendor, List<Limit> limits, ConnectionLimiter limiter, Places places) {
        this.vendor = vendor;
        this.limits = List.copyOf(limits);
        this.limiter = limiter;
        this.places = places;
        this.usedAtNanos = System.nanoTime();
    }

    String vendor() {
        return vendor;
    }

    List<Limit> limits() {
        return limits;
    }

    ConnectionLimiter limiter() {
        return limiter;
    }

    Places places() {
        return places;
    }

    void used(long nanos) {
        usedAtNanos = nanos;
    }

    long usedAtNanos() {
        return usedAtNanos;
    }
}
