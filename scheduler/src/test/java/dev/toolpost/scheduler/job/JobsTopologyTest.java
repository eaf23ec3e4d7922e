package dev.toolpost.scheduler.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.connectors.ConnectorCatalogue;
import dev.toolpost.message.ConnectionEvent;
import dev.toolpost.message.Job;
import dev.toolpost.message.JobCommand;
import dev.toolpost.message.JobEvent;
import dev.toolpost.message.JobStatus;
import dev.toolpost.message.PartEvent;
import dev.toolpost.message.Resumption;
import dev.toolpost.scheduler.out.Room;
import dev.toolpost.schemas.Format;
import dev.toolpost.schemas.HeaderNames;
import dev.toolpost.schemas.MessageCodec;
import dev.toolpost.schemas.Topics;
import dev.toolpost.schemas.registry.InMemorySchemaRegistry;
import dev.toolpost.schemas.registry.SchemaRegistry;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.avro.specific.SpecificRecordBase;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.state.ValueAndTimestamp;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole topology of jobs, from topic to topic. */
class JobsTopologyTest {
    private static final Topics TOPICS = new Topics();
    private static final Instant START = Instant.parse("2026-03-01T00:00:00Z");

    private final SchemaRegistry registry = new InMemorySchemaRegistry();
    private final Map<String, Long> mostBytes = new HashMap<>();
    private long now = START.toEpochMilli();
    private TopologyTestDriver driver;
    private TestInputTopic<byte[], byte[]> jobs;
    private TestInputTopic<byte[], byte[]> parts;

    @BeforeEach
    void open(@TempDir Path directory) {
        StreamsBuilder builder = new StreamsBuilder();
        new Jobs(
                        TOPICS,
                        JobTerms.defaults(),
                        () -> ConnectorCatalogue.of(List.of()),
                        registry,
                        _ -> now,
                        _ -> true,
                        new Room(topic -> mostBytes.getOrDefault(topic, Long.MAX_VALUE), Long.MAX_VALUE))
                .addTo(builder);
        Properties properties = new Properties();
        properties.put(StreamsConfig.APPLICATION_ID_CONFIG, "jobs-test");
        properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "nowhere:1");
        properties.put(StreamsConfig.STATE_DIR_CONFIG, directory.toString());
        driver = new TopologyTestDriver(builder.build(), properties, START);
        jobs = driver.createInputTopic(TOPICS.jobs(), new ByteArraySerializer(), new ByteArraySerializer());
        parts = driver.createInputTopic(TOPICS.jobParts(), new ByteArraySerializer(), new ByteArraySerializer());
    }

    @AfterEach
    void close() {
        driver.close();
    }

    @Test
    void aJobGoesFromItsTopicToWorkersAndIsFollowedToItsEnd() {
        submit(Format.JSON, "a key of its own", job("j", "a", "b"));

        List<TestRecord<byte[], byte[]>> begun = read(TOPICS.resume("common"));
        assertThat(begun).extracting(record -> text(record.key())).containsExactly("acme/a", "acme/b");
        Resumption first = decode(Resumption.class, begun.getFirst().value());
        assertThat(begun.getFirst().value()[0]).as("Avro among ourselves").isZero();
        assertThat(first.getAppendedAt()).isEqualTo(START.toEpochMilli());

        pass(Duration.ofSeconds(3));
        tell(JobWorld.event(first, "progress")
                .setFrame(1)
                .setRecords(100)
                .setPages(1)
                .setCursor("c")
                .build());
        tell(JobWorld.event(first, "done")
                .setFrame(2)
                .setRecords(10)
                .setPages(1)
                .setAttempts(2)
                .build());
        Resumption second = decode(Resumption.class, begun.get(1).value());
        tell(JobWorld.event(second, "failed").setAttempts(1).build());

        List<TestRecord<byte[], byte[]>> events = read(TOPICS.jobEvents());
        assertThat(events).allSatisfy(record -> {
            assertThat(text(record.key())).isEqualTo("j");
            assertThat(record.value()[0]).as("JSON, as the job was").isEqualTo((byte) '{');
        });
        assertThat(events.stream()
                        .map(record -> decode(JobEvent.class, record.value()).getKind()))
                .containsExactly("accepted", "started", "progress", "part_retried");

        pass(Duration.ofSeconds(6));
        Resumption again = decode(
                Resumption.class, read(TOPICS.resume("common")).getFirst().value());
        assertThat(again.getRun()).isEqualTo(1);
        tell(JobWorld.event(again, "done").setFrame(1).setRecords(5).setPages(1).build());

        JobStatus status = status("j");
        assertThat(status.getState()).isEqualTo("finished");
        assertThat(status.getRecords()).isEqualTo(115);
        List<TestRecord<byte[], byte[]>> statuses = read(TOPICS.jobStatus());
        assertThat(decode(JobStatus.class, statuses.getLast().value())).isEqualTo(status);
    }

    @Test
    void whoSubmitsAvroIsToldInAvro() {
        submit(Format.AVRO, "j", job("j", "a"));

        assertThat(read(TOPICS.jobEvents()))
                .allSatisfy(record -> assertThat(record.value()[0]).isZero());
        assertThat(read(TOPICS.jobStatus()))
                .allSatisfy(record -> assertThat(record.value()[0]).isZero());
    }

    @Test
    void aCommandThatNamesNoJobIsBuried() {
        jobs.pipeInput(bytes("k"), bytes("{\"action\":\"pause\"}"));
        jobs.pipeInput(bytes("k"), bytes("rubbish"));
        jobs.pipeInput(bytes("k"), bytes("{\"job_id\":\"with space\",\"action\":\"pause\"}"));

        List<TestRecord<byte[], byte[]>> letters = read(TOPICS.deadLetters());
        assertThat(letters).hasSize(3);
        assertThat(letters)
                .allSatisfy(letter -> assertThat(letter.headers()
                                .lastHeader(HeaderNames.DEAD_TOPIC)
                                .value())
                        .isEqualTo(bytes("toolpost.jobs")));
        assertThat(text(letters.getLast()
                        .headers()
                        .lastHeader(HeaderNames.DEAD_CAUSE)
                        .value()))
                .isEqualTo("bad-job-id");
    }

    @Test
    void whatIsTooLargeForTheTopicsBehindIsRefusedAndNotCarriedOn() {
        JobCommand huge = job("huge", "a");
        huge.getJob().setArguments("{\"text\":\"" + "x".repeat(12 << 20) + "\"}");
        submit(Format.AVRO, "k", huge);
        jobs.pipeInput(bytes("k"), bytes("rubbish".repeat(1 << 20)));
        jobs.pipeInput(bytes("a long key".repeat(1 << 19)), bytes("rubbish"));

        assertThat(read("jobs-test-job-commands-repartition"))
                .singleElement()
                .satisfies(record -> assertThat(record.value().length).isLessThan(1_000));
        JobEvent event =
                decode(JobEvent.class, read(TOPICS.jobEvents()).getFirst().value());
        assertThat(event.getKind()).isEqualTo("rejected");
        assertThat(event.getMessage()).contains("a job of 125829").contains("expected: at most 262144");
        assertThat(status("huge").getState()).isEqualTo("rejected");
        List<TestRecord<byte[], byte[]>> letters = read(TOPICS.deadLetters());
        TestRecord<byte[], byte[]> letter = letters.getFirst();
        assertThat(letter.value()).isNull();
        assertThat(letter.key()).isEqualTo(bytes("k"));
        assertThat(text(letter.headers().lastHeader(HeaderNames.DEAD_DETAIL).value()))
                .contains("7340033 bytes do not fit");
        assertThat(letters.getLast().key()).isNull();
        assertThat(letters.getLast().value()).isNull();
    }

    @Test
    void whatItsTopicDoesNotTakeIsADeadLetterWithoutWhatDoesNotFitThereAndTheNextIsServed() {
        mostBytes.put(TOPICS.jobEvents(), 10L);
        mostBytes.put(TOPICS.deadLetters(), 700L);
        submit(Format.JSON, "j", job("j", "a"));

        assertThat(read(TOPICS.jobEvents())).isEmpty();
        assertThat(status("j").getState()).isEqualTo("running");
        List<TestRecord<byte[], byte[]>> letters = read(TOPICS.deadLetters());
        assertThat(letters).hasSize(2).allSatisfy(letter -> {
            assertThat(text(letter.key())).isEqualTo("j");
            assertThat(text(letter.headers().lastHeader(HeaderNames.DEAD_CAUSE).value()))
                    .isEqualTo("too-large-for-target");
            assertThat(text(letter.headers().lastHeader(HeaderNames.DEAD_DETAIL).value()))
                    .contains("toolpost.job-events takes at most 10 bytes");
        });

        mostBytes.put(TOPICS.deadLetters(), 10L);
        submit(Format.JSON, "k", job("k", "a"));
        assertThat(read(TOPICS.deadLetters())).isEmpty();
        assertThat(status("k").getState()).isEqualTo("running");
    }

    @Test
    void connectionsOfAVendorComeFromTheirEvents() {
        TestInputTopic<byte[], byte[]> events = driver.createInputTopic(
                TOPICS.connectionEvents(), new ByteArraySerializer(), new ByteArraySerializer());
        for (String connection : List.of("eu", "us")) {
            events.pipeInput(
                    bytes("acme/" + connection),
                    MessageCodec.of(ConnectionEvent.class, registry)
                            .encode(
                                    TOPICS.connectionEvents(),
                                    ConnectionEvent.newBuilder()
                                            .setTenant("acme")
                                            .setConnection(connection)
                                            .setKind("added")
                                            .setVendor("crm")
                                            .build(),
                                    Format.AVRO));
        }
        JobCommand command = job("j");
        command.getJob().setVendor("crm");
        submit(Format.JSON, "j", command);

        assertThat(status("j").getJob().getConnections()).containsExactly("eu", "us");
        assertThat(read(TOPICS.resume("common"))).hasSize(2);
    }

    private static JobCommand job(String id, String... connections) {
        return JobCommand.newBuilder()
                .setJobId(id)
                .setJob(Job.newBuilder()
                        .setTool("crm_list_contacts")
                        .setTenant("acme")
                        .setConnections(List.of(connections))
                        .build())
                .build();
    }

    private void submit(Format format, String key, JobCommand command) {
        jobs.pipeInput(bytes(key), MessageCodec.of(JobCommand.class, registry).encode(TOPICS.jobs(), command, format));
    }

    private void tell(PartEvent event) {
        parts.pipeInput(
                bytes(event.getJobId()),
                MessageCodec.of(PartEvent.class, registry).encode(TOPICS.jobParts(), event, Format.AVRO));
    }

    private void pass(Duration time) {
        now += time.toMillis();
        driver.advanceWallClockTime(time);
    }

    private JobStatus status(String id) {
        ValueAndTimestamp<byte[]> found = driver.<byte[], byte[]>getTimestampedKeyValueStore(Jobs.STATUSES)
                .get(bytes(id));
        return decode(JobStatus.class, found.value());
    }

    private List<TestRecord<byte[], byte[]>> read(String topic) {
        return driver.createOutputTopic(topic, new ByteArrayDeserializer(), new ByteArrayDeserializer())
                .readRecordsToList();
    }

    private <T extends SpecificRecordBase> T decode(Class<T> type, byte[] value) {
        return MessageCodec.of(type, registry).decode("test", value).value();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
