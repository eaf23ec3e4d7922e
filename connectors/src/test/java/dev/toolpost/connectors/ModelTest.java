package dev.toolpost.connectors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.JsonPointer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ModelTest {
    private static final JsonMapper JSON = JsonMapper.shared();

    @ParameterizedTest
    @CsvSource({
        "500ms, PT0.5S",
        "10s, PT10S",
        "1.5s, PT1.5S",
        "0.001s, PT0.001S",
        "2m, PT2M",
        "1h, PT1H",
        "1d, PT24H",
        "999999999d, PT23999999976H",
        "0s, PT0S",
    })
    void durationsCarryTheirUnit(String text, Duration expected) {
        assertThat(DurationText.parse(text)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({"429, 429", "4xx, 400-499", "500-504, 500-504", "599, 599"})
    void statusesAreSingleClassOrRange(String text, String expected) {
        assertThat(StatusSet.parse(text)).hasToString(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "4x", "600", "99", "504-500", "abc", "-1", "4-xx", "429-"})
    void refusesWhatIsNoStatus(String text) {
        assertThatThrownBy(() -> StatusSet.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void statusSetsKnowWhatTheyHold() {
        StatusSet errors = StatusSet.notSuccessful();
        assertThat(errors.contains(200)).isFalse();
        assertThat(errors.contains(299)).isFalse();
        assertThat(errors.contains(199)).isTrue();
        assertThat(errors.contains(302)).isTrue();
        assertThat(errors.contains(-1)).isFalse();
        assertThat(errors.contains(10_000)).isFalse();
        assertThat(StatusSet.of(List.of(404, 400, 401, 402))).hasToString("400-402, 404");
    }

    @Test
    void templatesKnowTextFromArguments() {
        assertThat(TextTemplate.parse("/a/{b}/c-{d}").parts())
                .containsExactly(
                        new TextTemplate.Literal("/a/"),
                        new TextTemplate.Argument("b"),
                        new TextTemplate.Literal("/c-"),
                        new TextTemplate.Argument("d"));
        assertThat(TextTemplate.parse("{all}").singleArgument()).isEqualTo("all");
        assertThat(TextTemplate.parse(" {all}").singleArgument()).isNull();
        assertThat(TextTemplate.parse("{{x}}").parts()).containsExactly(new TextTemplate.Literal("{x}"));
        assertThat(TextTemplate.parse("").parts()).containsExactly(new TextTemplate.Literal(""));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{", "}", "{}", "{a", "a}", "{a b}", "{1a}", "{a{b}}", "{a.b}", "{{a}", "{a}}"})
    void refusesTemplatesThatAreNotWhole(String text) {
        assertThatThrownBy(() -> TextTemplate.parse(text)).hasMessageContaining("'" + text + "'");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "plain-1.2_3~ | plain-1.2_3~",
                "a/b | a%2Fb",
                "../x | ..%2Fx",
                ".. | %2E%2E",
                ". | %2E",
                "a?b#c | a%3Fb%23c",
                "ü€ | %C3%BC%E2%82%AC",
                "a b+c | a%20b%2Bc",
                "%2e%2e | %252e%252e",
                "a;b=c,d&e | a%3Bb%3Dc%2Cd%26e",
                "a\\b | a%5Cb",
            })
    void nothingBreaksOutOfAPathSegment(String text, String encoded) {
        assertThat(PercentEncoding.segment(text)).isEqualTo(encoded);
    }

    @Test
    void lineBreaksAndZeroAreEncoded() {
        assertThat(PercentEncoding.query("a\r\nHost: evil\u0000")).isEqualTo("a%0D%0AHost%3A%20evil%00");
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "LABEL, acme, acme",
                "LABEL, a-1, a-1",
                "LABEL, -acme, -",
                "LABEL, acme., -",
                "LABEL, acme.evil, -",
                "LABEL, a/b, -",
                "LABEL, a@b, -",
                "LABEL, '', -",
                "LABEL, 'a b', -",
                "HOST, acme.example.com, acme.example.com",
                "HOST, acme.example.com:8080, -",
                "HOST, user@acme.example.com, -",
                "HOST, acme..com, -",
                "HOST, acme.example.com/x, -",
                "HOST, '[::1]', -",
                "URL, https://a.example/x/, https://a.example/x",
                "URL, http://localhost:8099, http://localhost:8099",
                "URL, http://[::1]:8099, http://[::1]:8099",
                "URL, https://u:p@a.example, -",
                "URL, https://a.example?x=1, -",
                "URL, https://a.example#x, -",
                "URL, https://a.example/../b, -",
                "URL, https://a.example/%2E%2e/b, -",
                "URL, 'https://a.example/ b', -",
                "URL, https://a.example:99999, -",
                "URL, ftp://a.example, -",
                "URL, file:///etc/passwd, -",
                "URL, javascript:alert(1), -",
                "URL, a.example, -",
                "URL, //a.example, -",
                "SEGMENT, a/b, a%2Fb",
                "SEGMENT, .., %2E%2E",
                "SEGMENT, '', -",
            })
    void variablesHoldOnlyWhatTheirKindAllows(Variable.Kind kind, String value, @Nullable String accepted) {
        Variable variable = new Variable("v", kind, "V", "", null, null, List.of());

        if (accepted == null) {
            assertThatThrownBy(() -> variable.accept(value))
                    .isInstanceOf(InvalidVariableException.class)
                    .hasMessageContaining("variable v: '" + value + "' (expected: ");
        } else {
            assertThat(variable.accept(value)).isEqualTo(accepted);
        }
    }

    @Test
    void aVariableWithoutValueOrDefaultSaysWhatToGive() {
        Variable variable =
                new Variable("subdomain", Variable.Kind.LABEL, "Subdomain", "", null, null, List.of("widgets"));

        assertThat(variable.required()).isTrue();
        assertThatThrownBy(() -> variable.accept(null))
                .hasMessage("variable subdomain is missing (Subdomain): give the connection subdomain=widgets");
    }

    @Test
    void aVariableMatchesItsPatternWhole() {
        Variable variable = new Variable(
                "region", Variable.Kind.LABEL, "Region", "", "eu", TextPattern.compile("eu|us"), List.of());

        assertThat(variable.accept(null)).isEqualTo("eu");
        assertThat(variable.accept("us")).isEqualTo("us");
        assertThatThrownBy(() -> variable.accept("usx")).hasMessageContaining("(expected: a match of eu|us, like eu)");
    }

    @Test
    void controlCharactersAreNotShown() {
        Variable variable = new Variable("v", Variable.Kind.LABEL, "V", "", null, null, List.of());

        assertThatThrownBy(() -> variable.accept("a\r\n\u001b[31m")).hasMessageContaining("'a???[31m'");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"a\": 1} | 1 | true",
                "{\"a\": 1.0} | 1 | true",
                "{\"a\": \"1\"} | 1 | false",
                "{\"a\": true} | true | true",
                "{\"a\": \"x\"} | \"x\" | true",
                "{} | \"x\" | false",
                "{\"a\": null} | \"x\" | false",
                "{\"a\": {\"b\": 1}} | \"x\" | false",
            })
    void bodyConditionsCompareByValue(String body, String expected, boolean holds) {
        BodyCondition condition = new BodyCondition(
                JsonPointer.compile("/a"), new BodyCondition.EqualToAny(List.of(JSON.readTree(expected))));

        assertThat(condition.holds(JSON.readTree(body))).isEqualTo(holds);
    }

    @Test
    void bodyConditionsKnowNullFromAbsence() {
        BodyCondition there = new BodyCondition(JsonPointer.compile("/a"), new BodyCondition.Exists(true));
        BodyCondition absent = new BodyCondition(JsonPointer.compile("/a"), new BodyCondition.Exists(false));
        for (Map.Entry<String, Boolean> one : Map.of(
                        "{\"a\": 0}", true, "{\"a\": {}}", true, "{\"a\": null}", false, "{}", false, "[]", false)
                .entrySet()) {
            JsonNode body = JSON.readTree(one.getKey());
            assertThat(there.holds(body)).as(one.getKey()).isEqualTo(one.getValue());
            assertThat(absent.holds(body)).as(one.getKey()).isEqualTo(!one.getValue());
        }
    }

    @Test
    void bodyConditionsMatchTextAndNumbers() {
        BodyCondition condition =
                new BodyCondition(JsonPointer.compile("/a"), new BodyCondition.Matches(TextPattern.compile("^4")));

        assertThat(condition.holds(JSON.readTree("{\"a\": 429}"))).isTrue();
        assertThat(condition.holds(JSON.readTree("{\"a\": \"429\"}"))).isTrue();
        assertThat(condition.holds(JSON.readTree("{\"a\": [4]}"))).isFalse();
        assertThat(condition.holds(JSON.readTree("{\"a\": null}"))).isFalse();
    }

    @Test
    void headerConditionsLookAtTheValue() {
        assertThat(new HeaderCondition("X", new HeaderCondition.EqualToAny(List.of("0"))).holds(" 0 "))
                .isTrue();
        assertThat(new HeaderCondition("X", new HeaderCondition.EqualToAny(List.of("0"))).holds(null))
                .isFalse();
        assertThat(new HeaderCondition("X", new HeaderCondition.Exists(false)).holds(null))
                .isTrue();
        assertThat(new HeaderCondition("X", new HeaderCondition.Matches(TextPattern.compile("b"))).holds("abc"))
                .isTrue();
    }

    @Test
    void limitsRefuseNumbersThatMakeNone() {
        assertThatThrownBy(() -> Limit.slidingPerConnection("x", 0, Duration.ofSeconds(1)))
                .hasMessage("permits of limit x: 0 (expected: >= 1)");
        assertThatThrownBy(() ->
                        new Limit("x", Limit.Scope.TOOL, Limit.Kind.FIXED, 1, null, Set.of(), Set.of(), null, 0.05))
                .hasMessage("window of limit x: null (expected: a duration)");
    }

    @Test
    void anOverrideKeepsWhatItDoesNotName() {
        Limit limit = Limit.slidingPerConnection("x", 100, Duration.ofSeconds(10));

        assertThat(limit.with(190, null)).isEqualTo(Limit.slidingPerConnection("x", 190, Duration.ofSeconds(10)));
        assertThat(limit.with(null, Duration.ofSeconds(5)))
                .isEqualTo(Limit.slidingPerConnection("x", 100, Duration.ofSeconds(5)));
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "permit, permits",
                "permist, permits",
                "Permits, permits",
                "interactive-reserve, interactive_reserve",
                "windw, window",
                "frequency, -",
                "x, -",
            })
    void theNearestNameIsTheOneThatWasMeant(String given, @Nullable String nearest) {
        assertThat(NearestName.of(given, List.of("permits", "window", "interactive_reserve", "scope")))
                .isEqualTo(nearest);
    }
}
