package dev.toolpost.scheduler.deferral;

import dev.toolpost.message.Deferral;
import dev.toolpost.scheduler.clock.BrokerTime;
import dev.toolpost.scheduler.out.Room;
import dev.toolpost.schemas.Format;
import dev.toolpost.schemas.MessageCodec;
import dev.toolpost.schemas.Topics;
import dev.toolpost.schemas.registry.SchemaRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.function.Consumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.test.TestRecord;
import org.jspecify.annotations.Nullable;

/** The deferrals' topology without a broker. The broker's time and this machine's are set apart from each other. */
final class DeferralRig implements AutoCloseable {

    static final String RESUME = "toolpost.resume.crm";
    static final String DEAD = "toolpost.dead-letters";

    /** The broker's time at the beginning. */
    static final long START = 1_795_000_000_000L;

    private static final MessageCodec<Deferral> CODEC = MessageCodec.of(Deferral.class, null);

    private final TopologyTestDriver driver;
    private final TestInputTopic<byte[], byte[]> later;
    private final Path directory;
    private long brokerMillis = START;
    private boolean timeKnown = true;
    final Map<String, Targets.Standing> standings = new HashMap<>();
    final Map<String, Long> limits = new HashMap<>();

    DeferralRig() {
        this(DeferralSettings.defaults(), Duration.ZERO);
    }

    /** With this machine's clock away from the broker's. */
    DeferralRig(DeferralSettings settings, Duration machineAhead) {
        this(settings, machineAhead, CODEC);
    }

    DeferralRig(MessageCodec<Deferral> codec) {
        this(DeferralSettings.defaults(), Duration.ZERO, codec);
    }

    private DeferralRig(DeferralSettings settings, Duration machineAhead, MessageCodec<Deferral> codec) {
        try {
            directory = Files.createTempDirectory("toolpost-deferrals");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        StreamsBuilder builder = new StreamsBuilder();
        new Deferrals(
                        new Topics(),
                        settings,
                        codec,
                        (BrokerTime) partition -> timeKnown ? brokerMillis : BrokerTime.UNKNOWN,
                        new Targets() {
                            @Override
                            public Standing of(String topic, int partition) {
                                return standings.getOrDefault(topic, Standing.THERE);
                            }

                            @Override
                            public long mostBytes(String topic) {
                                return limits.getOrDefault(topic, Long.MAX_VALUE);
                            }
                        },
                        Room.unbounded())
                .addTo(builder);
        Properties properties = new Properties();
        properties.put(StreamsConfig.STATE_DIR_CONFIG, directory.toString());
        properties.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        driver = new TopologyTestDriver(
                builder.build(), properties, Instant.ofEpochMilli(START).plus(machineAhead));
        later = driver.createInputTopic("toolpost.later", new ByteArraySerializer(), new ByteArraySerializer());
    }

    long now() {
        return brokerMillis;
    }

    void timeIsKnown(boolean known) {
        timeKnown = known;
    }

    /** A deferral of an id to {@link #RESUME}, whose value is the text. */
    static Deferral deferral(String id, String value) {
        return Deferral.newBuilder()
                .setDeferralId(id)
                .setTenant("acme")
                .setConnection("crm")
                .setTopic(RESUME)
                .setPartition(0)
                .setKey("acme/crm")
                .setValue(ByteBuffer.wrap(value.getBytes(StandardCharsets.UTF_8)))
                .build();
    }

    void defer(String id, String value, long dueAt) {
        send(deferral(id, value), each -> each.setDueAt(dueAt));
    }

    void send(Deferral deferral, Consumer<Deferral> change) {
        change.accept(deferral);
        raw(CODEC.encode("toolpost.later", deferral, Format.JSON));
    }

    /** In Avro. */
    void avro(SchemaRegistry registry, Deferral deferral, long dueAt) {
        deferral.setDueAt(dueAt);
        raw(MessageCodec.of(Deferral.class, registry).encode("toolpost.later", deferral, Format.AVRO));
    }

    void recall(String id) {
        send(Deferral.newBuilder().setDeferralId(id).setAction("recall").build(), each -> {});
    }

    /** Stamped with the broker's time, as the broker does. */
    void raw(byte @Nullable [] value) {
        later.pipeInput(new TestRecord<>("acme/crm".getBytes(StandardCharsets.UTF_8), value, null, brokerMillis));
    }

    /** Both clocks go on, and whatever runs by this machine's runs. */
    void advance(long millis) {
        brokerMillis += millis;
        driver.advanceWallClockTime(Duration.ofMillis(Math.max(millis, 20)));
    }

    /** Only this machine's clock goes on. */
    void machineAdvances(Duration duration) {
        driver.advanceWallClockTime(duration);
    }

    /** Values delivered since it was asked the last time. */
    List<String> delivered() {
        return records(RESUME).stream().map(DeferralRig::text).toList();
    }

    List<TestRecord<byte[], byte[]>> records(String topic) {
        return new ArrayList<>(driver.createOutputTopic(topic, new ByteArrayDeserializer(), new ByteArrayDeserializer())
                .readRecordsToList());
    }

    static String text(TestRecord<byte[], byte[]> record) {
        return new String(record.value(), StandardCharsets.UTF_8);
    }

    static @Nullable String header(TestRecord<byte[], byte[]> record, String name) {
        var header = record.headers().lastHeader(name);
        return header == null ? null : new String(header.value(), StandardCharsets.UTF_8);
    }

    /** Entries of the store: two for each that waits. */
    long stored() {
        long count = 0;
        try (var all = driver.<byte[], byte[]>getKeyValueStore(Deferrals.STORE).all()) {
            while (all.hasNext()) {
                all.next();
                count++;
            }
        }
        return count;
    }

    @Override
    public void close() {
        driver.close();
        try (var files = Files.walk(directory)) {
            files.sorted(java.util.Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
