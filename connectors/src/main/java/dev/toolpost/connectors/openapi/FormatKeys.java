package dev.toolpost.connectors.openapi;

import dev.toolpost.connectors.ConnectorLoader;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the format of connectors can say, read from its published schema. */
final class FormatKeys {
    private static final JsonNode DEFINITIONS =
            JsonMapper.shared().readTree(ConnectorLoader.formatSchema()).path("$defs");

    private FormatKeys() {}

    /** Whether a request can have this part. */
    static boolean hasRequest(String key) {
        return DEFINITIONS.path("request").path("properties").has(key);
    }

    /** Whether a tool's answer can be of this kind. */
    static boolean hasResponse(String kind) {
        return holds(
                DEFINITIONS.path("tool").path("properties").path("response").path("enum"), kind);
    }

    /** Whether there is this kind of authentication. */
    static boolean hasAuth(String kind) {
        return holds(DEFINITIONS.path("auth").path("properties").path("kind").path("enum"), kind);
    }

    private static boolean holds(JsonNode list, String text) {
        return list.valueStream().anyMatch(each -> each.asString("").equals(text));
    }
}
