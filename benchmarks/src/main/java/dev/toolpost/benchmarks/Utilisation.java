package dev.toolpost.benchmarks;

import dev.toolpost.benchmarks.WindowUse.Lost;
import dev.toolpost.sandbox.Arrival;
import dev.toolpost.worker.credentials.LimitOverride;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;

/**
 * How much of a strict vendor's rate limits workers use without one refusal: an idle limit and a burst, one worker, and workers that are
 * added, stopped and killed. Limits of scope {@code connection}, each with a token and so a window of its own, and one of scope {@code
 * vendor}, whose connections have one token, by parts and through Redis.
 */
final class Utilisation {

    private static final int MOST_ARRIVALS = 65_536;
    private static final Duration LONGEST = Duration.ofMinutes(5);

    private static final List<String> JVM = List.of("-Xms256m", "-Xmx256m", "-XX:TieredStopAtLevel=1");

    /** So many windows' calls of each connection are always there. */
    private static final int BACKLOG_WINDOWS = 2;

    private final Stage stage;
    private final Agent agent;
    private final Plan plan;
    private final List<LimitScope> scopes;
    private final OpenCalls calls;
    private final Workers workers;
    private final VendorTime vendorTime;
    private final Table table = new Table(
            "rate-limit use",
            "scope",
            "workers",
            "requests",
            "rejected",
            "burst of N ms",
            "% of window",
            "% undetected off",
            "% reachable");
    private final List<Lost> lost = new ArrayList<>();
    private long arrivalsBefore;

    private record Plan(
            int shards,
            int permits,
            Duration window,
            Duration latency,
            int windows,
            int stepWindows,
            String steps,
            String scopes) {
        static Plan of(Options options) {
            Plan plan = new Plan(
                    options.number("shards", 6, 6),
                    options.number("permits", 100, 100),
                    Duration.ofMillis(options.number("window-ms", 2_000, 10_000)),
                    Duration.ofMillis(options.number("latency-ms", 50, 50)),
                    options.number("windows", 5, 15),
                    options.number("step-windows", 5, 6),
                    options.text("steps", "+2,-1,+1,kill,+1"),
                    options.text("scopes", "connection,vendor,redis"));
            options.refuseOthers();
            return plan;
        }
    }

    private Utilisation(Stage stage, Plan plan, List<LimitScope> scopes, Map<String, String> settings) {
        this.stage = stage;
        this.agent = stage.open(new Agent(stage));
        this.plan = plan;
        this.scopes = scopes;
        this.calls = new OpenCalls(agent);
        this.workers = SharedVendor.workers(stage, JVM, plan.permits(), plan.window(), settings);
        this.vendorTime = VendorTime.of(stage);
    }

    static void run(Options options) throws Exception {
        Plan plan = Plan.of(options);
        List<String> names = List.of(plan.scopes().split(",", -1));
        System.out.printf(
                "each limit %d permits in %d ms (sliding, strict), vendor's latency %d ms, %d shards; target >= 95 %% and none rejected%n",
                plan.permits(), plan.window().toMillis(), plan.latency().toMillis(), plan.shards());
        if (names.contains("connection") || names.contains("vendor")) {
            try (Stage stage = stage(plan)) {
                List<LimitScope> scopes = new ArrayList<>();
                if (names.contains("connection")) {
                    scopes.add(connections(stage, plan));
                }
                if (names.contains("vendor")) {
                    scopes.add(LimitScope.shared(stage, "vendor"));
                }
                new Utilisation(stage, plan, scopes, Map.of()).measure();
            }
        }
        if (names.contains("redis")) {
            try (Stage stage = stage(plan)) {
                Optional<String> redis = RedisProgram.urlFor(stage);
                if (redis.isPresent()) {
                    List<LimitScope> scopes = List.of(LimitScope.shared(stage, "vendor, Redis"));
                    new Utilisation(stage, plan, scopes, Map.of("limits.redis.url", redis.get())).measure();
                }
            }
        }
    }

    private static Stage stage(Plan plan) {
        List<String> tokens = new ArrayList<>(List.of(SharedVendor.TOKEN, VendorTime.TOKEN));
        for (int i = 0; i < plan.shards(); i++) {
            tokens.add("token-" + i);
        }
        return Stage.open(
                plan.shards(),
                "--limit=" + plan.permits() + "/" + plan.window().toMillis(),
                "--latency-ms=" + plan.latency().toMillis(),
                "--tokens=" + String.join(",", tokens));
    }

    private static LimitScope connections(Stage stage, Plan plan) {
        Map<String, String> tokens = new LinkedHashMap<>();
        for (String name : stage.namesByShard(1)) {
            String token = "token-" + tokens.size();
            tokens.put(name, token);
            stage.connection(name, token, new LimitOverride(plan.permits(), plan.window()));
        }
        return new LimitScope("connection", "hubspot_get_contact", tokens);
    }

    private void measure() throws Exception {
        agent.readFromEnd(stage.replies());
        workers.add(1);
        warmUp();
        idle();
        burst();
        idle();
        arrivalsBefore = requests();
        long begin = vendorTime.now();
        steady("1 worker", plan.windows(), () -> {});
        for (String step : plan.steps().split(",", -1)) {
            steady(step, plan.stepWindows(), () -> change(step));
        }
        List<Arrival> all = arrivals();
        row("all of it", all, begin);
        idle();
        burst();
        System.out.printf(
                "%d calls, all answered, %d replies came twice; requests that the vendor refused: %d%n",
                calls.published(), calls.repeated(), stage.vendor().stats().violations());
    }

    private void change(String step) {
        try {
            long from = System.nanoTime();
            if (step.equals("kill")) {
                kill();
            } else {
                int number = Integer.parseInt(step);
                if (number > 0) {
                    workers.add(number);
                } else {
                    workers.stop(-number);
                }
                System.out.printf("  (%s: took %.1f s)%n", step, (System.nanoTime() - from) / 1e9);
            }
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(step, e);
        }
    }

    private void kill() throws Exception {
        long from = vendorTime.now();
        Set<Integer> shards = workers.kill();
        workers.awaitAllOwned();
        long to = vendorTime.now();
        Map<String, Double> parts = new HashMap<>();
        for (LimitScope scope : scopes) {
            Map<String, List<String>> byToken =
                    scope.connections().stream().collect(Collectors.groupingBy(scope.tokens()::get));
            byToken.forEach((token, connections) -> parts.put(
                    token,
                    connections.stream()
                                    .filter(connection -> shards.contains(stage.shardOf(connection)))
                                    .count()
                            / (double) connections.size()));
        }
        synchronized (lost) {
            lost.add(new Lost(from, to, parts));
        }
        System.out.printf(
                "  (killed the owner of %d of %d shards: all owned again after %.1f s)%n",
                shards.size(), plan.shards(), (to - from) / 1e9);
    }

    private void warmUp() {
        for (int i = 0; i < 5; i++) {
            for (LimitScope scope : scopes) {
                scope.rounds(scope.perWindow(plan.permits()) / 2)
                        .forEach(connection -> calls.publish(scope, connection));
            }
            calls.drain(LONGEST);
        }
    }

    /** Nothing is sent until all windows are empty. */
    private void idle() {
        calls.drain(LONGEST);
        LockSupport.parkNanos(plan.window().plus(plan.latency()).toNanos() + 500_000_000L);
    }

    /** As many calls at once as each limit has permits. */
    private void burst() {
        for (LimitScope scope : scopes) {
            long before = requests();
            for (String connection : scope.rounds(scope.perWindow(plan.permits())).stream()
                    .limit((long) plan.permits() * scope.limits().size())
                    .toList()) {
                calls.publish(scope, connection);
            }
            calls.drain(LONGEST);
            List<Arrival> arrivals = since(before);
            table.row(
                    "idle, burst of N",
                    scope.name(),
                    workers.count(),
                    arrivals.size(),
                    rejected(arrivals),
                    WindowUse.burstMillis(arrivals, plan.permits()),
                    "",
                    "",
                    "");
        }
    }

    /** More calls than there are permits, always; at the begin something happens. */
    private void steady(String name, int windows, Runnable change) {
        long before = requests();
        long begin = vendorTime.now();
        long nanos = plan.window().toNanos() * windows;
        long from = System.nanoTime();
        try (var threads = Executors.newCachedThreadPool()) {
            CompletableFuture<Void> changed = CompletableFuture.runAsync(change, threads);
            while (System.nanoTime() - from < nanos || !changed.isDone()) {
                topUp();
                calls.read(Duration.ofMillis(20));
            }
            changed.join();
        }
        List<Arrival> all = arrivals();
        row(name, all, begin);
        if (requests() == before) {
            throw new IllegalStateException("nothing was sent in " + nanos / 1_000_000_000 + " s");
        }
    }

    private void row(String name, List<Arrival> all, long begin) {
        for (LimitScope scope : scopes) {
            List<Arrival> its = all.stream()
                    .filter(arrival -> scope.limits().contains(arrival.token()))
                    .toList();
            List<Arrival> in =
                    its.stream().filter(arrival -> arrival.nanos() > begin).toList();
            List<Lost> undetected;
            synchronized (lost) {
                undetected = List.copyOf(lost);
            }
            double used = WindowUse.of(its, plan.permits(), plan.window(), begin, List.of());
            double outside = WindowUse.of(its, plan.permits(), plan.window(), begin, undetected);
            double reachable = plan.window().toMillis()
                    / (double) (plan.window().toMillis() + plan.latency().toMillis());
            table.row(
                    name,
                    scope.name(),
                    workers.count(),
                    in.size(),
                    rejected(in),
                    "",
                    used * 100,
                    outside * 100,
                    outside / reachable * 100);
        }
    }

    private static long rejected(List<Arrival> arrivals) {
        return arrivals.stream().filter(Arrival::rejected).count();
    }

    private long requests() {
        return stage.vendor().stats().requests();
    }

    private List<Arrival> arrivals() {
        return since(arrivalsBefore);
    }

    private List<Arrival> since(long before) {
        long count = requests() - before;
        if (count > MOST_ARRIVALS) {
            throw new IllegalStateException(count + " requests (expected: <= " + MOST_ARRIVALS
                    + ", which the vendor remembers); lower --windows, --step-windows or --permits");
        }
        return stage.vendor().arrivals((int) count);
    }

    private void topUp() {
        for (LimitScope scope : scopes) {
            int wanted = BACKLOG_WINDOWS * scope.perWindow(plan.permits());
            for (String connection : scope.connections()) {
                for (int i = calls.count(connection); i < wanted; i++) {
                    calls.publish(scope, connection);
                }
            }
        }
        agent.flush();
    }
}
