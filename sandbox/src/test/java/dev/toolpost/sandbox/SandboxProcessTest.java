package dev.toolpost.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SandboxProcessTest {

    @Test
    void aKilledSandboxComesBackOnItsDataDirectory(@TempDir Path directory) throws Exception {
        String port;
        try (SandboxProcess first = SandboxProcess.start("--data-directory=" + directory)) {
            port = first.bootstrapServers().substring(first.bootstrapServers().lastIndexOf(':') + 1);
            Http.Answer registered = Http.send(
                    first.registry(), "POST", "/subjects/s/versions", "{\"schema\":\"{\\\"type\\\":\\\"string\\\"}\"}");
            assertThat(registered.status()).isEqualTo(200);
            try (Admin admin = Admin.create(Map.of("bootstrap.servers", first.bootstrapServers()))) {
                admin.createTopics(List.of(new NewTopic("kept", 1, (short) 1)))
                        .all()
                        .get(10, TimeUnit.SECONDS);
            }
            send(first.bootstrapServers(), "before");
            first.kill();
            assertThat(first.isAlive()).isFalse();
        }
        long begun = System.nanoTime();
        try (SandboxProcess second = SandboxProcess.start("--data-directory=" + directory, "--kafka-port=" + port)) {
            System.out.printf(
                    "Sandbox process back after a kill in %,d ms%n",
                    Duration.ofNanos(System.nanoTime() - begun).toMillis());
            assertThat(second.bootstrapServers()).endsWith(":" + port);
            assertThat(Http.send(second.registry(), "GET", "/subjects", null).body())
                    .isEqualTo("[\"s\"]");
            send(second.bootstrapServers(), "after");
            assertThat(values(second.bootstrapServers(), 2)).containsExactly("before", "after");
        }
    }

    @Test
    void theVendorAloneIsControlledFromHereAndEndsWithItsInput() throws Exception {
        SandboxProcess process = SandboxProcess.startVendor("--limit=3/60000", "--contacts=5", "--tokens=a,b");
        try (process) {
            VendorControl vendor = process.vendor();
            for (int i = 0; i < 4; i++) {
                Http.send(vendor.uri(), "GET", "/crm/v3/objects/contacts", null, "Authorization", "Bearer b");
            }
            assertThat(vendor.stats().violations()).isEqualTo(1);
            assertThatThrownBy(process::bootstrapServers).isInstanceOf(IllegalStateException.class);
        }
        assertThat(process.isAlive()).isFalse();
    }

    @Test
    void anySetOfVendorsRunsInOneProcess() throws Exception {
        try (SandboxProcess process =
                SandboxProcess.startVendor("--vendors=jira,salesforce", "--records=issues:7,Contact:9")) {
            VendorControl jira = process.vendor("jira");
            assertThat(process.vendor().uri()).isEqualTo(jira.uri());
            assertThat(Http.vendor(jira, "POST", "/rest/api/3/search/jql", "{\"jql\":\"status != x\"}")
                            .json()
                            .path("issues")
                            .size())
                    .isEqualTo(7);
            assertThat(Http.vendor(
                                    process.vendor("salesforce"),
                                    "GET",
                                    "/services/data/v67.0/query?q=SELECT+COUNT()+FROM+Contact",
                                    null)
                            .json()
                            .path("totalSize")
                            .asInt())
                    .isEqualTo(9);
            OAuthGrant grant = process.vendor("salesforce").grant(GrantSpec.usual());
            assertThat(grant.tokenUri().getPath()).isEqualTo("/services/oauth2/token");
            assertThatThrownBy(() -> process.vendor("hubspot")).hasMessageContaining("jira");
        }
    }

    @Test
    void whatAKilledProcessLeftBehindIsRemovedByTheNext() throws Exception {
        Path left;
        try (ScratchDirectory alive = ScratchDirectory.create("toolpost-scratch-test-")) {
            left = Files.createTempDirectory("toolpost-scratch-test-");
            Files.createFile(left.resolve(".owner"));
            Files.createDirectories(left.resolve("data"));
            Files.createFile(left.resolve("data").resolve("file"));
            FileTime old = FileTime.from(Instant.now().minus(Duration.ofMinutes(5)));
            Files.setLastModifiedTime(left, old);
            Files.setLastModifiedTime(alive.path(), old);
            try (ScratchDirectory next = ScratchDirectory.create("toolpost-scratch-test-")) {
                assertThat(left).doesNotExist();
                assertThat(alive.path()).exists();
                assertThat(next.path()).exists();
            }
        }
    }

    private static void send(String bootstrap, String value) throws Exception {
        try (KafkaProducer<String, String> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", bootstrap), new StringSerializer(), new StringSerializer())) {
            producer.send(new ProducerRecord<>("kept", value)).get(20, TimeUnit.SECONDS);
        }
    }

    private static List<String> values(String bootstrap, int count) {
        Map<String, Object> config = new HashMap<>(Map.of("bootstrap.servers", bootstrap));
        config.put("auto.offset.reset", "earliest");
        java.util.ArrayList<String> values = new java.util.ArrayList<>();
        try (KafkaConsumer<String, String> consumer =
                new KafkaConsumer<>(config, new StringDeserializer(), new StringDeserializer())) {
            consumer.assign(List.of(new TopicPartition("kept", 0)));
            long deadline = System.nanoTime() + Duration.ofSeconds(15).toNanos();
            while (values.size() < count && System.nanoTime() < deadline) {
                ConsumerRecords<String, String> records = consumer.poll(Duration.ofMillis(100));
                records.forEach(record -> values.add(record.value()));
            }
        }
        return values;
    }
}
