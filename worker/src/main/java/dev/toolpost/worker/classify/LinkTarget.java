package dev.toolpost.worker.classify;

import dev.toolpost.connectors.PercentEncoding;
import dev.toolpost.worker.request.AskedPage;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Reduces a vendor's link, to the next page or of a redirect, to path and query, if it stays at the origin that was asked (RFC 3986, 5; RFC 6454). The
 * credential goes where the link leads, so another host, scheme or port is never followed. Pure.
 */
final class LinkTarget {

    private LinkTarget() {}

    /**
     * Where a link leads.
     *
     * @param page what was asked for: relative links start from its address
     * @param what the link is, for messages
     * @param keyParameters parameters of the query that hold a credential; vendors echo them, and they are added anew
     */
    static NextPage of(String link, AskedPage page, String what, Set<String> keyParameters) {
        if (link.indexOf('\\') >= 0) {
            return NextPage.wrong(what + " is no address");
        }
        URI asked = page.uri();
        URI target;
        try {
            URI reference = new URI(link.strip());
            if (reference.getRawAuthority() == null && link.strip().startsWith("//")) {
                return NextPage.wrong(what + " is no address");
            }
            target = resolve(asked, reference);
        } catch (URISyntaxException | IllegalArgumentException notAnAddress) {
            return NextPage.wrong(what + " is no address");
        }
        if (target.getRawUserInfo() != null || target.getHost() == null || !sameOrigin(asked, target)) {
            return NextPage.wrong(what + " leads to another server ("
                    + PlainText.of(target.getScheme() + "://" + (target.getHost() == null ? "" : target.getHost()), 200)
                    + (target.getPort() < 0 ? "" : ":" + target.getPort()) + "), which is not followed");
        }
        String path = target.getRawPath();
        if (path.startsWith("//") || path.contains("/../") || path.endsWith("/..")) {
            return NextPage.wrong(what + " climbs out of its server");
        }
        String query = target.getRawQuery() == null ? null : without(target.getRawQuery(), keyParameters);
        String place = (path.isEmpty() ? "/" : path) + (query == null || query.isEmpty() ? "" : "?" + query);
        return new NextPage(page.withoutKey(URI.create(place).toASCIIString()), null);
    }

    /** {@link URI#resolve} follows RFC 2396, which takes the last segment away from a link that is only a query. */
    private static URI resolve(URI base, URI link) throws URISyntaxException {
        if (!link.isAbsolute()
                && link.getRawAuthority() == null
                && link.getRawPath().isEmpty()) {
            String query = link.getRawQuery() == null ? base.getRawQuery() : link.getRawQuery();
            return new URI(base.getScheme() + "://" + base.getRawAuthority() + base.getRawPath()
                    + (query == null ? "" : "?" + query));
        }
        return base.resolve(link).normalize();
    }

    private static boolean sameOrigin(URI one, URI other) {
        return one.getScheme().equalsIgnoreCase(other.getScheme())
                && one.getHost().equalsIgnoreCase(other.getHost())
                && port(one) == port(other);
    }

    private static int port(URI uri) {
        if (uri.getPort() >= 0) {
            return uri.getPort();
        }
        return uri.getScheme().toLowerCase(Locale.ROOT).equals("https") ? 443 : 80;
    }

    private static String without(String query, Set<String> names) {
        if (names.isEmpty()) {
            return query;
        }
        List<String> kept = new ArrayList<>();
        for (String pair : query.split("&", -1)) {
            int equals = pair.indexOf('=');
            String name = equals < 0 ? pair : pair.substring(0, equals);
            if (names.stream().noneMatch(secret -> name.equals(secret) || name.equals(PercentEncoding.query(secret)))) {
                kept.add(pair);
            }
        }
        return String.join("&", kept);
    }
}
