package dev.toolpost.connectors;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class LintRulesTest {
    private static final ConnectorLinter LINTER = new ConnectorLinter(new ConnectorLoader());

    @Test
    void aGoodDefinitionHasNoWarnings() {
        assertThat(LINTER.lint("acme.yaml", Definitions.ACME)).isEmpty();
    }

    @Test
    void warnsOfThinDescriptions() {
        assertWarning(
                "Returns one thing with its id, name and size. Use it when the id is known.",
                "Gets a thing",
                "acme.yaml:42:18: warning: the description is thin for a language model (12 characters)");
        assertWarning(", description: Size in millimetres.", "", "the argument 'size' has no description");
    }

    @Test
    void warnsOfArgumentsThatAreNotUsed() {
        assertWarning("        verbose: true\n", "", List.of());
        assertWarning(
                "attributes: [{ key: size, value: \"{size}\" }]",
                "attributes: []",
                "the argument 'size' is used nowhere in the request - use it or remove it");
    }

    @Test
    void warnsOfArgumentsThatPassMisspelt() {
        assertWarning(
                "      type: object\n        additionalProperties: false\n".replace("        add", "      add"),
                "      type: object\n",
                "misspelt arguments pass unnoticed - say additionalProperties: false");
    }

    @Test
    void warnsOfRulesThatAreNeverReached() {
        assertWarning(
                "    - when: { status: [403, 5xx], headers: { X-Limit: { exists: true } } }",
                """
                    - when: { status: 4xx }
                      means: REJECTED
                    - when: { status: [404, 409], body: { /a: 1 } }
                      means: NOT_FOUND
                    - when: { status: [403, 5xx], headers: { X-Limit: { exists: true } } }
                """.stripTrailing(),
                "never reached: the rules above decide on all its statuses");
    }

    @Test
    void warnsOfARuleBelowOneThatAsksForLess() {
        assertWarning(
                "    - when: { status: [403, 5xx], headers: { X-Limit: { exists: true } } }",
                """
                    - when: { status: [403, 404], body: { /a: 1 } }
                      means: REJECTED
                    - when: { status: 404, body: { /a: 1, /b: 2 } }
                      means: NOT_FOUND
                    - when: { status: [403, 5xx], headers: { X-Limit: { exists: true } } }
                """.stripTrailing(),
                "never reached: a rule above asks for less and decides first");
    }

    @Test
    void warnsOfAStatusBehindARangeThatHasIt() {
        String rule = "    - when: { status: [403, 5xx], headers: { X-Limit: { exists: true } } }";
        assertWarning(rule, """
                    - when: { status: 4xx }
                      means: REJECTED
                    - when: { status: 404 }
                      means: NOT_FOUND
                """ + rule, "never reached: the rules above decide on all its statuses");
        assertWarning(rule, """
                    - when: { status: 4xx }
                      means: REJECTED
                    - when: { status: [404, 500] }
                      means: NOT_FOUND
                """ + rule, "never reached with status 404: a rule above decides on status 400-499");
        assertWarning(rule, """
                    - when: { status: 4xx }
                      tools: [get_thing]
                      means: REJECTED
                    - when: { status: 404 }
                      tools: [get_thing]
                      means: NOT_FOUND
                """ + rule, "never reached: a rule above asks for less");
    }

    @Test
    void warnsOfPrivateAddressesAndOfWhatCannotBeSeen() {
        for (String host : List.of(
                "localhost:8080",
                "10.1.2.3",
                "192.168.0.9:80",
                "169.254.169.254",
                "[::1]",
                "[fd00::1]",
                "2130706433",
                "0x7f000001",
                "127.1",
                "0177.0.0.1",
                "localhost.",
                "[64:ff9b::7f00:1]")) {
            assertThat(LINTER.lint(
                            "acme.yaml",
                            Definitions.acme("https://{subdomain}.acme.example/api", "https://" + host + "/api")))
                    .as(host)
                    .anySatisfy(problem ->
                            assertThat(problem.toString()).contains("private network, which workers refuse"));
        }
        assertWarning(
                "Returns one thing with",
                "Returns\u202E one thing with",
                "acme.yaml:42:18: warning: it holds the invisible character U+202E");
        assertWarning("title: Acme", "title: \"Ac\\x1b[2Jme\"", "it holds the invisible character U+001B");
    }

    @Test
    void warnsOfToolsThatAModelCannotTellApart() {
        assertWarning(
                "Lists all things, newest first, one page at a time. Use it to go through all of them.",
                "Returns one thing with its id, name and size. Use it when the id is known.",
                "the description is the same as that of acme_get_thing");
    }

    @Test
    void warnsOfARuleThatMakesEveryAnswerAnError() {
        assertWarning(
                "{ status: 200, body: { /ok: false, /error/code: { matches: \"(?i)^quota\" } } }",
                "{ status: 2xx }",
                "every answer with status 200 would be an error");
    }

    @Test
    void warnsOfLimitsThatCannotWork() {
        assertWarning(
                "    permits: 2\n",
                "    permits: 2\n    interactive_reserve: 0.9\n",
                "the reserve leaves batch calls nothing of 2 permits");
        assertWarning("window: 1s", "window: 20ms", "a window of 20 ms is below what a network keeps apart");
        assertWarning(
                "  lists:",
                "  minute: { scope: connection, kind: sliding, permits: 10, window: 1m }\n  lists:",
                "never reached: minute allows no more in a window that is no shorter");
    }

    @Test
    void warnsOfVariablesThatAreNotUsed() {
        assertWarning(
                "  subdomain:\n    kind: label",
                "  region: { kind: label, title: Region }\n  subdomain:\n    kind: label",
                "the variable 'region' is used nowhere");
    }

    @Test
    void warnsOfAlternativesAtTheTopOfTheArguments() {
        assertWarning(
                "      required: [name]",
                "      required: [name]\n      anyOf: [{ required: [size] }, { required: [name] }]",
                "anyOf at the top of the arguments is refused by some models' interfaces");
    }

    @Test
    void errorsComeWithTheirPlacesToo() {
        assertThat(LINTER.lint("acme.yaml", Definitions.acme("kind: bearer", "kind: baerer")))
                .singleElement()
                .satisfies(problem -> {
                    assertThat(problem.severity()).isEqualTo(Problem.Severity.ERROR);
                    assertThat(problem.line()).isEqualTo(10);
                    assertThat(problem.fix()).isEqualTo("did you mean bearer?");
                });
    }

    private static void assertWarning(String original, String replacement, String expected) {
        assertThat(LINTER.lint("acme.yaml", Definitions.acme(original, replacement)))
                .anySatisfy(problem -> {
                    assertThat(problem.severity()).isEqualTo(Problem.Severity.WARNING);
                    assertThat(problem.toString()).contains(expected);
                });
    }

    private static void assertWarning(String original, String replacement, List<Problem> expected) {
        assertThat(LINTER.lint("acme.yaml", Definitions.acme(original, replacement)))
                .isEqualTo(expected);
    }
}
