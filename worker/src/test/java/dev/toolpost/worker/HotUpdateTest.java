package dev.toolpost.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.connectors.hotupdate.HotUpdate;
import dev.toolpost.connectors.hotupdate.LiveCatalogue;
import dev.toolpost.connectors.signing.PublicKeys;
import dev.toolpost.connectors.signing.SignedRecord;
import dev.toolpost.connectors.signing.SigningKey;
import dev.toolpost.connectors.signing.Statement;
import dev.toolpost.message.ToolReply;
import dev.toolpost.worker.credentials.ConnectionRecord;
import dev.toolpost.worker.credentials.Secret;
import dev.toolpost.worker.http.ScriptedServer;
import dev.toolpost.worker.rig.Agent;
import dev.toolpost.worker.rig.Rig;
import dev.toolpost.worker.rig.WorkerHealth;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/** Connectors that come, change and go while a worker runs. */
@Timeout(120)
class HotUpdateTest {
    private static final SigningKey KEY = SigningKey.generate();
    private static final Duration BOUND = Duration.ofSeconds(30);

    private static Rig rig;
    private static Agent agent;
    private static ScriptedServer server;
    private static Worker worker;
    private static WorkerHealth health;
    private static final CountDownLatch GO_ON = new CountDownLatch(1);

    @BeforeAll
    static void start() throws Exception {
        rig = Rig.start();
        server = rig.owns(new ScriptedServer(connection -> {
            while (connection.readRequest()) {
                String path = connection.lastRequest().split(" ", 3)[1];
                if (path.equals("/slow/1")) {
                    GO_ON.await(30, TimeUnit.SECONDS);
                }
                connection.write(Kiosk.ok("{\"path\":\"" + path + "\"}"));
            }
        }));
        Files.createDirectories(directory());
        rig.with("connectors.directories", "[\"" + directory() + "\"]")
                .with("connectors.trusted_keys", "[" + KEY.publicKey() + "]");
        health = WorkerHealth.of(rig);
        for (String vendor : new String[] {"filed", "slowed", "posted"}) {
            rig.connection(
                    new ConnectionRecord(
                            Rig.TENANT,
                            vendor,
                            vendor,
                            "bearer",
                            Map.of("api", server.uri("").toString()),
                            Map.of(),
                            Set.of(),
                            Map.of()),
                    Secret.of("token", "secret"));
        }
        worker = rig.worker();
        agent = rig.agent();
    }

    @AfterAll
    static void stop() {
        rig.close();
    }

    private static Path directory() {
        return rig.directory().resolve("mine");
    }

    private static String yaml(String vendor, String path) {
        return """
                vendor: %s
                title: Made up
                base_url: "{api}"
                variables:
                  api: { kind: url, title: Address }
                auth: [{ kind: bearer }]
                tools:
                  get:
                    description: Returns one thing. Use it when its id is known, for example T-1.
                    effect: read
                    arguments: { type: object, required: [id], properties: { id: { type: string, description: The id. } } }
                    request: { path: "/%s/{id}" }
                """.formatted(vendor, path);
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        long until = System.nanoTime() + BOUND.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("bound").isLessThan(until);
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    private static void changes(ThrowingRunnable change) throws Exception {
        long before = worker.connectors().changes();
        change.run();
        await(() -> worker.connectors().changes() > before);
    }

    private interface ThrowingRunnable {
        void run() throws Exception;
    }

    private static String call(String id, String vendor) {
        publishCall(id, vendor);
        ToolReply reply = agent.reply(id, BOUND);
        return reply.getError() == null ? reply.getContent() : reply.getError().getCode();
    }

    private static void publishCall(String id, String vendor) {
        agent.publish(
                rig.topics().calls("common"),
                Rig.TENANT + "/" + vendor,
                agent.json(id, vendor + "_get", vendor, "{\"id\":\"1\"}"));
    }

    private static void publish(String vendor, long version, String yaml) {
        byte[] content = yaml.getBytes(StandardCharsets.UTF_8);
        String topic = rig.topics().connectors();
        SignedRecord signed = SignedRecord.sign(KEY, Statement.about(topic, vendor, version, content, true), content);
        ProducerRecord<byte[], byte[]> message =
                new ProducerRecord<>(topic, vendor.getBytes(StandardCharsets.UTF_8), content);
        signed.headers().forEach(message.headers()::add);
        agent.publish(message);
    }

    private static Consumer<byte[], byte[]> reader() {
        return new KafkaConsumer<>(
                Map.of("bootstrap.servers", Rig.bootstrapServers(), "isolation.level", "read_committed"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
    }

    @Test
    void aFileIsAllThatANewVendorNeedsAndABrokenOneLeavesItAsItIs() throws Exception {
        assertThat(call("f1", "filed")).isEqualTo("UNKNOWN_TOOL");

        Path file = directory().resolve("filed.yaml");
        changes(() -> Files.writeString(file, yaml("filed", "one")));
        assertThat(call("f2", "filed")).isEqualTo("{\"path\":\"/one/1\"}");

        changes(() -> Files.writeString(file, yaml("filed", "two")));
        assertThat(call("f3", "filed")).isEqualTo("{\"path\":\"/two/1\"}");

        Files.writeString(file, "vendor: filed\n");
        await(() -> !worker.connectors().refusals().isEmpty());
        assertThat(call("f4", "filed")).isEqualTo("{\"path\":\"/two/1\"}");
        JsonNode told = health.connectors();
        assertThat(told.path("refusals").path(0).path("source").asString()).endsWith("filed.yaml");
        assertThat(told.path("refusals").path(0).path("problems").path(0).asString())
                .contains("filed.yaml:1:1: error:");

        changes(() -> Files.delete(file));
        assertThat(call("f5", "filed")).isEqualTo("UNKNOWN_TOOL");
        assertThat(worker.connectors().refusals()).isEmpty();
    }

    @Test
    void aCallUnderWayKeepsTheDefinitionItBeganWith() throws Exception {
        Path file = directory().resolve("slowed.yaml");
        changes(() -> Files.writeString(file, yaml("slowed", "slow")));
        publishCall("s1", "slowed");
        await(() -> server.requests().stream().anyMatch(request -> request.startsWith("GET /slow/1 ")));

        changes(() -> Files.writeString(file, yaml("slowed", "fast")));
        assertThat(call("s2", "slowed")).isEqualTo("{\"path\":\"/fast/1\"}");
        GO_ON.countDown();
        assertThat(agent.reply("s1", BOUND).getContent()).isEqualTo("{\"path\":\"/slow/1\"}");
    }

    @Test
    void aSignedDefinitionOfTheTopicTakesEffectAndIsThereAfterARestart() throws Exception {
        changes(() -> publish("posted", 1, yaml("posted", "first")));
        assertThat(call("p1", "posted")).isEqualTo("{\"path\":\"/first/1\"}");

        agent.publish(rig.topics().connectors(), "posted", yaml("posted", "unsigned"));
        publish("owner", 1, yaml("owner", "own") + "pool: own\n");
        await(() -> worker.connectors().refusals().size() == 2);
        assertThat(call("p2", "posted")).isEqualTo("{\"path\":\"/first/1\"}");
        assertThat(worker.connectors().refusals())
                .anySatisfy(refusal -> assertThat(refusal.problems())
                        .singleElement()
                        .asString()
                        .contains(rig.topics().calls("own") + " does not exist", "toolpost topics create"));

        LiveCatalogue later = WorkerMain.connectors(rig.config());
        PublicKeys trusted = PublicKeys.of(List.of(KEY.publicKey()));
        assertThat(HotUpdate.readOnce(later, trusted, rig.topics().connectors(), HotUpdateTest::reader, BOUND))
                .isTrue();
        assertThat(later.status().published()).containsEntry("posted", 1L);
        assertThat(later.current().byTool("posted_get")).isNotNull();
    }
}
