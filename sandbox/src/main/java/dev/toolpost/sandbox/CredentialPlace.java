package dev.toolpost.sandbox;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Where a vendor looks for a request's token. */
enum CredentialPlace {
    /** The Authorization header behind a scheme. */
    BEARER,
    BASIC_USER,
    BASIC_PASSWORD,
    HEADER,
    QUERY,
    /** A request without any other credential is let in too. */
    NONE;

    /** The token of requests that bring none, where that is allowed. */
    static final String ANONYMOUS = "anonymous";

    private static final String BASIC = "Basic ";

    /**
     * A place with its name.
     *
     * @param name the scheme, the header in lower case or the query parameter
     */
    record Named(CredentialPlace place, String name) {

        /** The token, empty for none. */
        String token(HttpExchange exchange) {
            return switch (place) {
                case BEARER -> afterScheme(exchange, name + " ");
                case BASIC_USER -> basic(exchange, true);
                case BASIC_PASSWORD -> basic(exchange, false);
                case HEADER -> orEmpty(exchange.header(name));
                case QUERY -> orEmpty(exchange.query(name));
                case NONE -> ANONYMOUS;
            };
        }
    }

    /** The places that a profile names; a bearer token where it names none. */
    static List<Named> read(JsonNode profile) {
        List<Named> places = new ArrayList<>();
        for (JsonNode place : profile.path("auth")) {
            CredentialPlace kind = switch (place.path("kind").asString("")) {
                case "bearer" -> BEARER;
                case "basic_user" -> BASIC_USER;
                case "basic_password" -> BASIC_PASSWORD;
                case "header" -> HEADER;
                case "query" -> QUERY;
                case "none" -> NONE;
                default ->
                    throw new SandboxException("auth: " + place
                            + " (expected kind: bearer, basic_user, basic_password, header, query or none)");
            };
            places.add(new Named(kind, place.path("name").asString(kind == BEARER ? "Bearer" : "")));
        }
        if (places.isEmpty()) {
            places.add(new Named(BEARER, "Bearer"));
            if (profile.path("basic_auth").asBoolean(false)) {
                places.add(new Named(BASIC_PASSWORD, ""));
            }
        }
        return List.copyOf(places);
    }

    private static String orEmpty(@Nullable String text) {
        return text == null ? "" : text;
    }

    private static String afterScheme(HttpExchange exchange, String scheme) {
        String authorization = exchange.header("authorization");
        return authorization != null && authorization.regionMatches(true, 0, scheme, 0, scheme.length())
                ? authorization.substring(scheme.length()).strip()
                : "";
    }

    private static String basic(HttpExchange exchange, boolean user) {
        String credentials = afterScheme(exchange, BASIC);
        try {
            String decoded = new String(Base64.getDecoder().decode(credentials), StandardCharsets.UTF_8);
            int colon = decoded.indexOf(':');
            if (colon < 0) {
                return user ? "" : decoded;
            }
            return user ? decoded.substring(0, colon) : decoded.substring(colon + 1);
        } catch (IllegalArgumentException e) {
            return "";
        }
    }
}
