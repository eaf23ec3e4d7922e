package dev.toolpost.connectors.openapi;

import dev.toolpost.connectors.openapi.OpenApiDocument.Operation;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Makes arguments, path, query and headers of an operation's parameters. Used for one operation. */
final class ParameterReader {
    private static final Pattern PLACE = Pattern.compile("\\{([^{}]+)}");
    private static final Pattern CONSTANT = Pattern.compile("([A-Za-z0-9_.-]{1,100})(?:=([A-Za-z0-9_.,:-]{0,200}))?");
    private static final Set<String> OF_OTHERS = Set.of("accept", "content-type", "authorization");

    private final OpenApiDocument document;
    private final Operation operation;
    private final Set<String> credentials;
    private final ToolArguments arguments;
    private final Notes notes;

    /** @param credentials headers and query parameters that carry a key, in lower case */
    ParameterReader(
            OpenApiDocument document,
            Operation operation,
            Set<String> credentials,
            ToolArguments arguments,
            Notes notes) {
        this.document = document;
        this.operation = operation;
        this.credentials = credentials;
        this.arguments = arguments;
        this.notes = notes;
    }

    /** The operation's parameters by place and name; its own go before those of the path. */
    static Map<String, JsonNode> all(OpenApiDocument document, Operation operation, Notes notes) {
        Map<String, JsonNode> parameters = new LinkedHashMap<>();
        for (JsonNode list :
                new JsonNode[] {operation.shared(), operation.node().path("parameters")}) {
            for (JsonNode each : list) {
                JsonNode parameter = document.resolved(each);
                if (parameter.path("name").isString()) {
                    parameters.put(
                            parameter.path("in").asString("") + " "
                                    + parameter.path("name").asString(),
                            parameter);
                } else {
                    notes.leftOut(
                            "parameter " + each.path("$ref").asString("without a name"),
                            "its reference leads out of the document or names nothing");
                }
            }
        }
        return parameters;
    }

    /**
     * Reads them into a request.
     *
     * @param taken query parameters that paging fills
     */
    void read(Map<String, JsonNode> parameters, Set<String> taken, ObjectNode request) throws LeftOutException {
        path(parameters, request);
        for (JsonNode parameter : parameters.values()) {
            String name = parameter.path("name").asString();
            switch (parameter.path("in").asString("")) {
                case "query" -> {
                    if (!taken.contains(name) && !request.path("query").has(name)) {
                        query(name, parameter, request);
                    }
                }
                case "header" -> header(name, parameter, request);
                case "cookie" -> cannot(parameter, "cookie " + name, "cookies are not sent");
                case "path" -> {
                    // Read above, by the places in the path itself.
                }
                default -> cannot(parameter, "parameter " + name, "its place is none that a request has");
            }
        }
    }

    private void path(Map<String, JsonNode> parameters, ObjectNode request) throws LeftOutException {
        String whole = operation.path();
        int question = whole.indexOf('?');
        String path = question < 0 ? whole : whole.substring(0, question);
        if (path.isEmpty() || path.charAt(0) != '/' || whole.matches("(?s).*[#\\s].*")) {
            throw new LeftOutException("its path holds a fragment or a space");
        }
        if (path.startsWith("//")) {
            throw new LeftOutException("its path begins with //, which could name another server");
        }
        if (question >= 0) {
            constants(whole.substring(question + 1), request);
        }
        StringBuilder template = new StringBuilder();
        Matcher place = PLACE.matcher(path);
        int from = 0;
        while (place.find()) {
            String name = place.group(1).replaceFirst("^[+*/;?&.]", "").replaceFirst("\\*$", "");
            JsonNode parameter =
                    parameters.getOrDefault("path " + name, document.root().path("none"));
            String argument = arguments.add(
                    name,
                    parameter.path("schema"),
                    parameter.path("description").asString(""),
                    true);
            arguments.makePlain(argument);
            template.append(escaped(path.substring(from, place.start())))
                    .append('{')
                    .append(argument)
                    .append('}');
            from = place.end();
        }
        template.append(escaped(path.substring(from)));
        String text = template.toString();
        if (text.matches("(.*/)?\\.{1,2}(/.*)?")) {
            throw new LeftOutException("its path holds the segment . or ..");
        }
        request.put("path", text);
    }

    /** A query that stands in the path itself, as where two operations of one path are told apart by it. */
    private static void constants(String text, ObjectNode request) throws LeftOutException {
        for (String part : text.split("&", -1)) {
            Matcher parameter = CONSTANT.matcher(part);
            if (!parameter.matches()) {
                throw new LeftOutException("its path holds a query that is not fixed: ?" + text);
            }
            query(request).put(parameter.group(1), parameter.group(2) == null ? "" : parameter.group(2));
        }
    }

    private static String escaped(String literal) {
        return literal.replace("{", "{{").replace("}", "}}");
    }

    private void query(String name, JsonNode parameter, ObjectNode request) throws LeftOutException {
        if (isCredential("query", name)) {
            return;
        }
        JsonNode schema = schema(parameter);
        Set<String> types = ValueTypes.of(document, schema);
        boolean asJson = parameter.path("content").propertyNames().stream().anyMatch(type -> type.contains("json"));
        boolean deep = parameter.path("style").asString("").equals("deepObject");
        if (name.isBlank() || name.length() > 200) {
            cannot(parameter, "query parameter", "it has no usable name");
            return;
        }
        if (types.equals(Set.of("object")) && !deep && !asJson) {
            members(name, parameter, document.resolved(schema), request);
            return;
        }
        String argument = arguments.add(
                name,
                schema,
                parameter.path("description").asString(""),
                parameter.path("required").asBoolean(false));
        String value = "{" + argument + "}";
        boolean array = types.contains("array");
        if (asJson && (array || types.contains("object"))) {
            query(request).putObject(name).put("value", value).put("objects", "json");
        } else if (deep) {
            query(request).putObject(name).put("value", value).put("list", "brackets");
        } else if (array && !style(name, parameter).isEmpty()) {
            query(request).putObject(name).put("value", value).put("list", style(name, parameter));
        } else {
            query(request).put(name, value);
        }
    }

    /** An object that is spread over the query: each of its members is a parameter. */
    private void members(String name, JsonNode parameter, JsonNode schema, ObjectNode request) throws LeftOutException {
        JsonNode members = schema.path("properties");
        boolean spread = parameter.path("style").asString("form").equals("form")
                && parameter.path("explode").asBoolean(true);
        if (!spread || members.isEmpty()) {
            cannot(
                    parameter,
                    "query parameter " + name,
                    spread
                            ? "it is an object whose members are not described, so that nothing says which parameters they are"
                            : "the way its object stands in the query cannot be expressed");
            return;
        }
        Set<String> required = new HashSet<>();
        if (parameter.path("required").asBoolean(false)) {
            schema.path("required").forEach(each -> required.add(each.asString("")));
        }
        ObjectNode query = query(request);
        for (Map.Entry<String, JsonNode> member : members.properties()) {
            if (!query.has(member.getKey()) && !isCredential("query", member.getKey())) {
                String argument =
                        arguments.add(member.getKey(), member.getValue(), "", required.contains(member.getKey()));
                query.put(member.getKey(), "{" + argument + "}");
            }
        }
    }

    private static ObjectNode query(ObjectNode request) {
        return request.path("query") instanceof ObjectNode there ? there : request.putObject("query");
    }

    private boolean isCredential(String place, String name) {
        return credentials.contains(place + " " + name.toLowerCase(Locale.ROOT));
    }

    private static String style(String name, JsonNode parameter) {
        if (name.endsWith("[]")) {
            return "";
        }
        boolean explode = parameter.path("explode").asBoolean(true);
        return switch (parameter.path("style").asString("form")) {
            case "spaceDelimited" -> explode ? "" : "space";
            case "pipeDelimited" -> explode ? "" : "pipe";
            default -> explode ? "" : "comma";
        };
    }

    private void header(String name, JsonNode parameter, ObjectNode request) throws LeftOutException {
        String lower = name.toLowerCase(Locale.ROOT);
        if (OF_OTHERS.contains(lower) || credentials.contains("header " + lower)) {
            return;
        }
        if (!name.matches("[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")) {
            cannot(parameter, "header " + name, "it is no header's name");
            return;
        }
        if (lower.matches("host|connection|content-length|transfer-encoding|te|trailer|upgrade|expect|keep-alive|cookie"
                + "|proxy-.*|.*(api-?key|token|secret|password|signature).*")) {
            cannot(parameter, "header " + name, "a header of the connection, or one for credentials, is no argument");
            return;
        }
        String argument = arguments.add(
                name,
                schema(parameter),
                parameter.path("description").asString(""),
                parameter.path("required").asBoolean(false));
        arguments.makePlain(argument);
        ObjectNode headers = request.path("headers") instanceof ObjectNode there ? there : request.putObject("headers");
        headers.put(name, "{" + argument + "}");
    }

    /** The schema, which may stand below a media type. */
    private static JsonNode schema(JsonNode parameter) {
        JsonNode content = parameter.path("content");
        return content.isEmpty()
                ? parameter.path("schema")
                : content.iterator().next().path("schema");
    }

    private void cannot(JsonNode parameter, String what, String why) throws LeftOutException {
        if (parameter.path("required").asBoolean(false)) {
            throw new LeftOutException("it requires the " + what + ": " + why);
        }
        notes.leftOut(what, why);
    }
}
