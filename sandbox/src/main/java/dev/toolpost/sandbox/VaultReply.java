package dev.toolpost.sandbox;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * An answer of the simulated Vault.
 *
 * @param body null for none
 */
record VaultReply(int status, @Nullable ObjectNode body) {

    static VaultReply nothing() {
        return new VaultReply(204, null);
    }

    static VaultReply data(JsonNode data) {
        return data(200, data);
    }

    static VaultReply data(int status, JsonNode data) {
        ObjectNode body = envelope();
        body.set("data", data);
        return new VaultReply(status, body);
    }

    static VaultReply auth(ObjectNode auth, @Nullable String warning) {
        ObjectNode body = envelope();
        body.set("auth", auth);
        if (warning != null) {
            body.putArray("warnings").add(warning);
        }
        return new VaultReply(200, body);
    }

    static VaultReply error(int status, String... errors) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        ArrayNode list = body.putArray("errors");
        for (String error : errors) {
            list.add(error);
        }
        return new VaultReply(status, body);
    }

    static VaultReply denied() {
        return error(403, "permission denied");
    }

    static VaultReply noRoute(String path) {
        return error(404, "no handler for route \"" + path + "\". route entry not found.");
    }

    private static ObjectNode envelope() {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.put("request_id", "00000000-0000-0000-0000-000000000000");
        body.put("lease_id", "");
        body.put("renewable", false);
        body.put("lease_duration", 0);
        body.putNull("data");
        body.putNull("wrap_info");
        body.putNull("warnings");
        body.putNull("auth");
        return body;
    }

    byte[] bytes() {
        return body == null ? new byte[0] : JsonMapper.shared().writeValueAsBytes(body);
    }
}
