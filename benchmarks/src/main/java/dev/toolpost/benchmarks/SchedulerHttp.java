package dev.toolpost.benchmarks;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import tools.jackson.databind.json.JsonMapper;

/** Asks a scheduler how many deferrals wait. Thread-safe. */
final class SchedulerHttp {

    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private static final long NOBODY = -1;

    private SchedulerHttp() {}

    /** On all instances; -1 while nobody answers. */
    static long pending(Health health) throws InterruptedException {
        try {
            String body = HTTP.send(
                            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + health.port() + "/deferrals"))
                                    .timeout(Duration.ofSeconds(10))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
            return JsonMapper.shared().readTree(body).path("pending").asLong();
        } catch (IOException e) {
            return NOBODY;
        }
    }
}
