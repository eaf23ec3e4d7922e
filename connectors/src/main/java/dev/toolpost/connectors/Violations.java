package dev.toolpost.connectors;

import com.networknt.schema.Error;
import com.networknt.schema.path.NodePath;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonPointer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

/**
 * Turns the findings of the JSON Schema validator into {@link Violation}s: what was given, what was expected, which known name is near.
 * Of alternatives ({@code oneOf}, {@code anyOf}) only those findings stay that help. Pure.
 */
final class Violations {
    private static final int SHOWN_CHARACTERS = 60;
    private static final int MAX_VIOLATIONS = 50;
    private static final int MAX_DESCRIPTION = 200;

    private final JsonNode schema;
    private final String member;
    private final Set<String> misspelt = new HashSet<>();

    private Violations(JsonNode schema, String member) {
        this.schema = schema;
        this.member = member;
    }

    /**
     * Translates.
     *
     * @param schema the schema that was used, whole
     * @param member what a member of an object is called here: key, argument
     */
    static List<Violation> of(List<Error> errors, JsonNode schema, String member) {
        Violations translator = new Violations(schema, member);
        Set<Violation> violations = new LinkedHashSet<>();
        List<Error> helpful = translator.helpful(errors, violations);
        helpful.forEach(error -> violations.add(translator.translate(error)));
        return violations.stream()
                .filter(violation -> !translator.isMisspelt(violation))
                .limit(MAX_VIOLATIONS)
                .toList();
    }

    /** Whether a member that is missing is there under a wrong name, which is said already. */
    private boolean isMisspelt(Violation violation) {
        return violation.kind() == Violation.Kind.MISSING_MEMBER && misspelt.contains(violation.pointer());
    }

    /** Leaves out the branches of alternatives that were not meant; what can be said of several at once goes into {@code merged}. */
    private List<Error> helpful(List<Error> errors, Set<Violation> merged) {
        List<Error> kept = new ArrayList<>();
        Map<String, Map<String, List<Error>>> branchesByGroup = new LinkedHashMap<>();
        Map<String, Error> summaries = new LinkedHashMap<>();
        for (Error error : errors) {
            Alternative alternative = Alternative.of(error);
            if (alternative != null) {
                branchesByGroup
                        .computeIfAbsent(alternative.group(), group -> new TreeMap<>())
                        .computeIfAbsent(alternative.branch(), branch -> new ArrayList<>())
                        .add(error);
            } else if (isAlternatives(error.getKeyword())) {
                summaries.put(error.getEvaluationPath().toString(), error);
            } else {
                kept.add(error);
            }
        }
        branchesByGroup.forEach((group, branches) -> {
            List<List<Error>> meant = branches.values().stream()
                    .filter(branch -> branch.stream().noneMatch(error -> rejectsTheWhole(error, group)))
                    .toList();
            Error summary = summaries.remove(group);
            if (meant.size() == 1) {
                kept.addAll(meant.getFirst());
            } else if (summary != null) {
                kept.add(summary);
            } else if (meant.isEmpty() && branches.values().stream().allMatch(Violations::isTypeAlone)) {
                merged.add(noneOfTheTypes(branches.values()));
            } else {
                branches.values().forEach(kept::addAll);
            }
        });
        kept.addAll(summaries.values());
        return kept;
    }

    private static boolean isTypeAlone(List<Error> branch) {
        return branch.size() == 1 && "type".equals(branch.getFirst().getKeyword());
    }

    private static Violation noneOfTheTypes(Collection<List<Error>> branches) {
        Error first = branches.iterator().next().getFirst();
        String expectation = branches.stream()
                .map(branch -> types(branch.getFirst().getSchemaNode()))
                .distinct()
                .collect(Collectors.joining(" or "));
        return expected(first.getInstanceLocation().toString(), first, expectation);
    }

    private static boolean isAlternatives(@Nullable String keyword) {
        return "oneOf".equals(keyword) || "anyOf".equals(keyword);
    }

    /** Whether a branch fails at its very beginning: the value has another type, or another constant, than the branch is for. */
    private static boolean rejectsTheWhole(Error error, String group) {
        String rest = error.getEvaluationPath().toString().substring(group.length());
        String keyword = error.getKeyword();
        return rest.chars().filter(c -> c == '/').count() == 2
                && ("type".equals(keyword) || "const".equals(keyword) || "enum".equals(keyword));
    }

    /**
     * Where a finding stands among alternatives.
     *
     * @param group evaluation path of the outermost keyword with alternatives
     * @param branch number of the alternative
     */
    private record Alternative(String group, String branch) {
        static @Nullable Alternative of(Error error) {
            NodePath path = error.getEvaluationPath();
            StringBuilder group = new StringBuilder();
            for (int i = 0; i + 1 < path.getNameCount(); i++) {
                String name = path.getName(i);
                group.append('/').append(name.replace("~", "~0").replace("/", "~1"));
                boolean isKeyword = i == 0 || !path.getName(i - 1).equals("properties");
                if (isKeyword && isAlternatives(name)) {
                    return new Alternative(group.toString(), path.getName(i + 1));
                }
            }
            return null;
        }
    }

    private Violation translate(Error error) {
        String at = error.getInstanceLocation().toString();
        String property = error.getProperty();
        String keyword = error.getKeyword();
        JsonNode limit = error.getSchemaNode();
        return switch (keyword == null ? "" : keyword) {
            case "required" -> missing(at, property == null ? "" : property);
            case "dependentRequired" ->
                missing(at, String.valueOf(error.getArguments()[0]), "'" + property + "' is there");
            case "additionalProperties", "unevaluatedProperties" ->
                unknown(error, at, property == null ? "" : property);
            case "propertyNames" -> badName(error, at, property == null ? "" : property);
            case "enum" -> notListed(at, error.getInstanceNode(), limit);
            case "type" -> expected(at, error, types(limit) + shapes(schemaHolding(error)));
            case "const" -> expected(at, error, limit.toString());
            case "minimum" -> expected(at, error, ">= " + limit);
            case "maximum" -> expected(at, error, "<= " + limit);
            case "exclusiveMinimum" -> expected(at, error, "> " + limit);
            case "exclusiveMaximum" -> expected(at, error, "< " + limit);
            case "multipleOf" -> expected(at, error, "a multiple of " + limit);
            case "minLength" -> expected(at, error, "at least " + counted(limit, "character"));
            case "maxLength" -> expected(at, error, "at most " + counted(limit, "character"));
            case "minItems" -> expected(at, error, "at least " + counted(limit, "item"));
            case "maxItems" -> expected(at, error, "at most " + counted(limit, "item"));
            case "minProperties" -> expected(at, error, "at least " + counted(limit, member));
            case "maxProperties" -> expected(at, error, "at most " + counted(limit, member));
            case "uniqueItems" -> expected(at, error, "no item twice");
            case "pattern" -> {
                JsonNode holder = schemaHolding(error);
                yield expected(at, error, pattern(holder, limit.asString()), described(holder));
            }
            case "format" -> expected(at, error, "format " + limit.asString());
            case "oneOf", "anyOf" -> expected(at, error, alternatives(limit));
            case "false" ->
                new Violation(Violation.Kind.VALUE, at, shown(error) + " is not allowed here", "leave it out");
            default -> new Violation(Violation.Kind.VALUE, at, shown(error) + " " + error.getMessage(), "");
        };
    }

    private static Violation expected(String at, Error error, String expectation) {
        return expected(at, error, expectation, "");
    }

    private static Violation expected(String at, Error error, String expectation, String fix) {
        return new Violation(Violation.Kind.VALUE, at, shown(error) + " (expected: " + expectation + ")", fix);
    }

    private Violation missing(String at, String name) {
        return new Violation(
                Violation.Kind.MISSING_MEMBER,
                PositionedYaml.child(at, name),
                "the " + member + " '" + name + "' is missing",
                "add it");
    }

    private Violation missing(String at, String name, String because) {
        return new Violation(
                Violation.Kind.MISSING_MEMBER,
                PositionedYaml.child(at, name),
                "the " + member + " '" + name + "' is missing (needed because " + because + ")",
                "add it");
    }

    private Violation unknown(Error error, String at, String name) {
        Set<String> known = known(error);
        String nearest = NearestName.of(name, known);
        String fix;
        if (nearest != null) {
            fix = "did you mean '" + nearest + "'?";
            misspelt.add(PositionedYaml.child(at, nearest));
        } else if (known.isEmpty()) {
            fix = "leave it out";
        } else {
            fix = "known here: " + String.join(", ", known);
        }
        return new Violation(
                Violation.Kind.UNKNOWN_MEMBER,
                PositionedYaml.child(at, name),
                "unknown " + member + " '" + cut(name) + "'",
                fix);
    }

    private Set<String> known(Error error) {
        JsonNode holder = schemaHolding(error);
        Set<String> names = new LinkedHashSet<>();
        names.addAll(holder.path("properties").propertyNames());
        return names;
    }

    private Violation badName(Error error, String at, String name) {
        JsonNode rule = error.getSchemaNode();
        JsonNode resolved = rule.has("$ref") ? at(rule.get("$ref").asString().substring(1)) : rule;
        String expectation = resolved.has("pattern")
                ? pattern(resolved, resolved.get("pattern").asString())
                : String.valueOf(error.getMessage());
        return new Violation(
                Violation.Kind.UNKNOWN_MEMBER,
                PositionedYaml.child(at, name),
                "the name '" + cut(name) + "' (expected: " + expectation + ")",
                "");
    }

    private static Violation notListed(String at, JsonNode value, JsonNode listed) {
        List<String> names = listed.valueStream()
                .map(one -> one.isString() ? one.asString() : one.toString())
                .toList();
        String nearest = value.isString() ? NearestName.of(value.asString(), names) : null;
        return new Violation(
                Violation.Kind.VALUE,
                at,
                shown(value) + " (expected: one of " + String.join(", ", names) + ")",
                nearest == null ? "" : "did you mean " + nearest + "?");
    }

    /** Examples of an object, as a file spells them in one line. */
    private static String shapes(JsonNode holder) {
        String shapes = holder.path("examples")
                .valueStream()
                .filter(JsonNode::isObject)
                .filter(example -> example.size() == 1)
                .map(example -> example.properties().iterator().next())
                .filter(member -> member.getValue().isString())
                .map(member -> "{ " + member.getKey() + ": " + member.getValue().asString() + " }")
                .collect(Collectors.joining(", "));
        return shapes.isEmpty() ? "" : ", such as " + shapes;
    }

    /** What the schema says about the value, where that is short. */
    private static String described(JsonNode holder) {
        String description = holder.path("description").asString("").strip();
        return description.length() > MAX_DESCRIPTION ? "" : description;
    }

    private static String pattern(JsonNode holder, String pattern) {
        JsonNode examples = holder.path("examples");
        if (examples.isEmpty()) {
            return "a match of " + pattern;
        }
        return "like "
                + examples.valueStream()
                        .filter(JsonNode::isValueNode)
                        .map(example ->
                                example.isString() && !example.asString().isEmpty()
                                        ? example.asString()
                                        : example.toString())
                        .collect(Collectors.joining(", "));
    }

    /** The object of the schema that holds the keyword of this finding. */
    private JsonNode schemaHolding(Error error) {
        String location = error.getSchemaLocation().toString();
        int hash = location.indexOf('#');
        String pointer = hash < 0 ? "" : location.substring(hash + 1);
        int slash = pointer.lastIndexOf('/');
        return at(slash < 0 ? "" : pointer.substring(0, slash));
    }

    private JsonNode at(String pointer) {
        return pointer.isEmpty() || pointer.startsWith("/")
                ? schema.at(JsonPointer.compile(pointer))
                : MissingNode.getInstance();
    }

    private static String types(JsonNode type) {
        if (type.isArray()) {
            return type.valueStream().map(Violations::types).collect(Collectors.joining(" or "));
        }
        return switch (type.asString()) {
            case "integer" -> "an integer";
            case "array" -> "an array";
            case "object" -> "an object";
            case "null" -> "null";
            default -> "a " + type.asString();
        };
    }

    private static String alternatives(JsonNode branches) {
        boolean typesOnly = branches.valueStream().allMatch(branch -> branch.has("type"));
        if (typesOnly) {
            return branches.valueStream()
                    .map(branch -> types(branch.get("type")))
                    .distinct()
                    .collect(Collectors.joining(" or "));
        }
        return "one of " + branches.size() + " forms";
    }

    private static String counted(JsonNode count, String noun) {
        return count + " " + noun + (count.asString().equals("1") ? "" : "s");
    }

    private static String shown(Error error) {
        return shown(error.getInstanceNode());
    }

    private static String shown(JsonNode value) {
        if (value.isObject()) {
            return value.isEmpty() ? "{}" : "an object";
        }
        if (value.isArray()) {
            return value.isEmpty() ? "[]" : "an array of " + value.size();
        }
        return cut(value.toString());
    }

    private static String cut(String text) {
        if (text.length() <= SHOWN_CHARACTERS) {
            return text;
        }
        int end =
                Character.isHighSurrogate(text.charAt(SHOWN_CHARACTERS - 1)) ? SHOWN_CHARACTERS - 1 : SHOWN_CHARACTERS;
        return text.substring(0, end) + "...";
    }
}
