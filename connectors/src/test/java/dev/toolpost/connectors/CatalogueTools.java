package dev.toolpost.connectors;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the tests of the bundled connectors share. */
final class CatalogueTools {
    static final ConnectorCatalogue CATALOGUE = ConnectorCatalogue.bundled();

    private CatalogueTools() {}

    static Connector connector(String vendor) {
        return Objects.requireNonNull(CATALOGUE.byVendor(vendor), vendor);
    }

    static Tool tool(String name) {
        return Objects.requireNonNull(CATALOGUE.byTool(name), name).tool();
    }

    /** The first rule of a connector that holds for an answer without headers, or null. */
    static @Nullable ErrorRule decide(Connector connector, int status, @Nullable String body) {
        JsonNode json = body != null && (body.startsWith("{") || body.startsWith("["))
                ? JsonMapper.shared().readTree(body)
                : null;
        return connector.errors().rules().stream()
                .filter(rule ->
                        rule.statuses().contains(status) && rule.headers().isEmpty())
                .filter(rule -> !rule.readsBody()
                        || (json != null && rule.body().stream().allMatch(condition -> condition.holds(json))))
                .findFirst()
                .orElse(null);
    }
}
