package dev.toolpost.worker.ratelimit;

import java.util.Deque;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * Who is next at a vendor's allowance, in one lane: the tenant that has had the smallest part of it for its weight, and of its
 * connections each in turn (start-time fair queueing; Goyal, Vin and Cheng, 1996). A tenant that was away gets no credit for it.
 * Guarded by the allowance's lock.
 */
final class Turns {

    private final int lane;
    private final PriorityQueue<VendorAllowance.Tenant> order;
    private double virtualNow;
    private int members;
    private int weights;
    private long waiting;

    Turns(int lane) {
        this.lane = lane;
        this.order = new PriorityQueue<>((one, other) -> {
            int byShare = Double.compare(one.had[lane], other.had[lane]);
            return byShare != 0 ? byShare : Long.compare(one.came[lane], other.came[lane]);
        });
    }

    boolean isEmpty() {
        return members == 0;
    }

    /** Calls that wait at the connections that stand here. */
    long waiting() {
        return waiting;
    }

    void waitingChanged(int change) {
        waiting += change;
    }

    int weights() {
        return weights;
    }

    void add(VendorAllowance.Member member, boolean first) {
        VendorAllowance.Tenant tenant = member.tenant;
        Deque<VendorAllowance.Member> standing = tenant.standing.get(lane);
        if (standing.isEmpty()) {
            weights += tenant.weight;
            if (!first) {
                tenant.had[lane] = Math.max(tenant.had[lane], virtualNow);
                tenant.came[lane] = tenant.nextCame();
            }
        }
        if (first) {
            standing.addFirst(member);
        } else {
            standing.addLast(member);
        }
        back(tenant);
        members++;
        waiting += member.waiting[lane];
    }

    /** The next connection; its tenant has to be put {@linkplain #back back} before the one after. */
    VendorAllowance.@Nullable Member next() {
        VendorAllowance.Tenant tenant = order.poll();
        if (tenant == null) {
            return null;
        }
        tenant.inOrder[lane] = false;
        Deque<VendorAllowance.Member> standing = tenant.standing.get(lane);
        VendorAllowance.Member member = standing.removeFirst();
        members--;
        waiting -= member.waiting[lane];
        if (standing.isEmpty()) {
            weights -= tenant.weight;
        }
        return member;
    }

    /** The tenant takes its place in the order, where connections of it stand here. */
    void back(VendorAllowance.Tenant tenant) {
        if (!tenant.inOrder[lane] && !tenant.standing.get(lane).isEmpty()) {
            tenant.inOrder[lane] = true;
            order.add(tenant);
        }
    }

    /** A call of the tenant went: the part of the allowance that it cost counts for its weight. */
    void went(VendorAllowance.Tenant tenant, double part) {
        boolean moves = tenant.inOrder[lane] && order.remove(tenant);
        virtualNow = Math.max(virtualNow, tenant.had[lane]);
        tenant.had[lane] = virtualNow + part / tenant.weight;
        if (moves) {
            order.add(tenant);
        }
    }
}
