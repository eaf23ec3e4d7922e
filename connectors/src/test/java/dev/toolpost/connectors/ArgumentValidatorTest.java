package dev.toolpost.connectors;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;

class ArgumentValidatorTest {
    private static final JsonMapper JSON = JsonMapper.shared();

    private static final String PROPERTIES = """
              id: { type: string, description: "Id of the thing, for example T-7." }
                    fields: { type: array, items: { type: string }, description: Names of the fields to return. }
            """.strip();

    private static final ArgumentValidator VALIDATOR = validator("""
            id: { type: string, maxLength: 5, pattern: "^T-" }
                    size: { type: integer, minimum: 1, maximum: 9 }
                    ratio: { type: number, exclusiveMinimum: 0, multipleOf: 0.5 }
                    colour: { enum: [red, green] }
                    fixed: { const: 7 }
                    names: { type: array, items: { type: string }, minItems: 1, maxItems: 2, uniqueItems: true }
                    when: { type: [string, "null"], format: date-time }
                    either: { oneOf: [{ type: string }, { type: integer }] }
                    kind:
                      anyOf:
                        - { type: object, required: [mail], properties: { mail: { type: string, minLength: 3 } } }
                        - { type: string }
                    deep: { type: object, additionalProperties: false, properties: { "a/b": { type: object, additionalProperties: false } } }
            """.strip());

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"id\": 7} | /id | 7 (expected: a string)",
                "{\"id\": \"T-12345\"} | /id | \"T-12345\" (expected: at most 5 characters)",
                "{\"id\": \"X-1\"} | /id | \"X-1\" (expected: a match of ^T-)",
                "{\"id\": null} | /id | null (expected: a string)",
                "{} | /id | the argument 'id' is missing; add it",
                "{\"id\": \"T-1\", \"size\": 0} | /size | 0 (expected: >= 1)",
                "{\"id\": \"T-1\", \"size\": 10} | /size | 10 (expected: <= 9)",
                "{\"id\": \"T-1\", \"size\": \"3\"} | /size | \"3\" (expected: an integer)",
                "{\"id\": \"T-1\", \"size\": 1.5} | /size | 1.5 (expected: an integer)",
                "{\"id\": \"T-1\", \"ratio\": 0} | /ratio | 0 (expected: > 0)",
                "{\"id\": \"T-1\", \"ratio\": 0.7} | /ratio | 0.7 (expected: a multiple of 0.5)",
                "{\"id\": \"T-1\", \"colour\": \"gren\"} | /colour | \"gren\" (expected: one of red, green); did you mean green?",
                "{\"id\": \"T-1\", \"fixed\": 8} | /fixed | 8 (expected: 7)",
                "{\"id\": \"T-1\", \"names\": []} | /names | [] (expected: at least 1 item)",
                "{\"id\": \"T-1\", \"names\": [\"a\",\"b\",\"c\"]} | /names | an array of 3 (expected: at most 2 items)",
                "{\"id\": \"T-1\", \"names\": [\"a\",\"a\"]} | /names | an array of 2 (expected: no item twice)",
                "{\"id\": \"T-1\", \"names\": [3]} | /names/0 | 3 (expected: a string)",
                "{\"id\": \"T-1\", \"when\": 3} | /when | 3 (expected: a string or null)",
                "{\"id\": \"T-1\", \"either\": true} | /either | true (expected: a string or an integer)",
                "{\"id\": \"T-1\", \"kind\": {\"mail\": \"x\"}} | /kind/mail | \"x\" (expected: at least 3 characters)",
                "{\"id\": \"T-1\", \"kind\": {}} | /kind/mail | the argument 'mail' is missing; add it",
                "{\"id\": \"T-1\", \"kind\": 4} | /kind | 4 (expected: an object or a string)",
                "{\"id\": \"T-1\", \"colur\": 1} | /colur | unknown argument 'colur'; did you mean 'colour'?",
                "{\"id\": \"T-1\", \"deep\": {\"a/b\": {\"x~y\": 1}}} | /deep/a~1b/x~0y | unknown argument 'x~y'; leave it out",
                "[] | `` | the arguments must be a JSON object",
                "null | `` | the arguments must be a JSON object",
            })
    void saysWhatWasGivenAndWhatIsExpected(String arguments, String path, String message) {
        assertThat(VALIDATOR.validate(JSON.readTree(arguments))).containsExactly(new ArgumentProblem(path, message));
    }

    @Test
    void listsEveryProblem() {
        assertThat(VALIDATOR.validate(JSON.readTree("{\"size\": 0, \"colour\": \"blue\"}")))
                .extracting(ArgumentProblem::path)
                .containsExactlyInAnyOrder("/id", "/size", "/colour");
    }

    @Test
    void shortensWhatItShows() {
        String message = VALIDATOR
                .validate(JSON.readTree("{\"id\": \"" + "x".repeat(100_000) + "\"}"))
                .getFirst()
                .message();

        assertThat(message).hasSizeLessThan(200);
    }

    @Test
    void listsABoundedNumberOfProblems() {
        StringBuilder arguments = new StringBuilder("{\"id\": \"T-1\"");
        IntStream.range(0, 10_000)
                .forEach(i -> arguments.append(", \"unknown").append(i).append("\": 1"));

        assertThat(VALIDATOR.validate(JSON.readTree(arguments + "}"))).hasSize(50);
    }

    @Test
    void aDecimalBeyondAnySizeIsAProblemAndNoFailure() {
        for (String number : new String[] {"1e19", "-1e30", "1e400", "1e999999999"}) {
            var arguments = JSON.createObjectNode().put("id", "T-1").put("size", new BigDecimal(number));
            assertThat(VALIDATOR.validate(arguments))
                    .extracting(ArgumentProblem::path)
                    .containsExactly("/size");
        }
    }

    @Test
    void numbersKeepTheirValueBeyondLong() {
        assertThat(VALIDATOR.validate(JSON.readTree("{\"id\": \"T-1\", \"size\": 123456789012345678901234567890}")))
                .containsExactly(new ArgumentProblem("/size", "123456789012345678901234567890 (expected: <= 9)"));
    }

    @Test
    void manyThreadsMayShareOne() throws Exception {
        ArgumentValidator fresh = validator("id: { type: string }");
        try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Boolean>> runs = IntStream.range(0, 200)
                    .mapToObj(i -> executor.submit(() -> {
                        boolean valid = i % 2 == 0;
                        String arguments = valid ? "{\"id\": \"x\"}" : "{\"id\": " + i + "}";
                        return fresh.validate(JSON.readTree(arguments)).isEmpty() == valid;
                    }))
                    .toList();
            for (Future<Boolean> run : runs) {
                assertThat(run.get()).isTrue();
            }
        }
    }

    private static ArgumentValidator validator(String properties) {
        String text = Definitions.acme(PROPERTIES, properties)
                .replace(
                        "      query:\n        fields: { value: \"{fields}\", list: comma }\n        verbose: true\n",
                        "");
        Connector acme = new ConnectorLoader().load("acme.yaml", text);
        return new ArgumentValidator(Objects.requireNonNull(acme.tools().get("acme_get_thing")));
    }
}
