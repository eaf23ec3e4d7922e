package dev.toolpost.worker.ownership;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Assignment;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.GroupSubscription;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Subscription;
import org.apache.kafka.common.Cluster;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class ShardAssignorTest {

    private static final List<String> TOPICS = List.of("calls.hubspot", "batch.hubspot", "resume.hubspot");

    @Test
    void everyShardSitsTogetherWhileOneMemberBecomesThreeThenTwo() {
        Group group = new Group(16);

        group.join("a");
        group.rebalance();
        assertThat(group.shardsOf("a")).hasSize(16);

        group.join("b");
        group.join("c");
        group.rebalance();
        assertThat(group.sizes()).containsExactlyInAnyOrder(5, 5, 6);

        Set<Integer> kept = group.shardsOf("a");
        group.leave("b");
        group.rebalance();
        assertThat(group.sizes()).containsExactly(8, 8);
        assertThat(group.shardsOf("a")).containsAll(kept);
    }

    @Test
    void overRandomMemberChangesNoShardIsTornOrGivenBeforeItIsHandedBack() {
        for (int seed = 0; seed < 40; seed++) {
            Random random = new Random(seed);
            Group group = new Group(1 + random.nextInt(30));
            int named = 0;
            for (int change = 0; change < 12; change++) {
                if (group.members.isEmpty() || random.nextInt(3) > 0) {
                    group.join("m" + named++);
                } else {
                    List<String> names = List.copyOf(group.members.keySet());
                    group.leave(names.get(random.nextInt(names.size())));
                }
                if (!group.members.isEmpty() && random.nextInt(4) > 0) {
                    group.rebalance();
                }
            }
        }
    }

    @Test
    void withoutALeadingTopicItSaysWhatIsMissing() {
        assertThatThrownBy(() -> new ShardAssignor().configure(Map.of()))
                .hasMessageContaining(ShardAssignor.LEADING_TOPIC)
                .hasMessageContaining("the pool's calls topic");
    }

    /** The cooperative protocol as the coordinator plays it. */
    private static final class Group {
        private final int shards;
        private final Cluster cluster;
        private final Map<String, ShardAssignor> members = new LinkedHashMap<>();
        private final Map<String, Set<TopicPartition>> owned = new HashMap<>();
        private int generation;

        Group(int shards) {
            this.shards = shards;
            Node node = new Node(1, "localhost", 9092);
            List<PartitionInfo> partitions = new ArrayList<>();
            for (String topic : TOPICS) {
                for (int i = 0; i < shards; i++) {
                    partitions.add(new PartitionInfo(topic, i, node, new Node[] {node}, new Node[] {node}));
                }
            }
            cluster = new Cluster("test", List.of(node), partitions, Set.of(), Set.of());
        }

        void join(String member) {
            ShardAssignor assignor = new ShardAssignor();
            assignor.configure(Map.of(ShardAssignor.LEADING_TOPIC, TOPICS.getFirst()));
            members.put(member, assignor);
            owned.put(member, Set.of());
        }

        void leave(String member) {
            members.remove(member);
            owned.remove(member);
        }

        /** Rounds until nobody has to hand anything back. */
        void rebalance() {
            boolean handedBack = true;
            int rounds = 0;
            while (handedBack) {
                handedBack = round();
                assertThat(++rounds).as("rounds of one rebalance").isLessThanOrEqualTo(3);
            }
            Set<Integer> all = new TreeSet<>();
            members.keySet().forEach(member -> all.addAll(shardsOf(member)));
            assertThat(all).as("every shard has an owner").hasSize(shards);
            assertThat(sizes().stream().mapToInt(size -> size).max().orElseThrow()
                            - sizes().stream().mapToInt(size -> size).min().orElseThrow())
                    .as("balanced")
                    .isLessThanOrEqualTo(1);
        }

        private boolean round() {
            generation++;
            Map<String, Subscription> subscriptions = new HashMap<>();
            members.forEach((member, assignor) -> subscriptions.put(
                    member,
                    new Subscription(
                            TOPICS,
                            assignor.subscriptionUserData(Set.copyOf(TOPICS)),
                            List.copyOf(owned.get(member)),
                            generation - 1,
                            Optional.empty())));
            Map<String, Assignment> placed = members.values()
                    .iterator()
                    .next()
                    .assign(cluster, new GroupSubscription(subscriptions))
                    .groupAssignment();

            Set<TopicPartition> given = new HashSet<>();
            placed.forEach((member, assignment) -> {
                assertTogether(assignment.partitions());
                for (TopicPartition partition : assignment.partitions()) {
                    assertThat(given.add(partition))
                            .as("%s given twice", partition)
                            .isTrue();
                    owned.forEach((other, has) -> assertThat(!other.equals(member) && has.contains(partition))
                            .as("%s given to %s while %s has it", partition, member, other)
                            .isFalse());
                }
            });
            boolean handsBack = false;
            for (Map.Entry<String, Assignment> each : placed.entrySet()) {
                Set<TopicPartition> now = Set.copyOf(each.getValue().partitions());
                handsBack |= !now.containsAll(owned.get(each.getKey()));
                owned.put(each.getKey(), now);
                requireNonNull(members.get(each.getKey())).onAssignment(each.getValue(), metadata(each.getKey()));
            }
            return handsBack;
        }

        @SuppressWarnings("removal") // nothing else makes one yet
        private ConsumerGroupMetadata metadata(String member) {
            return new ConsumerGroupMetadata("group", generation, member, Optional.empty());
        }

        private void assertTogether(List<TopicPartition> partitions) {
            Map<String, Set<Integer>> byTopic = new HashMap<>();
            TOPICS.forEach(topic -> byTopic.put(topic, new TreeSet<>()));
            partitions.forEach(
                    partition -> requireNonNull(byTopic.get(partition.topic())).add(partition.partition()));
            assertThat(new HashSet<>(byTopic.values())).as("%s", byTopic).hasSize(1);
        }

        Set<Integer> shardsOf(String member) {
            Set<Integer> numbers = new TreeSet<>();
            requireNonNull(owned.get(member)).forEach(partition -> numbers.add(partition.partition()));
            return numbers;
        }

        List<Integer> sizes() {
            return members.keySet().stream()
                    .map(member -> shardsOf(member).size())
                    .toList();
        }
    }
}
