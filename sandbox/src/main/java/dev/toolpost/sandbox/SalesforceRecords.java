package dev.toolpost.sandbox;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Salesforce's single records: how they look, and create, get, update, upsert by external id and delete. */
final class SalesforceRecords {

    private static final String ZONE = "+0000";

    private final VendorState state;

    SalesforceRecords(VendorState state) {
        this.state = state;
    }

    static String prefix(RecordCollection collection) {
        return collection.profile().traits().path("prefix").asString("");
    }

    /** The collection of a type, or null. */
    @Nullable
    RecordCollection collection(String type) {
        for (RecordCollection collection : state.collections()) {
            if (collection.profile().name().equalsIgnoreCase(type)) {
                return collection;
            }
        }
        return null;
    }

    static boolean knows(RecordCollection collection, String field) {
        return field.equals("Id") || (!field.startsWith("_") && collection.knows(field));
    }

    /** Appends a record with the given fields, dotted ones by the object that they are a part of. */
    void write(ByteText out, RecordCollection collection, long id, List<String> fields, String version) {
        String type = collection.profile().name();
        out.text("{\"attributes\":{\"type\":\"").text(type).text("\",\"url\":\"");
        out.text("/services/data/").text(version).text("/sobjects/").text(type).raw((byte) '/');
        int idFrom = out.length();
        SalesforceId.write(out, prefix(collection), id);
        int idTo = out.length();
        state.pages().id(out, idFrom, idTo);
        out.text("\"}");
        RecordCollection.Entry entry = collection.entry(id);
        for (String field : fields) {
            out.text(",\"").text(field).text("\":");
            if (field.equals("Id")) {
                out.raw((byte) '"');
                SalesforceId.write(out, prefix(collection), id);
                out.raw((byte) '"');
            } else {
                collection.writeValue(out, id, entry, field);
            }
        }
        out.raw((byte) '}');
    }

    void get(HttpExchange exchange, RecordCollection collection, String id, String version) {
        long number = present(exchange, collection, id);
        if (number < 0) {
            return;
        }
        List<String> fields = new ArrayList<>();
        String asked = exchange.query("fields");
        if (asked == null) {
            fields.add("Id");
            collection.profile().properties().keySet().stream()
                    .filter(field -> !field.startsWith("_"))
                    .forEach(fields::add);
        } else {
            for (String field : asked.split(",", -1)) {
                if (!knows(collection, field)) {
                    invalidField(exchange, collection, field);
                    return;
                }
                fields.add(field);
            }
        }
        write(Wire.json(exchange), collection, number, fields, version);
    }

    void create(HttpExchange exchange, RecordCollection collection) {
        Map<String, String> fields = fields(exchange, collection);
        if (fields != null) {
            create(exchange, collection, fields, false);
        }
    }

    private void create(
            HttpExchange exchange, RecordCollection collection, Map<String, String> fields, boolean upsert) {
        List<String> missing = new ArrayList<>();
        collection.profile().traits().path("required").forEach(field -> {
            String value = fields.get(field.asString());
            if (value == null || value.isEmpty() || value.equals(RecordCollection.NULL)) {
                missing.add(field.asString());
            }
        });
        if (!missing.isEmpty()) {
            SalesforceErrors.write(
                    exchange,
                    400,
                    "REQUIRED_FIELD_MISSING",
                    "Required fields are missing: [" + String.join(", ", missing) + "]",
                    missing);
            return;
        }
        if (!upsert) {
            state.counts().wrote("create", collection.profile().name(), marker(collection, fields));
        }
        if (clashes(exchange, collection, fields, -1)) {
            return;
        }
        String now = Wire.date(state.nowMillis().getAsLong(), ZONE);
        fields.putIfAbsent("CreatedDate", now);
        fields.put("LastModifiedDate", now);
        name(collection, fields, -1);
        long id = collection.create(fields, state.nowMillis().getAsLong());
        created(exchange.status(201), collection, id, upsert, true);
    }

    void update(HttpExchange exchange, RecordCollection collection, String id) {
        long number = present(exchange, collection, id);
        Map<String, String> fields = number < 0 ? null : fields(exchange, collection);
        if (fields == null) {
            return;
        }
        state.counts().wrote("update", collection.profile().name(), SalesforceId.text(prefix(collection), number));
        if (change(exchange, collection, number, fields)) {
            exchange.status(204);
        }
    }

    void upsert(HttpExchange exchange, RecordCollection collection, String field, String value) {
        if (!collection.profile().uniques().contains(field) || !field.endsWith("__c")) {
            SalesforceErrors.write(
                    exchange,
                    404,
                    "NOT_FOUND",
                    "Provided external ID field does not exist or is not accessible: " + field);
            return;
        }
        Map<String, String> fields = fields(exchange, collection);
        if (fields == null) {
            return;
        }
        if (fields.containsKey(field)) {
            SalesforceErrors.write(
                    exchange,
                    400,
                    "INVALID_FIELD",
                    "The " + field + " field should not be specified in the sobject data.",
                    List.of(field));
            return;
        }
        state.counts().wrote("upsert", collection.profile().name(), value);
        long number = collection.find(field, value);
        if (number < 0) {
            fields.put(field, value);
            create(exchange, collection, fields, true);
        } else if (change(exchange, collection, number, fields)) {
            created(exchange, collection, number, true, false);
        }
    }

    void delete(HttpExchange exchange, RecordCollection collection, String id) {
        long number = present(exchange, collection, id);
        if (number < 0) {
            return;
        }
        state.counts().wrote("archive", collection.profile().name(), SalesforceId.text(prefix(collection), number));
        if (collection.archive(number)) {
            exchange.status(204);
        } else {
            SalesforceErrors.full(exchange);
        }
    }

    private boolean change(
            HttpExchange exchange, RecordCollection collection, long number, Map<String, String> fields) {
        if (clashes(exchange, collection, fields, number)) {
            return false;
        }
        fields.put("LastModifiedDate", Wire.date(state.nowMillis().getAsLong(), ZONE));
        name(collection, fields, number);
        if (!collection.update(number, fields, state.nowMillis().getAsLong())) {
            SalesforceErrors.full(exchange);
            return false;
        }
        return true;
    }

    private static void created(
            HttpExchange exchange, RecordCollection collection, long id, boolean upsert, boolean isNew) {
        ByteText out = Wire.json(exchange).text("{\"id\":\"");
        SalesforceId.write(out, prefix(collection), id);
        out.text("\",\"success\":true,\"errors\":[]");
        if (upsert) {
            out.text(isNew ? ",\"created\":true" : ",\"created\":false");
        }
        out.raw((byte) '}');
    }

    /** Whether another record has one of the values that only one may have; writes the answer then. */
    private static boolean clashes(
            HttpExchange exchange, RecordCollection collection, Map<String, String> fields, long self) {
        for (String unique : collection.profile().uniques()) {
            String value = fields.get(unique);
            long holder = value == null ? -1 : collection.find(unique, value);
            if (holder < 0 || holder == self) {
                continue;
            }
            if (unique.endsWith("__c")) {
                SalesforceErrors.write(
                        exchange,
                        400,
                        "DUPLICATE_VALUE",
                        "duplicate value found: " + unique + " duplicates value on record with id: "
                                + SalesforceId.text(prefix(collection), holder),
                        List.of());
            } else {
                SalesforceErrors.write(
                        exchange,
                        400,
                        "DUPLICATES_DETECTED",
                        "You're creating a duplicate record. We recommend you use an existing record instead.",
                        List.of());
            }
            return true;
        }
        return false;
    }

    /** A person's whole name follows from its parts. */
    private static void name(RecordCollection collection, Map<String, String> fields, long id) {
        if (!collection.knows("LastName") || !(fields.containsKey("LastName") || fields.containsKey("FirstName"))) {
            return;
        }
        StringBuilder name = new StringBuilder();
        for (String part : List.of("FirstName", "LastName")) {
            String value = fields.containsKey(part) ? fields.get(part) : id < 0 ? null : collection.value(id, part);
            if (value != null && !value.equals(RecordCollection.NULL)) {
                name.append(name.isEmpty() ? "" : " ").append(value);
            }
        }
        fields.put("Name", name.toString());
    }

    private static String marker(RecordCollection collection, Map<String, String> fields) {
        List<String> candidates = new ArrayList<>(collection.profile().uniques());
        candidates.addAll(List.of("Name", "LastName"));
        for (String candidate : candidates) {
            String value = fields.get(candidate);
            if (value != null) {
                return value;
            }
        }
        return fields.toString();
    }

    /** The number of a record that is there, or -1 after an answer that says what is wrong. */
    private static long present(HttpExchange exchange, RecordCollection collection, String id) {
        long number = SalesforceId.number(prefix(collection), id);
        if (number >= 0 && collection.isPresent(number)) {
            return number;
        }
        if (number >= 0 && collection.existed(number)) {
            SalesforceErrors.write(exchange, 404, "ENTITY_IS_DELETED", "entity is deleted", List.of());
        } else {
            SalesforceErrors.notFound(exchange);
        }
        return -1;
    }

    /** The fields of a write, or null after an answer that says what is wrong. */
    private static @Nullable Map<String, String> fields(HttpExchange exchange, RecordCollection collection) {
        JsonNode body = Wire.object(exchange);
        if (body == null) {
            SalesforceErrors.write(exchange, 400, "JSON_PARSER_ERROR", "Unexpected character or end of the JSON");
            return null;
        }
        Map<String, String> fields = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> field : body.properties()) {
            if (field.getKey().equals("attributes")) {
                continue;
            }
            if (field.getKey().equals("Id") || !knows(collection, field.getKey())) {
                invalidField(exchange, collection, field.getKey());
                return null;
            }
            fields.put(field.getKey(), collection.kept(field.getKey(), field.getValue()));
        }
        String email = fields.get("Email");
        if (email != null && !email.equals(RecordCollection.NULL) && email.indexOf('@') < 1) {
            SalesforceErrors.write(
                    exchange, 400, "INVALID_EMAIL_ADDRESS", "Email: invalid email address: " + email, List.of("Email"));
            return null;
        }
        return fields;
    }

    static void invalidField(HttpExchange exchange, RecordCollection collection, String field) {
        SalesforceErrors.write(
                exchange,
                400,
                "INVALID_FIELD",
                "No such column '" + field + "' on sobject of type "
                        + collection.profile().name());
    }
}
