package dev.toolpost.cli;

import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * What one worker said of its limits.
 *
 * @param report null where it did not
 * @param problem why it did not, or null
 */
record WorkerLimits(
        URI url, @Nullable JsonNode report, @Nullable String problem) {
    private static final int CONNECT_MILLIS = 2_000;
    private static final int READ_MILLIS = 10_000;
    private static final int MOST_BYTES = 32 << 20;

    /** Asks a worker; never throws. */
    static WorkerLimits of(URI url, String query) {
        try {
            HttpURLConnection connection = (HttpURLConnection)
                    URI.create(url + "/limits" + query).toURL().openConnection();
            connection.setConnectTimeout(CONNECT_MILLIS);
            connection.setReadTimeout(READ_MILLIS);
            connection.setInstanceFollowRedirects(false);
            int status = connection.getResponseCode();
            try (InputStream body = status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
                String text = body == null ? "" : new String(body.readNBytes(MOST_BYTES), StandardCharsets.UTF_8);
                JsonNode read = JsonMapper.shared().readTree(text);
                if (status != 200 || !read.path("connections").isArray()) {
                    String said = read.path("error").asString("");
                    return new WorkerLimits(
                            url, null, said.isEmpty() ? notAWorker(status) : "HTTP " + status + ": " + said);
                }
                return new WorkerLimits(url, read, null);
            } catch (JacksonException noJson) {
                return new WorkerLimits(url, null, notAWorker(status));
            }
        } catch (ConnectException nobody) {
            return new WorkerLimits(url, null, "nobody listens there");
        } catch (IOException unreachable) {
            return new WorkerLimits(url, null, String.valueOf(unreachable.getMessage()));
        }
    }

    private static String notAWorker(int status) {
        return "HTTP " + status + " without limits (expected: the health endpoint of a worker of this version)";
    }

    void writeTo(ObjectNode node) {
        node.put("url", url.toString());
        if (report instanceof ObjectNode said) {
            node.setAll(said);
        } else {
            node.put("error", problem);
        }
    }
}
