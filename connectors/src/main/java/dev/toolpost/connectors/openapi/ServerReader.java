package dev.toolpost.connectors.openapi;

import dev.toolpost.connectors.ConnectorLoader;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Finds the base URL of a document's servers. */
final class ServerReader {
    private static final String HTTPS = "https://";
    private static final String PLAIN = "https://[A-Za-z0-9.-]+(:[0-9]+)?(/[^\\s?#{}]*)?";
    private static final Pattern PLACE = Pattern.compile("\\{([^{}]+)}");
    private static final int MOST_VALUES = 50;

    private ServerReader() {}

    /** {@code base_url} and, where a connection has to say it, {@code variables}. */
    static ObjectNode read(OpenApiDocument document, Notes notes) {
        JsonNode servers = document.root().path("servers");
        int chosen = chosen(servers);
        for (int i = 0; i < servers.size(); i++) {
            if (i != chosen) {
                notes.leftOut(
                        "server " + servers.path(i).path("url").asString(""),
                        "a connector has one base URL; the first https server is taken");
            }
        }
        JsonNode server = servers.path(chosen);
        String url = withoutSlash(server.path("url").asString(""));
        if (url.matches(PLAIN)) {
            return JsonNodeFactory.instance.objectNode().put("base_url", url);
        }
        ObjectNode pieces = inPieces(server, url, notes);
        if (pieces != null) {
            return pieces;
        }
        notes.guess("base_url: "
                + (url.isEmpty() ? "the document names no server" : "the server " + url + " is no fixed https address")
                + ", so that each connection says it");
        ObjectNode result = JsonNodeFactory.instance.objectNode().put("base_url", "{base_url}");
        ObjectNode variable = result.putObject("variables").putObject("base_url");
        variable.put("kind", "url").put("title", "Address of the API");
        String standard = withDefaults(server, url);
        if (standard.matches(PLAIN)) {
            variable.put("default", standard);
        }
        return result;
    }

    /** The address of an operation's own server, or nothing where it has none. */
    static String own(OpenApiDocument document, JsonNode servers) throws LeftOutException {
        if (servers.isEmpty()) {
            return "";
        }
        JsonNode server = servers.path(chosen(servers));
        String url = withoutSlash(withDefaults(server, server.path("url").asString("")));
        if (url.equals(
                withoutSlash(document.root().path("servers").path(0).path("url").asString("")))) {
            return "";
        }
        if (!url.matches(PLAIN)) {
            throw new LeftOutException("it has a server of its own that is no fixed https address: " + url);
        }
        return url;
    }

    /** The first that begins with https, else the first. */
    private static int chosen(JsonNode servers) {
        for (int i = 0; i < servers.size(); i++) {
            if (servers.path(i).path("url").asString("").startsWith(HTTPS)) {
                return i;
            }
        }
        return 0;
    }

    private static String withDefaults(JsonNode server, String url) {
        String address = url;
        for (Map.Entry<String, JsonNode> variable : server.path("variables").properties()) {
            address = address.replace(
                    "{" + variable.getKey() + "}",
                    variable.getValue().path("default").asString(""));
        }
        return withoutSlash(address);
    }

    private static String withoutSlash(String url) {
        return url.replaceFirst("/+$", "");
    }

    /**
     * The template with a variable for each place that a connection fills: a label of the host, the whole host, or a segment of the path. What
     * can be none of these stands with its default. Null where no such address comes of it.
     */
    private static @Nullable ObjectNode inPieces(JsonNode server, String given, Notes notes) {
        String url = given.replaceFirst("^\\{[^{}/]+}://", HTTPS);
        if (!url.startsWith(HTTPS)) {
            return null;
        }
        int slash = url.indexOf('/', HTTPS.length());
        int hostEnds = slash < 0 ? url.length() : slash;
        Names names = Names.ofArguments();
        ObjectNode variables = JsonNodeFactory.instance.objectNode();
        StringBuilder template = new StringBuilder();
        Matcher place = PLACE.matcher(url);
        int from = 0;
        while (place.find()) {
            template.append(url, from, place.start());
            from = place.end();
            JsonNode variable = server.path("variables").path(place.group(1));
            String standard = variable.path("default").asString("");
            String kind = kind(url, place, hostEnds, standard);
            if (kind == null) {
                if (standard.isEmpty()) {
                    return null;
                }
                notes.leftOut(
                        "server variable " + place.group(1),
                        "it is no label of the host, whole host or segment of the path; its default " + standard
                                + " stands there");
                template.append(standard);
                continue;
            }
            String name = names.freeAsIs(place.group(1));
            template.append('{').append(name).append('}');
            variables.set(name, variable(name, kind, variable, standard));
        }
        template.append(url.substring(from));
        ObjectNode result = JsonNodeFactory.instance.objectNode().put("base_url", withoutSlash(template.toString()));
        if (!variables.isEmpty()) {
            result.set("variables", variables);
        }
        return isGood(result) ? result : null;
    }

    private static @Nullable String kind(String url, Matcher place, int hostEnds, String standard) {
        if (place.start() >= hostEnds) {
            return standard.indexOf('/') >= 0 ? null : "segment";
        }
        if (place.start() == HTTPS.length() && place.end() == hostEnds) {
            return standard.matches("[A-Za-z0-9.-]*") ? "host" : null;
        }
        boolean ownDomainFollows = url.substring(place.end(), hostEnds)
                .replaceAll("\\{[^{}]*}", "")
                .matches(".*\\.[A-Za-z0-9-]+\\.[A-Za-z][A-Za-z0-9.-]*(:[0-9]+)?");
        return ownDomainFollows && standard.matches("|[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?") ? "label" : null;
    }

    private static ObjectNode variable(String name, String kind, JsonNode variable, String standard) {
        ObjectNode piece = JsonNodeFactory.instance.objectNode().put("kind", kind);
        piece.put("title", ShortText.capital(ShortText.words(name)));
        String description = ShortText.of(variable.path("description").asString(""), 200);
        if (!description.isEmpty()) {
            piece.put("description", description);
        }
        if (!standard.isEmpty()) {
            piece.put("default", standard);
        }
        JsonNode values = variable.path("enum");
        if (!values.isEmpty() && values.size() <= MOST_VALUES) {
            piece.put(
                    "pattern",
                    values.valueStream()
                            .map(each -> each.asString("").replaceAll("([^A-Za-z0-9_-])", "\\\\$1"))
                            .collect(Collectors.joining("|")));
        }
        return piece;
    }

    /** Whether a connector with this address is accepted. */
    private static boolean isGood(ObjectNode server) {
        ObjectNode connector =
                JsonNodeFactory.instance.objectNode().put("vendor", "acme").put("title", "Acme");
        connector.setAll(server);
        connector.putArray("auth").addObject().put("kind", "none");
        ObjectNode tool = connector.putObject("tools").putObject("get_thing");
        tool.put("description", "Returns a thing, to see whether the address of the server is one.");
        tool.put("effect", "read").putObject("request").put("path", "/things");
        return new ConnectorLoader()
                .read("server.yaml", connector.toString())
                .errors()
                .isEmpty();
    }
}
