package dev.toolpost.worker.ratelimit;

import dev.toolpost.schemas.Lane;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Decides who goes next: interactive before batch, first come first served within a lane. Who lacks permits of one
 * bandwidth keeps everybody behind off that bandwidth, so that a costly call is not starved by cheap ones, and nobody off another
 * one. Guarded by the limiter's lock.
 *
 * <p>Each decision looks at the fronts of the lines, never at everybody who waits.
 */
final class WaitingRoom {

    /** A starving waiter has permits held for it only while none that it lacks is farther than this. */
    private static final long LONGEST_HOLD_NANOS = 60_000_000_000L;

    private static final Lane[] LANES_IN_ORDER = {Lane.INTERACTIVE, Lane.BATCH};

    private final List<Route> routes = new ArrayList<>();
    private long lastNumber;
    private long round;
    private int interactive;
    private int batch;

    /** What a call has to pass beside the bandwidths of its connection. */
    @FunctionalInterface
    interface Gate {
        /** Whether it may go now; takes what there is to take. One that may not is asked again, or the room looks again. */
        boolean pass(Waiter waiter, long now);
    }

    /** Whether a call can go at once, nobody being here; it has passed the gate then. */
    boolean canGo(Waiter waiter, long now, Gate gate) {
        return isEmpty()
                && waiter.route.lacking(waiter.lane, waiter.costs, now, ++round) == 0
                && gate.pass(waiter, now);
    }

    /** The route over these bandwidths: a new one, or the one that is there. */
    Route route(List<Bandwidth> bandwidths) {
        for (Route route : routes) {
            if (route.bandwidths.equals(bandwidths)) {
                return route;
            }
        }
        Route added = new Route(bandwidths);
        routes.add(added);
        for (Route route : routes) {
            if (added.bandwidths.containsAll(route.bandwidths)) {
                added.within.add(route);
            } else if (route.bandwidths.containsAll(added.bandwidths)) {
                route.within.add(added);
            }
        }
        return added;
    }

    /** Forgets the routes over any of these bandwidths for which nobody waits; answers with them. */
    Set<Route> forget(Set<Bandwidth> idle) {
        Set<Route> gone = new HashSet<>();
        for (Route route : routes) {
            if (route.interactive.size() == 0
                    && route.batch.size() == 0
                    && route.bandwidths.stream().anyMatch(idle::contains)) {
                gone.add(route);
            }
        }
        routes.removeAll(gone);
        routes.forEach(route -> route.within.removeAll(gone));
        return gone;
    }

    /** Those of all routes. */
    Set<Bandwidth> bandwidths() {
        Set<Bandwidth> all = new HashSet<>();
        routes.forEach(route -> all.addAll(route.bandwidths));
        return all;
    }

    boolean isEmpty() {
        return interactive == 0 && batch == 0;
    }

    int waiting(Lane lane) {
        return switch (lane) {
            case INTERACTIVE -> interactive;
            case BATCH -> batch;
        };
    }

    void enter(Waiter waiter) {
        waiter.number = ++lastNumber;
        waiter.route.line(waiter.lane).add(waiter);
        count(waiter.lane, 1);
    }

    void leave(Waiter waiter) {
        waiter.route.line(waiter.lane).remove(waiter);
        count(waiter.lane, -1);
    }

    private void count(Lane lane, int change) {
        switch (lane) {
            case INTERACTIVE -> interactive += change;
            case BATCH -> batch += change;
        }
    }

    /**
     * Takes permits for everybody who can have them now, in order.
     *
     * @param granted told of each, after it left the room
     * @return when to look again at the latest, or {@link Bandwidth#UNKNOWN} if only the end of a request changes anything
     */
    long admit(long now, Gate gate, Consumer<Waiter> granted) {
        round++;
        long lookAgainAt = Bandwidth.UNKNOWN;
        for (Lane lane : LANES_IN_ORDER) {
            if (waiting(lane) == 0) {
                continue;
            }
            for (Waiter next = nextUnblocked(lane); next != null; next = nextUnblocked(lane)) {
                Route route = next.route;
                long lacking = route.lacking(lane, next.costs, now, round);
                if (lacking == 0 && gate.pass(next, now)) {
                    route.take(next.costs);
                    leave(next);
                    granted.accept(next);
                    continue;
                }
                if (lacking == 0) {
                    // What it could have here is kept for it while it stands at the gate.
                    route.holdOthersThan(0, next.costs, round);
                    route.refusedInRound = round;
                    continue;
                }
                lookAgainAt = Math.min(lookAgainAt, route.nextCertain(lacking, lane, next.costs, now, round));
                if (next.starvesWithout(lacking)
                        && route.isNear(lacking, lane, next.costs, now, round, LONGEST_HOLD_NANOS)) {
                    route.holdOthersThan(lacking, next.costs, round);
                }
                route.block(lacking, round);
            }
        }
        return lookAgainAt;
    }

    private @Nullable Waiter nextUnblocked(Lane lane) {
        Waiter next = null;
        for (int i = 0; i < routes.size(); i++) {
            Route route = routes.get(i);
            Waiter first = route.line(lane).first();
            if (first != null && (next == null || first.number < next.number) && !route.isBlocked(round)) {
                next = first;
            }
        }
        return next;
    }

    /** When the one who waits longest in a lane came; {@link Bandwidth#UNKNOWN} where nobody waits there. */
    long oldest(Lane lane) {
        long oldest = Bandwidth.UNKNOWN;
        for (Route route : routes) {
            Waiter first = route.line(lane).first();
            if (first != null) {
                oldest = Math.min(oldest, first.since);
            }
        }
        return oldest;
    }

    /** Removes everybody who fits the condition, and tells of each. */
    void removeIf(Predicate<Waiter> condition, Consumer<Waiter> removed) {
        for (Route route : routes) {
            for (Lane lane : LANES_IN_ORDER) {
                Waiter next;
                for (Waiter each = route.line(lane).first(); each != null; each = next) {
                    next = each.after;
                    if (condition.test(each)) {
                        leave(each);
                        removed.accept(each);
                    }
                }
            }
        }
    }
}
