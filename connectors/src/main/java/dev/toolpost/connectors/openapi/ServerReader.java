package dev.toolpost.connectors.openapi;

import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Finds the base URL of a document's servers. */
final class ServerReader {
    private static final String PLAIN = "https://[A-Za-z0-9.-]+(:[0-9]+)?(/[^\\s?#{}]*)?";

    private ServerReader() {}

    /** {@code base_url} and, where a connection has to say it, {@code variables}. */
    static ObjectNode read(OpenApiDocument document, Notes notes) {
        ObjectNode result = JsonNodeFactory.instance.objectNode();
        JsonNode servers = document.root().path("servers");
        JsonNode server = servers.path(0);
        String url = server.path("url").asString("");
        for (int i = 1; i < servers.size(); i++) {
            notes.leftOut(
                    "server " + servers.path(i).path("url").asString(""),
                    "a connector has one base URL; the first server is taken");
        }
        String address = url;
        for (Map.Entry<String, JsonNode> variable : server.path("variables").properties()) {
            address = address.replace(
                    "{" + variable.getKey() + "}",
                    variable.getValue().path("default").asString(""));
        }
        while (address.endsWith("/")) {
            address = address.substring(0, address.length() - 1);
        }
        boolean plain = address.matches(PLAIN);
        if (plain && url.indexOf('{') < 0) {
            return result.put("base_url", address);
        }
        notes.guess("base_url: "
                + (url.isEmpty() ? "the document names no server" : "the server " + url + " is no fixed https address")
                + ", so that each connection says it");
        result.put("base_url", "{base_url}");
        ObjectNode variable = result.putObject("variables").putObject("base_url");
        variable.put("kind", "url").put("title", "Address of the API");
        if (plain) {
            variable.put("default", address);
        }
        return result;
    }
}
