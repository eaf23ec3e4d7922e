package dev.toolpost.worker.classify;

import dev.toolpost.worker.request.AskedPage;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
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
        if (path.startsWith("//")) {
            return NextPage.wrong(what + " is no address");
        }
        String query = target.getRawQuery() == null ? null : without(target.getRawQuery(), keyParameters);
        String place = (path.isEmpty() ? "/" : path) + (query == null || query.isEmpty() ? "" : "?" + query);
        return new NextPage(page.withoutKey(URI.create(place).toASCIIString()), null);
    }

    /** As RFC 3986, 5.2.2 has it; {@link URI#resolve} follows its predecessor, which takes some references elsewhere. */
    private static URI resolve(URI base, URI link) throws URISyntaxException {
        String scheme = link.getScheme() == null ? base.getScheme() : link.getScheme();
        String authority = link.getRawAuthority();
        String path = link.getRawPath();
        String query = link.getRawQuery();
        if (path == null) {
            throw new URISyntaxException(link.toString(), "not hierarchical");
        }
        if (link.getScheme() == null && authority == null) {
            authority = base.getRawAuthority();
            if (path.isEmpty()) {
                path = base.getRawPath();
                query = query == null ? base.getRawQuery() : query;
            } else if (!path.startsWith("/")) {
                String below = base.getRawPath();
                path = (below.isEmpty() ? "/" : below.substring(0, below.lastIndexOf('/') + 1)) + path;
            }
        }
        return new URI(scheme + "://" + (authority == null ? "" : authority) + withoutDots(path)
                + (query == null ? "" : "?" + query));
    }

    /** RFC 3986, 5.2.4. */
    private static String withoutDots(String path) {
        if (!path.startsWith("/")) {
            return path;
        }
        Deque<String> kept = new ArrayDeque<>();
        String[] segments = path.substring(1).split("/", -1);
        for (int i = 0; i < segments.length; i++) {
            boolean last = i == segments.length - 1;
            switch (segments[i].replaceAll("(?i)%2e", ".")) {
                case "." -> {
                    if (last) {
                        kept.addLast("");
                    }
                }
                case ".." -> {
                    kept.pollLast();
                    if (last) {
                        kept.addLast("");
                    }
                }
                default -> kept.addLast(segments[i]);
            }
        }
        return "/" + String.join("/", kept);
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

    /** However it is spelt. */
    private static String decoded(String name) {
        try {
            return URLDecoder.decode(name, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException notEncoded) {
            return name;
        }
    }

    private static String without(String query, Set<String> names) {
        if (names.isEmpty()) {
            return query;
        }
        List<String> kept = new ArrayList<>();
        for (String pair : query.split("&", -1)) {
            int equals = pair.indexOf('=');
            String name = equals < 0 ? pair : pair.substring(0, equals);
            if (!names.contains(decoded(name))) {
                kept.add(pair);
            }
        }
        return String.join("&", kept);
    }
}
