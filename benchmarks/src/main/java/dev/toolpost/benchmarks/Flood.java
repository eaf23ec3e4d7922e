package dev.toolpost.benchmarks;

import dev.toolpost.message.ToolReply;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * A tenant that puts a flood of calls before a limit of scope {@code vendor}: what single calls of another tenant wait, beside what they
 * wait alone, from the flood's first moment; and the first calls of tenants that nobody knew. Each round has a broker and a worker of its own.
 */
final class Flood {

    private static final int SHARDS = 6;
    private static final int FLOODING_PER_SHARD = 2;
    private static final int WARM_UP_CALLS = 20_000;
    private static final Duration LONGEST = Duration.ofMinutes(1);
    private static final Duration LOOK = Duration.ofMillis(100);

    /** As a worker that the launcher starts: a flood that waits is alive, and each collection has to move what came since the one before. */
    private static final List<String> JVM = List.of("-XX:-UseSerialGC", "-XX:+UseG1GC", "-XX:MaxGCPauseMillis=20");

    private static final String CALM = "calm";
    private static final String FLOODING = "flooding";
    private static final String ARGUMENTS = "{\"contact_id\":\"60\"}";

    private final Stage stage;
    private final Plan plan;
    private final Results results;
    private final Agent agent;
    private final List<String> calm;
    private final Map<String, Asked> asked = new HashMap<>();
    private final Random random;
    private int lastCall;
    private int lastNew;
    private long othersAnswered;

    private record Plan(
            int permits,
            Duration window,
            Duration latency,
            int calls,
            int perSecond,
            int windows,
            int rounds,
            String lane,
            int flooded) {
        static Plan of(Options options) {
            String lane = options.text("lane", "interactive");
            int flooded = lane.equals("batch") ? SHARDS : SHARDS / 2;
            Plan plan = new Plan(
                    options.number("permits", 2_000, 2_000),
                    Duration.ofMillis(options.number("window-ms", 10_000, 10_000)),
                    Duration.ofMillis(options.number("latency-ms", 50, 50)),
                    options.number("calls", 100_000, 100_000),
                    options.number("per-second", 40, 40),
                    options.number("windows", 1, 2),
                    options.number("rounds", 1, 3),
                    lane,
                    options.number("flooded", flooded, flooded));
            options.refuseOthers();
            return plan;
        }

        boolean isBatch() {
            return lane.equals("batch");
        }
    }

    private record Asked(long nanos, Waits waits) {}

    /** What single calls waited. */
    private record Waits(String name, List<Long> replies, List<Long> permits) {
        Waits(String name) {
            this(name, new ArrayList<>(), new ArrayList<>());
        }
    }

    /** Of all rounds. */
    private static final class Results {
        private final Waits alone = new Waits("alone");
        private final Waits beside = new Waits("while the flood is read");
        private final Waits behind = new Waits("the same, behind it in its partition");
        private final Waits next = new Waits("the window after");
        private final Waits later = new Waits("later");
        private final Waits newAtFirst = new Waits("first calls of tenants, first window");
        private final Waits newLater = new Waits("first calls of tenants, later");
        private final List<Double> secondsToRead = new ArrayList<>();
        private final List<Double> used = new ArrayList<>();
        private long othersAnswered;
        private long violations;

        List<Waits> all() {
            return List.of(alone, beside, behind, next, later, all(beside, behind, next, later), newAtFirst, newLater);
        }

        private static Waits all(Waits... parts) {
            Waits all = new Waits("from the flood's first moment on");
            for (Waits part : parts) {
                all.replies().addAll(part.replies());
                all.permits().addAll(part.permits());
            }
            return all;
        }
    }

    private Flood(Stage stage, Plan plan, Results results, int round) {
        this.stage = stage;
        this.plan = plan;
        this.results = results;
        this.random = new Random(round);
        this.agent = stage.open(new Agent(stage));
        this.calm = stage.namesByShard(CALM, 1);
    }

    static void run(Options options) throws Exception {
        Plan plan = Plan.of(options);
        System.out.printf(
                "one limit of %d permits in %d ms over all connections (sliding, strict), vendor's latency %d ms, %d %s calls of one tenant"
                        + " on %d of %d partitions, %d calls a second of another on all of them, %d rounds%n",
                plan.permits(),
                plan.window().toMillis(),
                plan.latency().toMillis(),
                plan.calls(),
                plan.lane(),
                plan.flooded(),
                SHARDS,
                plan.perSecond(),
                plan.rounds());
        Results results = new Results();
        for (int round = 1; round <= plan.rounds(); round++) {
            try (Stage stage = Stage.open(
                    SHARDS,
                    "--limit=" + plan.permits() + "/" + plan.window().toMillis(),
                    "--latency-ms=" + plan.latency().toMillis(),
                    "--tokens=" + SharedVendor.TOKEN)) {
                new Flood(stage, plan, results, round).measure();
            }
        }
        report(results);
    }

    private static void report(Results results) {
        Table table = new Table(
                "single calls",
                "calls",
                "p50 ms",
                "p99 ms",
                "worst ms",
                "permits p50 ms",
                "permits p99 ms",
                "p50 x",
                "p99 x");
        for (Waits waits : results.all()) {
            if (waits.replies().isEmpty()) {
                continue;
            }
            table.row(
                    waits.name(),
                    waits.replies().size(),
                    Figures.percentileMillis(waits.replies(), 0.5),
                    Figures.percentileMillis(waits.replies(), 0.99),
                    Figures.percentileMillis(waits.replies(), 1),
                    Figures.percentileMillis(waits.permits(), 0.5),
                    Figures.percentileMillis(waits.permits(), 0.99),
                    ratio(waits, results.alone, 0.5),
                    ratio(waits, results.alone, 0.99));
        }
        System.out.printf(
                Locale.ROOT,
                "permits: of that, waited for them; x: beside alone, target <= 2%n%d calls of the flood answered; it was read within %s s; %.1f %%"
                        + " of the window used later; requests that the vendor refused: %d%n",
                results.othersAnswered,
                results.secondsToRead.stream()
                        .map(seconds -> String.format(Locale.ROOT, "%.1f", seconds))
                        .toList(),
                100 * Figures.median(results.used, Double::doubleValue),
                results.violations);
    }

    private static double ratio(Waits one, Waits other, double part) {
        return Figures.percentileMillis(one.replies(), part) / Figures.percentileMillis(other.replies(), part);
    }

    private void measure() throws Exception {
        List<String> flooding =
                stage.namesByShard(FLOODING, FLOODING_PER_SHARD).subList(0, plan.flooded() * FLOODING_PER_SHARD);
        flooding.forEach(name -> stage.sharedConnection(FLOODING, name));
        calm.forEach(name -> stage.sharedConnection(CALM, name));
        Duration later = plan.window().multipliedBy(plan.windows());
        for (int i = 1; i <= news(plan.window().plus(later).multipliedBy(2)) + 2; i++) {
            stage.sharedConnection("new-" + i, besideTheFlood("new-" + i));
        }
        Workers workers = new Workers(
                stage,
                JVM,
                Map.of(
                        "connectors.directories",
                        SharedVendor.define(stage, plan.permits(), plan.window()),
                        "worker.deadline_interactive",
                        "1h"));
        workers.add(1);
        agent.readFromEnd(stage.replies());
        List<ProducerRecord<byte[], byte[]>> calls = flood(flooding);
        warmUp(flooding);

        single(plan.window().multipliedBy(plan.windows()), results.alone, results.alone);
        drain();
        try (Agent flooder = new Agent(stage)) {
            long already = workers.takenIn();
            Thread publishing = Thread.ofPlatform().start(() -> {
                calls.forEach(flooder::publish);
                flooder.flush();
            });
            long began = System.nanoTime();
            CompletableFuture<Long> read = new CompletableFuture<>();
            Thread.ofPlatform().daemon().start(() -> awaitRead(workers, already + plan.calls(), read));
            long lastNewcomer = began;
            while (!read.isDone() || System.nanoTime() < began + plan.window().toNanos()) {
                if (System.nanoTime() - lastNewcomer > everyNewcomer()) {
                    lastNewcomer = System.nanoTime();
                    newcomer(results.newAtFirst);
                }
                boolean isRead = read.isDone();
                one(isRead ? results.next : results.beside, isRead ? results.next : results.behind);
            }
            publishing.join();
            double seconds = (read.get() - began) / 1e9;
            results.secondsToRead.add(seconds);
            System.out.printf(Locale.ROOT, "the flood was read within %.1f s%n", seconds);
        }
        single(plan.window(), results.next, results.next);
        long before = stage.vendor().stats().requests();
        long from = System.nanoTime();
        while (System.nanoTime() < from + later.toNanos()) {
            newcomer(results.newLater);
            single(Duration.ofNanos(everyNewcomer()), results.later, results.later);
        }
        results.used.add((stage.vendor().stats().requests() - before)
                * (double) plan.window().toNanos()
                / (System.nanoTime() - from)
                / plan.permits());
        drain();
        results.othersAnswered += othersAnswered - WARM_UP_CALLS;
        results.violations += stage.vendor().stats().violations();
    }

    /** Newcomers within so long. */
    private int news(Duration length) {
        return (int) (length.toNanos() / everyNewcomer());
    }

    private long everyNewcomer() {
        return plan.window().toNanos() / 20;
    }

    /** A connection whose calls stand on a partition without the flood, where there is one. */
    private String besideTheFlood(String tenant) {
        return stage.namesByShard(tenant, 1).getLast();
    }

    private static void awaitRead(Workers workers, long takenIn, CompletableFuture<Long> read) {
        try {
            while (workers.takenIn() < takenIn) {
                Thread.sleep(LOOK);
            }
            read.complete(System.nanoTime());
        } catch (InterruptedException | RuntimeException e) {
            read.completeExceptionally(e);
        }
    }

    /** Made beforehand, so that making them costs the flood nothing. */
    private List<ProducerRecord<byte[], byte[]>> flood(List<String> connections) {
        String topic = plan.isBatch()
                ? stage.topics().batch(Stage.POOL)
                : stage.topics().calls(Stage.POOL);
        List<ProducerRecord<byte[], byte[]>> calls = new ArrayList<>(plan.calls());
        for (int i = 0; i < plan.calls(); i++) {
            String connection = connections.get(i % connections.size());
            calls.add(agent.encoded(
                    topic,
                    agent.call("f" + i, SharedVendor.TOOL, FLOODING, connection, ARGUMENTS)
                            .build()));
        }
        return calls;
    }

    /**
     * Calls that are not sent, so that they take no permits, then as many that are as two windows let through, half of which wait: the broker
     * and the vendor, which share the processors with the worker here, are to be as warm as they are elsewhere. At last single ones, until
     * the others are forgotten.
     */
    private void warmUp(List<String> connections) {
        for (int i = 0; i < WARM_UP_CALLS; i++) {
            agent.publish(
                    agent.call("w" + i, SharedVendor.TOOL, FLOODING, connections.get(i % connections.size()), ARGUMENTS)
                            .setDryRun(i < WARM_UP_CALLS - 2 * plan.permits())
                            .build());
        }
        agent.flush();
        long until = System.nanoTime() + LONGEST.toNanos();
        while (othersAnswered < WARM_UP_CALLS) {
            if (System.nanoTime() > until) {
                throw new IllegalStateException(
                        othersAnswered + " calls of the warm-up are answered within " + LONGEST);
            }
            read(Duration.ofMillis(10));
        }
        Waits unused = new Waits("warm-up");
        single(plan.window().multipliedBy(3), unused, unused);
        drain();
    }

    /**
     * Calls now and then for so long.
     *
     * @param behind of partitions that the flood is on
     */
    private void single(Duration length, Waits beside, Waits behind) {
        long end = System.nanoTime() + length.toNanos();
        while (System.nanoTime() < end) {
            one(beside, behind);
        }
    }

    private void one(Waits beside, Waits behind) {
        int shard = lastCall % calm.size();
        boolean isBehind = !plan.isBatch() && shard < plan.flooded();
        ask(CALM, calm.get(shard), isBehind ? behind : beside);
        pause();
    }

    private void newcomer(Waits waits) {
        String tenant = "new-" + ++lastNew;
        ask(tenant, besideTheFlood(tenant), waits);
    }

    private void ask(String tenant, String connection, Waits waits) {
        String id = "s" + ++lastCall;
        asked.put(id, new Asked(System.nanoTime(), waits));
        agent.publish(
                agent.call(id, SharedVendor.TOOL, tenant, connection, ARGUMENTS).build());
        agent.flush();
    }

    /** A while, replies read meanwhile. */
    private void pause() {
        long mean = 1_000_000_000L / plan.perSecond();
        long end = System.nanoTime() + mean / 2 + random.nextLong(mean);
        while (System.nanoTime() < end) {
            read(Duration.ofMillis(Math.max(1, Math.min(10, (end - System.nanoTime()) / 1_000_000))));
        }
    }

    private void read(Duration within) {
        agent.read(within, message -> {
            Asked of = asked.remove(new String(message.key(), StandardCharsets.UTF_8));
            if (of == null) {
                othersAnswered++;
                return;
            }
            ToolReply reply = agent.decode(message);
            Agent.requireOk(reply);
            of.waits().replies().add(System.nanoTime() - of.nanos());
            of.waits().permits().add(reply.getStats().getWaitedMs() * 1_000_000L);
        });
    }

    private void drain() {
        long until = System.nanoTime() + LONGEST.toNanos();
        while (!asked.isEmpty()) {
            if (System.nanoTime() > until) {
                throw new IllegalStateException(asked.size() + " single calls are not answered within " + LONGEST);
            }
            read(Duration.ofMillis(10));
        }
    }
}
