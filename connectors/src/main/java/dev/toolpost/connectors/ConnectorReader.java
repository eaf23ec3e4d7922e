package dev.toolpost.connectors;

import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.JsonNodeFactory;

/** Turns a definition that fits the format's schema into a {@link Connector}; what does not hold together is reported. Used once. */
final class ConnectorReader {
    /** Headers that belong to the connection, the body or the credential. */
    static final Set<String> RESERVED_HEADERS = Set.of(
            "authorization",
            "connection",
            "content-encoding",
            "content-length",
            "cookie",
            "expect",
            "host",
            "keep-alive",
            "proxy-authorization",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade");

    private final Section root;
    private final Problems problems;
    private final String vendor;

    ConnectorReader(Section root) {
        this.root = root;
        this.problems = root.problems();
        this.vendor = root.text("vendor");
    }

    /** The connector, or null where errors were reported. */
    @Nullable
    Connector read() {
        SequencedMap<String, Variable> variables = variables();
        boolean sql = root.text("executor", "http").equals("sql");
        BaseUrl baseUrl = sql
                ? new JdbcUrlReader(root.get("base_url"), variables).read()
                : new BaseUrlReader(root.get("base_url"), "base_url", variables).read();
        Database database = database(sql, variables);
        AuthReader authReader = new AuthReader(root.get("auth"), variables);
        List<Auth> auth = authReader.read();
        Timeouts timeouts = timeouts();
        RetryRules retry = retry();
        refuseOtherAuth(sql, auth);
        ErrorRules errors = new ErrorRulesReader(
                        root.find("errors"),
                        retry,
                        root.has("limits") ? root.get("limits").members().keySet() : Set.of(),
                        sql,
                        vendor,
                        root.get("tools").members().keySet())
                .read();
        Map<String, String> headers = headers(root.find("headers"));
        SequencedMap<String, Tool> tools = tools(auth, timeouts, sql);
        List<Limit> limits = new LimitReader(
                        vendor,
                        root.get("tools").members().keySet(),
                        tools,
                        auth.stream().map(Auth::id).toList())
                .read(root.find("limits"));
        SequencedMap<String, BaseUrl> toolUrls = toolUrls(variables);
        ConnectionCheck check = check(root.find("check"), tools, auth);
        if (problems.hasErrors() || baseUrl == null) {
            return null;
        }
        return new Connector(
                vendor,
                root.text("title"),
                root.text("description", ""),
                root.textOrNull("documentation"),
                root.text("pool", Connector.COMMON_POOL),
                baseUrl,
                authReader.baseUrls(),
                toolUrls,
                List.copyOf(variables.sequencedValues()),
                auth,
                headers,
                limits,
                retry,
                errors,
                timeouts,
                database,
                check,
                tools);
    }

    /** The read that proves connections; it has to be one of the connector's, and to change nothing. */
    private @Nullable ConnectionCheck check(
            @Nullable Section section, SequencedMap<String, Tool> tools, List<Auth> auth) {
        if (section == null) {
            return null;
        }
        Section name = section.get("tool");
        Tool tool = tools.get(vendor + "_" + name.text());
        if (tool == null) {
            unknown(name, "tool", root.get("tools").members().keySet());
            return null;
        }
        if (tool.effect() != Effect.READ) {
            name.error("the tool '" + name.text() + "' changes data", "name one that only reads");
        }
        Set<String> known = auth.stream().map(Auth::id).collect(Collectors.toCollection(LinkedHashSet::new));
        Set<String> ids = new LinkedHashSet<>();
        if (section.has("auth")) {
            for (Section id : section.get("auth").items()) {
                ids.add(id.text());
                if (!known.contains(id.text())) {
                    unknown(id, "way to authenticate", known);
                }
            }
        }
        return new ConnectionCheck(
                tool.name(),
                section.has("arguments") ? section.get("arguments").node() : JsonNodeFactory.instance.objectNode(),
                ids,
                section.jsonPointers("shows"));
    }

    /** What belongs to executor sql alone; null for the other. */
    private @Nullable Database database(boolean sql, Map<String, Variable> variables) {
        Section driver = root.find("driver");
        if (!sql) {
            if (driver != null) {
                driver.problems()
                        .errorAtKey(
                                driver.pointer(), "driver goes with executor: sql", "remove it, or name the executor");
            }
            return null;
        }
        SequencedMap<String, TextTemplate> properties = new LinkedHashMap<>();
        if (driver != null) {
            driver.members().forEach((name, value) -> {
                TextTemplate template = value.parsed(TextTemplate::parse);
                if (!Database.PROPERTIES.contains(name)) {
                    String nearest = NearestName.of(name, Database.PROPERTIES);
                    value.problems()
                            .errorAtKey(
                                    value.pointer(),
                                    "a definition may not set the driver's property " + name,
                                    nearest == null
                                            ? "these may be set: "
                                                    + String.join(
                                                            ", ",
                                                            Database.PROPERTIES.stream()
                                                                    .sorted()
                                                                    .toList())
                                            : "did you mean '" + nearest + "'?");
                } else if (template != null) {
                    for (String variable : template.arguments()) {
                        if (!variables.containsKey(variable)) {
                            value.error("{" + variable + "} names no variable", "declare it under variables");
                        }
                    }
                    properties.put(name, template);
                }
            });
        }
        return new Database(properties);
    }

    /** Each executor has its own ways to authenticate. */
    private void refuseOtherAuth(boolean sql, List<Auth> auth) {
        for (int i = 0; i < auth.size(); i++) {
            if (auth.get(i) instanceof Auth.Password != sql) {
                problems.error(
                        "/auth/" + i + "/kind",
                        "auth kind " + auth.get(i).kind() + " does not go with executor: " + (sql ? "sql" : "http"),
                        sql ? "write kind: password" : "password is for databases; write basic for HTTP Basic");
            }
        }
    }

    /** The base URLs of tools that have one of their own. */
    private SequencedMap<String, BaseUrl> toolUrls(Map<String, Variable> variables) {
        SequencedMap<String, BaseUrl> urls = new LinkedHashMap<>();
        root.get("tools").members().forEach((name, tool) -> {
            Section section = tool.find("base_url");
            BaseUrl url = section == null ? null : new BaseUrlReader(section, "base_url", variables).read();
            if (url != null) {
                urls.put(vendor + "_" + name, url);
            }
        });
        return urls;
    }

    private SequencedMap<String, Variable> variables() {
        SequencedMap<String, Variable> variables = new LinkedHashMap<>();
        Section section = root.find("variables");
        if (section == null) {
            return variables;
        }
        section.members().forEach((name, one) -> {
            Section pattern = one.find("pattern");
            Variable variable = new Variable(
                    name,
                    Variable.Kind.of(one.text("kind")),
                    one.text("title", name),
                    one.text("description", ""),
                    one.textOrNull("default"),
                    pattern == null ? null : pattern.parsed(TextPattern::compile),
                    one.has("examples")
                            ? one.get("examples").items().stream()
                                    .map(Section::text)
                                    .toList()
                            : List.of());
            Section standard = one.find("default");
            if (standard != null) {
                standard.parsed(variable::accept);
            }
            variables.put(name, variable);
        });
        return variables;
    }

    /** Constant headers; also those of a tool pass here for their names. */
    static Map<String, String> headers(@Nullable Section section) {
        SequencedMap<String, String> headers = new LinkedHashMap<>();
        if (section != null) {
            section.members().forEach((name, value) -> {
                refuseReserved(value, name);
                headers.put(name, value.text());
            });
        }
        return headers;
    }

    static void refuseReserved(Section header, String name) {
        if (RESERVED_HEADERS.contains(name.toLowerCase(Locale.ROOT))) {
            header.problems()
                    .errorAtKey(
                            header.pointer(),
                            "the header " + name + " cannot be set here",
                            "credentials belong under auth; the rest the HTTP client sets");
        }
    }

    private Timeouts timeouts() {
        Section section = root.find("timeouts");
        Timeouts standard = Timeouts.DEFAULT;
        return section == null
                ? standard
                : new Timeouts(
                        positive(section, "connect", standard.connect()),
                        positive(section, "request", standard.request()));
    }

    /** A duration above zero. */
    static Duration positive(Section section, String name, Duration otherwise) {
        Duration duration = section.duration(name, otherwise);
        if (duration.isZero()) {
            section.get(name).error(name + ": " + section.text(name) + " (expected: more than nothing)", "");
        }
        return duration;
    }

    private RetryRules retry() {
        Section section = root.find("retry");
        RetryRules standard = RetryRules.DEFAULT;
        if (section == null) {
            return standard;
        }
        Duration minDelay = section.duration("min_delay", standard.minDelay());
        Duration maxDelay = section.duration("max_delay", standard.maxDelay());
        if (minDelay.compareTo(maxDelay) > 0) {
            section.error(
                    "min_delay is longer than max_delay (" + minDelay.toMillis() + " ms and " + maxDelay.toMillis()
                            + " ms)",
                    "exchange them");
            return standard;
        }
        Set<Integer> notProcessed = new LinkedHashSet<>(standard.notProcessedStatuses());
        notProcessed.addAll(statuses(section, "not_processed_statuses", Set.of()));
        return new RetryRules(
                section.number("max_attempts", standard.maxAttempts()),
                minDelay,
                maxDelay,
                statuses(section, "transient_statuses", standard.transientStatuses()),
                notProcessed,
                section.has("waits") ? WaitReader.rules(section.get("waits")) : standard.waits());
    }

    private static Set<Integer> statuses(Section section, String name, Set<Integer> otherwise) {
        Section list = section.find(name);
        if (list == null) {
            return otherwise;
        }
        Set<Integer> statuses = new LinkedHashSet<>();
        list.items().forEach(item -> statuses.add(item.node().asInt()));
        return statuses;
    }

    private SequencedMap<String, Tool> tools(List<Auth> auth, Timeouts timeouts, boolean sql) {
        SequencedMap<String, Tool> tools = new LinkedHashMap<>();
        root.get("tools").members().forEach((key, section) -> {
            Tool tool = new ToolReader(section, vendor, key, auth, timeouts, sql).read();
            if (tool != null) {
                tools.put(tool.name(), tool);
            }
        });
        return tools;
    }

    static void unknown(Section name, String what, Collection<String> known) {
        String nearest = NearestName.of(name.text(), known);
        name.error(
                "unknown " + what + " '" + name.text() + "'",
                nearest == null ? "known here: " + String.join(", ", known) : "did you mean '" + nearest + "'?");
    }
}
