package dev.toolpost.schemas;

import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;

/** Names of all topics under one prefix. Immutable. */
public final class Topics {
    public static final String DEFAULT_PREFIX = "toolpost.";

    /** The pool of vendors that have none of their own; its calls topic is the front door for every tool. */
    public static final String COMMON_POOL = "common";

    private static final Pattern PREFIX = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");

    private final String prefix;

    /** Topics under {@link #DEFAULT_PREFIX}. */
    public Topics() {
        this(DEFAULT_PREFIX);
    }

    /**
     * @param prefix put before every name as it is, so it usually ends with a dot
     * @throws IllegalArgumentException if Kafka would not take it as the start of a topic's name
     */
    public Topics(String prefix) {
        if (!PREFIX.matcher(prefix).matches()) {
            throw new IllegalArgumentException("topic prefix: \"" + prefix + "\" (expected: " + PREFIX + ")");
        }
        this.prefix = prefix;
    }

    public String prefix() {
        return prefix;
    }

    /** Interactive calls of a pool. */
    public String calls(String pool) {
        return pooled("calls.", pool);
    }

    /** Batch calls of a pool. */
    public String batch(String pool) {
        return pooled("batch.", pool);
    }

    /** Calls of a pool that moved inside Toolpost. */
    public String resume(String pool) {
        return pooled("resume.", pool);
    }

    /** What the next owner of a pool's shard must know. */
    public String state(String pool) {
        return pooled("state.", pool);
    }

    /** The shared reply topic. */
    public String replies() {
        return prefix + "replies";
    }

    /** The reply topic of one agent. */
    public String replies(String agent) {
        return prefix + "replies." + Ids.requireId("agent", agent);
    }

    public String later() {
        return prefix + "later";
    }

    public String jobs() {
        return prefix + "jobs";
    }

    public String jobEvents() {
        return prefix + "job-events";
    }

    public String jobParts() {
        return prefix + "job-parts";
    }

    public String jobStatus() {
        return prefix + "job-status";
    }

    public String schedules() {
        return prefix + "schedules";
    }

    public String audit() {
        return prefix + "audit";
    }

    public String connectionEvents() {
        return prefix + "connection-events";
    }

    /** What workers learn about limits over all connections of a vendor. */
    public String limitEvents() {
        return prefix + "limit-events";
    }

    public String connectors() {
        return prefix + "connectors";
    }

    public String deadLetters() {
        return prefix + "dead-letters";
    }

    /** The consumer group of a pool's workers. Not a topic, and named like one; never that of the schedulers. */
    public String group(String pool) {
        String group = prefix + Ids.requireId("pool", pool);
        return group.equals(scheduler()) ? group + "#pool" : group;
    }

    /** The application id of the schedulers, which is their consumer group and the start of their internal topics' names. */
    public String scheduler() {
        return prefix + "scheduler";
    }

    /** The pool of a {@code calls}, {@code batch}, {@code resume} or {@code state} topic; empty for any other topic. */
    public Optional<String> poolOf(String topic) {
        return kindOf(topic).map(kind -> topic.substring(prefix.length() + kind.infix.length()));
    }

    /** Which of a pool's topics this is; empty for any other topic. */
    public Optional<PoolTopic> kindOf(String topic) {
        for (PoolTopic kind : PoolTopic.values()) {
            if (topic.startsWith(prefix)
                    && topic.startsWith(kind.infix, prefix.length())
                    && Ids.isId(topic.substring(prefix.length() + kind.infix.length()))) {
                return Optional.of(kind);
            }
        }
        return Optional.empty();
    }

    /** Whether this is the shared reply topic or that of an agent. */
    public boolean isReplies(String topic) {
        return topic.equals(replies())
                || (topic.startsWith(prefix + "replies.")
                        && Ids.isId(topic.substring(prefix.length() + "replies.".length())));
    }

    private String pooled(String infix, String pool) {
        return prefix + infix + Ids.requireId("pool", pool);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Topics topics && prefix.equals(topics.prefix);
    }

    @Override
    public int hashCode() {
        return Objects.hash(prefix);
    }

    @Override
    public String toString() {
        return "Topics[" + prefix + "*]";
    }

    /** The topics that every pool has, with equal partition counts. */
    public enum PoolTopic {
        CALLS("calls."),
        BATCH("batch."),
        RESUME("resume."),
        STATE("state.");

        private final String infix;

        PoolTopic(String infix) {
            this.infix = infix;
        }
    }
}
