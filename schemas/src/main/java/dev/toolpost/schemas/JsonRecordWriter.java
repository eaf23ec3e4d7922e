package dev.toolpost.schemas;

import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecordBase;

/** Writes a record in its plain JSON form: every field by its name, JSON texts embedded as they are. */
final class JsonRecordWriter {
    private static final int EXPECTED_LENGTH = 1024;

    private JsonRecordWriter() {}

    static byte[] write(RecordPlan plan, SpecificRecordBase record) {
        JsonOutput out = new JsonOutput(EXPECTED_LENGTH);
        writeRecord(plan, record, out);
        return out.toByteArray();
    }

    private static void writeRecord(RecordPlan plan, SpecificRecordBase record, JsonOutput out) {
        for (RecordPlan.Field field : plan.fields()) {
            out.raw(plan.openingOf(field));
            Object value = record.get(field.position());
            if (value == null) {
                if (!field.nullable()) {
                    throw new IllegalArgumentException(
                            plan.schema().getFullName() + "." + field.name() + ": null (expected: a value)");
                }
                out.raw("null");
            } else {
                writeValue(field.value(), value, out);
            }
        }
        out.ascii('}');
    }

    private static void writeValue(RecordPlan.Value plan, Object value, JsonOutput out) {
        switch (plan) {
            case RecordPlan.Scalar.TEXT -> out.string((String) value);
            case RecordPlan.Scalar.JSON_TEXT,
                    RecordPlan.Scalar.INT,
                    RecordPlan.Scalar.LONG,
                    RecordPlan.Scalar.BOOLEAN -> out.raw(value.toString());
            case RecordPlan.Scalar.DOUBLE -> out.raw(Double.isFinite((Double) value) ? value.toString() : "null");
            case RecordPlan.Scalar.BYTES -> {
                ByteBuffer source = ((ByteBuffer) value).duplicate();
                byte[] copy = new byte[source.remaining()];
                source.get(copy);
                out.ascii('"');
                out.raw(Base64.getEncoder().encode(copy));
                out.ascii('"');
            }
            case RecordPlan.Nested nested -> writeRecord(nested.plan(), (SpecificRecordBase) value, out);
            case RecordPlan.ListOf list -> {
                char separator = '[';
                for (Object item : (List<?>) value) {
                    out.ascii(separator);
                    separator = ',';
                    writeValue(list.item(), item, out);
                }
                if (separator == '[') {
                    out.ascii('[');
                }
                out.ascii(']');
            }
            case RecordPlan.MapOf map -> {
                char separator = '{';
                for (Map.Entry<?, ?> entry : ((Map<?, ?>) value).entrySet()) {
                    out.ascii(separator);
                    separator = ',';
                    out.string((String) entry.getKey());
                    out.ascii(':');
                    writeValue(map.item(), entry.getValue(), out);
                }
                if (separator == '{') {
                    out.ascii('{');
                }
                out.ascii('}');
            }
        }
    }
}
