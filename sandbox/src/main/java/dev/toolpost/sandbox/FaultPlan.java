package dev.toolpost.sandbox;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** The faults that were injected and how far each is used up. Not thread-safe. */
final class FaultPlan {

    private static final class Active {
        private final long id;
        private final Fault fault;
        private final SplittableRandom random;
        private int seen;
        private int happened;

        private Active(long id, Fault fault) {
            this.id = id;
            this.fault = fault;
            this.random = new SplittableRandom(fault.seed());
        }

        private boolean happens(String method, String path) {
            if ((fault.times() > 0 && happened >= fault.times()) || !fault.matches(method, path)) {
                return false;
            }
            if (seen++ < fault.skip()) {
                return false;
            }
            if (fault.probability() < 1 && random.nextDouble() >= fault.probability()) {
                return false;
            }
            happened++;
            return true;
        }

        private long delayNanos() {
            long min = fault.delayMin().toNanos();
            long max = fault.delayMax().toNanos();
            return min == max ? min : random.nextLong(min, max + 1);
        }
    }

    private final List<Active> active = new ArrayList<>();
    private long lastId;
    private long happened;
    private long delayNanos;

    long inject(Fault fault) {
        lastId++;
        active.add(new Active(lastId, fault));
        return lastId;
    }

    /** Whether there was such a fault. */
    boolean remove(long id) {
        return active.removeIf(one -> one.id == id);
    }

    void clear() {
        active.clear();
    }

    /** How often the fault happened, or -1 when there is none of this id. */
    long happened(long id) {
        for (Active one : active) {
            if (one.id == id) {
                return one.happened;
            }
        }
        return -1;
    }

    long happened() {
        return happened;
    }

    /** What goes wrong with a request, or null; {@link #delayNanos()} says how late that is. */
    @Nullable
    Fault choose(String method, String path) {
        delayNanos = 0;
        if (active.isEmpty()) {
            return null;
        }
        for (Active one : active) {
            if (one.happens(method, path)) {
                happened++;
                delayNanos += one.delayNanos();
                if (one.fault.kind() != Fault.Kind.LATENCY) {
                    return one.fault;
                }
            }
        }
        return null;
    }

    /** The delay of the request that was last chosen for. */
    long delayNanos() {
        return delayNanos;
    }
}
