package dev.toolpost.worker.oauth;

import dev.toolpost.connectors.Auth;
import dev.toolpost.connectors.InvalidVariableException;
import dev.toolpost.worker.credentials.StoredConnection;
import dev.toolpost.worker.http.VendorRequest;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import tools.jackson.databind.json.JsonMapper;

/** Makes the request that refreshes an access token (RFC 6749, 6). Pure. */
final class TokenRequest {

    private TokenRequest() {}

    /**
     * @throws InvalidVariableException where a variable of the connection does not fit the token address
     */
    static VendorRequest of(Auth.OAuth2 auth, StoredConnection stored) {
        Map<String, String> parameters = new LinkedHashMap<>();
        parameters.put("grant_type", "refresh_token");
        parameters.put("refresh_token", value(stored, Auth.OAuth2.REFRESH_TOKEN));
        parameters.putAll(auth.parameters());
        List<Map.Entry<String, String>> headers = new ArrayList<>();
        headers.add(Map.entry("Accept", "application/json"));
        String id = value(stored, Auth.OAuth2.CLIENT_ID);
        String secret = value(stored, Auth.OAuth2.CLIENT_SECRET);
        switch (auth.client()) {
            case BASIC -> headers.add(Map.entry("Authorization", basic(id, secret)));
            case BODY -> {
                parameters.put("client_id", id);
                parameters.put("client_secret", secret);
            }
        }
        String body = switch (auth.format()) {
            case FORM -> {
                headers.add(Map.entry("Content-Type", "application/x-www-form-urlencoded"));
                yield parameters.entrySet().stream()
                        .map(each -> encoded(each.getKey()) + "=" + encoded(each.getValue()))
                        .collect(Collectors.joining("&"));
            }
            case JSON -> {
                headers.add(Map.entry("Content-Type", "application/json"));
                yield JsonMapper.shared().writeValueAsString(parameters);
            }
        };
        return new VendorRequest(
                "POST", auth.tokenUrl(stored.connection().variables()), headers, body.getBytes(StandardCharsets.UTF_8));
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
