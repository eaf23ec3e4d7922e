package dev.toolpost.connectors;

import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the limits of a definition. Used once. */
final class LimitReader {
    private static final Duration DAY = Duration.ofDays(1);

    private final String vendor;
    private final Set<String> toolKeys;
    private final SequencedMap<String, Tool> tools;
    private final List<String> authKinds;

    /**
     * @param toolKeys short names of all tools
     * @param tools by full name, those that could be read
     */
    LimitReader(String vendor, Set<String> toolKeys, SequencedMap<String, Tool> tools, List<String> authKinds) {
        this.vendor = vendor;
        this.toolKeys = toolKeys;
        this.tools = tools;
        this.authKinds = authKinds;
    }

    /** The limits; what is wrong is reported and left out. */
    List<Limit> read(@Nullable Section section) {
        List<Limit> limits = new ArrayList<>();
        if (section != null) {
            section.members().forEach((name, one) -> {
                Limit limit = limit(name, one);
                if (limit != null) {
                    limits.add(limit);
                }
            });
        }
        return limits;
    }

    private @Nullable Limit limit(String name, Section one) {
        Limit.Kind kind = Limit.Kind.of(one.text("kind"));
        Limit.Scope scope = Limit.Scope.of(one.text("scope"));
        Duration window = one.durationOrNull("window");
        if (kind == Limit.Kind.CONCURRENT && window != null) {
            one.get("window")
                    .error("a concurrent limit has no window", "remove it, or name the kind that the vendor enforces");
            return null;
        }
        if (window != null && window.isZero()) {
            one.get("window").error("window: " + one.text("window") + " (expected: more than nothing)", "");
            return null;
        }
        if (scope == Limit.Scope.CONNECTION && one.has("tools")) {
            one.get("tools")
                    .error(
                            "a limit of scope connection counts every tool",
                            "write scope: group where these tools share the permits, scope: tool where each has its own");
            return null;
        }
        if (kind == Limit.Kind.CONCURRENT && isRefused(one, "settle", "corrections")) {
            return null;
        }
        if (!(kind == Limit.Kind.FIXED && DAY.equals(window)) && isRefused(one, "resets_at")) {
            return null;
        }
        Set<String> counted = counted(one);
        LimitCost cost = cost(one, counted);
        Feedback feedback = feedback(one);
        WindowReset reset = one.has("resets_at") ? reset(one) : null;
        Section per = one.find("per");
        if (per != null && !isPer(per, one, scope, counted)) {
            return null;
        }
        if (cost == null || feedback == null || (reset == null && one.has("resets_at"))) {
            return null;
        }
        return new Limit(
                name,
                scope,
                kind,
                one.number("permits", 1),
                window,
                counted,
                kinds(one),
                one.durationOrNull("throttle_pause"),
                one.durationOrNull("throttle_pause_max"),
                one.has("interactive_reserve")
                        ? one.get("interactive_reserve").node().asDouble()
                        : Limit.DEFAULT_INTERACTIVE_RESERVE,
                cost,
                feedback,
                reset,
                per == null ? null : per.text("argument"));
    }

    /** Whether every call that counts has the argument, so that no value's permits are another's. */
    private boolean isPer(Section per, Section one, Limit.Scope scope, Set<String> counted) {
        String argument = per.text("argument");
        if (scope == Limit.Scope.CONNECTION || counted.isEmpty()) {
            per.error(
                    "not every tool has the argument '" + argument + "'",
                    "write scope: group (or tool), and the tools that have it");
            return false;
        }
        if (isRefused(one, "settle", "corrections")) {
            return false;
        }
        for (String name : counted) {
            Tool tool = tools.get(name);
            if (tool != null && !tool.arguments().path("properties").has(argument)) {
                per.get("argument").error(name + " has no argument '" + argument + "'", "");
                return false;
            }
        }
        return true;
    }

    private static boolean isRefused(Section one, String... keys) {
        for (String key : keys) {
            if (one.has(key)) {
                boolean daily = key.equals("resets_at");
                one.get(key)
                        .error(
                                key + " does not go with this kind of limit",
                                daily ? "write kind: fixed and window: 1d, or remove it" : "remove it");
                return true;
            }
        }
        return false;
    }

    private Set<String> counted(Section one) {
        Set<String> counted = new LinkedHashSet<>();
        for (Section tool : itemsOf(one, "tools")) {
            if (toolKeys.contains(tool.text())) {
                counted.add(vendor + "_" + tool.text());
            } else {
                ConnectorReader.unknown(tool, "tool", toolKeys);
            }
        }
        return counted;
    }

    private Set<String> kinds(Section one) {
        Set<String> kinds = new LinkedHashSet<>();
        for (Section kind : itemsOf(one, "auth")) {
            if (authKinds.contains(kind.text())) {
                kinds.add(kind.text());
            } else {
                ConnectorReader.unknown(kind, "auth kind", authKinds);
            }
        }
        return kinds;
    }

    // ---- costs ----

    private @Nullable LimitCost cost(Section one, Set<String> counted) {
        int permits = one.number("permits", 1);
        int constant = one.number("cost", 1);
        if (one.has("cost") && !fits(one.get("cost"), constant, permits)) {
            return null;
        }
        Map<String, Integer> byTool = new LinkedHashMap<>();
        Section costs = one.find("costs");
        if (costs != null) {
            for (Map.Entry<String, Section> each : costs.members().entrySet()) {
                String tool = vendor + "_" + each.getKey();
                if (!toolKeys.contains(each.getKey()) || (!counted.isEmpty() && !counted.contains(tool))) {
                    String known = NearestName.of(each.getKey(), toolKeys);
                    one.problems()
                            .errorAtKey(
                                    each.getValue().pointer(),
                                    "unknown tool '" + each.getKey() + "'",
                                    known == null
                                            ? "name a tool that the limit counts"
                                            : "did you mean '" + known + "'?");
                    return null;
                }
                int own = each.getValue().node().asInt();
                if (!fits(each.getValue(), own, permits)) {
                    return null;
                }
                byTool.put(tool, own);
            }
        }
        Section from = one.find("cost_from");
        if (from == null) {
            return new LimitCost(constant, byTool, null);
        }
        if (from.has("expression")) {
            LimitCost.FromExpression expression = fromExpression(from, counted, constant, permits);
            return expression == null ? null : new LimitCost(constant, byTool, null, expression);
        }
        LimitCost.FromArgument argument = fromArgument(from, counted, constant, permits);
        return argument == null ? null : new LimitCost(constant, byTool, argument);
    }

    /** A constant above the permits could never be had. */
    private static boolean fits(Section cost, int value, int permits) {
        if (value > permits) {
            cost.error(
                    "a call that costs " + value + " never gets its permits of " + permits,
                    "look at permits and cost again");
            return false;
        }
        return true;
    }

    private static LimitCost.@Nullable FromExpression fromExpression(
            Section from, Set<String> counted, int constant, int permits) {
        ViewExpression expression = from.get("expression").parsed(ViewExpression::compile);
        int otherwise = from.number("default", constant);
        int max = from.number("max", permits);
        return expression != null && fits(from.get("max"), max, permits) && otherwise <= max
                ? new LimitCost.FromExpression(expression, counted, otherwise, max)
                : null;
    }

    private LimitCost.@Nullable FromArgument fromArgument(
            Section from, Set<String> counted, int constant, int permits) {
        String argument = from.text("argument");
        Set<String> having = new LinkedHashSet<>();
        tools.forEach((name, tool) -> {
            if ((counted.isEmpty() || counted.contains(name))
                    && tool.arguments().path("properties").has(argument)) {
                having.add(name);
            }
        });
        if (having.isEmpty() && tools.size() == toolKeys.size()) {
            from.get("argument").error("no tool that the limit counts has the argument '" + argument + "'", "");
            return null;
        }
        int otherwise = from.number("default", constant);
        if (from.has("default") && !fits(from.get("default"), otherwise, permits)) {
            return null;
        }
        return new LimitCost.FromArgument(
                argument,
                having,
                from.has("times") ? from.get("times").node().asDouble() : 1,
                from.number("plus", 0),
                otherwise,
                from.number("max", Integer.MAX_VALUE));
    }

    // ---- what answers say ----

    private static @Nullable Feedback feedback(Section one) {
        Section settle = one.find("settle");
        ValueSource cost = settle == null ? null : WaitReader.value(settle);
        if (settle != null && cost == null) {
            return null;
        }
        Section corrections = one.find("corrections");
        if (corrections == null) {
            return new Feedback(List.of(), cost, null, null, null, null);
        }
        Section reset = corrections.find("reset");
        WaitSource resetsIn = reset == null ? null : WaitReader.source(reset);
        if (reset != null && resetsIn == null) {
            return null;
        }
        Feedback feedback = new Feedback(
                ErrorRulesReader.headers(corrections.find("when")),
                cost,
                value(corrections, "remaining"),
                value(corrections, "used"),
                value(corrections, "limit"),
                resetsIn);
        if (feedback.remaining() == null && feedback.used() == null && feedback.limit() == null) {
            corrections.error(
                    "nothing of the answer is named that could correct the limit", "add remaining, used or limit");
            return null;
        }
        return feedback;
    }

    private static @Nullable ValueSource value(Section corrections, String name) {
        Section source = corrections.find(name);
        return source == null ? null : WaitReader.value(source);
    }

    private static @Nullable WindowReset reset(Section one) {
        ZoneId zone = WaitReader.zone(one);
        return zone == null ? null : new WindowReset(LocalTime.parse(one.text("resets_at")), zone);
    }

    private static List<Section> itemsOf(Section section, String name) {
        Section list = section.find(name);
        return list == null ? List.of() : list.items();
    }
}
