package dev.toolpost.benchmarks;

import dev.toolpost.message.ToolReply;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Interactive calls for each of some connections in turn, at a steady pace, on a thread of their own from start to end. */
final class SteadyCalls implements AutoCloseable {

    private static final Duration ANSWERED_WITHIN = Duration.ofMinutes(1);

    private final Agent agent;
    private final List<String> connections;
    private final int perSecond;
    private final Random random = new Random(1);
    private final Map<String, Sent> open = new HashMap<>();
    private final List<Answered> answered = new ArrayList<>();
    private final List<String> failures = new ArrayList<>();
    private final Thread thread;
    private int repeated;
    private volatile boolean over;

    private record Sent(int connection, long nanos) {}

    /**
     * One call.
     *
     * @param connection its place in the list
     * @param sentNanos when it was published
     * @param tookNanos from then until its reply was read
     * @param waitedNanos of that, for permits
     */
    record Answered(int connection, long sentNanos, long tookNanos, long waitedNanos) {}

    SteadyCalls(Stage stage, List<String> connections, int perSecond) {
        this.agent = new Agent(stage);
        this.connections = List.copyOf(connections);
        this.perSecond = perSecond;
        agent.readFromEnd(stage.replies());
        this.thread = Thread.ofPlatform().name("steady calls").start(this::run);
    }

    private void run() {
        for (int i = 0; !over; i++) {
            int connection = i % connections.size();
            String id = "s" + i;
            open.put(id, new Sent(connection, System.nanoTime()));
            agent.publish(agent.call(
                            id,
                            "hubspot_get_contact",
                            connections.get(connection),
                            "{\"contact_id\":\"" + (51 + i % 1_000) + "\"}")
                    .build());
            agent.flush();
            long mean = 1_000_000_000L / perSecond;
            long end = System.nanoTime() + mean / 2 + random.nextLong(mean);
            while (System.nanoTime() < end) {
                read(Duration.ofMillis(Math.max(1, Math.min(10, (end - System.nanoTime()) / 1_000_000))));
            }
        }
        long until = System.nanoTime() + ANSWERED_WITHIN.toNanos();
        while (!open.isEmpty() && System.nanoTime() < until) {
            read(Duration.ofMillis(10));
        }
    }

    private void read(Duration within) {
        agent.read(within, message -> {
            Sent sent = open.remove(new String(message.key(), StandardCharsets.UTF_8));
            if (sent == null) {
                repeated++;
                return;
            }
            ToolReply reply = agent.decode(message);
            if (!reply.getStatus().equals("ok")) {
                failures.add(reply.getCallId() + " failed: " + reply.getError());
                return;
            }
            answered.add(new Answered(
                    sent.connection(),
                    sent.nanos(),
                    System.nanoTime() - sent.nanos(),
                    reply.getStats().getWaitedMs() * 1_000_000L));
        });
    }

    /**
     * Ends them and waits for what is under way.
     *
     * @throws IllegalStateException where one failed or was not answered
     */
    List<Answered> end() throws InterruptedException {
        over = true;
        thread.join();
        if (!failures.isEmpty() || !open.isEmpty()) {
            throw new IllegalStateException(failures.size() + " interactive calls failed "
                    + failures.subList(0, Math.min(5, failures.size())) + ", " + open.size() + " were not answered");
        }
        return List.copyOf(answered);
    }

    /** Replies to calls that were answered before: a worker that is killed may have answered what it had not noted down. */
    int repeated() {
        return repeated;
    }

    @Override
    public void close() {
        over = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        agent.close();
    }
}
