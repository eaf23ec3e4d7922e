package dev.toolpost.schemas;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.CreateTopicsOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;

/**
 * Creates the topics of a plan that are missing, and says how the others differ from it. Never changes a topic that is
 * there: partition counts are fixed, and settings are the operator's.
 */
public final class TopicCreator {
    private final Admin admin;
    private final Duration timeout;

    /** @param timeout for each exchange with the cluster */
    public TopicCreator(Admin admin, Duration timeout) {
        this.admin = admin;
        this.timeout = timeout;
    }

    /** What a topic of the plan looks like on the cluster. */
    public enum Status {
        /** It was missing and is there now. */
        CREATED,
        /** It was missing, and only looking was asked for. */
        MISSING,
        /** It is there as planned. */
        PRESENT,
        /** It is there and differs. */
        DIFFERENT
    }

    /**
     * What became of one topic.
     *
     * @param differences how it differs from the plan, in sentences; empty unless DIFFERENT
     */
    public record Outcome(TopicSpec spec, Status status, List<String> differences) {}

    /** Topics could not be created or described. */
    public static final class TopicsException extends RuntimeException {
        TopicsException(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /**
     * Compares the plan with the cluster without changing anything.
     *
     * @throws TopicsException if the cluster does not answer or does not let us look
     */
    public List<Outcome> inspect(TopicPlan plan) throws InterruptedException {
        Map<String, TopicDescription> present = describe(plan);
        Map<String, Config> configs = configs(present.keySet());
        List<Outcome> outcomes = new ArrayList<>();
        for (TopicSpec spec : plan.specs()) {
            TopicDescription description = present.get(spec.name());
            if (description == null) {
                outcomes.add(new Outcome(spec, Status.MISSING, List.of()));
            } else {
                List<String> differences = differences(spec, description, configs.get(spec.name()));
                outcomes.add(new Outcome(spec, differences.isEmpty() ? Status.PRESENT : Status.DIFFERENT, differences));
            }
        }
        return outcomes;
    }

    /**
     * Creates what is missing and waits until a broker tells of it. Several processes may do so at once.
     *
     * @throws TopicsException if the cluster does not answer or refuses
     */
    public List<Outcome> create(TopicPlan plan) throws InterruptedException {
        List<Outcome> outcomes = new ArrayList<>(inspect(plan));
        List<TopicSpec> missing = outcomes.stream()
                .filter(outcome -> outcome.status() == Status.MISSING)
                .map(Outcome::spec)
                .toList();
        Map<String, KafkaFuture<Void>> created = admin.createTopics(
                        missing.stream().map(TopicCreator::newTopic).toList(),
                        new CreateTopicsOptions().timeoutMs((int) timeout.toMillis()))
                .values();
        outcomes.replaceAll(outcome ->
                outcome.status() == Status.MISSING ? new Outcome(outcome.spec(), Status.CREATED, List.of()) : outcome);
        for (Map.Entry<String, KafkaFuture<Void>> entry : created.entrySet()) {
            try {
                await(entry.getValue());
            } catch (ExecutionException e) {
                if (!(e.getCause() instanceof TopicExistsException)) {
                    throw failed("create topic " + entry.getKey(), e);
                }
            }
        }
        if (!missing.isEmpty()) {
            awaitKnown(plan);
        }
        return outcomes;
    }

    /** The controller has created them before the brokers know; whoever starts a worker next would be told that they are not there. */
    private void awaitKnown(TopicPlan plan) throws InterruptedException {
        long end = System.nanoTime() + timeout.toNanos();
        while (describe(plan).size() < plan.specs().size() && System.nanoTime() - end < 0) {
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    private static NewTopic newTopic(TopicSpec spec) {
        Optional<Short> replication = spec.replication() == -1 ? Optional.empty() : Optional.of(spec.replication());
        return new NewTopic(spec.name(), Optional.of(spec.partitions()), replication).configs(spec.config());
    }

    private Map<String, TopicDescription> describe(TopicPlan plan) throws InterruptedException {
        List<String> names = plan.specs().stream().map(TopicSpec::name).toList();
        Map<String, TopicDescription> present = new TreeMap<>();
        for (Map.Entry<String, KafkaFuture<TopicDescription>> entry :
                admin.describeTopics(names).topicNameValues().entrySet()) {
            try {
                present.put(entry.getKey(), await(entry.getValue()));
            } catch (ExecutionException e) {
                if (!(e.getCause() instanceof UnknownTopicOrPartitionException)) {
                    throw failed("describe topic " + entry.getKey(), e);
                }
            }
        }
        return present;
    }

    private Map<String, Config> configs(Set<String> topics) throws InterruptedException {
        Map<String, Config> configs = new HashMap<>();
        List<ConfigResource> resources = topics.stream()
                .map(topic -> new ConfigResource(ConfigResource.Type.TOPIC, topic))
                .collect(Collectors.toList());
        for (Map.Entry<ConfigResource, KafkaFuture<Config>> entry :
                admin.describeConfigs(resources).values().entrySet()) {
            try {
                configs.put(entry.getKey().name(), await(entry.getValue()));
            } catch (ExecutionException e) {
                throw failed("describe the settings of topic " + entry.getKey().name(), e);
            }
        }
        return configs;
    }

    private static List<String> differences(TopicSpec spec, TopicDescription description, @Nullable Config config) {
        List<String> differences = new ArrayList<>();
        int partitions = description.partitions().size();
        if (partitions != spec.partitions()) {
            differences.add("partitions: " + partitions + " (expected: " + spec.partitions() + ")");
        }
        for (Map.Entry<String, String> wanted : new TreeMap<>(spec.config()).entrySet()) {
            ConfigEntry actual = config == null ? null : config.get(wanted.getKey());
            String value = actual == null ? null : actual.value();
            if (!wanted.getValue().equals(value)) {
                differences.add(wanted.getKey() + ": " + value + " (expected: " + wanted.getValue() + ")");
            }
        }
        return differences;
    }

    private <V> V await(KafkaFuture<V> future) throws ExecutionException, InterruptedException {
        try {
            return future.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new TopicsException(
                    "no answer from the Kafka cluster within " + timeout.toMillis()
                            + " ms: check bootstrap.servers and that the brokers are up",
                    e);
        }
    }

    private static TopicsException failed(String what, ExecutionException e) {
        Throwable cause = e.getCause() == null ? e : e.getCause();
        return new TopicsException("cannot " + what + ": " + cause.getMessage(), cause);
    }
}
