package dev.toolpost.scheduler.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.toolpost.message.Job;
import dev.toolpost.message.JobStatus;
import dev.toolpost.scheduler.http.BadRequestException;
import dev.toolpost.scheduler.http.Request;
import dev.toolpost.scheduler.job.state.JobState;
import dev.toolpost.schemas.Format;
import dev.toolpost.schemas.MessageCodec;
import dev.toolpost.schemas.registry.InMemorySchemaRegistry;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.apache.kafka.streams.state.TimestampedKeyValueStore;
import org.apache.kafka.streams.state.ValueAndTimestamp;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Lists of jobs: what they show, and how little they read for it. */
class JobPagesTest {
    private static final String TOPIC = "toolpost.job-status";

    private final InMemorySchemaRegistry registry = new InMemorySchemaRegistry();
    private final JobIndex index = new JobIndex();
    private final AtomicInteger read = new AtomicInteger();
    private final TimestampedKeyValueStore<byte[], byte[]> store = Stores.timestampedKeyValueStoreBuilder(
                    Stores.inMemoryKeyValueStore(Jobs.STATUSES), Serdes.ByteArray(), Serdes.ByteArray())
            .withLoggingDisabled()
            .build();
    private final MockProcessorContext<Void, Void> context = new MockProcessorContext<>();
    private StatusKeeper keeper;
    private JobPages pages;

    @BeforeEach
    void open() {
        store.init(context.getStateStoreContext(), store);
        context.addStateStore(store);
        restart();
    }

    private void restart() {
        JobMessages messages = new JobMessages(registry);
        keeper = new StatusKeeper(messages, TOPIC, index);
        keeper.init(context);
        pages = new JobPages(this::counted, index, messages, TOPIC);
    }

    @Test
    void thoseThatAreShownAreReadAndNoOthers() {
        for (int i = 0; i < 500; i++) {
            put("j" + i, i, i % 100 == 7 ? "running" : "finished", i % 2 == 0 ? "acme" : "other");
        }
        JsonNode page = jobs(Map.of("limit", "3"));
        assertThat(ids(page)).containsExactly("j499", "j498", "j497");
        assertThat(page.path("count").asInt()).isEqualTo(500);
        assertThat(read).hasValue(3);

        assertThat(ids(jobs(Map.of("state", "running")))).containsExactly("j407", "j307", "j207", "j107", "j7");
        assertThat(jobs(Map.of("state", "running", "tenant", "acme"))
                        .path("count")
                        .asInt())
                .isZero();
        assertThat(read).hasValue(8);
        assertThat(index.count(JobState.RUNNING)).isEqualTo(5);
    }

    @Test
    void onePageAfterAnotherHasEveryJobOnce() {
        for (int i = 0; i < 25; i++) {
            put("j" + i, 1_000 + i / 3, "finished", "acme");
        }
        List<String> all = new ArrayList<>();
        JsonNode page = jobs(Map.of("limit", "10"));
        while (true) {
            all.addAll(ids(page));
            if (page.path("next").isNull()) {
                break;
            }
            put("new" + all.size(), 9_999, "running", "acme");
            page = jobs(Map.of("limit", "10", "after", page.path("next").asString()));
        }
        assertThat(all).hasSize(25).doesNotHaveDuplicates();

        assertThatThrownBy(() -> jobs(Map.of("after", "nobody")))
                .isInstanceOf(BadRequestException.class)
                .hasMessageContaining("after: \"nobody\"");
    }

    @Test
    void aChangeMovesAJobBetweenStatesAndATombstoneTakesItAway() {
        put("j", 1, "running", "acme");
        put("j", 1, "finished", "acme");
        assertThat(ids(jobs(Map.of("state", "running")))).isEmpty();
        assertThat(ids(jobs(Map.of("state", "finished")))).containsExactly("j");
        restart();
        assertThat(ids(jobs(Map.of()))).as("made anew of what is kept").containsExactly("j");
        keeper.process(new Record<>(bytes("j"), null, 0));
        assertThat(ids(jobs(Map.of()))).isEmpty();
        assertThat(store.get(bytes("j"))).isNull();
    }

    @Test
    void whatCameWhileTheRegistryWasAwayIsListedOnceItIsBack() {
        registry.away(true);
        restart();
        put("j", 1, "running", "acme");
        assertThat(ids(jobs(Map.of()))).isEmpty();
        registry.away(false);
        assertThat(ids(jobs(Map.of("state", "running")))).containsExactly("j");
    }

    private void put(String id, long submitted, String state, String tenant) {
        JobStatus status = JobStatus.newBuilder()
                .setJobId(id)
                .setState(state)
                .setSubmittedAt(submitted)
                .setUpdatedAt(submitted)
                .setJob(Job.newBuilder().setTool("crm_list").setTenant(tenant).build())
                .build();
        keeper.process(new Record<>(
                bytes(id), MessageCodec.of(JobStatus.class, registry).encode(TOPIC, status, Format.AVRO), submitted));
    }

    private JsonNode jobs(Map<String, String> query) {
        return JsonMapper.shared()
                .readTree(pages.jobs(new Request("/jobs", Map.of(), query)).body());
    }

    private static List<String> ids(JsonNode page) {
        List<String> ids = new ArrayList<>();
        page.path("jobs").forEach(job -> ids.add(job.path("job_id").asString()));
        return ids;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** The store as questions see it: values without their times, and reads counted. */
    private ReadOnlyKeyValueStore<byte[], byte[]> counted() {
        return new ReadOnlyKeyValueStore<>() {
            @Override
            public byte[] get(byte[] key) {
                read.incrementAndGet();
                return ValueAndTimestamp.getValueOrNull(store.get(key));
            }

            @Override
            public KeyValueIterator<byte[], byte[]> range(byte[] from, byte[] to) {
                throw new AssertionError("nothing is walked over");
            }

            @Override
            public KeyValueIterator<byte[], byte[]> all() {
                throw new AssertionError("nothing is walked over");
            }

            @Override
            public long approximateNumEntries() {
                return store.approximateNumEntries();
            }
        };
    }
}
