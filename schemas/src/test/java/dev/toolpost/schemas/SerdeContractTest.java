package dev.toolpost.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.toolpost.message.Paging;
import dev.toolpost.message.ToolCall;
import dev.toolpost.message.ToolReply;
import dev.toolpost.schemas.registry.RegistryServer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * What a serde of Confluent's framing does, whoever made it: ours by default, Confluent's own in the Maven profile {@code
 * confluent}, and each reads what the other wrote.
 */
class SerdeContractTest {
    private static final String TOPIC = "toolpost.calls.hubspot";
    private static final String SERIALIZER =
            System.getProperty("toolpost.test.serializer", ToolpostAvroSerializer.class.getName());
    private static final String DESERIALIZER =
            System.getProperty("toolpost.test.deserializer", ToolpostAvroDeserializer.class.getName());

    private final RegistryServer server = new RegistryServer();

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void readsBackWhatItWrote() {
        byte[] bytes = serializer(Map.of()).serialize(TOPIC, call());

        assertThat(bytes[0]).isZero();
        assertThat(ByteBuffer.wrap(bytes, 1, 4).getInt()).isEqualTo(1);
        assertThat(deserializer(Map.of()).deserialize(TOPIC, bytes)).isEqualTo(call());
        assertThat(server.requests).anyMatch(request -> request.startsWith("POST /subjects/" + TOPIC + "-value/"));
    }

    @Test
    void agreesWithOurCodecOnEveryByte() {
        byte[] bytes = serializer(Map.of()).serialize(TOPIC, call());
        ToolpostAvroSerializer ours = new ToolpostAvroSerializer();
        ours.configure(config(Map.of()), false);
        ToolpostAvroDeserializer reader = new ToolpostAvroDeserializer();
        reader.configure(config(Map.of()), false);

        byte[] payload = java.util.Arrays.copyOfRange(bytes, 5, bytes.length);
        assertThat(ours.serialize(TOPIC, call())).endsWith(payload);
        assertThat(reader.deserialize(TOPIC, bytes)).isEqualTo(call());
        assertThat(deserializer(Map.of()).deserialize(TOPIC, ours.serialize(TOPIC, call())))
                .isEqualTo(call());
        ours.close();
        reader.close();
    }

    @Test
    void passesTombstonesThrough() {
        assertThat(serializer(Map.of()).serialize(TOPIC, null)).isNull();
        assertThat(deserializer(Map.of()).deserialize(TOPIC, null)).isNull();
    }

    @Test
    void namesSubjectsByTheConfiguredStrategy() {
        String full = ToolCall.class.getName();
        write(Map.of("value.subject.name.strategy", "io.confluent.kafka.serializers.subject.TopicNameStrategy"));
        write(Map.of("value.subject.name.strategy", "io.confluent.kafka.serializers.subject.RecordNameStrategy"));
        write(Map.of("value.subject.name.strategy", "io.confluent.kafka.serializers.subject.TopicRecordNameStrategy"));

        assertThat(server.requests.stream()
                        .filter(request -> request.startsWith("POST"))
                        .map(request -> request.split("/", -1)[2])
                        .distinct())
                .containsExactly(TOPIC + "-value", full, TOPIC + "-" + full);
    }

    @Test
    void writesOnlyRegisteredSchemasWithoutAutoRegistration() {
        Map<String, String> manual = Map.of("auto.register.schemas", "false");
        assertThatThrownBy(() -> serializer(manual).serialize(TOPIC, call()))
                .isInstanceOf(SerializationException.class);
        assertThat(server.requests).allMatch(request -> !request.endsWith("/versions"));

        String registered = Boolean.getBoolean("toolpost.test.javaStrings")
                ? ToolCall.getClassSchema().toString()
                : PlainSchema.of(ToolCall.getClassSchema()).toString();
        server.add(TOPIC + "-value", registered, "AVRO", "[]");
        assertThat(deserializer(Map.of()).deserialize(TOPIC, serializer(manual).serialize(TOPIC, call())))
                .isEqualTo(call());
    }

    @Test
    void writesInTheNewestVersionWhenToldTo() {
        Schema ours = PlainSchema.of(ToolCall.getClassSchema());
        String newer = ours.toString()
                .replace("\"fields\":[", "\"fields\":[{\"name\":\"zz\",\"type\":[\"null\",\"int\"],\"default\":null},");
        // the first occurrence only: the call itself, not the paging inside
        newer = newer.substring(0, newer.indexOf("\"name\":\"paging\""))
                + ours.toString().substring(ours.toString().indexOf("\"name\":\"paging\""));
        server.add(TOPIC + "-value", ours.toString(), "AVRO", "[]");
        int id = server.add(TOPIC + "-value", newer, "AVRO", "[]");
        Map<String, String> latest = Map.of("auto.register.schemas", "false", "use.latest.version", "true");

        byte[] bytes = ours(latest).serialize(TOPIC, call());

        assertThat(ByteBuffer.wrap(bytes, 1, 4).getInt()).isEqualTo(id);
        assertThat(deserializer(Map.of()).deserialize(TOPIC, bytes)).isEqualTo(call());
    }

    @Test
    void refusesANewestVersionThatCannotReadOurs() {
        server.add(
                TOPIC + "-value",
                "{\"type\":\"record\",\"name\":\"ToolCall\",\"namespace\":\"dev.toolpost.message\",\"fields\":["
                        + "{\"name\":\"must\",\"type\":\"string\"}]}",
                "AVRO",
                "[]");
        assertThatThrownBy(() -> serializer(Map.of("auto.register.schemas", "false", "use.latest.version", "true"))
                        .serialize(TOPIC, call()))
                .isInstanceOf(SerializationException.class);
    }

    @Test
    void logsInWithTheConfiguredUser() {
        server.require(
                "Basic " + Base64.getEncoder().encodeToString("toolpost:canary".getBytes(StandardCharsets.UTF_8)));
        assertThatThrownBy(() -> serializer(Map.of()).serialize(TOPIC, call()))
                .isInstanceOf(SerializationException.class)
                .hasMessageNotContaining("canary");

        write(Map.of("basic.auth.credentials.source", "USER_INFO", "basic.auth.user.info", "toolpost:canary"));

        assertThat(server.requests).isNotEmpty();
    }

    @Test
    void failsOnWhatIsNotFramed() {
        assertThatThrownBy(() ->
                        deserializer(Map.of()).deserialize(TOPIC, "{\"tool\":\"t\"}".getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(SerializationException.class);
        assertThatThrownBy(() -> deserializer(Map.of()).deserialize(TOPIC, new byte[] {0, 0, 0, 0, 77, 2}))
                .isInstanceOf(SerializationException.class);
    }

    @Test
    void choosesTheClassBySchemaOrByConfiguration() {
        ToolReply reply = ToolReply.newBuilder().setCallId("1").build();
        byte[] bytes = serializer(Map.of()).serialize("r", reply);
        assertThat(deserializer(Map.of()).deserialize("r", bytes)).isEqualTo(reply);

        ToolpostAvroDeserializer typed = new ToolpostAvroDeserializer();
        typed.configure(config(Map.of("specific.avro.value.type", ToolReply.class.getName())), false);
        assertThat(typed.deserialize("r", bytes)).isEqualTo(reply);
        assertThat(typed.deserialize("r", "{\"call_id\":\"1\"}".getBytes(StandardCharsets.UTF_8)))
                .isEqualTo(reply);
        typed.close();
    }

    private void write(Map<String, String> config) {
        assertThat(serializer(config).serialize(TOPIC, call())).isNotEmpty();
    }

    private ToolpostAvroSerializer ours(Map<String, String> config) {
        ToolpostAvroSerializer serializer = new ToolpostAvroSerializer();
        serializer.configure(config(config), false);
        return serializer;
    }

    @SuppressWarnings("unchecked") // serdes of any maker take and give records
    private Serializer<Object> serializer(Map<String, String> config) {
        Serializer<Object> serializer = (Serializer<Object>) create(SERIALIZER);
        serializer.configure(config(config), false);
        return serializer;
    }

    @SuppressWarnings("unchecked") // serdes of any maker take and give records
    private Deserializer<Object> deserializer(Map<String, String> config) {
        Deserializer<Object> deserializer = (Deserializer<Object>) create(DESERIALIZER);
        deserializer.configure(config(config), false);
        return deserializer;
    }

    private Map<String, String> config(Map<String, String> more) {
        Map<String, String> config = new HashMap<>(more);
        config.put("schema.registry.url", server.url());
        config.put("specific.avro.reader", "true");
        return config;
    }

    private static Object create(String className) {
        try {
            return Class.forName(className).getDeclaredConstructor().newInstance();
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(className + " (expected: on the class path)", e);
        }
    }

    private static ToolCall call() {
        return ToolCall.newBuilder()
                .setTool("hubspot_list_contacts")
                .setConnection("sales")
                .setArguments("{\"limit\":1}")
                .setPaging(Paging.newBuilder().setMaxPages(3).build())
                .build();
    }
}
