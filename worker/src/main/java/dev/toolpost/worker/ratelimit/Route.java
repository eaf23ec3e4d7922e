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
    final Line interactive;
    final Line batch;

    /** The round of {@link WaitingRoom#admit} in which the first in line was kept back at the gate. */
    long refusedInRound;

    /** Routes whose bandwidths are all among these, this one included: whoever waits there earlier, goes first. */
    final List<Route> within = new ArrayList<>();

    Route(List<Bandwidth> bandwidths) {
        this.bandwidths = List.copyOf(bandwidths);
        this.interactive = new Line(bandwidths.size());
        this.batch = new Line(bandwidths.size());
    }

    Line line(Lane lane) {
        return switch (lane) {
            case INTERACTIVE -> interactive;
            case BATCH -> batch;
        };
    }

    /** The bandwidths, as bits by their place, of which a call of this lane cannot have its permits now. */
    long lacking(Lane lane, int[] costs, long now, long round) {
        long lacking = 0;
        for (int i = 0; i < bandwidths.size(); i++) {
            if (!bandwidths.get(i).canTake(lane, costs[i], now, round)) {
                lacking |= 1L << i;
            }
        }
        return lacking;
    }

    void take(int[] costs) {
        for (int i = 0; i < bandwidths.size(); i++) {
            Bandwidth bandwidth = bandwidths.get(i);
            bandwidth.take(costs[i]);
            if (bandwidth.reservation != null) {
                bandwidth.reservation.take(costs[i]);
            }
        }
    }

    void settle(int[] costs, Settlement settlement, long now) {
        for (int i = 0; i < bandwidths.size(); i++) {
            Bandwidth bandwidth = bandwidths.get(i);
            switch (settlement) {
                case FINISHED -> bandwidth.finish(costs[i], now, 0);
                case UNANSWERED -> bandwidth.finish(costs[i], now, ConnectionLimiter.UNANSWERED_GRACE.toNanos());
                case UNUSED -> {
                    bandwidth.giveBack(costs[i]);
                    giveReservedBack(bandwidth, costs[i]);
                }
                case UNUSED_LATE -> {
                    bandwidth.giveBackLate(costs[i]);
                    giveReservedBack(bandwidth, costs[i]);
                }
            }
        }
    }

    private static void giveReservedBack(Bandwidth bandwidth, int cost) {
        if (bandwidth.reservation != null) {
            bandwidth.reservation.giveBack(cost);
        }
    }

    boolean isBlocked(long round) {
        if (refusedInRound == round) {
            return true;
        }
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

    /** Keeps the permits of each bandwidth, except of the given, from those who come later in the round. */
    void holdOthersThan(long bits, int[] costs, long round) {
        for (int i = 0; i < bandwidths.size(); i++) {
            if ((bits & 1L << i) == 0) {
                bandwidths.get(i).hold(costs[i], round);
            }
        }
    }

    /**
     * When the first of the given bandwidths will have the permits, as far as that does not depend on requests under way. The
     * call itself may have to wait for the others still; those behind it that need only this one have not.
     */
    long nextCertain(long bits, Lane lane, int[] costs, long now, long round) {
        long next = Bandwidth.UNKNOWN;
        for (int i = 0; i < bandwidths.size(); i++) {
            if ((bits & 1L << i) != 0) {
                Bandwidth bandwidth = bandwidths.get(i);
                next = Math.min(next, bandwidth.certainAfterPause(bandwidth.needed(lane, costs[i], round), now));
            }
        }
        return next;
    }

    /** Whether all of the given bandwidths will have the permits within the horizon. */
    boolean isNear(long bits, Lane lane, int[] costs, long now, long round, long horizon) {
        for (int i = 0; i < bandwidths.size(); i++) {
            Bandwidth bandwidth = bandwidths.get(i);
            if ((bits & 1L << i) != 0 && !bandwidth.isNear(bandwidth.needed(lane, costs[i], round), now, horizon)) {
                return false;
            }
        }
        return true;
    }

    /** The earliest time at which a call that comes now can have its permits, behind those that cannot be overtaken. */
    long earliest(Lane lane, int[] costs, long now) {
        long latest = now;
        for (int i = 0; i < bandwidths.size(); i++) {
            Bandwidth bandwidth = bandwidths.get(i);
            long ahead = 0;
            for (int j = 0; j < within.size(); j++) {
                Route other = within.get(j);
                int place = other.bandwidths.indexOf(bandwidth);
                if (place >= 0) {
                    ahead += other.interactive.cost(place) + (lane == Lane.BATCH ? other.batch.cost(place) : 0);
                }
            }
            latest = Math.max(latest, bandwidth.earliestAfterPause(ahead + bandwidth.wanted(lane, costs[i]), now));
        }
        return latest;
    }

    boolean isPaused(long now) {
        for (int i = 0; i < bandwidths.size(); i++) {
            if (bandwidths.get(i).pause.holds(now)) {
                return true;
            }
        }
        return false;
    }

    void renew(int[] costs) {
        for (int i = 0; i < bandwidths.size(); i++) {
            bandwidths.get(i).renew(costs[i]);
        }
    }

    /** When the last pause of any of the bandwidths ends. */
    long pausedUntil() {
        long until = Long.MIN_VALUE;
        for (int i = 0; i < bandwidths.size(); i++) {
            until = Math.max(until, bandwidths.get(i).pause.until());
        }
        return until;
    }
}
