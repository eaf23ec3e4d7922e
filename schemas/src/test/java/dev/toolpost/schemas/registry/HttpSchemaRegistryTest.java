package dev.toolpost.schemas.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.toolpost.schemas.registry.RegistryException.Kind;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HttpSchemaRegistryTest {
    private static final Schema SCHEMA =
            SchemaBuilder.record("R").fields().requiredString("a").endRecord();

    private final RegistryServer server = new RegistryServer();
    private final SettableTiming timing = new SettableTiming();
    private final HttpSchemaRegistry registry = registry(Map.of(RegistrySettings.URL, server.url()));

    @AfterEach
    void stop() {
        registry.close();
        server.close();
    }

    @Test
    void registersLooksUpAndReadsASchemaWithOneRequestEach() {
        int id = registry.register("t-value", SCHEMA);

        for (int i = 0; i < 3; i++) {
            assertThat(registry.register("t-value", SCHEMA)).isEqualTo(id);
            assertThat(registry.byId(id)).isEqualTo(SCHEMA);
            assertThat(registry.latest("t-value")).isEqualTo(new SchemaRegistry.Registered(id, 1, SCHEMA));
        }
        assertThat(server.requests)
                .containsExactly(
                        "POST /subjects/t-value/versions",
                        "GET /schemas/ids/" + id,
                        "GET /subjects/t-value/versions/latest");
        assertThat(newRegistry().idOf("t-value", SCHEMA)).isEqualTo(id);
        assertKind(
                () -> registry.idOf("other", SCHEMA),
                Kind.NOT_FOUND,
                "POST " + server.url() + "/subjects/other answered 404 (40403 Schema not found)");
        assertKind(() -> registry.latest("other"), Kind.NOT_FOUND, "Subject 'other' not found");
    }

    @Test
    void escapesSubjects() {
        registry.register("a b/ü-value", SCHEMA);
        assertThat(server.requests).containsExactly("POST /subjects/a%20b%2F%C3%BC-value/versions");
    }

    @Test
    void asksForAnUnknownIdAgainOnlyAfterAWhile() {
        assertKind(() -> registry.byId(7), Kind.NOT_FOUND, "schema id 7 is not known");
        assertKind(() -> registry.byId(7), Kind.NOT_FOUND, "schema id 7 is not known");
        assertThat(server.requests).hasSize(1);

        timing.advance(Duration.ofSeconds(31));

        assertKind(() -> registry.byId(7), Kind.NOT_FOUND, "schema id 7 is not known");
        assertThat(server.requests).hasSize(2);
    }

    @Test
    void triesAgainAfterAPassingFault() {
        server.thenStatus(503, 1);
        server.thenStatus(429, 1);

        assertThat(registry.register("t", SCHEMA)).isEqualTo(1);

        assertThat(server.requests).hasSize(3);
        assertThat(timing.sleeps).containsExactly(Duration.ofMillis(50), Duration.ofMillis(100));
    }

    @Test
    void backsOffWhileTheRegistryIsDownAndGoesOnWithWhatItKnows() {
        int id = registry.register("t", SCHEMA);
        registry.byId(id);
        int before = server.requests.size();
        server.thenStatus(500, 6);

        assertKind(() -> registry.byId(99), Kind.UNAVAILABLE, "after 3 attempts");
        assertKind(() -> registry.byId(98), Kind.UNAVAILABLE, "is asked again in 500 ms");
        assertThat(registry.byId(id)).isEqualTo(SCHEMA);
        assertThat(server.requests).hasSize(before + 3);

        timing.advance(Duration.ofMillis(501));
        assertKind(() -> registry.byId(99), Kind.UNAVAILABLE, "status 500 (50001 made up)");
        assertKind(() -> registry.byId(99), Kind.UNAVAILABLE, "is asked again in 1000 ms");
        assertThat(server.requests).hasSize(before + 6);

        timing.advance(Duration.ofSeconds(2));
        assertKind(() -> registry.byId(99), Kind.NOT_FOUND, "schema id 99");
    }

    @Test
    void keepsTheNewestVersionForAMinuteAndLongerWhileTheRegistryIsDown() {
        registry.register("t", SCHEMA);
        registry.latest("t");
        timing.advance(Duration.ofSeconds(61));
        server.thenStatus(500, 3);

        assertThat(registry.latest("t").schema()).isEqualTo(SCHEMA);
    }

    @Test
    void goesToTheNextAddressWhenOneIsDown() {
        HttpSchemaRegistry two = registry(Map.of(RegistrySettings.URL, "http://localhost:1, " + server.url() + "/"));
        assertThat(two.register("t", SCHEMA)).isEqualTo(1);
        assertThat(two.byId(1)).isEqualTo(SCHEMA);
        assertThat(server.requests).containsExactly("POST /subjects/t/versions", "GET /schemas/ids/1");
        two.close();
    }

    @Test
    void endsAStalledAnswerAtItsTimeout() throws InterruptedException {
        CountDownLatch done = new CountDownLatch(1);
        for (int i = 0; i < 3; i++) {
            server.then(exchange -> {
                exchange.sendResponseHeaders(200, 1000);
                exchange.getResponseBody().write('{');
                exchange.getResponseBody().flush();
                try {
                    done.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
        }
        HttpSchemaRegistry hasty =
                registry(Map.of(RegistrySettings.URL, server.url(), RegistrySettings.TIMEOUT, "200"));
        try {
            assertKind(() -> hasty.byId(1), Kind.UNAVAILABLE, "no answer within 200 ms");
        } finally {
            done.countDown();
            hasty.close();
        }
    }

    @Test
    void saysWhenItIsNotLetIn() {
        server.require(basic("toolpost:sécret:with:colons"));
        assertKind(() -> registry.byId(1), Kind.DENIED, "check basic.auth.user.info");

        HttpSchemaRegistry known = registry(Map.of(
                RegistrySettings.URL,
                server.url(),
                RegistrySettings.CREDENTIALS_SOURCE,
                "USER_INFO",
                RegistrySettings.USER_INFO,
                "toolpost:sécret:with:colons"));
        assertThat(known.register("t", SCHEMA)).isEqualTo(1);
        known.close();

        HttpSchemaRegistry fromUrl = registry(Map.of(
                RegistrySettings.URL, server.url().replace("http://", "http://toolpost:s%C3%A9cret%3Awith%3Acolons@")));
        assertThat(fromUrl.byId(1)).isEqualTo(SCHEMA);
        fromUrl.close();
    }

    @Test
    void saysWhyASchemaWasRefused() {
        server.thenStatus(409, 1);
        assertKind(
                () -> registry.register("t", SCHEMA),
                Kind.REJECTED,
                "schema R under subject t is incompatible with the version before it (409 (40901 made up))");
        server.thenStatus(422, 1);
        assertKind(() -> registry.register("t", SCHEMA), Kind.REJECTED, "was refused with 422");
    }

    @Test
    void resolvesReferencesToOtherSubjects() {
        server.add(
                "inner",
                "{\"type\":\"record\",\"name\":\"Inner\",\"fields\":[{\"name\":\"x\",\"type\":\"int\"}]}",
                "AVRO",
                "[]");
        int outer = server.add(
                "outer",
                "{\"type\":\"record\",\"name\":\"Outer\",\"fields\":[{\"name\":\"i\",\"type\":\"Inner\"}]}",
                "AVRO",
                "[{\"name\":\"Inner\",\"subject\":\"inner\",\"version\":1}]");

        Schema schema = registry.byId(outer);

        assertThat(schema.getField("i").schema().getField("x")).isNotNull();
    }

    @Test
    void refusesSchemasThatAreNotAvro() {
        int json = server.add("j", "{\"type\":\"object\"}", "JSON", "[]");
        int broken = server.add("b", "{\"type\":\"nothing\"}", "AVRO", "[]");
        assertKind(() -> registry.byId(json), Kind.REJECTED, "is of type JSON (expected: AVRO)");
        assertKind(() -> registry.byId(broken), Kind.REJECTED, "is no valid Avro schema");
    }

    @Test
    void asksOnceWhenManyThreadsWantTheSameId() throws InterruptedException, ExecutionException {
        int id = server.add("t", SCHEMA.toString(), "AVRO", "[]");
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Schema>> answers = IntStream.range(0, 200)
                    .mapToObj(_ -> threads.submit(() -> registry.byId(id)))
                    .toList();
            for (Future<Schema> answer : answers) {
                assertThat(answer.get()).isEqualTo(SCHEMA);
            }
        }
        assertThat(server.requests).hasSize(1);
    }

    @Test
    void namesTheKeyThatIsWrong() {
        assertThatThrownBy(() -> RegistrySettings.from(Map.of())).hasMessageContaining("schema.registry.url: missing");
        assertThatThrownBy(() -> RegistrySettings.at("localhost:8081"))
                .hasMessageContaining("expected: http:// or https:// and a host");
        assertThatThrownBy(() -> RegistrySettings.at("http://a b")).hasMessageContaining("schema.registry.url");
        assertThatThrownBy(() -> RegistrySettings.from(
                        Map.of(RegistrySettings.URL, "http://h", RegistrySettings.CREDENTIALS_SOURCE, "SASL_INHERIT")))
                .hasMessage("basic.auth.credentials.source: \"SASL_INHERIT\" (expected: URL or USER_INFO)");
        assertThatThrownBy(() -> RegistrySettings.from(
                        Map.of(RegistrySettings.URL, "http://h", RegistrySettings.CREDENTIALS_SOURCE, "USER_INFO")))
                .hasMessageContaining("basic.auth.user.info: missing");
        assertThatThrownBy(() -> RegistrySettings.from(
                        Map.of(RegistrySettings.URL, "http://h", RegistrySettings.TIMEOUT, "soon")))
                .hasMessage("http.read.timeout.ms: \"soon\" (expected: milliseconds above 0)");
    }

    @Test
    void showsNoSecretInItsSettings() {
        RegistrySettings settings = RegistrySettings.at("http://me:canary@host:1/,http://other:2");
        assertThat(settings.toString()).doesNotContain("canary");
        assertThat(settings.urls()).containsExactly(URI.create("http://host:1/"), URI.create("http://other:2"));
        assertThat(settings.userInfo()).isEqualTo("me:canary");
    }

    private HttpSchemaRegistry newRegistry() {
        return registry(Map.of(RegistrySettings.URL, server.url()));
    }

    private HttpSchemaRegistry registry(Map<String, String> config) {
        return new HttpSchemaRegistry(RegistrySettings.from(config), timing);
    }

    private static String basic(String userInfo) {
        return "Basic " + Base64.getEncoder().encodeToString(userInfo.getBytes(StandardCharsets.UTF_8));
    }

    private static void assertKind(ThrowingCallable call, Kind kind, String message) {
        assertThatThrownBy(call).isInstanceOfSatisfying(RegistryException.class, e -> {
            assertThat(e.kind()).as(e.getMessage()).isEqualTo(kind);
            assertThat(e).hasMessageContaining(message);
        });
    }

    private static final class SettableTiming implements Timing {
        private final List<Duration> sleeps = new CopyOnWriteArrayList<>();
        private final AtomicLong nanos = new AtomicLong(1);

        void advance(Duration duration) {
            nanos.addAndGet(duration.toNanos());
        }

        @Override
        public long nanoTime() {
            return nanos.get();
        }

        @Override
        public void sleep(Duration duration) {
            sleeps.add(duration);
        }

        @Override
        public double random() {
            return 0.5;
        }
    }
}
