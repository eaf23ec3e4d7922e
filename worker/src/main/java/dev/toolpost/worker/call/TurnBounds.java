package dev.toolpost.worker.call;

import dev.toolpost.schemas.Lane;
import java.time.Duration;

/**
 * When a turn of a traversal ends, so that what it read can be seen and a crash repeats little. Immutable.
 *
 * @param pages pages of a turn; the first turns of an interactive traversal end after 1, 2, 4 ... so that something shows early
 * @param bytes bytes of pages, reached or passed
 * @param time time since the turn began; a first turn has a part of it
 */
record TurnBounds(int pages, long bytes, Duration time) {

    static final TurnBounds STANDARD = new TurnBounds(100, 4L << 20, Duration.ofSeconds(2));

    private static final int PHASES = 16;

    /** Pages of the turn that begins after so many. */
    int pagesAfter(long before, Lane lane) {
        return switch (lane) {
            case INTERACTIVE -> (int) Math.min(pages, before + 1);
            case BATCH -> pages;
        };
    }

    /**
     * Time of the turn that begins after so many pages. The first lasts for a part that follows from the call's id: calls that begin together, as
     * the parts of a job do, would otherwise publish their frames together ever after, and everybody else's replies behind all of them.
     */
    Duration timeAfter(long before, String callId) {
        if (before > 0) {
            return time;
        }
        int phase = Math.floorMod((callId.hashCode() * 0x9E3779B9) >>> 8, PHASES);
        return time.multipliedBy(phase + 1L).dividedBy(PHASES);
    }
}
