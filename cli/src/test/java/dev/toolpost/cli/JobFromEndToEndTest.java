package dev.toolpost.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.message.Job;
import dev.toolpost.sandbox.EmbeddedKafka;
import dev.toolpost.sandbox.EmbeddedRegistry;
import dev.toolpost.sandbox.Fault;
import dev.toolpost.sandbox.SimulatedVendor;
import dev.toolpost.sandbox.TokenState;
import dev.toolpost.scheduler.Scheduler;
import dev.toolpost.worker.credentials.LimitOverride;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Commands, a scheduler, a worker and a vendor together, nothing of them a stand-in. */
@Timeout(value = 90, unit = TimeUnit.SECONDS)
class JobFromEndToEndTest {
    private static final String TENANT = "acme";
    private static final int RECORDS = 400;
    private static final int FIRST_ID = 51;
    private static final Duration BOUND = Duration.ofSeconds(40);
    private static final List<String> CONNECTIONS = List.of("a", "b", "c");

    @TempDir
    private static Path directory;

    private static DevHome home;
    private static LocalStack stack;
    private static SchedulerApi scheduler;

    @BeforeAll
    static void start() throws InterruptedException {
        home = new DevHome(directory.resolve("home"));
        stack = LocalStack.start(new LocalStack.Plan(
                home,
                EmbeddedKafka.builder(),
                EmbeddedRegistry.builder(),
                List.of(SimulatedVendor.builder().unlimited().records("contacts", RECORDS)),
                null,
                Map.of(),
                Map.of(
                        "default_tenant", TENANT,
                        "worker.health_port", "0",
                        "scheduler.http_port", "0",
                        "scheduler.threads", "1",
                        "scheduler.part_retry_after", "100ms",
                        "limits.defer_after", "1s")));
        SandboxConnections connections = new SandboxConnections(stack.credentials(), TENANT, Map.of());
        for (String each : CONNECTIONS) {
            connection(connections, each, Map.of());
        }
        connection(connections, "slow", Map.of("ten_seconds", new LimitOverride(1, Duration.ofSeconds(3))));
        Scheduler started = stack.startScheduler();
        URI url = URI.create(SchedulerSetup.url(started.address()));
        home.scheduler(url);
        scheduler = new SchedulerApi(url);
        stack.startWorker();
    }

    private static void connection(SandboxConnections connections, String name, Map<String, LimitOverride> limits) {
        stack.vendor().token("token-" + name, TokenState.ACCEPTED);
        connections.bearer(stack.vendor(), name, "token-" + name, limits);
    }

    @AfterAll
    static void stop() {
        stack.close();
    }

    @Test
    void jobThatFailsForAWhileAndIsPausedDeliversEveryRecordOnceAndInOrder() throws InterruptedException {
        Job template = Job.newBuilder().setTool("hubspot_list_contacts").build();
        FetchPlace place = FetchPlace.begin(directory.resolve("unused"), "e2e", template);
        Map<Integer, List<Integer>> ids = new TreeMap<>();
        List<String> wrong = new ArrayList<>();
        try (SinkReader sink = SinkReader.open(stack.config(), "toolpost.replies", place)) {
            stack.vendor()
                    .inject(Fault.status(503)
                            .on("GET", "/crm/v3/objects/contacts")
                            .skip(8));
            run(
                    "jobs",
                    "submit",
                    "hubspot_list_contacts",
                    "--id=e2e",
                    "--connection=" + String.join(",", CONNECTIONS),
                    "--expand=limit=20,50",
                    "--concurrency=4");
            awaitJob("a part is tried again", job -> job.path("parts_retried").asInt() > 0);
            assertThat(awaitJob("it has begun", job -> job.path("records").asInt() > 0)
                            .path("parts")
                            .asInt())
                    .isEqualTo(6);
            run("jobs", "pause", "e2e");
            stack.vendor().clearFaults();
            JsonNode paused =
                    awaitJob("it is paused", job -> job.path("state").asString().equals("paused"));
            assertThat(paused.path("parts_running").asInt()).isZero();
            run("jobs", "resume", "e2e");

            JsonNode ended = awaitJob("it ends", JobView::isOver);

            assertThat(ended.path("state").asString()).isEqualTo("finished");
            assertThat(ended.path("records").asInt()).isEqualTo(6 * RECORDS);
            assertThat(ended.path("parts_done").asInt()).isEqualTo(6);
            Map<TopicPartition, Long> ends = sink.ends();
            while (!sink.reached(ends)) {
                sink.poll(Duration.ofMillis(200), place, (part, round, frame) -> {
                    if (!place.wants(part, round, frame.getFrame())) {
                        wrong.add(part + "." + round + ": frame " + frame.getFrame());
                        return;
                    }
                    place.took(part, round, frame.getFrame(), 0);
                    if (frame.getContent() != null) {
                        JsonMapper.shared()
                                .readTree(frame.getContent())
                                .forEach(record -> ids.computeIfAbsent(part, _ -> new ArrayList<>())
                                        .add(record.path("id").asInt()));
                    }
                    if (frame.getLast()) {
                        place.ended(part, frame.getError() == null);
                    }
                });
            }
        }
        assertThat(wrong).isEmpty();
        List<Integer> all =
                IntStream.range(FIRST_ID, FIRST_ID + RECORDS).boxed().toList();
        assertThat(ids)
                .hasSize(6)
                .allSatisfy((part, of) -> assertThat(of).as("part " + part).isEqualTo(all));
    }

    @Test
    void callWhosePermitsAreFarAwayIsKeptByTheSchedulerAndAnsweredInItsTime() throws InterruptedException {
        Cli.Outcome first = call();
        Cli.Outcome second = call();

        assertThat(first.exitCode()).as(first.err()).isZero();
        assertThat(second.exitCode()).as(second.err()).isZero();
        assertThat(second.json().path("stats").path("waited_ms").asLong()).isGreaterThan(1_000);
        assertThat(scheduler.ask("/deferrals", Map.of()))
                .isInstanceOfSatisfying(
                        SchedulerApi.Said.Answer.class,
                        said -> assertThat(said.body().path("pending").asInt()).isZero());
    }

    private static Cli.Outcome call() {
        return Cli.run(
                "call",
                "hubspot_get_contact",
                "--arg=contact_id=51",
                "--connection=slow",
                "--output=json",
                "--config=" + home.config());
    }

    private static void run(String... command) {
        Cli.Outcome outcome = Cli.run(Stream.concat(Stream.of(command), Stream.of("--config=" + home.config()))
                .toArray(String[]::new));
        assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    }

    private static JsonNode awaitJob(String what, Predicate<JsonNode> condition) throws InterruptedException {
        long untilNanos = System.nanoTime() + BOUND.toNanos();
        SchedulerApi.Said said = scheduler.ask("/jobs/e2e", Map.of());
        while (!(said instanceof SchedulerApi.Said.Answer(JsonNode job) && condition.test(job))) {
            assertThat(System.nanoTime()).as(what + ": " + said).isLessThan(untilNanos);
            TimeUnit.MILLISECONDS.sleep(20);
            said = scheduler.ask("/jobs/e2e", Map.of());
        }
        return ((SchedulerApi.Said.Answer) said).body();
    }
}
