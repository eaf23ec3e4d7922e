package dev.toolpost.benchmarks;

import dev.toolpost.sandbox.Arrival;
import dev.toolpost.worker.credentials.LimitOverride;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;

/**
 * A vendor that lowers its limit while three workers use it, and says so on each answer (the number that it allows, and what is left): how many requests it refuses. A
 * request that came before the first answer of its new mind had left cannot have known; what came later is counted apart.
 */
final class Lowered {

    private static final int WORKERS = 3;
    private static final int SHARDS = 6;
    private static final Duration LONGEST = Duration.ofMinutes(2);
    private static final List<String> JVM = List.of("-Xms256m", "-Xmx256m", "-XX:TieredStopAtLevel=1");

    private final Stage stage;
    private final Agent agent;
    private final Plan plan;
    private final OpenCalls calls;
    private final Workers workers;
    private final VendorTime vendorTime;
    private final Random random = new Random(1);
    private final Table table;
    private int turn;

    private record Plan(
            int permits,
            int lower,
            Duration window,
            Duration latency,
            Duration pace,
            int rounds,
            String scopes,
            String loads) {
        static Plan of(Options options) {
            Plan plan = new Plan(
                    options.number("permits", 100, 100),
                    options.number("lower", 40, 40),
                    Duration.ofMillis(options.number("window-ms", 5_000, 10_000)),
                    Duration.ofMillis(options.number("latency-ms", 50, 50)),
                    Duration.ofMillis(options.number("pace-ms", 60, 120)),
                    options.number("rounds", 1, 1),
                    options.text("scopes", "connection,vendor,redis"),
                    options.text("loads", "little,much,saturated"));
            options.refuseOthers();
            return plan;
        }

        /** How much of the limit is spent when it is lowered. */
        int spent(String load, Random random) {
            return switch (load) {
                case "little" -> lower / 4 + random.nextInt(Math.max(1, lower / 4));
                case "much" -> lower + (permits - lower) / 2;
                default -> 0;
            };
        }
    }

    private Lowered(Stage stage, Plan plan, Map<String, String> settings, Table table) {
        this.stage = stage;
        this.agent = stage.open(new Agent(stage));
        this.plan = plan;
        this.table = table;
        this.calls = new OpenCalls(agent);
        this.workers = SharedVendor.workers(stage, JVM, plan.permits(), plan.window(), settings);
        this.vendorTime = VendorTime.of(stage);
    }

    static void run(Options options) throws Exception {
        Plan plan = Plan.of(options);
        List<String> names = List.of(plan.scopes().split(",", -1));
        System.out.printf(
                "a limit of %d in %d ms (sliding, strict) becomes %d, vendor's latency %d ms, %d workers; a call each %d ms, or more than the limit lets through%n",
                plan.permits(),
                plan.window().toMillis(),
                plan.lower(),
                plan.latency().toMillis(),
                WORKERS,
                plan.pace().toMillis());
        Table table = new Table(
                "a lowered limit",
                "scope",
                "spent before",
                "under way",
                "next after ms",
                "before 1st answer",
                "rejected",
                "at the 1st answer",
                "later",
                "last after ms",
                "% of lower later");
        if (names.contains("connection") || names.contains("vendor")) {
            try (Stage stage = stage(plan)) {
                Lowered lowered = new Lowered(stage, plan, Map.of(), table);
                lowered.begin();
                if (names.contains("connection")) {
                    lowered.measure(lowered.connection());
                }
                if (names.contains("vendor")) {
                    lowered.measure(LimitScope.shared(stage, "vendor"));
                }
            }
        }
        if (names.contains("redis")) {
            try (Stage stage = stage(plan)) {
                Optional<String> redis = RedisProgram.urlFor(stage);
                if (redis.isPresent()) {
                    Lowered lowered = new Lowered(stage, plan, Map.of("limits.redis.url", redis.get()), table);
                    lowered.begin();
                    lowered.measure(LimitScope.shared(stage, "vendor, Redis"));
                }
            }
        }
    }

    private static Stage stage(Plan plan) {
        return Stage.open(
                SHARDS,
                "--limit=" + plan.permits() + "/" + plan.window().toMillis(),
                "--latency-ms=" + plan.latency().toMillis(),
                "--tokens=" + String.join(",", SharedVendor.TOKEN, VendorTime.TOKEN, "token-0"));
    }

    private LimitScope connection() {
        String name = stage.namesByShard(1).getFirst();
        stage.connection(name, "token-0", new LimitOverride(plan.permits(), plan.window()));
        return new LimitScope("connection", "hubspot_get_contact", Map.of(name, "token-0"));
    }

    private void begin() throws Exception {
        agent.readFromEnd(stage.replies());
        workers.add(WORKERS);
    }

    private void measure(LimitScope scope) {
        for (int round = 0; round < plan.rounds(); round++) {
            for (String load : plan.loads().split(",", -1)) {
                raised(scope);
                lower(scope, load);
            }
        }
    }

    /** All workers know of the higher limit, and nothing of it is spent. */
    private void raised(LimitScope scope) {
        stage.vendor().limit("", plan.permits());
        for (int i = 0; i < 2; i++) {
            scope.rounds(Math.ceilDiv(2 * SHARDS, scope.connections().size()))
                    .forEach(connection -> calls.publish(scope, connection));
            calls.drain(LONGEST);
            LockSupport.parkNanos(plan.window().toNanos() + 500_000_000L);
        }
    }

    private void lower(LimitScope scope, String load) {
        boolean saturated = load.equals("saturated");
        long began = vendorTime.now();
        List<String> connections = scope.connections();
        if (saturated) {
            saturate(
                    scope,
                    plan.window().toNanos() + random.nextLong(plan.window().toNanos()));
        } else {
            int spent = plan.spent(load, random);
            long each = Math.min(plan.pace().toNanos(), plan.window().toNanos() * 3 / 4 / spent);
            for (int i = 0; i < spent; i++) {
                calls.publish(scope, connections.get(i % connections.size()));
                pause(each);
            }
            pause(plan.pace().toNanos());
        }
        long before = vendorTime.now();
        stage.vendor().limit("", plan.lower());
        long lowered = vendorTime.now();
        long after = 3 * plan.window().toNanos();
        if (saturated) {
            saturate(scope, after);
        } else {
            long until = System.nanoTime() + after;
            for (int i = 0; System.nanoTime() < until; i++) {
                calls.publish(scope, connections.get(i % connections.size()));
                pause(plan.pace().toNanos());
            }
        }
        calls.drain(LONGEST);
        row(scope, load, arrivals(scope, began), before, lowered);
    }

    private void row(LimitScope scope, String load, List<Arrival> arrivals, long before, long lowered) {
        List<Arrival> earlier =
                arrivals.stream().filter(each -> each.nanos() < before).toList();
        List<Arrival> later =
                arrivals.stream().filter(each -> each.nanos() >= lowered).toList();
        long firstAnswer = later.isEmpty()
                ? Long.MAX_VALUE
                : later.getFirst().nanos()
                        + (later.getFirst().rejected() ? 0 : plan.latency().toNanos());
        List<Arrival> rejected = later.stream().filter(Arrival::rejected).toList();
        long unaware =
                rejected.stream().filter(each -> each.nanos() <= firstAnswer).count();
        long last = rejected.isEmpty()
                ? 0
                : (rejected.getLast().nanos() - later.getFirst().nanos()) / 1_000_000;
        long from = lowered + 2 * plan.window().toNanos();
        long to = lowered + 3 * plan.window().toNanos();
        long used = later.stream()
                .filter(each -> !each.rejected() && each.nanos() > from && each.nanos() <= to)
                .count();
        // Where the machine stood still meanwhile, what was spent has left the window before anything else came.
        Object next = later.isEmpty() ? "" : (later.getFirst().nanos() - lowered) / 1_000_000;
        table.row(
                load,
                scope.name(),
                within(earlier, before - plan.window().toNanos(), before),
                within(earlier, before - plan.latency().toNanos(), before),
                next,
                within(later, lowered, firstAnswer),
                rejected.size(),
                unaware,
                rejected.size() - unaware,
                last,
                used * 100.0 / plan.lower());
    }

    private static long within(List<Arrival> arrivals, long from, long to) {
        return arrivals.stream()
                .filter(each -> each.nanos() > from && each.nanos() <= to)
                .count();
    }

    private List<Arrival> arrivals(LimitScope scope, long from) {
        return stage.vendor().arrivals(20_000).stream()
                .filter(each -> each.nanos() > from && scope.limits().contains(each.token()))
                .toList();
    }

    /** Always more calls than there are permits. */
    private void saturate(LimitScope scope, long nanos) {
        long until = System.nanoTime() + nanos;
        int wanted = scope.perWindow(plan.permits()) * scope.connections().size();
        List<String> connections = new ArrayList<>(scope.connections());
        while (System.nanoTime() < until) {
            for (int i = calls.count(); i < wanted; i++) {
                calls.publish(scope, connections.get(turn++ % connections.size()));
            }
            pause(20_000_000);
        }
    }

    /** Lets so much time pass, reading replies. */
    private void pause(long nanos) {
        long until = System.nanoTime() + nanos;
        agent.flush();
        for (long left = nanos; left > 0; left = until - System.nanoTime()) {
            calls.read(Duration.ofNanos(left));
        }
    }
}
