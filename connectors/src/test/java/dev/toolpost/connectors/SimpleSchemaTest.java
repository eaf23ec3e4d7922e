package dev.toolpost.connectors;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.Schema;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

class SimpleSchemaTest {

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    /** Schemas with every keyword that is known, and some that are not. */
    private static final List<String> SCHEMAS = List.of(
            "{\"type\":\"string\",\"minLength\":1,\"maxLength\":3}",
            "{\"type\":\"string\",\"pattern\":\"^a+$\"}",
            "{\"enum\":[\"a\",\"ab\"]}",
            "{\"enum\":[\"a\",1,null]}",
            "{\"type\":[\"integer\",\"null\"],\"minimum\":-1,\"maximum\":2}",
            "{\"type\":\"number\",\"minimum\":0.5}",
            "{\"type\":\"number\",\"multipleOf\":2}",
            "{\"type\":\"array\",\"items\":{\"type\":\"string\",\"minLength\":2},\"minItems\":1,\"maxItems\":2}",
            "{\"type\":\"array\",\"uniqueItems\":true}",
            "{\"type\":\"array\"}",
            "{\"type\":\"boolean\"}",
            "{\"type\":\"object\",\"maxProperties\":1,\"propertyNames\":{\"pattern\":\"^a\"},\"additionalProperties\":{\"type\":\"string\"}}",
            "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"integer\"}},\"required\":[\"a\"],\"additionalProperties\":false}",
            "{\"type\":\"object\",\"properties\":{\"a\":true,\"b\":false},\"minProperties\":1}",
            "{\"not\":{\"type\":\"string\"}}",
            "{\"anyOf\":[{\"type\":\"string\"},{\"type\":\"integer\"}]}",
            "{}");

    @Test
    void whatItAcceptsTheValidatorAcceptsToo() {
        Random random = new Random(7);
        int accepted = 0;
        for (String text : SCHEMAS) {
            JsonNode schema =
                    JSON.readTree("{\"properties\":{\"a\":" + text + ",\"b\":" + text + "},\"type\":\"object\"}");
            SimpleSchema simple = SimpleSchema.of(schema);
            Schema whole = JsonSchemas.compile(schema);
            for (int i = 0; i < 2_000; i++) {
                ObjectNode value = NODES.objectNode();
                value.set("a", random(random, 3));
                if (simple.accepts(value)) {
                    accepted++;
                    assertThat(whole.validate(value)).as("%s: %s", text, value).isEmpty();
                }
            }
        }
        assertThat(accepted).isGreaterThan(2_000);
    }

    @Test
    void ordinaryArgumentsOfBundledToolsAreAccepted() {
        ConnectorCatalogue catalogue = ConnectorCatalogue.bundled();
        assertThat(simple(catalogue, "hubspot_get_contact")
                        .accepts(JSON.readTree("{\"contact_id\":\"51\",\"properties\":[\"email\",\"phone\"]}")))
                .isTrue();
        assertThat(simple(catalogue, "hubspot_list_contacts").accepts(JSON.readTree("{\"limit\":100}")))
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"type\":\"number\"} | 1e400",
                "{\"type\":\"integer\"} | 123456789012345678901234567890",
                "{} | {\"a\":[[]]}",
                "{} | 7.5",
                "{\"type\":\"string\",\"format\":\"date\"} | \"2026-01-01\"",
                "{\"$ref\":\"#/$defs/x\",\"$defs\":{\"x\":true}} | \"a\"",
                "true | \"a\"",
                "false | \"a\""
            })
    void whatItIsNotSureOfIsLeftToTheValidator(String schema, String value) {
        assertThat(SimpleSchema.of(JSON.readTree(schema)).accepts(JSON.readTree(value)))
                .isFalse();
    }

    private static SimpleSchema simple(ConnectorCatalogue catalogue, String tool) {
        ToolRef ref = catalogue.byTool(tool);
        assertThat(ref).isNotNull();
        return SimpleSchema.of(ref.tool().arguments());
    }

    private static JsonNode random(Random random, int depth) {
        return switch (random.nextInt(depth == 0 ? 6 : 8)) {
            case 0 -> NODES.stringNode("aab\uD83D\uDE00".substring(0, random.nextInt(6)));
            case 1 -> NODES.stringNode("a".repeat(random.nextInt(4)));
            case 2 -> NODES.numberNode(random.nextInt(7) - 3);
            case 3 -> NODES.numberNode(random.nextDouble() * 4 - 1);
            case 4 -> NODES.booleanNode(random.nextBoolean());
            case 5 -> NODES.nullNode();
            case 6 -> {
                ArrayNode array = NODES.arrayNode();
                for (int i = random.nextInt(4); i > 0; i--) {
                    array.add(random(random, depth - 1));
                }
                yield array;
            }
            default -> {
                ObjectNode object = NODES.objectNode();
                for (String name : List.of("a", "b", "ca")) {
                    if (random.nextInt(3) == 0) {
                        object.set(name, random(random, depth - 1));
                    }
                }
                yield object;
            }
        };
    }
}
