package dev.toolpost.client;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The topic on which replies are awaited.
 *
 * @param bootstrap the cluster, for messages
 * @param bound how long the cluster may take to answer
 */
record ReplyTopic(String name, String bootstrap, Duration bound) {
    private static final Logger LOG = LoggerFactory.getLogger(ReplyTopic.class);
    private static final Duration LOOK_FOR_TOPIC = Duration.ofSeconds(2);
    private static final Duration LOOK_AGAIN = Duration.ofMillis(100);

    /**
     * How many partitions it has.
     *
     * @param closing asked in between; then it ends with a {@link WakeupException}
     * @throws UnreachableException if there is no such topic, or no broker answers
     */
    int partitions(Consumer<?, ?> consumer, BooleanSupplier closing) {
        long startNanos = System.nanoTime();
        while (true) {
            try {
                List<PartitionInfo> infos = consumer.partitionsFor(name, bound);
                if (infos != null && !infos.isEmpty()) {
                    return infos.size();
                }
            } catch (UnknownTopicOrPartitionException e) {
                LOG.debug("Reply topic {} is not there yet", name);
            } catch (TimeoutException e) {
                throw unreachable(e);
            }
            if (System.nanoTime() - startNanos > LOOK_FOR_TOPIC.toNanos()) {
                throw new UnreachableException(
                        "reply topic " + name
                                + " does not exist: create it with `toolpost topics create`, or name another",
                        null);
            }
            pause(LOOK_AGAIN, closing);
        }
    }

    /** Assigns partitions to the consumer and stands at their ends: what is published from now on is seen. */
    void standAtTheEnd(Consumer<?, ?> consumer, Set<TopicPartition> partitions) {
        consumer.assign(partitions);
        consumer.seekToEnd(partitions);
        try {
            for (TopicPartition partition : partitions) {
                consumer.position(partition, bound);
            }
        } catch (TimeoutException e) {
            throw unreachable(e);
        }
    }

    TopicPartition partition(int number) {
        return new TopicPartition(name, number);
    }

    /** Its partitions, where it has so many. */
    Set<TopicPartition> all(int partitions) {
        return IntStream.range(0, partitions).mapToObj(this::partition).collect(Collectors.toSet());
    }

    /** Sleeps, unless this is to end. */
    static void pause(Duration duration, BooleanSupplier closing) {
        if (closing.getAsBoolean()) {
            throw new WakeupException();
        }
        try {
            Thread.sleep(duration);
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        }
    }

    private UnreachableException unreachable(Throwable cause) {
        return new UnreachableException(
                "no Kafka broker answers at " + bootstrap + " within " + bound.toMillis()
                        + " ms: check bootstrap.servers and that the brokers are up",
                cause);
    }
}
