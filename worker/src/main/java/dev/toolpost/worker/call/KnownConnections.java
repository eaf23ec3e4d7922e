package dev.toolpost.worker.call;

import dev.toolpost.connectors.Connector;
import dev.toolpost.worker.call.CallOutcome.Failure;
import dev.toolpost.worker.credentials.CredentialStore;
import dev.toolpost.worker.credentials.CredentialsUnavailableException;
import dev.toolpost.worker.credentials.StoredConnection;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Finds the connections of calls, and keeps what follows from those used lately. Thread-safe. */
final class KnownConnections {

    private static final int MOST = 50_000;

    private final CredentialStore credentials;
    private final Map<String, KnownConnection> byKey = new ConcurrentHashMap<>();

    KnownConnections(CredentialStore credentials) {
        this.credentials = credentials;
    }

    /** What came of looking a connection up. */
    sealed interface Lookup {
        record Found(KnownConnection connection) implements Lookup {}

        record Missing(Failure failure) implements Lookup {}
    }

    /** The connection of a call, or why the call cannot have it. */
    Lookup find(Call call, Connector connector) {
        return lookup(call, connector, credentials::find);
    }

    /** The same as of this moment: not what the store remembers of a moment ago. */
    Lookup findNow(Call call, Connector connector) {
        return lookup(call, connector, credentials::findNow);
    }

    private interface Source {
        @Nullable
        StoredConnection find(String tenant, String connection);
    }

    private Lookup lookup(Call call, Connector connector, Source source) {
        StoredConnection stored;
        try {
            stored = source.find(call.tenant(), call.connection());
        } catch (CredentialsUnavailableException unavailable) {
            return new Lookup.Missing(Errors.credentialsUnavailable(unavailable));
        }
        if (stored == null) {
            return new Lookup.Missing(Errors.unknownConnection(call, connector));
        }
        if (!stored.connection().vendor().equals(connector.vendor())) {
            return new Lookup.Missing(Errors.connectionOfOtherVendor(call, connector, stored));
        }
        try {
            KnownConnection known = known(call.connectionKey(), stored, connector);
            known.limits();
            return new Lookup.Found(known);
        } catch (IllegalArgumentException unfit) {
            return new Lookup.Missing(Errors.badLimits(call.connectionKey(), unfit));
        }
    }

    /** What follows from a connection as it is stored. */
    KnownConnection known(String connectionKey, StoredConnection stored, Connector connector) {
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

    /** The connections of calls lately, each {@code tenant/connection}. */
    Set<String> keys() {
        return Set.copyOf(byKey.keySet());
    }

    /** What was known of a connection last; null where nothing was. */
    @Nullable
    KnownConnection lastKnown(String connectionKey) {
        return byKey.get(connectionKey);
    }
}
