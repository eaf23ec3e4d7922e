package dev.toolpost.worker.call;

import dev.toolpost.connectors.Connector;
import dev.toolpost.connectors.Limit;
import dev.toolpost.connectors.Tool;
import dev.toolpost.worker.credentials.StoredConnection;
import dev.toolpost.worker.ratelimit.EffectiveLimits;
import dev.toolpost.worker.request.RequestBuilder;
import dev.toolpost.worker.request.RequestProblemException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A connection as it is stored, with what follows from it and its connector alone, worked out once and not for every
 * call. Thread-safe.
 */
final class KnownConnection {

    private final StoredConnection stored;
    private final Connector connector;
    private volatile @Nullable List<Limit> limits;
    private final Map<String, String> baseUrls = new ConcurrentHashMap<>();

    KnownConnection(StoredConnection stored, Connector connector) {
        this.stored = stored;
        this.connector = connector;
    }

    /** Whether nothing has changed since: the very same objects. To compare their content would cost what this saves. */
    @SuppressWarnings("ReferenceEquality")
    boolean isOf(StoredConnection storedNow, Connector connectorNow) {
        return stored == storedNow && connector == connectorNow;
    }

    Connector connector() {
        return connector;
    }

    StoredConnection stored() {
        return stored;
    }

    /**
     * The limits that hold for it.
     *
     * @throws IllegalArgumentException where an override of it does not fit the vendor
     */
    List<Limit> limits() {
        List<Limit> known = limits;
        if (known == null) {
            known = List.copyOf(EffectiveLimits.of(connector.limits(), stored.connection()));
            limits = known;
        }
        return known;
    }

    /**
     * What the path of a tool is appended to.
     *
     * @throws RequestProblemException where a variable of it is missing or wrong
     */
    String baseUrl(Tool tool) throws RequestProblemException {
        String place = connector.toolUrls().containsKey(tool.name()) ? tool.name() : "";
        String known = baseUrls.get(place);
        if (known == null) {
            known = RequestBuilder.baseUrl(connector, tool, stored.connection());
            baseUrls.put(place, known);
        }
        return known;
    }
}
