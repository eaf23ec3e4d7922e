package dev.toolpost.worker.ratelimit;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/**
 * How much of one window tenants leave to each other, so that one that floods a vendor's allowance does not make the others wait for its
 * window to pass.
 *
 * <p>Fair shares are max-min fair by weight: who wants less than an equal part has what it wants, and what it leaves is the others'. A
 * tenant that has had less than its fair share leaves nothing behind. One that has had it leaves what the tenants that want little used
 * lately in a window, all together, and a little more (a quarter, and of large numbers twice their root, as much as calls that come at
 * random vary), less what they have used of that already; what each of those that want much lacks of its fair share; and the interactive
 * reserve. So a tenant that floods takes nothing of what is kept bit by bit, while a call stands in line for a moment. With a single
 * tenant nothing is kept.
 *
 * <p>Guarded by the allowance's lock.
 */
final class FairShares {

    /** Of a window; use is counted in them. */
    private static final int SLICES = 8;

    /** What is used counts for a slice longer than its window: no permit that is out yet is taken for one that came back. */
    private static final int COUNTED = SLICES + 1;

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

    /** The fair share of one more tenant, for each of its weight. */
    private double openShare;

    /** Of the tenants that want little, all together: what is kept for a window, and what they have used of it. */
    private long littleWanted;

    private long littleUsed;

    /** What each of the tenants that want much lacks of its fair share. */
    private long muchDue;

    /** What one tenant has used of the window that ends now. */
    private static final class Use {
        private final long[] slices = new long[COUNTED];
        private final long[] windows = new long[COUNTED];
        private long used;
        private long peak;
        private long fair;
        private boolean wantsLittle;
        private boolean wantsMuch;
        private int idle;

        private long peakBefore() {
            long peak = 0;
            for (long each : windows) {
                peak = Math.max(peak, each);
            }
            return peak;
        }

        /** Of one that wants much. */
        private long due() {
            return wantsMuch ? Math.max(0, Math.min(fair, withSome(peak)) - used) : 0;
        }
    }

    private static long withSome(long peak) {
        return peak == 0 ? 0 : peak + Math.min(peak / 4, (long) (2 * Math.sqrt((double) peak))) + 1;
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
        if (use == null || use.used < use.fair) {
            return 0;
        }
        return Math.max(0, littleWanted - littleUsed) + muchDue - use.due() + reserve();
    }

    /** How many permits a tenant may ask for in one go: what it leaves behind changes once it has its fair share. */
    long atOnce(VendorAllowance.Tenant tenant, long wanting, long now) {
        if (isAlone(tenant, now)) {
            return wanting;
        }
        Use use = uses.get(tenant);
        long toShare = use == null ? share(openShare, tenant) : use.fair - use.used;
        return toShare <= 0 ? wanting : Math.min(wanting, toShare);
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
            use.fair = share(openShare, tenant);
            uses.put(tenant, use);
        }
        long dueBefore = use.due();
        use.slices[Math.floorMod(slice, COUNTED)] += cost;
        use.used += cost;
        use.idle = 0;
        muchDue += use.due() - dueBefore;
        if (use.wantsLittle) {
            littleUsed += cost;
            if (use.used > withSome(use.peak)) {
                // It takes more than it did: what it takes is not to count as what was kept for all of them.
                use.wantsLittle = false;
                littleUsed -= use.used;
                littleWanted = Math.max(0, littleWanted - use.peak);
            }
        }
    }

    /** When what is left behind is worked out anew. */
    long changesAt() {
        return (slice + 1) * sliceNanos;
    }

    private static long share(double ofWeight, VendorAllowance.Tenant tenant) {
        return Math.max(1, (long) (ofWeight * tenant.weight));
    }

    private void roll(long now) {
        long current = Math.floorDiv(now, sliceNanos);
        if (current == slice) {
            return;
        }
        long passed = slice == Long.MIN_VALUE ? COUNTED : Math.min(COUNTED, current - slice);
        slice = current;
        List<Map.Entry<VendorAllowance.Tenant, Use>> wanting = new ArrayList<>();
        for (Iterator<Map.Entry<VendorAllowance.Tenant, Use>> each =
                        uses.entrySet().iterator();
                each.hasNext(); ) {
            Map.Entry<VendorAllowance.Tenant, Use> entry = each.next();
            Use use = entry.getValue();
            for (long back = passed - 1; back >= 0; back--) {
                int place = Math.floorMod(current - back, COUNTED);
                use.windows[place] = use.used;
                use.used -= use.slices[place];
                use.slices[place] = 0;
                use.idle++;
            }
            use.peak = Math.max(use.used, use.peakBefore());
            if (use.peak > 0) {
                wanting.add(entry);
            } else if (use.idle > REMEMBERED_WINDOWS * SLICES) {
                each.remove();
            }
        }
        double fairShare = divide(wanting);
        long[] little = new long[COUNTED];
        littleUsed = 0;
        muchDue = 0;
        uses.forEach((tenant, use) -> {
            use.fair = share(use.peak == 0 ? openShare : fairShare, tenant);
            use.wantsMuch = use.peak > use.fair;
            use.wantsLittle = use.peak > 0 && !use.wantsMuch;
            muchDue += use.due();
            if (use.wantsLittle) {
                littleUsed += use.used;
                for (int i = 0; i < COUNTED; i++) {
                    little[i] += use.windows[i];
                }
            }
        });
        long most = littleUsed;
        for (long each : little) {
            most = Math.max(most, each);
        }
        littleWanted = withSome(most);
    }

    /**
     * Has those that want least take what they want, and the others have equal parts of what they leave, by weight, without the reserve.
     *
     * @return the share of a tenant that has no less than others, for each of its weight
     */
    private double divide(List<Map.Entry<VendorAllowance.Tenant, Use>> wanting) {
        wanting.sort(Comparator.comparingDouble(each -> each.getValue().peak / (double) each.getKey().weight));
        int weights = 0;
        for (Map.Entry<VendorAllowance.Tenant, Use> each : wanting) {
            weights += each.getKey().weight;
        }
        long little = 0;
        double left = usable - reserve();
        double fairShare = left;
        openShare = left / (weights + 1);
        for (Map.Entry<VendorAllowance.Tenant, Use> each : wanting) {
            int weight = each.getKey().weight;
            long peak = each.getValue().peak;
            fairShare = Math.max(0, left - withSome(little)) / weights;
            if (peak > fairShare * weight) {
                break;
            }
            little += peak;
            weights -= weight;
            openShare = Math.max(openShare, Math.max(0, left - withSome(little)) / (weights + 1));
        }
        return fairShare;
    }
}
