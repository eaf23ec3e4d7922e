package dev.toolpost.schemas;

import dev.toolpost.schemas.registry.HttpSchemaRegistry;
import dev.toolpost.schemas.registry.RegistryException;
import dev.toolpost.schemas.registry.RegistrySettings;
import dev.toolpost.schemas.registry.SchemaRegistry;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecordBase;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;

/**
 * A Kafka deserializer for Toolpost's records in Confluent's framing, configured with Confluent's keys. It yields the
 * generated class that the writer's schema names, or the one that {@code specific.avro.value.type} (for keys {@code
 * specific.avro.key.type}) names; with the latter it reads plain JSON too. It can stand where {@code
 * KafkaAvroDeserializer} stands with {@code specific.avro.reader=true}.
 */
public final class ToolpostAvroDeserializer implements Deserializer<@Nullable SpecificRecordBase> {
    public static final String VALUE_TYPE = "specific.avro.value.type";
    public static final String KEY_TYPE = "specific.avro.key.type";
    private static final String MESSAGES = "dev.toolpost.message";

    private final ConcurrentHashMap<String, MessageCodec<? extends SpecificRecordBase>> codecs =
            new ConcurrentHashMap<>();
    private @Nullable SchemaRegistry registry;
    private @Nullable HttpSchemaRegistry owned;
    private @Nullable MessageCodec<? extends SpecificRecordBase> configured;

    /** For Kafka, which calls {@link #configure} next. */
    public ToolpostAvroDeserializer() {}

    /** With a registry client of the caller's, who closes it. */
    public ToolpostAvroDeserializer(SchemaRegistry registry) {
        this.registry = registry;
    }

    @Override
    public void configure(Map<String, ?> configs, boolean isKey) {
        if (registry == null) {
            owned = new HttpSchemaRegistry(RegistrySettings.from(configs));
            registry = owned;
        }
        Object type = configs.get(isKey ? KEY_TYPE : VALUE_TYPE);
        if (type != null) {
            configured = codec(type instanceof Class<?> known ? known.getName() : type.toString());
        }
    }

    @Override
    public @Nullable SpecificRecordBase deserialize(String topic, byte @Nullable [] data) {
        if (data == null) {
            return null;
        }
        try {
            return (configured == null ? codecOf(topic, data) : configured)
                    .decode(topic, data)
                    .value();
        } catch (DecodeException | RegistryException e) {
            throw new SerializationException("cannot read a record of " + topic + ": " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        if (owned != null) {
            owned.close();
        }
    }

    private MessageCodec<? extends SpecificRecordBase> codecOf(String topic, byte[] data) {
        if (data.length < AvroWriter.HEADER_LENGTH || data[0] != AvroWriter.MAGIC) {
            throw new SerializationException("a record of " + topic + " is not in Confluent's framing; to read JSON as"
                    + " well, name the record's class in " + VALUE_TYPE);
        }
        Schema schema = registry().byId(AvroWriter.schemaId(data));
        return codec(MESSAGES + "." + schema.getName());
    }

    private MessageCodec<? extends SpecificRecordBase> codec(String className) {
        return codecs.computeIfAbsent(className, this::newCodec);
    }

    private MessageCodec<? extends SpecificRecordBase> newCodec(String className) {
        if (!className.startsWith(MESSAGES + ".")) {
            throw new SerializationException(className + " (expected: a class of " + MESSAGES + ")");
        }
        try {
            return MessageCodec.of(Class.forName(className).asSubclass(SpecificRecordBase.class), registry());
        } catch (ClassNotFoundException | ClassCastException e) {
            throw new SerializationException(className + " (expected: a message of Toolpost)", e);
        }
    }

    private SchemaRegistry registry() {
        if (registry == null) {
            throw new IllegalStateException("not configured: call configure first");
        }
        return registry;
    }
}
