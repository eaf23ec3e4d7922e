package dev.toolpost.worker.view;

import dev.toolpost.connectors.Tool;
import dev.toolpost.connectors.View;
import dev.toolpost.connectors.ViewException;
import dev.toolpost.connectors.ViewExpression;
import dev.toolpost.worker.classify.PageRecords;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonPointer;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * The unified view of one tool: its connector's expression, compiled once. Immutable; safe to share between threads. Every mapping is
 * bounded in time and depth.
 */
public final class UnifiedView {

    private static final int LONGEST_REASON = 300;
    private static final int DEEPEST_RESULT = 20;

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

    private final String model;
    private final ViewExpression expression;

    private UnifiedView(String model, ViewExpression expression) {
        this.model = model;
        this.expression = expression;
    }

    /** The unified view of a tool, or null where it has none. Compiling takes a while: keep it. */
    public static @Nullable UnifiedView of(Tool tool) {
        View view = tool.unified();
        return view == null ? null : new UnifiedView(view.model(), ViewExpression.compile(view.expression()));
    }

    /** Name of the common model. */
    public String model() {
        return model;
    }

    /**
     * Maps one record.
     *
     * @param recordJson JSON in UTF-8
     * @return a JSON object of the common model, in UTF-8
     * @throws UnmappableException with index 0
     */
    public byte[] map(byte[] recordJson) throws UnmappableException {
        Object mapped;
        try {
            mapped = expression.evaluate(MAPPER.readValue(recordJson, Object.class));
        } catch (ViewException wrong) {
            throw unmappable(wrong.getMessage());
        } catch (JacksonException notJson) {
            throw unmappable("it is not JSON (" + notJson.getOriginalMessage() + ")");
        }
        if (!(mapped instanceof Map<?, ?> object)) {
            throw unmappable("what comes of it is no object");
        }
        if (!(object.get("id") instanceof String id) || id.isEmpty()) {
            throw unmappable("it has no id");
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
        try (JsonGenerator out = JSON.createGenerator(ObjectWriteContext.empty(), bytes)) {
            write(out, object, 0);
        }
        return bytes.toByteArray();
    }

    /**
     * Maps a whole answer.
     *
     * @param body JSON in UTF-8, as the vendor sent it
     * @param list where the body holds the page's records, or null where the body as a whole is the record
     * @return a JSON array of the page's records in the common model; for a tool without pages the mapped object
     * @throws UnmappableException for the first record that cannot be mapped; none is left out
     */
    public byte[] mapBody(byte[] body, @Nullable JsonPointer list) throws UnmappableException {
        if (list == null) {
            return map(body);
        }
        return map(PageRecords.of(body, list)).array().getBytes(StandardCharsets.UTF_8);
    }

    /**
     * Maps the records of a page.
     *
     * @return as many records, in the same order
     * @throws UnmappableException for the first record that cannot be mapped; none is left out
     */
    public PageRecords map(PageRecords records) throws UnmappableException {
        List<byte[]> mapped = new ArrayList<>(records.size());
        for (int i = 0; i < records.size(); i++) {
            try {
                mapped.add(map(records.record(i)));
            } catch (UnmappableException unmappable) {
                throw unmappable.at(i);
            }
        }
        return PageRecords.of(mapped);
    }

    /** Writes a value; a member that is null is left out. */
    private void write(JsonGenerator out, @Nullable Object value, int depth) throws UnmappableException {
        if (depth > DEEPEST_RESULT) {
            throw unmappable("what comes of it nests deeper than " + DEEPEST_RESULT);
        }
        switch (value) {
            case null -> out.writeNull();
            case String text -> out.writeString(text);
            case Boolean flag -> out.writeBoolean(flag);
            case Number number -> writeNumber(out, number);
            case Map<?, ?> object -> {
                out.writeStartObject();
                for (Map.Entry<?, ?> member : object.entrySet()) {
                    if (member.getValue() != null) {
                        out.writeName(String.valueOf(member.getKey()));
                        write(out, member.getValue(), depth + 1);
                    }
                }
                out.writeEndObject();
            }
            case Iterable<?> list -> {
                out.writeStartArray();
                for (Object item : list) {
                    write(out, item, depth + 1);
                }
                out.writeEndArray();
            }
            default -> throw unmappable("what comes of it holds a function");
        }
    }

    /** Arithmetic of the expression is in doubles; a whole one is written as whole. */
    private void writeNumber(JsonGenerator out, Number number) throws UnmappableException {
        if (number instanceof Double || number instanceof Float) {
            double value = number.doubleValue();
            if (!Double.isFinite(value)) {
                throw unmappable("what comes of it holds a number that is none");
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

    private UnmappableException unmappable(String reason) {
        return new UnmappableException(
                0, model, reason.length() > LONGEST_REASON ? reason.substring(0, LONGEST_REASON) : reason);
    }
}
