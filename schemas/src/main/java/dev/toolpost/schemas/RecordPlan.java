package dev.toolpost.schemas;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecordBase;
import org.jspecify.annotations.Nullable;

/** How one generated record is read from and written to JSON, worked out once from its schema. Immutable. */
final class RecordPlan {
    /** The schema attribute of a text field that holds JSON: embedded in the JSON form, text in Avro. */
    static final String JSON_ATTRIBUTE = "toolpost.json";

    /** What a field holds. */
    sealed interface Value {}

    enum Scalar implements Value {
        TEXT("a string"),
        JSON_TEXT("JSON"),
        INT("a whole number of 32 bits"),
        LONG("a whole number of 64 bits"),
        DOUBLE("a number"),
        BOOLEAN("true or false"),
        BYTES("a base64 string");

        private final String expectation;

        Scalar(String expectation) {
            this.expectation = expectation;
        }

        String expectation() {
            return expectation;
        }
    }

    record Nested(RecordPlan plan) implements Value {}

    record ListOf(Value item) implements Value {}

    record MapOf(Value item) implements Value {}

    /** One field; {@code fallback} is what stands for it when it is absent. */
    record Field(
            String name,
            int position,
            Value value,
            boolean nullable,
            boolean required,
            @Nullable Object fallback) {

        @Nullable
        Object freshFallback() {
            return switch (fallback) {
                case List<?> _ -> new ArrayList<>();
                case Map<?, ?> _ -> new HashMap<>();
                case null -> null;
                default -> fallback;
            };
        }
    }

    private final Schema schema;
    private final MethodHandle constructor;
    private final Map<String, Field> byName = new HashMap<>();
    private Field[] fields = {};
    private byte[][] openings = {};

    private RecordPlan(Schema schema, Class<?> type) {
        this.schema = schema;
        try {
            this.constructor = MethodHandles.publicLookup()
                    .findConstructor(type, MethodType.methodType(void.class))
                    .asType(MethodType.methodType(SpecificRecordBase.class));
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(type + " has no public constructor without parameters", e);
        }
    }

    static RecordPlan of(Schema schema) {
        return of(schema, new HashMap<>());
    }

    private static RecordPlan of(Schema schema, Map<String, RecordPlan> known) {
        RecordPlan existing = known.get(schema.getFullName());
        if (existing != null) {
            return existing;
        }
        RecordPlan plan = new RecordPlan(schema, SpecificData.get().getClass(schema));
        known.put(schema.getFullName(), plan);
        List<Field> fields = new ArrayList<>();
        for (Schema.Field field : schema.getFields()) {
            Schema type = field.schema();
            boolean nullable = type.isNullable();
            Value value = value(nullable ? withoutNull(type) : type, isJson(field), known);
            Object fallback = field.hasDefaultValue() ? SpecificData.get().getDefaultValue(field) : absent(value);
            Field planned = new Field(field.name(), field.pos(), value, nullable, !field.hasDefaultValue(), fallback);
            fields.add(planned);
            plan.byName.put(field.name(), planned);
        }
        plan.fields = fields.toArray(Field[]::new);
        plan.openings = fields.stream().map(RecordPlan::opening).toArray(byte[][]::new);
        return plan;
    }

    private static byte[] opening(Field field) {
        String text = (field.position() == 0 ? "{" : ",") + "\"" + field.name() + "\":";
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static boolean isJson(Schema.Field field) {
        return Boolean.TRUE.equals(field.getObjectProp(JSON_ATTRIBUTE));
    }

    private static Schema withoutNull(Schema union) {
        return union.getTypes().stream()
                .filter(branch -> branch.getType() != Schema.Type.NULL)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("union of nothing but null: " + union));
    }

    private static Value value(Schema schema, boolean json, Map<String, RecordPlan> known) {
        return switch (schema.getType()) {
            case STRING -> json ? Scalar.JSON_TEXT : Scalar.TEXT;
            case INT -> Scalar.INT;
            case LONG -> Scalar.LONG;
            case DOUBLE -> Scalar.DOUBLE;
            case BOOLEAN -> Scalar.BOOLEAN;
            case BYTES -> Scalar.BYTES;
            case RECORD -> new Nested(of(schema, known));
            case ARRAY -> new ListOf(value(schema.getElementType(), false, known));
            case MAP -> new MapOf(value(schema.getValueType(), false, known));
            case ENUM, UNION, FIXED, FLOAT, NULL ->
                throw new IllegalStateException("messages hold no " + schema.getType() + ": " + schema);
        };
    }

    /** What stands for a required field that could not be read. */
    private static @Nullable Object absent(Value value) {
        return switch (value) {
            case Scalar.TEXT -> "";
            case Scalar.JSON_TEXT -> "null";
            case Scalar.INT -> 0;
            case Scalar.LONG -> 0L;
            case Scalar.DOUBLE -> 0.0;
            case Scalar.BOOLEAN -> false;
            case Scalar.BYTES -> null;
            case Nested _ -> null;
            case ListOf _ -> new ArrayList<>();
            case MapOf _ -> new HashMap<>();
        };
    }

    Schema schema() {
        return schema;
    }

    /** What goes before the field's value in JSON: its name, and the brace or comma before it. */
    byte[] openingOf(Field field) {
        return openings[field.position()];
    }

    Field[] fields() {
        return fields;
    }

    @Nullable
    Field field(String name) {
        return byName.get(name);
    }

    SpecificRecordBase newRecord() {
        try {
            return (SpecificRecordBase) constructor.invokeExact();
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("cannot create " + schema.getFullName(), e);
        }
    }

    /** The field that a misspelt name most likely means; null if none is near. */
    @Nullable
    Field nearest(String name) {
        if (name.length() > 64) {
            return null;
        }
        String plain = plain(name);
        Field best = null;
        int bestDistance = 3;
        for (Field field : fields) {
            String candidate = plain(field.name());
            int distance = plain.equals(candidate) ? 0 : distance(plain, candidate);
            if (distance < bestDistance && distance * 3 <= candidate.length()) {
                best = field;
                bestDistance = distance;
            }
        }
        return best;
    }

    private static String plain(String name) {
        return name.replace("_", "").replace("-", "").toLowerCase(Locale.ROOT);
    }

    /** Edits (insert, drop, change one character) between two texts. */
    private static int distance(String a, String b) {
        int[] previous = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            previous[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int[] current = new int[b.length() + 1];
            current[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int change = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                current[j] = Math.min(change, Math.min(previous[j], current[j - 1]) + 1);
            }
            previous = current;
        }
        return previous[b.length()];
    }
}
