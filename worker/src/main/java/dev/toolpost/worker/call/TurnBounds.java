package dev.toolpost.worker.call;

import dev.toolpost.schemas.Lane;
import java.time.Duration;

/**
 * When a turn of a traversal ends, so that what it read can be seen and a crash repeats little. Immutable.
 *
 * @param pages pages of a turn; the first turns of an interactive traversal end after 1, 2, 4 ... so that something shows early
 * @param bytes bytes of pages, reached or passed
 * @param time time since the turn began
 */
record TurnBounds(int pages, long bytes, Duration time) {

    static final TurnBounds STANDARD = new TurnBounds(100, 4L << 20, Duration.ofSeconds(10));

    /** Pages of the turn that begins after so many. */
    int pagesAfter(long before, Lane lane) {
        return switch (lane) {
            case INTERACTIVE -> (int) Math.min(pages, before + 1);
            case BATCH -> pages;
        };
    }
}
