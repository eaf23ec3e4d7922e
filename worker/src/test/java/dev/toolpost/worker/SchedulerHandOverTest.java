package dev.toolpost.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.message.Deferral;
import dev.toolpost.message.Paging;
import dev.toolpost.message.PartEvent;
import dev.toolpost.message.Resumption;
import dev.toolpost.message.ToolCall;
import dev.toolpost.message.ToolReply;
import dev.toolpost.sandbox.Fault;
import dev.toolpost.sandbox.SimulatedVendor;
import dev.toolpost.schemas.MessageCodec;
import dev.toolpost.schemas.registry.HttpSchemaRegistry;
import dev.toolpost.schemas.registry.RegistrySettings;
import dev.toolpost.worker.rig.Agent;
import dev.toolpost.worker.rig.Await;
import dev.toolpost.worker.rig.Rig;
import dev.toolpost.worker.rig.StandInScheduler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What a worker leaves to the scheduler, and what it does with what the scheduler sends. */
@Timeout(90)
class SchedulerHandOverTest {

    private static final String LIST = "hubspot_list_contacts";
    private static final String GET = "hubspot_get_contact";
    private static final Duration BOUND = Duration.ofSeconds(30);
    private static final JsonMapper JSON = JsonMapper.shared();

    private static Rig rig;
    private static Agent agent;
    private static StandInScheduler scheduler;

    @BeforeAll
    static void start() throws Exception {
        rig = Rig.start(
                        3,
                        SimulatedVendor.builder()
                                .unlimited()
                                .records("contacts", 1_250)
                                .start())
                .with("limits.defer_after", "1s")
                .fastConnection("patient")
                .fastConnection("hasty")
                .fastConnection("walked")
                .fastConnection("late")
                .fastConnection("whole")
                .fastConnection("torn")
                .fastConnection("odd")
                .fastConnection("stopped");
        scheduler = rig.owns(new StandInScheduler(rig.topics(), 3));
        rig.worker();
        agent = rig.agent();
    }

    @AfterAll
    static void stop() {
        rig.close();
    }

    @Test
    void aCallThatIsToWaitLongIsKeptByTheSchedulerAndACancelGetsItBackUnexecuted() throws Exception {
        long fault = rig.vendor().inject(Fault.throttled(429, "60").on("GET", "/crm/v3/objects/contacts/41"));
        agent.call("patient-1", GET, "patient", "{\"contact_id\":\"41\"}");

        Deferral deferral = scheduler.await("defer", "patient-1");
        String key = "acme/patient/" + GET + "/patient-1";
        assertThat(deferral.getDeferralId())
                .as("two agents may give their calls one id")
                .matches(Pattern.quote(key + " " + rig.topics().calls("hubspot")) + "-[0-2]-[0-9]+");
        assertThat(deferral.getTopic()).isEqualTo(rig.topics().resume("hubspot"));
        assertThat(deferral.getDelayMs()).isBetween(59_000L, 75_000L);
        assertThat(deferral.getDueAt()).isZero();
        Resumption kept = scheduler.kept(deferral);
        assertThat(kept.getAttempts()).isEqualTo(1);
        assertThat(kept.getNotBefore()).as("no worker's clock counts").isNull();

        agent.call("patient-1", GET, "patient", "{}", ",\"action\":\"cancel\"");
        Deferral recall = scheduler.await("recall", "patient-1");
        assertThat(recall.getDeferralId()).isEqualTo(key);
        scheduler.deliver(deferral, true);
        ToolReply reply = agent.reply("patient-1", BOUND);
        assertThat(reply.getError().getCode()).isEqualTo("CANCELLED");
        assertThat(reply.getStats().getAttempts()).isEqualTo(1);
        assertThat(reply.getStats().getWaitedMs())
                .as("what it waited, not what it would have")
                .isLessThanOrEqualTo(reply.getStats().getTotalMs());
        assertThat(rig.vendor().happened(fault)).isEqualTo(1);
    }

    @Test
    void aCancelThatComesWhileTheVendorAnswersThatTheCallIsToWaitGetsItBackToo() throws Exception {
        rig.vendor().inject(Fault.latency(Duration.ofMillis(700)).on("GET", "/crm/v3/objects/contacts/48"));
        long fault = rig.vendor().inject(Fault.throttled(429, "60").on("GET", "/crm/v3/objects/contacts/48"));
        agent.call("patient-2", GET, "hasty", "{\"contact_id\":\"48\"}");
        Await.until("the request", BOUND, () -> rig.vendor().happened(fault) == 1);
        agent.call("patient-2", GET, "hasty", "{}", ",\"action\":\"cancel\"");

        Deferral deferral = scheduler.await("defer", "patient-2");
        assertThat(deferral.getDeferralId())
                .startsWith(scheduler.await("recall", "patient-2").getDeferralId() + " ");
        scheduler.deliver(deferral, true);
        assertThat(agent.reply("patient-2", BOUND).getError().getCode()).isEqualTo("CANCELLED");
        assertThat(rig.vendor().happened(fault)).isEqualTo(1);
    }

    @Test
    void aTraversalThatIsToWaitGoesOnWhereItWas() throws Exception {
        rig.vendor()
                .inject(Fault.throttled(429, "2")
                        .on("GET", "/crm/v3/objects/contacts")
                        .skip(4)
                        .times(1));
        agent.traverse("walked-1", LIST, "walked", "{}", "");

        Deferral deferral = scheduler.await("defer", "walked-1");
        assertThat(scheduler.kept(deferral).getPages()).isEqualTo(4);
        assertThat(deferral.getDelayMs()).as("what is left of two seconds").isBetween(1_000L, 2_600L);
        TimeUnit.MILLISECONDS.sleep(deferral.getDelayMs());
        scheduler.deliver(deferral, false);

        List<ToolReply> frames = agent.answer("walked-1", BOUND);
        assertThat(frames).hasSize(13);
        assertThat(ids(frames)).hasSize(1_250).doesNotHaveDuplicates();
        assertThat(frames.getLast().getStats().getAttempts()).isEqualTo(14);
        assertThat(frames.getLast().getStats().getWaitedMs()).isGreaterThan(900);
    }

    @Test
    void aCallThatComesBackBehindItsDeadlineIsAnsweredAndNotExecuted() throws Exception {
        long fault = rig.vendor().inject(Fault.throttled(429, "2").on("GET", "/crm/v3/objects/contacts/43"));
        agent.call("late-1", GET, "late", "{\"contact_id\":\"43\"}", ",\"timeout_ms\":4000");
        Deferral deferral = scheduler.await("defer", "late-1");
        Resumption kept = scheduler.kept(deferral);
        Await.until("the deadline", BOUND, () -> System.currentTimeMillis() > kept.getDeadline());
        scheduler.deliver(deferral, false);

        assertThat(agent.reply("late-1", BOUND).getError().getCode()).isEqualTo("DEADLINE_EXCEEDED");
        assertThat(rig.vendor().happened(fault)).isEqualTo(1);
    }

    @Test
    void aPartOfAJobTellsWhatItHasReadWithItsFrames() throws Exception {
        scheduler.resume("hubspot", part("job-whole", 7, "whole", LIST, "{}").build());

        List<ToolReply> frames = agent.answer("job-whole.7", BOUND);
        assertThat(ids(frames)).hasSize(1_250).doesNotHaveDuplicates();
        assertThat(frames)
                .allSatisfy(frame -> assertThat(frame.getStats().getPart()).isEqualTo(7));
        List<PartEvent> events = awaitEnd("job-whole");
        assertThat(events.getLast().getKind()).isEqualTo("done");
        assertThat(events.getLast().getFrame()).isEqualTo(frames.size());
        assertThat(events.stream().mapToLong(PartEvent::getRecords).sum()).isEqualTo(1_250);
        assertThat(events.stream().mapToInt(PartEvent::getPages).sum()).isEqualTo(13);
        assertThat(events.stream().mapToLong(PartEvent::getBytes).sum())
                .isGreaterThan(frames.stream()
                        .mapToLong(frame -> frame.getContent().length())
                        .sum());
        assertThat(events).allSatisfy(event -> {
            assertThat(event.getPart()).isEqualTo(7);
            assertThat(event.getConnection()).isEqualTo("whole");
            assertThat(event.getCallId()).isEqualTo("job-whole.7");
        });
    }

    @Test
    void aPartThatFailsHasNoLastFrameAndRunsAgainFromItsCursorWithTheNumbersGoingOn() throws Exception {
        rig.vendor()
                .inject(Fault.status(400)
                        .on("GET", "/crm/v3/objects/contacts")
                        .skip(3)
                        .times(1));
        scheduler.resume("hubspot", part("job-torn", 0, "torn", LIST, "{}").build());

        PartEvent failed = awaitEnd("job-torn").getLast();
        assertThat(failed.getKind()).isEqualTo("failed");
        assertThat(failed.getError()).isNotNull();
        assertThat(failed.getCursor()).isNotNull();
        agent.read(Duration.ofMillis(200));
        assertThat(agent.frames("job-torn.0"))
                .hasSize(failed.getFrame())
                .noneMatch(frame -> frame.reply().getLast() || frame.reply().getError() != null);

        scheduler.resume(
                "hubspot",
                part("job-torn", 0, "torn", LIST, "{}")
                        .setRun(1)
                        .setFrame(failed.getFrame())
                        .setCursor(failed.getCursor())
                        .build());
        List<ToolReply> frames = agent.answer("job-torn.0", BOUND);
        assertThat(ids(frames)).hasSize(1_250).doesNotHaveDuplicates();
        Await.until("the end of run 1", BOUND, () -> {
            PartEvent last = events("job-torn").getLast();
            return last.getRun() == 1 && last.getKind().equals("done");
        });
    }

    @Test
    void aCancelOfOneRunOfAPartLeavesTheNextAlone() throws Exception {
        long slow = rig.vendor().inject(Fault.latency(Duration.ofMillis(300)).on("GET", "/crm/v3/objects/contacts"));
        Resumption.Builder part = part("job-stopped", 0, "stopped", LIST, "{}");
        scheduler.resume("hubspot", part.build());
        Resumption cancel = Resumption.newBuilder(part.build())
                .setCall(ToolCall.newBuilder(part.getCall()).setAction("cancel").build())
                .build();
        scheduler.resume("hubspot", cancel);
        PartEvent failed = awaitEnd("job-stopped").getLast();
        assertThat(failed.getError().getCode()).isEqualTo("CANCELLED");
        // Once more, when nothing is there to be cancelled.
        scheduler.resume("hubspot", cancel);
        rig.vendor().removeFault(slow);
        scheduler.resume(
                "hubspot",
                part.setRun(1)
                        .setFrame(failed.getFrame())
                        .setCursor(failed.getCursor())
                        .build());

        assertThat(agent.answer("job-stopped.0", BOUND).getLast().getError()).isNull();
    }

    @Test
    void whatCannotBeAPartFailsAndSaysSo() throws Exception {
        scheduler.resume(
                "hubspot",
                part("job-writes", 0, "odd", "hubspot_create_contact", "{}").build());
        assertThat(awaitEnd("job-writes").getLast().getError().getCode()).isEqualTo("NOT_ALLOWED");

        scheduler.resume(
                "hubspot",
                part("job-single", 0, "odd", GET, "{\"contact_id\":\"60\"}").build());
        PartEvent single = awaitEnd("job-single").getLast();
        assertThat(single.getKind()).isEqualTo("done");
        assertThat(single.getRecords()).isEqualTo(1);
        assertThat(agent.answer("job-single.0", BOUND)).hasSize(1);

        Resumption.Builder nowhere = part("job-nowhere", 0, "odd", LIST, "{}");
        nowhere.getCall().setReplyTo("elsewhere");
        scheduler.resume("hubspot", nowhere.build());
        assertThat(awaitEnd("job-nowhere").getLast().getError().getMessage()).contains("elsewhere");

        Resumption.Builder wrong = part("job-call", 0, "odd", GET, "{}").setAnswersErrors(true);
        scheduler.resume("hubspot", wrong.build());
        assertThat(awaitEnd("job-call").getLast().getError().getCode()).isEqualTo("INVALID_ARGUMENTS");
        assertThat(agent.answer("job-call.0", BOUND).getLast().getError().getCode())
                .isEqualTo("INVALID_ARGUMENTS");
    }

    private static Resumption.Builder part(String job, int part, String connection, String tool, String arguments) {
        long now = System.currentTimeMillis();
        String id = job + "." + part;
        return Resumption.newBuilder()
                .setKind("continuation")
                .setCall(ToolCall.newBuilder()
                        .setCallId(id)
                        .setTool(tool)
                        .setTenant(Rig.TENANT)
                        .setConnection(connection)
                        .setArguments(arguments)
                        .setReplyTo(agent.replyTopic())
                        .setPaging(Paging.newBuilder().setMode("all").build())
                        .build())
                .setCallId(id)
                .setLane("batch")
                .setAppendedAt(now)
                .setDeadline(now + 60_000)
                .setJobId(job)
                .setPart(part)
                .setAnswersErrors(false);
    }

    private static List<PartEvent> awaitEnd(String job) throws Exception {
        Await.until("the end of a part of " + job, BOUND, () -> {
            List<PartEvent> events = events(job);
            return !events.isEmpty() && !events.getLast().getKind().equals("progress");
        });
        return events(job);
    }

    private static List<PartEvent> events(String job) {
        MessageCodec<PartEvent> codec =
                MessageCodec.of(PartEvent.class, new HttpSchemaRegistry(RegistrySettings.at(Rig.registryUrl())));
        return Agent.all(rig.topics().jobParts()).stream()
                .map(message -> codec.decode(message.topic(), message.value()).value())
                .filter(event -> event.getJobId().equals(job))
                .toList();
    }

    private static List<String> ids(List<ToolReply> frames) {
        List<String> ids = new ArrayList<>();
        for (ToolReply frame : frames) {
            for (JsonNode record : JSON.readTree(frame.getContent())) {
                ids.add(record.path("id").asString());
            }
        }
        return ids;
    }
}
