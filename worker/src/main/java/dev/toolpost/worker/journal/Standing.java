package dev.toolpost.worker.journal;

/**
 * How far a write has come. Immutable.
 *
 * @param bodyHash of its tool and arguments
 * @param place of its newest entry in the state partition
 */
public record Standing(Phase phase, String bodyHash, long place) {

    /** Nothing of it can have reached the vendor. */
    static final Standing NOT_STARTED = new Standing(Phase.NOT_STARTED, "", Journal.UNKNOWN_PLACE);

    /** See {@link Journal}. */
    public enum Phase {
        NOT_STARTED,
        STARTED,
        ACCEPTED,
        DONE
    }
}
