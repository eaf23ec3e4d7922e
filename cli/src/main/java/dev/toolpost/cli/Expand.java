package dev.toolpost.cli;

import dev.toolpost.connectors.Tool;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What {@code --expand} says: arguments that differ from part to part. */
final class Expand {
    private static final Pattern RANGE = Pattern.compile("(.+?)\\.\\.(.+?)(?:/(.+))?");
    private static final String EXPECTED =
            " (expected: NAME=A,B,C or NAME=FROM..TO/STEP, such as month=2026-01-01..2026-12-31/1M, or a JSON object)";

    private Expand() {}

    /**
     * As a job has it: a list of values or a range for each name. Null where nothing is given.
     *
     * @param tool decides which values are texts; null where it is not known here
     */
    static @Nullable String json(List<String> given, @Nullable Tool tool) {
        if (given.isEmpty()) {
            return null;
        }
        ObjectNode expand = Json.object();
        Set<String> names = new HashSet<>();
        for (String each : given) {
            if (each.startsWith("{")) {
                whole(each).properties().forEach(property -> {
                    requireNew(names, property.getKey());
                    expand.set(property.getKey(), property.getValue());
                });
                continue;
            }
            int equals = each.indexOf('=');
            if (equals < 1 || equals == each.length() - 1) {
                throw CliException.usage("--expand " + each + EXPECTED, "");
            }
            String name = each.substring(0, equals);
            requireNew(names, name);
            expand.set(name, values(name, each.substring(equals + 1), tool));
        }
        return expand.toString();
    }

    private static void requireNew(Set<String> names, String name) {
        if (!names.add(name)) {
            throw CliException.usage("--expand " + name + " is given more than once", "Give it once: NAME=A,B,C");
        }
    }

    private static ObjectNode whole(String json) {
        try {
            if (JsonMapper.shared().readTree(json) instanceof ObjectNode object) {
                return object;
            }
        } catch (JacksonException wrong) {
            throw CliException.usage("--expand " + json + EXPECTED, "", wrong);
        }
        throw CliException.usage("--expand " + json + EXPECTED, "");
    }

    private static JsonNode values(String name, String text, @Nullable Tool tool) {
        Matcher range = RANGE.matcher(text);
        if (range.matches()) {
            ObjectNode node = Json.object();
            node.set("from", bound(range.group(1)));
            node.set("to", bound(range.group(2)));
            if (range.group(3) != null) {
                node.set("step", bound(range.group(3)));
            }
            return node;
        }
        ArrayNode list = JsonMapper.shared().createArrayNode();
        Arrays.stream(text.split(",", -1))
                .map(String::strip)
                .forEach(value -> list.add(JsonMapper.shared()
                        .readTree(new CallArguments(null, List.of(name + "=" + value)).text(tool))
                        .path(name)));
        return list;
    }

    private static JsonNode bound(String text) {
        return text.matches("-?[0-9]{1,18}")
                ? JsonMapper.shared().getNodeFactory().numberNode(Long.parseLong(text))
                : JsonMapper.shared().getNodeFactory().stringNode(text);
    }
}
