package dev.toolpost.client;

import dev.toolpost.schemas.Topics;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;

/** Asks the cluster why a call may stay without an answer: is the topic there, and is anybody in its group? */
final class Diagnostician {
    private static final Duration BOUND = Duration.ofSeconds(5);

    private final Map<String, Object> adminConfig;
    private final Topics topics;

    Diagnostician(Map<String, Object> adminConfig, Topics topics) {
        this.adminConfig = adminConfig;
        this.topics = topics;
    }

    Diagnosis diagnose(String topic) {
        String group = topics.poolOf(topic).map(topics::group).orElse(null);
        try (Admin admin = Admin.create(adminConfig)) {
            int partitions = partitions(admin, topic);
            if (partitions == 0) {
                return new Diagnosis(
                        topic,
                        0,
                        group,
                        null,
                        "Topic " + topic + " does not exist.",
                        "Create it with `toolpost topics create`, or check the tool's pool and the topic prefix.");
            }
            return group == null
                    ? foreign(topic, partitions)
                    : withGroup(topic, partitions, group, members(admin, group));
        } catch (ExecutionException | TimeoutException | KafkaException e) {
            return unknown(topic, group, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return unknown(topic, group, e);
        }
    }

    private static Diagnosis withGroup(String topic, int partitions, String group, int members) {
        if (members == 0) {
            return new Diagnosis(
                    topic,
                    partitions,
                    group,
                    0,
                    "Topic " + topic + " exists, and no worker is in its consumer group " + group + ".",
                    "Start one with `toolpost worker`, or everything with `toolpost dev`.");
        }
        return new Diagnosis(
                topic,
                partitions,
                group,
                members,
                "Topic " + topic + " exists, and " + members + (members == 1 ? " worker is" : " workers are")
                        + " in its consumer group " + group + ".",
                "The call may still be waiting, or be a dead letter: look at the workers' logs, at the group's lag and"
                        + " at the dead letters.");
    }

    private static Diagnosis foreign(String topic, int partitions) {
        return new Diagnosis(
                topic,
                partitions,
                null,
                null,
                "Topic " + topic + " exists and is no topic of a pool, so no worker reads it.",
                "Publish to the topic that `toolpost tools show` prints, or check the topic prefix.");
    }

    private static Diagnosis unknown(String topic, @Nullable String group, Exception e) {
        Throwable cause = e instanceof ExecutionException && e.getCause() != null ? e.getCause() : e;
        String reason = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
        return new Diagnosis(
                topic,
                null,
                group,
                null,
                "The Kafka cluster did not say whether topic " + topic + " and a worker are there (" + reason + ").",
                "Check bootstrap.servers and that the brokers are up.");
    }

    private static int partitions(Admin admin, String topic)
            throws ExecutionException, TimeoutException, InterruptedException {
        try {
            return get(admin.describeTopics(List.of(topic)).allTopicNames())
                    .values()
                    .iterator()
                    .next()
                    .partitions()
                    .size();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof UnknownTopicOrPartitionException) {
                return 0;
            }
            throw e;
        }
    }

    private static int members(Admin admin, String group)
            throws ExecutionException, TimeoutException, InterruptedException {
        try {
            ConsumerGroupDescription description = get(admin.describeConsumerGroups(List.of(group))
                            .all())
                    .values()
                    .iterator()
                    .next();
            return description.members().size();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof GroupIdNotFoundException) {
                return 0;
            }
            throw e;
        }
    }

    private static <V> V get(KafkaFuture<V> future) throws ExecutionException, TimeoutException, InterruptedException {
        return future.get(BOUND.toMillis(), TimeUnit.MILLISECONDS);
    }
}
