package dev.toolpost.scheduler.job.accept;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.toolpost.connectors.ConnectorCatalogue;
import dev.toolpost.message.Job;
import dev.toolpost.message.JobCommand;
import dev.toolpost.message.ToolCall;
import dev.toolpost.scheduler.job.state.JobSettings;
import dev.toolpost.schemas.ErrorCode;
import dev.toolpost.schemas.FieldProblem;
import dev.toolpost.schemas.Topics;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class JobAcceptanceTest {
    private static final long NOW = 1_800_000_000_000L;
    private static final Topics TOPICS = new Topics();
    private static final ConnectorCatalogue CATALOGUE = ConnectorCatalogue.bundled();

    private final JobAcceptance acceptance = new JobAcceptance(
            () -> CATALOGUE,
            new JobTopics(TOPICS, TOPICS::isReplies, topic -> !topic.endsWith("gone"), null),
            JobSettings.defaults(),
            false);

    @Test
    void whatAJobLeavesOutIsFilledIn() {
        JobPlan plan = accepted(job -> job);

        assertThat(plan.vendor()).isEqualTo("hubspot");
        assertThat(plan.resumeTopic())
                .isEqualTo(TOPICS.resume(
                        CATALOGUE.byTool("hubspot_list_contacts").connector().pool()));
        assertThat(plan.job().getSink()).isEqualTo("toolpost.replies");
        assertThat(plan.job().getConcurrency()).isEqualTo(8);
        assertThat(plan.deadlineMillis())
                .isEqualTo(NOW + JobSettings.defaults().defaultDeadline().toMillis());
    }

    @Test
    void aToolThatNobodyKnowsHereIsLeftToTheWorker() {
        JobPlan plan = accepted(job -> job.setTool("acme_list_things").setArguments("{\"any\":1}"));

        assertThat(plan.vendor()).isEqualTo("acme");
        assertThat(plan.resumeTopic()).isEqualTo(TOPICS.resume("common"));
    }

    @Test
    void everyFieldThatIsWrongIsNamedWithWhatIsExpected() {
        Map<String, UnaryOperator<Job.Builder>> wrong = Map.ofEntries(
                Map.entry("/job/tenant: missing", job -> job.setTenant(null)),
                Map.entry("/job/tenant: \"Acme\"", job -> job.setTenant("Acme")),
                Map.entry("/job/tool: \"list contacts\"", job -> job.setTool("list contacts")),
                Map.entry("/job/connections: none", job -> job.setConnections(List.of())),
                Map.entry("/job/connections: given with a vendor", job -> job.setVendor("hubspot")),
                Map.entry("/job/connections/1: \"eu\" twice", job -> job.setConnections(List.of("eu", "eu"))),
                Map.entry("/job/connections/0: \"E U\"", job -> job.setConnections(List.of("E U"))),
                Map.entry("/job/arguments: no JSON object", job -> job.setArguments("[1]")),
                Map.entry("/job/arguments/next_cursor", job -> job.setArguments("{\"next_cursor\":\"x\"}")),
                Map.entry("/job/expand/limit/to: missing", job -> job.setExpand("{\"limit\":{\"from\":1}}")),
                Map.entry("/job/sink: \"toolpost.calls.common\"", job -> job.setSink("toolpost.calls.common")),
                Map.entry(
                        "/job/sink: \"toolpost.replies.gone\" does not exist",
                        job -> job.setSink("toolpost.replies.gone")),
                Map.entry("/job/format: \"csv\"", job -> job.setFormat("csv")),
                Map.entry("/job/format: avro without a schema registry", job -> job.setFormat("avro")),
                Map.entry("/job/view: \"pretty\"", job -> job.setView("pretty")),
                Map.entry("/job/max_records: 0", job -> job.setMaxRecords(0L)),
                Map.entry("/job/max_pages: 0", job -> job.setMaxPages(0)),
                Map.entry("/job/concurrency: 257", job -> job.setConcurrency(257)),
                Map.entry("/job/priority: 10", job -> job.setPriority(10)),
                Map.entry("/job/deadline: 5", job -> job.setDeadline(5L)),
                Map.entry("at most 30 days from now", job -> job.setDeadline(NOW + 40L * 86_400_000)));

        wrong.forEach((message, change) -> {
            Acceptance.Rejected rejected = rejected(change);
            assertThat(rejected.message()).contains(message);
            assertThat(rejected.code()).isEqualTo(ErrorCode.INVALID_CALL);
            assertThat(rejected.remedy()).isNotEmpty();
            assertThat(rejected.fields()).isNotEmpty();
        });
    }

    @Test
    void aToolThatWritesIsNoJob() {
        Acceptance.Rejected rejected = rejected(job -> job.setTool("hubspot_create_contact"));

        assertThat(rejected.code()).isEqualTo(ErrorCode.NOT_ALLOWED);
        assertThat(rejected.remedy()).contains("Submit it as a call");
    }

    @Test
    void argumentsThatTheToolDoesNotTakeAreToldAtOnceAlsoWhereTheyAreExpanded() {
        assertThat(rejected(job -> job.setArguments("{\"limit\":\"many\"}")).code())
                .isEqualTo(ErrorCode.INVALID_ARGUMENTS);
        assertThat(rejected(job -> job.setExpand("{\"limit\":[10,\"many\"]}")).code())
                .isEqualTo(ErrorCode.INVALID_ARGUMENTS);
        assertThat(rejected(job -> job.setExpand("{\"limit\":{\"from\":1,\"to\":100000}}"))
                        .message())
                .isNotEmpty();
    }

    @Test
    void whatIsWrongIsNamedAtTheValueThatIsWrong() {
        assertThat(places(job -> job.setArguments("{\"limit\":\"many\"}"))).containsExactly("/job/arguments/limit");
        assertThat(places(job -> job.setExpand("{\"limit\":[10,20,\"many\",\"more\"]}")))
                .containsExactly("/job/expand/limit/2");
        assertThat(places(job -> job.setExpand("{\"limit\":{\"from\":0,\"to\":50}}")))
                .containsExactly("/job/expand/limit/from");
        assertThat(places(job -> job.setExpand("{\"limit\":{\"from\":1,\"to\":5000}}")))
                .containsExactly("/job/expand/limit/to");
        assertThat(places(job -> job.setExpand("{\"limit,archived\":{\"from\":1,\"to\":20,\"step\":5}}")))
                .contains("/job/expand/limit,archived");
        assertThat(rejected(job -> job.setExpand("{\"limit\":[\"many\"]}")).message())
                .startsWith("/job/expand/limit/0: ");
    }

    private List<String> places(UnaryOperator<Job.Builder> how) {
        return rejected(how).fields().stream().map(FieldProblem::path).toList();
    }

    @Test
    void manyValuesBesideLargeArgumentsAreNotCheckedAllAtOnce() {
        String long60k = String.join(",", Collections.nCopies(60_000, "1"));
        String values = String.join(",", Collections.nCopies(50_000, "7"));

        Acceptance answer = assertTimeoutPreemptively(
                Duration.ofSeconds(20),
                () -> of(job -> job.setArguments("{\"properties\":[" + long60k + "]}")
                        .setExpand("{\"limit\":[" + values + "]}")));
        assertThat(answer).isInstanceOf(Acceptance.Rejected.class);
        String texts = String.join(",", Collections.nCopies(60_000, "\"\""));
        assertTimeoutPreemptively(
                Duration.ofSeconds(20),
                () -> of(job -> job.setArguments("{\"properties\":[" + texts + "]}")
                        .setExpand("{\"limit\":[" + values + "]}")));
    }

    @Test
    void aVendorOfMoreConnectionsThanAStatusHoldsIsRefused() {
        List<String> many = IntStream.range(0, 10_000)
                .mapToObj(i -> "connection-of-a-customer-with-a-name-" + i)
                .toList();
        Job job = job().setConnections(List.of()).setVendor("hubspot").build();

        assertThat(acceptance.of(command(Job.newBuilder(job)).build(), 100, (_, _) -> many, NOW))
                .isInstanceOfSatisfying(
                        Acceptance.Rejected.class,
                        rejected -> assertThat(rejected.message()).contains("has 10000 connections"));
    }

    @Test
    void aVendorThatTheToolIsNotOfIsRefused() {
        assertThat(rejected(job -> job.setConnections(List.of()).setVendor("jira"))
                        .message())
                .contains("belongs to hubspot");
    }

    @Test
    void anIdMustLeaveRoomForThatOfItsParts() {
        JobCommand command = command(job()).setJobId("x".repeat(151)).build();

        assertThat(acceptance.of(command, 100, (_, _) -> List.of(), NOW))
                .isInstanceOfSatisfying(
                        Acceptance.Rejected.class,
                        rejected -> assertThat(rejected.message()).contains("at most 150"));
    }

    @Test
    void aJobOfTooManyBytesIsRefused() {
        assertThat(acceptance.of(command(job()).build(), 300_000, (_, _) -> List.of(), NOW))
                .isInstanceOfSatisfying(
                        Acceptance.Rejected.class,
                        rejected -> assertThat(rejected.message()).contains("300000 bytes"));
    }

    @Test
    void aCallMayWriteAndHasItsOwnDeadline() {
        ToolCall call = ToolCall.newBuilder()
                .setTool("hubspot_create_contact")
                .setTenant("acme")
                .setConnection("eu")
                .setArguments("{\"properties\":{\"email\":\"a@example.com\"}}")
                .setTimeoutMs(5_000L)
                .build();
        JobCommand command =
                JobCommand.newBuilder().setJobId("run").setCall(call).build();

        assertThat(acceptance.of(command, 100, (_, _) -> List.of(), NOW))
                .isInstanceOfSatisfying(Acceptance.Accepted.class, accepted -> {
                    assertThat(accepted.plan().deadlineMillis()).isEqualTo(NOW + 5_000);
                    assertThat(accepted.plan().call().getCallId()).isEqualTo("run");
                    assertThat(accepted.plan().parts()).isEqualTo(1);
                });
    }

    @Test
    void whatWasAcceptedIsTheSameWhenItIsReadAgain() {
        JobPlan plan = accepted(job -> job.setConnections(List.of("eu", "us")).setExpand("{\"limit\":[10,20]}"));
        JobPlan again = acceptance.again(
                JobCommand.newBuilder().setJobId("j").setJob(plan.job()).build(), plan.vendor(), plan.resumeTopic());

        assertThat(again.parts()).isEqualTo(4);
        for (int part = 0; part < 4; part++) {
            assertThat(again.connection(part)).isEqualTo(plan.connection(part));
            assertThat(again.arguments(part)).isEqualTo(plan.arguments(part));
        }
    }

    private JobPlan accepted(UnaryOperator<Job.Builder> change) {
        return switch (of(change)) {
            case Acceptance.Accepted(JobPlan plan) -> plan;
            case Acceptance.Rejected rejected -> throw new AssertionError(rejected);
        };
    }

    private Acceptance.Rejected rejected(UnaryOperator<Job.Builder> change) {
        return switch (of(change)) {
            case Acceptance.Accepted accepted -> throw new AssertionError(accepted);
            case Acceptance.Rejected rejected -> rejected;
        };
    }

    private Acceptance of(UnaryOperator<Job.Builder> change) {
        return acceptance.of(command(change.apply(job())).build(), 100, (_, _) -> List.of("eu"), NOW);
    }

    private static JobCommand.Builder command(Job.Builder job) {
        return JobCommand.newBuilder().setJobId("j").setJob(job.build());
    }

    private static Job.Builder job() {
        return Job.newBuilder()
                .setTool("hubspot_list_contacts")
                .setTenant("acme")
                .setConnections(List.of("eu"));
    }
}
