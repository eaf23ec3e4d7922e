package dev.toolpost.scheduler.deferral;

/** Asks the brokers what they have. */
@FunctionalInterface
interface TopicLookup {

    /** Partitions of a topic that is not there. */
    int NONE = 0;

    /** Where nobody says how large a record may be. */
    long UNBOUNDED = Long.MAX_VALUE;

    /**
     * A topic.
     *
     * @param partitions {@link #NONE} where it is not there
     * @param mostBytes of a record; {@link #UNBOUNDED} where that is not known
     */
    record Found(int partitions, long mostBytes) {}

    /**
     * Blocks for a bounded time.
     *
     * @throws NoAnswerException where it cannot be found out now
     */
    Found find(String topic) throws NoAnswerException;

    /** Nobody can say. */
    final class NoAnswerException extends Exception {
        private static final long serialVersionUID = 1;

        NoAnswerException(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
