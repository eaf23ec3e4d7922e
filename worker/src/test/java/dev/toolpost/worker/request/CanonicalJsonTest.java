package dev.toolpost.worker.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import tools.jackson.core.JacksonException;

class CanonicalJsonTest {

    private static String canonical(String json) {
        return CanonicalJson.of(CanonicalJson.parse(json));
    }

    @Test
    void orderOfMembersAndSpaceDoNotMatter() {
        assertThat(canonical(" { \"b\" : [ 1 , {\"d\":null,\"c\":true} ] , \"a\" : \"x\" } "))
                .isEqualTo("{\"a\":\"x\",\"b\":[1,{\"c\":true,\"d\":null}]}");
    }

    @Test
    void orderOfItemsDoesMatter() {
        assertThat(canonical("[1,2]")).isNotEqualTo(canonical("[2,1]"));
    }

    @Test
    void oneNumberHasOneSpelling() {
        for (List<String> same : List.of(
                List.of("1", "1.0", "1e0", "10e-1", "0.1E1", "1.000"),
                List.of("0", "-0", "0.0", "0e5", "-0.000e-3"),
                List.of("100", "1e2", "1E+2", "100.0"),
                List.of("-12.5", "-1.25e1", "-1250e-2"),
                List.of("12345678901234567890", "1234567890123456789e1", "12345678901234567890.0"))) {
            assertThat(same.stream().map(CanonicalJsonTest::canonical).distinct())
                    .as(same.toString())
                    .hasSize(1);
        }
    }

    @Test
    void everyDigitCounts() {
        assertThat(canonical("12345678901234567890")).isNotEqualTo(canonical("12345678901234567891"));
        assertThat(canonical("0.1")).isNotEqualTo(canonical("0.10000000000000000001"));
        assertThat(canonical("1")).isNotEqualTo(canonical("\"1\""));
    }

    @Test
    void aHugeExponentIsNotWrittenOut() {
        assertThat(canonical("1e999999999")).isEqualTo("1e999999999");
        assertThat(canonical("1e-999999999")).isEqualTo("1e-999999999");
    }

    @Test
    void oneStringHasOneSpelling() {
        assertThat(canonical("\"\\u0041\\/\\n\\u00e9\"")).isEqualTo(canonical("\"A/\\u000aé\""));
        assertThat(canonical("\"\\ud83d\\ude00\"")).isEqualTo(canonical("\"😀\""));
        assertThat(canonical("\"a\\\"b\\\\\"")).isEqualTo("\"a\\\"b\\\\\"");
    }

    @Test
    void membersLeftOutAreOnlyTheOutermost() {
        assertThat(CanonicalJson.of(CanonicalJson.parse("{\"limit\":1,\"a\":{\"limit\":2}}"), Set.of("limit")))
                .isEqualTo("{\"a\":{\"limit\":2}}");
    }

    @Test
    void hashesAreEqualExactlyWhenTheTextsAre() {
        assertThat(CanonicalJson.hash(CanonicalJson.parse("{\"a\":1.0,\"b\":2}")))
                .hasSize(32)
                .isEqualTo(CanonicalJson.hash(CanonicalJson.parse("{\"b\":2e0,\"a\":1}")))
                .isNotEqualTo(CanonicalJson.hash(CanonicalJson.parse("{\"b\":2,\"a\":1.5}")));
    }

    @Test
    void whatIsAmbiguousOrTooDeepIsNotRead() {
        for (String json : List.of("{\"a\":1,\"a\":2}", "{} {}", "[".repeat(300) + "]".repeat(300), "{", "")) {
            assertThatThrownBy(() -> CanonicalJson.parse(json)).as(json).isInstanceOf(JacksonException.class);
        }
    }
}
