package dev.toolpost.connectors;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Holds docs/connectors.md against the format. */
class ReferenceTest {
    private static final String PAGE = read();

    @Test
    void namesEveryKey() {
        Set<String> keys = new LinkedHashSet<>();
        collectKeys(JsonMapper.shared().readTree(ConnectorLoader.formatSchema()), keys);

        assertThat(keys)
                .hasSizeGreaterThan(60)
                .allSatisfy(key -> assertThat(PAGE).containsPattern("`[^`\n]*\\b" + key + "\\b[^`\n]*`"));
    }

    @Test
    void everyExampleIsAccepted() {
        ConnectorLinter linter = new ConnectorLinter(new ConnectorLoader());
        List<String> examples = Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL)
                .matcher(PAGE)
                .results()
                .map((MatchResult match) -> match.group(1))
                .toList();

        assertThat(examples).hasSizeGreaterThan(6);
        for (String example : examples) {
            List<Problem> problems = linter.lint("example.yaml", completed(example)).stream()
                    .filter(problem -> example.contains("vendor: ") || problem.severity() == Problem.Severity.ERROR)
                    .toList();
            assertThat(problems).as(completed(example)).isEmpty();
        }
    }

    /** Puts a part of a definition into a whole one. */
    private static String completed(String example) {
        if (example.contains("vendor: ")) {
            return example;
        }
        String part = example.substring(0, example.indexOf(':'));
        boolean ofTool = Set.of("request", "operation", "paging", "views").contains(part);
        StringBuilder whole = new StringBuilder("vendor: acme\ntitle: Acme\n");
        if (!part.equals("base_url")) {
            whole.append("base_url: https://api.acme.example\n");
        }
        if (example.contains("keep:")) {
            whole.append("variables: { api_url: { kind: url, default: https://api.acme.example } }\n");
        }
        if (!part.equals("auth")) {
            whole.append("auth: [{ kind: none }]\n");
        }
        if (!ofTool) {
            whole.append(example);
        }
        whole.append("tools:\n");
        for (String tool : List.of("search_things", "search_makers")) {
            whole.append("  ").append(tool).append(":\n");
            boolean writes = Pattern.compile("method: (PUT|PATCH|DELETE)")
                    .matcher(example)
                    .find();
            whole.append("    description: An example.\n    effect: ").append(writes ? "write\n" : "read\n");
            if (part.equals("request")) {
                Set<String> names = new LinkedHashSet<>(List.of("notify", "mode", "priority"));
                Pattern.compile("\\{([a-z_]+)(\\||\\})")
                        .matcher(example)
                        .results()
                        .forEach(one -> names.add(one.group(1)));
                String list = String.join(", ", names);
                whole.append("    arguments: { type: object, required: [")
                        .append(list)
                        .append("], properties: { ");
                whole.append(String.join(": {}, ", names)).append(": {} } }\n");
            } else {
                whole.append("    request: { path: /things }\n");
            }
            if (ofTool) {
                whole.append(example.indent(4));
            }
        }
        return whole.toString();
    }

    private static void collectKeys(JsonNode schema, Set<String> keys) {
        schema.properties().forEach(member -> {
            if (member.getKey().equals("properties") && isArguments(member.getValue())) {
                return;
            }
            if (member.getKey().equals("properties")) {
                keys.addAll(member.getValue().propertyNames());
            }
            if (!Set.of("examples", "default").contains(member.getKey())) {
                collectKeys(member.getValue(), keys);
            }
        });
        if (schema.isArray()) {
            schema.forEach(item -> collectKeys(item, keys));
        }
    }

    /** The keys of a JSON Schema are not ours to explain. */
    private static boolean isArguments(JsonNode properties) {
        return properties.has("required") && properties.has("type");
    }

    private static String read() {
        try {
            return Files.readString(Path.of("../docs/connectors.md"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
