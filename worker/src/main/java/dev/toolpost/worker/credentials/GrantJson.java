package dev.toolpost.worker.credentials;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The JSON of a grant's state, the same in every store. It may be absent, as it is in files of older versions. */
final class GrantJson {

    private GrantJson() {}

    static ObjectNode write(GrantState grant) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        RefreshIntent intent = grant.intent();
        if (intent != null) {
            json.putObject("intent")
                    .put("owner", intent.owner())
                    .put("token_hash", intent.tokenHash())
                    .put("since", intent.since())
                    .put("expires", intent.expires())
                    .put("again", intent.again());
        }
        DeadGrant dead = grant.dead();
        if (dead != null) {
            json.putObject("dead")
                    .put("token_hash", dead.tokenHash())
                    .put("at", dead.at())
                    .put("code", dead.code())
                    .put("message", dead.message());
        }
        return json.put("obtained_at", grant.obtainedAt());
    }

    static GrantState read(JsonNode json) {
        return json.isObject()
                ? new GrantState(
                        intent(json.path("intent")),
                        dead(json.path("dead")),
                        json.path("obtained_at").asLong(0))
                : GrantState.NONE;
    }

    private static @Nullable RefreshIntent intent(JsonNode json) {
        return json.isObject()
                ? new RefreshIntent(
                        json.path("owner").asString(""),
                        json.path("token_hash").asString(""),
                        json.path("since").asLong(0),
                        json.path("expires").asLong(0),
                        json.path("again").asBoolean(false))
                : null;
    }

    private static @Nullable DeadGrant dead(JsonNode json) {
        return json.isObject()
                ? new DeadGrant(
                        json.path("token_hash").asString(""),
                        json.path("at").asLong(0),
                        json.path("code").asString(""),
                        json.path("message").asString(""))
                : null;
    }
}
