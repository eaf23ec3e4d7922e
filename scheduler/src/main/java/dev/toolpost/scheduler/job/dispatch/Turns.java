package dev.toolpost.scheduler.job.dispatch;

import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The parts of one vendor: those that wait in line and those that workers have. The next to go is of the tenant that has the fewest at
 * workers, of those with equally many whose turn it is; within a tenant higher priority goes first, then who came first. A connection that
 * has as many as it may keeps nobody else waiting. One tenant alone leaves a part of the places free, so that another that comes finds one
 * at once. Not thread-safe.
 *
 * <p>Who goes next is found without a look at those who do not: of each tenant the first of every connection that has room stands in order,
 * and tenants that have such a one stand by how many they have at workers. So it costs the same with ten connections in line as with
 * a hundred thousand, but for the depth of a tree.
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
    private final Map<String, Line> lines = new HashMap<>();
    private final Map<String, Integer> flyingByPlace = new HashMap<>();
    private final Map<String, Integer> flyingByTenant = new HashMap<>();

    /** Tenants of which somebody may go, by how many they have at workers, then by name. */
    private final TreeMap<Integer, TreeSet<String>> able = new TreeMap<>();

    /** Where each of them stands. */
    private final Map<String, Integer> ableAt = new HashMap<>();

    private String last = "";

    /** What waits of one tenant. */
    private static final class Line {
        private final Map<String, TreeSet<Waiting>> byPlace = new HashMap<>();

        /** The first of every connection that has room. */
        private final TreeSet<Waiting> first = new TreeSet<>(ORDER);
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
        Line line = lines.computeIfAbsent(part.tenant(), _ -> new Line());
        change(line, part.place(), place -> place.add(part));
        placeInTurn(part.tenant());
        return true;
    }

    /** A worker has it already. */
    void restoreFlying(Waiting part) {
        if (flying.put(part.key(), part) == null) {
            flyingByTenant.merge(part.tenant(), 1, Integer::sum);
            count(part, 1);
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
        flyingByTenant.computeIfPresent(part.tenant(), (_, count) -> count == 1 ? null : count - 1);
        count(part, -1);
        return part;
    }

    /** Who goes to a worker now; empty where nobody may. */
    Optional<Waiting> next() {
        if (flying.size() >= mostOfVendor) {
            return Optional.empty();
        }
        Map.Entry<Integer, TreeSet<String>> fewest = able.firstEntry();
        if (fewest == null) {
            return Optional.empty();
        }
        String behind = fewest.getValue().higher(last);
        String tenant = behind == null ? fewest.getValue().first() : behind;
        // Where one is alone, all others have nothing at workers and would have come before it.
        if (fewest.getKey() > 0 && flying.size() >= mostOfVendor - mostOfVendor / KEPT && isAlone(tenant)) {
            return Optional.empty();
        }
        Waiting next = line(tenant).first.first();
        leaveLine(next);
        restoreFlying(next);
        last = tenant;
        return Optional.of(next);
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

    private boolean isAlone(String tenant) {
        return flyingByTenant.size() == 1 && flyingByTenant.containsKey(tenant);
    }

    private Line line(String tenant) {
        Line line = lines.get(tenant);
        if (line == null) {
            throw new IllegalStateException("nothing of " + tenant + " is in line");
        }
        return line;
    }

    private void leaveLine(Waiting part) {
        waiting.remove(part.key());
        Line line = line(part.tenant());
        change(line, part.place(), place -> place.remove(part));
        if (line.byPlace.isEmpty()) {
            lines.remove(part.tenant());
        }
        placeInTurn(part.tenant());
    }

    /** One more or less of a part's connection and tenant is at workers. */
    private void count(Waiting part, int more) {
        Line line = lines.get(part.tenant());
        if (line != null) {
            hideFirst(line, part.place());
        }
        int of = flyingByPlace.merge(part.place(), more, Integer::sum);
        if (of == 0) {
            flyingByPlace.remove(part.place());
        }
        if (line != null) {
            showFirst(line, part.place());
        }
        placeInTurn(part.tenant());
    }

    private void change(Line line, String place, Consumer<Set<Waiting>> how) {
        hideFirst(line, place);
        TreeSet<Waiting> parts = line.byPlace.computeIfAbsent(place, _ -> new TreeSet<>(ORDER));
        how.accept(parts);
        if (parts.isEmpty()) {
            line.byPlace.remove(place);
        }
        showFirst(line, place);
    }

    private static void hideFirst(Line line, String place) {
        TreeSet<Waiting> parts = line.byPlace.get(place);
        if (parts != null) {
            line.first.remove(parts.first());
        }
    }

    private void showFirst(Line line, String place) {
        TreeSet<Waiting> parts = line.byPlace.get(place);
        if (parts != null && flyingByPlace.getOrDefault(place, 0) < mostOfConnection) {
            line.first.add(parts.first());
        }
    }

    private void placeInTurn(String tenant) {
        Integer before = ableAt.remove(tenant);
        if (before != null) {
            able.computeIfPresent(before, (_, tenants) -> tenants.remove(tenant) && tenants.isEmpty() ? null : tenants);
        }
        Line line = lines.get(tenant);
        if (line != null && !line.first.isEmpty()) {
            int of = flyingByTenant.getOrDefault(tenant, 0);
            ableAt.put(tenant, of);
            able.computeIfAbsent(of, _ -> new TreeSet<>()).add(tenant);
        }
    }
}
