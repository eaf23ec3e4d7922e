package dev.toolpost.connectors;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a tool's arguments become an HTTP request. Immutable.
 *
 * @param method GET, POST, PUT, PATCH or DELETE
 * @param path begins with a slash and is appended to the base URL; each argument in it is percent-encoded as one segment
 * @param query in order; a parameter whose argument is absent is left out
 * @param headers by name; a header whose argument is absent is left out
 * @param body what to send, or null for none
 */
public record RequestTemplate(
        String method,
        TextTemplate path,
        List<QueryParameter> query,
        Map<String, TextTemplate> headers,
        @Nullable BodyTemplate body) {

    public RequestTemplate {
        query = List.copyOf(query);
        headers = Immutable.map(headers);
    }
}
