package dev.toolpost.connectors;

import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads the base URL, or another address of that form, and sees to it that every variable stands where its kind may stand. Used once. */
final class BaseUrlReader {
    private static final String HTTPS = "https://";

    private final Section section;
    private final String key;
    private final Map<String, Variable> variables;

    /** What the next character of the template belongs to. */
    private enum Place {
        START,
        HOST,
        PATH
    }

    /** @param key name of the key that holds it, for messages */
    BaseUrlReader(Section section, String key, Map<String, Variable> variables) {
        this.section = section;
        this.key = key;
        this.variables = variables;
    }

    @Nullable
    BaseUrl read() {
        TextTemplate template = section.parsed(TextTemplate::parse);
        if (template == null || !isWellPlaced(template)) {
            return null;
        }
        BaseUrl baseUrl = new BaseUrl(template, variables);
        return isPlain(baseUrl) ? baseUrl : null;
    }

    private boolean isWellPlaced(TextTemplate template) {
        Place place = Place.START;
        for (int i = 0; i < template.parts().size(); i++) {
            switch (template.parts().get(i)) {
                case TextTemplate.Literal(String text) -> {
                    if (place == Place.START && !text.startsWith(HTTPS)) {
                        section.error(
                                key + " begins with '" + text + "' (expected: https://, or a variable of kind url)",
                                text.startsWith("http://")
                                        ? "credentials do not travel in the clear; for a local server declare a variable of kind url"
                                        : "");
                        return false;
                    }
                    String rest = place == Place.START ? text.substring(HTTPS.length()) : text;
                    if (place != Place.PATH) {
                        place = rest.contains("/") ? Place.PATH : Place.HOST;
                    }
                }
                case TextTemplate.Argument(String name, var _) -> {
                    Variable variable = variables.get(name);
                    if (variable == null) {
                        unknownVariable(name);
                        return false;
                    }
                    if (!mayStand(variable, place, template, i)) {
                        return false;
                    }
                    if (place == Place.START) {
                        place = Place.PATH;
                    }
                }
            }
        }
        return true;
    }

    private void unknownVariable(String name) {
        String nearest = NearestName.of(name, variables.keySet());
        section.error(
                key + " names the unknown variable '" + name + "'",
                nearest == null ? "declare it under variables" : "did you mean '" + nearest + "'?");
    }

    private boolean mayStand(Variable variable, Place place, TextTemplate template, int index) {
        boolean allowed = switch (variable.kind()) {
            case URL -> place == Place.START && beginsPath(template, index + 1);
            case HOST -> place == Place.HOST && standsAlone(template, index);
            case LABEL -> place == Place.HOST && hasFixedDomain(template, index + 1);
            case SEGMENT, WORD -> place == Place.PATH;
            case PORT -> false;
        };
        if (!allowed) {
            section.error(
                    key + ": the variable '" + variable.name() + "' of kind "
                            + variable.kind().name().toLowerCase(Locale.ROOT)
                            + " cannot stand there",
                    switch (variable.kind()) {
                        case URL -> "it stands at the very beginning, and a path may follow: {base_url}/v1";
                        case HOST -> "it is the whole host: https://{host}/v1";
                        case LABEL ->
                            "the vendor's own domain must follow it, so that no value leads elsewhere: https://{subdomain}.example.com/v1";
                        case SEGMENT, WORD -> "it stands in the path: https://api.example.com/{account}";
                        case PORT -> "it goes with executor: sql; a variable of kind url holds a port of its own";
                    });
        }
        return allowed;
    }

    private static boolean beginsPath(TextTemplate template, int next) {
        return next == template.parts().size()
                || (template.parts().get(next) instanceof TextTemplate.Literal(String text) && text.startsWith("/"));
    }

    private static boolean standsAlone(TextTemplate template, int index) {
        return index == 1
                && template.parts().get(0) instanceof TextTemplate.Literal(String before)
                && before.equals(HTTPS)
                && beginsPath(template, index + 1);
    }

    /** Whether the host ends in at least two labels that no variable touches. */
    private static boolean hasFixedDomain(TextTemplate template, int next) {
        StringBuilder host = new StringBuilder();
        for (int i = next; i < template.parts().size(); i++) {
            if (!(template.parts().get(i) instanceof TextTemplate.Literal(String text))) {
                host.setLength(0);
                continue;
            }
            int slash = text.indexOf('/');
            host.append(slash < 0 ? text : text.substring(0, slash));
            if (slash >= 0) {
                break;
            }
        }
        int colon = host.indexOf(":");
        String name = colon < 0 ? host.toString() : host.substring(0, colon);
        return name.matches("[A-Za-z0-9-]*\\.(?:[A-Za-z0-9-]+\\.)+[A-Za-z][A-Za-z0-9-]*");
    }

    /** Resolves the template once with sample values: what is left must be an address and nothing else. */
    private boolean isPlain(BaseUrl baseUrl) {
        Map<String, String> samples = new LinkedHashMap<>();
        variables.forEach((name, variable) -> samples.put(name, variable.kind().example()));
        try {
            URI uri = new BaseUrl(baseUrl.template(), withoutPatterns()).resolve(samples);
            if (uri.getHost() == null
                    || uri.getRawUserInfo() != null
                    || uri.getRawQuery() != null
                    || uri.getRawFragment() != null) {
                section.error(
                        key + ": '" + section.text() + "' (expected: scheme, host, port and path, nothing else)",
                        "keys go under auth, query parameters into the tools");
                return false;
            }
            return true;
        } catch (InvalidVariableException e) {
            section.error(String.valueOf(e.getMessage()), "");
            return false;
        }
    }

    private Map<String, Variable> withoutPatterns() {
        Map<String, Variable> plain = new LinkedHashMap<>();
        variables.forEach((name, variable) -> plain.put(
                name,
                new Variable(
                        name,
                        variable.kind(),
                        variable.title(),
                        variable.description(),
                        null,
                        null,
                        variable.examples())));
        return plain;
    }
}
