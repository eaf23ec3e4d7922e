package dev.toolpost.scheduler.job.dispatch;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The parts of one vendor: those that wait in line and those that workers have. The next to go is of the tenant that has the fewest at
 * workers, of those with equally many whose turn it is; within a tenant higher priority goes first, then who came first. A connection that
 * has as many as it may keeps nobody else waiting. One tenant alone leaves a part of the places free, so that another that comes finds one
 * at once. Not thread-safe.
 */
final class Turns {

    /** One place in so many is kept for tenants that have nothing at workers. */
    private static final int KEPT = 4;

    private static final Comparator<Waiting> ORDER =
            Comparator.comparingInt(Waiting::priority).reversed().thenComparingLong(Waiting::arrival);

    private final int mostOfConnection;
    private final int mostOfVendor;
    private final Map<PartKey, Waiting> waiting = new HashMap<>();
    private final Map<PartKey, Waiting> flying = new HashMap<>();
    private final TreeMap<String, Line> lines = new TreeMap<>();
    private final Map<String, Integer> flyingByPlace = new HashMap<>();
    private final Map<String, Integer> flyingByTenant = new HashMap<>();
    private String last = "";

    /** What waits of one tenant, by connection. */
    private static final class Line {
        private final Map<String, TreeSet<Waiting>> byPlace = new TreeMap<>();
    }

    Turns(int mostOfConnection, int mostOfVendor) {
        this.mostOfConnection = mostOfConnection;
        this.mostOfVendor = mostOfVendor;
    }

    /** The tenant that went last. */
    String last() {
        return last;
    }

    void last(String tenant) {
        last = tenant;
    }

    /** Joins the line; false where it is there already, or at a worker. */
    boolean offer(Waiting part) {
        if (waiting.containsKey(part.key()) || flying.containsKey(part.key())) {
            return false;
        }
        waiting.put(part.key(), part);
        lines.computeIfAbsent(part.tenant(), _ -> new Line())
                .byPlace
                .computeIfAbsent(part.place(), _ -> new TreeSet<>(ORDER))
                .add(part);
        return true;
    }

    /** A worker has it already. */
    void restoreFlying(Waiting part) {
        if (flying.put(part.key(), part) == null) {
            flyingByPlace.merge(part.place(), 1, Integer::sum);
            flyingByTenant.merge(part.tenant(), 1, Integer::sum);
        }
    }

    /** Leaves the line; null where it is not in it. */
    @Nullable
    Waiting withdraw(PartKey key, int run) {
        Waiting part = waiting.get(key);
        if (part == null || part.run() != run) {
            return null;
        }
        leaveLine(part);
        return part;
    }

    /** Is no longer at a worker; null where it was not, or in another run. */
    @Nullable
    Waiting freed(PartKey key, int run) {
        Waiting part = flying.get(key);
        if (part == null || part.run() != run) {
            return null;
        }
        flying.remove(key);
        less(flyingByPlace, part.place());
        less(flyingByTenant, part.tenant());
        return part;
    }

    /** Who goes to a worker now; empty where nobody may. */
    Optional<Waiting> next() {
        if (flying.size() >= mostOfVendor) {
            return Optional.empty();
        }
        Waiting best = null;
        int fewest = Integer.MAX_VALUE;
        for (String tenant : inTurn()) {
            int of = flyingByTenant.getOrDefault(tenant, 0);
            if (of >= fewest || (of > 0 && flying.size() >= mostOfVendor - mostOfVendor / KEPT && isAlone(tenant))) {
                continue;
            }
            Waiting first = firstOf(tenant);
            if (first != null) {
                best = first;
                fewest = of;
            }
        }
        if (best == null) {
            return Optional.empty();
        }
        leaveLine(best);
        restoreFlying(best);
        last = best.tenant();
        return Optional.of(best);
    }

    int waiting() {
        return waiting.size();
    }

    int flying() {
        return flying.size();
    }

    boolean isEmpty() {
        return waiting.isEmpty() && flying.isEmpty();
    }

    /** Tenants in line, beginning behind the one that went last. */
    private List<String> inTurn() {
        List<String> tenants = new ArrayList<>(lines.tailMap(last, false).keySet());
        tenants.addAll(lines.headMap(last, true).keySet());
        return tenants;
    }

    private boolean isAlone(String tenant) {
        return flyingByTenant.size() == 1 && flyingByTenant.containsKey(tenant);
    }

    private @Nullable Waiting firstOf(String tenant) {
        Line line = lines.get(tenant);
        Waiting first = null;
        if (line != null) {
            for (Map.Entry<String, TreeSet<Waiting>> place : line.byPlace.entrySet()) {
                if (flyingByPlace.getOrDefault(place.getKey(), 0) < mostOfConnection) {
                    Waiting candidate = place.getValue().first();
                    first = first == null || ORDER.compare(candidate, first) < 0 ? candidate : first;
                }
            }
        }
        return first;
    }

    private void leaveLine(Waiting part) {
        waiting.remove(part.key());
        Line line = lines.get(part.tenant());
        if (line == null) {
            return;
        }
        TreeSet<Waiting> place = line.byPlace.get(part.place());
        if (place != null) {
            place.remove(part);
            if (place.isEmpty()) {
                line.byPlace.remove(part.place());
            }
        }
        if (line.byPlace.isEmpty()) {
            lines.remove(part.tenant());
        }
    }

    private static void less(Map<String, Integer> counts, String key) {
        counts.computeIfPresent(key, (_, count) -> count == 1 ? null : count - 1);
    }
}
