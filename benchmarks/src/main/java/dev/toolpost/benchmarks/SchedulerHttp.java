package dev.toolpost.benchmarks;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.MissingNode;

/** Asks a scheduler how it stands. Thread-safe. */
final class SchedulerHttp {

    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private static final long NOBODY = -1;

    private SchedulerHttp() {}

    /** How many deferrals wait on all instances; -1 while one does not answer. */
    static long pending(Health health) throws InterruptedException {
        JsonNode body = json(health, "/deferrals");
        return body.isMissingNode() || !body.path("incomplete").isEmpty()
                ? NOBODY
                : body.path("pending").asLong();
    }

    /** How many wait at this instance; -1 while it does not answer. */
    static long ownPending(Health health) throws InterruptedException {
        JsonNode body = json(health, "/deferrals?scope=local");
        return body.isMissingNode()
                ? NOBODY
                : body.path("partitions")
                        .valueStream()
                        .mapToLong(each -> each.path("pending").asLong())
                        .sum();
    }

    /** A sample without labels; 0 where there is none. */
    static double metric(Health health, String name) throws InterruptedException {
        return text(health, "/metrics")
                .lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
                .findFirst()
                .orElse(0);
    }

    private static JsonNode json(Health health, String path) throws InterruptedException {
        String body = text(health, path);
        return body.isEmpty() ? MissingNode.getInstance() : JsonMapper.shared().readTree(body);
    }

    /** Empty where nobody answers. */
    private static String text(Health health, String path) throws InterruptedException {
        try {
            return HTTP.send(
                            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + health.port() + path))
                                    .timeout(Duration.ofSeconds(10))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
        } catch (IOException e) {
            return "";
        }
    }
}
