package dev.toolpost.schemas;

import dev.toolpost.schemas.registry.HttpSchemaRegistry;
import dev.toolpost.schemas.registry.RegistryException;
import dev.toolpost.schemas.registry.RegistrySettings;
import dev.toolpost.schemas.registry.SchemaRegistry;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.specific.SpecificRecordBase;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Serializer;
import org.jspecify.annotations.Nullable;

/**
 * A Kafka serializer for Toolpost's records in Confluent's framing, configured with Confluent's keys: {@code
 * schema.registry.url}, {@code basic.auth.*}, {@code auto.register.schemas}, {@code use.latest.version} and {@code
 * value.subject.name.strategy}. It can stand where {@code KafkaAvroSerializer} stands.
 */
public final class ToolpostAvroSerializer implements Serializer<@Nullable SpecificRecordBase> {
    private final ConcurrentHashMap<Class<?>, MessageCodec<SpecificRecordBase>> codecs = new ConcurrentHashMap<>();
    private @Nullable SchemaRegistry registry;
    private @Nullable HttpSchemaRegistry owned;
    private AvroSettings settings = AvroSettings.defaults();
    private boolean key;

    /** For Kafka, which calls {@link #configure} next. */
    public ToolpostAvroSerializer() {}

    /** With a registry client of the caller's, who closes it. */
    public ToolpostAvroSerializer(SchemaRegistry registry) {
        this.registry = registry;
    }

    @Override
    public void configure(Map<String, ?> configs, boolean isKey) {
        key = isKey;
        settings = AvroSettings.from(configs, isKey);
        if (registry == null) {
            owned = new HttpSchemaRegistry(RegistrySettings.from(configs));
            registry = owned;
        }
    }

    @Override
    public byte @Nullable [] serialize(String topic, @Nullable SpecificRecordBase data) {
        if (data == null) {
            return null;
        }
        try {
            return codec(data).encode(topic, data, Format.AVRO);
        } catch (DecodeException | RegistryException e) {
            throw new SerializationException(
                    "cannot write " + data.getClass().getSimpleName() + " for " + topic + ": " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        if (owned != null) {
            owned.close();
        }
    }

    @SuppressWarnings("unchecked") // the codec of a record's own class
    private MessageCodec<SpecificRecordBase> codec(SpecificRecordBase data) {
        SchemaRegistry known = registry;
        if (known == null) {
            throw new IllegalStateException("not configured: call configure first");
        }
        return codecs.computeIfAbsent(
                data.getClass(), type -> MessageCodec.of((Class<SpecificRecordBase>) type, known, settings, key));
    }
}
