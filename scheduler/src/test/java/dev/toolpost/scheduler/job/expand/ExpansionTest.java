package dev.toolpost.scheduler.job.expand;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

class ExpansionTest {
    private static final JsonMapper MAPPER = JsonMapper.shared();

    @Test
    void everyConnectionIsAPartWhereNothingIsExpanded() {
        Expansion parts = parts("{\"limit\":100}", null, "a", "b", "c");

        assertThat(parts.parts()).isEqualTo(3);
        assertThat(shown(parts)).containsExactly("a {\"limit\":100}", "b {\"limit\":100}", "c {\"limit\":100}");
    }

    @Test
    void everyCombinationIsAPartAndTheConnectionChangesFastest() {
        Expansion parts = parts("{}", "{\"kind\":[\"x\",\"y\"],\"id\":{\"from\":1,\"to\":3}}", "a", "b");

        assertThat(parts.parts()).isEqualTo(12);
        assertThat(shown(parts).subList(0, 5))
                .containsExactly(
                        "a {\"kind\":\"x\",\"id\":1}",
                        "b {\"kind\":\"x\",\"id\":1}",
                        "a {\"kind\":\"x\",\"id\":2}",
                        "b {\"kind\":\"x\",\"id\":2}",
                        "a {\"kind\":\"x\",\"id\":3}");
        Set<String> distinct = new HashSet<>(shown(parts));
        assertThat(distinct).hasSize(12);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"from\":1,\"to\":10,\"step\":4}                        | 1 5 9",
                "{\"from\":-2,\"to\":-2}                                  | -2",
                "{\"from\":\"2026-01-30\",\"to\":\"2026-02-02\"}          | 2026-01-30 2026-01-31 2026-02-01 2026-02-02",
                "{\"from\":\"2026-01-01\",\"to\":\"2026-01-20\",\"step\":\"1w\"} | 2026-01-01 2026-01-08 2026-01-15",
                "{\"from\":\"2025-12-31\",\"to\":\"2026-04-01\",\"step\":\"1M\"} | 2025-12-31 2026-01-31 2026-02-28 2026-03-31",
                "{\"from\":\"2024-02-29\",\"to\":\"2026-03-01\",\"step\":\"1y\"} | 2024-02-29 2025-02-28 2026-02-28",
                "{\"from\":\"2026-01-01T23:00:00+01:00\",\"to\":\"2026-01-02T00:00:00Z\",\"step\":\"1h\"}"
                        + " | 2026-01-01T22:00:00Z 2026-01-01T23:00:00Z 2026-01-02T00:00:00Z",
            })
    void rangesAreCountedFromTheirBeginning(String range, String values) {
        Expansion parts = parts("{}", "{\"v\":" + range + "}", "a");

        List<String> found = new ArrayList<>();
        for (int part = 0; part < parts.parts(); part++) {
            found.add(parts.arguments(part).get("v").asString());
        }
        assertThat(String.join(" ", found)).isEqualTo(values);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"from\":\"2026-01-01\",\"to\":\"2026-01-20\",\"step\":\"7d\"}"
                        + " | 2026-01-01..2026-01-08 2026-01-08..2026-01-15 2026-01-15..2026-01-20",
                "{\"from\":\"2026-01-01\",\"to\":\"2026-01-15\",\"step\":\"7d\"}"
                        + " | 2026-01-01..2026-01-08 2026-01-08..2026-01-15",
                "{\"from\":\"2026-01-01\",\"to\":\"2026-01-20\",\"step\":\"7d\",\"inclusive\":true}"
                        + " | 2026-01-01..2026-01-07 2026-01-08..2026-01-14 2026-01-15..2026-01-20",
                "{\"from\":1,\"to\":10,\"step\":5,\"inclusive\":true} | 1..5 6..10",
                "{\"from\":0,\"to\":10,\"step\":4}                    | 0..4 4..8 8..10",
                "{\"from\":\"2026-01-31\",\"to\":\"2026-03-31\",\"step\":\"1M\"} | 2026-01-31..2026-02-28 2026-02-28..2026-03-31",
            })
    void windowsTouchAndCoverTheRange(String range, String windows) {
        Expansion parts = parts("{}", "{\"since,until\":" + range + "}", "a");

        List<String> found = new ArrayList<>();
        for (int part = 0; part < parts.parts(); part++) {
            ObjectNode arguments = parts.arguments(part);
            found.add(arguments.get("since").asString() + ".."
                    + arguments.get("until").asString());
        }
        assertThat(String.join(" ", found)).isEqualTo(windows);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[1]                                                | /job/expand            | no object",
                "{\"v\":[]}                                         | /job/expand/v          | no values",
                "{\"v\":3}                                          | /job/expand/v          | a list of values, or a range",
                "{\"v\":{\"from\":1}}                               | /job/expand/v/to       | missing",
                "{\"v\":{\"from\":5,\"to\":1}}                      | /job/expand/v/to       | not below from",
                "{\"v\":{\"from\":1,\"to\":5,\"step\":0}}           | /job/expand/v/step     | >= 1",
                "{\"v\":{\"from\":1,\"to\":1.5}}                    | /job/expand/v/to       | a whole number",
                "{\"v\":{\"from\":1,\"to\":\"2026-01-01\"}}         | /job/expand/v/to       | a whole number",
                "{\"v\":{\"from\":\"yesterday\",\"to\":\"x\"}}      | /job/expand/v/from     | a date like",
                "{\"v\":{\"from\":\"2026-01-01\",\"to\":\"2026-02-01\",\"step\":\"1h\"}} | /job/expand/v/step | whole days",
                "{\"v\":{\"from\":\"2026-01-01\",\"to\":\"2026-02-01\",\"step\":\"soon\"}} | /job/expand/v/step | as in 7d",
                "{\"v\":{\"from\":1,\"to\":5,\"stepp\":1}}          | /job/expand/v          | not known",
                "{\"v\":{\"from\":1,\"to\":5,\"inclusive\":true}}   | /job/expand/v/inclusive | two names only",
                "{\"given\":[1]}                                    | /job/expand/given      | in arguments, too",
                "{\"v\":[1],\"v,w\":{\"from\":1,\"to\":2}}          | /job/expand/v,w        | expanded twice",
                "{\"v,w\":[1,2]}                                    | /job/expand/v,w        | a range",
                "{\"v\":{\"from\":1,\"to\":1001}}                   | /job/expand            | at most 1000",
                "{\"v\":{\"from\":1,\"to\":100},\"w\":{\"from\":1,\"to\":100}} | /job/expand | at most 1000",
                "{\"v\":{\"from\":-999999999999999,\"to\":999999999999999}} | /job/expand | at most 1000",
                "{\"v\":{\"from\":\"0001-01-01T00:00:00Z\",\"to\":\"9999-01-01T00:00:00Z\",\"step\":\"1s\"}} | /job/expand | at most 1000",
            })
    void whatCannotBeExpandedIsRefusedAtItsPlace(String expand, String path, String problem) {
        Expanded read = read("{\"given\":1}", expand, "a");

        assertThat(read).isInstanceOfSatisfying(Expanded.Refused.class, refused -> {
            assertThat(refused.path()).isEqualTo(path);
            assertThat(refused.problem()).contains(problem);
        });
    }

    @Test
    void samplesHoldEveryListedValueAndBothEndsOfARange() {
        Expansion parts = parts("{}", "{\"k\":[1,2,3],\"v\":{\"from\":1,\"to\":150}}", "a", "b");

        assertThat(parts.samples()
                        .map(sample -> sample.arguments().get("k").asInt() + "/"
                                + sample.arguments().get("v").asInt()))
                .containsExactlyInAnyOrder("1/1", "2/1", "3/1", "1/150");
    }

    private static List<String> shown(Expansion parts) {
        List<String> shown = new ArrayList<>();
        for (int part = 0; part < parts.parts(); part++) {
            shown.add(parts.connection(part) + " " + parts.arguments(part));
        }
        return shown;
    }

    private static Expansion parts(String arguments, String expand, String... connections) {
        return switch (read(arguments, expand, connections)) {
            case Expanded.Parts(Expansion expansion) -> expansion;
            case Expanded.Refused refused -> throw new AssertionError(refused);
        };
    }

    private static Expanded read(String arguments, String expand, String... connections) {
        return new ExpansionReader(1_000)
                .read(
                        (ObjectNode) MAPPER.readTree(arguments),
                        expand == null ? null : MAPPER.readTree(expand),
                        List.of(connections));
    }
}
