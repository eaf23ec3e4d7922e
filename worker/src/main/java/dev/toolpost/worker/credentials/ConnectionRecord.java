package dev.toolpost.worker.credentials;

import dev.toolpost.schemas.Ids;
import java.util.Collections;
import java.util.Comparator;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * One authorised account of a customer at a vendor: everything about it that is no secret. Immutable.
 *
 * @param vendor vendor id, as in the definition
 * @param authKind which of the connector's ways to authenticate it uses
 * @param variables host variables of the connector ({@code subdomain}, {@code cloudId} ...)
 * @param limits overrides by the name of the limit
 * @param scopes scopes that were granted; empty when unknown
 * @param labels free text for people and policies
 */
public record ConnectionRecord(
        String tenant,
        String connection,
        String vendor,
        String authKind,
        Map<String, String> variables,
        Map<String, LimitOverride> limits,
        Set<String> scopes,
        Map<String, String> labels) {

    /** Tenant, then connection. */
    static final Comparator<ConnectionRecord> BY_IDENTITY =
            Comparator.comparing(ConnectionRecord::tenant).thenComparing(ConnectionRecord::connection);

    public ConnectionRecord {
        Ids.requireId("tenant", tenant);
        Ids.requireId("connection", connection);
        Ids.requireId("vendor", vendor);
        variables = Collections.unmodifiableMap(new TreeMap<>(variables));
        limits = Collections.unmodifiableMap(new TreeMap<>(limits));
        scopes = Collections.unmodifiableSet(new TreeSet<>(scopes));
        labels = Collections.unmodifiableMap(new TreeMap<>(labels));
    }

    /** A record without variables, overrides, scopes and labels. */
    public static ConnectionRecord of(String tenant, String connection, String vendor, String authKind) {
        return new ConnectionRecord(tenant, connection, vendor, authKind, Map.of(), Map.of(), Set.of(), Map.of());
    }

    /** Its identity everywhere: {@code tenant/connection}. */
    public String id() {
        return tenant + "/" + connection;
    }

    /** The same with other variables. */
    public ConnectionRecord withVariables(Map<String, String> others) {
        return new ConnectionRecord(tenant, connection, vendor, authKind, others, limits, scopes, labels);
    }

    /** The same with other scopes. */
    public ConnectionRecord withScopes(Set<String> others) {
        return new ConnectionRecord(tenant, connection, vendor, authKind, variables, limits, others, labels);
    }
}
