package dev.toolpost.scheduler.job.dispatch;

import dev.toolpost.scheduler.state.StoredJson;

/**
 * A part in the dispatcher's hands. Immutable.
 *
 * @param run of the part
 * @param priority 9 goes first
 * @param arrival number that grows from one arrival to the next
 */
record Waiting(PartKey key, int run, String vendor, String tenant, String connection, int priority, long arrival) {

    /** What its connection is known by, over all tenants. */
    String place() {
        return tenant + "/" + connection;
    }

    byte[] bytes() {
        return StoredJson.write(this);
    }

    static Waiting of(byte[] bytes) {
        return StoredJson.read(bytes, Waiting.class);
    }
}
