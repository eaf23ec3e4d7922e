package dev.toolpost.sandbox;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The JSON of the control endpoints for grants, churn and pages. */
final class VendorControlJson {

    private VendorControlJson() {}

    static ObjectNode spec(GrantSpec spec) {
        ObjectNode node = VendorJson.MAPPER.createObjectNode().put("read_only", spec.readOnly());
        Duration lifetime = spec.lifetime();
        if (lifetime != null) {
            node.put("lifetime_ms", lifetime.toMillis());
        }
        Boolean rotates = spec.rotates();
        if (rotates != null) {
            node.put("rotates", rotates.booleanValue());
        }
        Duration leeway = spec.reuseLeeway();
        if (leeway != null) {
            node.put("reuse_leeway_ms", leeway.toMillis());
        }
        GrantSpec.ClientAuth clientAuth = spec.clientAuth();
        if (clientAuth != null) {
            node.put("client_auth", clientAuth.name().toLowerCase(Locale.ROOT));
        }
        return node;
    }

    static GrantSpec spec(JsonNode node) {
        return new GrantSpec(
                duration(node.path("lifetime_ms")),
                node.path("rotates").isBoolean() ? node.path("rotates").asBoolean() : null,
                duration(node.path("reuse_leeway_ms")),
                node.path("client_auth").isString()
                        ? GrantSpec.ClientAuth.valueOf(
                                node.path("client_auth").asString().toUpperCase(Locale.ROOT))
                        : null,
                node.path("read_only").asBoolean(false));
    }

    private static @Nullable Duration duration(JsonNode millis) {
        return millis.isNumber() ? Duration.ofMillis(millis.asLong()) : null;
    }

    static ObjectNode grant(OAuthGrant grant) {
        return VendorJson.MAPPER
                .createObjectNode()
                .put("id", grant.id())
                .put("token_uri", grant.tokenUri().toString())
                .put("client_id", grant.clientId())
                .put("client_secret", grant.clientSecret())
                .put("refresh_token", grant.refreshToken())
                .put("access_token", grant.accessToken())
                .put("expires_at", grant.expiresAtMillis())
                .put("revoked", grant.revoked());
    }

    static OAuthGrant grant(JsonNode node) {
        return new OAuthGrant(
                node.path("id").asString(),
                URI.create(node.path("token_uri").asString()),
                node.path("client_id").asString(),
                node.path("client_secret").asString(),
                node.path("refresh_token").asString(),
                node.path("access_token").asString(),
                node.path("expires_at").asLong(),
                node.path("revoked").asBoolean());
    }

    static ObjectNode oauth(OAuthStats stats) {
        ObjectNode node = counts(stats.all());
        ObjectNode grants = node.putObject("by_grant");
        stats.byGrant().forEach((id, counts) -> grants.set(id, counts(counts)));
        return node;
    }

    static OAuthStats oauth(JsonNode node) {
        Map<String, OAuthStats.Counts> grants = new LinkedHashMap<>();
        node.path("by_grant").properties().forEach(entry -> grants.put(entry.getKey(), counts(entry.getValue())));
        return new OAuthStats(counts(node), grants);
    }

    private static ObjectNode counts(OAuthStats.Counts counts) {
        return VendorJson.MAPPER
                .createObjectNode()
                .put("asked", counts.asked())
                .put("granted", counts.granted())
                .put("refused", counts.refused())
                .put("reused", counts.reused())
                .put("replayed", counts.replayed());
    }

    private static OAuthStats.Counts counts(JsonNode node) {
        return new OAuthStats.Counts(
                node.path("asked").asLong(),
                node.path("granted").asLong(),
                node.path("refused").asLong(),
                node.path("reused").asLong(),
                node.path("replayed").asLong());
    }

    static ObjectNode churn(Churn churn) {
        return VendorJson.MAPPER
                .createObjectNode()
                .put("inserts", churn.inserts())
                .put("deletes", churn.deletes())
                .put("reach", churn.reach())
                .put("seed", churn.seed())
                .put("changes", churn.changes());
    }

    static Churn churn(JsonNode node) {
        return new Churn(
                node.path("inserts").asDouble(0),
                node.path("deletes").asDouble(0),
                node.path("reach").asInt(300),
                node.path("seed").asLong(0),
                node.path("changes").asLong(100_000));
    }

    static ArrayNode pages(List<ServedPage> pages) {
        ArrayNode list = VendorJson.MAPPER.createArrayNode();
        for (ServedPage page : pages) {
            list.addObject()
                    .put("number", page.number())
                    .put("account", page.account())
                    .put("collection", page.collection())
                    .put("asked", page.asked())
                    .put("count", page.count())
                    .put("hash", page.hash())
                    .put("first_id", page.firstId())
                    .put("last_id", page.lastId())
                    .put("next", page.next());
        }
        return list;
    }

    static List<ServedPage> pages(JsonNode list) {
        List<ServedPage> pages = new ArrayList<>();
        for (JsonNode node : list) {
            pages.add(new ServedPage(
                    node.path("number").asLong(),
                    node.path("account").asString(""),
                    node.path("collection").asString(""),
                    text(node.path("asked")),
                    node.path("count").asInt(),
                    node.path("hash").asLong(),
                    text(node.path("first_id")),
                    text(node.path("last_id")),
                    text(node.path("next"))));
        }
        return pages;
    }

    private static @Nullable String text(JsonNode node) {
        return node.isString() ? node.asString() : null;
    }
}
