package dev.toolpost.connectors.openapi;

import dev.toolpost.schemas.JsonTrouble;
import java.math.BigInteger;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonPointer;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.MissingNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * An OpenAPI document (3.0 or 3.1), JSON or YAML, bounded in size, depth and values. References are followed within the document; nothing
 * else is ever read. Immutable.
 */
final class OpenApiDocument {
    static final int MAX_CHARACTERS = 100_000_000;
    private static final int MAX_DEPTH = 500;
    private static final int MAX_VALUES = 10_000_000;
    private static final int MAX_ALIASES = 1_000;
    private static final int MAX_HOPS = 20;
    private static final List<String> METHODS = List.of("get", "post", "put", "patch", "delete");
    private static final List<String> OTHER_METHODS = List.of("head", "options", "trace", "query");

    private static final JsonMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(MAX_DEPTH)
                            .maxStringLength(10_000_000)
                            .maxNumberLength(1_000)
                            .build())
                    .build())
            .build();

    private final JsonNode root;

    private OpenApiDocument(JsonNode root) {
        this.root = root;
    }

    /**
     * An operation of the document.
     *
     * @param method in capitals
     * @param shared parameters of all operations of the path
     */
    record Operation(String method, String path, JsonNode node, JsonNode shared, JsonNode servers) {
        String name() {
            return method + " " + path;
        }
    }

    /**
     * Reads a document.
     *
     * @throws OpenApiException where it is none
     */
    static OpenApiDocument read(String text) {
        if (text.length() > MAX_CHARACTERS) {
            throw new OpenApiException(
                    "the document has " + text.length() + " characters (expected: at most " + MAX_CHARACTERS + ")");
        }
        JsonNode root = text.stripLeading().startsWith("{") ? json(text) : yaml(text);
        String version = root.path("openapi").asString("");
        if (!version.startsWith("3.0") && !version.startsWith("3.1")) {
            String found = root.has("swagger")
                    ? "swagger: " + root.path("swagger").asString("")
                    : "openapi: " + (version.isEmpty() ? "nothing" : version);
            throw new OpenApiException(found + " (expected: openapi: 3.0 or 3.1)"
                    + (root.has("swagger") ? "; convert the document first, for instance with swagger2openapi" : ""));
        }
        return new OpenApiDocument(root);
    }

    private static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (JacksonException notJson) {
            throw new OpenApiException("not JSON: " + JsonTrouble.of(notJson), notJson);
        }
    }

    private static JsonNode yaml(String text) {
        LoadSettings settings = LoadSettings.builder()
                .setCodePointLimit(MAX_CHARACTERS)
                .setMaxAliasesForCollections(MAX_ALIASES)
                .setAllowDuplicateKeys(true)
                .build();
        try {
            return new Nodes().of(new Load(settings).loadFromString(text), 0);
        } catch (YamlEngineException notYaml) {
            throw new OpenApiException("not YAML: " + notYaml.getMessage(), notYaml);
        } catch (StackOverflowError deep) {
            throw new OpenApiException("it is nested too deeply", deep);
        }
    }

    /** Makes nodes of what YAML holds; every alias counts as what it stands for. */
    private static final class Nodes {
        private int count;

        JsonNode of(@Nullable Object value, int depth) {
            if (++count > MAX_VALUES || depth > MAX_DEPTH) {
                throw new OpenApiException("it has more values, or is nested deeper, than is read (" + MAX_VALUES + ", "
                        + MAX_DEPTH + ")");
            }
            return switch (value) {
                case null -> JsonNodeFactory.instance.nullNode();
                case Map<?, ?> map -> {
                    ObjectNode object = JsonNodeFactory.instance.objectNode();
                    map.forEach((key, each) -> object.set(String.valueOf(key), of(each, depth + 1)));
                    yield object;
                }
                case Iterable<?> list -> {
                    ArrayNode array = JsonNodeFactory.instance.arrayNode();
                    list.forEach(each -> array.add(of(each, depth + 1)));
                    yield array;
                }
                case Boolean flag -> JsonNodeFactory.instance.booleanNode(flag);
                case Integer number -> JsonNodeFactory.instance.numberNode(number);
                case Long number -> JsonNodeFactory.instance.numberNode(number);
                case Double number -> JsonNodeFactory.instance.numberNode(number);
                case BigInteger number -> JsonNodeFactory.instance.numberNode(number);
                default -> JsonNodeFactory.instance.stringNode(value.toString());
            };
        }
    }

    JsonNode root() {
        return root;
    }

    /** All operations whose method a tool can have, in the order of the document. */
    List<Operation> operations(Notes notes) {
        List<Operation> operations = new ArrayList<>();
        root.path("paths").properties().forEach(entry -> {
            JsonNode item = resolved(entry.getValue());
            for (String method : METHODS) {
                if (item.path(method).isObject()) {
                    operations.add(new Operation(
                            method.toUpperCase(Locale.ROOT),
                            entry.getKey(),
                            item.path(method),
                            item.path("parameters"),
                            item.path(method).path("servers").isEmpty()
                                    ? item.path("servers")
                                    : item.path(method).path("servers")));
                }
            }
            for (String method : OTHER_METHODS) {
                if (item.has(method)) {
                    notes.about(method.toUpperCase(Locale.ROOT) + " " + entry.getKey());
                    notes.leftOut("operation", "its method is none that a tool can have");
                }
            }
        });
        return operations;
    }

    /** The node itself, or what it refers to; missing where that is nowhere in this document. */
    JsonNode resolved(JsonNode node) {
        JsonNode target = node;
        Set<String> seen = new HashSet<>();
        for (int hops = 0; target.path("$ref").isString() && hops < MAX_HOPS; hops++) {
            String reference = target.path("$ref").asString();
            if (!seen.add(reference)) {
                return MissingNode.getInstance();
            }
            target = target(reference);
        }
        return target;
    }

    /** What a local reference names; missing for one that leads out of the document, or nowhere. */
    JsonNode target(String reference) {
        if (!reference.startsWith("#/")) {
            return MissingNode.getInstance();
        }
        try {
            String pointer = URLDecoder.decode(reference.substring(1).replace("+", "%2B"), StandardCharsets.UTF_8);
            return root.at(JsonPointer.compile(pointer));
        } catch (IllegalArgumentException malformed) {
            return MissingNode.getInstance();
        }
    }
}
