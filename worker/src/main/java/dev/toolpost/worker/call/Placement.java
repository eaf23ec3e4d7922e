package dev.toolpost.worker.call;

import dev.toolpost.connectors.Connector;
import dev.toolpost.schemas.Shards;
import dev.toolpost.schemas.Topics;
import dev.toolpost.worker.call.CallOutcome.DeadLetter;
import dev.toolpost.worker.call.CallOutcome.HandedOver;
import dev.toolpost.worker.ownership.PoolTopics;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/**
 * Where a call belongs: the pool of its tool, the shard of its {@code tenant/connection}, a place within its
 * connection's bound. The right shard follows from the call itself, never from the record's key or partition.
 * Thread-safe.
 */
final class Placement {

    private static final String FORWARD = "forward";
    private static final String CONTINUATION = "continuation";

    private final PoolTopics own;
    private final Topics topics;
    private final PoolShards pools;
    private final LongAdder forwarded = new LongAdder();
    private final LongAdder requeued = new LongAdder();

    Placement(PoolTopics own, Topics topics, PoolShards pools) {
        this.own = own;
        this.topics = topics;
        this.pools = pools;
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
                call.toResumption(FORWARD, call.hops() + 1, run.attempts(), run.waitedMillis(), null, call.progress()),
                topics.resume(pool),
                right));
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
                call.toResumption(CONTINUATION, call.hops(), run.attempts(), run.waitedMillis(), null, reached),
                own.resume(),
                run.delivery().shard().number());
    }

    /** What came of asking for a place within the connection's bound in flight. */
    enum Place {
        TAKEN,
        /** The call is to wait in {@code resume}, where it stands in nobody's way. */
        REQUEUE,
        /** The deadline passed in the queue or while it waited. */
        TOO_LATE
    }

    /** Takes a place; only a call that is in {@code resume} already waits for one, until its deadline. */
    Place takePlace(RunningCall run, Call call, long leftMillis) throws InterruptedException, CallSignalled {
        if (leftMillis <= 0) {
            return Place.TOO_LATE;
        }
        Semaphore places = run.shard().placesOf(call.connectionKey());
        if (!places.tryAcquire()) {
            if (!run.delivery().partition().topic().equals(own.resume())) {
                return Place.REQUEUE;
            }
            run.shard().waitsForPlace(1);
            try {
                if (!run.waiting(() -> places.tryAcquire(leftMillis, TimeUnit.MILLISECONDS))) {
                    return Place.TOO_LATE;
                }
            } finally {
                run.shard().waitsForPlace(-1);
            }
        }
        run.holdsPlace(places);
        return Place.TAKEN;
    }

    /** Calls that arrived elsewhere and were forwarded. */
    long forwarded() {
        return forwarded.sum();
    }

    /** Calls that went to {@code resume} of their own shard. */
    long requeued() {
        return requeued.sum();
    }
}
