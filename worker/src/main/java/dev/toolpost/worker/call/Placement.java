package dev.toolpost.worker.call;

import dev.toolpost.connectors.Connector;
import dev.toolpost.schemas.Shards;
import dev.toolpost.schemas.Topics;
import dev.toolpost.worker.call.CallOutcome.DeadLetter;
import dev.toolpost.worker.call.CallOutcome.HandedOver;
import dev.toolpost.worker.call.CallOutcome.Waits;
import dev.toolpost.worker.call.CallSignalled.Signal;
import dev.toolpost.worker.ownership.PoolTopics;
import dev.toolpost.worker.ratelimit.Ticket;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * Where a call belongs: the pool of its tool, the shard of its {@code tenant/connection}, a place within its
 * connection's bound. The right shard follows from the call itself, never from the record's key or partition.
 * Thread-safe.
 */
final class Placement {

    /** {@link dev.toolpost.message.Resumption#getKind()} of a call that arrived elsewhere. */
    static final String FORWARD = "forward";

    private static final String CONTINUATION = "continuation";
    private static final String DEFERRAL = "deferral";

    /** Shorter waits for permits are not worth a new run. */
    private static final Duration LONGEST_ON_THREAD = Duration.ofMillis(50);

    /** So many calls of a lane wait on their threads where nobody knows how long that takes. */
    private static final int MOST_ON_THREADS = 32;

    /**
     * Arguments of a call that the scheduler keeps: with three bytes to a character, and as the text that bytes are within JSON, they fit into
     * its topic. A larger call waits here, as all do without a scheduler.
     */
    static final int MOST_KEPT_CHARACTERS = 1 << 20;

    /** A deferred call comes back before its estimated time by one of so many parts of the wait: nobody keeps its place. */
    private static final int EARLIER_PART = 10;

    /** A longer wait between two attempts needs neither a thread nor a place. */
    private static final Duration LONGEST_RETRY_ON_THREAD = Duration.ofSeconds(10);

    /** How long a waiting call may keep its shard's ledger from moving past its record. */
    private static final Duration LONGEST_STAY = Duration.ofMinutes(2);

    private final PoolTopics own;
    private final Topics topics;
    private final PoolShards pools;
    private final Parking parking;
    private final Duration deferAfter;
    private final BooleanSupplier schedulerIsThere;
    private final LongSupplier nanoTime;
    private final LongAdder deferred = new LongAdder();
    private final LongAdder forwarded = new LongAdder();
    private final LongAdder requeued = new LongAdder();

    /**
     * @param deferAfter calls whose permits are farther than this leave the line for them
     * @param schedulerIsThere whether somebody delivers what is sent to {@code toolpost.later}
     */
    Placement(
            PoolTopics own,
            Topics topics,
            PoolShards pools,
            Parking parking,
            Duration deferAfter,
            BooleanSupplier schedulerIsThere,
            LongSupplier nanoTime) {
        this.own = own;
        this.topics = topics;
        this.pools = pools;
        this.parking = parking;
        this.deferAfter = deferAfter;
        this.schedulerIsThere = schedulerIsThere;
        this.nanoTime = nanoTime;
    }

    /** Empty where the call is in its right place; else where it goes, once. */
    Optional<CallOutcome> elsewhere(RunningCall run, Call call, Connector connector) throws InterruptedException {
        String pool = connector.pool();
        Integer shards = pool.equals(own.pool()) ? Integer.valueOf(own.shards()) : pools.count(pool);
        if (shards == null) {
            return Optional.of(new DeadLetter(
                    "no-pool",
                    "the topics of pool \"" + pool + "\", which tool "
                            + call.message().getTool()
                            + " belongs to, do not exist; create them with: toolpost topics create"));
        }
        int right = Shards.of(call.tenant(), call.connection(), shards);
        if (pool.equals(own.pool()) && right == run.delivery().shard().number()) {
            return Optional.empty();
        }
        if (call.hops() > 0) {
            return Optional.of(new DeadLetter(
                    "misplaced",
                    "forwarded to pool " + own.pool() + ", shard "
                            + run.delivery().shard().number() + ", but belongs to pool " + pool + ", shard " + right
                            + "; did the partition count or a connector's pool change?"));
        }
        forwarded.increment();
        return Optional.of(new HandedOver(
                call.toResumption(FORWARD, call.hops() + 1, run.attempts(), run.waitedMillis(), call.progress()),
                topics.resume(pool),
                right,
                Duration.ZERO));
    }

    /** The call goes to the end of its shard's {@code resume} partition. */
    HandedOver toResume(RunningCall run) {
        requeued.increment();
        return continued(run, run.settledCall().progress().withVendorMillis(run.vendorMillis()));
    }

    /** The call goes on at the end of its shard's {@code resume} partition, from where it has come to. */
    HandedOver continued(RunningCall run, Progress reached) {
        Call call = run.settledCall();
        return new HandedOver(
                call.toResumption(CONTINUATION, call.hops(), run.attempts(), run.waitedMillis(), reached),
                own.resume(),
                run.delivery().shard().number(),
                Duration.ZERO);
    }

    /**
     * The call goes on after a time, from where it has come to: kept by the scheduler, else at the end of its shard's
     * {@code resume} partition, from where it is parked.
     */
    HandedOver later(RunningCall run, Progress reached, long nowMillis, Duration wanted) {
        deferred.increment();
        Call call = run.settledCall();
        long millis = Math.clamp(wanted.toMillis(), 0, Math.max(0, call.deadline() - nowMillis));
        Work work = reached.work();
        boolean kept = isKept(call);
        // What the scheduler keeps is due when it comes, whatever the clock of the worker that it comes to.
        long notBefore = kept ? 0 : nowMillis + millis;
        Progress then = work == null ? reached.withNotBefore(notBefore) : reached.withWork(work.due(notBefore));
        return new HandedOver(
                call.toResumption(
                        DEFERRAL, call.hops(), run.attempts(), run.waitedMillis() + (kept ? millis : 0), then),
                own.resume(),
                run.delivery().shard().number(),
                kept ? Duration.ofMillis(millis) : Duration.ZERO);
    }

    /** Whether the scheduler keeps it, where it is to wait for long. */
    private boolean isKept(Call call) {
        return call.message().getArguments().length() <= MOST_KEPT_CHARACTERS && schedulerIsThere.getAsBoolean();
    }

    /** Whether a wait between two attempts is too long for a thread and a place. */
    boolean leavesFor(Duration wait) {
        return wait.compareTo(LONGEST_RETRY_ON_THREAD) > 0 || wait.compareTo(deferAfter) > 0;
    }

    /**
     * Where a call waits for its vendor's work: the one place that decides it. Parked here, for as long as its record may hold its
     * shard's ledger; for longer the scheduler keeps it, where there is one. Else, or where it is told to leave, it goes to the end of
     * {@code resume}, from where it is parked anew.
     *
     * @param reached how far it has come, with the work and its due time
     * @return empty where as many calls are parked as may be: the call has to wait on its thread
     */
    Optional<CallOutcome> awaits(RunningCall run, Call call, Progress reached, Work work, long nowMillis) {
        long stayLeft =
                LONGEST_STAY.toMillis() - TimeUnit.NANOSECONDS.toMillis(nanoTime.getAsLong() - run.heldSinceNanos());
        long wait = Math.min(work.dueAt(), call.deadline()) - nowMillis;
        if (wait > LONGEST_STAY.toMillis() && isKept(call)) {
            return Optional.of(later(run, reached.withWork(work), nowMillis, Duration.ofMillis(wait)));
        }
        if (stayLeft <= 0 || run.signalled() == Signal.HAND_OVER) {
            return Optional.of(continued(run, reached.withWork(work)));
        }
        return parking.isFull()
                ? Optional.empty()
                : Optional.of(new Waits(
                        Math.min(Math.min(work.dueAt(), call.deadline()), nowMillis + stayLeft),
                        work.dueAt(),
                        null,
                        null));
    }

    /** Where a call waits that was deferred to a time; empty where that has come, or as many calls are parked as may be. */
    Optional<CallOutcome> awaitsTime(RunningCall run, Call call, long nowMillis) {
        long notBefore = Math.min(call.progress().notBefore(), call.deadline());
        if (notBefore - nowMillis > LONGEST_STAY.toMillis() && isKept(call)) {
            return Optional.of(later(run, call.progress(), nowMillis, Duration.ofMillis(notBefore - nowMillis)));
        }
        return notBefore <= nowMillis || parking.isFull()
                ? Optional.empty()
                : Optional.of(new Waits(notBefore, 0, null, null));
    }

    /**
     * Where a call waits for permits. With few before it and a short time on its thread; parked else, with its place in the line; and
     * where the estimate is beyond the configured bound it leaves the line and comes back shortly before its time.
     *
     * @return empty where it has to wait on its thread
     */
    Optional<CallOutcome> awaitsPermits(RunningCall run, Call call, Ticket ticket, long nowMillis) {
        if (!run.mayBeginAnew()) {
            return Optional.empty();
        }
        long wait = TimeUnit.NANOSECONDS.toMillis(ticket.estimateNanos() - nanoTime.getAsLong());
        if (wait > deferAfter.toMillis()) {
            ticket.leave();
            return Optional.of(later(
                    run,
                    call.progress().withVendorMillis(run.vendorMillis()),
                    nowMillis,
                    Duration.ofMillis(wait - wait / EARLIER_PART)));
        }
        boolean soon = wait <= LONGEST_ON_THREAD.toMillis() && ticket.ahead() < MOST_ON_THREADS;
        return soon || parking.isFull() ? Optional.empty() : Optional.of(new Waits(call.deadline(), 0, null, ticket));
    }

    /** What came of asking for a place within the connection's bound in flight. */
    sealed interface Place {
        record Taken() implements Place {}

        /** There is none now, and the call waits for one elsewhere. */
        record Full(CallOutcome outcome) implements Place {}

        /** The deadline passed in the queue or while it waited. */
        record TooLate() implements Place {}
    }

    /**
     * Takes a place. A call that finds none goes to {@code resume}, where it stands in nobody's way; one that is there already is parked
     * in line until there is one, or its deadline has come.
     */
    Place takePlace(RunningCall run, Call call, long leftMillis) throws InterruptedException, CallSignalled {
        if (leftMillis <= 0) {
            return new Place.TooLate();
        }
        if (run.hasPlace() || run.hasTicket()) {
            return new Place.Taken();
        }
        Places places = run.shard().placesOf(run.connectionKey());
        if (!places.tryTake()) {
            if (!run.delivery().partition().topic().equals(own.resume()) || run.signalled() == Signal.HAND_OVER) {
                return new Place.Full(toResume(run));
            }
            if (!parking.isFull()) {
                Work work = call.progress().work();
                return new Place.Full(new Waits(call.deadline(), work == null ? 0 : work.dueAt(), places, null));
            }
            run.shard().standsInLine(1);
            try {
                if (!run.waiting(() -> places.tryTake(leftMillis))) {
                    return new Place.TooLate();
                }
            } finally {
                run.shard().standsInLine(-1);
            }
        }
        run.holdsPlace(places);
        return new Place.Taken();
    }

    /** Calls that arrived elsewhere and were forwarded. */
    long forwarded() {
        return forwarded.sum();
    }

    /** Calls that left for a time: the line for permits was too long, or the vendor asked for patience. */
    long deferred() {
        return deferred.sum();
    }

    /** Calls that went to {@code resume} of their own shard. */
    long requeued() {
        return requeued.sum();
    }
}
