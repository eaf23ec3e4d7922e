package dev.toolpost.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.toolpost.message.ToolCall;
import dev.toolpost.message.ToolReply;
import dev.toolpost.schemas.registry.InMemorySchemaRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.Incompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificRecordBase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every schema can read and be read by every released version of itself: FULL_TRANSITIVE. A release is frozen by {@link
 * PublishedSchemas} and never changes again.
 */
class SchemaEvolutionTest {

    /** A schema, small, as it was released; the matrix changes it. */
    private static final String RELEASED = record("""
            {"name": "a", "type": "string"},
            {"name": "b", "type": ["null", "string"], "default": null},
            {"name": "n", "type": "int", "default": 0},
            {"name": "list", "type": {"type": "array", "items": "string"}, "default": []}""");

    static Stream<Class<? extends SpecificRecordBase>> messages() {
        return Messages.all().stream();
    }

    @ParameterizedTest
    @MethodSource("messages")
    void staysFullyCompatibleWithEveryRelease(Class<? extends SpecificRecordBase> message) throws IOException {
        List<Path> releases = releases();
        assertThat(releases).isNotEmpty();
        Schema current = Messages.avroSchema(message);
        for (Path release : releases) {
            Path file = release.resolve(message.getSimpleName() + ".avsc");
            if (Files.exists(file)) {
                Schema released = new Schema.Parser().parse(Files.readString(file));
                assertThat(problems(released, current))
                        .as(message.getSimpleName() + " against release " + release.getFileName())
                        .isEmpty();
            }
        }
        assertThat(releases.getLast().resolve(message.getSimpleName() + ".avsc"))
                .as("freeze new messages with PublishedSchemas")
                .exists();
    }

    @Test
    void dropsNoReleasedMessage() throws IOException {
        List<String> current = Messages.all().stream().map(Class::getSimpleName).toList();
        for (Path release : releases()) {
            try (Stream<Path> files = Files.list(release)) {
                assertThat(files.map(file -> file.getFileName().toString().replace(".avsc", "")))
                        .allMatch(current::contains);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("messages")
    void givesEveryOptionalFieldADefault(Class<? extends SpecificRecordBase> message) {
        for (Schema.Field field : Messages.avroSchema(message).getFields()) {
            if (field.schema().isNullable()) {
                assertThat(field.hasDefaultValue()).as(field.name()).isTrue();
                assertThat(field.schema().getTypes().getFirst().getType()).isEqualTo(Schema.Type.NULL);
            }
            assertThat(field.doc()).as(field.name()).isNotBlank();
        }
    }

    @ParameterizedTest
    @MethodSource("messages")
    void keepsFieldNamesApartSoThatAMisspellingIsToldFromANewField(Class<? extends SpecificRecordBase> message) {
        RecordPlan plan =
                RecordPlan.of(org.apache.avro.specific.SpecificData.get().getSchema(message));
        for (RecordPlan.Field field : plan.fields()) {
            assertThat(plan.nearest(field.name())).isSameAs(field);
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            adding a field with a default       | ok  | {"name":"a","type":"string"},{"name":"b","type":["null","string"],"default":null},{"name":"n","type":"int","default":0},{"name":"list","type":{"type":"array","items":"string"},"default":[]},{"name":"x","type":["null","long"],"default":null}
            dropping a field with a default     | ok  | {"name":"a","type":"string"},{"name":"n","type":"int","default":0},{"name":"list","type":{"type":"array","items":"string"},"default":[]}
            reordering fields                   | ok  | {"name":"n","type":"int","default":0},{"name":"b","type":["null","string"],"default":null},{"name":"a","type":"string"},{"name":"list","type":{"type":"array","items":"string"},"default":[]}
            changing a default                  | ok  | {"name":"a","type":"string"},{"name":"b","type":["null","string"],"default":null},{"name":"n","type":"int","default":7},{"name":"list","type":{"type":"array","items":"string"},"default":[]}
            adding a field without a default    | bad | {"name":"a","type":"string"},{"name":"b","type":["null","string"],"default":null},{"name":"n","type":"int","default":0},{"name":"list","type":{"type":"array","items":"string"},"default":[]},{"name":"x","type":"string"}
            dropping a required field           | bad | {"name":"b","type":["null","string"],"default":null},{"name":"n","type":"int","default":0},{"name":"list","type":{"type":"array","items":"string"},"default":[]}
            renaming a required field           | bad | {"name":"aa","type":"string"},{"name":"b","type":["null","string"],"default":null},{"name":"n","type":"int","default":0},{"name":"list","type":{"type":"array","items":"string"},"default":[]}
            widening int to long                | bad | {"name":"a","type":"string"},{"name":"b","type":["null","string"],"default":null},{"name":"n","type":"long","default":0},{"name":"list","type":{"type":"array","items":"string"},"default":[]}
            making a field nullable             | bad | {"name":"a","type":["null","string"],"default":null},{"name":"b","type":["null","string"],"default":null},{"name":"n","type":"int","default":0},{"name":"list","type":{"type":"array","items":"string"},"default":[]}
            changing a type                     | bad | {"name":"a","type":"string"},{"name":"b","type":["null","string"],"default":null},{"name":"n","type":"string","default":""},{"name":"list","type":{"type":"array","items":"string"},"default":[]}
            changing the items of a list        | bad | {"name":"a","type":"string"},{"name":"b","type":["null","string"],"default":null},{"name":"n","type":"int","default":0},{"name":"list","type":{"type":"array","items":"int"},"default":[]}
            """)
    void holdsEveryKindOfChangeToTheRule(String change, String expected, String fields) {
        List<String> problems =
                problems(new Schema.Parser().parse(RELEASED), new Schema.Parser().parse(record(fields)));

        assertThat(problems.isEmpty()).as(change + ": " + problems).isEqualTo(expected.equals("ok"));
    }

    @Test
    void readsWhatAnOlderAndANewerReleaseWrote() throws IOException {
        Schema current = Messages.avroSchema(ToolCall.class);
        Schema older = without(current, "dry_run", "paging", "idempotency_key");
        Schema newer = new Schema.Parser()
                .parse(current.toString()
                        .replaceFirst(
                                "\"fields\":\\[",
                                "\"fields\":[{\"name\":\"labels\",\"type\":"
                                        + "{\"type\":\"map\",\"values\":\"string\"},\"default\":{}},"
                                        + "{\"name\":\"priority\",\"type\":[\"null\",\"double\"],\"default\":null},"));

        for (Schema writer : List.of(older, newer)) {
            InMemorySchemaRegistry registry = new InMemorySchemaRegistry();
            int id = registry.register("t-value", writer);
            GenericRecordBuilder builder =
                    new GenericRecordBuilder(writer).set("tool", "t").set("connection", "c");
            if (writer.getField("labels") != null) {
                builder.set("labels", java.util.Map.of("k", "v")).set("priority", 2.5);
            }
            byte[] bytes = framed(id, builder.build());

            ToolCall call =
                    MessageCodec.of(ToolCall.class, registry).decode("t", bytes).value();

            assertThat(call)
                    .isEqualTo(ToolCall.newBuilder()
                            .setTool("t")
                            .setConnection("c")
                            .build());
        }
    }

    @Test
    void refusesAWriterThatLacksARequiredField() throws IOException {
        InMemorySchemaRegistry registry = new InMemorySchemaRegistry();
        Schema writer = without(Messages.avroSchema(ToolReply.class), "call_id");
        int id = registry.register("t-value", writer);
        byte[] bytes = framed(id, new GenericRecordBuilder(writer).build());

        assertThatThrownBy(() -> MessageCodec.of(ToolReply.class, registry).decode("t", bytes))
                .isInstanceOf(MalformedMessageException.class)
                .hasMessageContaining("call_id");
    }

    @ParameterizedTest
    @MethodSource("messages")
    void publishesBothSchemasOfEveryMessage(Class<? extends SpecificRecordBase> message) throws IOException {
        assertThat(Files.readString(PublishedSchemas.jsonSchema(message)))
                .as("run PublishedSchemas after changing a schema")
                .isEqualTo(Messages.jsonSchema(message));
        assertThat(Files.readString(PublishedSchemas.avroSchema(message)))
                .as("run PublishedSchemas after changing a schema")
                .isEqualTo(PublishedSchemas.avroText(message));
    }

    private static List<Path> releases() throws IOException {
        try (Stream<Path> found = Files.list(PublishedSchemas.RELEASED)) {
            return found.sorted().toList();
        }
    }

    private static List<String> problems(Schema one, Schema other) {
        List<String> problems = new ArrayList<>();
        for (Schema[] pair : new Schema[][] {{one, other}, {other, one}}) {
            var result = SchemaCompatibility.checkReaderWriterCompatibility(pair[0], pair[1])
                    .getResult();
            if (result.getCompatibility() != SchemaCompatibilityType.COMPATIBLE) {
                result.getIncompatibilities().stream()
                        .map(Incompatibility::toString)
                        .forEach(problems::add);
            }
        }
        return problems;
    }

    private static Schema without(Schema schema, String... names) {
        List<Schema.Field> kept = schema.getFields().stream()
                .filter(field -> !List.of(names).contains(field.name()))
                .map(field -> new Schema.Field(field, field.schema()))
                .toList();
        return Schema.createRecord(schema.getName(), schema.getDoc(), schema.getNamespace(), false, kept);
    }

    private static byte[] framed(int id, GenericRecord record) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(0);
        out.write(ByteBuffer.allocate(4).putInt(id).array());
        BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(out, null);
        new GenericDatumWriter<GenericRecord>(record.getSchema(), new GenericData()).write(record, encoder);
        encoder.flush();
        return out.toByteArray();
    }

    private static String record(String fields) {
        return "{\"type\":\"record\",\"name\":\"R\",\"fields\":[" + fields + "]}";
    }
}
