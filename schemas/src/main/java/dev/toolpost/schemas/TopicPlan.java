package dev.toolpost.schemas;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** All topics that Toolpost wants to be there, with partition counts, retention and size limits. Immutable. */
public final class TopicPlan {
    /** Records that agents or workers write whole calls into. */
    public static final int CALL_BYTES = 5 * 1024 * 1024;

    /** One frame of a reply. */
    public static final int REPLY_BYTES = 1024 * 1024;

    /** Above the longest deadline of 7 days, so that a call that waits is still there when its time is up. */
    private static final Duration CALL_RETENTION = Duration.ofDays(8);

    private static final Duration REPLY_RETENTION = Duration.ofDays(7);
    private static final Duration JOB_RETENTION = Duration.ofDays(30);
    private static final Duration DEAD_LETTER_RETENTION = Duration.ofDays(30);
    private static final Duration AUDIT_RETENTION = Duration.ofDays(90);

    /**
     * Counts and copies.
     *
     * @param poolPartitions shards of every pool
     * @param sharedPartitions partitions of the topics that all pools share
     * @param replication copies of every topic, or -1 for the broker's default
     */
    public record Sizing(int poolPartitions, int sharedPartitions, short replication) {
        /** 24 shards and 12 shared partitions, copies as the broker has it by default. */
        public static Sizing production() {
            return new Sizing(24, 12, (short) -1);
        }

        /** 3 partitions and one copy: one process, one broker. */
        public static Sizing development() {
            return new Sizing(3, 3, (short) 1);
        }
    }

    private final Topics topics;
    private final Sizing sizing;
    private final List<TopicSpec> specs;

    private TopicPlan(Topics topics, Sizing sizing, List<TopicSpec> specs) {
        this.topics = topics;
        this.sizing = sizing;
        this.specs = specs;
    }

    /**
     * The plan for these pools ({@link Topics#COMMON_POOL} is always among them).
     *
     * @param replyTopics names of further reply topics, for example {@code topics.replies("agent-7")}
     */
    public static TopicPlan of(Topics topics, Set<String> pools, Set<String> replyTopics, Sizing sizing) {
        TopicPlan plan = new TopicPlan(topics, sizing, new ArrayList<>());
        Set<String> allPools = new LinkedHashSet<>(List.of(Topics.COMMON_POOL));
        allPools.addAll(pools);
        allPools.forEach(plan::addPool);
        plan.addShared(replyTopics);
        return new TopicPlan(topics, sizing, List.copyOf(plan.specs));
    }

    public Topics topics() {
        return topics;
    }

    public List<TopicSpec> specs() {
        return specs;
    }

    private void addPool(String pool) {
        int shards = sizing.poolPartitions();
        add(topics.calls(pool), shards, calls().with(APPEND_TIME), "Interactive calls of pool " + pool + ".");
        add(topics.batch(pool), shards, calls().with(APPEND_TIME), "Batch calls of pool " + pool + ".");
        add(topics.resume(pool), shards, calls(), "Calls of pool " + pool + " that moved inside Toolpost.");
        add(
                topics.state(pool),
                shards,
                calls().with(CLEANUP, "compact,delete"),
                "Journal, buckets, quotas and cancels of pool " + pool + ".");
    }

    private void addShared(Set<String> replyTopics) {
        int partitions = sizing.sharedPartitions();
        Settings replies = delete(REPLY_RETENTION).with(MAX_BYTES, String.valueOf(REPLY_BYTES));
        add(topics.replies(), partitions, replies, "Frames of replies to agents without a topic of their own.");
        for (String name : replyTopics) {
            if (!name.equals(topics.replies())) {
                add(name, partitions, replies, "Frames of replies to one agent.");
            }
        }
        add(topics.later(), partitions, calls().with(APPEND_TIME), "Records to be delivered at a later time.");
        add(topics.jobs(), partitions, delete(JOB_RETENTION), "Commands that start and steer jobs.");
        add(topics.jobEvents(), partitions, delete(JOB_RETENTION), "What happens to jobs.");
        add(topics.jobParts(), partitions, delete(JOB_RETENTION), "Progress of the parts of jobs.");
        add(topics.jobStatus(), partitions, compact(), "Where every job stands.");
        add(topics.schedules(), partitions, compact(), "Jobs and calls that recur.");
        add(topics.audit(), partitions, delete(AUDIT_RETENTION), "Who had what done.");
        add(topics.connectionEvents(), partitions, compact(), "What happens to connections.");
        add(topics.limitEvents(), 1, compact(), "What workers learn about vendors' limits.");
        add(topics.connectors(), 1, compact(), "Connector definitions for hot update.");
        add(
                topics.deadLetters(),
                partitions,
                delete(DEAD_LETTER_RETENTION).with(MAX_BYTES, String.valueOf(CALL_BYTES)),
                "Records that cannot be processed, with the reason in headers.");
    }

    private void add(String name, int partitions, Settings settings, String purpose) {
        specs.add(new TopicSpec(name, partitions, sizing.replication(), settings.values, purpose));
    }

    private static final String CLEANUP = "cleanup.policy";
    private static final String MAX_BYTES = "max.message.bytes";
    private static final Map.Entry<String, String> APPEND_TIME = Map.entry("message.timestamp.type", "LogAppendTime");

    private static Settings calls() {
        return delete(CALL_RETENTION).with(MAX_BYTES, String.valueOf(CALL_BYTES));
    }

    private static Settings delete(Duration retention) {
        return new Settings(Map.of(CLEANUP, "delete", "retention.ms", String.valueOf(retention.toMillis())));
    }

    private static Settings compact() {
        return new Settings(Map.of(CLEANUP, "compact"));
    }

    private record Settings(Map<String, String> values) {
        Settings with(Map.Entry<String, String> setting) {
            return with(setting.getKey(), setting.getValue());
        }

        Settings with(String key, String value) {
            Map<String, String> copy = new TreeMap<>(values);
            copy.put(key, value);
            return new Settings(copy);
        }
    }
}
