package dev.toolpost.worker.ownership;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.common.Cluster;
import org.apache.kafka.common.Configurable;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Places whole shards with the classic group protocol: {@link CooperativeStickyAssignor} places the {@code calls}
 * topic alone, and every other topic of the pool follows it partition by partition.
 *
 * <p>Needed because cooperative sticky does not keep equal partition numbers of several topics together, and
 * {@code range} revokes everything at every rebalance. Configuration {@link #LEADING_TOPIC} names the topic that leads.
 */
public final class ShardAssignor implements ConsumerPartitionAssignor, Configurable {

    /** Consumer property: the topic that is placed; all others of the subscription follow it. */
    public static final String LEADING_TOPIC = "toolpost.shard.leading.topic";

    private final CooperativeStickyAssignor sticky = new CooperativeStickyAssignor();
    private String leading = "";

    @Override
    public void configure(Map<String, ?> configs) {
        if (!(configs.get(LEADING_TOPIC) instanceof String topic)) {
            throw new IllegalArgumentException(LEADING_TOPIC + ": missing (expected: the pool's calls topic)");
        }
        leading = topic;
    }

    @Override
    public String name() {
        return "toolpost-shard";
    }

    @Override
    public List<RebalanceProtocol> supportedProtocols() {
        return List.of(RebalanceProtocol.COOPERATIVE);
    }

    @Override
    public @Nullable ByteBuffer subscriptionUserData(Set<String> topics) {
        return sticky.subscriptionUserData(topics);
    }

    @Override
    public void onAssignment(Assignment assignment, ConsumerGroupMetadata metadata) {
        sticky.onAssignment(assignment, metadata);
    }

    @Override
    public GroupAssignment assign(Cluster metadata, GroupSubscription group) {
        Map<String, Subscription> leadingOnly = new HashMap<>();
        group.groupSubscription().forEach((member, subscription) -> leadingOnly.put(member, onlyLeading(subscription)));
        Map<String, Assignment> placed =
                sticky.assign(metadata, new GroupSubscription(leadingOnly)).groupAssignment();
        Map<String, Assignment> whole = new HashMap<>();
        placed.forEach((member, assignment) -> {
            Subscription wanted = group.groupSubscription().get(member);
            List<TopicPartition> all = new ArrayList<>();
            for (TopicPartition led : assignment.partitions()) {
                for (String topic : wanted == null ? List.<String>of() : wanted.topics()) {
                    Integer count = metadata.partitionCountForTopic(topic);
                    if (count != null && led.partition() < count) {
                        all.add(new TopicPartition(topic, led.partition()));
                    }
                }
            }
            whole.put(member, new Assignment(all, assignment.userData()));
        });
        return new GroupAssignment(whole);
    }

    private Subscription onlyLeading(Subscription subscription) {
        List<String> topics = subscription.topics().contains(leading) ? List.of(leading) : List.of();
        List<TopicPartition> owned = subscription.ownedPartitions().stream()
                .filter(partition -> partition.topic().equals(leading))
                .toList();
        Subscription only = new Subscription(
                topics,
                subscription.userData(),
                owned,
                subscription.generationId().orElse(-1),
                subscription.rackId());
        only.setGroupInstanceId(subscription.groupInstanceId());
        return only;
    }
}
