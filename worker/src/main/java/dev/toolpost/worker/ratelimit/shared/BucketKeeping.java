package dev.toolpost.worker.ratelimit.shared;

import dev.toolpost.connectors.WindowReset;
import io.github.bucket4j.BucketConfiguration;
import io.github.bucket4j.BucketExceptions.BucketExecutionException;
import io.github.bucket4j.TokensInheritanceStrategy;
import io.github.bucket4j.distributed.AsyncBucketProxy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** A bucket of Bucket4j's that refills at the rate of a {@link SharedLimit}, and one for each day where the limit has days. */
final class BucketKeeping implements Keeping {

    private static final long NOTHING = -1;

    /** Clocks of workers and the vendor agree to so much about when a day begins. */
    private static final Duration DAY_MARGIN = Duration.ofSeconds(30);

    private static final long FORGET_GRANTS_NANOS = 2_000_000_000L;

    /** @param until the end of the day, or null where there are none */
    private record Window(String suffix, @Nullable Instant until) {
        static final Window ONE = new Window("", null);
    }

    private record Grant(Window window, long askedAt, int count) {}

    private final class BucketRound implements Round {
        final RedisSession session;
        final Window window;
        final List<Ask> asks;
        final long beganAt;
        final long back;
        final long withheld = BucketKeeping.this.withheld;
        final long owedBefore = BucketKeeping.this.owed;
        long drainTo = NOTHING;
        long owed = owedBefore;
        long left = NOTHING;
        int[] parts = {};
        int granted;
        boolean contended;
        CompletableFuture<?> done = CompletableFuture.completedFuture(null);

        BucketRound(RedisSession session, Window window, List<Ask> asks, long beganAt, long back) {
            this.session = session;
            this.window = window;
            this.asks = asks;
            this.beganAt = beganAt;
            this.back = back;
        }

        @Override
        public CompletableFuture<?> done() {
            return done;
        }

        @Override
        public List<Served> served() {
            if (contended) {
                Duration soon = Duration.ofMillis(ThreadLocalRandom.current().nextLong(5, 50));
                return asks.stream().map(_ -> Served.none(soon, soon)).toList();
            }
            remember(this);
            return answers(this);
        }

        @Override
        public void lost() {}

        @Override
        public void late() {
            if (granted > 0) {
                BucketKeeping.this.back.add(new Grant(window, beganAt, granted));
            }
        }
    }

    private final SharedLimits limits;
    private final String key;
    private final SharedLimit defined;
    private final IntFunction<SharedLimit> derivation;
    private volatile SharedLimit limit;
    private long version;
    private final Duration roundBound;

    private final Deque<Grant> grants = new ArrayDeque<>();
    private final List<Grant> back = new ArrayList<>();
    private long drainTo = NOTHING;
    private long owed;

    /** Of a day's tokens, those that the vendor does not give for now: they stay in the bucket. */
    private volatile long withheld;

    // What this process has seen of the bucket, for when the server forgets.
    private @Nullable RedisSession seenIn;
    private Window seenWindow = Window.ONE;
    private long seenAt;
    private long seenLeft;
    private volatile int lastSeen = -1;

    /**
     * @param derivation what to grant where the vendor allows so many
     * @param version of the definition: a later one takes the bucket over
     */
    BucketKeeping(
            SharedLimits limits,
            String key,
            SharedLimit limit,
            IntFunction<SharedLimit> derivation,
            long version,
            Duration timeout) {
        this.limits = limits;
        this.key = key;
        this.defined = limit;
        this.derivation = derivation;
        this.limit = limit;
        this.version = version;
        this.roundBound = timeout.dividedBy(2);
    }

    @Override
    public int dearest() {
        return defined.capacity();
    }

    @Override
    public int most() {
        return permits(limit.capacityTokens() - withheld);
    }

    private static int permits(long tokens) {
        return (int) (Math.max(0, tokens) / SharedLimit.PERMIT);
    }

    @Override
    public int lastSeen() {
        return lastSeen;
    }

    @Override
    public void giveBack(int count) {
        int rest = count;
        forgetOldGrants();
        while (rest > 0 && !grants.isEmpty()) {
            Grant oldest = grants.removeFirst();
            int taken = Math.min(rest, oldest.count());
            back.add(new Grant(oldest.window(), oldest.askedAt(), taken));
            if (taken < oldest.count()) {
                grants.addFirst(new Grant(oldest.window(), oldest.askedAt(), oldest.count() - taken));
            }
            rest -= taken;
        }
    }

    /** A bucket refills whatever becomes of the requests. */
    @Override
    public void ended(int count) {}

    /** Permits of a day are good all day, but near its end. */
    @Override
    public boolean keeps(Duration heldFor) {
        Instant now = limits.wallClock().instant();
        Instant asked = now.minus(heldFor).minus(roundBound.multipliedBy(2));
        return limit.resetsAt() != null && closedFor().isZero() && window(asked).equals(window(now));
    }

    @Override
    public void release(int count, Duration heldFor) {
        if (heldFor.plus(roundBound.multipliedBy(2)).toNanos() < FORGET_GRANTS_NANOS) {
            giveBack(count);
        }
    }

    @Override
    public void spend(int count) {
        owed = Math.min(owed + count * SharedLimit.PERMIT, limit.permits() * SharedLimit.PERMIT);
    }

    @Override
    public void drainTo(long left) {
        long tokens = withheld + Math.clamp(left, 0, most()) * SharedLimit.PERMIT;
        drainTo = drainTo == NOTHING ? tokens : Math.min(drainTo, tokens);
    }

    /**
     * The bucket goes on with the capacity and the rate of as many, its tokens kept up to the capacity, for all workers. A day's bucket has no rate, and what was
     * spent of it counts in the smaller number too: so what the vendor does not give stays in it, at each worker that has heard of it.
     */
    @Override
    public void allow(int permits) {
        if (defined.resetsAt() != null) {
            withheld = Math.clamp((long) defined.permits() - permits, 0, defined.permits() - 1) * SharedLimit.PERMIT;
            return;
        }
        SharedLimit next = permits >= defined.permits() ? defined : derivation.apply(Math.max(1, permits));
        if (!next.equals(limit)) {
            limit = next;
            version = Math.max(version + 1, limits.wallClock().millis());
        }
    }

    @Override
    public @Nullable Duration newsIn() {
        return back.isEmpty() && owed == 0 && drainTo == NOTHING ? null : Duration.ZERO;
    }

    @Override
    public void forgetNews() {
        back.clear();
        if (limits.session() == null) {
            drainTo = NOTHING;
        }
    }

    @Override
    public Round begin(RedisSession session, List<Ask> asks) {
        Window window = window(limits.wallClock().instant());
        BucketRound next = new BucketRound(session, window, asks, limits.nanoTime(), tokensToGiveBack(window));
        next.drainTo = drainTo;
        drainTo = NOTHING;
        if (window.until() != null && window.equals(seenWindow) && seenIn != null && seenIn != session) {
            // Another server, or the same without its memory: what is known here counts.
            next.drainTo = next.drainTo == NOTHING ? seenLeft : Math.min(next.drainTo, seenLeft);
        }
        AsyncBucketProxy bucket = bucket(session, window);
        CompletableFuture<Void> ready =
                session.clock().isStale() ? session.readClock() : CompletableFuture.completedFuture(null);
        next.done = ready.thenCompose(_ -> putBack(bucket, next))
                .thenCompose(_ -> drain(bucket, next))
                .thenCompose(_ -> pay(bucket, next))
                .thenCompose(_ -> grant(bucket, next))
                .exceptionallyCompose(failure -> {
                    if (!isContention(failure)) {
                        return CompletableFuture.failedFuture(failure);
                    }
                    next.contended = true;
                    return CompletableFuture.completedFuture(null);
                });
        return next;
    }

    private AsyncBucketProxy bucket(RedisSession session, Window window) {
        BucketConfiguration configuration = limit.beginningWith(tokensOfNewBucket(session, window));
        return session.buckets()
                .builder()
                .withImplicitConfigurationReplacement(version, TokensInheritanceStrategy.AS_IS)
                .build(
                        key + window.suffix() + ":" + session.run(),
                        () -> CompletableFuture.completedFuture(configuration));
    }

    /**
     * A bucket that is not there was never used, or idle until it was full, or is lost. It begins full only where it cannot be lost: this process
     * has not used it within the time in which it fills up, and the server has remembered everything for as long.
     */
    private long tokensOfNewBucket(RedisSession session, Window window) {
        if (window.until() != null) {
            return tokensOfNewDay(session, window, window.until());
        }
        Duration fills = limit.timeToFill();
        boolean usedLately = seenIn != null && limits.nanoTime() - seenAt <= fills.toNanos();
        return usedLately || session.memory().compareTo(fills) <= 0 ? 0 : limit.capacityTokens();
    }

    /** Of a day that others may have begun, the part that is left of its time. */
    private long tokensOfNewDay(RedisSession session, Window window, Instant until) {
        if (seenIn != null && window.equals(seenWindow)) {
            return seenLeft;
        }
        Duration day = Duration.ofDays(1);
        Duration remaining = Duration.between(limits.wallClock().instant(), until);
        Duration gone = day.minus(remaining);
        if (session.memory().compareTo(gone) >= 0) {
            return limit.capacityTokens();
        }
        return (long) (limit.capacityTokens() * Math.clamp((double) remaining.toMillis() / day.toMillis(), 0, 1));
    }

    private CompletableFuture<Void> putBack(AsyncBucketProxy bucket, BucketRound each) {
        return each.back <= 0 ? CompletableFuture.completedFuture(null) : bucket.addTokens(each.back);
    }

    private CompletableFuture<Void> drain(AsyncBucketProxy bucket, BucketRound each) {
        if (each.drainTo == NOTHING) {
            return CompletableFuture.completedFuture(null);
        }
        return bucket.getAvailableTokens().thenCompose(there -> {
            long above = there - each.drainTo;
            return above <= 0
                    ? CompletableFuture.completedFuture(null)
                    : bucket.tryConsumeAsMuchAsPossible(above).thenApply(_ -> null);
        });
    }

    private CompletableFuture<Void> pay(AsyncBucketProxy bucket, BucketRound each) {
        return each.owed <= 0
                ? CompletableFuture.completedFuture(null)
                : bucket.tryConsumeAsMuchAsPossible(each.owed).thenAccept(paid -> each.owed -= paid);
    }

    private CompletableFuture<Void> grant(AsyncBucketProxy bucket, BucketRound each) {
        if (each.asks.isEmpty() || each.owed > 0) {
            return CompletableFuture.completedFuture(null);
        }
        boolean leaving = each.withheld > 0 || each.asks.stream().anyMatch(ask -> ask.leave() > 0);
        CompletableFuture<Void> first = leaving
                ? bucket.getAvailableTokens().thenAccept(there -> each.left = Math.max(0, there))
                : take(bucket, each, limit.capacity());
        return first.thenCompose(_ -> {
            int there = permits(each.left - each.withheld);
            return each.granted > 0 || there == 0 ? CompletableFuture.completedFuture(null) : take(bucket, each, there);
        });
    }

    /** Takes for as many as can be served of so many that are there, as it seems. */
    private static CompletableFuture<Void> take(AsyncBucketProxy bucket, BucketRound each, int there) {
        each.parts = parts(each.asks, there);
        int permits = Arrays.stream(each.parts).sum();
        if (permits == 0) {
            return CompletableFuture.completedFuture(null);
        }
        return bucket.tryConsumeAndReturnRemaining(permits * SharedLimit.PERMIT).thenCompose(probe -> {
            long remaining = Math.max(0, probe.getRemainingTokens());
            if (probe.isConsumed() && remaining < each.withheld) {
                // Another worker has taken of the same in between.
                each.contended = true;
                return bucket.addTokens(permits * SharedLimit.PERMIT);
            }
            each.granted = probe.isConsumed() ? permits : 0;
            each.left = remaining;
            return CompletableFuture.completedFuture(null);
        });
    }

    /**
     * First come, first served: who gets less than his least holds up those behind him who leave no less than he.
     *
     * @param permits that are there
     */
    private static int[] parts(List<Ask> asks, int permits) {
        int[] parts = new int[asks.size()];
        int left = permits;
        int heldUp = Integer.MAX_VALUE;
        for (int i = 0; i < parts.length; i++) {
            Ask ask = asks.get(i);
            if (ask.leave() >= heldUp) {
                continue;
            }
            if (ask.isInstead()) {
                parts[i] = left >= ask.count() ? ask.count() : 0;
                left -= parts[i];
                continue;
            }
            if (left - ask.leave() < ask.least()) {
                heldUp = ask.leave();
                continue;
            }
            parts[i] = Math.min(left - ask.leave(), ask.count());
            left -= parts[i];
        }
        return parts;
    }

    private static boolean isContention(Throwable failure) {
        return failure instanceof BucketExecutionException || failure.getCause() instanceof BucketExecutionException;
    }

    private void remember(BucketRound ended) {
        owed = Math.max(0, owed - (ended.owedBefore - ended.owed));
        seenIn = ended.session;
        seenAt = limits.nanoTime();
        if (ended.left != NOTHING) {
            seenLeft = ended.left;
            lastSeen = permits(ended.left - ended.withheld);
        } else if (!ended.window.equals(seenWindow)) {
            seenLeft = limit.capacityTokens();
        }
        seenWindow = ended.window;
    }

    private List<Served> answers(BucketRound ended) {
        int[] parts = ended.granted > 0 ? ended.parts : new int[ended.asks.size()];
        List<Served> served = new ArrayList<>(parts.length);
        for (int i = 0; i < parts.length; i++) {
            if (parts[i] > 0) {
                grants.addLast(new Grant(ended.window, ended.beganAt, parts[i]));
                served.add(Served.granted(parts[i]));
            } else {
                Duration next = untilNext(ended, ended.asks.get(i));
                served.add(Served.none(next, next));
            }
        }
        forgetOldGrants();
        return served;
    }

    private Duration untilNext(BucketRound ended, Ask ask) {
        if (ended.window.until() != null) {
            return Duration.between(
                    limits.wallClock().instant(), ended.window.until().plus(DAY_MARGIN));
        }
        long missing =
                (ask.least() + Math.max(0, ask.leave())) * SharedLimit.PERMIT + ended.owed - Math.max(0, ended.left);
        return limit.timeFor(Math.max(0, missing));
    }

    // ---- giving back ----

    private void forgetOldGrants() {
        long now = limits.nanoTime();
        while (!grants.isEmpty() && now - grants.getFirst().askedAt() > FORGET_GRANTS_NANOS) {
            grants.removeFirst();
        }
    }

    /**
     * What has flown into the bucket since the permits were taken would not have found room had they stayed. Without it no bucket, with all that is
     * taken from it and not used, ever holds more than its capacity.
     */
    private long tokensToGiveBack(Window window) {
        long tokens = 0;
        long now = limits.nanoTime();
        for (Grant each : back) {
            if (each.window().equals(window)) {
                Duration outside = Duration.ofNanos(now - each.askedAt()).plus(roundBound);
                tokens += Math.max(0, each.count() * SharedLimit.PERMIT - limit.tokensIn(outside));
            }
        }
        back.clear();
        return tokens;
    }

    // ---- days ----

    private Window window(Instant now) {
        WindowReset reset = limit.resetsAt();
        if (reset == null) {
            return Window.ONE;
        }
        Instant until = reset.after(now);
        return new Window(":" + until.getEpochSecond(), until);
    }

    /** What is sent around the reset may arrive on either side of it. */
    @Override
    public Duration closedFor() {
        WindowReset reset = limit.resetsAt();
        if (reset == null) {
            return Duration.ZERO;
        }
        Instant now = limits.wallClock().instant();
        Instant near = reset.after(now.minus(DAY_MARGIN));
        boolean closedNow = !near.minus(DAY_MARGIN).minus(limit.jitter()).isAfter(now);
        return closedNow ? Duration.between(now, near.plus(DAY_MARGIN)) : Duration.ZERO;
    }
}
