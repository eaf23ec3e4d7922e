package dev.toolpost.worker.view;

import dev.toolpost.schemas.JsonTrouble;
import java.io.ByteArrayOutputStream;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** JSON as expressions take it and as what they make is written. Pure; thread-safe. */
final class ViewJson {

    private static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(150)
                    .maxNumberLength(1_000)
                    .build())
            .build();

    /** Numbers keep their digits: an id may have more than a double. */
    private static final JsonMapper MAPPER = JsonMapper.builder(JSON)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();

    private ViewJson() {}

    /** What an expression made is no JSON, or not within the bounds; the message says why. */
    static final class UnwritableException extends Exception {
        private static final long serialVersionUID = 1;

        UnwritableException(String message) {
            super(message, null, false, false);
        }

        @Override
        public String getMessage() {
            return String.valueOf(super.getMessage());
        }
    }

    /**
     * Maps, lists, texts, numbers, booleans and null.
     *
     * @throws UnwritableException where it is not JSON
     */
    static @Nullable Object read(byte[] utf8) throws UnwritableException {
        try {
            return MAPPER.readValue(utf8, Object.class);
        } catch (JacksonException notJson) {
            throw new UnwritableException("it is not JSON (" + JsonTrouble.of(notJson) + ")");
        }
    }

    /**
     * The JSON of what an expression made, in UTF-8.
     *
     * @param deepest how deep it may nest
     * @param nulls whether members that are null stay
     */
    static byte[] write(@Nullable Object value, int deepest, boolean nulls) throws UnwritableException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
        try (JsonGenerator out = JSON.createGenerator(ObjectWriteContext.empty(), bytes)) {
            write(out, value, deepest, nulls);
        }
        return bytes.toByteArray();
    }

    private static void write(JsonGenerator out, @Nullable Object value, int deeper, boolean nulls)
            throws UnwritableException {
        if (deeper < 0) {
            throw new UnwritableException("what comes of it nests too deep");
        }
        switch (value) {
            case null -> out.writeNull();
            case String text -> out.writeString(text);
            case Boolean flag -> out.writeBoolean(flag);
            case Number number -> writeNumber(out, number);
            case Map<?, ?> object -> {
                out.writeStartObject();
                for (Map.Entry<?, ?> member : object.entrySet()) {
                    if (nulls || member.getValue() != null) {
                        out.writeName(String.valueOf(member.getKey()));
                        write(out, member.getValue(), deeper - 1, nulls);
                    }
                }
                out.writeEndObject();
            }
            case Iterable<?> list -> {
                out.writeStartArray();
                for (Object item : list) {
                    write(out, item, deeper - 1, nulls);
                }
                out.writeEndArray();
            }
            default -> throw new UnwritableException("what comes of it holds a function");
        }
    }

    /** Arithmetic of the expression is in doubles; a whole one is written as whole. */
    private static void writeNumber(JsonGenerator out, Number number) throws UnwritableException {
        if (number instanceof Double || number instanceof Float) {
            double value = number.doubleValue();
            if (!Double.isFinite(value)) {
                throw new UnwritableException("what comes of it holds a number that is none");
            }
            if (value == Math.rint(value) && Math.abs(value) < 1L << 53) {
                out.writeNumber((long) value);
            } else {
                out.writeNumber(value);
            }
        } else {
            out.writeNumber(number.toString());
        }
    }
}
