package dev.toolpost.scheduler.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.streams.state.HostInfo;
import org.junit.jupiter.api.Test;

class RouterTest {

    private final Router router = new Router();

    @Test
    void thePathWithoutPlacesGoesBeforeOneWithThem() throws Exception {
        router.get("/jobs/{id}", request -> Answer.text("text/plain", "one " + request.variable("id")));
        router.get("/jobs", request -> Answer.text("text/plain", "all"));
        router.get("/jobs/newest", request -> Answer.text("text/plain", "newest"));
        assertThat(text("/jobs")).isEqualTo("all");
        assertThat(text("/jobs/a.b-c")).isEqualTo("one a.b-c");
        assertThat(text("/jobs/newest")).isEqualTo("newest");
    }

    @Test
    void whatIsEncodedIsPartOfItsSegment() throws Exception {
        router.get("/jobs/{id}", request -> Answer.text("text/plain", "one " + request.variable("id")));
        assertThat(text("/jobs/a%2Fb")).isEqualTo("one a/b");
        assertThat(text("/jobs/a+b%20c")).isEqualTo("one a+b c");
        assertThat(text("/jobs/100%")).isEqualTo("one 100%");
    }

    @Test
    void anUnknownPathNamesThoseThereAre() throws Exception {
        router.get("/jobs/{id}", request -> Answer.json(Map.of()));
        Answer answer = router.answer("/jobs/a/b", Map.of());
        assertThat(answer.status()).isEqualTo(404);
        assertThat(new String(answer.body(), StandardCharsets.UTF_8)).contains("/jobs/a/b", "/jobs/{id}");
    }

    @Test
    void aPathIsTakenOnce() {
        router.get("/jobs", request -> Answer.json(Map.of()));
        assertThatThrownBy(() -> router.get("/jobs", request -> Answer.json(Map.of())))
                .hasMessageContaining("/jobs has a handler already");
    }

    @Test
    void aNumberOutOfBoundsIsRefusedWithItsBounds() throws Exception {
        router.get("/jobs", request -> Answer.json(Map.of("limit", request.number("limit", 20, 100))));
        for (String wrong : List.of("0", "101", "-1", "ten", "99999999999")) {
            Answer answer = router.answer("/jobs", Map.of("limit", wrong));
            assertThat(answer.status()).isEqualTo(400);
            assertThat(new String(answer.body(), StandardCharsets.UTF_8))
                    .contains("limit", wrong, "expected: a number from 1 to 100");
        }
        assertThat(text("/jobs")).isEqualTo("{\"limit\":20}");
    }

    @Test
    void othersAreAskedAtOnceAndWhoDoesNotAnswerIsNamed() throws Exception {
        router.get(
                "/jobs/{id}",
                request -> Answer.json(Map.of(
                        "id", request.variable("id"),
                        "local", request.local(),
                        "tenant", request.parameter("tenant").orElse(""))));
        InetSocketAddress free = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        int gone;
        try (StatusServer closed = StatusServer.bind(free, router)) {
            gone = closed.address().getPort();
        }
        try (StatusServer other = StatusServer.bind(free, router)) {
            other.start();
            int port = other.address().getPort();
            Peers peers = new Peers(
                    () -> List.of(new HostInfo("127.0.0.1", port), new HostInfo("127.0.0.1", gone)),
                    Duration.ofSeconds(5));
            List<Peers.Voice> voices =
                    peers.ask(new Request("/jobs/a%20b%26c%2Fd", Map.of(), Map.of("tenant", "ac&me", "limit", "3")));
            assertThat(voices.get(0)).isInstanceOfSatisfying(Peers.Voice.Answered.class, answered -> {
                assertThat(answered.body().path("id").asString()).isEqualTo("a b&c/d");
                assertThat(answered.body().path("local").asBoolean()).isTrue();
                assertThat(answered.body().path("tenant").asString()).isEqualTo("ac&me");
            });
            assertThat(voices.get(1))
                    .isInstanceOfSatisfying(
                            Peers.Voice.Silent.class,
                            silent -> assertThat(silent.host()).isEqualTo("127.0.0.1:" + gone));
        }
    }

    @Test
    void onlyQuestionsAreAnsweredAndAFailureTellsNothingOfItsInside() throws Exception {
        router.get("/broken", request -> {
            throw new IllegalStateException("secret");
        });
        try (StatusServer server =
                        StatusServer.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), router);
                HttpClient http = HttpClient.newHttpClient()) {
            server.start();
            URI uri = URI.create("http://127.0.0.1:" + server.address().getPort() + "/broken");
            HttpResponse<String> posted = http.send(
                    HttpRequest.newBuilder(uri)
                            .POST(HttpRequest.BodyPublishers.ofString("x"))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            assertThat(posted.statusCode()).isEqualTo(405);
            HttpResponse<String> broken =
                    http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
            assertThat(broken.statusCode()).isEqualTo(500);
            assertThat(broken.body()).doesNotContain("secret");
        }
    }

    @Test
    void whoComesWhileManyQuestionsAreAnsweredIsToldToComeAgain() throws Exception {
        CountDownLatch asked = new CountDownLatch(StatusServer.MOST_AT_ONCE);
        CountDownLatch goOn = new CountDownLatch(1);
        router.get("/slow", request -> {
            asked.countDown();
            goOn.await();
            return Answer.json(Map.of());
        });
        router.get("/quick", request -> Answer.json(Map.of()));
        try (StatusServer server =
                        StatusServer.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), router);
                HttpClient http = HttpClient.newHttpClient()) {
            server.start();
            String address = "http://127.0.0.1:" + server.address().getPort();
            HttpRequest slow =
                    HttpRequest.newBuilder(URI.create(address + "/slow")).build();
            HttpRequest quick =
                    HttpRequest.newBuilder(URI.create(address + "/quick")).build();
            List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
            for (int i = 0; i < StatusServer.MOST_AT_ONCE; i++) {
                answers.add(http.sendAsync(slow, HttpResponse.BodyHandlers.ofString()));
            }
            assertThat(asked.await(20, TimeUnit.SECONDS)).isTrue();
            HttpResponse<String> refused = http.send(quick, HttpResponse.BodyHandlers.ofString());
            assertThat(refused.statusCode()).isEqualTo(503);
            assertThat(refused.body()).contains("ask again");
            goOn.countDown();
            for (CompletableFuture<HttpResponse<String>> answer : answers) {
                assertThat(answer.get(20, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
            }
            assertThat(http.send(quick, HttpResponse.BodyHandlers.ofString()).statusCode())
                    .isEqualTo(200);
        }
    }

    private String text(String path) throws InterruptedException {
        return new String(router.answer(path, Map.of()).body(), StandardCharsets.UTF_8);
    }
}
