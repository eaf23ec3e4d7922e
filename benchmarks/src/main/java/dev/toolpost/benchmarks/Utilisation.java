package dev.toolpost.benchmarks;

import dev.toolpost.sandbox.Arrival;
import dev.toolpost.worker.credentials.LimitOverride;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/**
 * How much of a strict vendor's rate limits workers use without one refusal: one worker and three, an idle limit and a burst, through
 * workers that join and leave. Each connection has a token and so a window of its own.
 */
final class Utilisation {

    private static final int MOST_ARRIVALS = 65_536;
    private static final Duration LONGEST = Duration.ofMinutes(2);

    /** More calls than the limit lets through, so that some always wait. */
    private static final double PRESSURE = 1.15;

    private final Stage stage;
    private final Agent agent;
    private final Plan plan;
    private final List<String> connections;
    private final Table table =
            new Table("rate-limit use", "% of window", "burst of N ms", "requests", "rejected", "% reachable");
    private int lastCall;
    private long published;
    private long answered;

    private record Plan(int permits, Duration window, Duration latency, int windows) {
        static Plan of(Options options) {
            Plan plan = new Plan(
                    options.number("permits", 100, 100),
                    Duration.ofMillis(options.number("window-ms", 2_000, 2_000)),
                    Duration.ofMillis(options.number("latency-ms", 50, 50)),
                    options.number("windows", 6, 20));
            options.refuseOthers();
            return plan;
        }
    }

    private Utilisation(Stage stage, Plan plan) {
        this.stage = stage;
        this.agent = stage.open(new Agent(stage));
        this.plan = plan;
        this.connections = stage.namesByShard(1);
    }

    static void run(Options options) throws Exception {
        Plan plan = Plan.of(options);
        List<String> tokens = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            tokens.add("token-" + i);
        }
        try (Stage stage = Stage.open(
                6,
                "--limit=" + plan.permits() + "/" + plan.window().toMillis(),
                "--latency-ms=" + plan.latency().toMillis(),
                "--tokens=" + String.join(",", tokens))) {
            new Utilisation(stage, plan).measure(tokens);
        }
    }

    private void measure(List<String> tokens) throws Exception {
        for (int i = 0; i < connections.size(); i++) {
            stage.connection(connections.get(i), tokens.get(i), new LimitOverride(plan.permits(), plan.window()));
        }
        System.out.printf(
                "%d connections, each %d permits in %d ms (sliding, strict), vendor's latency %d ms%n",
                connections.size(),
                plan.permits(),
                plan.window().toMillis(),
                plan.latency().toMillis());
        agent.readFromEnd(stage.replies());
        Member first = join();
        awaitShards(first, 6);
        warmUp();

        idle();
        burst("1 worker, idle, burst");
        steady("1 worker, steady", () -> {});
        List<Member> joined = new ArrayList<>();
        steady("1 to 3 workers", () -> {
            joined.add(join());
            joined.add(join());
        });
        for (Member member : joined) {
            awaitShards(member, 2);
        }
        idle();
        burst("3 workers, idle, burst");
        steady("3 workers, steady", () -> {});
        steady("3 to 2 workers", () -> joined.getFirst().program().close());
        long violations = stage.vendor().stats().violations();
        System.out.printf(
                "%d calls, all answered; requests that the vendor refused: %d; target >= 95 %% and none refused%n",
                published, violations);
    }

    private record Member(Program program, Health health) {}

    private Member join() {
        Health health = Health.onFreePort();
        return new Member(stage.worker(List.of(), Map.of("worker.health_port", health.port())), health);
    }

    private static void awaitShards(Member member, int count) throws Exception {
        Await.until(
                "a worker has " + count + " shards",
                LONGEST,
                () -> member.health().owned().size() == count);
    }

    private void warmUp() {
        for (int i = 0; i < 5; i++) {
            publish(plan.permits() / 2);
            drain();
        }
    }

    /** Nothing is sent until all windows are empty. */
    private void idle() {
        drain();
        LockSupport.parkNanos(plan.window().plus(plan.latency()).toNanos() + 500_000_000L);
    }

    /** As many calls at once as the limit has permits. */
    private void burst(String name) {
        long before = requests();
        long refused = stage.vendor().stats().violations();
        publish(plan.permits());
        drain();
        List<Arrival> arrivals = since(before);
        table.row(
                name,
                "",
                WindowUse.burstMillis(arrivals, plan.permits()),
                arrivals.size(),
                stage.vendor().stats().violations() - refused,
                "");
    }

    /** Always some calls more than there are permits; in the midst of it something happens. */
    private void steady(String name, Runnable amidst) {
        long before = requests();
        long refused = stage.vendor().stats().violations();
        double perSecond = plan.permits() * PRESSURE / (plan.window().toMillis() / 1e3);
        long nanos = plan.window().toNanos() * plan.windows();
        publish(plan.permits());
        long from = System.nanoTime();
        Thread event = Thread.ofPlatform().unstarted(amidst);
        int sent = 0;
        while (System.nanoTime() - from < nanos) {
            int due = (int) ((System.nanoTime() - from) / 1e9 * perSecond);
            publish(due - sent);
            sent = due;
            if (event.getState() == Thread.State.NEW && System.nanoTime() - from > nanos / 3) {
                event.start();
            }
            read(Duration.ofMillis(20));
        }
        List<Arrival> arrivals = since(before);
        double used = WindowUse.of(arrivals, plan.permits(), plan.window());
        double reachable = plan.window().toMillis()
                / (double) (plan.window().toMillis() + plan.latency().toMillis());
        table.row(
                name,
                used * 100,
                "",
                arrivals.size(),
                stage.vendor().stats().violations() - refused,
                used / reachable * 100);
        try {
            event.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        drain();
    }

    private long requests() {
        return stage.vendor().stats().requests();
    }

    private List<Arrival> since(long before) {
        long count = requests() - before;
        if (count > MOST_ARRIVALS) {
            throw new IllegalStateException(count + " requests (expected: <= " + MOST_ARRIVALS
                    + ", which the vendor remembers); lower --windows or --permits");
        }
        return stage.vendor().arrivals((int) count);
    }

    /** So many calls for each connection. */
    private void publish(int each) {
        for (int i = 0; i < each; i++) {
            for (String connection : connections) {
                agent.publish(agent.call("u" + ++lastCall, "hubspot_get_contact", connection, "{\"contact_id\":\"60\"}")
                        .build());
                published++;
            }
        }
        agent.flush();
    }

    private void read(Duration within) {
        agent.read(within, message -> {
            Agent.requireOk(agent.decode(message));
            answered++;
        });
    }

    /** Reads until every call is answered. */
    private void drain() {
        long until = System.nanoTime() + LONGEST.toNanos();
        while (answered < published) {
            if (System.nanoTime() > until) {
                throw new IllegalStateException(answered + " of " + published + " calls answered");
            }
            read(Duration.ofMillis(100));
        }
    }
}
