package dev.toolpost.connectors.openapi;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Makes ways to authenticate of a document's security schemes. Used once. */
final class SecurityReader {
    private static final int MOST_SCOPES = 100;

    private final OpenApiDocument document;
    private final Notes notes;
    private final Map<String, ObjectNode> byKind = new LinkedHashMap<>();
    private final Names ids = Names.ofArguments();
    private final Set<String> carriers = new HashSet<>();

    SecurityReader(OpenApiDocument document, Notes notes) {
        this.document = document;
        this.notes = notes;
    }

    /** The list under {@code auth}. */
    ArrayNode read() {
        document.root()
                .path("components")
                .path("securitySchemes")
                .properties()
                .forEach(entry -> scheme(entry.getKey(), document.resolved(entry.getValue())));
        if (byKind.isEmpty()) {
            keyAmongParameters();
        }
        if (byKind.isEmpty()) {
            notes.guess(
                    "authentication: the document describes none that can be expressed; a bearer token is assumed beside none");
            add("bearer", "bearer", node("bearer", ""));
            add("none", "none", node("none", ""));
        }
        ArrayNode list = JsonNodeFactory.instance.arrayNode();
        byKind.values().forEach(list::add);
        return list;
    }

    /** Documents without security schemes may ask for the key as a parameter of each operation. */
    private void keyAmongParameters() {
        Notes unheard = new Notes();
        for (OpenApiDocument.Operation operation : document.operations(unheard)) {
            for (JsonNode parameter :
                    ParameterReader.all(document, operation, unheard).values()) {
                String name = parameter.path("name").asString("");
                String place = parameter.path("in").asString("");
                if (place.matches("header|query") && name.matches("(?i)(x[-_])?api[-_]?key")) {
                    notes.guess(
                            "auth: the parameter " + name + " of the operations is taken as the key of the connection");
                    ObjectNode scheme = JsonNodeFactory.instance
                            .objectNode()
                            .put("in", place)
                            .put("name", name);
                    apiKey(name, scheme, "");
                    return;
                }
            }
        }
    }

    /** Headers and query parameters that carry a key: {@code header x-api-key}, in lower case. */
    Set<String> carriers() {
        return carriers;
    }

    private void scheme(String name, JsonNode scheme) {
        String hint = ShortText.of(scheme.path("description").asString(""), 300);
        switch (scheme.path("type").asString("")) {
            case "http" -> {
                switch (scheme.path("scheme").asString("").toLowerCase(Locale.ROOT)) {
                    case "basic" -> add(name, "basic", node("basic", hint));
                    case "bearer" -> add(name, "bearer", node("bearer", hint));
                    default ->
                        notes.leftOut(
                                "security scheme " + name,
                                "HTTP authentication other than basic and bearer cannot be expressed");
                }
            }
            case "apiKey" -> apiKey(name, scheme, hint);
            case "oauth2" -> oauth(name, scheme, hint);
            case "mutualTLS" -> {
                if (FormatKeys.hasAuth("client_certificate")) {
                    add(name, "client_certificate", node("client_certificate", hint));
                } else {
                    notes.leftOut("security scheme " + name, "client certificates cannot be expressed");
                }
            }
            case "openIdConnect" ->
                notes.leftOut(
                        "security scheme " + name,
                        "OpenID Connect names its addresses elsewhere; write auth of kind oauth2 or bearer by hand");
            default -> notes.leftOut("security scheme " + name, "its type is not known");
        }
    }

    private void apiKey(String name, JsonNode scheme, String hint) {
        String carrier = scheme.path("name").asString("");
        switch (scheme.path("in").asString("")) {
            case "header" -> {
                carriers.add("header " + carrier.toLowerCase(Locale.ROOT));
                if (carrier.equalsIgnoreCase("Authorization")) {
                    notes.guess("auth api_key_header: a key in Authorization may need a prefix, such as \"Token \"");
                }
                add(name, "api_key_header", node("api_key_header", hint).put("name", carrier));
            }
            case "query" -> {
                carriers.add("query " + carrier.toLowerCase(Locale.ROOT));
                add(name, "api_key_query", node("api_key_query", hint).put("name", carrier));
            }
            default -> notes.leftOut("security scheme " + name, "keys in cookies cannot be expressed");
        }
    }

    private void oauth(String name, JsonNode scheme, String hint) {
        boolean any = false;
        for (Map.Entry<String, JsonNode> flow : scheme.path("flows").properties()) {
            String tokenUrl = flow.getValue().path("tokenUrl").asString("");
            String kind = flow.getKey().equals("clientCredentials") ? "oauth2_client_credentials" : "oauth2";
            if (!flow.getKey().equals("authorizationCode") && !flow.getKey().equals("clientCredentials")) {
                notes.leftOut(
                        "security scheme " + name,
                        "the flow " + flow.getKey() + " gives no token that can be refreshed");
            } else if (!FormatKeys.hasAuth(kind)) {
                notes.leftOut("security scheme " + name, "the flow " + flow.getKey() + " cannot be expressed");
            } else if (!tokenUrl.matches("https://[^\\s/?#{}@]+(/[^\\s?#{}]*)?")) {
                notes.leftOut("security scheme " + name, "its token address is not a plain https address");
            } else {
                ObjectNode auth = node(kind, hint).put("token_url", tokenUrl);
                JsonNode scopes = flow.getValue().path("scopes");
                if (!scopes.isEmpty() && scopes.size() <= MOST_SCOPES) {
                    scopes.propertyNames().forEach(auth.putArray("scopes")::add);
                }
                add(name, kind, auth);
                any = true;
            }
        }
        if (any) {
            notes.guess(
                    "auth oauth2: how the client authenticates, how long tokens live and whether refresh tokens rotate, the document does not say");
        }
    }

    private static ObjectNode node(String kind, String hint) {
        ObjectNode node = JsonNodeFactory.instance.objectNode().put("kind", kind);
        return hint.isEmpty() ? node : node.put("hint", hint);
    }

    /** A second scheme of a kind has an id of its own. */
    private void add(String scheme, String kind, ObjectNode auth) {
        if (byKind.putIfAbsent(kind, auth) == null) {
            return;
        }
        String id = ids.free(scheme);
        if (byKind.putIfAbsent(id, auth) == null) {
            auth.put("id", id);
        } else {
            notes.leftOut("security scheme " + scheme, "another scheme of the same kind stands there already");
        }
    }
}
