package dev.toolpost.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.sandbox.Fault;
import dev.toolpost.sandbox.SimulatedVendor;
import dev.toolpost.sandbox.TokenState;
import dev.toolpost.worker.call.PoolWorker;
import dev.toolpost.worker.credentials.ConnectionRecord;
import dev.toolpost.worker.credentials.CredentialStore;
import dev.toolpost.worker.credentials.LimitOverride;
import dev.toolpost.worker.credentials.Secret;
import dev.toolpost.worker.ledger.LedgerMetadata;
import dev.toolpost.worker.rig.Agent;
import dev.toolpost.worker.rig.GroupProgress;
import dev.toolpost.worker.rig.Rig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.admin.RemoveMembersFromConsumerGroupOptions;
import org.junit.jupiter.api.Test;

/** Shards that move with work in flight, and shards that come back. */
class RebalanceTest {

    private static final String READ = "hubspot_get_contact";
    private static final String CREATE = "hubspot_create_contact";
    private static final String CONTACTS = "/crm/v3/objects/contacts";
    private static final int SHARDS = 4;

    @Test
    void aRevocationDrainsReadsForABoundedTimeAndTheirLateResultsCountNothing() {
        try (Rig rig = Rig.start(SHARDS, SimulatedVendor.builder().unlimited().start())
                .with("worker.drain_timeout", "500ms")) {
            Worker first = rig.worker();
            Agent agent = rig.agent();
            List<String> ids = new ArrayList<>();
            // The first attempt of every call is slow, a second one is not.
            long slow = rig.vendor()
                    .inject(Fault.latency(Duration.ofSeconds(4))
                            .on("GET", CONTACTS + "/*")
                            .times(12));
            for (int i = 0; i < 12; i++) {
                rig.fastConnection("crm" + i);
                ids.add("read-" + i);
                agent.call("read-" + i, READ, "crm" + i, "{\"contact_id\":\"" + (70 + i) + "\"}");
            }
            await(() -> rig.vendor().happened(slow) == 12);
            long requestsBefore = rig.vendor().stats().requests();
            Worker second = rig.worker();

            await(() -> owned(second) > 0);
            await(() -> rig.vendor().stats().requests() > requestsBefore);
            agent.awaitReplies(ids, Duration.ofSeconds(30));

            List<String> moved = ids.stream()
                    .filter(id -> agent.reply(id).getStats().getVendorMs() < 3_500)
                    .toList();
            assertThat(moved).isNotEmpty().hasSizeLessThan(12);
            assertThat(rig.vendor().stats().requests()).isEqualTo(12 + moved.size());
            // By now the first worker has the late results of what it lost.
            agent.read(Duration.ofMillis(500));
            new GroupProgress(rig, "hubspot").awaitAllCommitted(Duration.ofSeconds(20));
            assertThat(ids).allSatisfy(id -> {
                assertThat(agent.frames(id)).hasSize(1);
                assertThat(agent.reply(id).getError()).isNull();
            });
            assertThat(owned(first) + owned(second)).isEqualTo(SHARDS);
        }
    }

    @Test
    void aRevocationWaitsForWritesThatWereSent() {
        try (Rig rig = Rig.start(SHARDS, SimulatedVendor.builder().unlimited().start())
                .with("worker.drain_timeout", "200ms")) {
            rig.worker();
            Agent agent = rig.agent();
            List<String> ids = new ArrayList<>();
            long slow = rig.vendor().inject(Fault.latency(Duration.ofSeconds(2)).on("POST", CONTACTS));
            for (int i = 0; i < 12; i++) {
                rig.fastConnection("crm" + i);
                ids.add("write-" + i);
                agent.call("write-" + i, CREATE, "crm" + i, body("write-" + i));
            }
            await(() -> rig.vendor().happened(slow) == 12);
            Worker second = rig.worker();

            agent.awaitReplies(ids, Duration.ofSeconds(30));
            await(() -> owned(second) > 0);
            agent.read(Duration.ofMillis(300));
            assertThat(ids).allSatisfy(id -> {
                assertThat(agent.reply(id).getError()).isNull();
                assertThat(agent.frames(id)).hasSize(1);
                assertThat(rig.vendor().writes("create", "contacts", id + "@example.com"))
                        .isEqualTo(1);
            });
        }
    }

    @Test
    void aShardThatComesBackToItsWorkerKeepsItsBucketsHoweverOftenItDoes() throws Exception {
        try (Rig rig = Rig.start(
                        1,
                        SimulatedVendor.builder()
                                .limit(20, Duration.ofSeconds(10))
                                .start())
                .with("worker.session_timeout", "2s")
                .connection(Rig.TENANT, "crm", limit(20, 10))) {
            rig.worker();
            Agent agent = rig.agent();
            agent.awaitReplies(reads(agent, "spent", "crm", 10), Duration.ofSeconds(20));
            // A read that is answered but not yet committed would be carried again, with a permit of its own.
            new GroupProgress(rig, "hubspot").awaitAllCommitted(Duration.ofSeconds(20));

            throwOut(rig);
            throwOut(rig);
            long backAt = System.nanoTime();
            List<String> rest = reads(agent, "rest", "crm", 10);
            agent.awaitReplies(rest, Duration.ofSeconds(20));

            // A window that counted as full would have made them wait for all of it.
            assertThat(Duration.ofNanos(System.nanoTime() - backAt)).isLessThan(Duration.ofSeconds(8));
            // And one that counted as unused would let these through at once.
            List<String> more = reads(agent, "more", "crm", 5);
            agent.read(Duration.ofMillis(800));
            assertThat(more).noneSatisfy(id -> assertThat(agent.frames(id)).isNotEmpty());
            assertThat(rig.vendor().stats().violations()).isZero();
        }
    }

    @Test
    void aShardThatComesBackHasNoStaleWorkAndNoLastingPause() throws Exception {
        try (Rig rig = Rig.start(1, SimulatedVendor.builder().unlimited().start())
                .with("worker.session_timeout", "2s")
                .with("worker.max_in_flight", "20")
                .fastConnection("crm")) {
            Worker worker = rig.worker();
            Agent agent = rig.agent();
            long throttle = rig.vendor()
                    .inject(Fault.throttled(429, "3")
                            .on("GET", CONTACTS + "/60")
                            .times(1));
            List<String> ids = reads(agent, "waits", "crm", 1);
            await(() -> rig.vendor().happened(throttle) == 1);
            List<String> all = new ArrayList<>(reads(agent, "queued", "crm", 80));
            all.addAll(ids);
            await(() -> hubspot(worker).waitingInteractive() > 40);

            throwOut(rig);
            agent.awaitReplies(all, Duration.ofSeconds(30));

            new GroupProgress(rig, "hubspot").awaitAllCommitted(Duration.ofSeconds(20));
            agent.read(Duration.ofMillis(200));
            assertThat(all).allSatisfy(id -> {
                assertThat(agent.reply(id).getError()).isNull();
                assertThat(agent.frames(id)).hasSize(1);
            });
            // 81 successes and the refusal: what waited when the shard was lost was not carried on beside its
            // successor.
            assertThat(rig.vendor().stats().requests()).isEqualTo(82);
            await(() -> worker.status().stream().allMatch(pool -> pool.inFlight() == 0));
        }
    }

    @Test
    void limitsHoldForConnectionsThatNobodyUsesWhileTheirShardWanders() {
        SimulatedVendor vendor =
                SimulatedVendor.builder().limit(20, Duration.ofSeconds(6)).start();
        try (Rig rig = Rig.start(SHARDS, vendor)) {
            Worker first = rig.worker();
            Agent agent = rig.agent();
            List<String> spent = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                ownToken(rig, "crm" + i, limit(20, 6));
                spent.addAll(reads(agent, "spent-" + i, "crm" + i, 19));
            }
            agent.awaitReplies(spent, Duration.ofSeconds(20));

            Worker second = rig.worker();
            await(() -> owned(second) == SHARDS / 2);
            second.close();
            await(() -> owned(first) == SHARDS);
            List<String> more = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                more.addAll(reads(agent, "more-" + i, "crm" + i, 4));
            }
            agent.awaitReplies(more, Duration.ofSeconds(30));

            assertThat(rig.vendor().stats().violations()).isZero();
        }
    }

    /** Has the coordinator put the only worker out of the group, and waits until it works again. */
    private static void throwOut(Rig rig) throws Exception {
        Set<String> before = owners(rig);
        rig.admin()
                .removeMembersFromConsumerGroup(
                        rig.topics().group("hubspot"), new RemoveMembersFromConsumerGroupOptions())
                .all()
                .get();
        await(() -> {
            Set<String> now = owners(rig);
            return !now.isEmpty() && now.stream().noneMatch(before::contains);
        });
    }

    private static Set<String> owners(Rig rig) {
        Set<String> owners = new HashSet<>();
        new GroupProgress(rig, "hubspot").committed().values().forEach(commit -> {
            LedgerMetadata metadata = LedgerMetadata.parse(commit.metadata());
            if (metadata != null) {
                owners.add(metadata.owner());
            }
        });
        return owners;
    }

    private static void ownToken(Rig rig, String connection, Map<String, LimitOverride> limits) {
        rig.vendor().token("token-" + connection, TokenState.ACCEPTED);
        rig.credentials()
                .put(
                        new ConnectionRecord(
                                Rig.TENANT,
                                connection,
                                "hubspot",
                                "bearer",
                                Map.of("base_url", rig.vendor().uri().toString()),
                                limits,
                                Set.of(),
                                Map.of()),
                        Secret.of("token", "token-" + connection),
                        CredentialStore.ANY);
    }

    private static Map<String, LimitOverride> limit(int permits, int seconds) {
        return Map.of("ten_seconds", new LimitOverride(permits, Duration.ofSeconds(seconds)));
    }

    private static List<String> reads(Agent agent, String prefix, String connection, int count) {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            ids.add(prefix + "-" + i);
            agent.call(prefix + "-" + i, READ, connection, "{\"contact_id\":\"60\"}");
        }
        return ids;
    }

    private static String body(String name) {
        return "{\"properties\":{\"email\":\"" + name + "@example.com\"}}";
    }

    private static int owned(Worker worker) {
        return hubspot(worker).owned().size();
    }

    private static PoolWorker.Status hubspot(Worker worker) {
        return worker.status().stream()
                .filter(pool -> pool.pool().equals("hubspot"))
                .findFirst()
                .orElseThrow();
    }

    private static void await(BooleanSupplier condition) {
        long until = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("within 30 s").isLessThan(until);
            try {
                Thread.sleep(20);
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(interrupted);
            }
        }
    }
}
