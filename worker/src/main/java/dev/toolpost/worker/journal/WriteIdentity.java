package dev.toolpost.worker.journal;

/**
 * The identity of a write: the same one again is the same write.
 *
 * @param tenant the customer
 * @param connection the customer's account
 * @param id the call's {@code idempotency_key}, or its {@code call_id} where none is given
 */
public record WriteIdentity(String tenant, String connection, String id) {

    /** The key under which the journal keeps it. */
    public String key() {
        return "journal/" + tenant + "/" + connection + "/" + id;
    }
}
