package dev.toolpost.worker.reply;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;

/**
 * Says whether a reply topic is allowed, exists and may be written, from cached metadata, so that a bad
 * {@code reply_to} costs its own call and nobody else's time. Thread-safe; a look-up blocks only the calls that wait
 * for the same topic.
 */
public final class ReplyRoutes {

    private static final Duration KNOWN = Duration.ofMinutes(5);
    private static final Duration RECHECKED = Duration.ofSeconds(2);
    private static final Duration UNKNOWN = Duration.ofSeconds(10);
    private static final int MOST_TOPICS = 10_000;
    private static final int USUAL_MAX_MESSAGE_BYTES = 1_048_588;

    private final Admin admin;
    private final Pattern allowed;
    private final String standard;
    private final LongSupplier nanoTime;
    private final Map<String, Known> cache = new ConcurrentHashMap<>();

    /**
     * @param allowed what a reply topic's whole name must match
     * @param standard the topic for calls that name none
     */
    public ReplyRoutes(Admin admin, Pattern allowed, String standard, LongSupplier nanoTime) {
        this.admin = admin;
        this.allowed = allowed;
        this.standard = standard;
        this.nanoTime = nanoTime;
    }

    /**
     * Finds the route of a call.
     *
     * @throws KafkaException where the broker cannot be asked now
     */
    public ReplyRoute find(@Nullable String replyTo, @Nullable Integer partition) throws InterruptedException {
        String topic = replyTo == null ? standard : replyTo;
        Known cached = cache.get(topic);
        // What is cached was allowed.
        if (cached == null && !allowed.matcher(topic).matches()) {
            return new ReplyRoute.Closed("reply_to: \"" + shortened(topic) + "\" (expected: a topic whose name matches "
                    + allowed.pattern() + "; the operator sets topics.reply_pattern)");
        }
        Found found = look(topic, cached);
        if (found.refusal != null) {
            return new ReplyRoute.Closed(found.refusal);
        }
        if (partition != null && (partition < 0 || partition >= found.partitions)) {
            return new ReplyRoute.WrongPartition(
                    new ReplyRoute.Open(topic, null, found.maxMessageBytes),
                    "reply_partition: " + partition + " (expected: 0 to " + (found.partitions - 1)
                            + ", the partitions of " + topic + ", or none)");
        }
        return new ReplyRoute.Open(topic, partition, found.maxMessageBytes);
    }

    /**
     * Finds out whether a route is still open, for a record that others share a transaction with and must not wait for:
     * what was learnt within the last seconds counts.
     *
     * @throws KafkaException where the broker cannot be asked now
     */
    public ReplyRoute recheck(ReplyRoute.Open route) throws InterruptedException {
        long now = nanoTime.getAsLong();
        cache.computeIfPresent(
                route.topic(), (topic, known) -> known.isOlderThan(RECHECKED.toNanos(), now) ? null : known);
        return find(route.topic(), route.partition());
    }

    /** Forgets a topic whose metadata turned out wrong. */
    public void forget(String topic) {
        cache.remove(topic);
    }

    private Found look(String topic, @Nullable Known cached) throws InterruptedException {
        long now = nanoTime.getAsLong();
        if (cached != null && cached.isGood() && !cached.isOver(now)) {
            return cached.found.resultNow();
        }
        AtomicBoolean mine = new AtomicBoolean();
        Known known = cache.compute(topic, (name, old) -> {
            if (old != null && !old.isOver(now)) {
                return old;
            }
            mine.set(true);
            return new Known(new CompletableFuture<>(), now);
        });
        if (mine.get()) {
            ask(topic, known);
            if (cache.size() > MOST_TOPICS) {
                cache.values().removeIf(old -> old.isOver(now));
            }
        }
        try {
            return known.found.get();
        } catch (ExecutionException failed) {
            cache.remove(topic, known);
            throw new KafkaException("cannot look up reply topic " + topic, failed.getCause());
        }
    }

    private void ask(String topic, Known known) {
        try {
            known.found.complete(describe(topic));
        } catch (ExecutionException failed) {
            Throwable cause = failed.getCause() == null ? failed : failed.getCause();
            if (cause instanceof UnknownTopicOrPartitionException) {
                known.found.complete(
                        new Found(
                                0,
                                0,
                                "reply_to: topic \"" + topic
                                        + "\" does not exist (expected: an existing topic; an agent's own is made with: toolpost topics create --agent NAME)"));
            } else if (cause instanceof AuthorizationException) {
                known.found.complete(
                        new Found(0, 0, "reply_to: Toolpost has no right to write topic \"" + topic + "\""));
            } else if (cause instanceof InvalidTopicException) {
                known.found.complete(new Found(0, 0, "reply_to: \"" + topic + "\" is no name of a topic"));
            } else {
                known.found.completeExceptionally(cause);
            }
        } catch (InterruptedException interrupted) {
            known.found.completeExceptionally(interrupted);
            Thread.currentThread().interrupt();
        } catch (RuntimeException bug) {
            known.found.completeExceptionally(bug);
            throw bug;
        }
    }

    private Found describe(String topic) throws ExecutionException, InterruptedException {
        TopicDescription description = Objects.requireNonNull(admin.describeTopics(
                                List.of(topic), new DescribeTopicsOptions().includeAuthorizedOperations(true))
                        .topicNameValues()
                        .get(topic))
                .get();
        if (description.authorizedOperations() != null
                && !description.authorizedOperations().isEmpty()
                && !description.authorizedOperations().contains(AclOperation.WRITE)) {
            return new Found(0, 0, "reply_to: Toolpost has no right to write topic \"" + topic + "\"");
        }
        return new Found(description.partitions().size(), maxMessageBytes(topic), null);
    }

    private int maxMessageBytes(String topic) throws InterruptedException {
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        try {
            Config config = Objects.requireNonNull(
                            admin.describeConfigs(List.of(resource)).values().get(resource))
                    .get();
            ConfigEntry entry = config.get(TopicConfig.MAX_MESSAGE_BYTES_CONFIG);
            return entry == null || entry.value() == null ? USUAL_MAX_MESSAGE_BYTES : Integer.parseInt(entry.value());
        } catch (ExecutionException notAllowed) {
            return USUAL_MAX_MESSAGE_BYTES;
        }
    }

    private static String shortened(String text) {
        return text.length() <= 100 ? text : text.substring(0, 100) + "...";
    }

    private record Found(
            int partitions, int maxMessageBytes, @Nullable String refusal) {}

    private record Known(CompletableFuture<Found> found, long atNanos) {

        boolean isGood() {
            return found.isDone() && !found.isCompletedExceptionally() && found.resultNow().refusal == null;
        }

        boolean isOver(long now) {
            return isOlderThan((isGood() ? KNOWN : UNKNOWN).toNanos(), now);
        }

        boolean isOlderThan(long nanos, long now) {
            return found.isDone() && now - atNanos > nanos;
        }
    }
}
