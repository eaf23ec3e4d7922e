package dev.toolpost.worker.request;

import dev.toolpost.connectors.BodyTemplate;
import dev.toolpost.connectors.Paging;
import dev.toolpost.connectors.Tool;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonPointer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
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

    private static final JsonMapper MAPPER = JsonMapper.shared();
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    /** Writes a tool's body, or null where the request has none. */
    static @Nullable RequestBody of(Tool tool, Rendering rendering, PageWish page) throws RequestProblemException {
        JsonNode root = MissingNode.getInstance();
        if (tool.request().body() instanceof BodyTemplate.Json(BodyTemplate.Node template)) {
            root = rendering.node(template);
        }
        for (Map.Entry<Paging.Place, JsonNode> wish : page.values().entrySet()) {
            if (wish.getKey() instanceof Paging.InBody(JsonPointer pointer)) {
                ObjectNode object = root.isObject() ? (ObjectNode) root : NODES.objectNode();
                put(object, pointer, wish.getValue());
                root = object;
            }
        }
        return root.isMissingNode() ? null : new RequestBody(MAPPER.writeValueAsBytes(root), "application/json");
    }

    private static void put(ObjectNode root, JsonPointer pointer, JsonNode value) {
        ObjectNode at = root;
        JsonPointer rest = pointer;
        while (!rest.tail().matches()) {
            String name = rest.getMatchingProperty();
            at = at.get(name) instanceof ObjectNode below ? below : at.putObject(name);
            rest = rest.tail();
        }
        at.set(rest.getMatchingProperty(), value);
    }
}
