package dev.toolpost.sandbox;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.JsonNode;

/**
 * A vendor's habits as an OAuth2 server. The answers are JSON in which texts of the form {@code {name}} stand for what was issued; a member whose
 * value ends up missing is left out.
 *
 * @param tokenPaths where tokens are issued; the first is the one that grants name
 * @param authorizePath where people allow clients, empty where that is not simulated
 * @param devicePath where device codes are given, or empty
 * @param revokePath where grants are given back, or empty
 * @param json whether requests may be JSON besides forms
 */
record OAuthProfile(
        List<String> tokenPaths,
        String authorizePath,
        String devicePath,
        String revokePath,
        boolean json,
        GrantSpec.ClientAuth clientAuth,
        Duration lifetime,
        boolean rotates,
        Duration reuseLeeway,
        Shapes shapes,
        JsonNode granted,
        Refusal deadGrant,
        Refusal unknownClient) {

    /** What issued texts begin with. */
    record Shapes(String clientId, String clientSecret, String refreshToken, String accessToken) {}

    /** An answer that gives no token. */
    record Refusal(int status, JsonNode body) {
        private static Refusal read(JsonNode node) {
            return new Refusal(node.path("status").asInt(), node.path("body"));
        }
    }

    static OAuthProfile read(JsonNode node) {
        List<String> paths = new ArrayList<>();
        node.path("token_paths").forEach(path -> paths.add(path.asString()));
        JsonNode shapes = node.path("shapes");
        return new OAuthProfile(
                List.copyOf(paths),
                node.path("authorize_path").asString(""),
                node.path("device_path").asString(""),
                node.path("revoke_path").asString(""),
                node.path("json").asBoolean(false),
                GrantSpec.ClientAuth.valueOf(
                        node.path("client_auth").asString("any").toUpperCase(Locale.ROOT)),
                Duration.ofSeconds(node.path("lifetime_s").asLong()),
                node.path("rotates").asBoolean(false),
                Duration.ofSeconds(node.path("reuse_leeway_s").asLong(0)),
                new Shapes(
                        shapes.path("client_id").asString(""),
                        shapes.path("client_secret").asString(""),
                        shapes.path("refresh_token").asString(""),
                        shapes.path("access_token").asString("")),
                node.path("granted"),
                Refusal.read(node.path("dead_grant")),
                Refusal.read(node.path("unknown_client")));
    }
}
