package dev.toolpost.scheduler.deferral;

/** Which topics there are to deliver to. Thread-safe. */
public interface Targets {

    /** What is known about a place. */
    enum Standing {
        THERE,
        /** There is no such topic, or it has fewer partitions. */
        MISSING,
        /** It could not be found out now. */
        UNKNOWN
    }

    /** May block for a short bounded time where the topic was not asked for before. */
    Standing of(String topic, int partition);

    /** How large a record may be, as the brokers count it, of a topic that was found to be there. Never blocks. */
    default long mostBytes(String topic) {
        return Long.MAX_VALUE;
    }
}
