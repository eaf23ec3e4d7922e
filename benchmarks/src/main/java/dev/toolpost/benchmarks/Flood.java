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

/**
 * A tenant that puts a flood of calls before a limit of scope {@code vendor}: what single calls of another tenant wait, beside what they
 * wait alone, and the first calls of tenants that nobody knew.
 */
final class Flood {

    private static final int SHARDS = 6;
    private static final int FLOODING_PER_SHARD = 2;
    private static final Duration LONGEST = Duration.ofMinutes(1);
    private static final String CALM = "calm";
    private static final String FLOODING = "flooding";

    private final Stage stage;
    private final Plan plan;
    private final Agent agent;
    private final List<String> calm;
    private final Map<String, Asked> asked = new HashMap<>();
    private final Random random = new Random(1);
    private int lastCall;
    private long floodAnswered;

    private record Plan(
            int permits, Duration window, Duration latency, int calls, int perSecond, int windows, String lane) {
        static Plan of(Options options) {
            Plan plan = new Plan(
                    options.number("permits", 2_000, 2_000),
                    Duration.ofMillis(options.number("window-ms", 10_000, 10_000)),
                    Duration.ofMillis(options.number("latency-ms", 50, 50)),
                    options.number("calls", 20_000, 100_000),
                    options.number("per-second", 4, 4),
                    options.number("windows", 3, 9),
                    options.text("lane", "interactive"));
            options.refuseOthers();
            return plan;
        }
    }

    private record Asked(long nanos, Waits waits) {}

    /** What single calls waited. */
    private record Waits(String name, List<Long> replies, List<Long> permits) {
        Waits(String name) {
            this(name, new ArrayList<>(), new ArrayList<>());
        }
    }

    private Flood(Stage stage, Plan plan) {
        this.stage = stage;
        this.plan = plan;
        this.agent = stage.open(new Agent(stage));
        this.calm = stage.namesByShard(CALM, 1);
    }

    static void run(Options options) throws Exception {
        Plan plan = Plan.of(options);
        try (Stage stage = Stage.open(
                SHARDS,
                "--limit=" + plan.permits() + "/" + plan.window().toMillis(),
                "--latency-ms=" + plan.latency().toMillis(),
                "--tokens=" + SharedVendor.TOKEN)) {
            new Flood(stage, plan).measure();
        }
    }

    private void measure() throws Exception {
        List<String> flooding = stage.namesByShard(FLOODING, FLOODING_PER_SHARD);
        flooding.forEach(name -> stage.sharedConnection(FLOODING, name));
        calm.forEach(name -> stage.sharedConnection(CALM, name));
        int news = plan.windows() * 2;
        String any = calm.getFirst();
        for (int i = 0; i < news; i++) {
            stage.sharedConnection("new-" + i, any);
        }
        System.out.printf(
                "one limit of %d permits in %d ms over all connections (sliding, strict), vendor's latency %d ms, %d %s calls of one tenant,"
                        + " %d calls a second of another%n",
                plan.permits(),
                plan.window().toMillis(),
                plan.latency().toMillis(),
                plan.calls(),
                plan.lane(),
                plan.perSecond());
        Workers workers = new Workers(
                stage,
                List.of(),
                Map.of(
                        "connectors.directories",
                        SharedVendor.define(stage, plan.permits(), plan.window()),
                        "worker.deadline_interactive",
                        "1h"));
        workers.add(1);
        agent.readFromEnd(stage.replies());
        single(new Waits("warm-up"), plan.window());

        Waits alone = new Waits("alone");
        single(alone, plan.window().multipliedBy(plan.windows()));
        Thread flood = Thread.ofPlatform().start(() -> publish(flooding));
        long began = System.nanoTime();
        long already = workers.takenIn();
        Waits first = new Waits("flood is read");
        while (workers.takenIn() < already + plan.calls()) {
            single(first, Duration.ofSeconds(1));
        }
        flood.join();
        System.out.printf(Locale.ROOT, "the flood was read within %.1f s%n", (System.nanoTime() - began) / 1e9);
        Waits next = new Waits("flood, next window");
        single(next, plan.window());
        long before = stage.vendor().stats().requests();
        Waits beside = new Waits("flood, later");
        Waits anew = new Waits("flood, new tenants");
        long from = System.nanoTime();
        news(anew, news, beside);
        double used = (stage.vendor().stats().requests() - before)
                * (double) plan.window().toNanos()
                / (System.nanoTime() - from)
                / plan.permits();
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
        for (Waits waits : List.of(alone, first, next, beside, anew)) {
            table.row(
                    waits.name(),
                    waits.replies().size(),
                    Figures.percentileMillis(waits.replies(), 0.5),
                    Figures.percentileMillis(waits.replies(), 0.99),
                    Figures.percentileMillis(waits.replies(), 1),
                    Figures.percentileMillis(waits.permits(), 0.5),
                    Figures.percentileMillis(waits.permits(), 0.99),
                    ratio(waits, alone, 0.5),
                    ratio(waits, alone, 0.99));
        }
        System.out.printf(
                Locale.ROOT,
                "permits: of that, waited for them; x: beside alone, target <= 2%n%d calls of the flood answered; %.1f %% of the window used"
                        + " meanwhile; requests that the vendor refused: %d%n",
                floodAnswered,
                used * 100,
                stage.vendor().stats().violations());
    }

    private static double ratio(Waits one, Waits other, double part) {
        return Figures.percentileMillis(one.replies(), part) / Figures.percentileMillis(other.replies(), part);
    }

    private void publish(List<String> connections) {
        String topic = plan.lane().equals("batch")
                ? stage.topics().batch(Stage.POOL)
                : stage.topics().calls(Stage.POOL);
        try (Agent flooder = new Agent(stage)) {
            for (int i = 0; i < plan.calls(); i++) {
                String connection = connections.get(i % connections.size());
                flooder.publish(flooder.encoded(
                        topic,
                        flooder.call("f" + i, SharedVendor.TOOL, FLOODING, connection, "{\"contact_id\":\"60\"}")
                                .build()));
            }
            flooder.flush();
        }
    }

    /** Calls now and then for so long; all are answered at the end. */
    private void single(Waits waits, Duration length) {
        long end = System.nanoTime() + length.toNanos();
        while (System.nanoTime() < end) {
            ask(CALM, calm.get(lastCall % calm.size()), waits);
            pause();
        }
        drain();
    }

    /** The same, with calls of others in between, each a tenant's first. */
    private void news(Waits anew, int count, Waits beside) {
        long every = plan.window().toNanos() / 2;
        for (int i = 0; i < count; i++) {
            long end = System.nanoTime() + every;
            ask("new-" + i, calm.getFirst(), anew);
            while (System.nanoTime() < end) {
                pause();
                ask(CALM, calm.get(lastCall % calm.size()), beside);
            }
        }
        drain();
    }

    private void ask(String tenant, String connection, Waits waits) {
        String id = "s" + ++lastCall;
        asked.put(id, new Asked(System.nanoTime(), waits));
        agent.publish(agent.call(id, SharedVendor.TOOL, tenant, connection, "{\"contact_id\":\"60\"}")
                .build());
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
                floodAnswered++;
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
