package dev.toolpost.schemas;

import dev.toolpost.schemas.registry.RegistryException;
import dev.toolpost.schemas.registry.SchemaRegistry;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.io.DatumReader;
import org.apache.avro.io.FastReaderBuilder;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecordBase;
import org.jspecify.annotations.Nullable;

/**
 * Turns one kind of message into bytes and back, in both formats. The first byte of a value decides: 0 is Avro in Confluent's
 * framing (then four bytes of schema id), everything else is JSON. Whatever schema the writer used is resolved to ours.
 *
 * <p>Thread-safe. A schema that was seen before costs a map lookup; a new one asks the registry and may block.
 *
 * @param <T> the generated record
 */
public final class MessageCodec<T extends SpecificRecordBase> {
    /** The largest value that is decoded. */
    public static final int MAX_BYTES = 16 * 1024 * 1024;

    /** The deepest nesting of JSON, the message's own braces included. */
    public static final int MAX_DEPTH = 200;

    static {
        AvroTrust.messages();
    }

    private final Class<T> type;
    private final Schema schema;
    private final RecordPlan plan;
    private final List<RecordPlan.Field> jsonFields;
    private final @Nullable SchemaRegistry registry;
    private final @Nullable AvroWriter writer;
    private final FastReaderBuilder readerBuilder = FastReaderBuilder.getSpecific();
    private final ConcurrentHashMap<Integer, DatumReader<T>> readers = new ConcurrentHashMap<>();

    private MessageCodec(Class<T> type, @Nullable SchemaRegistry registry, AvroSettings settings, boolean key) {
        this.type = type;
        this.schema = SpecificData.get().getSchema(type);
        this.plan = RecordPlan.of(schema);
        this.jsonFields = List.of(plan.fields()).stream()
                .filter(field -> field.value() == RecordPlan.Scalar.JSON_TEXT)
                .toList();
        this.registry = registry;
        this.writer = registry == null ? null : new AvroWriter(schema, registry, settings, key);
    }

    /** A codec for values that registers its schema under {@code <topic>-value}. Without a registry it does JSON only. */
    public static <T extends SpecificRecordBase> MessageCodec<T> of(Class<T> type, @Nullable SchemaRegistry registry) {
        return of(type, registry, AvroSettings.defaults());
    }

    public static <T extends SpecificRecordBase> MessageCodec<T> of(
            Class<T> type, @Nullable SchemaRegistry registry, AvroSettings settings) {
        return new MessageCodec<>(type, registry, settings, false);
    }

    static <T extends SpecificRecordBase> MessageCodec<T> of(
            Class<T> type, SchemaRegistry registry, AvroSettings settings, boolean key) {
        return new MessageCodec<>(type, registry, settings, key);
    }

    public Class<T> type() {
        return type;
    }

    /**
     * Reads a message.
     *
     * @param topic where the bytes come from; for error messages
     * @throws MalformedMessageException if they are no message and never will be
     * @throws InvalidMessageException if the message can be read and its fields are wrong
     * @throws RegistryUnavailableException if the schema is not known yet and the registry does not answer
     */
    public Decoded<T> decode(String topic, byte @Nullable [] bytes) {
        if (bytes == null || bytes.length == 0) {
            throw new MalformedMessageException(
                    MalformedMessageException.EMPTY, topic + ": no value (expected: " + type.getSimpleName() + ")");
        }
        if (bytes.length > MAX_BYTES) {
            throw new MalformedMessageException(
                    MalformedMessageException.TOO_LARGE, bytes.length + " bytes (expected: at most " + MAX_BYTES + ")");
        }
        return bytes[0] == AvroWriter.MAGIC
                ? new Decoded<>(readAvro(topic, bytes), Format.AVRO)
                : new Decoded<>(type.cast(JsonRecordReader.read(plan, bytes)), Format.JSON);
    }

    /**
     * Writes a message. JSON texts in it are embedded as they are; that they are JSON is the caller's part.
     *
     * @throws IllegalStateException for Avro without a registry
     * @throws RegistryUnavailableException if the schema's id is not known yet and the registry does not answer
     * @throws RegistryException if the registry refuses the schema or does not know the subject
     */
    public byte[] encode(String topic, T value, Format format) {
        return switch (format) {
            case JSON -> JsonRecordWriter.write(plan, value);
            case AVRO -> {
                if (writer == null) {
                    throw new IllegalStateException("Avro for " + topic + " needs a schema registry: configure"
                            + " schema.registry.url, or use JSON");
                }
                yield writer.write(topic, value);
            }
        };
    }

    private T readAvro(String topic, byte[] bytes) {
        if (bytes.length < AvroWriter.HEADER_LENGTH) {
            throw new MalformedMessageException(
                    MalformedMessageException.NOT_AVRO,
                    bytes.length + " bytes (expected: a magic byte and a schema id)");
        }
        int id = AvroWriter.schemaId(bytes);
        AvroInput input = new AvroInput(bytes, AvroWriter.HEADER_LENGTH);
        T value;
        try {
            value = reader(topic, id).read(null, input);
        } catch (IOException | AvroRuntimeException | IndexOutOfBoundsException | StackOverflowError e) {
            throw new MalformedMessageException(
                    MalformedMessageException.NOT_AVRO,
                    "the bytes do not fit schema " + id + " read as " + type.getSimpleName() + ": " + e.getMessage(),
                    e);
        }
        if (input.remaining() > 0) {
            throw new MalformedMessageException(
                    MalformedMessageException.TRAILING_BYTES,
                    input.remaining() + " bytes follow the Avro record (expected: none)");
        }
        checkJsonFields(value);
        return value;
    }

    private void checkJsonFields(T value) {
        List<FieldProblem> problems = null;
        for (RecordPlan.Field field : jsonFields) {
            String problem =
                    value.get(field.position()) instanceof String json ? JsonRecordReader.problemOf(json) : null;
            if (problem != null) {
                problems = problems == null ? new ArrayList<>() : problems;
                problems.add(new FieldProblem("/" + field.name(), problem));
                value.put(field.position(), field.fallback());
            }
        }
        if (problems != null) {
            throw new InvalidMessageException(problems, value);
        }
    }

    private DatumReader<T> reader(String topic, int id) throws IOException {
        DatumReader<T> known = readers.get(id);
        if (known != null) {
            return known;
        }
        Schema writerSchema = lookUp(topic, id);
        if (writerSchema.getType() != Schema.Type.RECORD
                || !writerSchema.getName().equals(schema.getName())) {
            throw new MalformedMessageException(
                    MalformedMessageException.WRONG_SCHEMA,
                    "schema " + id + " is " + writerSchema.getFullName() + " (expected: " + schema.getFullName() + ")");
        }
        DatumReader<T> created = readerBuilder.createDatumReader(writerSchema, schema);
        readers.put(id, created);
        return created;
    }

    private Schema lookUp(String topic, int id) {
        if (registry == null) {
            throw new MalformedMessageException(
                    MalformedMessageException.NO_REGISTRY,
                    "Avro on " + topic + " and no schema registry to read it with: configure schema.registry.url,"
                            + " or send JSON");
        }
        try {
            return registry.byId(id);
        } catch (RegistryException e) {
            throw switch (e.kind()) {
                case NOT_FOUND, REJECTED ->
                    new MalformedMessageException(MalformedMessageException.UNKNOWN_SCHEMA, e.getMessage(), e);
                case UNAVAILABLE, DENIED -> new RegistryUnavailableException(e.getMessage(), e);
            };
        }
    }
}
