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
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The permits of one limit in Redis.
 *
 * <p>One round at a time goes to the server, for all who asked since the one before: workers meet at a bucket, not calls. A round has half the
 * time-out, so that who waits for the end of one and is part of the next is answered within the whole. All fields belong to the thread of {@link
 * SharedLimits}, unless said otherwise.
 */
final class RedisPermits implements SharedPermits {

    private static final Logger LOG = LoggerFactory.getLogger(RedisPermits.class);

    private static final long NOTHING = -1;

    /** Clocks of workers and the vendor agree to so much about when a day begins. */
    private static final Duration DAY_MARGIN = Duration.ofSeconds(30);

    private static final Duration LEAST_WAIT = Duration.ofMillis(1);
    private static final long FORGET_GRANTS_NANOS = 2_000_000_000L;

    /** @param until the end of the day, or null where there are none */
    private record Window(String suffix, @Nullable Instant until) {
        static final Window ONE = new Window("", null);
    }

    private record Ask(int least, int count, int leave, Answer answer) {}

    private record Grant(Window window, long askedAt, int count) {}

    private static final class Round {
        final RedisSession session;
        final Window window;
        final List<Ask> asks;
        final long beganAt;
        long back;
        long drainTo = NOTHING;
        long owedBefore;
        long owed;
        long left = NOTHING;
        int[] parts = {};
        int granted;
        boolean abandoned;

        Round(RedisSession session, Window window, List<Ask> asks, long beganAt) {
            this.session = session;
            this.window = window;
            this.asks = asks;
            this.beganAt = beganAt;
        }
    }

    private final SharedLimits limits;
    private final String key;
    private final SharedLimit defined;
    private final IntFunction<SharedLimit> derivation;
    private volatile SharedLimit limit;
    private long version;
    private final Duration roundBound;

    private final List<Ask> asks = new ArrayList<>();
    private final Deque<Grant> grants = new ArrayDeque<>();
    private final List<Grant> back = new ArrayList<>();
    private long drainTo = NOTHING;
    private long owed;
    private @Nullable Round round;
    private boolean closed;

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
    RedisPermits(
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

    /** By the definition, whatever the vendor allows now. */
    SharedLimit limit() {
        return defined;
    }

    @Override
    public int most() {
        return limit.capacity();
    }

    @Override
    public int lastSeen() {
        return lastSeen;
    }

    @Override
    public void ask(int least, int count, int leave, Answer answer) {
        if (least < 1 || least > defined.capacity() || count < least || leave < 0) {
            throw new IllegalArgumentException("permits of " + key + ": " + least + " to " + count
                    + " (expected: at least 1, the least no more than " + defined.capacity() + ")");
        }
        Ask ask = new Ask(least, count, Math.clamp(most() - least, 0, leave), answer);
        if (!onThread(() -> {
            asks.add(ask);
            pump();
        })) {
            Thread.startVirtualThread(() -> answer.unreachable("shared limits are closed"));
        }
    }

    @Override
    public void giveBack(int count) {
        onThread(() -> {
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
            pump();
        });
    }

    @Override
    public void spend(int count) {
        onThread(() -> {
            owed = Math.min(owed + count * SharedLimit.PERMIT, limit.permits() * SharedLimit.PERMIT);
            pump();
        });
    }

    @Override
    public void drainTo(long left) {
        onThread(() -> {
            long tokens = Math.min(Math.max(0, left), limit.permits()) * SharedLimit.PERMIT;
            drainTo = drainTo == NOTHING ? tokens : Math.min(drainTo, tokens);
            pump();
        });
    }

    /**
     * The bucket goes on with the capacity and the rate of as many, its tokens kept up to the capacity, for all workers. A day's bucket has no rate:
     * what is left of it is what answers say.
     */
    @Override
    public void allow(int permits) {
        onThread(() -> {
            SharedLimit next = permits >= defined.permits() || defined.resetsAt() != null
                    ? defined
                    : derivation.apply(Math.max(1, permits));
            if (!next.equals(limit)) {
                limit = next;
                version = Math.max(version + 1, limits.wallClock().millis());
            }
        });
    }

    @Override
    public void close() {
        onThread(() -> {
            closed = true;
            pump();
        });
    }

    private boolean onThread(Runnable action) {
        try {
            limits.thread().execute(action);
            return true;
        } catch (RejectedExecutionException e) {
            return false;
        }
    }

    // ---- rounds ----

    private void pump() {
        if (round != null) {
            return;
        }
        RedisSession session = limits.session();
        if (closed || session == null) {
            back.clear();
            drainTo = NOTHING;
            String why = closed ? "shared limits are closed" : limits.whyDown();
            takeAsks().forEach(ask -> tell(() -> ask.answer().unreachable(why)));
            return;
        }
        Instant now = limits.wallClock().instant();
        Duration closedFor = closedFor(now);
        if (!closedFor.isZero()) {
            back.clear();
            takeAsks().forEach(ask -> tell(() -> ask.answer().none(closedFor)));
            return;
        }
        if (asks.isEmpty() && back.isEmpty() && owed == 0 && drainTo == NOTHING) {
            return;
        }
        begin(session, window(now));
    }

    private List<Ask> takeAsks() {
        List<Ask> taken = List.copyOf(asks);
        asks.clear();
        return taken;
    }

    private void begin(RedisSession session, Window window) {
        Round next = new Round(session, window, takeAsks(), limits.nanoTime());
        next.back = tokensToGiveBack(window);
        next.owedBefore = owed;
        next.owed = owed;
        next.drainTo = drainTo;
        drainTo = NOTHING;
        if (window.until() != null && window.equals(seenWindow) && seenIn != null && seenIn != session) {
            // Another server, or the same without its memory: what is known here counts.
            next.drainTo = next.drainTo == NOTHING ? seenLeft : Math.min(next.drainTo, seenLeft);
        }
        round = next;
        AsyncBucketProxy bucket = bucket(session, window);
        CompletableFuture<Void> ready =
                session.clock().isStale() ? session.readClock() : CompletableFuture.completedFuture(null);
        ScheduledFuture<?> bound = limits.later(() -> giveUp(next), roundBound);
        var _ = ready.thenCompose(_ -> putBack(bucket, next))
                .thenCompose(_ -> drain(bucket, next))
                .thenCompose(_ -> pay(bucket, next))
                .thenCompose(_ -> grant(bucket, next))
                .whenComplete((_, failure) -> onThread(() -> {
                    bound.cancel(false);
                    end(next, failure);
                }));
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

    private CompletableFuture<Void> putBack(AsyncBucketProxy bucket, Round each) {
        return each.back <= 0 ? CompletableFuture.completedFuture(null) : bucket.addTokens(each.back);
    }

    private CompletableFuture<Void> drain(AsyncBucketProxy bucket, Round each) {
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

    private CompletableFuture<Void> pay(AsyncBucketProxy bucket, Round each) {
        return each.owed <= 0
                ? CompletableFuture.completedFuture(null)
                : bucket.tryConsumeAsMuchAsPossible(each.owed).thenAccept(paid -> each.owed -= paid);
    }

    private CompletableFuture<Void> grant(AsyncBucketProxy bucket, Round each) {
        if (each.asks.isEmpty() || each.owed > 0) {
            return CompletableFuture.completedFuture(null);
        }
        boolean leaving = each.asks.stream().anyMatch(ask -> ask.leave() > 0);
        CompletableFuture<Void> first = leaving
                ? bucket.getAvailableTokens().thenAccept(there -> each.left = Math.max(0, there))
                : take(bucket, each, limit.capacity());
        return first.thenCompose(_ -> {
            int there = (int) (each.left / SharedLimit.PERMIT);
            return each.granted > 0 || there == 0 ? CompletableFuture.completedFuture(null) : take(bucket, each, there);
        });
    }

    /** Takes for as many as can be served of so many that are there, as it seems. */
    private static CompletableFuture<Void> take(AsyncBucketProxy bucket, Round each, int there) {
        each.parts = parts(each.asks, there);
        int permits = sum(each.parts);
        if (permits == 0) {
            return CompletableFuture.completedFuture(null);
        }
        return bucket.tryConsumeAndReturnRemaining(permits * SharedLimit.PERMIT).thenAccept(probe -> {
            each.granted = probe.isConsumed() ? permits : 0;
            each.left = Math.max(0, probe.getRemainingTokens());
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
            if (left - ask.leave() < ask.least()) {
                heldUp = ask.leave();
                continue;
            }
            parts[i] = Math.min(left - ask.leave(), ask.count());
            left -= parts[i];
        }
        return parts;
    }

    private static int sum(int[] parts) {
        int sum = 0;
        for (int part : parts) {
            sum += part;
        }
        return sum;
    }

    private void giveUp(Round late) {
        if (round != late) {
            return;
        }
        late.abandoned = true;
        round = null;
        String why = "no answer within " + roundBound.toMillis() + " ms";
        limits.failed(late.session, why);
        late.asks.forEach(ask -> tell(() -> ask.answer().unreachable(why)));
        pump();
    }

    private void end(Round ended, @Nullable Throwable failure) {
        if (failure == null && ended.granted > 0 && ended.abandoned) {
            back.add(new Grant(ended.window, ended.beganAt, ended.granted));
        }
        if (round != ended) {
            pump();
            return;
        }
        round = null;
        if (failure == null) {
            limits.worked(ended.session);
            remember(ended);
            answer(ended);
        } else if (isContention(failure)) {
            Duration soon = Duration.ofMillis(ThreadLocalRandom.current().nextLong(5, 50));
            ended.asks.forEach(ask -> tell(() -> ask.answer().none(soon)));
        } else {
            String why = SharedLimits.reason(failure);
            limits.failed(ended.session, why);
            ended.asks.forEach(ask -> tell(() -> ask.answer().unreachable(why)));
        }
        pump();
    }

    private static boolean isContention(Throwable failure) {
        return failure instanceof BucketExecutionException || failure.getCause() instanceof BucketExecutionException;
    }

    private void remember(Round ended) {
        owed = Math.max(0, owed - (ended.owedBefore - ended.owed));
        seenIn = ended.session;
        seenAt = limits.nanoTime();
        if (ended.left != NOTHING) {
            seenLeft = ended.left;
            lastSeen = (int) (ended.left / SharedLimit.PERMIT);
        } else if (!ended.window.equals(seenWindow)) {
            seenLeft = limit.capacityTokens();
        }
        seenWindow = ended.window;
    }

    private void answer(Round ended) {
        int[] parts = ended.granted > 0 ? ended.parts : new int[ended.asks.size()];
        for (int i = 0; i < parts.length; i++) {
            Ask ask = ended.asks.get(i);
            int part = parts[i];
            if (part > 0) {
                grants.addLast(new Grant(ended.window, ended.beganAt, part));
                tell(() -> ask.answer().granted(part));
            } else {
                Duration next = untilNext(ended, ask);
                tell(() -> ask.answer().none(next));
            }
        }
        forgetOldGrants();
    }

    private Duration untilNext(Round ended, Ask ask) {
        if (ended.window.until() != null) {
            return Duration.between(
                    limits.wallClock().instant(), ended.window.until().plus(DAY_MARGIN));
        }
        long missing = (ask.least() + ask.leave()) * SharedLimit.PERMIT + ended.owed - Math.max(0, ended.left);
        Duration next = limit.timeFor(Math.max(0, missing));
        return next.compareTo(LEAST_WAIT) < 0 ? LEAST_WAIT : next;
    }

    /** An answer that throws must not cost the others theirs. */
    private static void tell(Runnable answer) {
        try {
            answer.run();
        } catch (RuntimeException e) {
            LOG.error("an answer about shared permits failed", e);
        }
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
    private Duration closedFor(Instant now) {
        WindowReset reset = limit.resetsAt();
        if (reset == null) {
            return Duration.ZERO;
        }
        Instant near = reset.after(now.minus(DAY_MARGIN));
        boolean closedNow = !near.minus(DAY_MARGIN).minus(limit.jitter()).isAfter(now);
        return closedNow ? Duration.between(now, near.plus(DAY_MARGIN)) : Duration.ZERO;
    }
}
