package dev.toolpost.connectors.openapi;

import dev.toolpost.connectors.openapi.OpenApiDocument.Operation;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Makes arguments and a request's body of what an operation takes. Used for one operation. */
final class BodyReader {
    private static final String FORM = "application/x-www-form-urlencoded";
    private static final int MOST_MEMBERS = 60;

    private final OpenApiDocument document;
    private final ToolArguments arguments;
    private final SchemaConverter schemas;
    private final Notes notes;

    BodyReader(OpenApiDocument document, ToolArguments arguments, SchemaConverter schemas, Notes notes) {
        this.document = document;
        this.arguments = arguments;
        this.schemas = schemas;
        this.notes = notes;
    }

    void read(Operation operation, ObjectNode request) throws LeftOutException {
        JsonNode given = operation.node().path("requestBody");
        if (given.isMissingNode()) {
            return;
        }
        JsonNode body = document.resolved(given);
        boolean required = body.path("required").asBoolean(false);
        if (!body.isObject()) {
            throw new LeftOutException("the reference of its body leads out of the document or names nothing");
        }
        if (operation.method().equals("GET")) {
            if (required) {
                throw new LeftOutException("it requires a body, which does not go with GET");
            }
            notes.leftOut("body", "a body does not go with GET");
            return;
        }
        JsonNode content = body.path("content");
        String json = mediaType(content, "application/(.*\\+)?json");
        if (json != null) {
            fields(
                    document.resolved(content.path(json).path("schema")),
                    content.path(json).path("schema"),
                    required,
                    request,
                    "body");
            if (!json.equals("application/json")) {
                ObjectNode headers =
                        request.path("headers") instanceof ObjectNode there ? there : request.putObject("headers");
                headers.put("Content-Type", json);
            }
            return;
        }
        if (content.has(FORM) && FormatKeys.hasRequest("form")) {
            fields(
                    document.resolved(content.path(FORM).path("schema")),
                    content.path(FORM).path("schema"),
                    required,
                    request,
                    "form");
            return;
        }
        String multipart = mediaType(content, "multipart/form-data.*");
        if (multipart != null && FormatKeys.hasRequest("multipart")) {
            multipart(document.resolved(content.path(multipart).path("schema")), request);
            return;
        }
        if (raw(content, body, request)) {
            return;
        }
        String types = new TreeSet<>(content.propertyNames()).toString();
        if (required || operation.method().equals("PUT")) {
            throw new LeftOutException("it takes a body of type " + types + ", which cannot be expressed");
        }
        notes.leftOut("body", "a body of type " + types + " cannot be expressed");
    }

    private static @Nullable String mediaType(JsonNode content, String pattern) {
        for (String type : content.propertyNames()) {
            if (type.toLowerCase(Locale.ROOT).replaceFirst("\\s*;.*", "").matches(pattern)) {
                return type;
            }
        }
        return content.has("*/*") && pattern.contains("json") ? "*/*" : null;
    }

    /** Every member of an object becomes an argument; what is no plain object becomes one argument as a whole. */
    private void fields(JsonNode target, JsonNode schema, boolean required, ObjectNode request, String key)
            throws LeftOutException {
        ObjectNode whole = schemas.convert("body", schema);
        JsonNode members = whole.path("properties");
        boolean plain = !members.isEmpty()
                && members.size() <= MOST_MEMBERS
                && !whole.has("anyOf")
                && !whole.path("additionalProperties").isObject();
        if (!plain) {
            if (!key.equals("body")) {
                throw new LeftOutException("the fields of its form are not described as an object");
            }
            String name = arguments.add(
                    "body",
                    schema,
                    "The body of the request as a whole, in the form that the API documents.",
                    required);
            request.put(key, "{" + name + "}");
            return;
        }
        Set<String> needed = new TreeSet<>();
        whole.path("required").forEach(each -> needed.add(each.asString()));
        ObjectNode template = request.putObject(key);
        for (Map.Entry<String, JsonNode> member : members.properties()) {
            String name = arguments.add(
                    member.getKey(),
                    original(target, member.getKey(), member.getValue()),
                    "",
                    required && needed.contains(member.getKey()));
            template.put(member.getKey(), "{" + name + "}");
        }
    }

    /** The schema as the document has it, so that the argument has bounds of its own; what came by a merge is converted already. */
    private static JsonNode original(JsonNode target, String name, JsonNode converted) {
        JsonNode own = target.path("properties").path(name);
        return own.isObject() ? own : converted;
    }

    private void multipart(JsonNode schema, ObjectNode request) throws LeftOutException {
        ObjectNode template = JsonNodeFactory.instance.objectNode();
        Set<String> needed = new TreeSet<>();
        schema.path("required").forEach(each -> needed.add(each.asString("")));
        for (Map.Entry<String, JsonNode> member : schema.path("properties").properties()) {
            JsonNode part = document.resolved(member.getValue());
            boolean isNeeded = needed.contains(member.getKey());
            boolean binary =
                    part.path("format").asString("").matches("binary|base64|byte") || part.has("contentMediaType");
            Set<String> types = ValueTypes.of(document, part);
            if (binary) {
                ObjectNode text = JsonNodeFactory.instance.objectNode().put("type", "string");
                String name = arguments.add(
                        member.getKey(),
                        text,
                        ShortText.of(part.path("description").asString(""), 200) + " The file's bytes in base64.",
                        isNeeded);
                template.putObject(member.getKey())
                        .put("file", "{" + name + "}")
                        .put("filename", member.getKey());
            } else {
                String name = arguments.add(member.getKey(), member.getValue(), "", isNeeded);
                if (types.contains("object") || types.contains("array")) {
                    template.putObject(member.getKey()).put("json", "{" + name + "}");
                } else {
                    template.put(member.getKey(), "{" + name + "}");
                }
            }
        }
        if (template.isEmpty()) {
            throw new LeftOutException("the parts of its upload are not described");
        }
        request.set("multipart", template);
    }

    private boolean raw(JsonNode content, JsonNode body, ObjectNode request) {
        if (!FormatKeys.hasRequest("raw") || content.isEmpty()) {
            return false;
        }
        String type = content.propertyNames().iterator().next();
        if (!type.matches("[A-Za-z0-9.+-]+/[A-Za-z0-9.+-]+") || type.startsWith("multipart/")) {
            return false;
        }
        boolean text =
                type.startsWith("text/") || type.endsWith("xml") || type.endsWith("yaml") || type.endsWith("ndjson");
        String name = arguments.add(
                "content",
                JsonNodeFactory.instance.objectNode().put("type", "string"),
                text
                        ? "The body of the request, as " + type + "."
                        : "The bytes of the request's body (" + type + ") in base64.",
                true);
        String description = ShortText.of(body.path("description").asString(""), 200);
        if (!description.isEmpty()) {
            notes.guess("the body of " + type + " is one argument, " + name);
        }
        request.putObject("raw").put(text ? "value" : "file", "{" + name + "}").put("content_type", type);
        return true;
    }
}
