package dev.toolpost.schemas;

import java.util.Map;

/**
 * How one topic is to be created.
 *
 * @param replication copies, or -1 for the broker's default
 * @param config the topic's settings that differ from the broker's
 * @param purpose what it is for, in one sentence
 */
public record TopicSpec(String name, int partitions, short replication, Map<String, String> config, String purpose) {
    public TopicSpec {
        if (partitions < 1) {
            throw new IllegalArgumentException(name + " partitions: " + partitions + " (expected: >= 1)");
        }
        if (replication < 1 && replication != -1) {
            throw new IllegalArgumentException(name + " replication: " + replication + " (expected: >= 1, or -1)");
        }
        config = Map.copyOf(config);
    }
}
