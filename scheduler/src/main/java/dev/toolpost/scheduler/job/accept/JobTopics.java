package dev.toolpost.scheduler.job.accept;

import dev.toolpost.schemas.Topics;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Where jobs may write.
 *
 * @param topics names of all topics
 * @param sinks further topics that may be named as a sink, beside Toolpost's reply topics
 * @param exists whether a topic is there
 * @param defaultTenant for jobs that name none, or null where they must
 */
public record JobTopics(
        Topics topics, Predicate<String> sinks, Predicate<String> exists, @Nullable String defaultTenant) {

    /** Reply topics only, all of them there. */
    public static JobTopics of(Topics topics) {
        return new JobTopics(topics, _ -> false, _ -> true, null);
    }

    boolean isSink(String topic) {
        return topics.isReplies(topic) || sinks.test(topic);
    }
}
