package dev.toolpost.worker.ratelimit;

import dev.toolpost.connectors.Limit;
import dev.toolpost.schemas.Lane;
import dev.toolpost.worker.ratelimit.Acquisition.Granted;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;

/**
 * A limiter, a network that delays each request by another time, and a vendor that counts exactly, on one settable clock.
 * Everything follows from the seed.
 */
final class Simulation {

    static final long MILLISECOND = 1_000_000;
    static final long SECOND = 1_000 * MILLISECOND;

    /** How the world behaves; times in nanoseconds, drawn between zero and the given. */
    record World(long longestTransit, long longestWork, double unused, double unanswered) {}

    private record Call(String tool, Lane lane, int cost) {}

    private record Pending(Waiter waiter, Call call) {}

    final ManualTime time;
    final Random random;
    private final VendorModel vendor;
    private final double vendorClockRate;
    private final World world;
    private final List<Limit> limits;
    private final Deque<Pending> interactive = new ArrayDeque<>();
    private final Deque<Pending> batch = new ArrayDeque<>();
    private final List<Permits> underWay = new ArrayList<>();
    private final List<Call> unowned = new ArrayList<>();
    private ConnectionLimiter limiter;
    private boolean owned = true;

    long arrivals;
    long violations;
    long holdNanos;
    long held;
    private long countFrom;
    private long countedArrivals;

    Simulation(long seed, List<Limit> limits, VendorModel vendor, World world) {
        this(seed, limits, vendor, world, 400e-6);
    }

    /** @param clockSpread by how much clocks of vendors run faster or slower than each other */
    Simulation(long seed, List<Limit> limits, VendorModel vendor, World world, double clockSpread) {
        this.random = new Random(seed);
        this.time = new ManualTime(random.nextLong(SECOND * 1000) - SECOND * 500);
        this.vendor = vendor;
        this.world = world;
        this.limits = limits;
        this.vendorClockRate = 1 + (random.nextDouble() - 0.5) * clockSpread;
        this.limiter = new ConnectionLimiter(limits, time, time, InitialState.FRESH, time);
    }

    ConnectionLimiter limiter() {
        return limiter;
    }

    /** A call that wants to be sent now. */
    void call(String tool, Lane lane) {
        call(new Call(tool, lane, 1));
    }

    /** A call that wants to be sent now and takes so many permits of every limit. */
    void call(String tool, Lane lane, int cost) {
        call(new Call(tool, lane, cost));
    }

    private void call(Call call) {
        if (owned) {
            line(call.lane)
                    .addLast(new Pending(limiter.ask(call.tool, limit -> call.cost, call.lane, Long.MAX_VALUE), call));
        } else {
            unowned.add(call);
        }
    }

    private Deque<Pending> line(Lane lane) {
        return lane == Lane.INTERACTIVE ? interactive : batch;
    }

    int waiting() {
        return interactive.size() + batch.size();
    }

    void runFor(long nanos) {
        long end = time.getAsLong() + nanos;
        send();
        while (time.runNext(end)) {
            send();
        }
        time.advanceTo(end);
        send();
    }

    /** Permits used from here on are counted for the utilisation. */
    void count() {
        countFrom = time.getAsLong();
        countedArrivals = 0;
    }

    double utilisation(int permits, long windowNanos) {
        return countedArrivals / ((double) permits * (time.getAsLong() - countFrom) / windowNanos);
    }

    /** Mean time between grant and end. */
    long meanHoldNanos() {
        return held == 0 ? 0 : holdNanos / held;
    }

    /** A clean revoke: what is under way is drained or not, the state goes to the successor some time later. */
    void handOver(boolean drained, long gapNanos) {
        stop();
        if (drained) {
            while (!underWay.isEmpty() && time.runNext(Long.MAX_VALUE)) {}
        }
        byte[] snapshot = limiter.snapshot(time.getAsLong());
        runFor(gapNanos);
        succeed(InitialState.restored(snapshot));
    }

    /** An unclean loss after a last burst: what was sent still arrives; the successor knows the last possible send only. */
    void lose(long gapNanos) {
        send();
        stop();
        long lastSend = time.getAsLong();
        runFor(gapNanos);
        succeed(InitialState.fullAt(lastSend));
    }

    private void stop() {
        owned = false;
        for (Deque<Pending> line : List.of(interactive, batch)) {
            line.forEach(each -> limiter.withdraw(each.waiter));
            line.forEach(each -> unowned.add(each.call));
            line.clear();
        }
    }

    private void succeed(InitialState initial) {
        underWay.clear();
        limiter = new ConnectionLimiter(limits, time, time, initial, time);
        owned = true;
        List<Call> again = List.copyOf(unowned);
        unowned.clear();
        again.forEach(this::call);
    }

    private void send() {
        for (Deque<Pending> line : List.of(interactive, batch)) {
            while (!line.isEmpty() && line.peekFirst().waiter.outcome instanceof Granted(Permits permits)) {
                send(permits, line.removeFirst().call.cost);
            }
        }
    }

    private void send(Permits permits, int cost) {
        if (random.nextDouble() < world.unused) {
            time.after(random.nextLong(50 * MILLISECOND), permits::unused);
            return;
        }
        underWay.add(permits);
        long there = delay(world.longestTransit);
        long work = delay(world.longestWork);
        long back = delay(world.longestTransit);
        if (random.nextDouble() < world.unanswered) {
            // Given up before it even arrived; it arrives within the grace all the same, and is worked on in it.
            long grace = ConnectionLimiter.UNANSWERED_GRACE.toNanos();
            long late = random.nextLong(grace / 2);
            time.after(there, () -> {
                end(permits, there, permits::unanswered);
                time.after(late, () -> arrive(cost, random.nextLong(grace / 2)));
            });
            return;
        }
        List<LimitFeedback> said = new ArrayList<>();
        time.after(there, () -> {
            arrive(cost, work);
            LimitFeedback says = vendor.says(vendorTime());
            if (says != null) {
                said.add(says);
            }
        });
        time.after(there + work + back, () -> end(permits, there + work + back, () -> permits.finished(said)));
    }

    private void end(Permits permits, long hold, Runnable settle) {
        holdNanos += hold;
        held++;
        underWay.remove(permits);
        settle.run();
    }

    private void arrive(int cost, long work) {
        arrivals++;
        countedArrivals += cost;
        if (!vendor.arrives(vendorTime(), cost)) {
            violations++;
        }
        time.after(work, () -> vendor.done(cost));
    }

    private long vendorTime() {
        return Math.round(time.getAsLong() * vendorClockRate);
    }

    /** Mostly a fraction of the longest, now and then all of it. */
    private long delay(long longest) {
        if (longest == 0) {
            return 0;
        }
        return random.nextInt(20) == 0 ? longest : random.nextLong(longest / 4 + 1);
    }
}
