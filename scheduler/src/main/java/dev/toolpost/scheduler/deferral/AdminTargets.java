package dev.toolpost.scheduler.deferral;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the brokers for topics, and believes the answer for a while: for longer that a topic is there than that it is not. A record sent to a
 * topic that is not there would hold up its whole stream thread. Thread-safe.
 */
public final class AdminTargets implements Targets {

    private static final Logger LOG = LoggerFactory.getLogger(AdminTargets.class);
    private static final long BOUND_MILLIS = 2_000;
    private static final long THERE_NANOS = Duration.ofMinutes(1).toNanos();
    private static final long MISSING_NANOS = Duration.ofSeconds(5).toNanos();
    private static final int NONE = 0;

    private record Known(int partitions, long nanos) {}

    private final Admin admin;
    private final LongSupplier nanoTime;
    private final Map<String, Known> known = new ConcurrentHashMap<>();

    public AdminTargets(Admin admin, LongSupplier nanoTime) {
        this.admin = admin;
        this.nanoTime = nanoTime;
    }

    @Override
    public Standing of(String topic, int partition) {
        long now = nanoTime.getAsLong();
        Known answer = known.get(topic);
        if (answer == null || now - answer.nanos > (answer.partitions > partition ? THERE_NANOS : MISSING_NANOS)) {
            Known asked = ask(topic, now);
            if (asked == null) {
                return answer != null && answer.partitions > partition ? Standing.THERE : Standing.UNKNOWN;
            }
            known.put(topic, asked);
            answer = asked;
        }
        return answer.partitions > partition ? Standing.THERE : Standing.MISSING;
    }

    private @Nullable Known ask(String topic, long now) {
        try {
            TopicDescription description = Objects.requireNonNull(
                            admin.describeTopics(List.of(topic))
                                    .topicNameValues()
                                    .get(topic),
                            "an answer to come")
                    .get(BOUND_MILLIS, TimeUnit.MILLISECONDS);
            return new Known(description.partitions().size(), now);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof UnknownTopicOrPartitionException
                    || e.getCause() instanceof InvalidTopicException) {
                return new Known(NONE, now);
            }
            LOG.warn("Cannot find out whether {} is there; what is deferred to it waits", topic, e.getCause());
            return null;
        } catch (TimeoutException e) {
            LOG.warn("No answer within {} ms whether {} is there; what is deferred to it waits", BOUND_MILLIS, topic);
            return null;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        }
    }
}
