package dev.toolpost.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.message.ToolReply;
import dev.toolpost.sandbox.Fault;
import dev.toolpost.sandbox.SimulatedVendor;
import dev.toolpost.worker.credentials.LimitOverride;
import dev.toolpost.worker.ledger.LedgerMetadata;
import dev.toolpost.worker.rig.Agent;
import dev.toolpost.worker.rig.Await;
import dev.toolpost.worker.rig.GroupProgress;
import dev.toolpost.worker.rig.Rig;
import dev.toolpost.worker.rig.WorkerHealth;
import dev.toolpost.worker.rig.WorkerProcess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A worker process is killed by SIGKILL at each stage of a call, and another takes its shard over. */
@Timeout(120)
class KilledWorkerTest {

    private static final Duration BOUND = Duration.ofSeconds(60);

    @Test
    void killedBeforeTheVendorCallItsSuccessorMakesItOnce() throws Exception {
        try (Rig rig =
                rig(SimulatedVendor.builder()).connection(Rig.TENANT, "crm", permits(3, Duration.ofSeconds(60)))) {
            Owner owner = owner(rig);
            rig.worker();
            Agent agent = rig.agent();
            List<String> writes = ids("w", 6);
            writes.forEach(id -> agent.call(id, "hubspot_create_contact", "crm", contact(id)));
            Await.until("three are answered", BOUND, () -> answered(agent, writes) == 3);
            Await.until(
                    "three wait for permits",
                    BOUND,
                    () -> owner.health
                                    .pool("hubspot")
                                    .path("waitingInteractive")
                                    .asInt()
                            == 3);

            owner.process.kill();
            rig.connection(Rig.TENANT, "crm", permits(1_000, Duration.ofMillis(200)));

            agent.awaitReplies(writes, BOUND);
            for (String id : writes) {
                assertThat(agent.reply(id).getStatus()).as(id).isEqualTo("ok");
                assertThat(agent.frames(id)).as(id).hasSize(1);
                assertThat(created(rig, id)).as(id).isEqualTo(1);
            }
        }
    }

    @Test
    void killedAfterTheVendorsSuccessTheOutcomeIsUnknownOrTheSameAnswerComesAgain() throws Exception {
        try (Rig rig =
                rig(SimulatedVendor.builder()).connection(Rig.TENANT, "crm", permits(1_000, Duration.ofMillis(200)))) {
            rig.vendor()
                    .inject(Fault.latency(Duration.ofSeconds(60)).on(null, "*").times(3));
            Owner owner = owner(rig);
            rig.worker();
            Agent agent = rig.agent();
            agent.call("create", "hubspot_create_contact", "crm", contact("create"));
            agent.call("update", "hubspot_update_contact", "crm", UPDATE);
            agent.call("read", "hubspot_get_contact", "crm", "{\"contact_id\":\"51\"}");
            Await.until(
                    "the vendor has done all three",
                    BOUND,
                    () -> rig.vendor().stats().requests() == 3);

            owner.process.kill();

            ToolReply create = agent.reply("create", BOUND);
            assertThat(create.getError().getCode()).isEqualTo("OUTCOME_UNKNOWN");
            assertThat(created(rig, "create")).isEqualTo(1);
            assertThat(agent.reply("read", BOUND).getStatus()).isEqualTo("ok");
            ToolReply update = agent.reply("update", BOUND);
            assertThat(update.getStatus()).isEqualTo("ok");
            assertThat(update.getContent()).contains("\"lastname\":\"Hopper\"");
            assertThat(rig.vendor().writes("update", "contacts", "51")).isEqualTo(2);

            agent.call("create", "hubspot_create_contact", "crm", contact("create"));
            Await.until("the same write is answered again", BOUND, () -> {
                agent.read(Duration.ofMillis(50));
                return agent.frames("create").size() == 2;
            });
            assertThat(agent.frames("create").getLast().reply().getError().getCode())
                    .isEqualTo("OUTCOME_UNKNOWN");
            assertThat(created(rig, "create")).isEqualTo(1);
        }
    }

    @Test
    void killedAfterTheReplyAReaderStillSeesOneAnswer() throws Exception {
        try (Rig rig =
                rig(SimulatedVendor.builder()).connection(Rig.TENANT, "crm", permits(1_000, Duration.ofMillis(200)))) {
            rig.with("worker.offset_commit_interval", "5s");
            Owner owner = owner(rig);
            rig.with("worker.offset_commit_interval", "100ms").worker();
            Agent agent = rig.agent();
            agent.call("write", "hubspot_create_contact", "crm", contact("write"));
            agent.reply("write", BOUND);
            List<String> reads = ids("r", 20);
            reads.forEach(id -> agent.call(id, "hubspot_list_contacts", "crm", "{\"limit\":2}"));
            agent.awaitReplies(reads, BOUND);

            owner.process.kill();

            // On a slow machine some are committed by the interval before the kill.
            Await.until("reads are answered again", BOUND, () -> {
                agent.read(Duration.ofMillis(50));
                return reads.stream().anyMatch(id -> agent.frames(id).size() == 2);
            });
            new GroupProgress(rig, "hubspot").awaitAllCommitted(BOUND);
            agent.read(Duration.ofMillis(50));
            for (String id : reads) {
                List<ToolReply> seen = asAReaderSees(agent.frames(id));
                assertThat(seen).as(id).hasSize(1);
                assertThat(seen.getFirst())
                        .as(id)
                        .isSameAs(agent.frames(id).getFirst().reply());
                assertThat(seen.getFirst().getStatus()).as(id).isEqualTo("ok");
            }
            assertThat(agent.frames("write"))
                    .as("a write's reply comes with its offset")
                    .hasSize(1);
            assertThat(created(rig, "write")).isEqualTo(1);
        }
    }

    @Test
    void killedWithCallsFinishedOutOfOrderOnlyTheUnfinishedIsRepeated() throws Exception {
        try (Rig rig =
                rig(SimulatedVendor.builder()).connection(Rig.TENANT, "crm", permits(1_000, Duration.ofMillis(200)))) {
            rig.vendor()
                    .inject(Fault.latency(Duration.ofSeconds(60))
                            .on("GET", "*/contacts/51")
                            .times(1));
            Owner owner = owner(rig);
            rig.worker();
            Agent agent = rig.agent();
            RecordMetadata slow = agent.publish(
                    rig.topics().calls("hubspot"),
                    Rig.TENANT + "/crm",
                    agent.json("slow", "hubspot_get_contact", "crm", "{\"contact_id\":\"51\"}"));
            List<String> quick = ids("q", 30);
            quick.forEach(id -> agent.call(id, "hubspot_list_contacts", "crm", "{\"limit\":2}"));
            agent.awaitReplies(quick, BOUND);
            Await.until("the finished ones are in the commit", BOUND, () -> {
                OffsetAndMetadata commit = committed(rig, slow);
                return commit != null
                        && LedgerMetadata.parse(commit.metadata()).finished().cardinality() == quick.size();
            });
            assertThat(committed(rig, slow).offset()).isEqualTo(slow.offset());

            owner.process.kill();

            assertThat(agent.reply("slow", BOUND).getStatus()).isEqualTo("ok");
            assertThat(rig.vendor().stats().requests()).isEqualTo(quick.size() + 2);
            agent.read(Duration.ofMillis(200));
            quick.forEach(id -> assertThat(agent.frames(id)).as(id).hasSize(1));
            Await.until(
                    "everything is committed",
                    BOUND,
                    () -> committed(rig, slow).offset() > slow.offset() + quick.size());
        }
    }

    /** One shard, so that the first worker has all work and the second takes it over. */
    private static Rig rig(SimulatedVendor.Builder vendor) {
        return Rig.start(1, vendor.unlimited().start()).with("pools", "hubspot").with("worker.session_timeout", "3s");
    }

    /** Starts the worker that is to be killed and waits until the shard is its own. */
    private static Owner owner(Rig rig) throws Exception {
        WorkerHealth health = WorkerHealth.of(rig);
        WorkerProcess process = rig.workerProcess();
        Await.until("it has the shard", BOUND, () -> health.owned("hubspot").equals(List.of(0)));
        rig.with("worker.health_port", "0");
        return new Owner(process, health);
    }

    private record Owner(WorkerProcess process, WorkerHealth health) {}

    private static Map<String, LimitOverride> permits(int permits, Duration window) {
        return Map.of("ten_seconds", new LimitOverride(permits, window));
    }

    private static final String UPDATE = "{\"contact_id\":\"51\",\"properties\":{\"lastname\":\"Hopper\"}}";

    private static String contact(String id) {
        return "{\"properties\":{\"email\":\"" + id + "@example.com\"}}";
    }

    private static int created(Rig rig, String id) {
        return rig.vendor().writes("create", "contacts", id + "@example.com");
    }

    private static List<String> ids(String prefix, int count) {
        return IntStream.range(0, count).mapToObj(i -> prefix + i).toList();
    }

    private static long answered(Agent agent, List<String> ids) {
        agent.read(Duration.ofMillis(20));
        return ids.stream().filter(id -> !agent.frames(id).isEmpty()).count();
    }

    /** The rule for readers: the first frame of each number, up to the first last one. */
    private static List<ToolReply> asAReaderSees(List<Agent.Frame> frames) {
        List<ToolReply> seen = new ArrayList<>();
        for (Agent.Frame frame : frames) {
            if (frame.reply().getFrame() == seen.size()) {
                seen.add(frame.reply());
                if (frame.reply().getLast()) {
                    return seen;
                }
            }
        }
        throw new AssertionError("no last frame in " + frames);
    }

    private static OffsetAndMetadata committed(Rig rig, RecordMetadata of) throws Exception {
        String group = rig.topics().group("hubspot");
        return rig.admin()
                .listConsumerGroupOffsets(group)
                .partitionsToOffsetAndMetadata(group)
                .get()
                .get(new TopicPartition(of.topic(), of.partition()));
    }
}
