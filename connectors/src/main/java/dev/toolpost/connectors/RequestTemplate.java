package dev.toolpost.connectors;

import java.net.URI;
import java.util.List;
import java.util.Locale;
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
 * @param link where the request goes to an address that an answer before gave, or null; the path then counts for nothing
 */
public record RequestTemplate(
        String method,
        TextTemplate path,
        List<Parameter> query,
        Map<String, HeaderTemplate> headers,
        @Nullable BodyTemplate body,
        @Nullable Link link)
        implements Action {

    public RequestTemplate {
        query = List.copyOf(query);
        headers = Immutable.map(headers);
    }

    /** A request to a path of the vendor. */
    public RequestTemplate(
            String method,
            TextTemplate path,
            List<Parameter> query,
            Map<String, HeaderTemplate> headers,
            @Nullable BodyTemplate body) {
        this(method, path, query, headers, body, null);
    }

    /**
     * An address that an answer before gave.
     *
     * @param value the name of the value that holds it
     * @param hosts hosts besides the vendor's own that it may lead to, in lower case, or {@code *.} and the end of one; no credential goes there
     */
    public record Link(String value, List<String> hosts) {
        public Link {
            hosts = List.copyOf(hosts);
        }

        /** Whether it may lead there: over https to a host that is named, or to one of the same machine. */
        public boolean leadsTo(URI target) {
            String host = target.getHost();
            if (host == null || target.getScheme() == null || target.getRawUserInfo() != null) {
                return false;
            }
            String name = host.toLowerCase(Locale.ROOT);
            String scheme = target.getScheme().toLowerCase(Locale.ROOT);
            boolean safe = scheme.equals("https") || (scheme.equals("http") && Loopback.isLoopback(name));
            return safe && isNamed(name);
        }

        private boolean isNamed(String name) {
            return hosts.stream()
                    .anyMatch(known -> known.startsWith("*.")
                            ? name.length() >= known.length() && name.endsWith(known.substring(1))
                            : name.equals(known));
        }
    }
}
