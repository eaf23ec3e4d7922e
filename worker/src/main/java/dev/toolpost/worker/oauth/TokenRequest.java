package dev.toolpost.worker.oauth;

import dev.toolpost.connectors.Assertion;
import dev.toolpost.connectors.Auth;
import dev.toolpost.connectors.BaseUrl;
import dev.toolpost.connectors.InvalidVariableException;
import dev.toolpost.connectors.PercentEncoding;
import dev.toolpost.connectors.TokenEndpoint;
import dev.toolpost.worker.credentials.Secret;
import dev.toolpost.worker.credentials.StoredConnection;
import dev.toolpost.worker.http.ClientCertificate;
import dev.toolpost.worker.http.VendorRequest;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** Makes the request to a token endpoint (RFC 6749, 4 and 6; RFC 7523, 2). Pure. */
final class TokenRequest {

    private static final String ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    private static final String JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer";

    private TokenRequest() {}

    /**
     * The request.
     *
     * @param values for the names in the definition's templates
     * @throws InvalidVariableException where a variable of the connection does not fit
     * @throws UnfitSecretException where a key does not
     */
    static VendorRequest of(
            Auth.AtTokenEndpoint auth,
            StoredConnection stored,
            UnaryOperator<String> values,
            @Nullable ClientCertificate certificate,
            Instant now,
            RandomGenerator random)
            throws UnfitSecretException {
        TokenEndpoint endpoint = auth.endpoint();
        Map<String, String> parameters = new LinkedHashMap<>();
        Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        headers.put("Accept", "application/json");
        switch (auth) {
            case Auth.OAuth2 _ -> {
                parameters.put("grant_type", "refresh_token");
                parameters.put("refresh_token", value(stored, Auth.OAuth2.REFRESH_TOKEN));
            }
            case Auth.ClientCredentials client -> {
                parameters.put("grant_type", client.grantType());
                putScopes(parameters, auth);
            }
            case Auth.JwtBearer jwt -> {
                String assertion = signed(jwt.assertion(), stored, values, now, random);
                if (jwt.asBearer()) {
                    headers.put("Authorization", "Bearer " + assertion);
                } else {
                    parameters.put("grant_type", JWT_GRANT);
                    parameters.put("assertion", assertion);
                    putScopes(parameters, auth);
                }
            }
        }
        endpoint.parameters().forEach((name, template) -> parameters.put(name, template.render(values)));
        return request(
                endpoint,
                endpoint.url(stored.connection().variables()),
                endpoint.client(),
                stored,
                parameters,
                headers,
                values,
                certificate,
                now,
                random);
    }

    /**
     * Another request of the same client: for the first tokens, for a device code, or to give a grant back. Always a POST, a form unless the definition's
     * requests are JSON.
     *
     * @param client how it authenticates there
     */
    static VendorRequest of(
            TokenEndpoint endpoint,
            BaseUrl address,
            TokenEndpoint.Client client,
            Map<String, String> parameters,
            StoredConnection stored,
            UnaryOperator<String> values,
            @Nullable ClientCertificate certificate,
            Instant now,
            RandomGenerator random)
            throws UnfitSecretException {
        Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        headers.put("Accept", "application/json");
        return request(
                endpoint,
                address.resolveForSecrets(stored.connection().variables()),
                client,
                stored,
                new LinkedHashMap<>(parameters),
                headers,
                values,
                certificate,
                now,
                random);
    }

    private static void putScopes(Map<String, String> parameters, Auth.AtTokenEndpoint auth) {
        if (!auth.scopes().isEmpty()) {
            parameters.put("scope", String.join(" ", auth.scopes()));
        }
    }

    private static String signed(
            Assertion assertion,
            StoredConnection stored,
            UnaryOperator<String> values,
            Instant now,
            RandomGenerator random)
            throws UnfitSecretException {
        String key = TokenExchange.required(stored, Auth.PRIVATE_KEY);
        return SignedAssertion.of(assertion, key, values, now, random);
    }

    private static VendorRequest request(
            TokenEndpoint endpoint,
            URI address,
            TokenEndpoint.Client client,
            StoredConnection stored,
            Map<String, String> parameters,
            Map<String, String> headers,
            UnaryOperator<String> values,
            @Nullable ClientCertificate certificate,
            Instant now,
            RandomGenerator random)
            throws UnfitSecretException {
        String id = value(stored, Auth.OAuth2.CLIENT_ID);
        switch (client) {
            case BASIC -> headers.put("Authorization", basic(id, value(stored, Auth.OAuth2.CLIENT_SECRET)));
            case BODY -> {
                parameters.put("client_id", id);
                parameters.put("client_secret", value(stored, Auth.OAuth2.CLIENT_SECRET));
            }
            case ID_ONLY -> parameters.put("client_id", id);
            case ASSERTION -> {
                parameters.put("client_id", id);
                parameters.put("client_assertion_type", ASSERTION_TYPE);
                parameters.put(
                        "client_assertion",
                        signed(Objects.requireNonNull(endpoint.clientAssertion()), stored, values, now, random));
            }
            case NONE -> {}
        }
        URI url = address;
        byte[] body = null;
        switch (endpoint.format()) {
            case FORM -> {
                headers.put("Content-Type", "application/x-www-form-urlencoded");
                body = form(parameters).getBytes(StandardCharsets.US_ASCII);
            }
            case JSON -> {
                headers.put("Content-Type", "application/json");
                body = JsonMapper.shared().writeValueAsBytes(parameters);
            }
            case QUERY -> url = URI.create(url + "?" + query(parameters));
        }
        endpoint.headers().forEach((name, template) -> headers.put(name, template.render(values)));
        List<Map.Entry<String, String>> made = new ArrayList<>();
        for (Map.Entry<String, String> header : headers.entrySet()) {
            if (!VendorRequest.isHeaderValue(header.getValue())) {
                throw new UnfitSecretException("a value of the connection cannot stand in the header " + header.getKey()
                        + " of the token request");
            }
            made.add(Map.entry(header.getKey(), header.getValue()));
        }
        return new VendorRequest(endpoint.method(), url, made, body, certificate, untold(url, stored.secret()));
    }

    /** What of the secret stands in the address, and may stand in no log. */
    static Set<String> untold(URI url, Secret secret) {
        Set<String> untold = new LinkedHashSet<>();
        for (String name : secret.names()) {
            String value = String.valueOf(secret.get(name));
            for (String spelling : List.of(PercentEncoding.query(value), PercentEncoding.segment(value))) {
                if (!spelling.isEmpty() && url.toString().contains(spelling)) {
                    untold.add(spelling);
                }
            }
        }
        return untold;
    }

    static String form(Map<String, String> fields) {
        return fields.entrySet().stream()
                .map(each -> encoded(each.getKey()) + "=" + encoded(each.getValue()))
                .collect(Collectors.joining("&"));
    }

    static String query(Map<String, String> parameters) {
        return parameters.entrySet().stream()
                .map(each -> PercentEncoding.query(each.getKey()) + "=" + PercentEncoding.query(each.getValue()))
                .collect(Collectors.joining("&"));
    }

    /** Id and secret are form-encoded first (RFC 6749, 2.3.1). */
    private static String basic(String id, String secret) {
        String pair = encoded(id) + ":" + encoded(secret);
        return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.US_ASCII));
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static String value(StoredConnection stored, String field) {
        String value = stored.secret().get(field);
        return value == null ? "" : value;
    }
}
