package dev.toolpost.worker.classify;

import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.connectors.FieldErrors;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.core.JsonPointer;
import tools.jackson.databind.json.JsonMapper;

/** Every shape in which vendors name the fields of an error. */
class FieldErrorShapesTest {

    private static List<String> fields(
            String body, String at, List<String> field, List<String> message, @Nullable String join) {
        FieldErrors place = new FieldErrors(JsonPointer.compile(at), pointers(field), pointers(message), join);
        return VendorErrors.fields(JsonMapper.shared().readTree(body), List.of(place)).stream()
                .map(problem -> problem.path() + "=" + problem.message())
                .toList();
    }

    private static List<JsonPointer> pointers(List<String> texts) {
        return Stream.of(texts.toArray(String[]::new)).map(JsonPointer::compile).toList();
    }

    @Test
    void anArrayOfObjectsOrASingleOne() {
        assertThat(fields(
                        "{\"e\":[{\"f\":\"a\",\"m\":\"x\"},{\"f\":\"b\"},{\"m\":\"y\"}]}",
                        "/e",
                        List.of("/f"),
                        List.of("/m"),
                        null))
                .containsExactly("a=x", "b=");
        assertThat(fields("{\"e\":{\"f\":\"a\",\"m\":\"x\"}}", "/e", List.of("/f"), List.of("/m"), null))
                .containsExactly("a=x");
    }

    @Test
    void textsAreMessagesOrNames() {
        assertThat(fields("{\"e\":[\"x\",\"y\"]}", "/e", List.of(), List.of(), null))
                .containsExactly("=x", "=y");
        assertThat(fields("{\"e\":[\"a\",\"b\"]}", "/e", List.of(""), List.of(), null))
                .containsExactly("a=", "b=");
        assertThat(fields("{\"e\":\"x\"}", "/e", List.of(), List.of(), null)).containsExactly("=x");
    }

    @Test
    void anObjectOfFieldToMessageInAnyDepth() {
        assertThat(fields("{\"e\":{\"a\":\"x\",\"b\":[\"y\",\"z\"]}}", "/e", List.of(), List.of(), null))
                .containsExactly("a=x", "b=y", "b=z");
        assertThat(fields("{\"e\":{\"a\":{\"m\":\"x\"},\"b\":[{\"m\":\"y\"}]}}", "/e", List.of(), List.of("/m"), null))
                .containsExactly("a=x", "b=y");
        assertThat(fields("{\"e\":{\"a\":{\"b\":{\"c\":[\"x\"]}}}}", "/e", List.of(), List.of(), null))
                .containsExactly("a.b.c=x");
        assertThat(fields("{\"e\":[{\"a\":\"x\"},{\"b\":\"y\"}]}", "/e", List.of(), List.of(), null))
                .containsExactly("a=x", "b=y");
    }

    @Test
    void errorsThatNameSeveralFieldsOrThePathOfOne() {
        String several =
                "[{\"message\":\"missing\",\"fields\":[\"Name\",\"City\"]},{\"message\":\"bad\",\"fields\":[\"Zip\"]}]";
        assertThat(fields(several, "", List.of("/fields"), List.of("/message"), null))
                .containsExactly("Name=missing", "City=missing", "Zip=bad");
        assertThat(fields(several, "/*/fields", List.of(""), List.of(), null))
                .containsExactly("Name=", "City=", "Zip=");
        assertThat(fields(
                        "{\"detail\":[{\"loc\":[\"body\",\"items\",0,\"name\"],\"msg\":\"required\"}]}",
                        "/detail",
                        List.of("/loc"),
                        List.of("/msg"),
                        "."))
                .containsExactly("body.items.0.name=required");
    }

    @Test
    void messagesThatAreLists() {
        assertThat(fields("{\"e\":[{\"f\":\"a\",\"m\":[\"x\",\"y\"]}]}", "/e", List.of("/f"), List.of("/m"), null))
                .containsExactly("a=x; y");
    }

    @Test
    void nothingOrTooMuchDoesNoHarm() {
        assertThat(fields("{}", "/e", List.of("/f"), List.of("/m"), null)).isEmpty();
        assertThat(fields("{\"e\":[null,1,true,[]]}", "/e", List.of("/f"), List.of("/m"), null))
                .containsExactly("=1");
        assertThat(fields("[" + "\"x\",".repeat(200) + "\"y\"]", "", List.of(), List.of(), null))
                .hasSize(50);
    }
}
