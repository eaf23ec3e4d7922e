package dev.toolpost.worker.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.connectors.Feedback;
import dev.toolpost.connectors.Limit;
import dev.toolpost.connectors.Limit.Kind;
import dev.toolpost.connectors.Limit.Scope;
import dev.toolpost.connectors.LimitCost;
import dev.toolpost.connectors.WindowReset;
import dev.toolpost.schemas.Lane;
import dev.toolpost.worker.ratelimit.Acquisition.Granted;
import dev.toolpost.worker.ratelimit.shared.SharedPermitsSource;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Workers without Redis that share the permits of hours and days, with shards that move in order or by a kill. */
class ShardedBandwidthTest {

    private static final long MILLISECOND = 1_000_000;
    private static final long SECOND = 1_000 * MILLISECOND;
    private static final long MINUTE = 60 * SECOND;
    private static final String TOOL = "vendor_list";
    private static final int SHARDS = 12;
    private static final int PERMITS = 500;

    private final ManualTime time = new ManualTime(0);
    private final int[] epochs = new int[SHARDS];
    private final Map<Integer, Entry> state = new HashMap<>();
    private final List<Worker> workers = new ArrayList<>();
    private final List<Arrival> arrivals = new ArrayList<>();
    private Random random = new Random(1);
    private Limit limit = hourly(LimitCost.ONE);

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Entry(byte[] snapshot, long at) {}

    private record Arrival(long at, int cost) {}

    private final class Worker implements QuotaLog {
        private final BitSet owned = new BitSet();
        private final VendorAllowance allowance = new VendorAllowance(
                "vendor",
                List.of(limit),
                time,
                time,
                tenant -> 1,
                time,
                SharedPermitsSource.NONE,
                this,
                LimitNews.UNHEARD);
        private final ConnectionLimiter limiter =
                new ConnectionLimiter(List.of(limit), time, time, InitialState.FRESH, time, allowance, "acme", null);
        private boolean alive = true;

        @Override
        public void write(int shard, String vendor, byte[] snapshot, Consumer<Boolean> durable) {
            int epoch = epochs[shard];
            time.after(random.nextLong(20 * MILLISECOND), () -> {
                boolean written = alive && epoch == epochs[shard] && random.nextInt(50) > 0;
                if (written) {
                    state.put(shard, new Entry(snapshot, time.getAsLong()));
                }
                if (alive) {
                    durable.accept(written);
                }
            });
        }

        void owns(int shard) {
            owned.set(shard);
            int epoch = ++epochs[shard];
            allowance.owns(time.getAsLong(), owned, SHARDS, new BitSet());
            time.after(random.nextLong(SECOND), () -> {
                if (alive && epoch == epochs[shard]) {
                    Entry entry = state.get(shard);
                    allowance.gain(
                            shard,
                            SHARDS,
                            entry == null ? null : entry.snapshot(),
                            entry == null ? Duration.ZERO : Duration.ofNanos(time.getAsLong() - entry.at()));
                }
            });
        }

        void handOver(int shard) {
            byte[] spent = allowance.close(shard);
            if (spent != null) {
                state.put(shard, new Entry(spent, time.getAsLong()));
            }
            owned.clear(shard);
            epochs[shard]++;
            allowance.owns(time.getAsLong(), owned, SHARDS, new BitSet());
        }

        /** As many calls as get permits within five seconds; requests take up to three. */
        int call(int calls) {
            int before = arrivals.size();
            for (int i = 0; i < calls; i++) {
                Waiter waiter = limiter.ask(TOOL, Lane.INTERACTIVE, Long.MAX_VALUE);
                limiter.whenDecided(waiter, () -> decided(waiter));
                time.after(5 * SECOND, () -> {
                    if (waiter.outcome == null) {
                        limiter.withdraw(waiter);
                    }
                });
            }
            time.advanceBy(8 * SECOND + SECOND / 2);
            return arrivals.size() - before;
        }

        private void decided(Waiter waiter) {
            if (alive && waiter.outcome instanceof Granted(Permits permits)) {
                long takes = random.nextLong(3 * SECOND);
                time.after(random.nextLong(takes + 1), () -> arrive(waiter.sharedCosts[0]));
                time.after(takes, () -> {
                    if (alive) {
                        permits.finished();
                    }
                });
            }
        }
    }

    private void arrive(int cost) {
        arrivals.add(new Arrival(time.getAsLong(), cost));
    }

    @Test
    void allTogetherNeverSpendMoreThanAWindowAllowsWhoeverIsKilledAndWhateverMoves() {
        int leastOfTheFirstHour = Integer.MAX_VALUE;
        for (long seed = 1; seed <= 20; seed++) {
            begin(seed, hourly(seed % 2 == 0 ? LimitCost.ONE : new LimitCost(7, Map.of(), null)), 3);
            long start = time.getAsLong();
            int kills = 0;
            for (int step = 0; step < 80; step++) {
                Worker worker = workers.get(random.nextInt(workers.size()));
                switch (random.nextInt(12)) {
                    case 0 -> {
                        kills++;
                        kill(worker);
                    }
                    case 1, 2 -> move(worker);
                    case 3 -> time.advanceBy(random.nextLong(3 * MINUTE));
                    default -> worker.call(random.nextInt(40));
                }
            }
            time.advanceBy(10 * SECOND);
            assertThat(mostWithin(Duration.ofHours(1).toNanos()))
                    .as("seed %d", seed)
                    .isLessThanOrEqualTo(PERMITS);
            int first = arrivals.stream()
                    .filter(arrival -> arrival.at() < start + 50 * MINUTE)
                    .mapToInt(Arrival::cost)
                    .sum();
            leastOfTheFirstHour = Math.min(leastOfTheFirstHour, first + kills * 3 * 7);
        }
        assertThat(leastOfTheFirstHour)
                .as("used of the first hour, what kills cost added")
                .isGreaterThan(PERMITS * 8 / 10);
    }

    @Test
    void aBurstOfEverythingGoesOutFromOneWorkerAndWhatIsHandedOverIsSpendableAtOnce() {
        begin(1, hourly(LimitCost.ONE), 1);
        Worker first = workers.getFirst();
        assertThat(first.call(300)).isEqualTo(300);
        Worker second = new Worker();
        workers.add(second);
        for (int shard = 0; shard < SHARDS; shard++) {
            first.handOver(shard);
            second.owns(shard);
        }
        time.advanceBy(2 * SECOND);

        assertThat(second.call(300)).isEqualTo(200);
        assertThat(first.call(10)).isZero();
    }

    @Test
    void aKillCostsAChunkAndAHalfOfEachShardThatWasBeingSpent() {
        begin(1, hourly(LimitCost.ONE), 1);
        workers.getFirst().call(300);
        kill(workers.getFirst());
        time.advanceBy(2 * SECOND);

        assertThat(workers.getFirst().call(300)).isBetween(200 - 8, 200);
    }

    @Test
    void aDayThatBeganAnewIsMadeDurableAnew() {
        Limit daily = new Limit(
                "app",
                Scope.VENDOR,
                Kind.FIXED,
                PERMITS,
                Duration.ofDays(1),
                Set.of(),
                Set.of(),
                null,
                null,
                0.05,
                LimitCost.ONE,
                Feedback.NONE,
                new WindowReset(LocalTime.MIDNIGHT, ZoneOffset.UTC));
        begin(1, daily, 1);
        workers.getFirst().call(200);
        time.advanceBy(Duration.ofHours(25).toNanos());
        assertThat(workers.getFirst().call(100)).isEqualTo(100);
        kill(workers.getFirst());
        time.advanceBy(2 * SECOND);

        assertThat(workers.getFirst().call(1_000)).isBetween(PERMITS - 100 - 8, PERMITS - 100);
    }

    @Test
    void whatAnswersCostBeyondTheirPermitsIsDurableBeforeAnythingElseGoes() {
        begin(1, hourly(LimitCost.ONE), 1);
        Worker worker = workers.getFirst();
        Waiter waiter = worker.limiter.ask(TOOL, Lane.INTERACTIVE, Long.MAX_VALUE);
        time.advanceBy(SECOND);
        ((Granted) waiter.outcome).permits().finished(List.of(new LimitFeedback("app", 200L, null, null, null, null)));
        time.advanceBy(SECOND);
        kill(worker);
        time.advanceBy(2 * SECOND);

        assertThat(workers.getFirst().call(1_000)).isBetween(PERMITS - 200 - 8, PERMITS - 200);
    }

    @Test
    void otherLimitsGoOnFromWhatWasSpentOfEachShard() {
        begin(1, hourly(LimitCost.ONE), 1);
        Worker worker = workers.getFirst();
        worker.call(300);
        Map<Integer, Integer> known = new HashMap<>();
        worker.owned.stream().forEach(shard -> known.put(shard, SHARDS));
        limit = limit.with(2 * PERMITS, null);
        Worker next = new Worker();
        next.owned.or(worker.owned);
        next.allowance.replace(worker.allowance, known);

        assertThat(next.call(1_000)).isEqualTo(700);
    }

    private void begin(long seed, Limit each, int count) {
        random = new Random(seed);
        limit = each;
        workers.forEach(worker -> worker.alive = false);
        state.clear();
        workers.clear();
        arrivals.clear();
        for (int i = 0; i < count; i++) {
            workers.add(new Worker());
        }
        for (int shard = 0; shard < SHARDS; shard++) {
            workers.get(shard % count).owns(shard);
        }
        time.advanceBy(2 * SECOND);
    }

    /** Another takes its place, and its shards go to all that are there. */
    private void kill(Worker worker) {
        worker.alive = false;
        workers.remove(worker);
        workers.add(new Worker());
        worker.owned.stream()
                .forEach(shard -> workers.get(random.nextInt(workers.size())).owns(shard));
    }

    private void move(Worker from) {
        int shard = from.owned.nextSetBit(random.nextInt(SHARDS));
        if (shard >= 0) {
            from.handOver(shard);
            workers.get(random.nextInt(workers.size())).owns(shard);
        }
    }

    private int mostWithin(long window) {
        int most = 0;
        int sum = 0;
        int first = 0;
        for (Arrival each : arrivals) {
            sum += each.cost();
            while (arrivals.get(first).at() <= each.at() - window) {
                sum -= arrivals.get(first++).cost();
            }
            most = Math.max(most, sum);
        }
        return most;
    }

    private static Limit hourly(LimitCost cost) {
        return new Limit("app", Scope.VENDOR, Kind.SLIDING, PERMITS, Duration.ofHours(1), Set.of(), Set.of(), null, 0)
                .with(cost);
    }
}
