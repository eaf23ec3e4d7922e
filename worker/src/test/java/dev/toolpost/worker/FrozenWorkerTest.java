package dev.toolpost.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.message.StateEntry;
import dev.toolpost.message.ToolReply;
import dev.toolpost.sandbox.SimulatedVendor;
import dev.toolpost.schemas.MessageCodec;
import dev.toolpost.schemas.registry.HttpSchemaRegistry;
import dev.toolpost.schemas.registry.RegistrySettings;
import dev.toolpost.worker.credentials.LimitOverride;
import dev.toolpost.worker.rig.Agent;
import dev.toolpost.worker.rig.Await;
import dev.toolpost.worker.rig.Rig;
import dev.toolpost.worker.rig.WorkerHealth;
import dev.toolpost.worker.rig.WorkerProcess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A worker process is stopped by SIGSTOP for longer than its session, replaced, and let go on by SIGCONT. */
@Timeout(180)
class FrozenWorkerTest {

    private static final Duration BOUND = Duration.ofSeconds(60);
    private static final String POOL = "hubspot";

    @Test
    void aWorkerFrozenPastItsSessionNeitherWritesAgainNorChangesWhatAReaderSees() throws Exception {
        try (Rig rig = Rig.start(
                        2,
                        SimulatedVendor.builder()
                                .unlimited()
                                .latency(Duration.ofMillis(150))
                                .start())
                .with("pools", POOL)
                .with("worker.session_timeout", "2s")) {
            List<String> connections =
                    IntStream.range(0, 6).mapToObj(i -> "crm" + i).toList();
            connections.forEach(connection -> rig.connection(
                    Rig.TENANT, connection, Map.of("ten_seconds", new LimitOverride(4, Duration.ofMillis(300)))));
            WorkerHealth health = WorkerHealth.of(rig);
            WorkerProcess frozen = rig.workerProcess();
            Worker other = rig.with("worker.health_port", "0").worker();
            Await.until(
                    "each has a shard",
                    BOUND,
                    () -> health.owned(POOL).size() == 1
                            && other.status().getFirst().owned().size() == 1);
            Agent agent = rig.agent();

            for (int seed = 0; seed < 2; seed++) {
                Random random = new Random(seed);
                List<String> ids = new ArrayList<>();
                for (int i = 0; i < 20; i++) {
                    for (String connection : connections) {
                        String id = "s" + seed + "-" + connection + "-" + i;
                        ids.add(id);
                        if (i % 3 == 0) {
                            agent.call(id, "hubspot_list_contacts", connection, "{\"limit\":1}");
                        } else {
                            agent.call(id, "hubspot_create_contact", connection, contact(id));
                        }
                    }
                }
                int before = 1 + random.nextInt(ids.size() / 2);
                Await.until(before + " are answered", BOUND, () -> answered(agent, ids) >= before);
                Thread.sleep(random.nextInt(150));

                frozen.freeze();
                agent.awaitReplies(ids, BOUND);
                assertThat(other.status().getFirst().owned()).hasSize(2);
                frozen.thaw();
                Await.until("the stopped worker has nothing left of its past", BOUND, () -> {
                    agent.read(Duration.ofMillis(20));
                    return health.owned(POOL).size() == 1
                            && health.pool(POOL).path("inFlight").asInt() == 0;
                });
                agent.read(Duration.ofMillis(300));

                int unknown = 0;
                for (String id : ids) {
                    ToolReply first = agent.frames(id).getFirst().reply();
                    assertThat(first.getLast()).as(id).isTrue();
                    if (first.getError() != null) {
                        assertThat(first.getError().getCode()).as(id).isEqualTo("OUTCOME_UNKNOWN");
                        unknown++;
                    }
                    if (agent.frames(id).size() > 1) {
                        assertThat(id).as("only reads are answered twice").matches(".*-(0|3|6|9|12|15|18)");
                    }
                }
                System.out.printf(
                        "seed %d: %d calls, frozen after %d answers, %d outcomes unknown, %d late frames%n",
                        seed,
                        ids.size(),
                        before,
                        unknown,
                        ids.stream().mapToInt(id -> agent.frames(id).size() - 1).sum());
            }
            assertThat(rig.vendor().stats().repeatedWrites()).isEmpty();
            noWriteStartsAgainAfterAStartOrItsEnd(rig);
        }
    }

    private static void noWriteStartsAgainAfterAStartOrItsEnd(Rig rig) {
        MessageCodec<StateEntry> codec =
                MessageCodec.of(StateEntry.class, new HttpSchemaRegistry(RegistrySettings.at(Rig.registryUrl())));
        Map<String, List<String>> phases = new HashMap<>();
        for (ConsumerRecord<byte[], byte[]> message : Agent.all(rig.topics().state(POOL))) {
            StateEntry entry = codec.decode(message.topic(), message.value()).value();
            if (entry.getKind().equals("journal")) {
                phases.computeIfAbsent(entry.getId(), id -> new ArrayList<>()).add(entry.getPhase());
            }
        }
        phases.forEach((id, each) -> assertThat(String.join(" ", each))
                .as("a start without a successor ends as done: %s", id)
                .matches("(started not_processed )*started done"));
        assertThat(phases).hasSizeGreaterThan(100);
    }

    private static long answered(Agent agent, List<String> ids) {
        agent.read(Duration.ofMillis(20));
        return ids.stream().filter(id -> !agent.frames(id).isEmpty()).count();
    }

    private static String contact(String id) {
        return "{\"properties\":{\"email\":\"" + id + "@example.com\"}}";
    }
}
