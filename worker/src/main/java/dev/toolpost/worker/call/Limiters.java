package dev.toolpost.worker.call;

import dev.toolpost.connectors.Connector;
import dev.toolpost.connectors.ConnectorSource;
import dev.toolpost.worker.ratelimit.ConnectionLimiter;
import dev.toolpost.worker.ratelimit.InitialState;
import dev.toolpost.worker.ratelimit.LimitNews;
import dev.toolpost.worker.ratelimit.LimiterTimer;
import dev.toolpost.worker.ratelimit.QuotaLog;
import dev.toolpost.worker.ratelimit.TenantWeights;
import dev.toolpost.worker.ratelimit.VendorAllowances;
import dev.toolpost.worker.ratelimit.shared.SharedPermitsSource;
import java.time.InstantSource;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/** Makes the limiters of one pool's connections: by the newest definitions, with what all connections of a vendor share. Thread-safe. */
final class Limiters {

    private final ConnectorSource connectors;
    private final LongSupplier nanoTime;
    private final InstantSource clock;
    private final VendorAllowances allowances;

    Limiters(
            ConnectorSource connectors,
            TenantWeights weights,
            SharedPermitsSource source,
            QuotaLog quotaLog,
            Consumer<LimitNews> limitNews,
            LongSupplier nanoTime,
            InstantSource clock) {
        this.connectors = connectors;
        this.nanoTime = nanoTime;
        this.clock = clock;
        this.allowances = new VendorAllowances(
                nanoTime, clock, weights::weightOf, LimiterTimer.shared(), source, quotaLog, limitNews);
    }

    VendorAllowances allowances() {
        return allowances;
    }

    /**
     * Whether the limits of a connection are to follow from another record or definition from now on, because that is newer. Calls go by
     * what was there when they began, so older ones come by for a while.
     */
    @SuppressWarnings("ReferenceEquality") // a definition is the newest or it is not, whatever it says
    boolean isNewer(KnownConnection other, KnownConnection known) {
        Connector others = other.connector();
        if (known.connector() == others) {
            return other.stored().version() > known.stored().version();
        }
        return connectors.current().byVendor(others.vendor()) == others;
    }

    ConnectionLimiter limiter(
            String tenant, KnownConnection connection, InitialState initial, ConnectionLimiter.SpendingLog log) {
        Connector known = connection.connector();
        Connector current = connectors.current().byVendor(known.vendor());
        Connector newest = current == null ? known : current;
        return new ConnectionLimiter(
                connection.limits(),
                nanoTime,
                clock,
                initial,
                LimiterTimer.shared(),
                allowances.of(newest.vendor(), newest.limits()),
                tenant,
                log);
    }
}
