package dev.toolpost.benchmarks;

import dev.toolpost.worker.credentials.LimitOverride;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** So many calls that wait for permits in one worker with a bounded heap; then all are answered. */
final class Waiting {

    private static final Duration LONGEST = Duration.ofMinutes(10);
    private static final Duration WINDOW = Duration.ofSeconds(10);
    private static final int SHARDS = 16;
    private static final int CONNECTIONS_PER_SHARD = 16;

    /** Windows that it takes to answer them all. */
    private static final int WINDOWS = 6;

    private Waiting() {}

    static void run(Options options) throws Exception {
        int calls = options.number("calls", 20_000, 100_000);
        String heap = options.text("heap", "512m");
        options.refuseOthers();
        try (Stage stage = Stage.open(SHARDS, "--limit=none", "--contacts=1000")) {
            int count = SHARDS * CONNECTIONS_PER_SHARD;
            int permits = Math.max(1, calls / count / WINDOWS);
            List<String> connections = stage.connections(CONNECTIONS_PER_SHARD, new LimitOverride(permits, WINDOW));
            // The first windows' permits are taken at once, so that many more are published.
            int published = calls + 2 * permits * count;
            Health health = Health.onFreePort();
            Program worker = stage.worker(
                    List.of("-Xms" + heap, "-Xmx" + heap),
                    Map.of("worker.health_port", health.port(), "worker.deadline_interactive", "1h"));
            Agent agent = stage.open(new Agent(stage));
            agent.readFromEnd(stage.replies());
            long idleMegabytes = LiveHeap.megabytes(worker.pid());
            CpuTime cpu = worker.cpu();
            for (int i = 0; i < published; i++) {
                String connection = connections.get(i % count);
                agent.publish(agent.call("c" + i, "hubspot_get_contact", connection, "{\"contact_id\":\"60\"}")
                        .build());
            }
            agent.flush();
            long from = System.nanoTime();
            int waiting = awaitMost(health, published);
            double seconds = (System.nanoTime() - from) / 1e9;
            long megabytes = LiveHeap.megabytes(worker.pid());
            Table table = new Table(
                    "waiting, heap " + heap, "calls", "s to take in", "MB alive", "bytes a call", "forwarded");
            JsonNode pool = health.pool();
            table.row(
                    "most at once",
                    waiting,
                    seconds,
                    megabytes,
                    (megabytes - idleMegabytes) * (double) (1 << 20) / waiting,
                    pool.path("forwarded").asLong() + pool.path("requeued").asLong());
            System.out.println(
                    "waiting for all answers (" + WINDOWS + " windows of " + WINDOW.toSeconds() + " s or more)");
            agent.awaitReplies(published, LONGEST);
            System.out.printf(
                    "%d calls, each answered once the limits let it through, in %.0f s; worker's CPU %.0f us/call;"
                            + " target: 100000 waiting within a heap of 512 MB%n",
                    published,
                    (System.nanoTime() - from) / 1e9,
                    worker.cpu().since(cpu).per(published));
        }
    }

    /** Looks until the number falls or nothing comes any more. The first calls find permits and do not wait. */
    private static int awaitMost(Health health, int published) throws InterruptedException {
        int most = 0;
        int unchanged = 0;
        long until = System.nanoTime() + LONGEST.toNanos();
        while ((unchanged < 10 || most == 0) && System.nanoTime() < until) {
            JsonNode pool = health.pool();
            int now = pool.path("waitingInteractive").asInt();
            boolean allIn = pool.path("started").asLong() >= published;
            unchanged = now > most && !allIn ? 0 : unchanged + 1;
            most = Math.max(most, now);
            if (allIn) {
                return most;
            }
            Thread.sleep(100);
        }
        return most;
    }
}
