package dev.toolpost.connectors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.JsonPointer;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

@Timeout(30)
class PatternSizeTest {
    private static final List<String> ATOMS = List.of(
            "a",
            "é",
            "😀",
            ".",
            "[a-z]",
            "[^]a]",
            "[[:alpha:]_]",
            "[\\]{9}]",
            "\\d",
            "\\pL",
            "\\p{Greek}",
            "\\x{10FFFF}",
            "\\x41",
            "\\{9}",
            "\\Qa(b\\E",
            "^",
            "$",
            "\\b",
            "(?i)k",
            "{",
            "(?:)",
            "()");
    private static final List<String> REPETITIONS =
            List.of("", "", "", "*", "+?", "?", "{3}", "{0,4}", "{2,}", "{0,}", "{1,7}?", "{0}");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "(((a{1,1000}){1,1000}){1,1000})",
                "(((a{1000}){1000}){1000})",
                "((a{0,900}b){0,900}c)",
                "(x{0,1000}){0,30}y",
                "(?:[a-z{]{1000}){1000}",
                "(?P<n>(?i:\\pL{999}){999})",
                "(?i)(\\Qab\\E{500}|c{1,}){40}",
                "(a{1000,}){1000,}",
            })
    void refusesWhatCompilesToTooMuchBeforeItIsCompiled(String regex) {
        assertThatThrownBy(() -> TextPattern.compile(regex))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("pattern '" + regex + "': it compiles to more than 2,000 instructions");
    }

    @Test
    void refusesWhatIsTooDeepOrTooLong() {
        assertThatThrownBy(() -> TextPattern.compile("(".repeat(51) + "a" + ")".repeat(51)))
                .hasMessageContaining("has more than 50 groups inside each other");
        assertThat(TextPattern.compile("(".repeat(50) + "a" + ")".repeat(50)).foundIn("ba"))
                .isTrue();
        assertThatThrownBy(() -> TextPattern.compile("(".repeat(200_000)))
                .hasMessageContaining("has 200,000 characters (expected: at most 2,000)");
    }

    @Test
    void neverSaysLessThanTheCompilerMakes() {
        Random random = new Random(7);
        int compiled = 0;
        for (int i = 0; i < 20_000; i++) {
            String regex = expression(random, 3);
            try {
                int real = Pattern.compile(regex).programSize();
                compiled++;
                assertThat(size(regex)).as(regex).isGreaterThanOrEqualTo(Math.min(real, 2_001));
            } catch (PatternSyntaxException none) {
                assertThat(none).hasMessageContaining("error parsing");
            }
        }
        assertThat(compiled).isGreaterThan(10_000);
    }

    private static long size(String regex) {
        try {
            return PatternSize.of(regex);
        } catch (IllegalArgumentException tooLarge) {
            return Long.MAX_VALUE;
        }
    }

    private static String expression(Random random, int depth) {
        StringBuilder text = new StringBuilder();
        int parts = random.nextInt(4);
        for (int i = 0; i < parts; i++) {
            String atom = depth > 0 && random.nextInt(3) == 0
                    ? List.of("(", "(?:", "(?P<n" + random.nextInt(1_000_000) + ">", "(?i:")
                                    .get(random.nextInt(4)) + expression(random, depth - 1) + ")"
                    : ATOMS.get(random.nextInt(ATOMS.size()));
            text.append(atom).append(REPETITIONS.get(random.nextInt(REPETITIONS.size())));
            if (random.nextInt(6) == 0) {
                text.append('|');
            }
        }
        return text.toString();
    }

    @Test
    void expressionsThatPeopleWriteAreTaken() {
        for (String regex : List.of(
                "^[A-Za-z_][A-Za-z0-9_]{0,254}$",
                "^[\\w-]{1,512}$",
                "^[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}(Z|[+-][0-9]{2}:[0-9]{2}))?$",
                "(?i)already exists|duplicate (key|value)")) {
            assertThat(TextPattern.compile(regex).toString()).isEqualTo(regex);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"(x{1,40}){1,20}y", "(x?){0,300}y", "x{0,950}y", "(.*x){280}y", "[a-z]{1,950}$"})
    void oneConditionIsSoonDoneWithAnyText(String regex) {
        BodyCondition one = condition("/big", regex);
        BodyCondition each = condition("/items/*/big", regex);
        ObjectNode body = JsonMapper.shared().createObjectNode().put("big", "x".repeat(2_000_000));
        for (int i = 0; i < 10; i++) {
            body.withArray("items").addObject().put("big", "x".repeat(200_000));
        }
        long before = System.nanoTime();

        assertThat(one.holds(body)).isEqualTo(regex.endsWith("$"));
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(1));
        assertThat(each.holds(body)).isEqualTo(regex.endsWith("$"));
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(6));
    }

    @Test
    void conditionsLookAtTheBeginningOfATextOnly() {
        String text = "x".repeat(8_190) + "no";
        ObjectNode body = JsonMapper.shared().createObjectNode().put("big", text + "yes");

        assertThat(condition("/big", "no").holds(body)).isTrue();
        assertThat(condition("/big", "yes").holds(body)).isFalse();
        assertThat(new HeaderCondition("X", new HeaderCondition.Matches(TextPattern.compile("yes")))
                        .holds(text + "yes"))
                .isFalse();
        assertThat(TextPattern.compile("(y)es").firstGroup(text + "yes")).isNull();
    }

    private static BodyCondition condition(String pointer, String regex) {
        return new BodyCondition(JsonPointer.compile(pointer), new BodyCondition.Matches(TextPattern.compile(regex)));
    }

    @Test
    void anArgumentThatIsTooLongForItsExpressionIsRefusedAndNotTried() {
        String text = Definitions.acme(
                "id: { type: string, description: \"Id of the thing, for example T-7.\" }",
                "id: { type: string, not: { pattern: \"(x{1,40}){1,20}y\" }, description: An id. }");
        ArgumentValidator validator = new ArgumentValidator(Objects.requireNonNull(
                new ConnectorLoader().load("acme.yaml", text).tools().get("acme_get_thing")));
        ObjectNode arguments = JsonMapper.shared().createObjectNode().put("id", "x".repeat(100_000));

        assertThat(validator.validate(arguments))
                .singleElement()
                .satisfies(problem -> assertThat(problem.message()).contains("too long to be held against"));
        assertThat(validator.validate(arguments.put("id", "x"))).isEmpty();
    }

    @Test
    void aDefinitionIsRefusedAtThePlaceOfTheExpression() {
        String bomb = "\"(((a{1,1000}){1,1000}){1,1000})\"";
        assertThatThrownBy(() -> new ConnectorLoader().load("acme.yaml", Definitions.acme("\"(?i)^quota\"", bomb)))
                .hasMessageMatching("(?s)acme.yaml:[0-9]{2}:[0-9]{2}: error: pattern .* compiles to more than .*");
        assertThatThrownBy(() -> new ConnectorLoader()
                        .load(
                                "acme.yaml",
                                Definitions.acme(
                                        "id: { type: string, description: \"Id of the thing, for example T-7.\" }",
                                        "id: { type: string, pattern: " + bomb + " }")))
                .hasMessageMatching("(?s)acme.yaml:[0-9]{2}:[0-9]{2}: error: pattern .* compiles to more than .*");
    }
}
