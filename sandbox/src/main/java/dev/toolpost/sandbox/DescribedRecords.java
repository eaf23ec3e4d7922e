package dev.toolpost.sandbox;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** A described collection: how its records look on the wire and what becomes of written values. Belongs to the loop's thread. */
final class DescribedRecords {

    private final RecordCollection collection;
    private final PageLog pages;
    private final String idProperty;
    private final IdForm idForm;
    private final Set<String> computed = new HashSet<>();
    private final List<String> shown;
    private final Map<String, ReplyTemplate> onCreate;
    private final Map<String, ReplyTemplate> onUpdate;
    private final List<String> marker;

    DescribedRecords(RecordCollection collection, PageLog pages) {
        this.collection = collection;
        this.pages = pages;
        JsonNode node = collection.profile().traits();
        this.idProperty = node.path("id").asString("id");
        String form = node.path("properties").path(idProperty).asString("");
        this.idForm = IdForm.parse(form.startsWith("=") ? form.substring(1) : form);
        computed.add(idProperty);
        node.path("computed").forEach(name -> computed.add(name.asString()));
        List<String> usual = collection.profile().defaultProperties();
        this.shown = usual.isEmpty()
                ? collection.profile().properties().keySet().stream()
                        .filter(name -> !name.startsWith("_"))
                        .toList()
                : List.copyOf(usual);
        this.onCreate = templates(node.path("created"));
        this.onUpdate = templates(node.path("updated"));
        List<String> names = new ArrayList<>();
        node.path("marker").forEach(name -> names.add(name.asString()));
        this.marker = names;
    }

    private static Map<String, ReplyTemplate> templates(JsonNode node) {
        Map<String, ReplyTemplate> templates = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> member : node.properties()) {
            templates.put(member.getKey(), ReplyTemplate.parse(member.getValue()));
        }
        return templates;
    }

    RecordCollection collection() {
        return collection;
    }

    String name() {
        return collection.profile().name();
    }

    String idProperty() {
        return idProperty;
    }

    String idText(long id) {
        return idForm.text(id);
    }

    /** The number that an id on the wire, or a value of a unique property, stands for, whether or not there is such a record; -1 for none. */
    long number(String text) {
        long id = idForm.number(text);
        if (id >= 0) {
            return id;
        }
        for (String unique : collection.profile().uniques()) {
            long found = collection.find(unique, text);
            if (found >= 0) {
                return found;
            }
        }
        return -1;
    }

    boolean isPresent(long id) {
        return id >= 0 && collection.isPresent(id);
    }

    /** A property's value as text, or null. */
    @Nullable
    String value(long id, String property) {
        if (property.equals(idProperty)) {
            return idForm.text(id);
        }
        if (!computed.contains(property)) {
            return collection.value(id, property);
        }
        ByteText out = new ByteText(64);
        collection.writeUnquoted(out, id, property);
        return out.toString();
    }

    void write(ByteText out, long id) {
        write(out, id, shown);
    }

    /** Appends an array of records. */
    void writeAll(ByteText out, List<Long> ids, List<String> properties) {
        out.raw((byte) '[');
        boolean first = true;
        for (long id : ids) {
            if (!first) {
                out.raw((byte) ',');
            }
            first = false;
            write(out, id, properties);
        }
        out.raw((byte) ']');
    }

    /** Appends a record as JSON, and tells the page log its id. */
    void write(ByteText out, long id, List<String> properties) {
        RecordCollection.Entry entry = collection.entry(id);
        out.raw((byte) '{');
        boolean first = true;
        for (String property : properties.isEmpty() ? shown : properties) {
            if (!first) {
                out.raw((byte) ',');
            }
            first = false;
            out.string(property).raw((byte) ':');
            int from = out.length();
            collection.writeValue(out, id, computed.contains(property) ? null : entry, property);
            if (property.equals(idProperty)) {
                boolean quoted = out.array()[from] == '"';
                pages.id(out, quoted ? from + 1 : from, quoted ? out.length() - 1 : out.length());
            }
        }
        out.raw((byte) '}');
    }

    /** What a write sets of what was sent and what its route sets; members that the collection does not know are left out. */
    Map<String, String> written(
            JsonNode sent, Map<String, ReplyTemplate> set, ReplyValues values, boolean form, boolean isNew) {
        Map<String, String> properties = new LinkedHashMap<>();
        fill(properties, isNew ? onCreate : onUpdate, values);
        for (Map.Entry<String, JsonNode> member : sent.properties()) {
            String name = member.getKey();
            if (collection.knows(name) && !computed.contains(name)) {
                properties.put(name, kept(name, member.getValue(), form));
            }
        }
        fill(properties, set, values);
        return properties;
    }

    private void fill(Map<String, String> properties, Map<String, ReplyTemplate> templates, ReplyValues values) {
        templates.forEach((name, template) -> {
            ByteText out = new ByteText(64);
            template.write(out, values);
            if (out.length() > 0) {
                properties.put(name, kept(name, VendorJson.MAPPER.readTree(out.toString()), false));
            }
        });
    }

    /** Forms have nothing but texts: where the property is no text, they mean what they look like. */
    private String kept(String property, JsonNode value, boolean form) {
        if (form && value.isString() && collection.isRaw(property)) {
            String text = value.asString();
            if (text.matches("-?\\d{1,18}|true|false|null")) {
                return collection.keptAsIs(property, VendorJson.MAPPER.readTree(text));
            }
        }
        return collection.keptAsIs(property, value);
    }

    /** By what a write is known in the counts: the first of the marking properties that it has, or the id. */
    String marker(Map<String, String> properties, String otherwise) {
        for (String name : marker) {
            String value = properties.get(name);
            if (value != null) {
                return value;
            }
        }
        return otherwise;
    }

    static JsonNode nothing() {
        return JsonNodeFactory.instance.objectNode();
    }
}
