package dev.toolpost.worker.ratelimit;

import dev.toolpost.schemas.Lane;
import dev.toolpost.worker.ratelimit.Permits.Settlement;
import java.util.ArrayList;
import java.util.List;

/**
 * The bandwidths that count a call, and the calls that wait for them. Tools with the same bandwidths share a route.
 * Guarded by the limiter's lock.
 */
final class Route {

    /** As many as fit the bits of a long. */
    static final int MOST_BANDWIDTHS = 63;

    final List<Bandwidth> bandwidths;
    final Line interactive = new Line();
    final Line batch = new Line();

    /** Routes whose bandwidths are all among these, this one included: whoever waits there earlier, goes first. */
    final List<Route> within = new ArrayList<>();

    Route(List<Bandwidth> bandwidths) {
        this.bandwidths = List.copyOf(bandwidths);
    }

    Line line(Lane lane) {
        return switch (lane) {
            case INTERACTIVE -> interactive;
            case BATCH -> batch;
        };
    }

    /** The bandwidths, as bits by their place, of which a call of this lane cannot have a permit now. */
    long lacking(Lane lane, long now, long round) {
        long lacking = 0;
        for (int i = 0; i < bandwidths.size(); i++) {
            if (!bandwidths.get(i).canTake(lane, now, round)) {
                lacking |= 1L << i;
            }
        }
        return lacking;
    }

    void take() {
        for (int i = 0; i < bandwidths.size(); i++) {
            bandwidths.get(i).take();
        }
    }

    void settle(Settlement settlement, long now) {
        for (int i = 0; i < bandwidths.size(); i++) {
            Bandwidth bandwidth = bandwidths.get(i);
            switch (settlement) {
                case FINISHED -> bandwidth.finish(now, 0);
                case UNANSWERED -> bandwidth.finish(now, ConnectionLimiter.UNANSWERED_GRACE.toNanos());
                case UNUSED -> bandwidth.giveBack();
            }
        }
    }

    boolean isBlocked(long round) {
        for (int i = 0; i < bandwidths.size(); i++) {
            if (bandwidths.get(i).blockedInRound == round) {
                return true;
            }
        }
        return false;
    }

    void block(long bits, long round) {
        for (int i = 0; i < bandwidths.size(); i++) {
            if ((bits & 1L << i) != 0) {
                bandwidths.get(i).blockedInRound = round;
            }
        }
    }

    /** Keeps one permit of each bandwidth, except of the given, from those who come later in the round. */
    void holdOthersThan(long bits, long round) {
        for (int i = 0; i < bandwidths.size(); i++) {
            if ((bits & 1L << i) == 0) {
                bandwidths.get(i).hold(round);
            }
        }
    }

    /**
     * When the first of the given bandwidths will have a permit, as far as that does not depend on requests under way. The
     * call itself may have to wait for the others still; those behind it that need only this one have not.
     */
    long nextCertain(long bits, Lane lane, long now, long round) {
        long next = Bandwidth.UNKNOWN;
        for (int i = 0; i < bandwidths.size(); i++) {
            if ((bits & 1L << i) != 0) {
                Bandwidth bandwidth = bandwidths.get(i);
                next = Math.min(next, bandwidth.certain(bandwidth.needed(lane, round), now));
            }
        }
        return next;
    }

    /** Whether all of the given bandwidths will have a permit within the horizon. */
    boolean isNear(long bits, Lane lane, long now, long round, long horizon) {
        for (int i = 0; i < bandwidths.size(); i++) {
            Bandwidth bandwidth = bandwidths.get(i);
            if ((bits & 1L << i) != 0 && !bandwidth.isNear(bandwidth.needed(lane, round), now, horizon)) {
                return false;
            }
        }
        return true;
    }

    /** The earliest time at which a call that comes now can have its permits, behind those that cannot be overtaken. */
    long earliest(Lane lane, long now) {
        long latest = now;
        for (int i = 0; i < bandwidths.size(); i++) {
            Bandwidth bandwidth = bandwidths.get(i);
            long ahead = 0;
            for (int j = 0; j < within.size(); j++) {
                Route other = within.get(j);
                if (other.bandwidths.contains(bandwidth)) {
                    ahead += other.interactive.size() + (lane == Lane.BATCH ? other.batch.size() : 0);
                }
            }
            latest = Math.max(latest, bandwidth.earliest(ahead + 1 + bandwidth.leftBehind(lane), now));
        }
        return latest;
    }
}
