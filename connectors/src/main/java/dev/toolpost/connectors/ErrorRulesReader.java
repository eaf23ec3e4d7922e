package dev.toolpost.connectors;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonPointer;
import tools.jackson.databind.JsonNode;

/** Reads the rules by which answers are told to be errors. Used once. */
final class ErrorRulesReader {
    private final @Nullable Section section;
    private final RetryRules retry;
    private final Set<String> limits;
    private final boolean sql;
    private final String vendor;
    private final Set<String> toolKeys;

    /**
     * Reads rules.
     *
     * @param limits names of the connector's limits
     * @param sql whether errors have an SQLSTATE, and no status
     * @param toolKeys short names of the connector's tools, which rules may be about
     */
    ErrorRulesReader(
            @Nullable Section section,
            RetryRules retry,
            Set<String> limits,
            boolean sql,
            String vendor,
            Set<String> toolKeys) {
        this.section = section;
        this.retry = retry;
        this.limits = limits;
        this.sql = sql;
        this.vendor = vendor;
        this.toolKeys = toolKeys;
    }

    ErrorRules read() {
        if (section == null) {
            return new ErrorRules(standard(retry, sql), List.of(), List.of(), List.of());
        }
        List<ErrorRule> rules = new ArrayList<>();
        Section own = section.find("rules");
        if (own != null) {
            for (Section one : own.items()) {
                ErrorRule rule = rule(one);
                if (rule != null) {
                    rules.add(rule);
                }
            }
        }
        rules.addAll(standard(retry, sql));
        return new ErrorRules(
                rules,
                section.jsonPointers("message"),
                section.jsonPointers("vendor_code"),
                fields(section.find("fields")));
    }

    /** The rules that follow a connector's own. */
    static List<ErrorRule> standard(RetryRules retry, boolean sql) {
        return sql ? StandardSqlErrors.rules() : StandardErrorRules.after(retry);
    }

    private static List<FieldErrors> fields(@Nullable Section fields) {
        return fields == null
                ? List.of()
                : fields.items().stream()
                        .map(one -> new FieldErrors(
                                one.get("at").jsonPointer(),
                                one.jsonPointers("field"),
                                one.jsonPointers("message"),
                                one.textOrNull("join")))
                        .toList();
    }

    private @Nullable ErrorRule rule(Section one) {
        Section when = one.get("when");
        if (!areOfExecutor(when)) {
            return null;
        }
        StatusSet statuses = statuses(when.find("status"));
        if (statuses == null) {
            return null;
        }
        Meaning meaning = Meaning.of(one.text("means"));
        if (sql && (meaning == Meaning.SUCCESS || meaning == Meaning.REDIRECT)) {
            one.get("means")
                    .error(
                            meaning + " is nothing that an error of executor sql can mean",
                            "its transaction was undone; write an error code, TRANSIENT, or END_OF_DATA for the end of a list");
            return null;
        }
        Patience patience = patience(one, meaning);
        if (patience == null) {
            return null;
        }
        String endsAs = one.textOrNull("ends_as");
        if (endsAs != null && meaning != Meaning.TRANSIENT) {
            one.get("ends_as").error("after " + meaning + " no attempts are counted", "ends_as goes with TRANSIENT");
            return null;
        }
        return new ErrorRule(
                tools(one.find("tools")),
                statuses,
                headers(when.find("headers")),
                conditions(when),
                meaning,
                one.flag("not_processed", false) || meaning == Meaning.THROTTLED,
                patience,
                endsAs == null ? null : Meaning.of(endsAs),
                one.textOrNull("message"),
                one.textOrNull("remedy"));
    }

    /** How long to wait after a match, and of what; null where that was wrong. */
    private @Nullable Patience patience(Section one, Meaning meaning) {
        for (String key : List.of("pause", "wait")) {
            if (one.has(key) && meaning != Meaning.THROTTLED && meaning != Meaning.TRANSIENT) {
                one.get(key).error("nothing waits after " + meaning, "a " + key + " goes with THROTTLED or TRANSIENT");
                return null;
            }
        }
        for (String key : List.of("pause_max", "limits")) {
            if (one.has(key) && meaning != Meaning.THROTTLED) {
                one.get(key).error("no limit pauses after " + meaning, key + " goes with THROTTLED");
                return null;
            }
        }
        Set<String> paused = new LinkedHashSet<>();
        Section names = one.find("limits");
        if (names != null) {
            for (Section name : names.items()) {
                if (!limits.contains(name.text())) {
                    ConnectorReader.unknown(name, "limit", limits);
                }
                paused.add(name.text());
            }
        }
        Duration pause = one.durationOrNull("pause");
        Duration pauseMax = one.durationOrNull("pause_max");
        if (pause != null && pauseMax != null && pauseMax.compareTo(pause) < 0) {
            one.get("pause_max").error("pause_max is shorter than pause", "exchange them");
            return null;
        }
        Section waits = one.find("wait");
        return new Patience(waits == null ? null : WaitReader.rules(waits), pause, pauseMax, paused);
    }

    private boolean areOfExecutor(Section when) {
        for (String key : sql ? List.of("status", "headers") : List.of("sqlstate")) {
            Section other = when.find(key);
            if (other != null) {
                other.problems()
                        .errorAtKey(
                                other.pointer(),
                                key + " is nothing that an error of executor " + (sql ? "sql" : "http") + " has",
                                sql ? "write sqlstate, or body for what else is known of it" : "write status");
                return false;
            }
        }
        return true;
    }

    private static List<BodyCondition> conditions(Section when) {
        List<BodyCondition> conditions = body(when.find("body"));
        Section states = when.find("sqlstate");
        if (states != null) {
            conditions.add(StandardSqlErrors.condition(
                    states.itemsOrSelf().stream().map(Section::text).toList()));
        }
        return conditions;
    }

    private Set<String> tools(@Nullable Section list) {
        Set<String> tools = new LinkedHashSet<>();
        if (list != null) {
            for (Section tool : list.items()) {
                if (toolKeys.contains(tool.text())) {
                    tools.add(vendor + "_" + tool.text());
                } else {
                    ConnectorReader.unknown(tool, "tool", toolKeys);
                }
            }
        }
        return tools;
    }

    /** The statuses of a condition, all but 2xx where it names none; null where one was wrong. */
    static @Nullable StatusSet statuses(@Nullable Section status) {
        if (status == null) {
            return StatusSet.notSuccessful();
        }
        StatusSet statuses = StatusSet.of(List.of());
        for (Section item : status.itemsOrSelf()) {
            StatusSet parsed = item.parsed(StatusSet::parse);
            if (parsed == null) {
                return null;
            }
            statuses = statuses.union(parsed);
        }
        return statuses;
    }

    static List<HeaderCondition> headers(@Nullable Section headers) {
        List<HeaderCondition> conditions = new ArrayList<>();
        if (headers != null) {
            headers.members().forEach((name, value) -> {
                HeaderCondition.Predicate predicate = headerPredicate(value);
                if (predicate != null) {
                    conditions.add(new HeaderCondition(name, predicate));
                }
            });
        }
        return conditions;
    }

    private static HeaderCondition.@Nullable Predicate headerPredicate(Section value) {
        if (!value.node().isObject()) {
            return new HeaderCondition.EqualToAny(
                    value.itemsOrSelf().stream().map(Section::text).toList());
        }
        if (isMixed(value)) {
            return null;
        }
        if (value.has("exists")) {
            return new HeaderCondition.Exists(value.flag("exists", true));
        }
        NumberRange range = range(value);
        if (range != null) {
            return new HeaderCondition.Within(range);
        }
        TextPattern pattern = value.get("matches").parsed(TextPattern::compile);
        return pattern == null ? null : new HeaderCondition.Matches(pattern);
    }

    static List<BodyCondition> body(@Nullable Section body) {
        List<BodyCondition> conditions = new ArrayList<>();
        if (body != null) {
            body.members().forEach((pointer, value) -> {
                BodyCondition.Predicate predicate = bodyPredicate(value);
                if (predicate != null) {
                    conditions.add(new BodyCondition(JsonPointer.compile(pointer), predicate));
                }
            });
        }
        return conditions;
    }

    /** Two bounds of a number go together; nothing else does. */
    private static boolean isMixed(Section value) {
        boolean mixed = value.node().size() > 1 && !(value.has("at_least") && value.has("at_most"));
        if (mixed) {
            value.error("two conditions on one place", "keep one; only at_least and at_most go together");
        }
        return mixed;
    }

    static BodyCondition.@Nullable Predicate bodyPredicate(Section value) {
        JsonNode node = value.node();
        if (node.isArray()) {
            return new BodyCondition.EqualToAny(node.valueStream().toList());
        }
        if (!node.isObject()) {
            return new BodyCondition.EqualToAny(List.of(node));
        }
        if (isMixed(value)) {
            return null;
        }
        if (value.has("exists")) {
            return new BodyCondition.Exists(value.flag("exists", true));
        }
        if (value.has("not")) {
            JsonNode refused = value.get("not").node();
            return new BodyCondition.NoneOf(
                    refused.isArray() ? refused.valueStream().toList() : List.of(refused));
        }
        NumberRange range = range(value);
        if (range != null) {
            return new BodyCondition.Within(range);
        }
        TextPattern pattern = value.get("matches").parsed(TextPattern::compile);
        return pattern == null ? null : new BodyCondition.Matches(pattern);
    }

    private static @Nullable NumberRange range(Section value) {
        return value.has("at_least") || value.has("at_most")
                ? new NumberRange(bound(value.find("at_least")), bound(value.find("at_most")))
                : null;
    }

    private static @Nullable BigDecimal bound(@Nullable Section bound) {
        return bound == null ? null : bound.node().decimalValue();
    }
}
