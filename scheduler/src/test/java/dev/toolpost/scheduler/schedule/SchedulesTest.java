package dev.toolpost.scheduler.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.toolpost.message.Job;
import dev.toolpost.message.JobCommand;
import dev.toolpost.message.Schedule;
import dev.toolpost.scheduler.http.Answer;
import dev.toolpost.scheduler.http.BadRequestException;
import dev.toolpost.scheduler.http.Peers;
import dev.toolpost.scheduler.http.Request;
import dev.toolpost.scheduler.out.Room;
import dev.toolpost.schemas.Format;
import dev.toolpost.schemas.MessageCodec;
import dev.toolpost.schemas.Topics;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.state.HostInfo;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The topology as it is built, and what is told over HTTP. */
class SchedulesTest {
    private static final Instant START = Instant.parse("2026-03-27T12:00:00Z");

    private final AtomicLong now = new AtomicLong(START.toEpochMilli());
    private final TopologyTestDriver driver = driver();
    private final TestInputTopic<String, byte[]> schedules =
            driver.createInputTopic("toolpost.schedules", new StringSerializer(), new ByteArraySerializer());
    private final TestOutputTopic<byte[], byte[]> jobs =
            driver.createOutputTopic("toolpost.jobs", new ByteArrayDeserializer(), new ByteArrayDeserializer());

    @AfterEach
    void close() {
        driver.close();
    }

    @Test
    void aWeekOverAChangeOfTheClockIsACommandADay() {
        give("nightly", "30 2 * * *", "acme");
        for (int hour = 0; hour < 7 * 24; hour++) {
            now.addAndGet(Duration.ofHours(1).toMillis());
            driver.advanceWallClockTime(Duration.ofHours(1));
        }
        MessageCodec<JobCommand> codec = MessageCodec.of(JobCommand.class, null);
        assertEquals(
                List.of(
                        "nightly-20260328T013000Z",
                        "nightly-20260329T010000Z",
                        "nightly-20260330T003000Z",
                        "nightly-20260331T003000Z",
                        "nightly-20260401T003000Z",
                        "nightly-20260402T003000Z",
                        "nightly-20260403T003000Z"),
                jobs.readValuesToList().stream()
                        .map(value -> codec.decode("", value).value().getJobId())
                        .toList());
    }

    @Test
    void schedulesAreToldInOrderWithTheirNextRun() throws InterruptedException {
        give("b-nightly", "30 2 * * *", "acme");
        give("a-broken", "30 2 * *", "acme");
        give("c-other", "0 0 1 1 *", "globex");

        JsonNode all = body(endpoint(List.of()).all(request("/schedules", Map.of())));
        assertEquals(List.of("a-broken", "b-nightly", "c-other"), ids(all));
        JsonNode broken = all.path("schedules").path(0);
        assertEquals("invalid", broken.path("state").asString());
        assertTrue(broken.path("problem").asString().contains("five fields"));
        JsonNode nightly = all.path("schedules").path(1);
        assertEquals("active", nightly.path("state").asString());
        assertEquals(
                Instant.parse("2026-03-28T01:30:00Z").toEpochMilli(),
                nightly.path("next_run").asLong());
        assertEquals("30 2 * * *", nightly.path("schedule").path("cron").asString());
        assertTrue(nightly.path("last_run").isNull());
        assertTrue(all.path("incomplete").isEmpty());

        JsonNode ofGlobex = body(endpoint(List.of()).all(request("/schedules", Map.of("tenant", "globex"))));
        assertEquals(List.of("c-other"), ids(ofGlobex));
        JsonNode one = body(endpoint(List.of()).all(request("/schedules", Map.of("limit", "1"))));
        assertEquals(1, one.path("schedules").size());
        assertTrue(one.path("more").asBoolean());
        assertFalse(all.path("more").asBoolean());
    }

    @Test
    void aSingleScheduleIsFoundAndAnUnknownOneSaidToBe() throws InterruptedException {
        give("nightly", "30 2 * * *", "acme");
        Request known = new Request("/schedules/nightly", Map.of("id", "nightly"), Map.of());
        assertEquals(
                "nightly",
                body(endpoint(List.of()).one(known)).path("schedule_id").asString());
        Request unknown = new Request("/schedules/none", Map.of("id", "none"), Map.of());
        assertEquals(404, endpoint(List.of()).one(unknown).status());
    }

    @Test
    void anInstanceThatDoesNotAnswerIsNamed() throws InterruptedException {
        give("nightly", "30 2 * * *", "acme");
        SchedulesEndpoint endpoint = endpoint(List.of(new HostInfo("127.0.0.1", 1)));
        JsonNode all = body(endpoint.all(request("/schedules", Map.of())));
        assertEquals(1, all.path("schedules").size());
        assertTrue(all.path("incomplete").path(0).asString().startsWith("127.0.0.1:1: "), all::toString);
        Answer unknown = endpoint.one(new Request("/schedules/none", Map.of("id", "none"), Map.of()));
        assertEquals(503, unknown.status(), "it may be there");
        assertEquals(
                200,
                endpoint.one(new Request("/schedules/none", Map.of("id", "none"), Map.of("scope", "local")))
                        .status());
    }

    @Test
    void aLimitThatIsNoneIsRefused() {
        assertThrows(
                BadRequestException.class,
                () -> endpoint(List.of()).all(request("/schedules", Map.of("limit", "many"))));
    }

    private void give(String id, String cron, String tenant) {
        Schedule schedule = Schedule.newBuilder()
                .setScheduleId(id)
                .setTenant(tenant)
                .setCron(cron)
                .setTimeZone("Europe/Berlin")
                .setMissed("once")
                .setOverlap("allow")
                .setJob(Job.newBuilder()
                        .setTool("hubspot_list_contacts")
                        .setConnections(List.of("sales"))
                        .build())
                .build();
        schedules.pipeInput(id, MessageCodec.of(Schedule.class, null).encode("", schedule, Format.JSON));
    }

    private static List<String> ids(JsonNode answer) {
        return answer.path("schedules")
                .valueStream()
                .map(each -> each.path("schedule_id").asString())
                .toList();
    }

    private static Request request(String path, Map<String, String> query) {
        return new Request(path, Map.of(), query);
    }

    private SchedulesEndpoint endpoint(List<HostInfo> others) {
        return new SchedulesEndpoint(
                () -> driver.<String, byte[]>getKeyValueStore(Schedules.STORE),
                new Peers(() -> others, Duration.ofSeconds(2)));
    }

    private static JsonNode body(Answer answer) {
        assertEquals(200, answer.status(), () -> new String(answer.body(), StandardCharsets.UTF_8));
        return JsonMapper.shared().readTree(answer.body());
    }

    private TopologyTestDriver driver() {
        StreamsBuilder builder = new StreamsBuilder();
        new Schedules(new Topics(), null, _ -> now.get(), Room.unbounded(), _ -> _ -> null).addTo(builder);
        Properties properties = new Properties();
        properties.put("application.id", "test");
        return new TopologyTestDriver(builder.build(), properties, START);
    }
}
