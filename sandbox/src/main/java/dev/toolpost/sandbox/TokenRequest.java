package dev.toolpost.sandbox;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A request to a token endpoint, as a form or as JSON.
 *
 * @param basic whether the client's id and secret came as HTTP Basic (RFC 6749, 2.3.1: both form-encoded first)
 * @param problem why it cannot be read, or null
 */
record TokenRequest(
        Map<String, String> parameters,
        String clientId,
        String clientSecret,
        boolean basic,
        @Nullable String problem) {

    private static final String BASIC = "Basic ";

    static TokenRequest read(HttpExchange exchange, boolean jsonToo) {
        Map<String, String> parameters = new HashMap<>();
        String type = exchange.header("content-type");
        String problem = null;
        if (type != null && type.startsWith("application/json") && jsonToo) {
            try {
                for (Map.Entry<String, JsonNode> member :
                        VendorJson.parse(exchange.body()).properties()) {
                    parameters.put(member.getKey(), member.getValue().asString(""));
                }
            } catch (IllegalArgumentException e) {
                problem = "The body is no JSON object";
            }
        } else if (type != null && type.startsWith("application/x-www-form-urlencoded")) {
            problem = form(new String(exchange.body(), StandardCharsets.UTF_8), parameters);
        } else {
            problem = "Unsupported content type: " + type;
        }
        String authorization = exchange.header("authorization");
        if (authorization != null && authorization.regionMatches(true, 0, BASIC, 0, BASIC.length())) {
            return withBasic(parameters, authorization.substring(BASIC.length()).strip(), problem);
        }
        return new TokenRequest(
                parameters,
                parameters.getOrDefault("client_id", ""),
                parameters.getOrDefault("client_secret", ""),
                false,
                problem);
    }

    /** Empty where it is missing. */
    String parameter(String name) {
        return parameters.getOrDefault(name, "");
    }

    private static TokenRequest withBasic(
            Map<String, String> parameters, String credentials, @Nullable String problem) {
        String decoded;
        try {
            decoded = new String(Base64.getDecoder().decode(credentials), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            decoded = "";
        }
        int colon = decoded.indexOf(':');
        return new TokenRequest(
                parameters,
                colon < 0 ? "" : HttpExchange.decode(decoded.substring(0, colon)),
                colon < 0 ? "" : HttpExchange.decode(decoded.substring(colon + 1)),
                true,
                problem);
    }

    private static @Nullable String form(String text, Map<String, String> parameters) {
        for (String pair : text.split("&", -1)) {
            int equals = pair.indexOf('=');
            if (equals < 0) {
                if (!pair.isEmpty()) {
                    return "The body is no form";
                }
                continue;
            }
            String name = HttpExchange.decode(pair.substring(0, equals));
            if (parameters.put(name, HttpExchange.decode(pair.substring(equals + 1))) != null) {
                return "The parameter " + name + " came twice";
            }
        }
        return null;
    }

    @Override
    public String toString() {
        return "TokenRequest[" + parameters.keySet() + "]";
    }
}
