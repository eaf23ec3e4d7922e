package dev.toolpost.connectors;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonPointer;

/** The names that templates of requests for credentials may use: variables, the secret's fields, what earlier replies gave. */
final class SecretNames {
    private static final Set<String> ADDED = Set.of(Auth.Fetched.ACCESS_TOKEN, Auth.Fetched.EXPIRES_AT);

    private final Map<String, Variable> variables;
    private final Set<String> others = new LinkedHashSet<>();

    SecretNames(Map<String, Variable> variables) {
        this.variables = variables;
    }

    /** Makes a name known; one that is taken is reported. */
    void add(Section place, String name, String what) {
        if (ADDED.contains(name)) {
            place.error(
                    "the " + what + " '" + name + "' has a name that is taken", "Toolpost keeps the token under it");
        } else if (variables.containsKey(name)) {
            place.error("the " + what + " '" + name + "' has the name of a variable", "rename one of them");
        } else {
            others.add(name);
        }
    }

    /** The further fields of the secret that a definition names. */
    List<String> fields(@Nullable Section list) {
        List<String> fields = new ArrayList<>();
        if (list != null) {
            for (Section field : list.items()) {
                add(field, field.text(), "field");
                fields.add(field.text());
            }
        }
        return fields;
    }

    void addAll(List<String> names) {
        others.addAll(names);
    }

    /** A template whose names are all known; null where it is wrong. */
    @Nullable
    TextTemplate template(Section section) {
        TextTemplate template = section.parsed(TextTemplate::parse);
        if (template == null) {
            return null;
        }
        for (String name : template.arguments()) {
            if (!variables.containsKey(name) && !others.contains(name)) {
                Set<String> known = new LinkedHashSet<>(others);
                known.addAll(variables.keySet());
                String nearest = NearestName.of(name, known);
                section.error(
                        "'" + section.text() + "' uses the unknown name '" + name + "'",
                        nearest != null
                                ? "did you mean '" + nearest + "'?"
                                : known.isEmpty()
                                        ? "nothing is known here"
                                        : "known here: " + String.join(", ", known));
                return null;
            }
        }
        return template;
    }

    SequencedMap<String, TextTemplate> templates(@Nullable Section section) {
        SequencedMap<String, TextTemplate> templates = new LinkedHashMap<>();
        if (section != null) {
            section.members().forEach((name, value) -> {
                TextTemplate template = template(value);
                if (template != null) {
                    templates.put(name, template);
                }
            });
        }
        return templates;
    }

    /** Headers of a request for credentials: any but those of the connection and the body. */
    SequencedMap<String, TextTemplate> headers(@Nullable Section section) {
        if (section != null) {
            section.members().forEach((name, value) -> {
                if (!name.equalsIgnoreCase("authorization") && !name.equalsIgnoreCase("cookie")) {
                    ConnectorReader.refuseReserved(value, name);
                }
            });
        }
        return templates(section);
    }

    JsonTemplate json(Section section) {
        check(section);
        return new JsonTemplate(section.node());
    }

    private void check(Section section) {
        if (section.node().isString()) {
            template(section);
        } else if (section.node().isObject()) {
            section.members().values().forEach(this::check);
        } else {
            section.items().forEach(this::check);
        }
    }

    /** Parts of a reply that become variables. */
    SequencedMap<JsonPointer, String> keep(@Nullable Section section) {
        SequencedMap<JsonPointer, String> keep = new LinkedHashMap<>();
        if (section != null) {
            section.members().forEach((pointer, name) -> {
                if (!variables.containsKey(name.text())) {
                    ConnectorReader.unknown(name, "variable", variables.keySet());
                } else if (keep.containsValue(name.text())) {
                    name.error("the variable '" + name.text() + "' is kept twice", "keep one of them");
                }
                keep.put(JsonPointer.compile(pointer), name.text());
            });
        }
        return keep;
    }
}
