package dev.toolpost.schemas.registry;

import dev.toolpost.schemas.registry.RegistryException.Kind;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Exchanges with the registry: addresses in turn, retries with jitter, a pause while none answers. Used by one thread at a time. */
final class RegistryHttp implements AutoCloseable {
    private static final JsonMapper JSON = new JsonMapper();
    private static final String MEDIA_TYPE = "application/vnd.schemaregistry.v1+json";
    private static final Duration FIRST_BACKOFF = Duration.ofMillis(100);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(15);

    private final RegistrySettings settings;
    private final Timing timing;
    private final HttpClient client;
    private int nextUrl;
    private Duration pause = Duration.ZERO;
    private long pausedSinceNanos;
    private String lastTrouble = "";

    RegistryHttp(RegistrySettings settings, Timing timing) {
        this.settings = settings;
        this.timing = timing;
        this.client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(settings.timeout())
                .build();
    }

    JsonNode get(String path) {
        return exchange("GET", path, null, path);
    }

    JsonNode post(String path, String body, String what) {
        return exchange("POST", path, body, what);
    }

    @Override
    public void close() {
        client.shutdownNow();
        client.close();
    }

    private JsonNode exchange(String method, String path, @Nullable String body, String what) {
        long pausedNanos = timing.nanoTime() - pausedSinceNanos;
        if (!pause.isZero() && pausedNanos < pause.toNanos()) {
            throw new RegistryException(
                    Kind.UNAVAILABLE,
                    "the schema registry at " + settings.urls() + " did not answer (" + lastTrouble
                            + ") and is asked again in " + (pause.toMillis() - pausedNanos / 1_000_000) + " ms");
        }
        Throwable cause = null;
        for (int attempt = 1; attempt <= settings.attempts(); attempt++) {
            URI url = settings.urls().get(nextUrl);
            try {
                HttpResponse<String> response = send(request(url, method, path, body));
                if (response.statusCode() < 500 && response.statusCode() != 429) {
                    pause = Duration.ZERO;
                    return read(response, method + " " + url + path, what);
                }
                lastTrouble = url + ": status " + response.statusCode() + message(response.body());
            } catch (ExecutionException e) {
                cause = e.getCause() == null ? e : e.getCause();
                lastTrouble = url + ": " + describe(cause);
            } catch (TimeoutException e) {
                cause = e;
                lastTrouble = url + ": no answer within " + settings.timeout().toMillis() + " ms";
            }
            nextUrl = (nextUrl + 1) % settings.urls().size();
            if (attempt < settings.attempts()) {
                backOff(attempt);
            }
        }
        pause = pause.isZero() ? FIRST_PAUSE : shorter(pause.multipliedBy(2), LONGEST_PAUSE);
        pausedSinceNanos = timing.nanoTime();
        throw new RegistryException(
                Kind.UNAVAILABLE,
                "the schema registry does not answer after " + settings.attempts() + " attempts, last " + lastTrouble
                        + ": check schema.registry.url and that the registry is up",
                cause);
    }

    /** The whole exchange within the timeout: the client's own ends with the headers, so a stalled body would wait for ever. */
    private HttpResponse<String> send(HttpRequest request) throws ExecutionException, TimeoutException {
        CompletableFuture<HttpResponse<String>> exchange =
                client.sendAsync(request, HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
        try {
            return exchange.get(settings.timeout().toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RegistryException(Kind.UNAVAILABLE, "interrupted while asking the schema registry", e);
        } finally {
            exchange.cancel(true);
        }
    }

    private HttpRequest request(URI url, String method, String path, @Nullable String body) {
        String base = url.toString();
        HttpRequest.Builder builder = HttpRequest.newBuilder(
                        URI.create((base.endsWith("/") ? base.substring(0, base.length() - 1) : base) + path))
                .header("Accept", MEDIA_TYPE + ", application/json")
                .method(
                        method,
                        body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body));
        if (body != null) {
            builder.header("Content-Type", MEDIA_TYPE);
        }
        String userInfo = settings.userInfo();
        if (userInfo != null) {
            byte[] bytes = userInfo.getBytes(StandardCharsets.UTF_8);
            builder.header("Authorization", "Basic " + Base64.getEncoder().encodeToString(bytes));
        }
        return builder.build();
    }

    private JsonNode read(HttpResponse<String> response, String request, String what) {
        int status = response.statusCode();
        String said = message(response.body());
        if (status / 100 == 2) {
            try {
                return JSON.readTree(response.body());
            } catch (JacksonException e) {
                throw new RegistryException(
                        Kind.UNAVAILABLE, "the answer to " + request + " is no JSON: is this a schema registry?", e);
            }
        }
        throw switch (status) {
            case 401, 403 ->
                new RegistryException(
                        Kind.DENIED,
                        request + " answered " + status + said
                                + ": check basic.auth.user.info and the permissions of that user");
            case 404 -> new RegistryException(Kind.NOT_FOUND, request + " answered 404" + said);
            case 409 ->
                new RegistryException(
                        Kind.REJECTED, what + " is incompatible with the version before it (409" + said + ")");
            default -> new RegistryException(Kind.REJECTED, what + " was refused with " + status + said);
        };
    }

    private void backOff(int attempt) {
        long ceilingNanos = FIRST_BACKOFF.toNanos() << (attempt - 1);
        try {
            timing.sleep(Duration.ofNanos((long) (ceilingNanos * timing.random())));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RegistryException(Kind.UNAVAILABLE, "interrupted while asking the schema registry", e);
        }
    }

    private static Duration shorter(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }

    /** What the registry says of an error: its code and message, as far as there are any. */
    private static String message(String body) {
        try {
            JsonNode node = JSON.readTree(body);
            String text = node.path("message").asString("");
            return text.isEmpty() ? "" : " (" + node.path("error_code").asInt(0) + " " + cut(text) + ")";
        } catch (JacksonException e) {
            return body.isBlank() ? "" : " (" + cut(body.strip()) + ")";
        }
    }

    private static String cut(String text) {
        return text.length() <= 300 ? text : text.substring(0, 300) + "...";
    }

    private static String describe(Throwable e) {
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }
}
