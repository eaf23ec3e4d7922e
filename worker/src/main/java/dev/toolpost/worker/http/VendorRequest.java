package dev.toolpost.worker.http;

import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A request as it goes to the vendor, credentials included. Immutable; {@link #toString()} shows neither the query nor any
 * header value nor the body, since each of them can hold a credential. What a person may see is {@link RedactedRequest}.
 *
 * @param method an HTTP method in capitals
 * @param address absolute, with scheme http or https, a host and no user information
 * @param headers in order; names are tokens (RFC 9110, 5.6.2), values hold no control characters but tab
 * @param body the body as sent, or null for none
 * @param certificate shown when TLS begins, or null for none
 * @param hidden texts of the credential, as they stand in the request: masked wherever the request is shown or repeated
 */
@SuppressWarnings("ArrayRecordComponent") // handed on as it is, never compared
public record VendorRequest(
        String method,
        VendorAddress address,
        List<Map.Entry<String, String>> headers,
        byte @Nullable [] body,
        @Nullable ClientCertificate certificate,
        Set<String> hidden) {

    /** Shorter texts stand in answers for other reasons. */
    private static final int SHORTEST_ECHO = 6;

    private static final Set<String> OF_ADDRESSES = Set.of("link", "location", "content-location");

    /** Headers that belong to the connection and its framing, never to a connector. */
    private static final Set<String> OF_THE_CONNECTION = Set.of(
            "host",
            "connection",
            "content-length",
            "transfer-encoding",
            "te",
            "trailer",
            "upgrade",
            "expect",
            "keep-alive",
            "proxy-connection");

    public VendorRequest(
            String method,
            VendorAddress address,
            List<Map.Entry<String, String>> headers,
            byte @Nullable [] body,
            @Nullable ClientCertificate certificate,
            Set<String> hidden) {
        this.method = method;
        this.address = address;
        this.headers = List.copyOf(headers);
        this.body = body;
        this.certificate = certificate;
        this.hidden = Set.copyOf(hidden);
        if (!isToken(method)) {
            throw new IllegalArgumentException("method: not an HTTP method (expected: a token such as GET)");
        }
        for (Map.Entry<String, String> header : headers) {
            if (!isHeaderName(header.getKey())) {
                throw new IllegalArgumentException("header name: " + printable(header.getKey())
                        + " (expected: a token that is not a header of the connection such as Host or Content-Length)");
            }
            if (!isHeaderValue(header.getValue())) {
                throw new IllegalArgumentException("header " + header.getKey()
                        + ": its value holds a control character (expected: printable text on one line)");
            }
        }
    }

    /** One to an address that was taken apart already. */
    public VendorRequest(
            String method,
            URI uri,
            List<Map.Entry<String, String>> headers,
            byte @Nullable [] body,
            @Nullable ClientCertificate certificate,
            Set<String> hidden) {
        this(method, VendorAddress.of(uri), headers, body, certificate, hidden);
    }

    /** One without a client certificate, whose headers hold the whole credential. */
    public VendorRequest(String method, URI uri, List<Map.Entry<String, String>> headers, byte @Nullable [] body) {
        this(method, uri, headers, body, null, Set.of());
    }

    /** The whole address. */
    public URI uri() {
        return address.uri();
    }

    /** The same at another address. */
    public VendorRequest at(URI other) {
        return new VendorRequest(method, other, headers, body, certificate, hidden);
    }

    /** A text with everything of it masked that is hidden here. */
    public String masked(String text) {
        String masked = text;
        for (String each : hidden) {
            masked = masked.replace(each, (each.startsWith("/") ? "/" : "") + RedactedRequest.MASK);
        }
        return masked;
    }

    /** The same outcome with everything masked that is hidden here: some servers repeat what they were asked with. */
    public HttpOutcome withoutEchoes(HttpOutcome outcome) {
        if (hidden.isEmpty()) {
            return outcome;
        }
        return switch (outcome) {
            case HttpOutcome.Answered answered -> {
                String body = new String(answered.body(), StandardCharsets.ISO_8859_1);
                String masked = withoutEchoes(body);
                ResponseHeaders headers = withoutEchoes(answered.headers());
                yield masked.equals(body) && headers.equals(answered.headers())
                        ? outcome
                        : new HttpOutcome.Answered(
                                answered.status(),
                                headers,
                                masked.getBytes(StandardCharsets.ISO_8859_1),
                                answered.took());
            }
            case HttpOutcome.TooLarge large ->
                new HttpOutcome.TooLarge(
                        large.status(), withoutEchoes(large.headers()), large.capBytes(), large.took());
            case HttpOutcome.NotSent _, HttpOutcome.Unanswered _ -> outcome;
        };
    }

    /** Headers that hold addresses have the keys of paths and queries still, of which links to the next page are made. */
    private ResponseHeaders withoutEchoes(ResponseHeaders headers) {
        List<Map.Entry<String, String>> masked = null;
        for (int i = 0; i < headers.entries().size(); i++) {
            Map.Entry<String, String> header = headers.entries().get(i);
            String value = withoutEchoes(header.getValue());
            boolean echoes = !value.equals(header.getValue())
                    && !OF_ADDRESSES.contains(header.getKey().toLowerCase(Locale.ROOT));
            if (echoes) {
                masked = masked == null ? new ArrayList<>(headers.entries()) : masked;
                masked.set(i, Map.entry(header.getKey(), value));
            }
        }
        return masked == null ? headers : ResponseHeaders.of(masked);
    }

    /** @param bytes as ISO 8859-1 */
    private String withoutEchoes(String bytes) {
        String masked = bytes;
        for (String each : hidden) {
            String plain = each.startsWith("/") ? each.substring(1) : each;
            masked = without(masked, plain);
            if (plain.indexOf('%') >= 0) {
                masked = without(masked, decoded(plain));
            }
        }
        return masked;
    }

    private static String without(String bytes, String secret) {
        if (secret.length() < SHORTEST_ECHO) {
            return bytes;
        }
        return bytes.replace(
                new String(secret.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1), RedactedRequest.MASK);
    }

    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException notEncoded) {
            return text;
        }
    }

    /** Whether a connector or a call may set a header of this name. */
    public static boolean isHeaderName(String name) {
        return isToken(name) && !OF_THE_CONNECTION.contains(name.toLowerCase(Locale.ROOT));
    }

    /** Whether a value can stand in a header without ending it: no control character but tab, nothing above U+00FF. */
    public static boolean isHeaderValue(String value) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if ((c < ' ' && c != '\t') || c == 0x7f || c > 0xff || (c >= 0x80 && c < 0xa0)) {
                return false;
            }
        }
        return true;
    }

    private static boolean isToken(String text) {
        if (text.isEmpty()) {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean letterOrDigit = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
            if (!letterOrDigit && "!#$%&'*+-.^_`|~".indexOf(c) < 0) {
                return false;
            }
        }
        return true;
    }

    private static String printable(String text) {
        return text.replaceAll("[^\\x20-\\x7e]", "?");
    }

    /** The same exchange as a person may see it: credentials and the query's values masked. */
    public RedactedRequest redacted() {
        return RedactedRequest.of(this);
    }

    @Override
    public String toString() {
        URI server = address.server();
        return "VendorRequest[" + method + " " + server.getScheme() + "://" + server.getRawAuthority()
                + masked(address.path()) + (body == null ? "" : ", " + body.length + " bytes") + "]";
    }
}
