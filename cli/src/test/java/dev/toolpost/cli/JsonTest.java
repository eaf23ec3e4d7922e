package dev.toolpost.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class JsonTest {
    @Test
    void indentingKeepsEveryToken() {
        assertThat(Json.indent("{\"a\":[1.10,{\"b\":\"x,{}[]:\\\"\\u00e9\"}],\"e\":{},\"f\":[ ],\"g\":1e400}"))
                .isEqualTo("""
                        {
                          "a": [
                            1.10,
                            {
                              "b": "x,{}[]:\\"\\u00e9"
                            }
                          ],
                          "e": {},
                          "f": [],
                          "g": 1e400
                        }""");
    }

    @Test
    void scalarsStayAsTheyAre() {
        assertThat(Json.indent(" \"text with  spaces\" ")).isEqualTo("\"text with  spaces\"");
        assertThat(Json.indent("null")).isEqualTo("null");
    }
}
