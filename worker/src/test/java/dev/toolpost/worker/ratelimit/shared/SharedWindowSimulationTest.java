package dev.toolpost.worker.ratelimit.shared;

import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.worker.ratelimit.VendorModel;
import dev.toolpost.worker.rig.RedisServer;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.StatefulRedisConnection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Workers that share a strict window, a network that delays and loses, a server that forgets and whose clock is set, and a vendor that counts exactly. The script
 * is the real one and runs on a real server; its time is the simulation's. Seeded; zero rejected, and how much of the allowance was used.
 */
class SharedWindowSimulationTest {

    private static final int SEEDS = 40;
    private static final long MICROSECOND = 1_000;
    private static final long MILLISECOND = 1_000_000;
    private static final long SECOND = 1_000 * MILLISECOND;
    private static final String TIME = "redis.call('TIME')";

    private static RedisServer server;
    private static RedisClient client;
    private static StatefulRedisConnection<String, String> connection;
    private static String digest;
    private static int worlds;

    @BeforeAll
    static void start() throws Exception {
        server = RedisServer.start();
        client = RedisClient.create(RedisURI.create(server.uri()));
        connection = client.connect();
        String text = Script.STRICT_WINDOW.text();
        assertThat(text).containsOnlyOnce(TIME);
        digest = connection.sync().scriptLoad(text.replace(TIME, "{ARGV[#ARGV - 1], ARGV[#ARGV]}"));
    }

    @AfterAll
    static void stop() throws Exception {
        if (server != null) {
            client.shutdown();
            server.close();
        }
    }

    private interface VendorOf {
        VendorModel make(int permits, long window, Random random);
    }

    @Test
    void aSlidingWindowIsNeverExceeded() {
        manySeeds("sliding", (permits, window, _) -> VendorModel.sliding(permits, window));
    }

    @Test
    void aFixedWindowIsNeverExceededHoweverItIsAligned() {
        manySeeds(
                "fixed to the clock",
                (permits, window, random) -> VendorModel.fixedToTheClock(permits, window, random.nextLong(window)));
    }

    @Test
    void nearlyAllOfTheAllowanceIsUsedAndEachWorkerHasItsPart() {
        for (long latency : new long[] {0, 50, 500}) {
            World world = new World(new Random(1), 100, 10 * SECOND, 1_500 * MILLISECOND, 3);
            world.vendor = VendorModel.sliding(100, 10 * SECOND);
            world.latency = latency * MILLISECOND;
            world.straggling = false;
            world.stalls = false;
            world.workers.forEach(worker -> worker.wants(1_000_000));
            world.runFor(20 * SECOND);
            world.times.clear();
            world.workers.forEach(worker -> worker.sent = 0);
            world.runFor(60 * SECOND);
            double used = 10.0 * SECOND / world.meanTimeOf(100);
            double reachable = 10_000.0 / (10_000 + latency);
            long least = world.workers.stream()
                    .mapToLong(worker -> worker.sent)
                    .min()
                    .orElseThrow();
            long most = world.workers.stream()
                    .mapToLong(worker -> worker.sent)
                    .max()
                    .orElseThrow();
            System.out.printf(
                    Locale.ROOT,
                    "shared window, 100 per 10 s, 3 workers, latency %d ms: %.1f %% used, %.1f %% can be; each worker %d to %d of %d; %d rounds%n",
                    latency,
                    used * 100,
                    reachable * 100,
                    least,
                    most,
                    world.times.size(),
                    world.rounds);
            assertThat(world.violations).isZero();
            assertThat(used).isGreaterThan(0.98 * reachable);
            assertThat(least).isGreaterThan(most / 2);
        }
    }

    /** A clock that is set by less than an answer may take could as well be a slow way there. */
    @Test
    void aSmallStepOfTheServersClockMakesNothingComeEarlyHoweverManyAsk() {
        for (long seed = 1; seed <= 4; seed++) {
            World world = new World(new Random(seed), 500, 10 * SECOND, 1_500 * MILLISECOND, 4);
            world.vendor = VendorModel.sliding(500, 10 * SECOND);
            world.straggling = false;
            world.stalls = false;
            for (int i = 0; i < 2_500; i++) {
                world.workers.get(i % 4).wants(1);
                world.runFor(18 * MILLISECOND);
                if (i == 1_000) {
                    world.serverOffset += 240 * MILLISECOND;
                }
            }
            assertThat(world.violations).as("seed %d", seed).isZero();
            assertThat(world.arrivals).isGreaterThan(2_000);
        }
    }

    @Test
    void whoNeedsManyAtOnceIsNotOvertakenForEver() {
        for (long seed = 1; seed <= 5; seed++) {
            World world = new World(new Random(seed), 100, 10 * SECOND, 1_500 * MILLISECOND, 3);
            world.vendor = VendorModel.sliding(100, 10 * SECOND);
            world.latency = 50 * MILLISECOND;
            world.straggling = false;
            world.stalls = false;
            Worker costly = world.workers.getFirst();
            costly.least = 60;
            world.runFor(10 * SECOND);
            for (int i = 0; i < 1_200; i++) {
                world.workers.get(1 + i % 2).wants(1);
                world.runFor(100 * MILLISECOND);
                if (i == 200) {
                    costly.wants(1_000_000);
                }
            }
            System.out.printf(
                    Locale.ROOT,
                    "shared window, 100 per 10 s, one needs 60 at once beside 10 single ones a second for 100 s, seed %d: %s%n",
                    seed,
                    world.workers.stream().map(worker -> worker.sent).toList());
            assertThat(world.violations).isZero();
            assertThat(costly.sent).isGreaterThanOrEqualTo(180);
            assertThat(world.workers.get(1).sent).isGreaterThanOrEqualTo(150);
            assertThat(world.workers.get(2).sent).isGreaterThanOrEqualTo(150);
        }
    }

    private static void manySeeds(String name, VendorOf vendorOf) {
        long arrivals = 0;
        long rounds = 0;
        for (long seed = 1; seed <= SEEDS; seed++) {
            Random random = new Random(seed);
            int permits = (int) Math.exp(random.nextDouble() * Math.log(100));
            long window = (long) (100 * MILLISECOND * Math.exp(random.nextDouble() * Math.log(600)));
            long late = (long) (window * (0.05 + random.nextDouble() * (random.nextInt(4) == 0 ? 2 : 0.3)));
            World world = new World(random, permits, window, late, 1 + random.nextInt(4));
            world.vendor = vendorOf.make(permits, window, random);
            world.latency = random.nextInt(3) == 0 ? 0 : random.nextLong(window);
            world.loses = random.nextInt(2) * 0.1;
            world.unused = random.nextInt(2) * 0.3;
            world.accidents = random.nextBoolean();
            for (int stretch = 0; stretch < 10; stretch++) {
                for (Worker worker : world.workers) {
                    worker.wants(random.nextInt(3) == 0 ? 0 : random.nextInt(2 * permits + 2));
                }
                world.runFor(random.nextLong(1 + window));
                world.perhapsAnAccident();
            }
            assertThat(world.violations)
                    .as("%s, seed %d, %d per %d ns, late %d ns", name, seed, permits, window, late)
                    .isZero();
            long before = world.arrivals;
            world.loses = 0;
            world.unused = 0;
            world.accidents = false;
            world.workers.forEach(worker -> worker.wants(1_000_000));
            world.runFor(4 * (window + late + world.latency));
            assertThat(world.violations)
                    .as("%s, seed %d, saturated, %d per %d ns, late %d ns", name, seed, permits, window, late)
                    .isZero();
            assertThat(world.arrivals)
                    .as("%s, seed %d, %d per %d ns: all permits at least twice", name, seed, permits, window)
                    .isGreaterThanOrEqualTo(before + 2L * permits);
            arrivals += world.arrivals;
            rounds += world.rounds;
        }
        System.out.printf(
                Locale.ROOT,
                "shared window, %s: %d seeds, %d requests arrived, 0 rejected, %d rounds%n",
                name,
                SEEDS,
                arrivals,
                rounds);
    }

    /** Everything that happens, on one settable clock. */
    private static final class World {
        private record Event(long at, long number, Runnable action) {}

        private final PriorityQueue<Event> events =
                new PriorityQueue<>(Comparator.comparingLong(Event::at).thenComparingLong(Event::number));
        private final Random random;
        private final long late;
        private final long roundBound;
        private final double vendorClockRate;
        private final List<Worker> workers = new ArrayList<>();
        private final SharedWindow shared;
        private VendorModel vendor = (_, _) -> true;
        private long latency;
        private double loses;
        private double unused;
        private boolean accidents;
        private boolean wasSet;
        private boolean straggling = true;
        private boolean stalls = true;
        private long now;
        private long number;
        private long serverOffset;
        private long serverSince = Long.MIN_VALUE / 2;
        private String key = "world-" + ++worlds;
        private int runs;
        private final List<Long> times = new ArrayList<>();
        private long arrivals;
        private long violations;
        private long rounds;

        World(Random random, int permits, long window, long late, int workers) {
            this.random = random;
            this.late = late;
            this.roundBound = late / 3;
            this.shared = new SharedWindow(permits, Duration.ofNanos(window), Duration.ofNanos(late));
            this.vendorClockRate = 1 + (random.nextDouble() - 0.5) * 400e-6;
            this.now = random.nextLong(1_000 * SECOND);
            this.serverOffset = 1_700_000_000L * SECOND + random.nextLong(SECOND);
            for (int i = 0; i < workers; i++) {
                this.workers.add(new Worker(this, "worker-" + i));
            }
        }

        void runFor(long nanos) {
            long end = now + nanos;
            while (!events.isEmpty() && events.peek().at() <= end) {
                Event next = events.remove();
                now = next.at();
                next.action().run();
            }
            now = end;
        }

        void after(long nanos, Runnable action) {
            events.add(new Event(now + nanos, ++number, action));
        }

        void at(long time, Runnable action) {
            events.add(new Event(Math.max(now, time), ++number, action));
        }

        /** From a request to the one that is so many later, in the mean. */
        double meanTimeOf(int permits) {
            return IntStream.range(permits, times.size())
                    .mapToLong(i -> times.get(i) - times.get(i - permits))
                    .average()
                    .orElseThrow();
        }

        void perhapsAnAccident() {
            if (!accidents) {
                return;
            }
            switch (random.nextInt(5)) {
                case 0 -> {
                    // Longer, and the server forgets the key.
                    if (!wasSet) {
                        serverOffset += random.nextLong(60 * SECOND);
                        wasSet = true;
                    }
                }
                case 1 -> {
                    if (!wasSet) {
                        serverOffset -= random.nextLong(100 * SECOND);
                        wasSet = true;
                    }
                }
                case 2 -> {
                    key = "world-" + worlds + "-" + ++runs;
                    serverSince = now;
                    workers.forEach(worker -> worker.book.forget());
                }
                case 3 -> {
                    if (!wasSet) {
                        workers.set(0, workers.getFirst().diesAndIsFollowed());
                    }
                }
                default -> {}
            }
        }

        /** Runs the script now. */
        List<Long> run(WindowBook.Request request) {
            rounds++;
            long micros = (now + serverOffset) / MICROSECOND;
            List<String> arguments = new ArrayList<>(request.arguments());
            arguments.add(Long.toString(micros / 1_000_000));
            arguments.add(Long.toString(micros % 1_000_000));
            return connection
                    .sync()
                    .evalsha(digest, ScriptOutputType.MULTI, new String[] {key}, arguments.toArray(String[]::new));
        }

        /** A request of these whose grants were made at a time. */
        void send(Worker worker, long grantedAt) {
            long latest = grantedAt + late;
            long arrival = switch (straggling ? random.nextInt(8) : 8) {
                case 0 -> latest;
                case 1 -> now + random.nextLong(1 + Math.max(0, latest - now));
                default -> Math.min(latest, now + random.nextLong(5 * MILLISECOND));
            };
            at(arrival, () -> {
                arrivals++;
                times.add(now);
                if (!vendor.arrives(Math.round(now * vendorClockRate), 1)) {
                    violations++;
                }
                long spread = latency / 2;
                after(latency - spread / 2 + (spread > 0 ? random.nextLong(spread) : 0), () -> {
                    worker.book.ended(1, worker.clock());
                    worker.look();
                });
            });
        }
    }

    /** One process: as what stands before a shared limit in a worker, it asks for what it needs, once at a time, and tells the rest. */
    private static final class Worker {
        private final World world;
        private final String name;
        private final WindowBook book;
        private final double clockRate;
        private final long clockOffset;
        private long wanted;
        private boolean asking;
        private boolean dead;
        private long notBefore;
        private long sent;
        private int least = 1;
        private int renewals;

        Worker(World world, String name) {
            this.world = world;
            this.name = name;
            this.clockRate = 1 + (world.random.nextDouble() - 0.5) * 200e-6;
            this.clockOffset = world.random.nextLong(1_000 * SECOND) - 500 * SECOND;
            this.book = new WindowBook(world.shared, name, Duration.ofNanos(world.roundBound));
        }

        long clock() {
            return clockOffset + Math.round(world.now * clockRate);
        }

        Worker diesAndIsFollowed() {
            dead = true;
            Worker next = new Worker(world, name + "'");
            next.wants(wanted);
            return next;
        }

        void wants(long more) {
            wanted += more;
            look();
        }

        void look() {
            if (asking || dead) {
                return;
            }
            List<Ask> asks = new ArrayList<>(Collections.nCopies(renewals, Ask.instead(1, NOBODY)));
            renewals = 0;
            if (wanted > 0 && world.now >= notBefore) {
                asks.add(new Ask(least, (int) Math.min(64, Math.min(wanted, world.shared.permits())), 0, NOBODY));
            } else if (asks.isEmpty()) {
                Duration news = book.newsIn(clock());
                if (news == null) {
                    return;
                }
                if (news.isPositive()) {
                    world.after(news.toNanos() + MICROSECOND, this::look);
                    return;
                }
            }
            asking = true;
            long sentAt = world.now;
            long memory = Math.min(1_000 * SECOND, world.now - world.serverSince);
            WindowBook.Request request = book.ask(asks, Duration.ofNanos(memory), clock());
            String key = world.key;
            boolean arrives = world.random.nextDouble() >= world.loses;
            boolean returns = world.random.nextDouble() >= world.loses;
            long there = way();
            long back = way();
            boolean inTime = arrives && returns && there + back < world.roundBound;
            if (arrives) {
                long late = returns || world.random.nextBoolean() ? there : there + 2 * world.roundBound;
                world.after(late, () -> {
                    if (!key.equals(world.key)) {
                        return;
                    }
                    long grantedAt = world.now;
                    List<Long> answer = world.run(request);
                    if (inTime) {
                        world.after(back, () -> {
                            if (key.equals(world.key)) {
                                asking = false;
                                heard(request, answer, grantedAt);
                            }
                        });
                    }
                });
            }
            world.at(sentAt + world.roundBound, () -> {
                if (!inTime || !key.equals(world.key)) {
                    if (asking) {
                        asking = false;
                        book.lost(request, clock());
                        look();
                    }
                }
            });
        }

        private long way() {
            long most = Math.min(2 * MILLISECOND, world.roundBound / 3);
            return world.stalls && world.random.nextInt(20) == 0
                    ? world.random.nextLong(1 + world.roundBound)
                    : world.random.nextLong(1 + most);
        }

        private void heard(WindowBook.Request request, List<Long> answer, long grantedAt) {
            List<Served> served = book.heard(request, answer, clock());
            for (int place = 0; place < served.size(); place++) {
                Served each = served.get(place);
                boolean isInstead = request.asks().get(place).isInstead();
                if (each.granted() == 0 && !isInstead) {
                    notBefore = world.now + each.again().toNanos();
                    world.at(notBefore, this::look);
                }
                for (int i = 0; i < each.granted(); i++) {
                    if (isInstead) {
                        send(grantedAt);
                    } else {
                        use(grantedAt);
                    }
                }
            }
            look();
        }

        private void use(long grantedAt) {
            if (dead && world.random.nextBoolean()) {
                return;
            }
            if (wanted == 0 || world.random.nextDouble() < world.unused) {
                long held = world.random.nextLong(1 + Math.max(0, grantedAt + world.late - world.now) / 2);
                boolean renewed = world.random.nextInt(3) == 0 && wanted > 0;
                long stalled = world.random.nextInt(4) == 0
                        ? world.random.nextLong(2 * world.shared.counts().toNanos())
                        : held;
                world.after(renewed ? stalled : held, () -> {
                    if (renewed) {
                        book.release(1, Duration.ofNanos(world.now - grantedAt), clock());
                        renewals++;
                    } else {
                        book.unused(1, clock());
                    }
                    look();
                });
                return;
            }
            send(grantedAt);
        }

        private void send(long grantedAt) {
            wanted--;
            sent++;
            world.send(this, grantedAt);
        }

        private static final SharedPermits.Answer NOBODY = new SharedPermits.Answer() {
            @Override
            public void granted(int count) {}

            @Override
            public void none(Duration next, Duration again) {}

            @Override
            public void unreachable(String why) {}
        };
    }
}
