package dev.toolpost.schemas;

import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecordBase;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.json.JsonFactory;

/**
 * Reads one record from its plain JSON form, token by token. A field that holds JSON keeps its source text, so numbers
 * keep their digits and unknown fields stay. Collects every problem before it gives up. One instance reads one message.
 */
final class JsonRecordReader {
    private static final JsonFactory FACTORY = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MessageCodec.MAX_DEPTH)
                    .maxStringLength(MessageCodec.MAX_BYTES)
                    .maxDocumentLength(MessageCodec.MAX_BYTES)
                    .build())
            .build();
    private static final int MAX_PROBLEMS = 50;

    private final byte[] bytes;
    private final JsonParser parser;
    private final List<FieldProblem> problems = new ArrayList<>();

    private JsonRecordReader(byte[] bytes, JsonParser parser) {
        this.bytes = bytes;
        this.parser = parser;
    }

    static SpecificRecordBase read(RecordPlan plan, byte[] bytes) {
        if (looksLikeUtf16(bytes) || !Utf8Check.isValid(bytes)) {
            throw new MalformedMessageException(MalformedMessageException.NOT_JSON, "the bytes are not UTF-8");
        }
        try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), bytes, 0, bytes.length)) {
            JsonRecordReader reader = new JsonRecordReader(bytes, parser);
            JsonToken first = parser.nextToken();
            if (first != JsonToken.START_OBJECT) {
                throw new MalformedMessageException(
                        MalformedMessageException.NOT_JSON,
                        "the value is " + describe(first)
                                + " (expected: a JSON object, or Avro in Confluent's framing)");
            }
            SpecificRecordBase record = reader.readRecord(plan, "");
            if (parser.nextToken() != null) {
                throw new MalformedMessageException(
                        MalformedMessageException.TRAILING_BYTES,
                        "after the JSON object, at byte "
                                + parser.currentTokenLocation().getByteOffset()
                                + ", follows more (expected: one object per record)");
            }
            if (!reader.problems.isEmpty()) {
                throw new InvalidMessageException(reader.problems, record);
            }
            return record;
        } catch (StreamConstraintsException e) {
            throw new MalformedMessageException(MalformedMessageException.TOO_DEEP, JsonTrouble.of(e), e);
        } catch (JacksonException e) {
            throw new MalformedMessageException(
                    MalformedMessageException.NOT_JSON,
                    "no JSON at byte "
                            + (e.getLocation() == null ? 0 : e.getLocation().getByteOffset()) + ": "
                            + JsonTrouble.of(e),
                    e);
        }
    }

    /** The parser would guess UTF-16 or UTF-32 from zero bytes at the start; the contract is UTF-8. */
    private static boolean looksLikeUtf16(byte[] bytes) {
        for (int i = 0; i < Math.min(4, bytes.length); i++) {
            if (bytes[i] == 0) {
                return true;
            }
        }
        return false;
    }

    /** Checks that a text that came by Avro is JSON, as deep as it may be and nothing after it; null if it is. */
    static @Nullable String problemOf(String json) {
        try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), json)) {
            if (parser.nextToken() == null) {
                return "no JSON value (expected: JSON as text)";
            }
            parser.skipChildren();
            parser.finishToken();
            return parser.nextToken() == null ? null : "more than one JSON value (expected: one)";
        } catch (JacksonException e) {
            return "not JSON: " + JsonTrouble.of(e);
        }
    }

    private SpecificRecordBase readRecord(RecordPlan plan, String path) {
        SpecificRecordBase record = plan.newRecord();
        BitSet seen = new BitSet(plan.fields().length);
        List<String> unknown = null;
        for (String name = parser.nextName(); name != null; name = parser.nextName()) {
            RecordPlan.Field field = plan.field(name);
            JsonToken token = parser.nextToken();
            if (field == null) {
                unknown = unknown == null ? new ArrayList<>() : unknown;
                if (unknown.size() < MAX_PROBLEMS) {
                    unknown.add(name);
                }
                parser.skipChildren();
            } else if (seen.get(field.position())) {
                problem(path, name, "given twice (expected: once)");
                parser.skipChildren();
            } else {
                seen.set(field.position());
                Object value = token == JsonToken.VALUE_NULL ? nullFor(field, path) : readField(field, token, path);
                record.put(field.position(), value);
            }
        }
        fillAbsent(plan, record, seen, unknown == null ? List.of() : unknown, path);
        return record;
    }

    private @Nullable Object nullFor(RecordPlan.Field field, String path) {
        if (field.required() && !field.nullable()) {
            problem(path, field.name(), "null (expected: " + expectation(field.value()) + ")");
        }
        return field.nullable() ? null : field.freshFallback();
    }

    private @Nullable Object readField(RecordPlan.Field field, JsonToken token, String path) {
        Object value = readValue(field.value(), token, path, field.name());
        return value == null ? field.freshFallback() : value;
    }

    /** Absent fields get their defaults; a missing one, or an unknown one that looks like a known one, is a problem. */
    private void fillAbsent(
            RecordPlan plan, SpecificRecordBase record, BitSet seen, List<String> unknown, String path) {
        BitSet explained = new BitSet();
        for (String name : unknown) {
            RecordPlan.Field meant = plan.nearest(name);
            if (meant != null && !seen.get(meant.position())) {
                problem(path, name, "unknown field (did you mean " + meant.name() + "?)");
                explained.set(meant.position());
            }
        }
        for (RecordPlan.Field field : plan.fields()) {
            if (seen.get(field.position())) {
                continue;
            }
            record.put(field.position(), field.freshFallback());
            if (field.required() && !explained.get(field.position())) {
                problem(path, field.name(), "missing (expected: " + expectation(field.value()) + ")");
            }
        }
    }

    /** The value, or null after noting a problem. */
    private @Nullable Object readValue(RecordPlan.Value plan, JsonToken token, String path, String name) {
        return switch (plan) {
            case RecordPlan.Scalar.TEXT ->
                token == JsonToken.VALUE_STRING ? parser.getString() : wrong(plan, token, path, name);
            case RecordPlan.Scalar.JSON_TEXT -> sourceText(token);
            case RecordPlan.Scalar.INT -> {
                Long value = wholeNumber(token);
                yield value != null && value == value.intValue()
                        ? (Object) value.intValue()
                        : wrong(plan, token, path, name);
            }
            case RecordPlan.Scalar.LONG -> {
                Long value = wholeNumber(token);
                yield value != null ? value : wrong(plan, token, path, name);
            }
            case RecordPlan.Scalar.DOUBLE ->
                token.isNumeric() ? parser.getDoubleValue() : wrong(plan, token, path, name);
            case RecordPlan.Scalar.BOOLEAN ->
                token.isBoolean() ? (Object) (token == JsonToken.VALUE_TRUE) : wrong(plan, token, path, name);
            case RecordPlan.Scalar.BYTES -> {
                byte[] value = token == JsonToken.VALUE_STRING ? base64(parser.getString()) : null;
                yield value != null ? ByteBuffer.wrap(value) : wrong(plan, token, path, name);
            }
            case RecordPlan.Nested nested ->
                token == JsonToken.START_OBJECT
                        ? readRecord(nested.plan(), pointer(path, name))
                        : wrong(plan, token, path, name);
            case RecordPlan.ListOf list ->
                token == JsonToken.START_ARRAY ? readList(list, pointer(path, name)) : wrong(plan, token, path, name);
            case RecordPlan.MapOf map ->
                token == JsonToken.START_OBJECT ? readMap(map, pointer(path, name)) : wrong(plan, token, path, name);
        };
    }

    private List<Object> readList(RecordPlan.ListOf plan, String path) {
        List<Object> items = new ArrayList<>();
        for (JsonToken token = parser.nextToken(); token != JsonToken.END_ARRAY; token = parser.nextToken()) {
            Object item = readValue(plan.item(), token, path, Integer.toString(items.size()));
            if (item != null) {
                items.add(item);
            }
        }
        return items;
    }

    private Map<String, Object> readMap(RecordPlan.MapOf plan, String path) {
        Map<String, Object> entries = new HashMap<>();
        for (String name = parser.nextName(); name != null; name = parser.nextName()) {
            Object value = readValue(plan.item(), parser.nextToken(), path, name);
            if (value != null) {
                entries.put(name, value);
            }
        }
        return entries;
    }

    /** The bytes of the value as they came. */
    private String sourceText(JsonToken token) {
        int start = (int) parser.currentTokenLocation().getByteOffset();
        int end;
        if (token.isNumeric()) {
            end = start + parser.getStringLength();
        } else {
            parser.skipChildren();
            parser.finishToken();
            end = (int) parser.currentLocation().getByteOffset();
        }
        return new String(bytes, start, end - start, StandardCharsets.UTF_8);
    }

    private @Nullable Long wholeNumber(JsonToken token) {
        if (token == JsonToken.VALUE_NUMBER_INT) {
            return switch (parser.getNumberType()) {
                case INT, LONG -> parser.getLongValue();
                case BIG_INTEGER, FLOAT, DOUBLE, BIG_DECIMAL -> null;
            };
        }
        if (token == JsonToken.VALUE_NUMBER_FLOAT) {
            try {
                return new BigDecimal(parser.getString()).longValueExact();
            } catch (ArithmeticException | NumberFormatException e) {
                return null;
            }
        }
        return null;
    }

    private static byte @Nullable [] base64(String text) {
        try {
            return Base64.getDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private @Nullable Object wrong(RecordPlan.Value plan, JsonToken token, String path, String name) {
        String found = describe(token);
        if (token.isScalarValue()
                && !token.isBoolean()
                && token != JsonToken.VALUE_NULL
                && parser.getStringLength() <= 40) {
            found += " " + parser.getString();
        }
        parser.skipChildren();
        problem(path, name, found + " (expected: " + expectation(plan) + ")");
        return null;
    }

    private void problem(String path, String name, String message) {
        if (problems.size() < MAX_PROBLEMS) {
            problems.add(new FieldProblem(pointer(path, name), message));
        }
    }

    private static String pointer(String path, String name) {
        String shortened = name.length() > 64 ? name.substring(0, 64) + "..." : name;
        return path + "/" + shortened.replace("~", "~0").replace("/", "~1");
    }

    private static String expectation(RecordPlan.Value value) {
        return switch (value) {
            case RecordPlan.Scalar scalar -> scalar.expectation();
            case RecordPlan.Nested _ -> "an object";
            case RecordPlan.ListOf _ -> "an array";
            case RecordPlan.MapOf _ -> "an object";
        };
    }

    private static String describe(@Nullable JsonToken token) {
        return switch (token) {
            case null -> "empty";
            case START_OBJECT, END_OBJECT -> "an object";
            case START_ARRAY, END_ARRAY -> "an array";
            case VALUE_STRING -> "a string";
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> "a number";
            case VALUE_TRUE, VALUE_FALSE -> "a boolean";
            case VALUE_NULL -> "null";
            case PROPERTY_NAME, NOT_AVAILABLE, VALUE_EMBEDDED_OBJECT -> token.name();
        };
    }
}
