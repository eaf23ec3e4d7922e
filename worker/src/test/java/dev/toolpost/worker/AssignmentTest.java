package dev.toolpost.worker;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.sandbox.SimulatedVendor;
import dev.toolpost.worker.call.PoolWorker;
import dev.toolpost.worker.rig.Agent;
import dev.toolpost.worker.rig.Await;
import dev.toolpost.worker.rig.Rig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.common.GroupState;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole shards, placed by the classic group protocol and by KIP-848's, while workers come and go under calls. */
@Timeout(120)
class AssignmentTest {

    private static final int SHARDS = 6;
    private static final Duration BOUND = Duration.ofSeconds(40);

    @ParameterizedTest
    @ValueSource(strings = {"classic", "consumer"})
    void everyShardSitsTogetherWhileOneWorkerBecomesThreeThenTwo(String protocol) throws Exception {
        try (Rig rig = Rig.start(SHARDS, SimulatedVendor.builder().unlimited().start())
                .with("pools", "hubspot")
                .with("worker.group_protocol", protocol)) {
            List<String> connections =
                    IntStream.range(0, 12).mapToObj(i -> "crm" + i).toList();
            connections.forEach(rig::fastConnection);
            Agent agent = rig.agent();
            Watch watch = new Watch();
            try (watch) {
                Worker first = watch.over(rig.worker());
                awaitSizes(rig, watch, List.of(SHARDS));
                callAll(agent, "a", connections);

                Worker second = watch.over(rig.worker());
                Worker third = watch.over(rig.worker());
                callAll(agent, "b", connections);
                awaitSizes(rig, watch, List.of(2, 2, 2));
                callAll(agent, "c", connections);

                watch.over.remove(first);
                first.close();
                callAll(agent, "d", connections);
                awaitSizes(rig, watch, List.of(3, 3));
                callAll(agent, "e", connections);
                assertThat(second.status()).allMatch(PoolWorker.Status::member);
                assertThat(third.status()).allMatch(PoolWorker.Status::member);
            }
            assertThat(watch.samples.get()).isGreaterThan(50);
            assertThat(watch.faults).isEmpty();
        }
    }

    private static void callAll(Agent agent, String prefix, List<String> connections) {
        List<String> ids = new ArrayList<>();
        for (int round = 0; round < 5; round++) {
            for (String connection : connections) {
                String id = prefix + round + connection;
                ids.add(id);
                agent.call(id, "hubspot_list_contacts", connection, "{\"limit\":1}");
            }
        }
        agent.awaitReplies(ids, BOUND);
        ids.forEach(id -> assertThat(agent.reply(id).getStatus()).as(id).isEqualTo("ok"));
    }

    /** Waits until the workers' shards number so, and holds the coordinator's view against theirs. */
    private static void awaitSizes(Rig rig, Watch watch, List<Integer> sizes) throws Exception {
        Await.until(
                "shards spread as " + sizes,
                BOUND,
                () -> watch.over.stream()
                        .map(worker -> owned(worker).size())
                        .sorted()
                        .toList()
                        .equals(sizes));
        String group = rig.topics().group("hubspot");
        Set<Set<Integer>> described = new HashSet<>();
        var state = requireNonNull(rig.admin()
                        .describeConsumerGroups(List.of(group))
                        .describedGroups()
                        .get(group))
                .get(10, TimeUnit.SECONDS);
        assertThat(state.groupState()).isEqualTo(GroupState.STABLE);
        for (MemberDescription member : state.members()) {
            Map<String, Set<Integer>> byTopic = new HashMap<>();
            member.assignment()
                    .topicPartitions()
                    .forEach(partition -> byTopic.computeIfAbsent(partition.topic(), topic -> new TreeSet<>())
                            .add(partition.partition()));
            assertThat(byTopic).hasSize(3);
            assertThat(new HashSet<>(byTopic.values()))
                    .as("member %s: %s", member.clientId(), byTopic)
                    .hasSize(1);
            described.addAll(byTopic.values());
        }
        Set<Set<Integer>> told = new HashSet<>();
        watch.over.forEach(worker -> told.add(new TreeSet<>(owned(worker))));
        assertThat(described).isEqualTo(told);
    }

    private static List<Integer> owned(Worker worker) {
        return worker.status().getFirst().owned();
    }

    /** Looks all the time whether a shard's work runs at two workers, or at one that has only a part of it. */
    private static final class Watch implements AutoCloseable {
        private final List<Worker> over = new CopyOnWriteArrayList<>();
        private final List<String> faults = new CopyOnWriteArrayList<>();
        private final Thread thread = Thread.ofPlatform().daemon().unstarted(this::run);
        private volatile boolean running = true;
        private final AtomicInteger samples = new AtomicInteger();

        Worker over(Worker worker) {
            over.add(worker);
            if (!thread.isAlive()) {
                thread.start();
            }
            return worker;
        }

        private void run() {
            while (running) {
                for (Worker one : over) {
                    look(one);
                }
                samples.incrementAndGet();
                try {
                    Thread.sleep(5);
                } catch (InterruptedException stopped) {
                    return;
                }
            }
        }

        /** Another's shards are asked for between two looks at this one's: a shard in all three runs twice. */
        private void look(Worker one) {
            PoolWorker.Status status = one.status().getFirst();
            Set<Integer> before = new HashSet<>(status.owned());
            if (status.misaligned().stream().anyMatch(before::contains)) {
                faults.add(one.instance() + " works on torn shards: " + status);
            }
            for (Worker other : over) {
                if (!other.equals(one)) {
                    Set<Integer> both = new HashSet<>(owned(other));
                    both.retainAll(before);
                    both.retainAll(owned(one));
                    if (!both.isEmpty()) {
                        faults.add(both + " run at " + one.instance() + " and at " + other.instance());
                    }
                }
            }
        }

        @Override
        public void close() {
            running = false;
        }
    }
}
