package dev.toolpost.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Asks a worker's health endpoint how the worker stands. Thread-safe. */
final class Health {

    private static final Duration BOUND = Duration.ofSeconds(10);
    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private final int port;

    private Health(int port) {
        this.port = port;
    }

    /** Of a worker to be started with {@code worker.health_port} set to {@link #port}. */
    static Health onFreePort() {
        try (ServerSocket free = new ServerSocket(0)) {
            return new Health(free.getLocalPort());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String port() {
        return Integer.toString(port);
    }

    /** The figures of the stage's pool. */
    JsonNode pool() throws InterruptedException {
        return ask().map(JsonMapper.shared()::readTree)
                .map(body -> body.path("pools"))
                .filter(pools -> !pools.isEmpty())
                .orElseThrow(() -> new IllegalStateException("no health at port " + port))
                .get(0);
    }

    List<Integer> owned() throws InterruptedException {
        List<Integer> shards = new ArrayList<>();
        pool().path("owned").forEach(shard -> shards.add(shard.asInt()));
        return shards;
    }

    int inFlight() throws InterruptedException {
        return pool().path("inFlight").asInt();
    }

    /** Whether it answers that it is ready; false also while nobody listens. */
    boolean ready() throws InterruptedException {
        return ask().filter(body -> body.contains("\"status\":\"ok\"")).isPresent();
    }

    private Optional<String> ask() throws InterruptedException {
        try {
            return Optional.of(HTTP.send(
                            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/health/ready"))
                                    .timeout(BOUND)
                                    .build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body());
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
