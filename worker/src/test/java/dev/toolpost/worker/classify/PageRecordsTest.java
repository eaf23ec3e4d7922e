package dev.toolpost.worker.classify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import tools.jackson.core.JsonPointer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

class PageRecordsTest {

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final JsonPointer RESULTS = JsonPointer.compile("/results");

    @Test
    void recordsKeepTheirBytesWhateverStandsBetweenThem() {
        String body =
                "{ \"a\": [1], \"results\" : [ {\"n\": 1.50 ,\"u\":\"\\u00e9ü\"} ,\n\t[1, 2] , 7,-1.0e+3 , \"x,]\" ,null,true ] , \"z\":{}}";

        PageRecords records = of(body);

        assertThat(texts(records))
                .containsExactly(
                        "{\"n\": 1.50 ,\"u\":\"\\u00e9ü\"}", "[1, 2]", "7", "-1.0e+3", "\"x,]\"", "null", "true");
        assertThat(records.array()).isEqualTo("[{\"n\": 1.50 ,\"u\":\"\\u00e9ü\"},[1, 2],7,-1.0e+3,\"x,]\",null,true]");
    }

    @Test
    void aBodyThatIsItselfTheListIsRead() {
        assertThat(texts(PageRecords.of(bytes("[1,2]"), JsonPointer.empty()))).containsExactly("1", "2");
    }

    @Test
    void aListInsideAListIsFoundByItsIndex() {
        assertThat(texts(PageRecords.of(bytes("[[0],{\"r\":[1,2]}]"), JsonPointer.compile("/1/r"))))
                .containsExactly("1", "2");
    }

    @Test
    void aPageWithoutTheListHasNoRecords() {
        assertThat(of("{}").isEmpty()).isTrue();
        assertThat(of("{\"results\":null}").isEmpty()).isTrue();
        assertThat(of("{\"results\":{}}").array()).isEqualTo("[]");
        assertThat(of("{\"results\":[]}").array()).isEqualTo("[]");
    }

    @Test
    void partsAndSingleRecordsAreThoseOfTheWhole() {
        PageRecords records = of("{\"results\":[1,2,3,4,5]}");

        assertThat(records.part(1, 3).array()).isEqualTo("[2,3]");
        assertThat(records.part(2, 2).isEmpty()).isTrue();
        assertThat(new String(records.record(4), StandardCharsets.UTF_8)).isEqualTo("5");
    }

    @Test
    void aPageLessItsFirstRecordsKeepsEverythingElse() {
        String body = "{\"total\":3,\"results\":[ {\"id\":1} , {\"id\":2},{\"id\":3} ],\"paging\":{}}";

        assertThat(without(body, 0)).isEqualTo(body);
        assertThat(without(body, 1)).isEqualTo("{\"total\":3,\"results\":[ {\"id\":2},{\"id\":3} ],\"paging\":{}}");
        assertThat(without(body, 3)).isEqualTo("{\"total\":3,\"results\":[  ],\"paging\":{}}");
        assertThat(without(body, 9)).isEqualTo("{\"total\":3,\"results\":[  ],\"paging\":{}}");
        assertThat(without("{\"results\":[]}", 2)).isEqualTo("{\"results\":[]}");
    }

    @Test
    void recordsOfTheirOwnAreJoined() {
        assertThat(PageRecords.of(List.of(bytes("{}"), bytes("1"))).array()).isEqualTo("[{},1]");
    }

    @Test
    void moreRecordsThanOneStepHoldsAreAllThere() {
        StringBuilder body = new StringBuilder("{\"results\":[0");
        for (int i = 1; i < 1_000; i++) {
            body.append(',').append(i);
        }

        PageRecords records = of(body.append("]}").toString());

        assertThat(records.size()).isEqualTo(1_000);
        assertThat(records.part(998, 1_000).array()).isEqualTo("[998,999]");
    }

    @Test
    void whatIsNoJsonWasNotClassified() {
        assertThatThrownBy(() -> of("{\"results\":[1,")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> of("{\"results\":[}]}")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> of("{\"results\":[\"a")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void recordsOfAnyShapeAreWhatAParserFinds() {
        Random random = new Random(5);
        for (int i = 0; i < 2_000; i++) {
            JsonNode list = NODES.arrayNode()
                    .addAll(IntStream.range(0, random.nextInt(4))
                            .mapToObj(each -> random(random, 3))
                            .toList());
            ObjectNode body = NODES.objectNode();
            body.set("be\"fore", random(random, 3));
            body.set("results", list);
            body.set("\u00fcber\\", random(random, 3));
            String json = random.nextBoolean() ? body.toString() : body.toPrettyString();

            List<JsonNode> found = texts(of(json)).stream().map(JSON::readTree).toList();

            assertThat(found).as(json).isEqualTo(list.valueStream().toList());
        }
    }

    private static JsonNode random(Random random, int depth) {
        return switch (random.nextInt(depth == 0 ? 4 : 6)) {
            case 0 -> NODES.stringNode("a\"]}\\,{[\u00fc\n\uD83D\uDE00".substring(0, random.nextInt(10)));
            case 1 -> NODES.numberNode(random.nextDouble() * 1e9);
            case 2 -> NODES.booleanNode(random.nextBoolean());
            case 3 -> NODES.nullNode();
            case 4 -> NODES.arrayNode().add(random(random, depth - 1)).add(random(random, depth - 1));
            default ->
                NODES.objectNode().set("results", random(random, depth - 1)).set("x,", random(random, depth - 1));
        };
    }

    private static PageRecords of(String body) {
        return PageRecords.of(bytes(body), RESULTS);
    }

    private static String without(String body, int first) {
        return new String(PageRecords.without(bytes(body), RESULTS, first), StandardCharsets.UTF_8);
    }

    private static List<String> texts(PageRecords records) {
        return IntStream.range(0, records.size())
                .mapToObj(index -> new String(records.record(index), StandardCharsets.UTF_8))
                .toList();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
