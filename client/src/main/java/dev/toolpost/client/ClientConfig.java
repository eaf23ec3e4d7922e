package dev.toolpost.client;

import dev.toolpost.schemas.TopicPlan;
import java.util.HashMap;
import java.util.Map;

/** Settings of the Kafka clients: the caller's, and what the contract needs. */
record ClientConfig(Map<String, Object> given, String clientId) {
    Map<String, Object> producer() {
        Map<String, Object> config = common("-producer");
        // Murmur2 of the key, whatever the caller's other producers use: it brings the call to its shard.
        config.remove("partitioner.class");
        config.remove("partitioner.ignore.keys");
        config.remove("transactional.id");
        config.put("acks", "all");
        config.putIfAbsent("linger.ms", 0);
        config.putIfAbsent("max.block.ms", 10_000);
        config.putIfAbsent("request.timeout.ms", 10_000);
        config.putIfAbsent("delivery.timeout.ms", 30_000);
        config.putIfAbsent("max.request.size", TopicPlan.CALL_BYTES);
        return config;
    }

    Map<String, Object> consumer() {
        Map<String, Object> config = common("-replies");
        config.remove("group.id");
        config.remove("group.instance.id");
        config.put("enable.auto.commit", false);
        config.put("isolation.level", "read_committed");
        config.put("auto.offset.reset", "earliest");
        config.put("allow.auto.create.topics", false);
        config.putIfAbsent("metadata.max.age.ms", 30_000);
        return config;
    }

    /** For one stream: what it has fetched and not handed out is a few frames. */
    Map<String, Object> stream(long number) {
        Map<String, Object> config = consumer();
        config.put("client.id", clientId + "-stream-" + number);
        config.put("auto.offset.reset", "none");
        config.putIfAbsent("max.poll.records", 20);
        return config;
    }

    Map<String, Object> admin() {
        Map<String, Object> config = common("-admin");
        config.putIfAbsent("default.api.timeout.ms", 5_000);
        config.putIfAbsent("request.timeout.ms", 5_000);
        return config;
    }

    private Map<String, Object> common(String suffix) {
        Map<String, Object> config = new HashMap<>(given);
        config.put("client.id", clientId + suffix);
        return config;
    }
}
