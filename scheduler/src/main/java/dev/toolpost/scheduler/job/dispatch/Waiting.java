package dev.toolpost.scheduler.job.dispatch;

import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * A part in the dispatcher's hands. Immutable.
 *
 * @param run of the part
 * @param priority 9 goes first
 * @param arrival number that grows from one arrival to the next
 */
record Waiting(PartKey key, int run, String vendor, String tenant, String connection, int priority, long arrival) {

    private static final JsonMapper MAPPER = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .build();

    /** What its connection is known by, over all tenants. */
    String place() {
        return tenant + "/" + connection;
    }

    byte[] bytes() {
        return MAPPER.writeValueAsBytes(this);
    }

    static Waiting of(byte[] bytes) {
        return MAPPER.readValue(bytes, Waiting.class);
    }
}
