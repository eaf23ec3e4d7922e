package dev.toolpost.worker.metrics;

import dev.toolpost.connectors.Limit;
import dev.toolpost.worker.ratelimit.ConnectionLimits;
import dev.toolpost.worker.ratelimit.LimiterView;
import dev.toolpost.worker.ratelimit.LimiterView.BandwidthView;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How the limits of all connections stand, by vendor and limit: connections come and go by the thousand, so they are added up and
 * have no label. {@code GET /limits} names them. Updated before each scrape, from one thread at a time.
 */
public final class LimitGauges {

    private final MultiGauge waiting;
    private final MultiGauge oldest;
    private final MultiGauge permits;
    private final MultiGauge exhausted;
    private final MultiGauge paused;

    public LimitGauges(MeterRegistry registry) {
        waiting = gauge(registry, "toolpost.waiting.calls", "Calls that wait for permits");
        oldest = gauge(registry, "toolpost.waiting.oldest.seconds", "How long the oldest of them has waited");
        permits = gauge(registry, "toolpost.limit.permits", "Permits of all connections that were used yet, by state");
        exhausted = gauge(registry, "toolpost.limit.exhausted.connections", "Connections with no permit left");
        paused = gauge(
                registry,
                "toolpost.limit.paused.connections",
                "Connections that are paused because the vendor wants it");
    }

    private static MultiGauge gauge(MeterRegistry registry, String name, String description) {
        return MultiGauge.builder(name).description(description).register(registry);
    }

    /** Shows what these say. */
    public synchronized void show(List<ConnectionLimits> connections) {
        Sums waitingSums = new Sums();
        Sums oldestSums = new Sums();
        Sums permitSums = new Sums();
        Sums exhaustedSums = new Sums();
        Sums pausedSums = new Sums();
        for (ConnectionLimits each : connections) {
            LimiterView view = each.view();
            lane(waitingSums, oldestSums, each, "interactive", view.interactive());
            lane(waitingSums, oldestSums, each, "batch", view.batch());
            for (BandwidthView bandwidth : view.bandwidths()) {
                // A limit of the whole vendor looks the same from each of its connections.
                boolean shared = bandwidth.scope() == Limit.Scope.VENDOR;
                Tags tags = Tags.of("vendor", each.vendor(), "limit", bandwidth.limit());
                long returning = bandwidth.part() - bandwidth.free() - bandwidth.inFlight();
                permitSums.put(tags.and("state", "free"), (double) bandwidth.free(), shared);
                permitSums.put(tags.and("state", "in_flight"), (double) bandwidth.inFlight(), shared);
                permitSums.put(tags.and("state", "returning"), (double) Math.max(0, returning), shared);
                exhaustedSums.put(tags, bandwidth.free() <= bandwidth.withheldOfPart() ? 1 : 0, false);
                boolean isPaused =
                        bandwidth.pausedFor().isPositive() || view.pausedFor().isPositive();
                pausedSums.put(tags, isPaused ? 1 : 0, false);
            }
        }
        waitingSums.register(waiting);
        oldestSums.register(oldest);
        permitSums.register(permits);
        exhaustedSums.register(exhausted);
        pausedSums.register(paused);
    }

    private static void lane(
            Sums waiting, Sums oldest, ConnectionLimits connection, String lane, LimiterView.LaneView view) {
        Tags tags = Tags.of("pool", connection.pool(), "vendor", connection.vendor(), "lane", lane);
        waiting.put(tags, view.waiting(), false);
        oldest.put(tags, view.oldest().toMillis() / 1000.0, true);
    }

    /** Values by labels, added up, or the largest. */
    private static final class Sums {
        private final Map<Tags, Double> values = new LinkedHashMap<>();

        void put(Tags tags, double value, boolean largest) {
            values.merge(tags, value, largest ? Math::max : Double::sum);
        }

        void register(MultiGauge gauge) {
            List<MultiGauge.Row<?>> rows = new ArrayList<>();
            values.forEach((labels, value) -> rows.add(MultiGauge.Row.of(labels, value)));
            gauge.register(rows, true);
        }
    }
}
