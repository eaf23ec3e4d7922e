package dev.toolpost.scheduler.job.dispatch;

import dev.toolpost.scheduler.state.StoredJson;
import org.jspecify.annotations.Nullable;

/**
 * What jobs ask of the dispatcher of their vendor, as it stands in the topic between them. Never compared.
 *
 * @param kind {@link #OFFER}, {@link #WITHDRAW} or {@link #FREED}
 * @param offer with {@link #OFFER} only
 */
public record Asked(
        String kind,
        String jobId,
        int part,
        int run,
        String vendor,
        @Nullable Offer offer) {

    /** The part may go to a worker. */
    public static final String OFFER = "offer";

    /** The part is wanted back, unless a worker has it. */
    public static final String WITHDRAW = "withdraw";

    /** The part is no longer under way. */
    public static final String FREED = "freed";

    /**
     * A part that may go to a worker.
     *
     * @param topic where it begins
     * @param priority 9 goes first
     * @param deadlineMillis of the job
     * @param resumption the record to send, JSON; the deadline of the run is put in when it goes
     */
    @SuppressWarnings("ArrayRecordComponent") // bytes of a record, never compared
    public record Offer(
            String tenant, String connection, String topic, int priority, long deadlineMillis, byte[] resumption) {

        /** Without the record, which is somebody's data. */
        @Override
        public String toString() {
            return "Offer[" + tenant + "/" + connection + ", " + topic + ", priority " + priority + "]";
        }
    }

    public static Asked offer(String jobId, int part, int run, String vendor, Offer offer) {
        return new Asked(OFFER, jobId, part, run, vendor, offer);
    }

    public static Asked withdraw(String jobId, int part, int run, String vendor) {
        return new Asked(WITHDRAW, jobId, part, run, vendor, null);
    }

    public static Asked freed(String jobId, int part, int run, String vendor) {
        return new Asked(FREED, jobId, part, run, vendor, null);
    }

    /** As it stands in the topic. */
    public byte[] bytes() {
        return StoredJson.write(this);
    }

    /** From what stands in the topic. */
    public static Asked of(byte[] bytes) {
        return StoredJson.read(bytes, Asked.class);
    }
}
