package dev.toolpost.worker.ratelimit;

import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;

/**
 * How much of one window tenants leave to each other, so that one that floods a vendor's allowance does not make the others wait for its
 * window to pass. Kept free is, for each tenant that does not wait itself, what it lately used in a window and a quarter more, up to its
 * fair share, less what it has used of that already; and the interactive reserve once more for all that have had less than their fair
 * share. Who waits has its turn, and needs nothing kept. With a single tenant nothing is. Guarded by the allowance's lock.
 */
final class FairShares {

    /** Of a window; use is counted in them. */
    private static final int SLICES = 8;

    /** For so many windows a tenant that was there is not alone, and not new. */
    private static final int REMEMBERED_WINDOWS = 60;

    /** With fewer permits one that is kept for good would be too large a part of them. */
    private static final int LEAST_TO_KEEP_ONE = 100;

    private final int permits;
    private final int reserve;
    private final long windowNanos;
    private final long sliceNanos;
    private int usable;
    private final Map<VendorAllowance.Tenant, Use> uses = new HashMap<>();
    private long slice = Long.MIN_VALUE;
    private long outstanding;

    /** What one tenant has used of the window that ends now. */
    private static final class Use {
        private final long[] slices = new long[SLICES];
        private final long[] windows = new long[SLICES];
        private long used;
        private long reserved;
        private long fair = 1;
        private int idle;
        private boolean waits;

        private long outstanding() {
            return waits ? 0 : Math.max(0, reserved - used);
        }

        private long peak() {
            return Math.max(used, peakBefore());
        }

        private long peakBefore() {
            long peak = 0;
            for (long each : windows) {
                peak = Math.max(peak, each);
            }
            return peak;
        }
    }

    FairShares(int permits, int reserve, long windowNanos) {
        this.permits = permits;
        this.reserve = reserve;
        this.windowNanos = windowNanos;
        this.usable = permits;
        this.sliceNanos = Math.max(1, windowNanos / SLICES);
    }

    /** So many of the permits are this worker's to spend. */
    void usable(int count) {
        usable = count;
    }

    /** Whether no other tenant was there of late. */
    boolean isAlone(VendorAllowance.Tenant tenant, long now) {
        roll(now);
        return uses.size() == (uses.containsKey(tenant) ? 1 : 0);
    }

    /** Permits that are to be left behind for others than this tenant. */
    long others(VendorAllowance.Tenant tenant, long now) {
        if (isAlone(tenant, now)) {
            return 0;
        }
        Use use = uses.get(tenant);
        boolean hasLittle = use == null || use.used < use.fair;
        return outstanding - (use == null ? 0 : use.outstanding()) + (hasLittle ? 0 : reserve());
    }

    /**
     * Permits that a tenant whose calls stand in line leaves behind for those that nobody knows yet, once it has had nearly everything of a window before.
     *
     * @param gap until the next permits come back
     */
    long newcomers(VendorAllowance.Tenant tenant, long gap) {
        long reserve = reserve();
        Use use = uses.get(tenant);
        if (use == null || use.peakBefore() < usable - reserve) {
            return 0;
        }
        long byGap = Math.round(reserve * Math.min(1, gap / (double) windowNanos));
        return reserve > 0 && usable >= LEAST_TO_KEEP_ONE ? Math.max(1, byGap) : byGap;
    }

    /**
     * As {@link #newcomers} where all workers share the permits: each sees but its own tenants, and what one may have had is what the worker had.
     *
     * @param spentHere what this worker has spent of the window
     */
    long newcomersAnywhere(VendorAllowance.Tenant tenant, long spentHere, long gap) {
        Use use = uses.get(tenant);
        if (use == null || reserve == 0 || use.peakBefore() == 0 || use.used < spentHere - reserve) {
            return 0;
        }
        long byGap = Math.round(reserve * Math.clamp(gap / (double) windowNanos, 0, 1));
        return permits >= LEAST_TO_KEEP_ONE ? Math.max(1, byGap) : byGap;
    }

    private long reserve() {
        return usable == permits ? reserve : (long) reserve * usable / permits;
    }

    void spent(VendorAllowance.Tenant tenant, int cost, long now) {
        roll(now);
        Use use = uses.get(tenant);
        if (use == null) {
            use = new Use();
            use.waits = tenant.stands();
            uses.put(tenant, use);
        }
        long before = use.outstanding();
        use.slices[Math.floorMod(slice, SLICES)] += cost;
        use.used += cost;
        use.idle = 0;
        outstanding += use.outstanding() - before;
    }

    /** The tenant waits for its turn from now on, or no longer. */
    void waits(VendorAllowance.Tenant tenant, boolean waits) {
        Use use = uses.get(tenant);
        if (use != null && use.waits != waits) {
            long before = use.outstanding();
            use.waits = waits;
            outstanding += use.outstanding() - before;
        }
    }

    /** When what is left behind is worked out anew. */
    long changesAt() {
        return (slice + 1) * sliceNanos;
    }

    private void roll(long now) {
        long current = Math.floorDiv(now, sliceNanos);
        if (current == slice) {
            return;
        }
        long passed = slice == Long.MIN_VALUE ? SLICES : Math.min(SLICES, current - slice);
        slice = current;
        int weights = 0;
        for (Iterator<Map.Entry<VendorAllowance.Tenant, Use>> each =
                        uses.entrySet().iterator();
                each.hasNext(); ) {
            Map.Entry<VendorAllowance.Tenant, Use> entry = each.next();
            Use use = entry.getValue();
            for (long back = passed - 1; back >= 0; back--) {
                int place = Math.floorMod(current - back, SLICES);
                use.windows[place] = use.used;
                use.used -= use.slices[place];
                use.slices[place] = 0;
                use.idle++;
            }
            if (use.idle > REMEMBERED_WINDOWS * SLICES && !use.waits) {
                each.remove();
            } else if (use.peak() > 0) {
                weights += entry.getKey().weight;
            }
        }
        outstanding = 0;
        for (Map.Entry<VendorAllowance.Tenant, Use> each : uses.entrySet()) {
            Use use = each.getValue();
            long peak = use.peak();
            use.fair = peak == 0 ? 1 : Math.max(1, (long) usable * each.getKey().weight / weights);
            use.reserved = peak == 0 ? 0 : Math.min(use.fair, peak + peak / 4 + 1);
            outstanding += use.outstanding();
        }
    }
}
