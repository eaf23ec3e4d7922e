package dev.toolpost.benchmarks;

import dev.toolpost.worker.credentials.LimitOverride;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.ListTransactionsOptions;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.clients.admin.TransactionState;

/** From kill -9 of a worker to the first answer on a shard that was its own, killed outside and inside a transaction. */
final class Takeover {

    private static final Duration LONGEST = Duration.ofMinutes(2);
    private static final int SHARDS = 4;
    private static final int MOST_STOPS = 400;
    private static final int WRITES_AT_ONCE = 400;

    /** So short that the windows of a lost owner, which count as full, do not show in the times. */
    private static final LimitOverride FAST = new LimitOverride(10_000, Duration.ofMillis(100));

    private final Stage stage;
    private final Agent agent;
    private final Duration session;
    private final String protocol;
    private final List<String> connections;
    private final Member keeper;
    private int lastCall;

    private record Member(Program program, Health health) {}

    private Takeover(Stage stage, Duration session, String protocol) {
        this.stage = stage;
        this.agent = stage.open(new Agent(stage));
        this.session = session;
        this.protocol = protocol;
        this.connections = stage.connections(2, FAST);
        this.keeper = join();
    }

    static void run(Options options) throws Exception {
        int rounds = options.number("rounds", 2, 5);
        int session = options.number("session-seconds", 6, 6);
        List<String> protocols = List.of(options.text("protocols", options.quick() ? "classic" : "classic,consumer")
                .split(",", -1));
        options.refuseOthers();
        Table table = new Table("takeover", "ms to answer", "bound ms", "round");
        Map<String, List<Double>> all = new LinkedHashMap<>();
        for (String protocol : protocols) {
            try (Stage stage = Stage.open(SHARDS, "--limit=none", "--latency-ms=20")) {
                Takeover takeover = new Takeover(stage, Duration.ofSeconds(session), protocol);
                for (int i = 0; i < 2 * rounds; i++) {
                    boolean inside = i % 2 == 1;
                    String name = protocol + (inside ? ", inside" : ", outside");
                    double millis = takeover.round(inside);
                    table.row(name, millis, (session + 2) * 1_000, i / 2 + 1 + "/" + rounds);
                    all.computeIfAbsent(name, first -> new ArrayList<>()).add(millis);
                }
            }
        }
        Table medians = new Table("median", "ms to answer", "worst ms", "bound ms");
        all.forEach((name, each) -> medians.row(
                name,
                Figures.median(each, Double::doubleValue),
                each.stream().mapToDouble(Double::doubleValue).max().orElse(Double.NaN),
                (session + 2) * 1_000));
        System.out.println("outside or inside: of a transaction; bound: the session timeout plus 2 s");
    }

    private Member join() {
        Health health = Health.onFreePort();
        Map<String, String> settings = new HashMap<>();
        settings.put("worker.health_port", health.port());
        settings.put("worker.session_timeout", session.toSeconds() + "s");
        settings.put("worker.group_protocol", protocol);
        return new Member(stage.worker(List.of("-XX:TieredStopAtLevel=1"), settings), health);
    }

    /** A second worker joins, gets its shards, is killed; what it owned is asked for at once. */
    private double round(boolean inside) throws Exception {
        agent.readFromEnd(stage.replies());
        Member killed = join();
        Await.until(
                "each has two shards",
                LONGEST,
                () -> killed.health().owned().size() == SHARDS / 2
                        && keeper.health().owned().size() == SHARDS / 2);
        Set<Integer> shards = Set.copyOf(killed.health().owned());
        List<String> its = connections.stream()
                .filter(connection -> shards.contains(stage.shardOf(connection)))
                .toList();
        String before = read(its.getFirst());
        awaitReply(before);
        if (inside) {
            freezeInTransaction(killed, its);
        }
        killed.program().kill();
        long killedAt = System.nanoTime();
        String after = read(its.getFirst());
        awaitReply(after);
        double millis = (System.nanoTime() - killedAt) / 1e6;
        Await.until(
                "all shards are at the other worker",
                LONGEST,
                () -> keeper.health().owned().size() == SHARDS);
        Await.until("the backlog is done", LONGEST, () -> keeper.health().inFlight() == 0);
        return millis;
    }

    private String read(String connection) {
        String id = "r" + ++lastCall;
        agent.publish(agent.call(id, "hubspot_list_contacts", connection, "{\"limit\":1}")
                .build());
        agent.flush();
        return id;
    }

    private void awaitReply(String id) {
        long until = System.nanoTime() + LONGEST.toNanos();
        boolean[] come = {false};
        while (!come[0]) {
            if (System.nanoTime() > until) {
                throw new IllegalStateException("call " + id + " is not answered within " + LONGEST);
            }
            agent.read(
                    Duration.ofMillis(10),
                    message -> come[0] |= new String(message.key(), StandardCharsets.UTF_8).equals(id));
        }
    }

    /** Keeps it busy with writes and stops it again and again until it stands in an open transaction. */
    private void freezeInTransaction(Member worker, List<String> its) throws Exception {
        for (int stops = 0; stops < MOST_STOPS; stops++) {
            if (worker.health().inFlight() < WRITES_AT_ONCE) {
                for (int i = 0; i < WRITES_AT_ONCE; i++) {
                    String id = "w" + ++lastCall;
                    agent.publish(agent.call(
                                    id,
                                    "hubspot_create_contact",
                                    its.get(i % its.size()),
                                    "{\"properties\":{\"email\":\"" + id + "@example.com\"}}")
                            .build());
                }
                agent.flush();
            }
            worker.program().freeze();
            if (inTransaction()) {
                Thread.sleep(100); // what was sent before the stop may still end it
                if (inTransaction()) {
                    return;
                }
            }
            worker.program().thaw();
        }
        throw new IllegalStateException("never found in a transaction in " + MOST_STOPS + " stops");
    }

    /** Whether a transaction of the pool stays open; the other worker's end within milliseconds. */
    private boolean inTransaction() throws Exception {
        Set<String> open = ongoing();
        if (open.isEmpty()) {
            return false;
        }
        Thread.sleep(50);
        open.retainAll(ongoing());
        return !open.isEmpty();
    }

    private Set<String> ongoing() throws Exception {
        String prefix = stage.topics().group(Stage.POOL) + ".";
        return stage
                .admin()
                .listTransactions(new ListTransactionsOptions().filterStates(List.of(TransactionState.ONGOING)))
                .all()
                .get()
                .stream()
                .map(TransactionListing::transactionalId)
                .filter(id -> id.startsWith(prefix))
                .collect(Collectors.toSet());
    }
}
