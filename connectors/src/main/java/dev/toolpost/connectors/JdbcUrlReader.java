package dev.toolpost.connectors;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads the address of a database: {@code jdbc:DRIVER://HOST:PORT/DATABASE} and nothing else, so that neither a definition nor a
 * connection's variable can hand the driver a property, a second host or a file. Used once.
 */
final class JdbcUrlReader {
    private static final Pattern SHAPE = Pattern.compile(
            "jdbc:[a-z][a-z0-9]{1,30}://(?<host>\\{[A-Za-z0-9_]+}|[A-Za-z0-9.-]+)(?::(?<port>\\{[A-Za-z0-9_]+}|[0-9]{1,5}))?/(?<name>\\{[A-Za-z0-9_]+}|[A-Za-z0-9_-]+)");

    private final Section section;
    private final Map<String, Variable> variables;

    JdbcUrlReader(Section section, Map<String, Variable> variables) {
        this.section = section;
        this.variables = variables;
    }

    @Nullable
    BaseUrl read() {
        var shape = SHAPE.matcher(section.text());
        if (!shape.matches()) {
            section.error(
                    "base_url: '" + section.text() + "' (expected: jdbc:DRIVER://HOST:PORT/DATABASE and nothing else)",
                    "what stands behind a question mark elsewhere goes under driver");
            return null;
        }
        TextTemplate template = section.parsed(TextTemplate::parse);
        boolean host = holds("host", shape.group("host"), Set.of(Variable.Kind.HOST));
        boolean port = holds("port", shape.group("port"), Set.of(Variable.Kind.PORT));
        boolean name = holds("name", shape.group("name"), Set.of(Variable.Kind.SEGMENT, Variable.Kind.WORD));
        return host && port && name && template != null ? new BaseUrl(template, variables) : null;
    }

    private boolean holds(String what, @Nullable String place, Set<Variable.Kind> kinds) {
        if (place == null || !place.startsWith("{")) {
            return true;
        }
        String name = place.substring(1, place.length() - 1);
        Variable variable = variables.get(name);
        if (variable != null && kinds.contains(variable.kind())) {
            return true;
        }
        List<String> expected = kinds.stream().map(Variable.Kind::text).sorted().toList();
        section.error(
                variable == null
                        ? "base_url names the unknown variable '" + name + "'"
                        : "base_url: the variable '" + name + "' of kind "
                                + variable.kind().text() + " cannot be the " + what,
                "declare it under variables with kind " + String.join(" or ", expected));
        return false;
    }
}
