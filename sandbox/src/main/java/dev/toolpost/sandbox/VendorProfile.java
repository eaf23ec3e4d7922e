package dev.toolpost.sandbox;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What is data about a simulated vendor: its habits of OAuth2, its limits and its collections of records. Read from {@code <vendor>.json} beside this class.
 *
 * @param auth where it looks for a request's token
 * @param description everything else, for the dialect
 */
record VendorProfile(
        String vendor,
        String dialect,
        OAuthProfile oauth,
        List<CredentialPlace.Named> auth,
        List<VendorLimit> limits,
        List<CollectionProfile> collections,
        JsonNode description) {

    /**
     * A collection of records.
     *
     * @param uniques the properties that no two records share
     * @param properties by name; null where a computed record has no value; names that begin with an underscore only serve others
     * @param traits what only the vendor's dialect understands
     */
    record CollectionProfile(
            String name,
            String path,
            long records,
            long firstId,
            List<String> uniques,
            List<String> defaultProperties,
            Map<String, @Nullable PropertyTemplate> properties,
            JsonNode traits) {

        /** The first of the unique properties, or null. */
        @Nullable
        String unique() {
            return uniques.isEmpty() ? null : uniques.getFirst();
        }
    }

    /** The vendors that there are. */
    static final List<String> NAMES = List.of(
            "hubspot",
            "salesforce",
            "jira",
            "slack",
            "notion",
            "openmeteo",
            "anyapi",
            "github",
            "gmail",
            "pipedrive",
            "stripe");

    static VendorProfile load(String vendor) {
        try (InputStream in = VendorProfile.class.getResourceAsStream(vendor + ".json")) {
            if (in == null) {
                throw new SandboxException("Vendor " + vendor + " (expected: " + String.join(", ", NAMES)
                        + "): there is no " + vendor + ".json");
            }
            return read(JsonMapper.shared().readTree(in));
        } catch (IOException e) {
            throw new SandboxException("Cannot read " + vendor + ".json: " + e.getMessage(), e);
        }
    }

    static VendorProfile parse(String json) {
        return read(JsonMapper.shared().readTree(json));
    }

    private static VendorProfile read(JsonNode node) {
        List<VendorLimit> limits = new ArrayList<>();
        for (JsonNode limit : node.path("limits")) {
            limits.add(VendorLimit.read(limit));
        }
        List<CollectionProfile> collections = new ArrayList<>();
        for (JsonNode collection : node.path("collections")) {
            Map<String, @Nullable PropertyTemplate> properties = new LinkedHashMap<>();
            for (Map.Entry<String, JsonNode> property :
                    collection.path("properties").properties()) {
                properties.put(
                        property.getKey(),
                        property.getValue().isNull()
                                ? null
                                : PropertyTemplate.parse(property.getKey(), property.getValue()));
            }
            List<String> defaults = new ArrayList<>();
            collection.path("default_properties").forEach(name -> defaults.add(name.asString()));
            List<String> uniques = new ArrayList<>();
            collection.path("unique").forEach(name -> uniques.add(name.asString()));
            collections.add(new CollectionProfile(
                    collection.path("name").asString(),
                    collection.path("path").asString(""),
                    collection.path("records").asLong(),
                    collection.path("first_id").asLong(),
                    uniques,
                    defaults,
                    properties,
                    collection.path("traits").isMissingNode() ? collection : collection.path("traits")));
        }
        return new VendorProfile(
                node.path("vendor").asString(),
                node.path("dialect").asString(DescribedDialect.NAME),
                OAuthProfile.read(node.path("oauth")),
                CredentialPlace.read(node),
                limits,
                collections,
                node);
    }
}
