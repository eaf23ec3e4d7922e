package dev.toolpost.worker.request;

import dev.toolpost.connectors.Auth;
import dev.toolpost.connectors.BaseUrl;
import dev.toolpost.connectors.Connector;
import dev.toolpost.connectors.HeaderTemplate;
import dev.toolpost.connectors.InvalidVariableException;
import dev.toolpost.connectors.Paging;
import dev.toolpost.connectors.Parameter;
import dev.toolpost.connectors.PercentEncoding;
import dev.toolpost.connectors.RequestTemplate;
import dev.toolpost.connectors.ResponseKind;
import dev.toolpost.connectors.TextTemplate;
import dev.toolpost.connectors.Tool;
import dev.toolpost.worker.credentials.ConnectionRecord;
import dev.toolpost.worker.credentials.Secret;
import dev.toolpost.worker.http.RedactedRequest;
import dev.toolpost.worker.http.VendorAddress;
import dev.toolpost.worker.http.VendorRequest;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Makes the vendor's request of a tool, arguments that were validated already, and a connection. Nothing in an argument can leave its
 * place: path segments and query values are percent-encoded, a path argument cannot be empty or climb, a header value cannot end
 * its line. Pure; thread-safe.
 *
 * <p>An argument that is absent, and outside a body one that is null, leaves out the parameter, header or member that it stands in; in a
 * path it is a problem.
 */
public final class RequestBuilder {

    private RequestBuilder() {}

    /**
     * Builds one request.
     *
     * @param declared the tool as its connector has it
     * @param baseUrl what {@link #baseUrl} makes of the connection
     * @param vendorCursor the place of the page to fetch: the vendor's cursor, the offset, the {@linkplain NumberedPage numbered page}, the
     *     vendor's continuation as JSON, or path and query of the vendor's link; a {@link SlicePlace} where the vendor caps the list; null
     *     for the first page
     * @param limit records wanted in a page, or null for the argument {@code limit} or else the tool's standard; never above the
     *     vendor's largest page
     * @param idempotencyKey sent where the tool names a header for it, or null
     * @throws RequestProblemException where an argument cannot stand in its place, or the connection is incomplete
     */
    public static VendorRequest build(
            Connector connector,
            Tool declared,
            JsonNode arguments,
            ConnectionRecord connection,
            String baseUrl,
            Secret secret,
            @Nullable String vendorCursor,
            @Nullable Integer limit,
            @Nullable String idempotencyKey)
            throws RequestProblemException {
        Credential credential = Credential.of(authOf(connector, connection), secret, connection);
        checkLimit(declared, arguments, limit);
        RequestTemplate.Link address = declared.request().link();
        if (address != null) {
            return linked(connector, declared, address, new Rendering(arguments), connection, baseUrl, credential);
        }
        Tool tool = declared.forPage(PageWish.isFirst(declared.paging(), vendorCursor));
        PageWish page = PageWish.of(tool.paging(), arguments, vendorCursor, limit);
        String link = page.link();
        Rendering rendering = new Rendering(arguments);
        RequestBody body = link == null ? RequestBody.of(tool, rendering, page, credential) : null;
        VendorAddress at = link == null
                ? address(baseUrl, tool, rendering, credential, page)
                : VendorAddress.of(linkUri(baseUrl, link, tool, credential));
        List<Map.Entry<String, String>> headers =
                headers(connector, tool, rendering, credential, idempotencyKey, page, body);
        String method = link == null ? tool.request().method() : "GET";
        return request(method, at, headers, body, connection, credential);
    }

    /** A request to an address that an answer before gave: path and query of the same server, or a server that the connector names. */
    private static VendorRequest linked(
            Connector connector,
            Tool tool,
            RequestTemplate.Link address,
            Rendering rendering,
            ConnectionRecord connection,
            String baseUrl,
            Credential credential)
            throws RequestProblemException {
        String place = rendering.arguments().path(address.value()).asString("");
        if (place.startsWith("/")) {
            RequestBody body = RequestBody.of(tool, rendering, PageWish.NONE, credential);
            URI uri = linkUri(baseUrl, place, tool, credential);
            List<Map.Entry<String, String>> headers =
                    headers(connector, tool, rendering, credential, null, PageWish.NONE, body);
            return request(tool.request().method(), VendorAddress.of(uri), headers, body, connection, credential);
        }
        URI uri = URI.create(place);
        if (!address.leadsTo(uri)) {
            throw RequestProblemException.ofLink(
                    "the vendor's link leads to " + uri.getHost() + ", which the connector does not name");
        }
        // Neither the connector's headers nor a credential nor a body: this is another server.
        return new VendorRequest("GET", uri, List.of(Map.entry("Accept", "*/*")), null);
    }

    private static VendorRequest request(
            String method,
            VendorAddress address,
            List<Map.Entry<String, String>> headers,
            @Nullable RequestBody body,
            ConnectionRecord connection,
            Credential credential)
            throws RequestProblemException {
        if (credential.field() != null && (method.equals("GET") || method.equals("DELETE"))) {
            throw RequestProblemException.ofConnection("the connection authenticates by " + connection.authKind()
                    + ", whose key goes into a body, and a " + method + " has none; use a connection of another kind");
        }
        return new VendorRequest(
                method,
                address,
                headers,
                body == null ? null : body.bytes(),
                credential.certificate(),
                credential.hidden());
    }

    /**
     * The same request at another address of the same server, where the vendor has redirected it to.
     *
     * @param place path and query; the credential that goes into the query is not part of it
     * @throws RequestProblemException where the place leads to another server, or the connection is incomplete
     */
    public static VendorRequest moved(
            VendorRequest request,
            String place,
            Connector connector,
            Tool tool,
            ConnectionRecord connection,
            Secret secret)
            throws RequestProblemException {
        URI own = URI.create(baseUrl(connector, tool, connection));
        boolean elsewhere = !own.getScheme().equals(request.uri().getScheme())
                || !own.getRawAuthority().equals(request.uri().getRawAuthority());
        // A server that a link led to was asked without the credential, and is so again.
        Credential credential =
                elsewhere ? Credential.NOTHING : Credential.of(authOf(connector, connection), secret, connection);
        return request.at(linkUri(request.uri().toString(), place, tool, credential));
    }

    /**
     * What the path of a connection's tool is appended to.
     *
     * @throws RequestProblemException where a variable of the connection is missing or wrong
     */
    public static String baseUrl(Connector connector, Tool tool, ConnectionRecord connection)
            throws RequestProblemException {
        return resolved(connector.baseUrl(tool, connection.authKind()), connection);
    }

    /**
     * What the paths of those of a connection's tools are appended to that have no base URL of their own.
     *
     * @throws RequestProblemException where a variable of the connection is missing or wrong
     */
    public static String baseUrl(Connector connector, ConnectionRecord connection) throws RequestProblemException {
        return resolved(connector.baseUrl(connection.authKind()), connection);
    }

    private static String resolved(BaseUrl baseUrl, ConnectionRecord connection) throws RequestProblemException {
        try {
            return baseUrl.resolve(connection.variables()).toString();
        } catch (InvalidVariableException e) {
            throw RequestProblemException.ofConnection("connection " + connection.id() + ": " + e.getMessage());
        }
    }

    /** The request as a dry run shows it: nothing of the credential, wherever the connector puts it. */
    public static RedactedRequest redacted(VendorRequest request, Connector connector, ConnectionRecord connection) {
        RedactedRequest redacted = request.redacted();
        Auth auth = connector.auth(connection.authKind());
        String parameter = auth == null ? null : auth.queryParameter();
        return parameter == null ? redacted : redacted.masking(Set.of(PercentEncoding.query(parameter)));
    }

    private static void checkLimit(Tool tool, JsonNode arguments, @Nullable Integer limit)
            throws RequestProblemException {
        JsonNode asked = arguments.path(Paging.LIMIT);
        if (tool.paging() != null
                && tool.paging().pageSize() != null
                && limit == null
                && !asked.isMissingNode()
                && !asked.isNull()
                && !asked.isNumber()) {
            throw RequestProblemException.ofArgument(
                    Paging.LIMIT, asked.getNodeType() + " (expected: a whole number of at least 1)");
        }
    }

    private static Auth authOf(Connector connector, ConnectionRecord connection) throws RequestProblemException {
        Auth auth = connector.auth(connection.authKind());
        if (auth == null) {
            String known = connector.auth().stream().map(Auth::id).collect(Collectors.joining(", "));
            throw RequestProblemException.ofConnection("connection " + connection.id() + " authenticates by "
                    + connection.authKind() + ", which " + connector.title() + " does not take (expected: " + known
                    + "); add the connection again");
        }
        return auth;
    }

    private static VendorAddress address(
            String baseUrl, Tool tool, Rendering rendering, Credential credential, PageWish page)
            throws RequestProblemException {
        StringBuilder url = new StringBuilder(256).append(baseUrl).append(credential.segment());
        PathText.append(url, tool.request().path(), rendering);
        ParameterText query = ParameterText.query(url, false);
        for (Parameter parameter : tool.request().query()) {
            if (!page.fills(parameter.name())) {
                query.add(parameter, rendering);
            }
        }
        for (Map.Entry<Paging.Place, JsonNode> wish : page.values().entrySet()) {
            if (wish.getKey() instanceof Paging.InQuery(String name)) {
                query.add(name, wish.getValue().asString());
            }
        }
        Map.Entry<String, String> key = credential.parameter();
        if (key != null) {
            query.add(key.getKey(), key.getValue());
        }
        try {
            return VendorAddress.parse(url.toString());
        } catch (URISyntaxException e) {
            throw notAnAddress(tool, e);
        }
    }

    /** Without the cause: its message holds the address, and the address may hold a key. */
    @SuppressWarnings("UnusedException")
    private static IllegalStateException notAnAddress(Tool tool, URISyntaxException e) {
        return new IllegalStateException("tool " + tool.name() + ": what it asks for is no URL: " + e.getReason());
    }

    /** A page that the vendor gave a link to, at the connection's own origin whatever the link said. */
    private static URI linkUri(String baseUrl, String link, Tool tool, Credential credential)
            throws RequestProblemException {
        URI base = URI.create(baseUrl);
        String origin = base.getScheme() + "://" + base.getRawAuthority();
        StringBuilder url = new StringBuilder(256).append(origin).append(credential.withSegment(link));
        Map.Entry<String, String> key = credential.parameter();
        if (key != null) {
            ParameterText query = ParameterText.query(url, link.indexOf('?') >= 0);
            query.add(key.getKey(), key.getValue());
        }
        try {
            URI uri = new URI(url.toString());
            if (!base.getRawAuthority().equals(uri.getRawAuthority())) {
                throw RequestProblemException.ofCursor();
            }
            return uri;
        } catch (URISyntaxException e) {
            throw notAnAddress(tool, e);
        }
    }

    private static List<Map.Entry<String, String>> headers(
            Connector connector,
            Tool tool,
            Rendering rendering,
            Credential credential,
            @Nullable String idempotencyKey,
            PageWish page,
            @Nullable RequestBody body)
            throws RequestProblemException {
        Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        headers.put("Accept", tool.response() == ResponseKind.JSON ? "application/json" : "*/*");
        if (body != null) {
            headers.put("Content-Type", body.contentType());
        }
        headers.putAll(connector.headers());
        for (Map.Entry<String, HeaderTemplate> header : tool.request().headers().entrySet()) {
            TextTemplate template = header.getValue().value();
            String value = rendering.holds(header.getValue().when()) ? rendering.text(template) : null;
            if (value == null) {
                continue;
            }
            if (!VendorRequest.isHeaderValue(value)) {
                throw RequestProblemException.ofArgument(
                        template.arguments().stream().findFirst().orElse(""),
                        "cannot stand in the header " + header.getKey()
                                + " (expected: one line of printable Latin characters)");
            }
            headers.put(header.getKey(), value);
        }
        if (body != null && body.isMultipart()) {
            headers.put("Content-Type", body.contentType());
        }
        if (idempotencyKey != null && tool.idempotencyKeyHeader() != null) {
            headers.put(tool.idempotencyKeyHeader(), idempotencyKey);
        }
        for (Map.Entry<Paging.Place, JsonNode> wish : page.values().entrySet()) {
            if (wish.getKey() instanceof Paging.InHeader(String name, String prefix)) {
                headers.put(name, prefix + wish.getValue().asString());
            }
        }
        Map.Entry<String, String> own = credential.header();
        if (own != null) {
            headers.put(own.getKey(), own.getValue());
        }
        List<Map.Entry<String, String>> made = new ArrayList<>(headers.size());
        headers.forEach((name, value) -> made.add(Map.entry(name, value)));
        return made;
    }
}
