package dev.toolpost.worker.ratelimit;

import dev.toolpost.connectors.Limit;
import dev.toolpost.worker.credentials.ConnectionRecord;
import dev.toolpost.worker.credentials.LimitOverride;
import java.util.List;
import java.util.TreeSet;

/** The limits that hold for one connection: those of its vendor for its auth kind, with the connection's overrides. */
public final class EffectiveLimits {

    private EffectiveLimits() {}

    /**
     * The limits to build the connection's limiter with.
     *
     * @param declared the connector's
     * @throws IllegalArgumentException if an override names a limit that the vendor does not have, or does not fit it
     */
    public static List<Limit> of(List<Limit> declared, ConnectionRecord connection) {
        var unknown = new TreeSet<>(connection.limits().keySet());
        declared.forEach(limit -> unknown.remove(limit.name()));
        if (!unknown.isEmpty()) {
            throw new IllegalArgumentException(
                    "limit overridden by connection " + connection.id() + ": " + unknown.first()
                            + " (expected: one of "
                            + declared.stream().map(Limit::name).sorted().toList() + ")");
        }
        return declared.stream()
                .filter(limit -> limit.appliesTo(connection.authKind()))
                .map(limit -> {
                    LimitOverride override = connection.limits().get(limit.name());
                    return override == null ? limit : limit.with(override.permits(), override.window());
                })
                .toList();
    }
}
