package dev.toolpost.scheduler.http;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import org.apache.kafka.streams.state.HostInfo;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Asks the other instances about what only they have. Each is asked at the same time and within a bound; one that does not answer is
 * named, so that an answer put together of the rest can say what it lacks. Thread-safe.
 */
public final class Peers {

    private static final int LONGEST_REASON = 200;

    /** What one instance said, or did not. */
    public sealed interface Voice {
        String host();

        record Answered(String host, JsonNode body) implements Voice {}

        /**
         * No answer, or not one that can be used.
         *
         * @param reason for people
         */
        record Silent(String host, String reason) implements Voice {}
    }

    private final Supplier<Collection<HostInfo>> others;
    private final Duration bound;
    private final HttpClient http;

    /**
     * Over the instances that a supplier names each time.
     *
     * @param others all but this one
     * @param bound how long one may take to answer
     */
    public Peers(Supplier<Collection<HostInfo>> others, Duration bound) {
        this.others = others;
        this.bound = bound;
        this.http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(bound)
                .build();
    }

    /** Puts a question to every other instance about what it has itself: {@link Request#local()} is true there. */
    public List<Voice> ask(Request question) throws InterruptedException {
        Map<String, String> query = new TreeMap<>(question.query());
        query.put(Request.SCOPE, Request.LOCAL);
        List<String> pairs = new ArrayList<>();
        query.forEach((name, value) -> pairs.add(encoded(name) + "=" + encoded(value)));
        String target = question.path() + "?" + String.join("&", pairs);
        List<Future<Voice>> voices = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (HostInfo other : others.get()) {
                voices.add(threads.submit(() -> askOne(other, target)));
            }
        }
        List<Voice> all = new ArrayList<>();
        for (Future<Voice> voice : voices) {
            try {
                all.add(voice.get());
            } catch (ExecutionException e) {
                throw new IllegalStateException("asking another instance", e.getCause());
            }
        }
        return all;
    }

    private Voice askOne(HostInfo other, String target) {
        String host = other.host() + ":" + other.port();
        try {
            HttpResponse<byte[]> response = http.send(
                    HttpRequest.newBuilder(URI.create("http://" + host + target))
                            .timeout(bound)
                            .build(),
                    HttpResponse.BodyHandlers.ofByteArray());
            if (response.statusCode() != 200) {
                return new Voice.Silent(host, "status " + response.statusCode());
            }
            return new Voice.Answered(host, JsonMapper.shared().readTree(response.body()));
        } catch (ConnectException e) {
            return new Voice.Silent(host, "nobody listens there");
        } catch (IOException | JacksonException | IllegalArgumentException e) {
            String reason = String.valueOf(e.getMessage());
            return new Voice.Silent(
                    host, reason.length() > LONGEST_REASON ? reason.substring(0, LONGEST_REASON) : reason);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Voice.Silent(host, "this instance is stopping");
        }
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
