package dev.toolpost.cli;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** Limits of one or several workers as a table, one line for each limit of each connection. Not thread-safe. */
final class LimitsTable {
    private static final JsonNode NOTHING = JsonNodeFactory.instance.objectNode();

    private final Table table = new Table(
            "VENDOR",
            "CONNECTION",
            "LIMIT",
            "KIND",
            "LEFT",
            "NEXT",
            "INTERACTIVE",
            "BATCH",
            "WAIT",
            "THROTTLES",
            "CORRECTIONS");
    private int shown;
    private long restConnections;
    private long restWaiting;

    void add(WorkerLimits worker) {
        JsonNode report = worker.report() == null ? NOTHING : worker.report();
        for (JsonNode connection : report.path("connections")) {
            add(connection);
        }
        JsonNode rest = report.path("rest");
        restConnections += rest.path("connections").asLong(0);
        restWaiting += rest.path("waiting_interactive").asLong(0)
                + rest.path("waiting_batch").asLong(0);
    }

    private void add(JsonNode connection) {
        boolean first = true;
        for (JsonNode limit : connection.path("limits")) {
            shown++;
            table.row(
                    first ? text(connection, "vendor") : "",
                    first ? text(connection, "tenant") + "/" + text(connection, "connection") : "",
                    name(limit),
                    kind(limit),
                    left(connection, limit),
                    next(limit),
                    first ? lane(connection.path("interactive")) : "",
                    first ? lane(connection.path("batch")) : "",
                    first ? wait(connection) : "",
                    seen(limit.path("throttles"), first ? connection.path("throttles") : NOTHING),
                    seen(limit.path("corrections"), NOTHING));
            first = false;
        }
    }

    void print(PrintWriter out) {
        if (shown == 0 && restConnections == 0) {
            out.println(
                    "No connection's limits are in use there; a worker knows those of connections that it has called for.");
            return;
        }
        if (shown > 0) {
            table.print(out);
        }
        if (restConnections > 0) {
            out.println("and " + restConnections + " connections more with " + restWaiting
                    + " waiting calls; --top, --vendor, --tenant and --connection choose");
        }
    }

    private static String text(JsonNode node, String name) {
        return Text.line(node.path(name).asString(""));
    }

    private static String name(JsonNode limit) {
        return limit.path("tool").isString()
                ? text(limit, "limit") + " of " + text(limit, "tool")
                : text(limit, "limit");
    }

    private static String kind(JsonNode limit) {
        String kind = text(limit, "kind");
        return limit.path("window_ms").isNumber()
                ? kind + ", " + span(limit.path("window_ms").asLong())
                : kind;
    }

    private static String left(JsonNode connection, JsonNode limit) {
        long permits = limit.path("permits").asLong(0);
        long part = limit.path("part").asLong(permits);
        long withheld = limit.path("withheld").asLong(0);
        long withheldOfPart = part == permits ? withheld : Math.ceilDiv(withheld * part, Math.max(1, permits));
        String left = Math.max(0, limit.path("free").asLong(0) - withheldOfPart) + " of " + (part - withheldOfPart);
        if (part != permits) {
            left += " (part of " + (permits - withheld) + ")";
        }
        long paused = Math.max(
                limit.path("paused_ms").asLong(0), connection.path("paused_ms").asLong(0));
        return paused > 0 ? left + ", paused " + span(paused) : left;
    }

    private static String next(JsonNode limit) {
        if (limit.path("refill_in_ms").isNumber()) {
            return limit.path("refill_permits").asLong(0) + " in "
                    + span(limit.path("refill_in_ms").asLong());
        }
        long underWay = limit.path("in_flight").asLong(0);
        return underWay > 0 ? underWay + " under way" : "all there";
    }

    private static String lane(JsonNode lane) {
        long waiting = lane.path("waiting").asLong(0);
        return waiting == 0
                ? "0"
                : waiting + ", oldest " + span(lane.path("oldest_ms").asLong(0));
    }

    /** What a call that comes now has to expect, in each lane where they differ. */
    private static String wait(JsonNode connection) {
        String interactive =
                span(connection.path("interactive").path("estimated_ms").asLong(0));
        String batch = span(connection.path("batch").path("estimated_ms").asLong(0));
        return interactive.equals(batch) ? interactive : interactive + " / " + batch;
    }

    private static String seen(JsonNode seen, JsonNode also) {
        long count = seen.path("count").asLong(0) + also.path("count").asLong(0);
        if (count == 0) {
            return "0";
        }
        long ago = Math.min(ago(seen), ago(also));
        return count + ", " + span(ago) + " ago";
    }

    private static long ago(JsonNode seen) {
        return seen.path("last_ms_ago").asLong(Long.MAX_VALUE);
    }

    /** A span with as many digits as anybody reads. */
    static String span(long millis) {
        Duration duration = Duration.ofMillis(millis);
        if (millis == 0) {
            return "0";
        }
        if (millis < 1_000) {
            return millis + " ms";
        }
        if (millis < 60_000) {
            return String.format(Locale.ROOT, "%.1f s", millis / 1000.0).replace(".0 ", " ");
        }
        if (duration.toHours() < 1) {
            return withRest(duration.toMinutes(), "min", duration.toSecondsPart(), "s");
        }
        if (duration.toDays() < 1) {
            return withRest(duration.toHours(), "h", duration.toMinutesPart(), "min");
        }
        return withRest(duration.toDays(), "d", duration.toHoursPart(), "h");
    }

    private static String withRest(long whole, String unit, int rest, String smaller) {
        return rest == 0 ? whole + " " + unit : whole + " " + unit + " " + rest + " " + smaller;
    }
}
