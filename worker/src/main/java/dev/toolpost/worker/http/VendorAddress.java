package dev.toolpost.worker.http;

import java.net.URI;
import java.net.URISyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * Where a request goes. The paths and queries that requests are made of hold, as a rule, nothing but what every URL may hold: of such an
 * address only the server's part is taken apart, since to take apart the whole costs more than all else about a request. Immutable.
 */
public final class VendorAddress {

    /** What stands for itself in a path as in a query (RFC 2396, which {@link URI} follows); a percent sign is looked at apart. */
    private static final boolean[] PLAIN = plain("/?;:@&=+$,-_.!~*'()");

    private final URI server;
    private final String target;
    private final @Nullable URI whole;

    private VendorAddress(URI server, String target, @Nullable URI whole) {
        this.server = server;
        this.target = target;
        this.whole = whole;
    }

    /** The same as a URL that was taken apart already. */
    public static VendorAddress of(URI uri) {
        String path = uri.getRawPath() == null || uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
        return new VendorAddress(uri, uri.getRawQuery() == null ? path : path + "?" + uri.getRawQuery(), uri);
    }

    /**
     * The address that a URL names.
     *
     * @throws URISyntaxException where it is none
     */
    public static VendorAddress parse(String url) throws URISyntaxException {
        int scheme = url.indexOf("://");
        int path = scheme < 0 ? -1 : url.indexOf('/', scheme + 3);
        boolean named = path > scheme + 3;
        if (!named || !isPlain(url, path)) {
            return of(new URI(url));
        }
        URI server = new URI(url.substring(0, path));
        boolean only = server.getRawAuthority() != null
                && server.getRawPath().isEmpty()
                && server.getRawQuery() == null
                && server.getRawFragment() == null;
        return only ? new VendorAddress(server, url.substring(path), null) : of(new URI(url));
    }

    private static boolean isPlain(String url, int from) {
        for (int i = from; i < url.length(); i++) {
            char c = url.charAt(i);
            if (c == '%' ? !isHex(url, i + 1) || !isHex(url, i + 2) : c >= PLAIN.length || !PLAIN[c]) {
                return false;
            }
        }
        return true;
    }

    private static boolean isHex(String url, int at) {
        return at < url.length() && Character.digit(url.charAt(at), 16) >= 0 && url.charAt(at) < PLAIN.length;
    }

    private static boolean[] plain(String marks) {
        boolean[] plain = new boolean[128];
        for (char c = '0'; c <= 'z'; c++) {
            plain[c] = (c <= '9') || (c >= 'A' && c <= 'Z') || c >= 'a';
        }
        for (int i = 0; i < marks.length(); i++) {
            plain[marks.charAt(i)] = true;
        }
        return plain;
    }

    /** Scheme, user information, host and port as it has them; of path and query it may hold more or less. */
    public URI server() {
        return server;
    }

    /** Path and query as they stand in the request's first line. */
    public String target() {
        return target;
    }

    /** The path, which begins with a slash. */
    public String path() {
        int query = target.indexOf('?');
        return query < 0 ? target : target.substring(0, query);
    }

    /** All of it. */
    public URI uri() {
        return whole == null ? URI.create(server + target) : whole;
    }
}
