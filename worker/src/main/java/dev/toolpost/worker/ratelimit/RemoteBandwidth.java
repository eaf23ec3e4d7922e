package dev.toolpost.worker.ratelimit;

import dev.toolpost.connectors.Limit;
import dev.toolpost.schemas.Lane;
import dev.toolpost.worker.ratelimit.LimiterSnapshot.Family;
import dev.toolpost.worker.ratelimit.LimiterSnapshot.Spent;
import dev.toolpost.worker.ratelimit.shared.SharedPermits;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * A limit that all workers share, kept elsewhere. What stands first at the gate asks there for what it needs; what was granted goes out at
 * once, and what nobody takes is given back.
 *
 * <p>Beside it this worker's own requests are counted as everywhere else, and nothing here exceeds the limit on its own. While the
 * permits are out of reach the worker goes on with its part of them one window later, when what all have been granted has left the vendor's
 * window; and when they are back, a window passes in which both must allow a request. Or nothing is granted, where the operator wants it so.
 */
final class RemoteBandwidth extends Bandwidth {

    /** No more are asked for at once, so that one worker does not take what others wait for. */
    private static final int MOST_ASKED = 64;

    /** What was granted waits so long for what a call needs of other limits; then it is given back while that still counts. */
    private static final long GOOD_FOR_NANOS = SharedPermits.USE_WITHIN.toNanos() / 2;

    private final SharedPermits shared;
    private final boolean sharesWhenDown;
    private final long holdNanos;
    private final Bandwidth own;
    private final List<Runnable> outgoing = new ArrayList<>();

    private boolean up;
    private boolean wasUp;
    private boolean spentByParts;
    private long partsFrom;
    private long bothUntil = Long.MIN_VALUE;
    private long credit;
    private long creditUntil;
    private long noneUntil = Long.MIN_VALUE;

    /** Who leaves less to others than was asked to be left then may ask again all the same. */
    private int noneLeaving;

    private long expectedAt = Long.MIN_VALUE;
    private boolean asked;

    /** Under way, of those taken while the permits were out of reach. */
    private long takenByParts;

    /** @param holdNanos how long what was granted in one way counts against the other */
    RemoteBandwidth(
            Limit limit,
            InstantSource clock,
            SharedPermits shared,
            boolean up,
            boolean sharesWhenDown,
            long holdNanos,
            long now) {
        super(limit.name(), limit);
        this.own = Bandwidth.shared(limit, clock);
        this.shared = shared;
        this.up = up;
        this.wasUp = up;
        this.partsFrom = up ? Long.MIN_VALUE : now + holdNanos;
        this.sharesWhenDown = sharesWhenDown;
        this.holdNanos = holdNanos;
    }

    boolean isUp() {
        return up;
    }

    /** The permits are out of reach. */
    void lost(long now) {
        if (up) {
            up = false;
            partsFrom = now + holdNanos;
        }
    }

    /** They are within reach again. */
    void back(long now) {
        if (!up) {
            up = true;
            // Others may have spent by parts, even if this worker did not. The first connection ends no outage.
            bothUntil = sharesWhenDown && (wasUp || spentByParts) ? now + holdNanos : Long.MIN_VALUE;
            wasUp = true;
            spentByParts = false;
            noneUntil = Long.MIN_VALUE;
            expectedAt = Long.MIN_VALUE;
        }
    }

    /** What this worker's own requests leave of the limit, or of its part. */
    private long mine(long now) {
        return own.free(now) - withheld() - (goesByParts(now) ? elsewhere() : 0);
    }

    /** Whether this worker's part matters now. */
    boolean goesByParts(long now) {
        return !up || now < bothUntil;
    }

    @Override
    long wanted(Lane lane, int cost) {
        if (!up) {
            return super.wanted(lane, cost);
        }
        return cost > shared.most() ? permits + 1L : cost;
    }

    @Override
    long free(long now) {
        if (up) {
            return Math.min(credit, mine(now));
        }
        // Compared to what is wanted with the part of others left behind.
        return sharesWhenDown && now >= partsFrom ? own.free(now) : 0;
    }

    /**
     * Whether what a call lacks may be had elsewhere now, or is on its way.
     *
     * @param others what it leaves to other tenants
     */
    boolean mayBeHad(Lane lane, int cost, long others, long now) {
        return up
                && cost <= shared.most()
                && mine(now) >= cost
                && (asked || credit >= cost || now >= noneUntil || leave(lane, others) < noneLeaving);
    }

    /** Whether what there was lately was too little only because some had to be left. */
    boolean leftToOthers(long now) {
        return up && !asked && now < noneUntil && noneLeaving > 0;
    }

    /** In coarse steps: an ask keeps its turn only while it leaves as much as before. */
    private int leave(Lane lane, long others) {
        long step = Math.max(1, permits / 20);
        long left = Math.ceilDiv(others, step) * step;
        return (int) Math.min(permits, Math.max(left, lane == Lane.BATCH ? reserve() : 0));
    }

    /** How long until the next permits are expected, as far as is known. */
    long gap(long now) {
        return expectedAt <= now ? 0 : expectedAt - now;
    }

    /** What this worker itself has spent of a window. */
    long spentHere(long now) {
        return permits - own.free(now);
    }

    @Override
    int dearest() {
        return up ? Math.min(permits, shared.most()) : permits;
    }

    /** Whether an answer is on its way. */
    boolean isAsked() {
        return asked;
    }

    /**
     * Asks for permits that {@linkplain #mayBeHad may be had}, unless an answer is on its way.
     *
     * @param wanting permits that calls wait for, its own included
     * @param others what stays for other tenants
     */
    void want(Lane lane, int cost, long wanting, long others, long now, Answers answers) {
        if (asked || credit >= cost) {
            return;
        }
        long mine = mine(now);
        asked = true;
        int leave = leave(lane, others);
        int count = Math.clamp(Math.min(wanting, mine), cost, Math.max(cost, Math.min(MOST_ASKED, shared.most())));
        outgoing.add(() -> shared.ask(cost, count, leave, new SharedPermits.Answer() {
            @Override
            public void granted(int granted) {
                answers.answered(() -> {
                    asked = false;
                    credit += granted;
                    creditUntil = answers.now() + GOOD_FOR_NANOS;
                });
            }

            @Override
            public void none(Duration next, Duration again) {
                answers.answered(() -> {
                    asked = false;
                    noneUntil = answers.now() + again.toNanos();
                    noneLeaving = leave;
                    expectedAt = answers.now() + next.toNanos();
                });
            }

            @Override
            public void unreachable(String why) {
                answers.answered(() -> {
                    asked = false;
                    noneLeaving = 0;
                    noneUntil = answers.now() + ConnectionLimiter.TRANSIT_GRACE.toNanos() / 10;
                });
            }
        }));
    }

    /** Takes what is answered in: under the allowance's lock, which then looks who can go. */
    interface Answers {
        void answered(Runnable takeIn);

        /** With the lock held. */
        long now();
    }

    /**
     * What nobody took goes back; and what is to be told elsewhere is told, once the lock is free.
     *
     * @param othersComing whether permits of other limits are on their way, which a call may need beside these
     */
    void flush(boolean othersComing, long now, Aftermath after) {
        if (credit > 0 && (!othersComing || now >= creditUntil)) {
            int unused = Math.toIntExact(credit);
            credit = 0;
            after.then(() -> shared.giveBack(unused));
        }
        outgoing.forEach(after::then);
        outgoing.clear();
    }

    @Override
    void take(int cost) {
        own.take(cost);
        if (up) {
            credit -= cost;
        } else {
            spentByParts = true;
            takenByParts += cost;
        }
    }

    /** What is settled first may as well be what was taken by parts: what was granted is then settled later, and counts longer. */
    private int granted(int cost) {
        int byParts = (int) Math.min(takenByParts, cost);
        takenByParts -= byParts;
        return cost - byParts;
    }

    /** Renewed only where it is {@linkplain #renew(int, long, Consumer) asked for}. */
    @Override
    void renew(int cost) {}

    /** Whether permits that were taken may be used still, as far as is known here. */
    boolean mayRenew(int cost, long now) {
        boolean isWithinPart = !goesByParts(now) || mine(now) >= 0;
        return isWithinPart && (up || takenByParts >= cost);
    }

    /** Whether permits that were taken so long ago have to be taken anew. */
    boolean mustRenew(long heldNanos) {
        return up && heldNanos + GOOD_FOR_NANOS > shared.keepsFor().toNanos();
    }

    /**
     * What was granted so long ago is given back, and as much is taken anew where it is there. Otherwise it is to be {@linkplain #forgo forgone}.
     *
     * @param told whether it was there, on any thread, without the lock
     */
    void renew(int cost, long heldNanos, Consumer<Boolean> told) {
        int held = granted(cost);
        Duration heldFor = Duration.ofNanos(heldNanos + GOOD_FOR_NANOS);
        outgoing.add(() -> shared.renew(held, cost, heldFor, new SharedPermits.Answer() {
            @Override
            public void granted(int count) {
                told.accept(true);
            }

            @Override
            public void none(Duration next, Duration again) {
                told.accept(false);
            }

            @Override
            public void unreachable(String why) {
                told.accept(false);
            }
        }));
    }

    /** Permits that could not be renewed come back unused; where they are kept that is known. */
    void forgo(int cost) {
        own.giveBack(cost);
    }

    @Override
    void left(long ofAll, long now, long reset) {
        if (up) {
            if (ofAll < shared.lastSeen()) {
                outgoing.add(() -> shared.drainTo(ofAll));
            }
        } else {
            super.left(ofAll, now, reset);
        }
    }

    /** What all workers share is lowered for all of them; its parts matter while it is out of reach. */
    @Override
    void takePartOf(long left, long now, long reset) {
        if (!up) {
            super.takePartOf(left, now, reset);
        }
    }

    @Override
    void keepSpent(long now, long reset) {
        own.keepSpent(now, reset);
    }

    @Override
    void allows(int count) {
        // What there was not by the number before may be there by this one.
        noneUntil = Long.MIN_VALUE;
        outgoing.add(() -> shared.allow(count));
    }

    @Override
    void giveBack(int cost) {
        own.giveBack(cost);
        int granted = granted(cost);
        if (granted > 0) {
            outgoing.add(() -> shared.giveBack(granted));
        }
    }

    /** What was held for too long may count no more there: it has ended at the latest now. */
    @Override
    void giveBackLate(int cost) {
        own.giveBack(cost);
        tellEnded(granted(cost), 0);
    }

    @Override
    void finish(int cost, long now, long grace) {
        own.finish(cost, now, grace);
        tellEnded(granted(cost), grace);
    }

    private void tellEnded(int granted, long grace) {
        if (granted > 0) {
            outgoing.add(() -> shared.ended(granted, Duration.ofNanos(grace)));
        }
    }

    @Override
    void settle(int taken, int actual, long now) {
        own.settle(taken, actual, now);
        if (actual > taken) {
            outgoing.add(() -> shared.spend(actual - taken));
        }
    }

    @Override
    void lower(long remaining, long now, long reset) {
        own.lower(remaining, now, reset);
    }

    @Override
    long earliest(long n, long now) {
        long mine = own.earliest(Math.max(1, n), now);
        return up ? Math.max(mine, expectedAt) : Math.max(mine, partsFrom);
    }

    @Override
    long certain(long n, long now) {
        if (!up) {
            return sharesWhenDown ? Math.max(partsFrom, own.certain(n, now)) : UNKNOWN;
        }
        if (n > permits) {
            return UNKNOWN;
        }
        long mine = own.certain(Math.min(permits, n + withheld() + (goesByParts(now) ? elsewhere() : 0)), now);
        if (mine > now) {
            return now < bothUntil ? Math.min(mine, bothUntil) : mine;
        }
        return asked ? UNKNOWN : Math.max(now, noneUntil);
    }

    @Override
    void fill(long at) {
        own.fill(at);
    }

    @Override
    void resume(Spent spent, long now) {
        own.resume(spent, now);
    }

    @Override
    void charge(Spent spent, long now) {
        own.charge(spent, now);
    }

    @Override
    void release(Spent part, long now) {
        own.release(part, now);
    }

    @Override
    Spent spent(long now) {
        return own.spent(now);
    }

    @Override
    long shownFree(long now) {
        return up ? Math.max(0, shared.lastSeen()) : Math.max(0, free(now) - elsewhere());
    }

    @Override
    long inFlight() {
        return own.inFlight();
    }

    @Override
    long refillAt(long time, long now) {
        return own.refillAt(time, now);
    }

    @Override
    Family family() {
        return own.family();
    }
}
