package dev.toolpost.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Records as lines. */
class JsonRecordsTest {
    @Test
    void everyRecordIsALineOfTheBytesThatCame() {
        assertThat(lines("[{\"n\": 1.50, \"t\":\"a,]}\\\"\\\\\"} ,{\"x\":[1, {\"y\":[]}]},\"text\",12e3,null]", 5))
                .isEqualTo("{\"n\": 1.50, \"t\":\"a,]}\\\"\\\\\"}\n{\"x\":[1, {\"y\":[]}]}\n\"text\"\n12e3\nnull\n");
    }

    @Test
    void lineBreaksBetweenTokensGoAndThoseInTextsStay() {
        assertThat(lines("[\r\n  {\n    \"a\": \"b\\nc\"\n  }\n]\n", 1)).isEqualTo("{    \"a\": \"b\\nc\"  }\n");
    }

    @Test
    void emptyPageHasNoLineAndWhatIsNoListIsOneRecord() {
        assertThat(lines(" [ ] ", 0)).isEmpty();
        assertThat(lines("", 0)).isEmpty();
        assertThat(lines("{\"a\":[1,2]}", 1)).isEqualTo("{\"a\":[1,2]}\n");
    }

    private static String lines(String json, int expected) {
        StringBuilder lines = new StringBuilder();
        assertThat(JsonRecords.appendLines(json, lines)).isEqualTo(expected);
        return lines.toString();
    }
}
