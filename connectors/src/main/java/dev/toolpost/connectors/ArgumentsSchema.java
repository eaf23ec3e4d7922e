package dev.toolpost.connectors;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonPointer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The JSON Schema of one tool's arguments while it is read: it must be a schema (2020-12), refer to nothing outside itself, never
 * in a circle that consumes nothing, and use only expressions that RE2 knows. Used once.
 */
final class ArgumentsSchema {
    private static final Set<String> REFUSED = Set.of("$id", "$anchor", "$dynamicRef", "$dynamicAnchor", "$vocabulary");

    /** Keywords whose value holds one schema. */
    private static final Set<String> ONE = Set.of(
            "additionalProperties",
            "propertyNames",
            "items",
            "contains",
            "not",
            "if",
            "then",
            "else",
            "unevaluatedItems",
            "unevaluatedProperties",
            "contentSchema");

    /** Keywords whose value holds a list of schemas. */
    private static final Set<String> LIST = Set.of("allOf", "anyOf", "oneOf", "prefixItems");

    /** Keywords whose value holds schemas by name. */
    private static final Set<String> NAMED = Set.of("properties", "patternProperties", "$defs", "dependentSchemas");

    /** Keywords whose schemas apply to the same value, so that a circle over them would never end. */
    private static final Set<String> IN_PLACE =
            Set.of("not", "if", "then", "else", "allOf", "anyOf", "oneOf", "dependentSchemas");

    private final @Nullable Section section;
    private final ObjectNode schema;

    ArgumentsSchema(@Nullable Section section) {
        this.section = section;
        this.schema = section == null
                ? JsonNodeFactory.instance.objectNode().put("additionalProperties", false)
                : (ObjectNode) section.node().deepCopy();
        schema.put("type", "object");
        if (!(schema.get("properties") instanceof ObjectNode)) {
            schema.putObject("properties");
        }
    }

    /** A copy of the schema, with type and properties always there. */
    ObjectNode schema() {
        return schema.deepCopy();
    }

    Set<String> names() {
        return new LinkedHashSet<>(schema.get("properties").propertyNames());
    }

    boolean declares(String name) {
        return schema.get("properties").has(name);
    }

    boolean requires(String name) {
        return schema.path("required")
                .valueStream()
                .anyMatch(one -> one.asString().equals(name));
    }

    boolean hasDefault(String name) {
        return schema.get("properties").path(name).has("default");
    }

    /** The types that an argument may have, as far as it declares them; references inside the schema are followed. */
    Set<String> typesOf(String name) {
        JsonNode argument = schema.get("properties").path(name);
        for (int hops = 0; argument.has("$ref") && hops < 10; hops++) {
            argument = target(argument.get("$ref").asString());
        }
        JsonNode type = argument.path("type");
        Set<String> types = new LinkedHashSet<>();
        if (type.isString()) {
            types.add(type.asString());
        } else {
            type.valueStream().map(JsonNode::asString).forEach(types::add);
        }
        types.remove("null");
        return types;
    }

    void errorAt(String name, String message, String fix) {
        if (section != null) {
            section.problems().errorAtKey(pointerTo(section, name), message, fix);
        }
    }

    void warningAt(String name, String message, String fix) {
        if (section != null) {
            section.problems().warningAtKey(pointerTo(section, name), message, fix);
        }
    }

    private static String pointerTo(Section section, String name) {
        return PositionedYaml.child(section.pointer() + "/properties", name);
    }

    void check() {
        if (section == null) {
            return;
        }
        List<Violation> violations = Violations.of(
                JsonSchemas.metaschema().validate(section.node()), JsonNodeFactory.instance.objectNode(), "key");
        for (Violation violation : violations) {
            section.problems()
                    .violation(new Violation(
                            violation.kind(),
                            section.pointer() + violation.pointer(),
                            violation.message(),
                            violation.fix()));
        }
        if (violations.isEmpty()) {
            walk(section, false);
            checkRequired(section);
            if (!section.problems().hasErrors()) {
                refuseCircles(section);
            }
            if (!section.problems().hasErrors()) {
                checkDefaults(section);
            }
        }
    }

    private void checkRequired(Section section) {
        Section required = section.find("required");
        if (required != null) {
            for (Section name : required.items()) {
                if (!declares(name.text())) {
                    ConnectorReader.unknown(name, "argument", names());
                }
            }
        }
    }

    /** A default stands in a request as an argument does, and nobody holds it against the schema any more. */
    private void checkDefaults(Section section) {
        Section properties = section.find("properties");
        if (properties == null) {
            return;
        }
        properties.members().forEach((name, property) -> {
            Section standard = property.node().isObject() ? property.find("default") : null;
            if (standard == null) {
                return;
            }
            requireFits(name, standard);
            if (requires(name)) {
                standard.problems()
                        .warning(
                                standard.pointer(),
                                "the argument '" + name + "' is required, so that its default is never used",
                                "remove one of them");
            }
        });
    }

    /** Reports a value that an argument may not have. */
    void requireFits(String name, Section value) {
        if (value.problems().hasErrors()) {
            return;
        }
        ObjectNode alone = JsonNodeFactory.instance.objectNode();
        alone.putObject("properties").set(name, schema.get("properties").get(name));
        if (schema.path("$defs").isObject()) {
            alone.set("$defs", schema.get("$defs"));
        }
        ObjectNode given = JsonNodeFactory.instance.objectNode();
        given.set(name, value.node());
        if (!JsonSchemas.compile(alone).validate(given).isEmpty()) {
            value.error("it does not fit the schema of the argument '" + name + "'", "correct one of them");
        }
    }

    private void walk(Section at, boolean nested) {
        if (!at.node().isObject()) {
            return;
        }
        at.members().forEach((keyword, value) -> {
            if (REFUSED.contains(keyword)) {
                value.problems()
                        .errorAtKey(
                                value.pointer(),
                                keyword + " is not accepted",
                                "put shared parts under $defs and refer to #/$defs/NAME");
            } else if (keyword.equals("$schema")) {
                if (nested || !value.text().equals(JsonSchemas.DIALECT)) {
                    value.error(
                            "$schema: " + value.text() + " (expected: " + JsonSchemas.DIALECT + ", at the top)",
                            "remove it");
                }
            } else if (keyword.equals("$ref")) {
                checkReference(value);
            } else if (keyword.equals("pattern")) {
                value.parsed(TextPattern::compile);
            } else if (ONE.contains(keyword)) {
                walk(value, true);
            } else if (LIST.contains(keyword)) {
                value.items().forEach(item -> walk(item, true));
            } else if (NAMED.contains(keyword)) {
                for (Map.Entry<String, Section> one : value.members().entrySet()) {
                    if (keyword.equals("patternProperties")) {
                        checkPatternName(one.getValue(), one.getKey());
                    }
                    walk(one.getValue(), true);
                }
            }
        });
    }

    private static void checkPatternName(Section value, String pattern) {
        try {
            TextPattern.compile(pattern);
        } catch (IllegalArgumentException e) {
            value.problems().errorAtKey(value.pointer(), String.valueOf(e.getMessage()), "");
        }
    }

    private void checkReference(Section reference) {
        String text = reference.text();
        if (!text.startsWith("#")) {
            reference.error(
                    "$ref: " + text + " leads outside the schema",
                    "copy what it names to $defs and refer to #/$defs/NAME");
        } else if (!target(text).isObject() && !target(text).isBoolean()) {
            String nearest = NearestName.of(
                    text,
                    schema.path("$defs").propertyNames().stream()
                            .map(name -> "#/$defs/" + name)
                            .toList());
            reference.error(
                    "$ref: " + text + " names nothing",
                    nearest == null ? "refer to #/$defs/NAME" : "did you mean " + nearest + "?");
        }
    }

    /** What a local reference names; a missing node where it names nothing. */
    private JsonNode target(String reference) {
        String pointer = reference.startsWith("#") ? reference.substring(1) : reference;
        return pointer.isEmpty() || pointer.startsWith("/")
                ? schema.at(JsonPointer.compile(pointer))
                : schema.missingNode();
    }

    private void refuseCircles(Section section) {
        visitAll(schema, identitySet(), section);
    }

    private void visitAll(JsonNode node, Set<JsonNode> done, Section section) {
        inPlace(node, identitySet(), done, section);
        if (!node.isObject()) {
            return;
        }
        for (String keyword : node.propertyNames()) {
            JsonNode value = node.get(keyword);
            if (ONE.contains(keyword)) {
                visitAll(value, done, section);
            } else if (LIST.contains(keyword) || NAMED.contains(keyword)) {
                value.valueStream().forEach(one -> visitAll(one, done, section));
            }
        }
    }

    /** Follows everything that applies to the same value; meeting a schema again on the way down is a circle. */
    private void inPlace(JsonNode node, Set<JsonNode> above, Set<JsonNode> done, Section section) {
        if (!node.isObject() || done.contains(node)) {
            return;
        }
        if (!above.add(node)) {
            section.error("the arguments refer to themselves in a circle that never ends", "break the circle of $ref");
            done.add(node);
            return;
        }
        if (node.has("$ref")) {
            inPlace(target(node.get("$ref").asString()), above, done, section);
        }
        for (String keyword : IN_PLACE) {
            JsonNode value = node.path(keyword);
            if (LIST.contains(keyword) || NAMED.contains(keyword)) {
                value.valueStream().forEach(one -> inPlace(one, above, done, section));
            } else {
                inPlace(value, above, done, section);
            }
        }
        above.remove(node);
        done.add(node);
    }

    /** A set that tells nodes apart by what they are, not by what they hold. */
    private static Set<JsonNode> identitySet() {
        return Collections.newSetFromMap(new IdentityHashMap<>());
    }
}
