package dev.toolpost.sandbox;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** HubSpot's writes: create, update, archive and batch upsert. Belongs to the loop's thread. */
final class HubSpotWrites {

    private static final Pattern EMAIL = Pattern.compile("[^@\\s]+@[^@\\s]+\\.[^@\\s.]+");

    private final VendorState state;
    private final HubSpotRecords records;
    private final HubSpotErrors errors;

    HubSpotWrites(VendorState state, HubSpotRecords records, HubSpotErrors errors) {
        this.state = state;
        this.records = records;
        this.errors = errors;
    }

    void create(HttpExchange exchange, RecordCollection collection) {
        JsonNode body = errors.body(exchange);
        Map<String, String> properties = body == null ? null : written(exchange, collection, body);
        if (properties == null) {
            return;
        }
        String unique = collection.profile().unique();
        String key = unique == null ? null : properties.get(unique);
        long existing = key == null ? -1 : collection.find(key);
        state.counts().wrote("create", collection.profile().name(), marker(collection, properties));
        if (existing >= 0) {
            errors.error(exchange, 409, "CONFLICT", "Contact already exists. Existing ID: " + existing);
            return;
        }
        long id = collection.create(properties, state.nowMillis().getAsLong());
        records.write(Wire.json(exchange.status(201)), collection, id, List.copyOf(new TreeSet<>(properties.keySet())));
    }

    void update(HttpExchange exchange, RecordCollection collection, String id) {
        long found = HubSpotRecords.find(exchange, collection, id);
        if (found < 0) {
            errors.error(exchange, 404, "OBJECT_NOT_FOUND", "resource not found");
            return;
        }
        JsonNode body = errors.body(exchange);
        Map<String, String> properties = body == null ? null : written(exchange, collection, body);
        if (properties == null) {
            return;
        }
        state.counts().wrote("update", collection.profile().name(), Long.toString(found));
        String unique = collection.profile().unique();
        String key = unique == null ? null : properties.get(unique);
        long holder = key == null ? -1 : collection.find(key);
        if (holder >= 0 && holder != found) {
            errors.error(exchange, 409, "CONFLICT", "A record with that " + unique + " already exists: " + holder);
            return;
        }
        if (!collection.update(found, properties, state.nowMillis().getAsLong())) {
            errors.full(exchange);
            return;
        }
        records.write(Wire.json(exchange), collection, found, List.copyOf(new TreeSet<>(properties.keySet())));
    }

    void archive(HttpExchange exchange, RecordCollection collection, String id) {
        long number = Wire.number(id);
        if (number < 0 || !collection.existed(number)) {
            errors.error(exchange, 404, "OBJECT_NOT_FOUND", "resource not found");
            return;
        }
        state.counts().wrote("archive", collection.profile().name(), id);
        if (!collection.archive(number)) {
            errors.full(exchange);
            return;
        }
        exchange.status(204);
    }

    void upsert(HttpExchange exchange, RecordCollection collection) {
        JsonNode body = errors.body(exchange);
        if (body == null) {
            return;
        }
        JsonNode inputs = body.path("inputs");
        if (!inputs.isArray() || inputs.isEmpty() || inputs.size() > 100) {
            errors.invalid(
                    exchange, "inputs", "INVALID_LENGTH", "inputs must hold 1 to 100 records, was " + inputs.size());
            return;
        }
        String now = Instant.ofEpochMilli(state.nowMillis().getAsLong()).toString();
        ByteText out = Wire.json(exchange).text("{\"status\":\"COMPLETE\",\"results\":[");
        List<String> failures = new ArrayList<>();
        boolean first = true;
        for (JsonNode input : inputs) {
            String failure = upsertOne(out, collection, input, first);
            if (failure == null) {
                first = false;
            } else {
                failures.add(failure);
            }
        }
        out.text("],\"startedAt\":").string(now).text(",\"completedAt\":").string(now);
        if (!failures.isEmpty()) {
            exchange.status(207);
            out.text(",\"numErrors\":").number(failures.size()).text(",\"errors\":[");
            out.text(String.join(",", failures)).raw((byte) ']');
        }
        out.raw((byte) '}');
    }

    /** Appends the record, or returns the error. */
    private @Nullable String upsertOne(ByteText out, RecordCollection collection, JsonNode input, boolean first) {
        String unique = collection.profile().unique();
        String id = input.path("id").asString("");
        boolean byUnique =
                unique != null && input.path("idProperty").asString("").equals(unique);
        Map<String, String> properties = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> property : input.path("properties").properties()) {
            if (!collection.knows(property.getKey())) {
                return failure(id, "PROPERTY_DOESNT_EXIST", "Property \"" + property.getKey() + "\" does not exist");
            }
            properties.put(property.getKey(), property.getValue().asString(""));
        }
        if (byUnique) {
            properties.putIfAbsent(unique, id);
        }
        String email = properties.get("email");
        if (email != null && !EMAIL.matcher(email).matches()) {
            return failure(id, "INVALID_EMAIL", "Email address " + email + " is invalid");
        }
        state.counts().wrote("upsert", collection.profile().name(), id);
        long found = byUnique ? collection.find(id) : Wire.number(id);
        boolean isNew = found < 0 || !collection.isPresent(found);
        if (isNew && !byUnique) {
            return failure(
                    id,
                    "OBJECT_NOT_FOUND",
                    "Could not get some " + collection.profile().name() + ": " + id);
        }
        if (isNew) {
            found = collection.create(properties, state.nowMillis().getAsLong());
        } else if (!collection.update(found, properties, state.nowMillis().getAsLong())) {
            return failure(id, "INTERNAL", "The sandbox remembers no more changed records");
        }
        if (!first) {
            out.raw((byte) ',');
        }
        records.write(out, collection, found, List.copyOf(new TreeSet<>(properties.keySet())));
        out.truncate(out.length() - 1)
                .text(",\"new\":")
                .text(Boolean.toString(isNew))
                .raw((byte) '}');
        return null;
    }

    private static String failure(String id, String code, String message) {
        return new ByteText(200)
                .text("{\"status\":\"error\",\"category\":\"VALIDATION_ERROR\",\"message\":")
                .string(message)
                .text(",\"context\":{\"ids\":[")
                .string(id)
                .text("]},\"errors\":[{\"code\":")
                .string(code)
                .text(",\"message\":")
                .string(message)
                .text("}]}")
                .toString();
    }

    /** The properties of a write, or null after an answer that says what is wrong. */
    private @Nullable Map<String, String> written(HttpExchange exchange, RecordCollection collection, JsonNode body) {
        JsonNode properties = body.path("properties");
        if (!properties.isObject()) {
            errors.invalid(exchange, "properties", "REQUIRED_FIELD", "Some required fields were not set: [properties]");
            return null;
        }
        Map<String, String> values = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> property : properties.properties()) {
            String name = property.getKey();
            if (!collection.knows(name)) {
                errors.invalid(
                        exchange,
                        name,
                        "PROPERTY_DOESNT_EXIST",
                        "Property values were not valid: Property \"" + name + "\" does not exist");
                return null;
            }
            String value = property.getValue().asString("");
            if (name.equals("email") && !EMAIL.matcher(value).matches()) {
                errors.invalid(
                        exchange,
                        "email",
                        "INVALID_EMAIL",
                        "Property values were not valid: Email address " + value + " is invalid");
                return null;
            }
            values.put(name, value);
        }
        return values;
    }

    private static String marker(RecordCollection collection, Map<String, String> properties) {
        String unique = collection.profile().unique();
        String[] candidates = {unique == null ? "" : unique, "dealname", "name"};
        for (String candidate : candidates) {
            String value = properties.get(candidate);
            if (value != null) {
                return value;
            }
        }
        return properties.toString();
    }
}
