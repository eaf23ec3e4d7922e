package dev.toolpost.benchmarks;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** Reads of one contact that are published and not answered yet, by connection. Not thread-safe. */
final class OpenCalls {

    private final Agent agent;
    private final Map<String, String> connections = new HashMap<>();
    private final Map<String, Integer> counts = new HashMap<>();
    private int published;
    private long repeated;

    OpenCalls(Agent agent) {
        this.agent = agent;
    }

    void publish(LimitScope scope, String connection) {
        String id = "c" + ++published;
        agent.publish(agent.call(id, scope.tool(), connection, "{\"contact_id\":\"60\"}")
                .build());
        connections.put(id, connection);
        counts.merge(connection, 1, Integer::sum);
    }

    /** Lets so much time pass until a reply is there, and takes those that are. */
    void read(Duration within) {
        agent.read(within, message -> {
            Agent.requireOk(agent.decode(message));
            String connection = connections.remove(new String(message.key(), StandardCharsets.UTF_8));
            if (connection == null) {
                repeated++;
            } else {
                counts.merge(connection, -1, Integer::sum);
            }
        });
    }

    /** Reads until every call is answered. */
    void drain(Duration longest) {
        agent.flush();
        long until = System.nanoTime() + longest.toNanos();
        while (!connections.isEmpty()) {
            if (System.nanoTime() > until) {
                throw new IllegalStateException(connections.size() + " of " + published
                        + " calls are not answered within " + longest.toSeconds() + " s");
            }
            read(Duration.ofMillis(100));
        }
    }

    int count() {
        return connections.size();
    }

    int count(String connection) {
        return counts.getOrDefault(connection, 0);
    }

    /** How many there were in all. */
    int published() {
        return published;
    }

    /** Replies that came once more. */
    long repeated() {
        return repeated;
    }
}
