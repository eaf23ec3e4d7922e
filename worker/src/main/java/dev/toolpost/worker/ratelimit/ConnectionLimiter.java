package dev.toolpost.worker.ratelimit;

import dev.toolpost.connectors.Limit;
import dev.toolpost.schemas.Lane;
import dev.toolpost.worker.ratelimit.Acquisition.Granted;
import dev.toolpost.worker.ratelimit.Acquisition.TooLate;
import dev.toolpost.worker.ratelimit.LimiterSnapshot.Spent;
import dev.toolpost.worker.ratelimit.LimiterView.BandwidthView;
import dev.toolpost.worker.ratelimit.LimiterView.LaneView;
import dev.toolpost.worker.ratelimit.Permits.Settlement;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The permits of one connection ({@code tenant/connection}), for as long as one worker owns its shard without a break.
 *
 * <p>{@link #acquire} waits in priority order: interactive calls before batch calls, first come first served within a
 * lane. A call takes its permits of each bandwidth that counts it, all at once or none; who lacks permits of one
 * bandwidth does not hold up calls that do not need that bandwidth, and is not overtaken on it, however much it needs. Batch calls
 * leave the interactive reserve of each bandwidth behind. With bandwidths that lie in each other, as a tool's in the connection's,
 * nobody of the interactive lane starves; where groups of tools overlap, a waiter that would is helped.
 *
 * <p>How each kind of limit is kept, and why it never exceeds the vendor's, is said at {@link SlidingBandwidth},
 * {@link TokenBandwidth}, {@link DailyBandwidth} and {@link ConcurrentBandwidth}.
 *
 * <p><b>Scope.</b> Limits of the scopes connection, tool and group are exact, because one worker owns a connection. A limit
 * of the scope vendor is kept per connection: exact while the vendor sees one connection of this Toolpost, and too
 * generous by the number of busy connections beyond that.
 *
 * <p>Thread-safe, made for virtual threads: a waiting call costs one parked thread, is woken once, when its permits are
 * its own, and nothing polls. Times are those of the clock given, in nanoseconds, comparable to each other only.
 */
public final class ConnectionLimiter {

    /** How long a request that got no answer may still arrive at the vendor, or be at work there. */
    public static final Duration UNANSWERED_GRACE = Duration.ofSeconds(5);

    /**
     * Windows up to this count as full after an owner was lost. Of longer ones only what is known counts, and the vendor's answers say
     * the rest.
     */
    static final Duration LONGEST_FILLED = Duration.ofMinutes(10);

    /** How long the last request of an owner that was lost may have been on its way. */
    static final Duration TRANSIT_GRACE = Duration.ofSeconds(1);

    /** No estimate, however wrong, makes the timer spin. */
    private static final long SHORTEST_SLEEP_NANOS = 10_000;

    private final List<Limit> limits;
    private final LongSupplier nanoTime;
    private final InstantSource clock;
    private final long originNanos;
    private final InitialState initial;
    private final WakeUps.WakeUp wakeUp;
    private final Map<String, Way> ways = new ConcurrentHashMap<>();
    private final ReentrantLock lock = new ReentrantLock();

    // Guarded by lock. Times are nanoseconds since the origin.
    private final Map<String, Bandwidth> bandwidths = new HashMap<>();
    private final WaitingRoom room = new WaitingRoom();
    private long latestNow;
    private final Pause pause = new Pause();
    private final LimitTally unnamedThrottles = new LimitTally();

    /** What a tool's calls pass: its bandwidths, and what they cost where the request does not decide. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Way(Route route, int[] standard, boolean depends) {}

    /**
     * With wake-ups by the {@linkplain LimiterTimer#shared() timer of the process}.
     *
     * @param nanoTime {@link System#nanoTime()} or like it
     * @param clock for windows that begin at a time of day
     */
    public ConnectionLimiter(List<Limit> limits, LongSupplier nanoTime, InstantSource clock, InitialState initial) {
        this(limits, nanoTime, clock, initial, LimiterTimer.shared());
    }

    /**
     * @param limits those that hold for the connection, its overrides applied ({@link EffectiveLimits})
     * @throws IllegalArgumentException if two limits have one name, or one call would need more than 63 limits
     */
    public ConnectionLimiter(
            List<Limit> limits, LongSupplier nanoTime, InstantSource clock, InitialState initial, WakeUps wakeUps) {
        this.limits = List.copyOf(limits);
        this.nanoTime = nanoTime;
        this.clock = clock;
        this.originNanos = nanoTime.getAsLong();
        this.initial = initial;
        this.wakeUp = wakeUps.register(this::tick);
        check(this.limits);
        if (initial instanceof InitialState.Restored(LimiterSnapshot snapshot)) {
            pause.extendTo(snapshot.pausedNanos());
        }
    }

    private static void check(List<Limit> limits) {
        Set<String> names = new HashSet<>();
        for (Limit limit : limits) {
            if (!names.add(limit.name())) {
                throw new IllegalArgumentException("limits named " + limit.name() + ": 2 (expected: 1)");
            }
        }
        if (limits.size() > Route.MOST_BANDWIDTHS) {
            throw new IllegalArgumentException(
                    "limits of one connection: " + limits.size() + " (expected: <= " + Route.MOST_BANDWIDTHS + ")");
        }
    }

    /**
     * Waits for the permits of each bandwidth that counts the tool, as many as its calls cost where the request does not decide.
     *
     * @param deadlineNanos when waiting ends, on the limiter's clock; {@link Long#MAX_VALUE} for no end
     * @return the permits, or that they cannot be had in time, said as soon as that is clear
     * @throws InterruptedException if the thread is interrupted before or while it waits; it then holds nothing
     */
    public Acquisition acquire(String tool, Lane lane, long deadlineNanos) throws InterruptedException {
        return acquire(tool, null, lane, deadlineNanos);
    }

    /**
     * Waits for the permits of each bandwidth that counts the tool, all of them at once.
     *
     * @param cost asked only where the request decides what a call of the tool costs; null for the standard
     * @param deadlineNanos when waiting ends, on the limiter's clock; {@link Long#MAX_VALUE} for no end
     * @return the permits, or that they cannot be had in time or at all, said as soon as that is clear
     * @throws InterruptedException if the thread is interrupted before or while it waits; it then holds nothing
     */
    public Acquisition acquire(String tool, @Nullable CallCost cost, Lane lane, long deadlineNanos)
            throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        Waiter waiter = ask(tool, cost, lane, deadlineNanos);
        Acquisition outcome = waiter.outcome;
        while (outcome == null) {
            park(waiter);
            if (Thread.interrupted()) {
                withdraw(waiter);
                throw new InterruptedException();
            }
            outcome = waiter.outcome;
            if (outcome == null && waiter.deadline <= now()) {
                outcome = expire(waiter);
            }
        }
        return outcome;
    }

    private void park(Waiter waiter) {
        if (waiter.deadline == Long.MAX_VALUE) {
            LockSupport.park(this);
        } else {
            LockSupport.parkNanos(this, waiter.deadline - now());
        }
    }

    /** Grants nothing until the given time of the limiter's clock; the later of two pauses counts. */
    public void pause(long untilNanos) {
        Waiter woken;
        lock.lock();
        try {
            woken = pause.extendTo(untilNanos - originNanos) ? afterPause(advance()) : null;
        } finally {
            lock.unlock();
        }
        wake(woken);
    }

    /**
     * The vendor asked for patience in answer to the request of these permits.
     *
     * @param limits names of those that pause; where none of them counts the call, everything does
     * @param asked how long
     * @param max up to this the pause doubles with every throttle in a row; null where it does not grow
     */
    public void throttled(Permits permits, Set<String> limits, Duration asked, @Nullable Duration max) {
        Waiter woken;
        lock.lock();
        try {
            long now = advance();
            long grantedAt = permits.grantedAtNanos() - originNanos;
            boolean named = false;
            boolean longer = false;
            for (Bandwidth bandwidth : permits.route().bandwidths) {
                if (limits.contains(bandwidth.limit.name())) {
                    named = true;
                    long length = length(bandwidth.pause, now, grantedAt, asked, max);
                    longer |= bandwidth.pause.extendTo(now + length);
                    bandwidth.tally.throttled(now, length);
                }
            }
            if (!named) {
                long length = length(pause, now, grantedAt, asked, max);
                longer = pause.extendTo(now + length);
                unnamedThrottles.throttled(now, length);
            }
            woken = longer ? afterPause(now) : null;
        } finally {
            lock.unlock();
        }
        wake(woken);
    }

    private static long length(Pause pause, long now, long grantedAt, Duration asked, @Nullable Duration max) {
        return max == null ? asked.toNanos() : pause.grown(now, grantedAt, asked.toNanos(), max.toNanos());
    }

    /** Calls of this lane that wait now. */
    public int waiting(Lane lane) {
        lock.lock();
        try {
            return room.waiting(lane);
        } finally {
            lock.unlock();
        }
    }

    /** How it stands now. Nothing is granted, taken or woken by looking. */
    public LimiterView view() {
        lock.lock();
        try {
            long now = advance();
            return new LimiterView(
                    bandwidths.values().stream()
                            .map(bandwidth -> bandwidth.view(now))
                            .sorted(Comparator.comparing(BandwidthView::limit)
                                    .thenComparing(each -> String.valueOf(each.tool())))
                            .toList(),
                    lane(Lane.INTERACTIVE, now),
                    lane(Lane.BATCH, now),
                    Duration.ofNanos(Math.max(0, pause.until() - now)),
                    unnamedThrottles.throttles(now));
        } finally {
            lock.unlock();
        }
    }

    private LaneView lane(Lane lane, long now) {
        long estimated = Math.max(now, pause.until());
        for (Way way : ways.values()) {
            estimated = Math.max(estimated, way.route().earliest(lane, way.standard(), now));
        }
        int waiting = room.waiting(lane);
        return new LaneView(
                waiting,
                Duration.ofNanos(waiting == 0 ? 0 : now - room.oldest(lane)),
                Duration.ofNanos(estimated - now));
    }

    /**
     * What is spent, for {@link InitialState#restored}. To be taken when nothing is granted any more; requests still
     * under way count as ending {@link #UNANSWERED_GRACE} after the restore.
     *
     * @param nowNanos the time of the limiter's clock from which the successor counts
     */
    public byte[] snapshot(long nowNanos) {
        lock.lock();
        try {
            long now = Math.max(nowNanos - originNanos, advance());
            Set<String> names = new HashSet<>();
            Map<String, Spent> spent = new HashMap<>();
            for (Limit limit : limits) {
                names.add(limit.name());
            }
            if (initial instanceof InitialState.Restored(LimiterSnapshot before)) {
                // Bandwidths of single tools that nobody has asked for since.
                before.bandwidths().forEach((id, each) -> {
                    if (names.contains(limitName(id))) {
                        spent.put(id, each.after(now));
                    }
                });
            }
            bandwidths.forEach((id, bandwidth) -> spent.put(id, bandwidth.spent(now)));
            return new LimiterSnapshot(Math.max(0, pause.until() - now), names, spent).encode();
        } finally {
            lock.unlock();
        }
    }

    /** Asks without waiting: the outcome is there at once, or comes later by {@link Waiter#outcome}. */
    Waiter ask(String tool, Lane lane, long deadlineNanos) {
        return ask(tool, null, lane, deadlineNanos);
    }

    /** Asks without waiting: the outcome is there at once, or comes later by {@link Waiter#outcome}. */
    Waiter ask(String tool, @Nullable CallCost cost, Lane lane, long deadlineNanos) {
        Way way = way(tool);
        Route route = way.route();
        int[] costs = cost != null && way.depends() ? costs(route, cost) : way.standard();
        long deadline = deadlineNanos == Long.MAX_VALUE ? Long.MAX_VALUE : deadlineNanos - originNanos;
        Waiter waiter = new Waiter(route, costs, lane, deadline, Thread.currentThread());
        waiter.outcome = tooCostly(route, costs);
        if (waiter.outcome != null) {
            return waiter;
        }
        Waiter woken;
        lock.lock();
        try {
            long now = advance();
            if (deadline <= now) {
                waiter.outcome = new TooLate(originNanos + earliest(waiter, now));
                return waiter;
            }
            if (!pause.holds(now) && room.canGo(route, lane, costs, now)) {
                route.take(costs);
                grant(waiter, now);
                return waiter;
            }
            long earliest = earliest(waiter, now);
            if (earliest > deadline) {
                waiter.outcome = new TooLate(originNanos + earliest);
                return waiter;
            }
            waiter.since = now;
            room.enter(waiter);
            var wake = new WakeList();
            admit(now, wake);
            woken = wake.first;
        } finally {
            lock.unlock();
        }
        wake(woken);
        return waiter;
    }

    private static int[] costs(Route route, CallCost cost) {
        int[] costs = new int[route.bandwidths.size()];
        for (int i = 0; i < costs.length; i++) {
            costs[i] = Math.max(1, cost.of(route.bandwidths.get(i).limit));
        }
        return costs;
    }

    private static Acquisition.@Nullable TooCostly tooCostly(Route route, int[] costs) {
        for (int i = 0; i < costs.length; i++) {
            Bandwidth bandwidth = route.bandwidths.get(i);
            if (costs[i] > bandwidth.permits) {
                return new Acquisition.TooCostly(bandwidth.limit, costs[i]);
            }
        }
        return null;
    }

    /** The waiter is gone: out of the line, or its permits given back. */
    void withdraw(Waiter waiter) {
        Waiter woken;
        lock.lock();
        try {
            long now = advance();
            switch (waiter.outcome) {
                case null -> room.leave(waiter);
                case Granted(Permits permits) -> {
                    if (permits.markSettled()) {
                        waiter.route.settle(waiter.costs, Settlement.UNUSED, now);
                    }
                }
                case TooLate _, Acquisition.TooCostly _ -> {
                    return;
                }
            }
            var wake = new WakeList();
            admit(now, wake);
            woken = wake.first;
        } finally {
            lock.unlock();
        }
        wake(woken);
    }

    private Acquisition expire(Waiter waiter) {
        Waiter woken;
        Acquisition outcome;
        lock.lock();
        try {
            outcome = waiter.outcome;
            if (outcome != null) {
                return outcome;
            }
            room.leave(waiter);
            long now = advance();
            outcome = new TooLate(originNanos + earliest(waiter, now));
            waiter.outcome = outcome;
            var wake = new WakeList();
            admit(now, wake);
            woken = wake.first;
        } finally {
            lock.unlock();
        }
        wake(woken);
        return outcome;
    }

    /** Gives permits back and takes them anew in one step, so that nobody who waits comes between. */
    boolean renew(Permits permits) {
        lock.lock();
        try {
            long now = advance();
            Route route = permits.route();
            if (permits.isSettled() || pause.holds(now) || route.isPaused(now)) {
                return false;
            }
            route.settle(permits.costs(), Settlement.UNUSED, now);
            route.take(permits.costs());
            permits.renewedAt(originNanos + now);
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** @return names of the limits that the feedback corrected */
    List<String> settle(Permits permits, Settlement settlement, List<LimitFeedback> feedback) {
        List<String> corrected = feedback.isEmpty() ? List.of() : new ArrayList<>(2);
        Waiter woken;
        lock.lock();
        try {
            if (!permits.markSettled()) {
                return corrected;
            }
            long now = advance();
            permits.route().settle(permits.costs(), settlement, now);
            boolean paused = !feedback.isEmpty() && correct(permits, feedback, now, corrected);
            if (room.isEmpty()) {
                return corrected;
            }
            if (paused) {
                woken = afterPause(now);
            } else {
                var wake = new WakeList();
                admit(now, wake);
                woken = wake.first;
            }
        } finally {
            lock.unlock();
        }
        wake(woken);
        return corrected;
    }

    private void tick() {
        Waiter woken;
        lock.lock();
        try {
            var wake = new WakeList();
            admit(advance(), wake);
            woken = wake.first;
        } finally {
            lock.unlock();
        }
        wake(woken);
    }

    /** Free permits now, by limit (and tool); only of those that were asked for yet. */
    Map<String, Long> free() {
        lock.lock();
        try {
            long now = advance();
            Map<String, Long> free = new HashMap<>();
            bandwidths.forEach((id, bandwidth) -> free.put(id, bandwidth.free(now)));
            return free;
        } finally {
            lock.unlock();
        }
    }

    // The rest runs with the lock held, except where it says otherwise.

    /** Whether there is a new pause. */
    private boolean correct(Permits permits, List<LimitFeedback> feedback, long now, List<String> corrected) {
        boolean paused = false;
        List<Bandwidth> counting = permits.route().bandwidths;
        for (LimitFeedback each : feedback) {
            for (int i = 0; i < counting.size(); i++) {
                Bandwidth bandwidth = counting.get(i);
                if (bandwidth.limit.name().equals(each.limit())) {
                    long before = bandwidth.tally.corrections();
                    paused |= bandwidth.correct(each, permits.costs()[i], permits.grantedAtNanos() - originNanos, now);
                    if (bandwidth.tally.corrections() != before) {
                        corrected.add(each.limit());
                    }
                }
            }
        }
        return paused;
    }

    /** Tells those at once whose deadline the pause passes. */
    private @Nullable Waiter afterPause(long now) {
        var wake = new WakeList();
        room.removeIf(waiter -> waiter.deadline < pausedUntil(waiter.route), waiter -> {
            waiter.outcome = new TooLate(originNanos + earliest(waiter, now));
            wake.add(waiter);
        });
        admit(now, wake);
        return wake.first;
    }

    private long pausedUntil(Route route) {
        long until = pause.until();
        for (Bandwidth bandwidth : route.bandwidths) {
            until = Math.max(until, bandwidth.pause.until());
        }
        return until;
    }

    private void admit(long now, WakeList wake) {
        if (room.isEmpty()) {
            return;
        }
        long lookAgainAt = pause.until();
        if (!pause.holds(now)) {
            lookAgainAt = room.admit(now, waiter -> {
                grant(waiter, now);
                wake.add(waiter);
            });
        }
        if (lookAgainAt != Bandwidth.UNKNOWN) {
            wakeUp.at(originNanos + Math.max(lookAgainAt, now + SHORTEST_SLEEP_NANOS));
        }
    }

    private void grant(Waiter waiter, long now) {
        waiter.outcome = new Granted(new Permits(this, waiter.route, waiter.costs, originNanos + now));
    }

    private long earliest(Waiter waiter, long now) {
        return Math.max(pause.until(), waiter.route.earliest(waiter.lane, waiter.costs, now));
    }

    /** Takes the lock where the tool is asked for the first time. */
    private Way way(String tool) {
        Way way = ways.get(tool);
        if (way != null) {
            return way;
        }
        lock.lock();
        try {
            return ways.computeIfAbsent(tool, this::newWay);
        } finally {
            lock.unlock();
        }
    }

    private Way newWay(String tool) {
        List<Bandwidth> counting = new ArrayList<>();
        boolean depends = false;
        for (Limit limit : limits) {
            if (limit.counts(tool)) {
                String id = limit.scope() == Limit.Scope.TOOL ? limit.name() + "/" + tool : limit.name();
                counting.add(bandwidths.computeIfAbsent(id, absent -> newBandwidth(absent, limit)));
                depends |= limit.cost().depends(tool);
            }
        }
        int[] standard = counting.stream()
                .mapToInt(bandwidth -> bandwidth.limit.cost().standard(tool))
                .toArray();
        return new Way(room.route(counting), standard, depends);
    }

    private Bandwidth newBandwidth(String id, Limit limit) {
        Bandwidth bandwidth = Bandwidth.of(id, limit, clock);
        switch (initial) {
            case InitialState.Fresh() -> {}
            case InitialState.FullAt(long nanos) -> fill(bandwidth, nanos - originNanos + TRANSIT_GRACE.toNanos());
            case InitialState.Replacing(LimiterSnapshot snapshot, long nanos) -> {
                if (isFilled(limit)) {
                    fill(bandwidth, nanos - originNanos + TRANSIT_GRACE.toNanos());
                } else {
                    resume(bandwidth, snapshot);
                }
            }
            case InitialState.Restored(LimiterSnapshot snapshot) -> resume(bandwidth, snapshot);
        }
        return bandwidth;
    }

    private static void resume(Bandwidth bandwidth, LimiterSnapshot snapshot) {
        Spent spent = snapshot.bandwidths().get(bandwidth.id);
        if (spent != null && spent.family() == bandwidth.family()) {
            bandwidth.resume(spent, 0);
            bandwidth.pause.extendTo(spent.pausedNanos());
        } else if (spent != null || !snapshot.limits().contains(bandwidth.limit.name())) {
            fill(bandwidth, 0);
        }
    }

    private static void fill(Bandwidth bandwidth, long at) {
        if (isFilled(bandwidth.limit)) {
            bandwidth.fill(at);
        }
    }

    private static boolean isFilled(Limit limit) {
        return limit.window() == null || limit.window().compareTo(LONGEST_FILLED) <= 0;
    }

    private static String limitName(String bandwidthId) {
        int slash = bandwidthId.lastIndexOf('/');
        return slash < 0 ? bandwidthId : bandwidthId.substring(0, slash);
    }

    /** Without the lock. */
    private long now() {
        return nanoTime.getAsLong() - originNanos;
    }

    /** The time, never going back. */
    private long advance() {
        latestNow = Math.max(latestNow, now());
        return latestNow;
    }

    /** Without the lock: each thread that got its outcome is woken once. */
    private static void wake(@Nullable Waiter first) {
        Waiter next;
        for (Waiter each = first; each != null; each = next) {
            next = each.after;
            each.after = null;
            if (!each.thread.equals(Thread.currentThread())) {
                LockSupport.unpark(each.thread);
            }
        }
    }

    /** Waiters that got their outcome, strung together by their own links. */
    private static final class WakeList {
        private @Nullable Waiter first;
        private @Nullable Waiter last;

        void add(Waiter waiter) {
            if (last == null) {
                first = waiter;
            } else {
                last.after = waiter;
            }
            last = waiter;
        }
    }
}
