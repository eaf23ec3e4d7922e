package dev.toolpost.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.message.Job;
import dev.toolpost.message.JobCommand;
import dev.toolpost.message.Schedule;
import dev.toolpost.message.ToolCall;
import dev.toolpost.sandbox.EmbeddedKafka;
import dev.toolpost.schemas.MessageCodec;
import dev.toolpost.schemas.TopicCreator;
import dev.toolpost.schemas.TopicPlan;
import dev.toolpost.schemas.Topics;
import dev.toolpost.worker.config.ToolpostConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code toolpost jobs}, {@code schedules} and {@code cancel} against a real broker and a scheduler that does as each test says. */
@Timeout(value = 180, unit = TimeUnit.SECONDS) // commands that read topics wait up to 30 s for each by themselves
class JobsTest {
    private static final int PARTITIONS = 3;
    private static final Topics TOPICS = new Topics();

    private static EmbeddedKafka kafka;

    @TempDir
    private Path directory;

    @BeforeAll
    static void startBroker() throws InterruptedException {
        kafka = EmbeddedKafka.start();
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
            new TopicCreator(admin, Duration.ofSeconds(30))
                    .create(TopicPlan.of(
                            TOPICS, Set.of("hubspot"), Set.of(), new TopicPlan.Sizing(PARTITIONS, PARTITIONS, (short)
                                    1)));
        }
    }

    @AfterAll
    static void stopBroker() {
        kafka.close();
    }

    @Test
    void fetchWritesEveryPartsFramesOnceAndInOrder() throws IOException {
        Path file = directory.resolve("contacts.ndjson");
        try (ScriptedScheduler scheduler = scheduler((it, command) -> {
            String id = command.getJobId();
            it.frame("fetch-other.0", 0, "[\"alien\"]", false);
            it.frame(id + ".0", 0, "[{\"id\":1.50},{\"id\":2}]", false);
            it.frame(id + ".1", 0, "[{\"id\":10}]", true);
            it.frame(id + ".0", 0, "[{\"id\":1.50},{\"id\":2}]", false);
            it.frame(id + ".0", 1, "[{\"id\":3}]", true);
            it.status(id, "finished", 2, 0);
        })) {
            Cli.Outcome outcome =
                    fetch(scheduler, file, "--priority=7", "--expand=archived=true,false", "--output=json");

            assertThat(outcome.exitCode()).as(outcome.err()).isZero();
            assertThat(Files.readString(file).lines().sorted())
                    .containsExactly("{\"id\":1.50}", "{\"id\":10}", "{\"id\":2}", "{\"id\":3}");
            assertThat(Files.readString(file).indexOf("2}"))
                    .isLessThan(Files.readString(file).indexOf("3}"));
            assertThat(outcome.json().path("records").asInt()).isEqualTo(4);
            assertThat(outcome.json().path("parts_done").asInt()).isEqualTo(2);
            assertThat(FetchPlace.beside(file)).doesNotExist();
            Job job = scheduler.arrivals.getFirst().getJob();
            assertThat(job.getConnections()).containsExactly("a", "b");
            assertThat(job.getTenant()).isEqualTo("acme");
            assertThat(job.getSink()).isEqualTo("toolpost.replies");
            assertThat(job.getPriority()).isEqualTo(7);
            assertThat(job.getExpand()).contains("archived");

            Cli.Outcome again = fetch(scheduler, file);
            assertThat(again.exitCode()).isEqualTo(ExitCode.USAGE);
            assertThat(again.err()).contains("is there already");
        }
    }

    @Test
    void aKilledFetchGoesOnFromItsPlaceAndWritesNothingTwice() throws Exception {
        Path file = directory.resolve("contacts.ndjson");
        try (ScriptedScheduler scheduler =
                scheduler((it, command) -> it.status(command.getJobId(), "finished", 1, 0))) {
            interrupted(scheduler, file);

            Cli.Outcome outcome = fetch(scheduler, file);

            assertThat(outcome.exitCode()).as(outcome.err()).isZero();
            assertThat(Files.readString(file)).isEqualTo("1\n2\n3\n4\n");
            assertThat(outcome.err()).contains("going on with job fetch-killed: 2 records are there");
            assertThat(scheduler.arrivals).extracting(JobCommand::getJobId).containsExactly("fetch-killed");
            assertThat(FetchPlace.beside(file)).doesNotExist();
        }
    }

    /** Leaves what a killed fetch leaves: a place after the first frame, and more in the file than it says. */
    private void interrupted(ScriptedScheduler scheduler, Path file) throws Exception {
        ToolpostConfig config =
                ToolpostConfig.load(null, Map.of(), Map.of("kafka.bootstrap.servers", kafka.bootstrapServers()));
        Job job = Job.newBuilder()
                .setTool("hubspot_list_contacts")
                .setTenant("acme")
                .setConnections(List.of("a", "b"))
                .setSink("toolpost.replies")
                .build();
        FetchPlace place = FetchPlace.begin(file, "fetch-killed", job);
        try (SinkReader reader = SinkReader.open(config, "toolpost.replies", place)) {
            scheduler.frame("fetch-killed.0", 0, "[1,2]", false);
            while (place.records() == 0) {
                reader.poll(Duration.ofMillis(200), place, (part, round, frame) -> {
                    place.wrote(4, 2);
                    place.took(part, round, frame.getFrame(), 2);
                });
            }
        }
        place.save();
        Files.writeString(file, "1\n2\n3\n4");
        scheduler.frame("fetch-killed.0", 1, "[3]", false);
        scheduler.frame("fetch-killed.0", 2, "[4]", true);
    }

    @Test
    void partsThatFailedAreToldAndTriedAgainByTheSameCommand() throws IOException {
        Path file = directory.resolve("contacts.ndjson");
        try (ScriptedScheduler scheduler = scheduler((it, command) -> {
            String id = command.getJobId();
            if (command.getAction().equals("retry")) {
                it.frame(id + ".1.1", 1, "[12]", true);
                it.status(id, "finished", 2, 0);
            } else if (it.arrivals.isEmpty()) {
                it.frame(id + ".0", 0, "[1]", true);
                it.frame(id + ".1", 0, "[11]", false);
                it.publish(
                        TOPICS.replies(),
                        id + ".1",
                        "{\"call_id\":\"" + id
                                + ".1\",\"frame\":1,\"last\":true,\"status\":\"error\",\"error\":{\"code\":"
                                + "\"UNAVAILABLE\",\"message\":\"no\"}}");
                it.status(id, "finished_with_errors", 2, 1);
            }
        })) {
            Cli.Outcome first = fetch(scheduler, file);
            assertThat(first.exitCode()).isEqualTo(ExitCode.ANSWERED_WITH_ERROR);
            assertThat(first.err())
                    .contains("finished_with_errors: 2 records, 1 of 2 parts")
                    .contains("part 1, b, after 1 records: UNAVAILABLE: no")
                    .contains("The same command again");
            assertThat(FetchPlace.beside(file)).exists();

            Cli.Outcome other = Cli.run(arguments(scheduler, file, "--max-records=5"));
            assertThat(other.exitCode()).isEqualTo(ExitCode.USAGE);
            assertThat(other.err()).contains("an interrupted fetch of something else goes there");

            Cli.Outcome second = fetch(scheduler, file);
            assertThat(second.exitCode()).as(second.err()).isZero();
            assertThat(Files.readString(file).lines().sorted()).containsExactly("1", "11", "12");
            assertThat(scheduler.arrivals)
                    .extracting(JobCommand::getAction)
                    .containsExactly("submit", "submit", "retry");
        }
    }

    @Test
    void aRejectedFetchLeavesNothingInTheWay() throws IOException {
        Path file = directory.resolve("contacts.ndjson");
        try (ScriptedScheduler scheduler =
                scheduler((it, command) -> it.status(command.getJobId(), "rejected", 0, 0))) {
            Cli.Outcome outcome = fetch(scheduler, file);
            assertThat(outcome.exitCode()).isEqualTo(ExitCode.ANSWERED_WITH_ERROR);
            assertThat(FetchPlace.beside(file)).doesNotExist();
            assertThat(file).doesNotExist();
        }
    }

    @Test
    void jobsAreSubmittedListedShownSteeredAndWatched() throws IOException {
        try (ScriptedScheduler scheduler = scheduler((it, command) -> it.status(
                command.getJobId(),
                switch (command.getAction()) {
                    case "pause" -> "paused";
                    case "resume" -> "running";
                    case "cancel" -> "cancelled";
                    default -> "running";
                },
                4,
                0))) {
            Cli.Outcome submitted = run(
                    scheduler,
                    "jobs",
                    "submit",
                    "hubspot_list_contacts",
                    "--vendor=hubspot",
                    "--tenant=acme",
                    "--id=big");
            assertThat(submitted.exitCode()).as(submitted.err()).isZero();
            assertThat(submitted.out()).isEqualTo("job big: running\n");
            Cli.Outcome other = run(
                    scheduler, "jobs", "submit", "hubspot_list_deals", "--vendor=hubspot", "--tenant=acme", "--id=big");
            assertThat(other.exitCode()).isEqualTo(ExitCode.USAGE);
            assertThat(other.err())
                    .contains("--id big is that of another job")
                    .contains("tool is \"hubspot_list_contacts\" there and \"hubspot_list_deals\" here");

            Cli.Outcome shown = run(scheduler, "jobs", "show", "big");
            assertThat(shown.out()).contains("State").contains("running").contains("0 of 4 parts");

            Cli.Outcome early = run(scheduler, "jobs", "resume", "big");
            assertThat(early.exitCode()).isEqualTo(ExitCode.USAGE);
            assertThat(early.err()).contains("job big is running, so there is nothing to resume");
            assertThat(run(scheduler, "jobs", "pause", "big").out()).isEqualTo("job big: paused\n");
            assertThat(run(scheduler, "jobs", "resume", "big").out()).isEqualTo("job big: running\n");
            assertThat(run(scheduler, "jobs", "cancel", "big").out()).isEqualTo("job big: cancelled\n");

            Cli.Outcome watched = run(scheduler, "jobs", "watch", "big");
            assertThat(watched.exitCode()).isEqualTo(ExitCode.ANSWERED_WITH_ERROR);
            assertThat(watched.out()).contains("job big: cancelled");

            scheduler.answer(
                    "/jobs?state=running&limit=50",
                    "{\"count\":3,\"next\":\"one\",\"jobs\":[{\"job_id\":\"one\",\"state\":\"running\",\"job\":{\"tool\":\"t\"}}]}");
            scheduler.answer(
                    "/jobs?state=running&limit=50&after=one",
                    "{\"count\":3,\"next\":null,\"jobs\":[{\"job_id\":\"two\",\"state\":\"running\",\"job\":{\"tool\":\"t\"}}]}");
            Cli.Outcome listed = run(scheduler, "jobs", "list", "--state=running");
            assertThat(listed.out()).contains("one").contains("running");
            assertThat(listed.err()).contains("3 in all; --after one");
            Cli.Outcome rest = run(scheduler, "jobs", "list", "--state=running", "--after=one");
            assertThat(rest.out()).contains("two").doesNotContain("one");
            assertThat(rest.err()).isEmpty();

            Cli.Outcome none = run(scheduler, "jobs", "show", "none");
            assertThat(none.exitCode()).isEqualTo(ExitCode.USAGE);
            assertThat(none.err()).contains("there is no job none");

            Cli.Outcome writes =
                    run(scheduler, "jobs", "submit", "hubspot_create_contact", "--connection=a", "--tenant=acme");
            assertThat(writes.exitCode()).isEqualTo(ExitCode.USAGE);
            assertThat(writes.err()).contains("changes data").contains("toolpost call hubspot_create_contact");

            Cli.Outcome named = run(
                    scheduler,
                    "jobs",
                    "submit",
                    "hubspot_list_contacts",
                    "--connection=a",
                    "--tenant=acme",
                    "--id=two words");
            assertThat(named.exitCode()).isEqualTo(ExitCode.USAGE);
            assertThat(named.err()).contains("--id \"two words\" (expected: 1 to 150 printable");

            Cli.Outcome schedule = run(scheduler, "schedules", "show", "none");
            assertThat(schedule.exitCode()).isEqualTo(ExitCode.USAGE);
            assertThat(schedule.err()).contains("there is no schedule none").contains("schedules list");
        }
    }

    @Test
    void withoutASchedulerJobsAreReadFromItsTopic() throws IOException {
        try (ScriptedScheduler scheduler = scheduler((_, _) -> {})) {
            scheduler.publish(
                    TOPICS.jobStatus(),
                    "kept",
                    "{\"job_id\":\"kept\",\"state\":\"paused\",\"parts\":7,\"submitted_at\":5,\"job\":{\"tool\":\"t\"}}");
        }
        Cli.Outcome shown = Cli.run("jobs", "show", "kept", "--scheduler=127.0.0.1:1", bootstrap());
        assertThat(shown.exitCode()).as(shown.err()).isZero();
        assertThat(shown.out()).contains("paused");
        assertThat(shown.err()).contains("No answer from the scheduler at http://127.0.0.1:1");
        Cli.Outcome listed = Cli.run("jobs", "list", "--output=json", "--scheduler=127.0.0.1:1", bootstrap());
        assertThat(listed.json().path("jobs").path(0).path("job_id").asString()).isEqualTo("kept");

        Cli.Outcome schedules = Cli.run("schedules", "list", "--scheduler=127.0.0.1:1", bootstrap());
        assertThat(schedules.exitCode()).isEqualTo(ExitCode.UNREACHABLE);
        assertThat(schedules.err()).contains("nobody listens there").contains("toolpost scheduler --config FILE");
    }

    @Test
    void schedulesAreAddedPausedAndRemovedWithoutAScheduler() {
        Cli.Outcome added = Cli.run(
                "schedules",
                "add",
                "nightly",
                "hubspot_list_contacts",
                "--connection=a,b",
                "--tenant=acme",
                "--cron=30 2 * * *",
                "--time-zone=Europe/Berlin",
                "--missed=skip",
                bootstrap());
        assertThat(added.exitCode()).as(added.err()).isZero();
        assertThat(added.out()).contains("schedule nightly: kept").contains("02:30 Europe/Berlin");
        Schedule kept = schedule("nightly");
        assertThat(kept.getCron()).isEqualTo("30 2 * * *");
        assertThat(kept.getMissed()).isEqualTo("skip");
        assertThat(kept.getJob().getConnections()).containsExactly("a", "b");

        assertThat(Cli.run("schedules", "pause", "nightly", bootstrap()).out()).isEqualTo("schedule nightly: paused\n");
        assertThat(schedule("nightly").getEnabled()).isFalse();
        assertThat(Cli.run("schedules", "resume", "nightly", bootstrap()).exitCode())
                .isZero();
        assertThat(schedule("nightly").getEnabled()).isTrue();
        assertThat(Cli.run("schedules", "remove", "nightly", bootstrap()).exitCode())
                .isZero();
        assertThat(CompactedTopic.one(config(), TOPICS.schedules(), "nightly")).isNull();
        assertThat(Cli.run("schedules", "remove", "nightly", bootstrap()).exitCode())
                .isEqualTo(ExitCode.USAGE);

        Cli.Outcome wrong = Cli.run(
                "schedules",
                "add",
                "nightly",
                "hubspot_list_contacts",
                "--connection=a",
                "--tenant=acme",
                "--cron=61 2 * * *",
                bootstrap());
        assertThat(wrong.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(wrong.err()).contains("61 not in range");

        Cli.Outcome never = Cli.run(
                "schedules", "add", "never", "hubspot_list_contacts", "--connection=a", "--tenant=acme", bootstrap());
        assertThat(never.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(never.err())
                .contains("neither cron nor at")
                .contains("--cron")
                .contains("--at");

        Cli.Outcome call = Cli.run(
                "schedules",
                "add",
                "once",
                "hubspot_create_contact",
                "--call",
                "--connection=a",
                "--tenant=acme",
                "--arg=properties.email=ada@example.com",
                "--at=2099-12-24T09:00:00",
                "--time-zone=Europe/Berlin",
                bootstrap());
        assertThat(call.exitCode()).as(call.err()).isZero();
        assertThat(schedule("once").getAt()).isEqualTo(4_101_782_400_000L);
        assertThat(schedule("once").getCall().getConnection()).isEqualTo("a");
    }

    @Test
    void aCallIsFoundByItsIdAndCancelled() throws IOException {
        try (ScriptedScheduler scheduler = scheduler((_, _) -> {})) {
            scheduler.publish(
                    TOPICS.calls("hubspot"),
                    "acme/sales",
                    "{\"call_id\":\"long-1\",\"tool\":\"hubspot_list_contacts\",\"tenant\":\"acme\",\"connection\":\"sales\"}");
        }
        Cli.Outcome outcome = Cli.run("cancel", "long-1", "--output=json", bootstrap());
        assertThat(outcome.exitCode()).as(outcome.err()).isZero();
        assertThat(outcome.json().path("connection").asString()).isEqualTo("sales");
        byte[] last = CompactedTopic.one(config(), TOPICS.calls("hubspot"), "acme/sales");
        ToolCall cancel = MessageCodec.of(ToolCall.class, null).decode("", last).value();
        assertThat(cancel.getAction()).isEqualTo("cancel");
        assertThat(cancel.getCallId()).isEqualTo("long-1");
        assertThat(cancel.getTenant()).isEqualTo("acme");

        Cli.Outcome unknown = Cli.run("cancel", "none", bootstrap());
        assertThat(unknown.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(unknown.err())
                .contains("no call none came within the last 1:00:00")
                .contains("--since");
    }

    private Schedule schedule(String id) {
        return MessageCodec.of(Schedule.class, null)
                .decode("", CompactedTopic.one(config(), TOPICS.schedules(), id))
                .value();
    }

    private static ToolpostConfig config() {
        return ToolpostConfig.load(null, Map.of(), Map.of("kafka.bootstrap.servers", kafka.bootstrapServers()));
    }

    private static ScriptedScheduler scheduler(BiConsumer<ScriptedScheduler, JobCommand> script) throws IOException {
        return new ScriptedScheduler(kafka.bootstrapServers(), PARTITIONS, script);
    }

    private static String bootstrap() {
        return "--bootstrap=" + kafka.bootstrapServers();
    }

    private static Cli.Outcome run(ScriptedScheduler scheduler, String... arguments) {
        return Cli.run(Stream.concat(Stream.of(arguments), Stream.of("--scheduler=" + scheduler.url(), bootstrap()))
                .toArray(String[]::new));
    }

    private static String[] arguments(ScriptedScheduler scheduler, Path file, String... more) {
        return Stream.concat(
                        Stream.of(
                                "jobs",
                                "fetch",
                                "hubspot_list_contacts",
                                "--connection=a,b",
                                "--tenant=acme",
                                "--out=" + file,
                                "--scheduler=" + scheduler.url(),
                                bootstrap()),
                        Stream.of(more))
                .toArray(String[]::new);
    }

    private static Cli.Outcome fetch(ScriptedScheduler scheduler, Path file, String... more) {
        return Cli.run(arguments(scheduler, file, more));
    }
}
