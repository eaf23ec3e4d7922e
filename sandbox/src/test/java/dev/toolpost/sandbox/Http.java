package dev.toolpost.sandbox;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Requests of tests: whole ones through the JDK's client, odd ones over a plain socket. */
final class Http {

    record Answer(int status, String body, HttpResponse<String> response) {
        JsonNode json() {
            return VendorJson.MAPPER.readTree(body);
        }

        String header(String name) {
            return response.headers().firstValue(name).orElse("");
        }
    }

    private static final HttpClient CLIENT =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private Http() {}

    static Answer send(URI base, String method, String path, @Nullable String body, String... headers)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(base.resolve(path))
                .timeout(Duration.ofSeconds(5))
                .method(
                        method,
                        body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body));
        for (int i = 0; i < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        HttpResponse<String> response = CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString());
        return new Answer(response.statusCode(), response.body(), response);
    }

    static Answer vendor(VendorControl vendor, String method, String path, @Nullable String body)
            throws IOException, InterruptedException {
        return send(vendor.uri(), method, path, body, "Authorization", "Bearer " + SimulatedVendor.DEFAULT_TOKEN);
    }

    static Socket connect(URI uri) throws IOException {
        Socket socket = new Socket(uri.getHost(), uri.getPort());
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(5000);
        return socket;
    }

    static byte[] request(String text) {
        return text.replace("\n", "\r\n").getBytes(StandardCharsets.ISO_8859_1);
    }

    /** What comes until the text was seen or the connection ends. */
    static String readUntil(InputStream in, String wanted) throws IOException {
        ByteArrayOutputStream seen = new ByteArrayOutputStream();
        for (int b = in.read(); b >= 0; b = in.read()) {
            seen.write(b);
            if (seen.toString(StandardCharsets.ISO_8859_1).endsWith(wanted)) {
                break;
            }
        }
        return seen.toString(StandardCharsets.ISO_8859_1);
    }
}
