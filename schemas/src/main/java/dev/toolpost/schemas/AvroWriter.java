package dev.toolpost.schemas;

import dev.toolpost.schemas.registry.RegistryException;
import dev.toolpost.schemas.registry.SchemaRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DatumWriter;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecordBase;

/** Writes one record type in Confluent's framing: byte 0, four bytes of schema id, Avro's binary encoding. Thread-safe. */
final class AvroWriter {
    static final byte MAGIC = 0;
    static final int HEADER_LENGTH = 5;
    private static final int EXPECTED_LENGTH = 512;

    /** Lets the generated classes write themselves, rather than to be walked by their schema: the bytes are the same. */
    private static final SpecificData GENERATED = new SpecificData();

    static {
        GENERATED.setCustomCoders(true);
    }

    private final Schema schema;
    private final Schema plainSchema;
    private final SchemaRegistry registry;
    private final AvroSettings settings;
    private final boolean key;
    private final DatumWriter<SpecificRecordBase> records;
    private final ConcurrentHashMap<String, Target> targets = new ConcurrentHashMap<>();

    /** Under which id a subject's records are written, and in which schema. */
    private record Target(int id, Schema schema, boolean ours) {}

    AvroWriter(Schema schema, SchemaRegistry registry, AvroSettings settings, boolean key) {
        this.schema = schema;
        this.plainSchema = PlainSchema.of(schema);
        this.registry = registry;
        this.settings = settings;
        this.key = key;
        this.records = new SpecificDatumWriter<>(schema, GENERATED);
    }

    static int schemaId(byte[] framed) {
        return (framed[1] & 0xFF) << 24 | (framed[2] & 0xFF) << 16 | (framed[3] & 0xFF) << 8 | (framed[4] & 0xFF);
    }

    byte[] write(String topic, SpecificRecordBase value) {
        String subject = settings.strategy().subject(topic, schema.getFullName(), key);
        Target target = targets.get(subject);
        if (target == null) {
            target = resolve(subject);
            targets.put(subject, target);
        }
        try {
            ByteArrayOutputStream out = new ByteArrayOutputStream(EXPECTED_LENGTH);
            out.write(MAGIC);
            out.write(target.id >>> 24);
            out.write(target.id >>> 16);
            out.write(target.id >>> 8);
            out.write(target.id);
            BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(out, null);
            if (target.ours) {
                records.write(value, encoder);
            } else {
                new GenericDatumWriter<GenericRecord>(target.schema).write(convert(value, target.schema), encoder);
            }
            encoder.flush();
            return out.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Target resolve(String subject) {
        try {
            return switch (settings.registration()) {
                case AUTO -> new Target(registry.register(subject, plainSchema), plainSchema, true);
                case LOOKUP -> new Target(registry.idOf(subject, plainSchema), plainSchema, true);
                case LATEST -> latest(subject);
            };
        } catch (RegistryException e) {
            if (e.kind() == RegistryException.Kind.UNAVAILABLE) {
                throw new RegistryUnavailableException(e.getMessage(), e);
            }
            throw e;
        }
    }

    private Target latest(String subject) {
        SchemaRegistry.Registered latest = registry.latest(subject);
        if (latest.schema().equals(plainSchema)) {
            return new Target(latest.id(), plainSchema, true);
        }
        SchemaCompatibility.SchemaPairCompatibility result =
                SchemaCompatibility.checkReaderWriterCompatibility(latest.schema(), plainSchema);
        if (result.getType() != SchemaCompatibilityType.COMPATIBLE) {
            throw new RegistryException(
                    RegistryException.Kind.REJECTED,
                    "version " + latest.version() + " of subject " + subject + " cannot read " + schema.getFullName()
                            + ": " + result.getDescription());
        }
        return new Target(latest.id(), latest.schema(), false);
    }

    private GenericRecord convert(SpecificRecordBase value, Schema to) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream(EXPECTED_LENGTH);
        BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(out, null);
        records.write(value, encoder);
        encoder.flush();
        return new GenericDatumReader<GenericRecord>(plainSchema, to, new GenericData())
                .read(null, DecoderFactory.get().binaryDecoder(out.toByteArray(), null));
    }
}
