package dev.toolpost.cli;

import dev.toolpost.connectors.Tool;
import dev.toolpost.schemas.JsonTrouble;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.MissingNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The arguments of a tool from the command line. What type an {@code --arg} has is the tool's schema's to say, so that ids of
 * digits stay texts; whether they are valid is left to the worker, as for every caller.
 */
final class CallArguments {
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();

    @Option(
            names = "--arg",
            paramLabel = "NAME=VALUE",
            description =
                    "An argument; repeat for more. A dot reaches into an object (properties.email=ada@example.com); a list"
                            + " of texts may be written a,b,c; other values as JSON.")
    private List<String> args = new ArrayList<>();

    @Option(
            names = "--json",
            paramLabel = "JSON",
            description =
                    "All arguments as a JSON object; @FILE reads them from a file, @- from standard input. --arg adds to"
                            + " them.")
    private @Nullable String json;

    CallArguments() {}

    CallArguments(@Nullable String json, List<String> args) {
        this.json = json;
        this.args = args;
    }

    /**
     * The arguments as a JSON object.
     *
     * @param tool null where the tool is not known here; what could be of several types is refused then
     * @throws CliException where they cannot be read
     */
    String text(@Nullable Tool tool) {
        String given = json == null ? "{}" : read(json);
        ObjectNode object = parse(given);
        if (args.isEmpty()) {
            return given.strip();
        }
        JsonNode schema = tool == null ? MissingNode.getInstance() : tool.arguments();
        Set<String> names = new HashSet<>();
        for (String arg : args) {
            int equals = arg.indexOf('=');
            if (equals < 1) {
                throw CliException.usage("--arg " + arg + " (expected: NAME=VALUE)", "");
            }
            String name = arg.substring(0, equals);
            if (!names.add(name)) {
                throw CliException.usage(
                        "--arg " + name + " is given more than once",
                        "Give it once; a list of texts is written a,b,c, another list as JSON.");
            }
            String value = arg.substring(equals + 1);
            if (tool == null && isAmbiguous(value)) {
                throw CliException.usage(
                        "--arg " + arg + ": the tool is not known here, so nothing says whether " + value
                                + " is a text",
                        "Give the arguments as --json '{\"" + name + "\": \"" + value
                                + "\"}', without quotes around the"
                                + " value where it is no text; or mend the connector's file: toolpost connectors lint.");
            }
            put(object, schema, schema, name, value);
        }
        return object.toString();
    }

    /** Whether it reads as a number, a boolean or null, and could be meant as a text. */
    private static boolean isAmbiguous(String value) {
        try {
            JsonNode node = MAPPER.readTree(value);
            return node.isNumber() || node.isBoolean() || node.isNull();
        } catch (JacksonException text) {
            return false;
        }
    }

    private static String read(String json) {
        if (!json.startsWith("@")) {
            return json;
        }
        String place = json.substring(1);
        try {
            return place.equals("-")
                    ? new String(System.in.readAllBytes(), StandardCharsets.UTF_8)
                    : Files.readString(Path.of(place));
        } catch (IOException e) {
            throw CliException.usage(
                    "--json " + json + ": cannot be read: " + e, "Name a file that is there, or @-.", e);
        }
    }

    private static ObjectNode parse(String given) {
        try {
            if (MAPPER.readTree(given) instanceof ObjectNode object) {
                return object;
            }
        } catch (JacksonException e) {
            throw CliException.usage(
                    "--json is no JSON: " + JsonTrouble.of(e) + place(e),
                    "Write one object in single quotes: --json '{\"limit\": 10}'",
                    e);
        }
        throw CliException.usage(
                "--json " + given.strip() + " (expected: an object)",
                "Write one object in single quotes: --json '{\"limit\": 10}'");
    }

    private static String place(JacksonException e) {
        return e.getLocation() == null
                ? ""
                : " (line " + e.getLocation().getLineNr() + ", column "
                        + e.getLocation().getColumnNr() + ")";
    }

    private static void put(ObjectNode object, JsonNode root, JsonNode schema, String path, String value) {
        JsonNode properties = schema.path("properties");
        int dot = path.indexOf('.');
        if (dot > 0 && !properties.has(path)) {
            String head = path.substring(0, dot);
            JsonNode child = object.get(head);
            ObjectNode inner = child instanceof ObjectNode there ? there : object.putObject(head);
            put(inner, root, resolved(root, property(schema, head)), path.substring(dot + 1), value);
            return;
        }
        object.set(path, value(resolved(root, property(schema, path)), root, value));
    }

    private static JsonNode property(JsonNode schema, String name) {
        JsonNode named = schema.path("properties").path(name);
        return named.isMissingNode() ? schema.path("additionalProperties") : named;
    }

    private static JsonNode resolved(JsonNode root, JsonNode schema) {
        String reference = schema.path("$ref").asString("");
        return reference.startsWith("#/") ? root.at(reference.substring(1)) : schema;
    }

    private static JsonNode value(JsonNode schema, JsonNode root, String text) {
        Set<String> types = types(schema);
        if (types.contains("string")) {
            return JsonNodeFactory.instance.stringNode(text);
        }
        if (types.contains("array")
                && !text.stripLeading().startsWith("[")
                && types(resolved(root, schema.path("items"))).contains("string")) {
            ArrayNode list = JsonNodeFactory.instance.arrayNode();
            for (String each : text.split(",", -1)) {
                list.add(each.strip());
            }
            return list;
        }
        try {
            return MAPPER.readTree(text);
        } catch (JacksonException notJson) {
            return JsonNodeFactory.instance.stringNode(text);
        }
    }

    private static Set<String> types(JsonNode schema) {
        Set<String> types = new HashSet<>();
        JsonNode type = schema.path("type");
        if (type.isString()) {
            types.add(type.asString());
        }
        type.forEach(each -> types.add(each.asString()));
        schema.path("enum").forEach(each -> types.add(each.isString() ? "string" : "other"));
        return types;
    }
}
