package dev.toolpost.connectors;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** Warnings about a definition that loads but would serve badly. Used once. */
final class LintRules {
    private static final int THIN_TOOL = 40;
    private static final int THIN_ARGUMENT = 8;

    private final Connector connector;
    private final Problems problems;

    LintRules(Connector connector, Problems problems) {
        this.connector = connector;
        this.problems = problems;
    }

    void apply() {
        connector.tools().values().forEach(this::tool);
        sameDescriptions();
        limits();
        waits();
        unreachableRules();
        unusedVariables();
    }

    private void tool(Tool tool) {
        String at = "/tools/" + tool.name().substring(connector.vendor().length() + 1);
        if (tool.description().length() < THIN_TOOL) {
            problems.warning(
                    at + "/description",
                    "the description is thin for a language model ("
                            + tool.description().length() + " characters)",
                    "say what the tool returns, when to use it and what its arguments look like");
        }
        if (tool.effect() == Effect.READ && !tool.idempotent()) {
            problems.warning(
                    at + "/idempotent",
                    "a read that is not idempotent is not repeated after a failure",
                    "remove idempotent: false");
        }
        if (tool.idempotent() && tool.idempotencyKeyHeader() != null && tool.effect() == Effect.READ) {
            problems.warning(at + "/idempotency_key_header", "a read needs no idempotency key", "remove it");
        }
        arguments(tool, at + "/arguments");
        keyInBody(tool, at);
    }

    /** A model that reads the same of two tools takes either. */
    private void sameDescriptions() {
        Map<String, String> seen = new HashMap<>();
        for (Tool tool : connector.tools().values()) {
            String other = seen.putIfAbsent(tool.description(), tool.name());
            if (other != null) {
                problems.warning(
                        "/tools/" + tool.name().substring(connector.vendor().length() + 1) + "/description",
                        "the description is the same as that of " + other,
                        "say when to use which");
            }
        }
    }

    private void keyInBody(Tool tool, String at) {
        if (!(tool.action() instanceof RequestTemplate request)) {
            return;
        }
        String method = request.method();
        if (method.equals("GET") || method.equals("DELETE")) {
            connector.auth().stream()
                    .filter(Auth.ApiKeyBody.class::isInstance)
                    .forEach(auth -> problems.warning(
                            at + "/request",
                            "connections that authenticate by " + auth.id() + " cannot call it: a " + method
                                    + " has no body for the key",
                            "write method: POST where the vendor takes it"));
        }
    }

    private void arguments(Tool tool, String at) {
        JsonNode schema = tool.arguments();
        if (!schema.has("additionalProperties") && !schema.has("unevaluatedProperties")) {
            problems.warning(at, "misspelt arguments pass unnoticed", "say additionalProperties: false");
        }
        for (String keyword : List.of("oneOf", "anyOf", "allOf", "not", "enum")) {
            if (schema.has(keyword)) {
                problems.warningAtKey(
                        at + "/" + keyword,
                        keyword + " at the top of the arguments is refused by some models' interfaces",
                        "move it into a property, or describe it in words");
            }
        }
        for (String name : schema.get("properties").propertyNames()) {
            if (name.equals(Paging.LIMIT) || name.equals(Paging.NEXT_CURSOR)) {
                continue;
            }
            JsonNode argument = schema.get("properties").get(name);
            String description = argument.path("description").asString("");
            if (description.length() < THIN_ARGUMENT && !argument.has("$ref")) {
                problems.warningAtKey(
                        PositionedYaml.child(at + "/properties", name),
                        "the argument '" + name + "' has "
                                + (description.isEmpty() ? "no description" : "a thin description"),
                        "say what it is, its format and an example");
            }
        }
    }

    private void limits() {
        if (connector.limits().isEmpty()) {
            problems.warning(
                    "",
                    "no limits: only the vendor's own throttling holds calls back",
                    "add what the vendor documents under limits");
        }
        for (Limit limit : connector.limits()) {
            String at = "/limits/" + limit.name();
            long reserved =
                    Math.max(limit.permits() >= 10 ? 1 : 0, Math.round(limit.permits() * limit.interactiveReserve()));
            if (reserved >= limit.permits()) {
                problems.warning(
                        at + "/interactive_reserve",
                        "the reserve leaves batch calls nothing of " + limit.permits() + " permits",
                        "lower it");
            }
            Duration window = limit.window();
            if (window != null && window.compareTo(Duration.ofMillis(100)) < 0) {
                problems.warning(
                        at + "/window",
                        "a window of " + window.toMillis() + " ms is below what a network keeps apart",
                        "write it as permits per second");
            }
        }
        shadowedLimits();
    }

    private void waits() {
        List<WaitRule> waits = connector.retry().waits();
        for (int i = 0; i < waits.size(); i++) {
            boolean always = waits.get(i).sources().stream()
                    .anyMatch(source -> source.form() == WaitSource.Form.MIDNIGHT && source.remaining() == null);
            if (always) {
                problems.warning(
                        "/retry/waits/" + i,
                        "every passing error would wait until midnight",
                        "put it under wait of the rule that it belongs to, or say remaining");
            }
        }
    }

    /** A limit that a stricter one with the same scope and the same tools makes idle. */
    private void shadowedLimits() {
        for (Limit limit : connector.limits()) {
            for (Limit other : connector.limits()) {
                Duration window = limit.window();
                Duration otherWindow = other.window();
                if (!limit.name().equals(other.name())
                        && limit.scope() == other.scope()
                        && limit.tools().equals(other.tools())
                        && limit.authKinds().equals(other.authKinds())
                        && limit.cost().equals(other.cost())
                        && Objects.equals(limit.perArgument(), other.perArgument())
                        && window != null
                        && otherWindow != null
                        && otherWindow.compareTo(window) >= 0
                        && other.permits() <= limit.permits()
                        && !(other.permits() == limit.permits() && otherWindow.equals(window))) {
                    problems.warningAtKey(
                            "/limits/" + limit.name(),
                            "never reached: " + other.name() + " allows no more in a window that is no shorter",
                            "remove it, or look at its numbers again");
                    break;
                }
            }
        }
    }

    private void unreachableRules() {
        List<ErrorRule> own = ownRules();
        StatusSet decided = StatusSet.of(List.of());
        Set<List<Object>> conditions = new HashSet<>();
        for (int i = 0; i < own.size(); i++) {
            ErrorRule rule = own.get(i);
            String at = "/errors/rules/" + i;
            if (rule.statuses().minus(decided).isEmpty()) {
                problems.warning(
                        at, "never reached: the rules above decide on all its statuses", "move it up, or remove it");
            } else if (!conditions.add(List.of(
                    rule.tools(),
                    rule.statuses(),
                    rule.headers().toString(),
                    rule.body().toString()))) {
                problems.warning(at, "never reached: a rule above has the same conditions", "remove one of them");
            } else if (own.subList(0, i).stream().anyMatch(above -> asksForLess(above, rule))) {
                problems.warning(
                        at, "never reached: a rule above asks for less and decides first", "move it up, or remove it");
            }
            partlyReached(rule, own.subList(0, i), at);
            if (rule.meaning() == Meaning.END_OF_DATA
                    && connector.tools().values().stream().noneMatch(rule::concerns)) {
                problems.warning(at, "never reached: no tool that it is about has pages", "remove it");
            }
            if (rule.headers().isEmpty() && rule.body().isEmpty()) {
                if (rule.tools().isEmpty() && rule.meaning() != Meaning.END_OF_DATA) {
                    decided = decided.union(rule.statuses());
                }
                if (rule.statuses().contains(200) && rule.meaning() != Meaning.SUCCESS) {
                    problems.warning(
                            at, "every answer with status 200 would be an error", "add a condition on the body");
                }
            }
        }
    }

    /** A specific status behind a range that has it; the other way round is how rules are meant to be written. */
    private void partlyReached(ErrorRule rule, List<ErrorRule> allAbove, String at) {
        for (ErrorRule above : allAbove) {
            StatusSet left = rule.statuses().minus(above.statuses());
            boolean decides = above.headers().isEmpty()
                    && above.body().isEmpty()
                    && above.tools().isEmpty()
                    && above.meaning() != Meaning.END_OF_DATA;
            if (decides
                    && !left.isEmpty()
                    && !left.equals(rule.statuses())
                    && !above.statuses().minus(rule.statuses()).isEmpty()) {
                problems.warning(
                        at,
                        "never reached with status " + rule.statuses().minus(left) + ": a rule above decides on status "
                                + above.statuses(),
                        "move it up, or remove the status");
                return;
            }
        }
    }

    private static boolean asksForLess(ErrorRule above, ErrorRule rule) {
        boolean endsPagedOnesOnly = above.meaning() == Meaning.END_OF_DATA && rule.meaning() != Meaning.END_OF_DATA;
        return !endsPagedOnesOnly
                && (above.tools().isEmpty()
                        || (!rule.tools().isEmpty() && above.tools().containsAll(rule.tools())))
                && rule.statuses().minus(above.statuses()).isEmpty()
                && texts(rule.headers()).containsAll(texts(above.headers()))
                && texts(rule.body()).containsAll(texts(above.body()));
    }

    private static Set<String> texts(List<?> conditions) {
        Set<String> texts = new HashSet<>();
        conditions.forEach(condition -> texts.add(condition.toString()));
        return texts;
    }

    private List<ErrorRule> ownRules() {
        int standard = ErrorRulesReader.standard(connector.retry(), connector.database() != null)
                .size();
        List<ErrorRule> all = connector.errors().rules();
        return new ArrayList<>(all.subList(0, all.size() - standard));
    }

    private void unusedVariables() {
        Set<String> used = new HashSet<>(connector.baseUrl().template().arguments());
        connector.baseUrls().values().forEach(own -> used.addAll(own.template().arguments()));
        connector.toolUrls().values().forEach(own -> used.addAll(own.template().arguments()));
        for (Auth auth : connector.auth()) {
            auth.addresses().forEach(address -> used.addAll(address.template().arguments()));
            used.addAll(auth.templateNames());
        }
        if (connector.database() != null) {
            connector.database().driver().values().forEach(property -> used.addAll(property.arguments()));
        }
        for (Variable variable : connector.variables()) {
            if (!used.contains(variable.name())) {
                problems.warningAtKey(
                        PositionedYaml.child("/variables", variable.name()),
                        "the variable '" + variable.name() + "' is used nowhere",
                        "put it into base_url, token_url or another place of auth, or remove it");
            }
        }
    }
}
