package dev.toolpost.worker.request;

import dev.toolpost.connectors.Auth;
import dev.toolpost.connectors.PercentEncoding;
import dev.toolpost.connectors.TextTemplate;
import dev.toolpost.connectors.TokenPlace;
import dev.toolpost.worker.credentials.ConnectionRecord;
import dev.toolpost.worker.credentials.Secret;
import dev.toolpost.worker.http.ClientCertificate;
import dev.toolpost.worker.http.VendorRequest;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonPointer;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a connection's credential adds to a request. Immutable; cannot print itself.
 *
 * @param segment put between base URL and path, percent-encoded, or empty
 * @param parameter name and value of a parameter of the query, or null
 * @param header name and value of a header, or null
 * @param field place and value of a member of the body, or null
 * @param certificate shown when TLS begins, or null
 * @param echoes what of the header's value is secret, as a vendor could repeat it
 */
record Credential(
        String segment,
        Map.@Nullable Entry<String, String> parameter,
        Map.@Nullable Entry<String, String> header,
        Map.@Nullable Entry<JsonPointer, String> field,
        @Nullable ClientCertificate certificate,
        Set<String> echoes) {

    private static final int SHORTEST_OF_HEADERS = 6;

    static final Credential NOTHING = new Credential("", null, null, null, null, Set.of());

    /** Stands for the segment in places that a vendor's link leads to, so that no key is kept with them. No path can hold it. */
    static final String SEGMENT_PLACE = "/{key}";

    /** @throws RequestProblemException where the secret lacks something, or holds what cannot stand in its place */
    static Credential of(Auth auth, Secret secret, ConnectionRecord connection) throws RequestProblemException {
        Credential credential = switch (auth) {
            case Auth.None _, Auth.ClientCertificate _, Auth.Password _ -> NOTHING;
            case Auth.ApiKeyHeader(String name, String prefix, var _) ->
                inHeader(name, forHeader("key", prefix + value(secret, "key")), Set.of(value(secret, "key")));
            case Auth.ApiKeyQuery(String name, var _) -> inQuery(name, value(secret, "key"));
            case Auth.ApiKeyBody(JsonPointer place, var _) ->
                new Credential("", null, null, Map.entry(place, value(secret, "key")), null, Set.of());
            case Auth.ApiKeyPath(TextTemplate segment, var _) ->
                new Credential(segment(segment, value(secret, "key")), null, null, null, null, Set.of());
            case Auth.Bearer _ ->
                inHeader(
                        "Authorization",
                        forHeader("token", "Bearer " + value(secret, "token")),
                        Set.of(value(secret, "token")));
            case Auth.Basic _ ->
                inHeader(
                        "Authorization",
                        basic(value(secret, "username"), value(secret, "password")),
                        echoesOfBasic(value(secret, "username"), value(secret, "password")));
            case Auth.Fetched fetched -> token(fetched.terms().place(), value(secret, Auth.Fetched.ACCESS_TOKEN));
        };
        return auth.clientCertificate() ? credential.with(certificate(secret, connection)) : credential;
    }

    private static Credential inHeader(String name, String value, Set<String> echoes) {
        return new Credential("", null, Map.entry(name, value), null, null, echoes);
    }

    private static Credential inQuery(String name, String value) {
        return new Credential("", Map.entry(name, value), null, null, null, Set.of());
    }

    private static Credential token(TokenPlace place, String token) throws RequestProblemException {
        return switch (place) {
            case TokenPlace.InHeader(String name, String prefix) ->
                inHeader(name, forHeader(Auth.Fetched.ACCESS_TOKEN, prefix + token), Set.of(token));
            case TokenPlace.InQuery(String name) -> inQuery(name, token);
            case TokenPlace.InCookie(String name) ->
                inHeader("Cookie", forHeader(Auth.Fetched.ACCESS_TOKEN, name + "=" + token), Set.of(token));
        };
    }

    private static String segment(TextTemplate template, String key) throws RequestProblemException {
        // A colon says nothing in a path that begins with a slash (RFC 3986, 3.3), and vendors have it in such keys.
        String encoded = PercentEncoding.segment(key).replace("%3A", ":");
        String segment = template.render(name -> encoded);
        for (String part : segment.split("/", -1)) {
            if (part.equals(".") || part.equals("..") || encoded.contains("%2E")) {
                throw RequestProblemException.ofConnection(
                        "the connection's secret key is nothing but dots (expected: a key); add the connection again");
            }
        }
        return segment;
    }

    private static String basic(String username, String password) {
        String pair = username + ":" + password;
        return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
    }

    /** Of many vendors the user name is the key, and the password says nothing; but people's addresses stand in answers for other reasons. */
    private static Set<String> echoesOfBasic(String username, String password) {
        boolean key = username.indexOf('@') < 0 && (username.length() >= 20 || password.length() < SHORTEST_OF_HEADERS);
        String pair = basic(username, password).substring("Basic ".length());
        return key
                ? new LinkedHashSet<>(List.of(username, password, pair))
                : new LinkedHashSet<>(List.of(password, pair));
    }

    private static ClientCertificate certificate(Secret secret, ConnectionRecord connection)
            throws RequestProblemException {
        try {
            return ClientCertificate.of(
                    connection.id(), value(secret, Auth.CERTIFICATE), value(secret, Auth.PRIVATE_KEY));
        } catch (IllegalArgumentException unfit) {
            throw RequestProblemException.ofConnection("the connection's client certificate cannot be used: "
                    + unfit.getMessage() + "; add the connection again");
        }
    }

    private Credential with(ClientCertificate shown) {
        return new Credential(segment, parameter, header, field, shown, echoes);
    }

    private static String forHeader(String name, String value) throws RequestProblemException {
        if (!VendorRequest.isHeaderValue(value)) {
            throw RequestProblemException.ofConnection("the connection's secret " + name
                    + " holds a line break or other characters that no header can carry; add the connection again");
        }
        return value;
    }

    private static String value(Secret secret, String field) throws RequestProblemException {
        String value = secret.get(field);
        if (value == null || value.isEmpty()) {
            throw RequestProblemException.ofConnection("the connection's secret has no " + field + " (it has "
                    + (secret.names().isEmpty() ? "nothing" : String.join(", ", secret.names()))
                    + "); add the connection again");
        }
        return value;
    }

    /** The part of a request's path that holds a key, or null. */
    static @Nullable String segmentOf(VendorRequest request) {
        for (String hidden : request.hidden()) {
            if (hidden.startsWith("/") && request.address().path().contains(hidden)) {
                return hidden;
            }
        }
        return null;
    }

    /** The link as it is sent. */
    String withSegment(String place) {
        return segment.isEmpty() ? place : place.replace(SEGMENT_PLACE, segment);
    }

    /** Its texts as they stand in path, query and body, and in headers: a vendor may echo any of them. */
    Set<String> hidden() {
        Set<String> hidden = new LinkedHashSet<>();
        if (header != null) {
            for (String each : echoes) {
                hidden.add(each);
                hidden.add(each.replace("/", "\\/"));
            }
            // Shorter texts stand in places for other reasons.
            hidden.removeIf(text -> text.length() < SHORTEST_OF_HEADERS);
        }
        if (!segment.isEmpty()) {
            hidden.add(segment);
        }
        if (parameter != null) {
            hidden.add(PercentEncoding.query(parameter.getValue()));
        }
        if (field != null) {
            String quoted = JsonMapper.shared().writeValueAsString(field.getValue());
            hidden.add(quoted.substring(1, quoted.length() - 1));
            hidden.add(field.getValue());
            hidden.add(PercentEncoding.query(field.getValue()));
            hidden.add(PercentEncoding.query(field.getValue()).replace("%20", "+"));
        }
        return hidden;
    }

    @Override
    public String toString() {
        return "Credential[redacted]";
    }
}
