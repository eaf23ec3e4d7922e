package dev.toolpost.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.sandbox.Fault;
import dev.toolpost.sandbox.SimulatedVendor;
import dev.toolpost.worker.call.PoolWorker;
import dev.toolpost.worker.credentials.LimitOverride;
import dev.toolpost.worker.ledger.LedgerMetadata;
import dev.toolpost.worker.rig.Agent;
import dev.toolpost.worker.rig.GroupProgress;
import dev.toolpost.worker.rig.Rig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

/** Finished offsets far beyond unfinished ones, more than commit metadata may hold. */
class CommitMetadataTest {

    private static final String READ = "hubspot_get_contact";

    @Test
    void callsThatHoldTheCommitBackAreHandedOverAndNothingIsPausedOrLost() {
        try (Rig rig = Rig.start(1, SimulatedVendor.builder().unlimited().start())
                .with("worker.max_in_flight", "20000")
                .with("worker.max_in_flight_per_connection", "20000")
                .connection(Rig.TENANT, "slow", Map.of("ten_seconds", new LimitOverride(200, Duration.ofSeconds(1))))) {
            Worker worker = rig.worker();
            Agent agent = rig.agent();
            GroupProgress progress = new GroupProgress(rig, "hubspot");
            String calls = rig.topics().calls("hubspot");
            TopicPartition partition = new TopicPartition(calls, 0);
            long throttle = rig.vendor().inject(Fault.throttled(429, "2").on("GET", "/crm/v3/objects/contacts/60"));
            agent.call("slow", READ, "slow", "{\"contact_id\":\"60\"}");
            until(() -> rig.vendor().happened(throttle) > 0);

            // One call in 16 waits for as long as the vendor refuses; the others are cancels of nothing, done at once.
            List<String> waiting = new ArrayList<>(List.of("slow"));
            for (int i = 0; i < 12_500; i++) {
                String json = agent.json("n" + i, READ, "slow", "{\"contact_id\":\"60\"}");
                if (i % 16 == 0) {
                    waiting.add("n" + i);
                } else {
                    json = json.substring(0, json.length() - 1) + ",\"action\":\"cancel\"}";
                }
                agent.publishLater(calls, "acme/slow", json);
            }
            agent.flush();

            until(() -> hubspot(worker).requeued() > 0
                    && offset(progress.committed().get(partition)) > 1_000);
            assertThat(agent.frames("slow")).as("still waiting").isEmpty();
            rig.vendor().removeFault(throttle);
            agent.awaitReplies(waiting, Duration.ofSeconds(60));

            progress.awaitAllCommitted(Duration.ofSeconds(20));
            assertThat(waiting).allSatisfy(id -> {
                assertThat(agent.reply(id).getError()).isNull();
                assertThat(agent.frames(id)).hasSize(1);
            });
            assertThat(rig.vendor().stats().byStatus().get(200)).isEqualTo(waiting.size());
            assertThat(hubspot(worker).pauses()).isZero();
            assertThat(progress.committed().values())
                    .allSatisfy(
                            commit -> assertThat(commit.metadata()).hasSizeLessThanOrEqualTo(LedgerMetadata.BUDGET));
        }
    }

    private static long offset(OffsetAndMetadata commit) {
        return commit == null ? 0 : commit.offset();
    }

    private static PoolWorker.Status hubspot(Worker worker) {
        return worker.status().stream()
                .filter(pool -> pool.pool().equals("hubspot"))
                .findFirst()
                .orElseThrow();
    }

    private static void until(BooleanSupplier condition) {
        long until = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("within 60 s").isLessThan(until);
            try {
                Thread.sleep(10);
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(interrupted);
            }
        }
    }
}
