package dev.toolpost.worker.request;

import dev.toolpost.connectors.BodyTemplate;
import dev.toolpost.connectors.Paging;
import dev.toolpost.connectors.Parameter;
import dev.toolpost.connectors.Tool;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonPointer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.MissingNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The body of a request.
 *
 * @param bytes as sent
 * @param contentType its media type
 */
@SuppressWarnings("ArrayRecordComponent") // handed on as it is, never compared
record RequestBody(byte[] bytes, String contentType) {

    private static final String JSON = "application/json";
    private static final JsonMapper MAPPER = JsonMapper.shared();
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    /** Writes a tool's body, or null where the request has none. */
    static @Nullable RequestBody of(Tool tool, Rendering rendering, PageWish page, Credential credential)
            throws RequestProblemException {
        SequencedMap<JsonPointer, JsonNode> wishes = new LinkedHashMap<>();
        page.values().forEach((place, value) -> {
            if (place instanceof Paging.InBody(JsonPointer pointer, boolean _)) {
                wishes.put(pointer, value);
            }
        });
        Map.Entry<JsonPointer, String> key = credential.field();
        if (key != null) {
            wishes.put(key.getKey(), NODES.stringNode(key.getValue()));
        }
        return switch (tool.request().body()) {
            case null -> json(MissingNode.getInstance(), wishes);
            case BodyTemplate.Json(BodyTemplate.Node root) -> json(rendering.node(root), wishes);
            case BodyTemplate.GraphQl graphQl -> json(graphQl(graphQl, rendering), wishes);
            case BodyTemplate.Form(List<Parameter> fields) -> form(fields, rendering, wishes);
            case BodyTemplate.Multipart multipart -> MultipartBody.of(multipart, rendering, wishes);
            case BodyTemplate.Raw raw -> {
                if (key != null) {
                    throw RequestProblemException.ofConnection(
                            "the connection's key goes into the body, and the body of " + tool.name()
                                    + " has no place for it; use a connection of another kind");
                }
                yield MultipartBody.raw(raw, rendering);
            }
        };
    }

    /** Whether only its own media type, which names the boundary, makes sense of it. */
    boolean isMultipart() {
        return contentType.startsWith("multipart/");
    }

    private static @Nullable RequestBody json(JsonNode made, SequencedMap<JsonPointer, JsonNode> wishes) {
        JsonNode root = made;
        for (Map.Entry<JsonPointer, JsonNode> wish : wishes.entrySet()) {
            ObjectNode object = root.isObject() ? (ObjectNode) root : NODES.objectNode();
            put(object, wish.getKey(), wish.getValue());
            root = object;
        }
        return root.isMissingNode() ? null : new RequestBody(MAPPER.writeValueAsBytes(root), JSON);
    }

    private static ObjectNode graphQl(BodyTemplate.GraphQl graphQl, Rendering rendering)
            throws RequestProblemException {
        ObjectNode root = NODES.objectNode();
        root.put("query", graphQl.document());
        JsonNode variables = rendering.node(graphQl.variables());
        if (!variables.isEmpty()) {
            root.set("variables", variables);
        }
        if (graphQl.operation() != null) {
            root.put("operationName", graphQl.operation());
        }
        return root;
    }

    private static RequestBody form(
            List<Parameter> fields, Rendering rendering, SequencedMap<JsonPointer, JsonNode> wishes)
            throws RequestProblemException {
        StringBuilder form = new StringBuilder();
        ParameterText text = ParameterText.form(form);
        Set<String> filled =
                wishes.keySet().stream().map(RequestBody::bracketed).collect(Collectors.toSet());
        for (Parameter field : fields) {
            if (!filled.contains(field.name())) {
                text.add(field, rendering);
            }
        }
        wishes.forEach((pointer, value) -> text.add(bracketed(pointer), value.asString()));
        return new RequestBody(
                form.toString().getBytes(StandardCharsets.US_ASCII), "application/x-www-form-urlencoded");
    }

    /** {@code /page/size} as a form names it: {@code page[size]}. */
    static String bracketed(JsonPointer pointer) {
        StringBuilder name = new StringBuilder(pointer.getMatchingProperty());
        for (JsonPointer rest = pointer.tail(); !rest.matches(); rest = rest.tail()) {
            name.append('[').append(rest.getMatchingProperty()).append(']');
        }
        return name.toString();
    }

    /** Puts a value in its place; {@code *} is every item of an array, of which one is made where there is none, {@code -} a new item. */
    private static void put(ObjectNode root, JsonPointer pointer, JsonNode value) {
        String name = pointer.getMatchingProperty();
        JsonPointer rest = pointer.tail();
        if (rest.matches()) {
            root.set(name, value);
        } else if (isItem(rest)) {
            putItems(root.get(name) instanceof ArrayNode array ? array : root.putArray(name), rest, value);
        } else {
            put(root.get(name) instanceof ObjectNode below ? below : root.putObject(name), rest, value);
        }
    }

    private static void putItems(ArrayNode items, JsonPointer pointer, JsonNode value) {
        JsonPointer rest = pointer.tail();
        if (rest.matches()) {
            items.add(value);
            return;
        }
        if (items.isEmpty() || pointer.getMatchingProperty().equals("-")) {
            put(items.addObject(), rest, value);
            return;
        }
        for (JsonNode item : items) {
            if (item instanceof ObjectNode object) {
                put(object, rest, value);
            }
        }
    }

    private static boolean isItem(JsonPointer pointer) {
        return pointer.getMatchingProperty().equals("*")
                || pointer.getMatchingProperty().equals("-");
    }
}
