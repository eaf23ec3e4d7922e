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
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
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
 * <p><b>Scope.</b> Limits of the scopes connection, tool and group are exact, because one worker owns a connection. Those of scope
 * vendor are kept by a {@link VendorAllowance}, which many limiters share.
 *
 * <p><b>Long windows.</b> Permits of windows longer than {@link #LONGEST_FILLED} are made durable as spent, a chunk at a time, before
 * they are, where there is a {@link SpendingLog}: whoever takes over after a crash counts them.
 *
 * <p>Thread-safe, made for virtual threads: a waiting call costs one parked thread or none ({@link Ticket}), is woken once, when its
 * permits are its own, and nothing polls. Times are those of the clock given, in nanoseconds, comparable to each other only.
 */
public final class ConnectionLimiter {

    /** How long a request that got no answer may still arrive at the vendor, or be at work there. */
    public static final Duration UNANSWERED_GRACE = Duration.ofSeconds(5);

    /** Windows up to this count as full after an owner was lost; what was spent of longer ones is known from its log. */
    public static final Duration LONGEST_FILLED = Duration.ofMinutes(1);

    /** The same where no log was kept: the vendor's answers say the rest. */
    private static final Duration LONGEST_FILLED_WITHOUT_LOG = Duration.ofMinutes(10);

    /** How long the last request of an owner that was lost may have been on its way. */
    static final Duration TRANSIT_GRACE = Duration.ofSeconds(1);

    /** Between a bandwidth's name and the share of it that is meant; no name holds it. */
    private static final char SHARE = '#';

    /** Of the text by which a share is known. */
    private static final int LONGEST_SHARE = 100;

    /** With more tools and shares than this, what is idle is forgotten. */
    private static final int MOST_WAYS = 2_000;

    /** No estimate, however wrong, makes the timer spin. */
    static final long SHORTEST_SLEEP_NANOS = 10_000;

    private final List<Limit> limits;
    private final Set<String> sharedLimits;
    private final InstantSource clock;
    private final InitialState initial;
    private final @Nullable VendorAllowance allowance;
    private final VendorAllowance.@Nullable Member member;
    private volatile @Nullable SpendingLog log;
    private final Timeline time;
    private final long began;
    private final WakeUps.WakeUp wakeUp;
    private final WaitingRoom.Gate gate = this::pass;
    private final Map<String, Way> ways = new ConcurrentHashMap<>();
    private final ReentrantLock lock;

    // Guarded by lock. Times are those of the timeline.
    private final Map<String, Bandwidth> bandwidths = new HashMap<>();
    private final WaitingRoom room = new WaitingRoom();
    private final Pause pause = new Pause();
    private final LimitTally unnamedThrottles = new LimitTally();
    private final SlowRestart restart = new SlowRestart();
    private boolean logging;
    private volatile boolean retired; // written under the lock

    /** What a tool's calls pass: its bandwidths, and what they cost where the request does not decide. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Way(
            Route route,
            int[] standard,
            @Nullable Route shared,
            int[] sharedStandard,
            boolean depends,
            List<Limit> divided) {}

    /** Where permits of long windows are made durable before they are spent. */
    @FunctionalInterface
    public interface SpendingLog {

        /**
         * Writes, without blocking, a {@linkplain InitialState#replacing state to go on from} that counts them as spent.
         *
         * @param durable told once, on any thread: whether it is durable; it is not where the shard was lost
         */
        void write(byte[] snapshot, Consumer<Boolean> durable);
    }

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
     * With no more than the connection's own limits.
     *
     * @param limits those that hold for the connection, its overrides applied ({@link EffectiveLimits})
     * @throws IllegalArgumentException if two limits have one name, or one call would need more than 63 limits
     */
    public ConnectionLimiter(
            List<Limit> limits, LongSupplier nanoTime, InstantSource clock, InitialState initial, WakeUps wakeUps) {
        this(limits, nanoTime, clock, initial, wakeUps, null, "", null);
    }

    /**
     * @param limits those that hold for the connection, its overrides applied ({@link EffectiveLimits})
     * @param allowance which keeps those of scope {@code vendor}; null where the limiter keeps them for its connection alone
     * @param tenant of the connection
     * @param log null where a crash may forget what was spent of long windows
     * @throws IllegalArgumentException if two limits have one name, or one call would need more than 63 limits
     */
    public ConnectionLimiter(
            List<Limit> limits,
            LongSupplier nanoTime,
            InstantSource clock,
            InitialState initial,
            WakeUps wakeUps,
            @Nullable VendorAllowance allowance,
            String tenant,
            @Nullable SpendingLog log) {
        check(limits);
        this.limits = allowance == null
                ? List.copyOf(limits)
                : limits.stream()
                        .filter(limit -> limit.scope() != Limit.Scope.VENDOR)
                        .toList();
        this.sharedLimits = limits.stream()
                .filter(limit -> limit.scope() == Limit.Scope.VENDOR)
                .map(Limit::name)
                .collect(Collectors.toUnmodifiableSet());
        this.clock = clock;
        this.initial = initial;
        this.allowance = allowance;
        this.log = log;
        this.lock = allowance == null ? new ReentrantLock() : allowance.lock;
        this.time = allowance == null ? new Timeline(nanoTime) : allowance.time;
        this.began = time.now();
        this.wakeUp = wakeUps.register(this::tick);
        this.member = allowance == null ? null : allowance.join(tenant, this);
        if (allowance != null && member == null) {
            // Another allowance took over just now; one that joined may have been retired meanwhile, and stays so.
            this.retired = true;
        }
        if (initial instanceof InitialState.Restored(LimiterSnapshot snapshot)) {
            pause.extendTo(began + snapshot.pausedNanos());
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
        return enter(tool, cost, lane, deadlineNanos).await();
    }

    /**
     * Takes a place in the line, without waiting; the outcome may be there at once.
     *
     * @param cost asked only where the request decides what a call of the tool costs; null for the standard
     * @param deadlineNanos as of {@link #acquire}
     * @throws InterruptedException if the thread is interrupted; it then holds nothing
     */
    public Ticket enter(String tool, @Nullable CallCost cost, Lane lane, long deadlineNanos)
            throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        return new Ticket(this, tool, ask(tool, cost, lane, deadlineNanos));
    }

    /** Grants nothing until the given time of the limiter's clock; the later of two pauses counts. */
    public void pause(long untilNanos) {
        Aftermath after = new Aftermath();
        lock.lock();
        try {
            long now = time.advance();
            if (pause.extendTo(time.here(untilNanos))) {
                afterPause(now, after);
            }
        } finally {
            lock.unlock();
        }
        after.run();
    }

    /**
     * The vendor asked for patience in answer to the request of these permits. When the pause is over, requests come back slowly.
     *
     * @param limits names of those that pause; where none of them counts the call, everything of the connection does, and what all
     *     connections share where the connection has no limit of its own
     * @param asked how long
     * @param max up to this the pause doubles with every throttle in a row; null where it does not grow
     */
    public void throttled(Permits permits, Set<String> limits, Duration asked, @Nullable Duration max) {
        Aftermath after = new Aftermath();
        lock.lock();
        try {
            long now = time.advance();
            long grantedAt = time.here(permits.grantedAtNanos());
            Waiter call = permits.waiter();
            boolean named = false;
            boolean longer = false;
            for (Bandwidth bandwidth : call.route.bandwidths) {
                if (limits.contains(bandwidth.limit.name())) {
                    named = true;
                    long length = length(bandwidth.pause, now, grantedAt, asked, max);
                    longer |= bandwidth.pause.extendTo(now + length);
                    bandwidth.tally.throttled(now, length);
                }
            }
            List<Bandwidth> shared = call.shared == null ? List.of() : call.shared.bandwidths;
            boolean onlyShared = !shared.isEmpty() && call.route.bandwidths.isEmpty();
            for (Bandwidth bandwidth : shared) {
                if (limits.contains(bandwidth.limit.name()) || (limits.isEmpty() && onlyShared)) {
                    named = true;
                    longer = true;
                    Objects.requireNonNull(allowance)
                            .throttled(bandwidth, now, length(bandwidth.pause, now, grantedAt, asked, max), after);
                }
            }
            if (!named) {
                long length = length(pause, now, grantedAt, asked, max);
                longer = pause.extendTo(now + length);
                restart.begin();
                unnamedThrottles.throttled(now, length);
            }
            if (longer) {
                afterPause(now, after);
            }
        } finally {
            lock.unlock();
        }
        after.run();
    }

    private static long length(Pause pause, long now, long grantedAt, Duration asked, @Nullable Duration max) {
        return max == null ? asked.toNanos() : pause.grown(now, grantedAt, asked.toNanos(), max.toNanos());
    }

    /** Whether permits of any of the limits are made durable before they are spent, where there is a log. */
    public static boolean isLogged(List<Limit> limits) {
        return limits.stream().anyMatch(ConnectionLimiter::isLogged);
    }

    private static boolean isLogged(Limit limit) {
        return limit.window() != null && limit.window().compareTo(LONGEST_FILLED) > 0;
    }

    /** Whether another takes its place: it grants nothing any more. */
    public boolean isRetired() {
        return retired;
    }

    /** Has permits of long windows made durable elsewhere from here on; for a limiter that began with a log. */
    public void logTo(SpendingLog other) {
        log = other;
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
            long now = time.advance();
            Stream<Bandwidth> shared =
                    allowance == null ? Stream.empty() : allowance.applying(sharedLimits, now).stream();
            return new LimiterView(
                    Stream.concat(shown(now), shared)
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

    /** Of the shares of a limit the fullest: there may be thousands, and their names are values of arguments. */
    private Stream<Bandwidth> shown(long now) {
        Map<String, Bandwidth> fullest = new HashMap<>();
        bandwidths.forEach((id, bandwidth) -> {
            int share = id.indexOf(SHARE);
            String name = share < 0 ? id : id.substring(0, share);
            fullest.merge(name, bandwidth, (one, other) -> other.free(now) < one.free(now) ? other : one);
        });
        return fullest.values().stream();
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
            return picture(time.advanceTo(nowNanos), false);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Ends it, because another limiter takes its place: whoever waits is {@linkplain Acquisition.Moved moved}, and nothing is granted any
     * more.
     *
     * @return what is spent, for the limiter that takes its place
     */
    public byte[] retire() {
        Aftermath after = new Aftermath();
        byte[] picture;
        lock.lock();
        try {
            retired = true;
            room.removeIf(waiter -> true, waiter -> {
                left(waiter);
                waiter.outcome = new Acquisition.Moved();
                after.wake(waiter);
            });
            picture = picture(time.advance(), false);
        } finally {
            lock.unlock();
        }
        after.run();
        return picture;
    }

    /** @param ahead whether what is durable or becomes so counts as spent, though it was not */
    private byte[] picture(long now, boolean ahead) {
        Set<String> names = new HashSet<>();
        Map<String, Spent> spent = new HashMap<>();
        for (Limit limit : limits) {
            names.add(limit.name());
        }
        LimiterSnapshot before = switch (initial) {
            case InitialState.Restored(LimiterSnapshot snapshot) -> snapshot;
            case InitialState.Replacing(LimiterSnapshot snapshot, long _) -> snapshot;
            case InitialState.Fresh(), InitialState.FullAt(long _) -> null;
        };
        if (before != null) {
            // Bandwidths of single tools that nobody has asked for since.
            before.bandwidths().forEach((id, each) -> {
                if (names.contains(limitName(id))) {
                    spent.put(id, each.after(now - began));
                }
            });
        }
        bandwidths.forEach((id, bandwidth) -> spent.put(id, spent(bandwidth, now, ahead)));
        return new LimiterSnapshot(Math.max(0, pause.until() - now), names, spent).encode();
    }

    private static Spent spent(Bandwidth bandwidth, long now, boolean ahead) {
        Spent spent = bandwidth.spent(now);
        Reservation reservation = bandwidth.reservation;
        return reservation == null || !ahead ? spent : spent.andUnderWay(reservation.ahead());
    }

    /** Asks without waiting: the outcome is there at once, or comes later by {@link Waiter#outcome}. */
    Waiter ask(String tool, Lane lane, long deadlineNanos) {
        return ask(tool, null, lane, deadlineNanos);
    }

    /** Asks without waiting: the outcome is there at once, or comes later by {@link Waiter#outcome}. */
    Waiter ask(String tool, @Nullable CallCost cost, Lane lane, long deadlineNanos) {
        Way way = way(tool, cost);
        Waiter waiter = waiter(way, cost, lane, time.here(deadlineNanos));
        waiter.outcome = tooCostly(waiter);
        if (waiter.outcome != null) {
            return waiter;
        }
        Aftermath after = new Aftermath();
        lock.lock();
        try {
            long now = time.advance();
            if (retired) {
                waiter.outcome = new Acquisition.Moved();
                return waiter;
            }
            if (waiter.deadline <= now) {
                waiter.outcome = new TooLate(time.onClock(earliest(waiter, now)));
                return waiter;
            }
            if (!pause.holds(now) && room.canGo(waiter, now, gate)) {
                waiter.route.take(waiter.costs);
                grant(waiter, now);
                reserve(now, after);
            } else {
                waiter.estimate = earliest(waiter, now);
                if (waiter.estimate > waiter.deadline || neverHas(waiter, now)) {
                    waiter.outcome = new TooLate(time.onClock(waiter.estimate));
                    return waiter;
                }
                waiter.since = now;
                waiter.ahead = room.waiting(lane);
                room.enter(waiter);
                entered(waiter);
                admit(now, after);
            }
        } finally {
            lock.unlock();
        }
        after.run();
        return waiter;
    }

    private static Waiter waiter(Way way, @Nullable CallCost cost, Lane lane, long deadline) {
        Route shared = way.shared();
        if (cost == null || !way.depends()) {
            return new Waiter(way.route(), way.standard(), shared, way.sharedStandard(), lane, deadline);
        }
        int[] sharedCosts = shared == null ? way.sharedStandard() : costs(shared, cost);
        return new Waiter(way.route(), costs(way.route(), cost), shared, sharedCosts, lane, deadline);
    }

    private static int[] costs(Route route, CallCost cost) {
        int[] costs = new int[route.bandwidths.size()];
        for (int i = 0; i < costs.length; i++) {
            costs[i] = Math.max(1, cost.of(route.bandwidths.get(i).limit));
        }
        return costs;
    }

    private static Acquisition.@Nullable TooCostly tooCostly(Waiter waiter) {
        Acquisition.TooCostly own = tooCostly(waiter.route, waiter.costs);
        return own == null && waiter.shared != null ? tooCostly(waiter.shared, waiter.sharedCosts) : own;
    }

    private static Acquisition.@Nullable TooCostly tooCostly(Route route, int[] costs) {
        for (int i = 0; i < costs.length; i++) {
            Bandwidth bandwidth = route.bandwidths.get(i);
            if (costs[i] > bandwidth.dearest()) {
                return new Acquisition.TooCostly(bandwidth.limit, costs[i]);
            }
        }
        return null;
    }

    /** Runs the action once the waiter has its outcome; at once where it has. */
    void whenDecided(Waiter waiter, Runnable action) {
        lock.lock();
        try {
            if (waiter.outcome == null) {
                waiter.whenDecided(action);
                return;
            }
        } finally {
            lock.unlock();
        }
        action.run();
    }

    /** The waiter is gone: out of the line, or its permits given back. */
    void withdraw(Waiter waiter) {
        Aftermath after = new Aftermath();
        lock.lock();
        try {
            long now = time.advance();
            switch (waiter.outcome) {
                case null -> {
                    if (waiter.gone) {
                        return;
                    }
                    waiter.gone = true;
                    room.leave(waiter);
                    left(waiter);
                }
                case Granted(Permits permits) -> {
                    if (permits.markSettled()) {
                        settle(waiter, Settlement.UNUSED, now);
                    }
                }
                case TooLate _, Acquisition.TooCostly _, Acquisition.Moved _ -> {
                    return;
                }
            }
            admit(now, after);
        } finally {
            lock.unlock();
        }
        after.run();
    }

    /** The waiter's deadline is over, unless it got its outcome just now. */
    Acquisition expire(Waiter waiter) {
        Aftermath after = new Aftermath();
        Acquisition outcome;
        lock.lock();
        try {
            outcome = waiter.outcome;
            if (outcome != null) {
                return outcome;
            }
            if (!waiter.gone) {
                waiter.gone = true;
                room.leave(waiter);
                left(waiter);
            }
            long now = time.advance();
            outcome = new TooLate(time.onClock(earliest(waiter, now)));
            waiter.outcome = outcome;
            admit(now, after);
        } finally {
            lock.unlock();
        }
        after.run();
        return outcome;
    }

    /** Gives permits back and takes them anew in one step, so that nobody who waits comes between; those that are kept elsewhere where they are. */
    CompletableFuture<Boolean> renewing(Permits permits) {
        Aftermath after = new Aftermath();
        CompletableFuture<Boolean> renewed = new CompletableFuture<>();
        lock.lock();
        try {
            long now = time.advance();
            Waiter call = permits.waiter();
            if (permits.isSettled() || isHeldUp(call, now) || (allowance != null && !allowance.mayRenew(call, now))) {
                return CompletableFuture.completedFuture(false);
            }
            long held = now - time.here(permits.takenAtNanos());
            boolean isAsked = allowance != null
                    && allowance.renew(call, held, refused -> renewed.complete(renewed(permits, refused)), now, after);
            if (!isAsked) {
                renewedAt(permits, now);
                renewed.complete(true);
            }
        } finally {
            lock.unlock();
        }
        after.run();
        return renewed;
    }

    private boolean isHeldUp(Waiter call, long now) {
        return retired
                || pause.holds(now)
                || call.route.isPaused(now)
                || (call.shared != null && call.shared.isPaused(now));
    }

    /**
     * What is kept elsewhere has answered.
     *
     * @param refused places in the shared route, as bits, where it was not there
     * @return whether the permits may be used
     */
    private boolean renewed(Permits permits, long refused) {
        Aftermath after = new Aftermath();
        boolean mayBeUsed = false;
        lock.lock();
        try {
            long now = time.advance();
            Waiter call = permits.waiter();
            permits.takenAnewAt(time.onClock(now));
            mayBeUsed = refused == 0 && !isHeldUp(call, now);
            if (mayBeUsed) {
                renewedAt(permits, now);
            } else if (refused != 0 && permits.markSettled()) {
                call.route.settle(call.costs, Settlement.UNUSED, now);
                restart.settled(call.restart, false);
                Objects.requireNonNull(allowance).forgo(call, refused, now);
                admit(now, after);
            }
        } finally {
            lock.unlock();
        }
        after.run();
        return mayBeUsed;
    }

    /** Takes permits back; answers with the names of the limits that the feedback corrected. */
    List<String> settle(Permits permits, Settlement settlement, List<LimitFeedback> feedback) {
        List<String> corrected = feedback.isEmpty() ? List.of() : new ArrayList<>(2);
        Aftermath after = new Aftermath();
        lock.lock();
        try {
            if (!permits.markSettled()) {
                return corrected;
            }
            long now = time.advance();
            boolean isLate = settlement == Settlement.UNUSED && permits.isStale(time.onClock(now));
            settle(permits.waiter(), isLate ? Settlement.UNUSED_LATE : settlement, now);
            if (!feedback.isEmpty() && correct(permits, feedback, now, corrected, after)) {
                afterPause(now, after);
            } else {
                admit(now, after);
            }
        } finally {
            lock.unlock();
        }
        after.run();
        return corrected;
    }

    private void tick() {
        Aftermath after = new Aftermath();
        lock.lock();
        try {
            admit(time.advance(), after);
        } finally {
            lock.unlock();
        }
        after.run();
    }

    /** Free permits now, by limit (and tool); only of those that were asked for yet. */
    Map<String, Long> free() {
        lock.lock();
        try {
            long now = time.advance();
            Map<String, Long> free = new HashMap<>();
            bandwidths.forEach((id, bandwidth) -> free.put(id, bandwidth.free(now)));
            return free;
        } finally {
            lock.unlock();
        }
    }

    // The rest runs with the lock held, except where it says otherwise.

    private void renewedAt(Permits permits, long now) {
        Waiter call = permits.waiter();
        call.route.settle(call.costs, Settlement.UNUSED, now);
        call.route.take(call.costs);
        if (call.shared != null) {
            call.shared.renew(call.sharedCosts);
        }
        permits.renewedAt(time.onClock(now));
    }

    private void settle(Waiter call, Settlement settlement, long now) {
        call.route.settle(call.costs, settlement, now);
        restart.settled(call.restart, settlement == Settlement.FINISHED);
        if (allowance != null) {
            allowance.settled(call, settlement, now);
        }
    }

    /** Whether there is a new pause. */
    private boolean correct(
            Permits permits, List<LimitFeedback> feedback, long now, List<String> corrected, Aftermath after) {
        Waiter call = permits.waiter();
        long grantedAt = time.here(permits.grantedAtNanos());
        boolean paused = correct(
                call.route,
                feedback,
                corrected,
                (each, i) -> call.route.bandwidths.get(i).correct(each, call.costs[i], grantedAt, now));
        Route shared = call.shared;
        if (shared != null) {
            VendorAllowance all = Objects.requireNonNull(allowance);
            paused |= correct(
                    shared,
                    feedback,
                    corrected,
                    (each, i) ->
                            all.correct(shared.bandwidths.get(i), each, call.sharedCosts[i], grantedAt, now, after));
        }
        return paused;
    }

    /** Has one bandwidth of a route corrected by its place; answers whether there is a new pause. */
    private interface Correction {
        boolean correct(LimitFeedback feedback, int place);
    }

    private static boolean correct(
            Route route, List<LimitFeedback> feedback, List<String> corrected, Correction correction) {
        boolean paused = false;
        List<Bandwidth> counting = route.bandwidths;
        for (LimitFeedback each : feedback) {
            for (int i = 0; i < counting.size(); i++) {
                Bandwidth bandwidth = counting.get(i);
                if (bandwidth.limit.name().equals(each.limit())) {
                    long before = bandwidth.tally.corrections();
                    paused |= correction.correct(each, i);
                    if (bandwidth.tally.corrections() != before) {
                        corrected.add(each.limit());
                    }
                }
            }
        }
        return paused;
    }

    /** Tells those at once whose deadline the pause passes. */
    private void afterPause(long now, Aftermath after) {
        tellLate(now, after);
        if (allowance != null) {
            allowance.tellLate(now, after);
        }
        admit(now, after);
    }

    /** Tells those whose deadline is before the end of a pause, and those for whom there is nothing to wait for. */
    void tellLate(long now, Aftermath after) {
        room.removeIf(waiter -> waiter.deadline < pausedUntil(waiter) || neverHas(waiter, now), waiter -> {
            left(waiter);
            waiter.outcome = new TooLate(time.onClock(earliest(waiter, now)));
            after.wake(waiter);
        });
    }

    private boolean neverHas(Waiter waiter, long now) {
        return allowance != null && allowance.neverHas(waiter, now);
    }

    private long pausedUntil(Waiter waiter) {
        long until = Math.max(pause.until(), waiter.route.pausedUntil());
        return waiter.shared == null ? until : Math.max(until, waiter.shared.pausedUntil());
    }

    /** Lets in who can go now, here and then at the other connections that share an allowance. */
    private void admit(long now, Aftermath after) {
        admitInTurn(now, after);
        if (allowance != null) {
            allowance.serve(now, after);
        }
    }

    /** Lets in who can go now, here. */
    void admitInTurn(long now, Aftermath after) {
        if (room.isEmpty()) {
            // What answers have cost beyond what was durable is made good even if nobody asks.
            reserve(now, after);
            return;
        }
        long lookAgainAt = pause.until();
        if (!pause.holds(now)) {
            lookAgainAt = room.admit(now, gate, waiter -> {
                left(waiter);
                grant(waiter, now);
                after.wake(waiter);
            });
            reserve(now, after);
        }
        if (lookAgainAt != Bandwidth.UNKNOWN) {
            wakeUp.at(time.onClock(Math.max(lookAgainAt, now + SHORTEST_SLEEP_NANOS)));
        }
    }

    private boolean pass(Waiter waiter, long now) {
        return restart.allows() && (member == null || member.pass(waiter, now));
    }

    private void grant(Waiter waiter, long now) {
        waiter.restart = restart.granted();
        waiter.outcome = new Granted(new Permits(this, waiter, time.onClock(now)));
    }

    private void entered(Waiter waiter) {
        if (member != null && waiter.shared != null) {
            member.waitingChanged(waiter.lane, 1);
        }
    }

    private void left(Waiter waiter) {
        if (member != null && waiter.shared != null) {
            member.waitingChanged(waiter.lane, -1);
        }
    }

    private long earliest(Waiter waiter, long now) {
        long own = Math.max(pause.until(), waiter.route.earliest(waiter.lane, waiter.costs, now));
        return member == null || allowance == null ? own : Math.max(own, allowance.earliest(member, waiter, now));
    }

    /** Has more permits of long windows made durable, where those that are run out. */
    private void reserve(long now, Aftermath after) {
        SpendingLog to = log;
        if (to == null || retired || logging) {
            // One after the other, so that no older picture comes after a newer one.
            return;
        }
        List<Reservation> begun = null;
        for (Bandwidth bandwidth : bandwidths.values()) {
            Reservation reservation = bandwidth.reservation;
            long next = reservation == null ? 0 : reservation.next(bandwidth.free(now));
            if (reservation != null && next > 0) {
                reservation.begin(next);
                begun = begun == null ? new ArrayList<>() : begun;
                begun.add(reservation);
            }
        }
        if (begun != null) {
            List<Reservation> written = begun;
            logging = true;
            byte[] picture = picture(now, true);
            after.then(() -> to.write(picture, durable -> reserved(written, durable)));
        }
    }

    private void reserved(List<Reservation> written, boolean durable) {
        Aftermath after = new Aftermath();
        lock.lock();
        try {
            logging = false;
            written.forEach(reservation -> reservation.end(durable));
            if (durable || !room.isEmpty()) {
                admit(time.advance(), after);
            }
        } finally {
            lock.unlock();
        }
        after.run();
    }

    /** Takes the lock where the tool, or a share of a limit, is asked for the first time. */
    private Way way(String tool, @Nullable CallCost cost) {
        Way way = ways.get(tool);
        if (way == null) {
            way = way(tool, tool, Map.of());
        }
        if (cost == null || way.divided().isEmpty()) {
            return way;
        }
        Map<String, String> shares = new TreeMap<>();
        for (Limit limit : way.divided()) {
            shares.put(limit.name(), shareName(cost.share(limit)));
        }
        String key = tool + shares;
        Way own = ways.get(key);
        return own == null ? way(key, tool, shares) : own;
    }

    private static String shareName(String value) {
        return value.length() <= LONGEST_SHARE
                ? value
                : value.substring(0, LONGEST_SHARE) + Integer.toHexString(value.hashCode());
    }

    private Way way(String key, String tool, Map<String, String> shares) {
        lock.lock();
        try {
            if (ways.size() >= MOST_WAYS) {
                forgetIdleShares(time.advance());
            }
            return ways.computeIfAbsent(key, absent -> newWay(tool, shares));
        } finally {
            lock.unlock();
        }
    }

    /** What nobody waits for, and nothing is spent of, is made anew when it is asked for again. */
    private void forgetIdleShares(long now) {
        Set<Bandwidth> idle = new HashSet<>();
        bandwidths.forEach((id, bandwidth) -> {
            if (id.indexOf(SHARE) >= 0
                    && bandwidth.inFlight() == 0
                    && bandwidth.free(now) == bandwidth.permits
                    && !bandwidth.pause.holds(now)) {
                idle.add(bandwidth);
            }
        });
        Set<Route> gone = room.forget(idle);
        ways.values().removeIf(way -> gone.contains(way.route()));
        Set<Bandwidth> kept = room.bandwidths();
        bandwidths.values().removeIf(bandwidth -> idle.contains(bandwidth) && !kept.contains(bandwidth));
    }

    private Way newWay(String tool, Map<String, String> shares) {
        List<Limit> divided = new ArrayList<>();
        List<Bandwidth> counting = new ArrayList<>();
        boolean depends = false;
        for (Limit limit : limits) {
            if (limit.counts(tool)) {
                String share = shares.getOrDefault(limit.name(), "");
                String id = (limit.scope() == Limit.Scope.TOOL ? limit.name() + "/" + tool : limit.name())
                        + (share.isEmpty() ? "" : SHARE + share);
                if (limit.perArgument() != null) {
                    divided.add(limit);
                }
                counting.add(bandwidths.computeIfAbsent(id, absent -> newBandwidth(absent, limit)));
                depends |= limit.cost().depends(tool);
            }
        }
        Route shared = allowance == null ? null : allowance.route(tool, sharedLimits);
        List<Bandwidth> sharedCounting = shared == null ? List.of() : shared.bandwidths;
        for (Bandwidth bandwidth : sharedCounting) {
            depends |= bandwidth.limit.cost().depends(tool);
        }
        return new Way(
                room.route(counting),
                standard(counting, tool),
                shared,
                standard(sharedCounting, tool),
                depends,
                List.copyOf(divided));
    }

    private static int[] standard(List<Bandwidth> counting, String tool) {
        return counting.stream()
                .mapToInt(bandwidth -> bandwidth.limit.cost().standard(tool))
                .toArray();
    }

    private Bandwidth newBandwidth(String id, Limit limit) {
        Bandwidth bandwidth = Bandwidth.of(id, limit, clock);
        switch (initial) {
            case InitialState.Fresh() -> {}
            case InitialState.FullAt(long nanos) -> fill(bandwidth, time.here(nanos) + TRANSIT_GRACE.toNanos());
            case InitialState.Replacing(LimiterSnapshot snapshot, long nanos) -> {
                if (isFilled(limit)) {
                    fill(bandwidth, time.here(nanos) + TRANSIT_GRACE.toNanos());
                } else if (snapshot.bandwidths().containsKey(id)) {
                    resume(bandwidth, snapshot);
                }
            }
            case InitialState.Restored(LimiterSnapshot snapshot) -> resume(bandwidth, snapshot);
        }
        if (log != null && isLogged(limit)) {
            bandwidth.reservation = new Reservation(limit.permits());
        }
        return bandwidth;
    }

    private void resume(Bandwidth bandwidth, LimiterSnapshot snapshot) {
        Spent spent = snapshot.bandwidths().get(bandwidth.id);
        if (spent != null && spent.family() == bandwidth.family()) {
            bandwidth.resume(spent, began);
            bandwidth.pause.extendTo(began + spent.pausedNanos());
        } else if (spent != null || !snapshot.limits().contains(bandwidth.limit.name())) {
            fill(bandwidth, began);
        }
    }

    private void fill(Bandwidth bandwidth, long at) {
        if (isFilled(bandwidth.limit)) {
            bandwidth.fill(at);
        }
    }

    private boolean isFilled(Limit limit) {
        Duration longest = log == null ? LONGEST_FILLED_WITHOUT_LOG : LONGEST_FILLED;
        return limit.window() == null || limit.window().compareTo(longest) <= 0;
    }

    private static String limitName(String bandwidthId) {
        int share = bandwidthId.indexOf(SHARE);
        if (share >= 0) {
            return limitName(bandwidthId.substring(0, share));
        }
        int slash = bandwidthId.lastIndexOf('/');
        return slash < 0 ? bandwidthId : bandwidthId.substring(0, slash);
    }

    /** Without the lock, on the limiter's timeline. */
    long now() {
        return time.now();
    }

    /** From the limiter's timeline to its clock. */
    long onClock(long nanos) {
        return time.onClock(nanos);
    }
}
