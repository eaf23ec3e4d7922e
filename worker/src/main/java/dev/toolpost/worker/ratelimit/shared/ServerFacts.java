package dev.toolpost.worker.ratelimit.shared;

import java.time.Duration;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What a Redis server says about itself.
 *
 * @param run changes with every start
 * @param memory for how long it has known everything that was written to it; zero for one that took over from another
 */
record ServerFacts(String run, Duration memory) {

    private static final String NOBODY = "0000000000000000000000000000000000000000";

    /**
     * Reads an answer to {@code INFO}.
     *
     * @throws IllegalArgumentException where something is missing
     */
    static ServerFacts parse(String info) {
        Map<String, String> fields = info.lines()
                .filter(line -> line.indexOf(':') > 0)
                .collect(Collectors.toMap(
                        line -> line.substring(0, line.indexOf(':')),
                        line -> line.substring(line.indexOf(':') + 1).strip(),
                        (first, second) -> first));
        String run = field(fields, "run_id");
        String before = fields.getOrDefault("master_replid2", NOBODY);
        long seconds = Long.parseLong(field(fields, "uptime_in_seconds"));
        return new ServerFacts(run, before.equals(NOBODY) ? Duration.ofSeconds(seconds) : Duration.ZERO);
    }

    private static String field(Map<String, String> fields, String name) {
        String value = fields.get(name);
        if (value == null || value.isEmpty()) {
            throw new IllegalArgumentException("INFO has no " + name
                    + " (expected: a Redis 5 or Valkey server that lets its user run INFO in full)");
        }
        return value;
    }
}
