package dev.toolpost.scheduler.job.expand;

import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads the {@code expand} of a job: by the name of an argument a list of values, or a range {@code {"from", "to", "step"}} of whole
 * numbers, dates or moments; by two names with a comma between them a range that is cut into windows. Stateless.
 */
public final class ExpansionReader {

    private static final String PATH = "/job/expand";
    private static final Set<String> RANGE = Set.of("from", "to", "step", "inclusive");
    private static final String STEPS = "a number and one of s, min, h, d, w, M, y, as in 7d or 1M";
    private static final Pattern STEP = Pattern.compile("([1-9][0-9]{0,5})(s|min|h|d|w|M|y)");
    private static final Map<String, ChronoUnit> UNITS = Map.of(
            "s", ChronoUnit.SECONDS,
            "min", ChronoUnit.MINUTES,
            "h", ChronoUnit.HOURS,
            "d", ChronoUnit.DAYS,
            "w", ChronoUnit.WEEKS,
            "M", ChronoUnit.MONTHS,
            "y", ChronoUnit.YEARS);

    private final int mostParts;

    /** @param mostParts a job of more is refused */
    public ExpansionReader(int mostParts) {
        this.mostParts = mostParts;
    }

    /**
     * Reads.
     *
     * @param arguments what every part has
     * @param expand null where all parts have the same arguments
     * @param connections at least one
     */
    public Expanded read(ObjectNode arguments, @Nullable JsonNode expand, List<String> connections) {
        try {
            List<Axis> axes = expand == null || expand.isNull() ? List.of() : axes(arguments, expand);
            long parts = connections.size();
            for (Axis axis : axes) {
                long size = axis.size();
                // Both factors are bounded before they are multiplied.
                if (size > mostParts || parts * size > mostParts) {
                    throw new Refusal(
                            PATH,
                            "more than " + mostParts + " parts (expected: at most " + mostParts
                                    + "; take longer windows, or several jobs)");
                }
                parts *= size;
            }
            if (parts > mostParts) {
                throw new Refusal(
                        "/job/connections",
                        parts + " parts (expected: at most " + mostParts + "; submit several jobs)");
            }
            return new Expanded.Parts(new Expansion(connections, arguments, axes, (int) parts));
        } catch (Refusal refusal) {
            return new Expanded.Refused(refusal.path, String.valueOf(refusal.getMessage()));
        }
    }

    private static List<Axis> axes(ObjectNode arguments, JsonNode expand) {
        if (!expand.isObject()) {
            throw new Refusal(PATH, "no object (expected: a list or a range for each name)");
        }
        List<Axis> axes = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (Map.Entry<String, JsonNode> entry : expand.properties()) {
            String path = pathOf(entry.getKey());
            Axis axis = axis(path, entry.getKey(), entry.getValue());
            for (String name : axis.names()) {
                if (!names.add(name)) {
                    throw new Refusal(path, "\"" + name + "\" is expanded twice (expected: once)");
                }
                if (arguments.has(name)) {
                    throw new Refusal(
                            path, "\"" + name + "\" is in arguments, too (expected: in one of arguments and expand)");
                }
            }
            axes.add(axis);
        }
        return axes;
    }

    /** Where an axis stands in the command. */
    static String pathOf(String key) {
        return PATH + "/" + key.replace("~", "~0").replace("/", "~1");
    }

    private static Axis axis(String path, String key, JsonNode node) {
        String[] names = key.split(",", -1);
        for (String name : names) {
            if (name.isBlank() || !name.equals(name.strip())) {
                throw new Refusal(
                        path, "\"" + key + "\" (expected: the name of an argument, or two with a comma between)");
            }
        }
        if (names.length == 1 && node.isArray()) {
            if (node.isEmpty()) {
                throw new Refusal(path, "no values (expected: at least one)");
            }
            List<JsonNode> values = new ArrayList<>();
            node.forEach(values::add);
            return new Axis.Listed(names[0], values);
        }
        if (names.length > 2 || !node.isObject()) {
            throw new Refusal(
                    path,
                    names.length == 1
                            ? shown(node) + " (expected: a list of values, or a range {from, to, step})"
                            : shown(node)
                                    + " (expected: two names with a comma between, and a range {from, to, step})");
        }
        for (String field : node.propertyNames()) {
            if (!RANGE.contains(field)) {
                throw new Refusal(path, "\"" + field + "\" is not known (expected: from, to, step, inclusive)");
            }
        }
        boolean inclusive = node.path("inclusive").asBoolean(false);
        if (node.has("inclusive")
                && (names.length == 1 || !node.get("inclusive").isBoolean())) {
            throw new Refusal(path + "/inclusive", "given (expected: true or false, and with two names only)");
        }
        Scale scale = scale(path, node);
        return names.length == 1
                ? new Axis.Points(names[0], scale)
                : new Axis.Windows(names[0], names[1], scale, inclusive);
    }

    private static Scale scale(String path, JsonNode range) {
        JsonNode from = required(path, range, "from");
        JsonNode to = required(path, range, "to");
        JsonNode step = range.get("step");
        return from.isNumber() ? numbers(path, from, to, step) : times(path, from, to, step);
    }

    private static Scale numbers(String path, JsonNode from, JsonNode to, @Nullable JsonNode step) {
        long first = number(path + "/from", from);
        long last = number(path + "/to", to);
        long by = step == null ? 1 : number(path + "/step", step);
        if (by < 1) {
            throw new Refusal(path + "/step", by + " (expected: >= 1)");
        }
        if (last < first) {
            throw new Refusal(path + "/to", last + " (expected: not below from, which is " + first + ")");
        }
        return new WholeNumbers(first, last, by);
    }

    private static long number(String path, JsonNode node) {
        if (!node.isIntegralNumber() || !node.canConvertToLong() || Math.abs(node.longValue()) > WholeNumbers.MOST) {
            throw new Refusal(path, shown(node) + " (expected: a whole number of at most 15 digits)");
        }
        return node.longValue();
    }

    private static Scale times(String path, JsonNode from, JsonNode to, @Nullable JsonNode step) {
        boolean dates = !text(path + "/from", from).contains("T");
        LocalDateTime first = time(path + "/from", from, dates);
        LocalDateTime last = time(path + "/to", to, dates);
        if (last.isBefore(first)) {
            throw new Refusal(
                    path + "/to",
                    to.stringValue() + " (expected: not before from, which is " + from.stringValue() + ")");
        }
        Matcher by = STEP.matcher(step == null ? "1d" : step.isString() ? step.stringValue() : "");
        if (!by.matches()) {
            throw new Refusal(path + "/step", shown(step) + " (expected: " + STEPS + ")");
        }
        ChronoUnit unit = UNITS.get(by.group(2));
        if (unit == null || (dates && unit.compareTo(ChronoUnit.DAYS) < 0)) {
            throw new Refusal(
                    path + "/step",
                    "\"" + by.group() + "\" between dates (expected: whole days, or from and to with a time)");
        }
        return new Times(first, last, Long.parseLong(by.group(1)), unit, dates);
    }

    private static LocalDateTime time(String path, JsonNode node, boolean dates) {
        String text = text(path, node);
        try {
            LocalDateTime time = dates
                    ? LocalDate.parse(text).atStartOfDay()
                    : OffsetDateTime.parse(text)
                            .withOffsetSameInstant(ZoneOffset.UTC)
                            .toLocalDateTime();
            if (time.getYear() < 1 || time.getYear() > 9_999) {
                throw new Refusal(path, shown(node) + " (expected: a year from 1 to 9999)");
            }
            return time;
        } catch (DateTimeException e) {
            throw new Refusal(
                    path,
                    shown(node) + " (expected: a whole number, "
                            + (dates ? "a date like 2026-01-31" : "a moment like 2026-01-31T00:00:00Z") + ")");
        }
    }

    private static String text(String path, JsonNode node) {
        if (!node.isString()) {
            throw new Refusal(
                    path, shown(node) + " (expected: a whole number, a date or a moment, as in the range's other end)");
        }
        return node.stringValue();
    }

    private static JsonNode required(String path, JsonNode range, String name) {
        JsonNode node = range.get(name);
        if (node == null) {
            throw new Refusal(path + "/" + name, "missing (expected: where the range begins and ends)");
        }
        return node;
    }

    private static String shown(@Nullable JsonNode node) {
        if (node == null) {
            return "nothing";
        }
        String text = node.isContainer() ? node.getNodeType().name().toLowerCase(Locale.ROOT) : node.toString();
        return text.length() <= 80 ? text : text.substring(0, 80) + "...";
    }

    /** Leaves the reading; never leaves this class. */
    private static final class Refusal extends RuntimeException {
        private static final long serialVersionUID = 1;
        private final String path;

        Refusal(String path, String problem) {
            super(problem, null, false, false);
            this.path = path;
        }
    }
}
