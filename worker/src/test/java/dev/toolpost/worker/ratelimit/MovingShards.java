package dev.toolpost.worker.ratelimit;

import dev.toolpost.connectors.Limit;
import dev.toolpost.schemas.Lane;
import dev.toolpost.worker.ratelimit.Acquisition.Granted;
import dev.toolpost.worker.ratelimit.shared.SharedPermitsSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Workers that spend one limit of scope {@code vendor} by parts, shards that move between them in order or because a worker is lost, a
 * network that delays each request by another time, and a vendor that counts exactly, on one settable clock. Everything follows from the
 * seed. One connection for each shard, and more calls than the limit lets through.
 */
final class MovingShards {

    static final String VENDOR = "vendor";
    private static final String TOOL = "vendor_list";
    private static final long MILLISECOND = 1_000_000;

    final ManualTime time;
    final Random random;
    private final List<Limit> limits;
    private final SharedPermitsSource source;
    private final VendorModel vendor;
    private final long longestTransit;
    private final List<Worker> workers = new ArrayList<>();
    private final List<@Nullable Worker> owners = new ArrayList<>();
    private int backlog = 3;
    private int lastCalled;

    /** As long as news is on its way at most. */
    long longestNews = 50 * MILLISECOND;

    /** When everybody has heard the first news. */
    private long heardAt = Long.MAX_VALUE;

    long arrivals;
    long rejected;

    /** Of the rejected, those that were granted their permits when everybody had heard the first news. */
    long rejectedKnowing;

    /** Of the rejected, those that were granted their permits before a time. */
    long rejectedFromBefore;

    long before = Long.MIN_VALUE;

    int newsTold;

    private final class Worker {
        private final VendorAllowances allowances =
                new VendorAllowances(time, time, tenant -> 1, time, source, null, this::tell);
        private final BitSet owned = new BitSet();
        private final Map<Integer, ConnectionLimiter> limiters = new HashMap<>();
        private final Map<Integer, List<Waiter>> waiting = new HashMap<>();
        private final Map<Integer, Integer> underWay = new HashMap<>();
        private boolean killed;

        private void own(int shard, boolean fresh) {
            owned.set(shard);
            owners.set(shard, this);
            BitSet freshOnes = new BitSet();
            freshOnes.set(shard, fresh);
            allowances.own((BitSet) owned.clone(), owners.size(), freshOnes);
            limiters.put(shard, limiter());
            waiting.put(shard, new ArrayList<>());
        }

        private void tell(LimitNews news) {
            newsTold++;
            heardAt = Math.min(heardAt, time.getAsLong() + longestNews);
            for (Worker other : workers) {
                if (other != this) {
                    time.after(random.nextLong(longestNews + 1), () -> other.allowances.hear(news, Duration.ZERO));
                }
            }
        }

        private ConnectionLimiter limiter() {
            return new ConnectionLimiter(
                    limits, time, time, InitialState.FRESH, time, allowances.of(VENDOR, limits), "acme", null);
        }

        /** Its calls are dropped; what is under way goes on. */
        private void stop(int shard) {
            ConnectionLimiter limiter = limiters.remove(shard);
            List<Waiter> leaving = waiting.remove(shard);
            if (limiter != null && leaving != null) {
                leaving.forEach(limiter::withdraw);
            }
        }

        private void lost(int shard) {
            owned.clear(shard);
            allowances.own((BitSet) owned.clone(), owners.size(), new BitSet());
        }

        private void send() {
            for (int shard : List.copyOf(waiting.keySet())) {
                List<Waiter> line = waiting.get(shard);
                ConnectionLimiter limiter = limiters.get(shard);
                for (boolean sent = true; sent; ) {
                    sent = false;
                    while (line.size() < backlog) {
                        line.add(limiter.ask(TOOL, Lane.INTERACTIVE, Long.MAX_VALUE));
                    }
                    for (Waiter waiter : List.copyOf(line)) {
                        if (waiter.outcome instanceof Granted(Permits permits)) {
                            line.remove(waiter);
                            send(shard, permits);
                            sent = true;
                        }
                    }
                }
            }
        }

        private void send(int shard, Permits permits) {
            underWay.merge(shard, 1, Integer::sum);
            long there = random.nextLong(longestTransit + 1);
            long back = random.nextLong(longestTransit + 1);
            time.after(there, () -> {
                arrivals++;
                boolean fits = vendor.arrives(time.getAsLong(), 1);
                LimitFeedback says = vendor.says(time.getAsLong());
                if (!fits) {
                    rejected++;
                    rejectedFromBefore += permits.grantedAtNanos() < before ? 1 : 0;
                    rejectedKnowing += permits.grantedAtNanos() > heardAt ? 1 : 0;
                }
                time.after(back, () -> ended(shard, permits, fits, says));
            });
        }

        private void ended(int shard, Permits permits, boolean fits, @Nullable LimitFeedback says) {
            if (killed) {
                return;
            }
            underWay.merge(shard, -1, Integer::sum);
            ConnectionLimiter limiter = limiters.get(shard);
            if (says == null) {
                permits.finished();
            } else {
                permits.finished(List.of(says));
            }
            if (!fits && limiter != null) {
                limiter.throttled(permits, Set.of(), Duration.ofSeconds(10), null);
            }
        }
    }

    MovingShards(long seed, int shards, List<Limit> limits, VendorModel vendor, long longestTransit) {
        this(seed, shards, limits, vendor, longestTransit, time -> SharedPermitsSource.NONE);
    }

    /** @param source of what all workers share, by the clock that it is to go by */
    MovingShards(
            long seed,
            int shards,
            List<Limit> limits,
            VendorModel vendor,
            long longestTransit,
            Function<ManualTime, SharedPermitsSource> source) {
        this.random = new Random(seed);
        this.time = new ManualTime(random.nextLong(1_000_000 * MILLISECOND));
        this.limits = limits;
        this.source = source.apply(time);
        this.vendor = vendor;
        this.longestTransit = longestTransit;
        Worker first = new Worker();
        workers.add(first);
        for (int shard = 0; shard < shards; shard++) {
            owners.add(first);
        }
        for (int shard = 0; shard < shards; shard++) {
            first.own(shard, true);
        }
    }

    int workers() {
        return workers.size();
    }

    /** How many calls of each connection wait at any time. */
    void backlog(int calls) {
        backlog = calls;
    }

    /** One call more, of each connection in turn. */
    void call() {
        int shard = lastCalled++ % owners.size();
        for (Worker worker : workers) {
            List<Waiter> line = worker.waiting.get(shard);
            ConnectionLimiter limiter = worker.limiters.get(shard);
            if (line != null && limiter != null) {
                line.add(limiter.ask(TOOL, Lane.INTERACTIVE, Long.MAX_VALUE));
            }
        }
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

    private void send() {
        List.copyOf(workers).forEach(Worker::send);
    }

    /** A worker joins; its part of the shards moves to it in order. */
    void join() {
        Worker joining = new Worker();
        workers.add(joining);
        List<Integer> moving = new ArrayList<>();
        int part = owners.size() / workers.size();
        for (int shard = 0; shard < owners.size(); shard++) {
            Worker owner = owners.get(shard);
            long left = owner == null ? 0 : owner.owned.cardinality() - moved(moving, owner);
            if (moving.size() < part && left > part) {
                moving.add(shard);
            }
        }
        move(moving, joining);
    }

    private long moved(List<Integer> moving, Worker from) {
        return moving.stream().filter(shard -> owners.get(shard) == from).count();
    }

    /** One worker stops in order; its shards go to the others. */
    void leave() {
        Worker leaving = workers.remove(random.nextInt(workers.size()));
        List<Integer> its = leaving.owned.stream().boxed().toList();
        move(its, null);
    }

    /** One worker is killed; a while later its shards are at the others. */
    void kill(long undetectedNanos) {
        Worker dead = workers.remove(random.nextInt(workers.size()));
        dead.killed = true;
        List<Integer> its = dead.owned.stream().boxed().toList();
        its.forEach(dead::stop);
        runFor(undetectedNanos);
        its.forEach(shard -> someWorker().own(shard, false));
    }

    /** As a group's members hand shards on: drain, save the states, commit, and then somebody else begins. */
    private void move(List<Integer> moving, @Nullable Worker to) {
        Map<Integer, Optional<Map<String, byte[]>>> saved = new HashMap<>();
        Map<Worker, List<Integer>> byOwner = new HashMap<>();
        moving.forEach(shard -> byOwner.computeIfAbsent(owners.get(shard), owner -> new ArrayList<>())
                .add(shard));
        byOwner.forEach((owner, its) -> its.forEach(owner::stop));
        runFor(random.nextBoolean() ? 2 * longestTransit : random.nextLong(longestTransit + 1));
        byOwner.forEach((owner, its) -> its.forEach(shard -> saved.put(shard, owner.allowances.handOver(shard))));
        runFor(random.nextLong(300 * MILLISECOND)); // the transaction
        byOwner.forEach((owner, its) -> its.forEach(owner::lost));
        runFor(random.nextLong(300 * MILLISECOND));
        for (int shard : moving) {
            Worker next = to == null ? someWorker() : to;
            next.own(shard, false);
        }
        runFor(random.nextLong(300 * MILLISECOND)); // the restore
        saved.forEach((shard, spent) -> {
            Worker owner = owners.get(shard);
            if (owner != null) {
                spent.ifPresent(each -> owner.allowances.takeOver(shard, each, Duration.ZERO));
            }
        });
    }

    private Worker someWorker() {
        return workers.get(random.nextInt(workers.size()));
    }
}
