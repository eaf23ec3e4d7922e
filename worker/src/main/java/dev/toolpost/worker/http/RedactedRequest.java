package dev.toolpost.worker.http;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A request as a dry run shows it. A header is shown only where its name is known to be harmless, the rest is masked: a
 * vendor may carry its key under any name. Values of the query that are credentials are masked by
 * {@link #masking(Set)}, whose names come from the connector.
 *
 * @param url as sent, query parameters that hold a credential masked
 * @param body the body as text, or null for none
 */
public record RedactedRequest(
        String method,
        String url,
        List<Map.Entry<String, String>> headers,
        @Nullable String body) {

    static final String MASK = "***";

    private static final Set<String> SHOWN = Set.of(
            "accept",
            "accept-encoding",
            "accept-language",
            "content-type",
            "user-agent",
            "if-match",
            "if-none-match",
            "if-modified-since",
            "prefer",
            "idempotency-key");

    private static final Set<String> NEVER_SHOWN_IN_QUERY = Set.of(
            "apikey",
            "api_key",
            "api-key",
            "key",
            "token",
            "access_token",
            "refresh_token",
            "auth",
            "password",
            "secret",
            "sig",
            "signature",
            "client_secret");

    static RedactedRequest of(VendorRequest request) {
        List<Map.Entry<String, String>> shown = new ArrayList<>();
        for (Map.Entry<String, String> header : request.headers()) {
            boolean harmless = SHOWN.contains(header.getKey().toLowerCase(Locale.ROOT));
            shown.add(harmless ? header : Map.entry(header.getKey(), MASK));
        }
        byte[] body = request.body();
        return new RedactedRequest(
                request.method(),
                maskQuery(request.masked(request.uri().toString()), NEVER_SHOWN_IN_QUERY),
                List.copyOf(shown),
                body == null ? null : request.masked(new String(body, StandardCharsets.UTF_8)));
    }

    /** This request with further query parameters masked, named as the connector names them. */
    public RedactedRequest masking(Set<String> queryParameters) {
        return new RedactedRequest(method, maskQuery(url, queryParameters), headers, body);
    }

    private static String maskQuery(String url, Set<String> names) {
        int start = url.indexOf('?');
        if (start < 0) {
            return url;
        }
        StringBuilder masked = new StringBuilder(url.substring(0, start + 1));
        String separator = "";
        for (String pair : url.substring(start + 1).split("&", -1)) {
            int equals = pair.indexOf('=');
            String name = equals < 0 ? pair : pair.substring(0, equals);
            boolean secret = names.contains(name) || names.contains(name.toLowerCase(Locale.ROOT));
            masked.append(separator).append(secret && equals >= 0 ? name + "=" + MASK : pair);
            separator = "&";
        }
        return masked.toString();
    }
}
