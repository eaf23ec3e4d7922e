package dev.toolpost.worker.ratelimit;

import dev.toolpost.connectors.Limit;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a limiter stands at one moment: a picture to look at, from which nothing follows. Immutable.
 *
 * @param bandwidths those that calls have asked for yet, by name and tool
 * @param interactive who waits in the interactive lane
 * @param batch who waits in the batch lane
 * @param pausedFor how much longer nothing at all is granted; zero where that is not so
 * @param throttles those that were of no limit in particular, and paused everything
 */
public record LimiterView(
        List<BandwidthView> bandwidths, LaneView interactive, LaneView batch, Duration pausedFor, Seen throttles) {

    public LimiterView {
        bandwidths = List.copyOf(bandwidths);
    }

    /** Calls that wait. */
    public int waiting() {
        return interactive.waiting() + batch.waiting();
    }

    /**
     * One lane.
     *
     * @param waiting calls that wait for permits
     * @param oldest how long the first of them has waited; zero where nobody waits
     * @param estimated in how long a call that comes now gets its permits at the earliest, whichever of the tools that were asked for it is of
     */
    public record LaneView(int waiting, Duration oldest, Duration estimated) {}

    /**
     * One permits-per-window limit.
     *
     * @param limit its name
     * @param tool the tool whose own permits these are; null unless the scope is {@link Limit.Scope#TOOL}
     * @param permits in a window, or under way at once
     * @param part of the permits, how many are this worker's to spend; fewer only of limits over all connections that are kept by parts
     * @param window null for {@link Limit.Kind#CONCURRENT}
     * @param free permits that may be taken now, those withheld and the interactive reserve included
     * @param withheld permits that the vendor says it does not give, though the definition has them
     * @param inFlight permits whose requests are under way
     * @param refill when the next permits come back by themselves; null where all are there, or the end of a request decides
     * @param pausedFor how much longer nothing is granted; zero where that is not so
     * @param corrections times that an answer lowered what is left, or changed what the vendor allows
     * @param throttles answers by which the vendor asked for patience with this limit
     * @param costsSettled requests that cost something else than they had taken
     */
    public record BandwidthView(
            String limit,
            Limit.Scope scope,
            Limit.Kind kind,
            @Nullable String tool,
            int permits,
            int part,
            @Nullable Duration window,
            long free,
            int withheld,
            long inFlight,
            @Nullable Refill refill,
            Duration pausedFor,
            Seen corrections,
            Seen throttles,
            long costsSettled) {

        /** Of this worker's part, the permits that the vendor says it does not give. */
        public int withheldOfPart() {
            return Math.toIntExact(Math.ceilDiv((long) withheld * part, permits));
        }
    }

    /** So many permits come back in so long. */
    public record Refill(Duration in, long permits) {}

    /**
     * Something that happened now and then.
     *
     * @param lastAgo how long ago the last was; null where there was none
     * @param lastWait how long the pause was that followed from the last; null where none follows
     */
    public record Seen(
            long count,
            @Nullable Duration lastAgo,
            @Nullable Duration lastWait) {

        /** It never happened. */
        public static final Seen NEVER = new Seen(0, null, null);
    }
}
