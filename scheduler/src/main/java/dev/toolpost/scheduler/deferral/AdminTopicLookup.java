package dev.toolpost.scheduler.deferral;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks by Kafka's admin client. Thread-safe. */
final class AdminTopicLookup implements TopicLookup {

    private static final Logger LOG = LoggerFactory.getLogger(AdminTopicLookup.class);
    private static final long BOUND_MILLIS = 2_000;

    private final Admin admin;

    AdminTopicLookup(Admin admin) {
        this.admin = admin;
    }

    @Override
    public Found find(String topic) throws NoAnswerException {
        long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(BOUND_MILLIS);
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        KafkaFuture<TopicDescription> description = Objects.requireNonNull(
                admin.describeTopics(List.of(topic)).topicNameValues().get(topic), "an answer to come");
        KafkaFuture<Config> config = Objects.requireNonNull(
                admin.describeConfigs(List.of(resource)).values().get(resource), "an answer to come");
        try {
            int partitions = description
                    .get(BOUND_MILLIS, TimeUnit.MILLISECONDS)
                    .partitions()
                    .size();
            return new Found(partitions, mostBytes(topic, config, until - System.nanoTime()));
        } catch (ExecutionException e) {
            if (e.getCause() instanceof UnknownTopicOrPartitionException
                    || e.getCause() instanceof InvalidTopicException) {
                return new Found(NONE, UNBOUNDED);
            }
            throw new NoAnswerException("the brokers refuse to tell", e);
        } catch (TimeoutException e) {
            throw new NoAnswerException("no answer within " + BOUND_MILLIS + " ms", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new NoAnswerException("interrupted", e);
        }
    }

    private static long mostBytes(String topic, KafkaFuture<Config> config, long nanos)
            throws TimeoutException, InterruptedException {
        try {
            ConfigEntry entry =
                    config.get(Math.max(nanos, 1), TimeUnit.NANOSECONDS).get(TopicConfig.MAX_MESSAGE_BYTES_CONFIG);
            String value = entry == null ? null : entry.value();
            return value == null ? UNBOUNDED : Long.parseLong(value);
        } catch (ExecutionException | NumberFormatException e) {
            LOG.debug("Cannot read how large a record of {} may be; it is sent whatever its size", topic, e);
            return UNBOUNDED;
        }
    }
}
