package dev.toolpost.worker.health;

import dev.toolpost.worker.ratelimit.ConnectionLimits;
import dev.toolpost.worker.ratelimit.LimiterView;
import dev.toolpost.worker.ratelimit.LimiterView.BandwidthView;
import dev.toolpost.worker.ratelimit.LimiterView.LaneView;
import dev.toolpost.worker.ratelimit.LimiterView.Refill;
import dev.toolpost.worker.ratelimit.LimiterView.Seen;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The limits of a worker's connections as JSON: those with most waiting calls one by one, the rest counted. Times are milliseconds
 * from now, or ago.
 */
final class LimitsReport {

    private static final int MOST_BANDWIDTHS = 40;

    /** Who waits most stands first; among those who do not, who has least left. */
    private static final Comparator<ConnectionLimits> BUSIEST_FIRST = Comparator.comparingInt(
                    (ConnectionLimits each) -> -each.view().waiting())
            .thenComparingDouble(each -> leastFree(each.view()))
            .thenComparing(ConnectionLimits::tenant)
            .thenComparing(ConnectionLimits::connection);

    private LimitsReport() {}

    static ObjectNode of(String worker, List<ConnectionLimits> all, LimitsQuery query) {
        List<ConnectionLimits> wanted =
                all.stream().filter(query::fits).sorted(BUSIEST_FIRST).toList();
        List<ConnectionLimits> shown = wanted.subList(0, Math.min(query.most(), wanted.size()));
        List<ConnectionLimits> rest = wanted.subList(shown.size(), wanted.size());
        ObjectNode report = JsonNodeFactory.instance.objectNode();
        report.put("worker", worker);
        ArrayNode connections = report.putArray("connections");
        shown.forEach(each -> write(each, connections.addObject()));
        ObjectNode others = report.putObject("rest");
        others.put("connections", rest.size());
        others.put(
                "waiting_interactive",
                rest.stream()
                        .mapToLong(each -> each.view().interactive().waiting())
                        .sum());
        others.put(
                "waiting_batch",
                rest.stream().mapToLong(each -> each.view().batch().waiting()).sum());
        return report;
    }

    private static double leastFree(LimiterView view) {
        return view.bandwidths().stream()
                .mapToDouble(LimitsReport::freePart)
                .min()
                .orElse(1);
    }

    private static double freePart(BandwidthView view) {
        return (double) view.free() / Math.max(1, view.part());
    }

    private static void write(ConnectionLimits limits, ObjectNode node) {
        LimiterView view = limits.view();
        node.put("tenant", limits.tenant());
        node.put("connection", limits.connection());
        node.put("vendor", limits.vendor());
        node.put("pool", limits.pool());
        write(view.interactive(), node.putObject("interactive"));
        write(view.batch(), node.putObject("batch"));
        node.put("paused_ms", view.pausedFor().toMillis());
        write(view.throttles(), node.putObject("throttles"));
        ArrayNode bandwidths = node.putArray("limits");
        view.bandwidths().stream()
                .sorted(Comparator.comparingDouble(LimitsReport::freePart))
                .limit(MOST_BANDWIDTHS)
                .forEach(each -> write(each, bandwidths.addObject()));
        node.put("limits_not_shown", Math.max(0, view.bandwidths().size() - MOST_BANDWIDTHS));
    }

    private static void write(LaneView lane, ObjectNode node) {
        node.put("waiting", lane.waiting());
        node.put("oldest_ms", lane.oldest().toMillis());
        node.put("estimated_ms", lane.estimated().toMillis());
    }

    private static void write(BandwidthView view, ObjectNode node) {
        node.put("limit", view.limit());
        node.put("scope", view.scope().name().toLowerCase(Locale.ROOT));
        node.put("kind", view.kind().name().toLowerCase(Locale.ROOT));
        node.put("tool", view.tool());
        node.put("permits", view.permits());
        node.put("part", view.part());
        node.put("window_ms", millis(view.window()));
        node.put("free", view.free());
        node.put("withheld", view.withheld());
        node.put("in_flight", view.inFlight());
        Refill refill = view.refill();
        node.put("refill_in_ms", refill == null ? null : millis(refill.in()));
        node.put("refill_permits", refill == null ? null : Long.valueOf(refill.permits()));
        node.put("paused_ms", view.pausedFor().toMillis());
        write(view.corrections(), node.putObject("corrections"));
        write(view.throttles(), node.putObject("throttles"));
        node.put("costs_settled", view.costsSettled());
    }

    private static void write(Seen seen, ObjectNode node) {
        node.put("count", seen.count());
        node.put("last_ms_ago", millis(seen.lastAgo()));
        Duration wait = seen.lastWait();
        if (wait != null) {
            node.put("last_wait_ms", wait.toMillis());
        }
    }

    private static @Nullable Long millis(@Nullable Duration duration) {
        return duration == null ? null : Long.valueOf(duration.toMillis());
    }
}
