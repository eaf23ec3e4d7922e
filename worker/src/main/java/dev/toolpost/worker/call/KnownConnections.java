package dev.toolpost.worker.call;

import dev.toolpost.connectors.Connector;
import dev.toolpost.worker.credentials.StoredConnection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The connections that were used lately, each with what follows from it. Thread-safe. */
final class KnownConnections {

    private static final int MOST = 50_000;

    private final Map<String, KnownConnection> byKey = new ConcurrentHashMap<>();

    /** What is known of a connection as it is stored now. */
    KnownConnection of(String connectionKey, StoredConnection stored, Connector connector) {
        KnownConnection known = byKey.get(connectionKey);
        if (known != null && known.isOf(stored, connector)) {
            return known;
        }
        if (byKey.size() >= MOST) {
            byKey.clear();
        }
        KnownConnection fresh = new KnownConnection(stored, connector);
        byKey.put(connectionKey, fresh);
        return fresh;
    }
}
