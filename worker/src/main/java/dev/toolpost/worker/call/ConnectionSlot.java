package dev.toolpost.worker.call;

import dev.toolpost.connectors.Limit;
import dev.toolpost.worker.ratelimit.ConnectionLimiter;
import java.util.List;

/** What the calls of one connection share in this worker: their permits and their bound in flight. Thread-safe. */
final class ConnectionSlot {

    private final KnownConnection connection;
    private final ConnectionLimiter limiter;
    private final Places places;
    private volatile long usedAtNanos;

    ConnectionSlot(KnownConnection connection, ConnectionLimiter limiter, Places places) {
        this.connection = connection;
        this.limiter = limiter;
        this.places = places;
        this.usedAtNanos = System.nanoTime();
    }

    /** The same permits for a newer record or definition with the same limits. */
    ConnectionSlot of(KnownConnection newer) {
        return new ConnectionSlot(newer, limiter, places);
    }

    /** What its limits follow from. */
    KnownConnection connection() {
        return connection;
    }

    String vendor() {
        return connection.connector().vendor();
    }

    List<Limit> limits() {
        return connection.limits();
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
