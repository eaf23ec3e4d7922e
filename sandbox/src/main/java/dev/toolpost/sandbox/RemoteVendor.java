package dev.toolpost.sandbox;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** A simulated vendor in another process, controlled over HTTP. Thread-safe. */
public final class RemoteVendor implements VendorControl, AutoCloseable {

    private static final Duration BOUND = Duration.ofSeconds(10);

    private final URI uri;
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(BOUND)
            .build();

    public RemoteVendor(URI uri) {
        this.uri = uri;
    }

    @Override
    public URI uri() {
        return uri;
    }

    @Override
    public VendorStats stats() {
        return VendorJson.stats(send("GET", "stats", null));
    }

    @Override
    public List<Arrival> arrivals(int last) {
        return VendorJson.arrivals(send("GET", "arrivals?last=" + last, null));
    }

    @Override
    public int writes(String operation, String collection, String marker) {
        return send(
                        "GET",
                        "writes?operation=" + encode(operation) + "&collection=" + encode(collection) + "&marker="
                                + encode(marker),
                        null)
                .path("count")
                .asInt();
    }

    @Override
    public long inject(Fault fault) {
        return send("POST", "faults", VendorJson.fault(fault)).path("id").asLong();
    }

    @Override
    public long happened(long faultId) {
        return send("GET", "faults?id=" + faultId, null).path("happened").asLong();
    }

    @Override
    public void removeFault(long faultId) {
        send("DELETE", "faults?id=" + faultId, null);
    }

    @Override
    public void clearFaults() {
        send("DELETE", "faults", null);
    }

    @Override
    public void token(String token, TokenState state) {
        send(
                "PUT",
                "tokens",
                VendorJson.MAPPER
                        .createObjectNode()
                        .put("token", token)
                        .put("state", state.name().toLowerCase(Locale.ROOT)));
    }

    @Override
    public void removeToken(String token) {
        send("DELETE", "tokens?token=" + encode(token), null);
    }

    @Override
    public OAuthGrant grant(GrantSpec spec) {
        return VendorControlJson.grant(send("POST", "grants", VendorControlJson.spec(spec)));
    }

    @Override
    public OAuthGrant grant(String grantId) {
        return VendorControlJson.grant(send("GET", "grants?id=" + encode(grantId), null));
    }

    @Override
    public void expireTokens() {
        send("POST", "tokens/expire", VendorJson.MAPPER.createObjectNode());
    }

    @Override
    public void revoke(String grantId) {
        send("DELETE", "grants?id=" + encode(grantId), null);
    }

    @Override
    public OAuthStats oauth() {
        return VendorControlJson.oauth(send("GET", "oauth", null));
    }

    @Override
    public void advanceClock(Duration by) {
        send("POST", "clock", VendorJson.MAPPER.createObjectNode().put("advance_ms", by.toMillis()));
    }

    @Override
    public void churn(Churn churn) {
        send("PUT", "churn", VendorControlJson.churn(churn));
    }

    @Override
    public void logPages(int bound) {
        send("PUT", "pages", VendorJson.MAPPER.createObjectNode().put("bound", bound));
    }

    @Override
    public List<ServedPage> pages(int last) {
        return VendorControlJson.pages(send("GET", "pages?last=" + last, null));
    }

    @Override
    public void records(String collection, long count) {
        send(
                "PUT",
                "records",
                VendorJson.MAPPER
                        .createObjectNode()
                        .put("collection", collection)
                        .put("count", count));
    }

    @Override
    public void limit(String limit, int permits) {
        send(
                "PUT",
                "limits",
                VendorJson.MAPPER.createObjectNode().put("limit", limit).put("permits", permits));
    }

    @Override
    public void reset() {
        send("POST", "reset", VendorJson.MAPPER.createObjectNode());
    }

    @Override
    public void close() {
        client.close();
    }

    private JsonNode send(String method, String path, @Nullable JsonNode body) {
        HttpRequest request = HttpRequest.newBuilder(uri.resolve("/_sandbox/" + path))
                .timeout(BOUND)
                .method(
                        method,
                        body == null
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofString(body.toString()))
                .build();
        try {
            HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
            if (response.statusCode() != 200) {
                throw new IllegalArgumentException("The vendor at " + uri + " refused " + method + " " + path + ": "
                        + response.statusCode() + " " + response.body());
            }
            return VendorJson.MAPPER.readTree(response.body());
        } catch (IOException e) {
            throw new SandboxException("The simulated vendor at " + uri + " does not answer: " + e, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SandboxException("Interrupted while asking the vendor at " + uri, e);
        }
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
