package dev.toolpost.scheduler.job.accept;

import dev.toolpost.schemas.Topics;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Where jobs may write.
 *
 * @param topics names of all topics
 * @param sinks topics that may be named as a sink
 * @param exists whether a topic is there
 * @param defaultTenant for jobs that name none, or null where they must
 */
public record JobTopics(
        Topics topics,
        Predicate<String> sinks,
        Predicate<String> exists,
        @Nullable String defaultTenant) {

    /** Reply topics only, all of them there. */
    public static JobTopics of(Topics topics) {
        return new JobTopics(topics, topics::isReplies, _ -> true, null);
    }

    boolean isSink(String topic) {
        return sinks.test(topic);
    }
}
