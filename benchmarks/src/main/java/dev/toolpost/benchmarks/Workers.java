package dev.toolpost.benchmarks;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import tools.jackson.databind.JsonNode;

/** The worker processes of a stage, which come and go. Not thread-safe. */
final class Workers {

    private static final Duration LONGEST = Duration.ofMinutes(2);
    private final Stage stage;
    private final List<String> jvm;
    private final Map<String, String> settings;
    private final List<Member> members = new ArrayList<>();

    private record Member(Program program, Health health) {}

    /**
     * @param jvm options of each
     * @param settings of each of them, besides those that every worker of the stage has
     */
    Workers(Stage stage, List<String> jvm, Map<String, String> settings) {
        this.stage = stage;
        this.jvm = List.copyOf(jvm);
        this.settings = Map.copyOf(settings);
    }

    int count() {
        return members.size();
    }

    /** Megabytes alive in the heap of each, after a collection. */
    List<Long> liveHeaps() {
        return members.stream()
                .map(each -> LiveHeap.megabytes(each.program().pid()))
                .toList();
    }

    /** How many calls were taken in, by all of them; one that comes again by way of {@code resume} counts once. */
    long takenIn() throws InterruptedException {
        long all = 0;
        for (Member member : members) {
            JsonNode pool = member.health().pool();
            all += pool.path("started").asLong() - pool.path("requeued").asLong();
        }
        return all;
    }

    /** Starts so many, one after the other, and returns when each has its part of the shards. */
    void add(int count) throws Exception {
        for (int i = 0; i < count; i++) {
            Health health = Health.onFreePort();
            Map<String, String> all = new HashMap<>(settings);
            all.put("worker.health_port", health.port());
            members.add(new Member(stage.worker(jvm, all), health));
        }
        int least = stage.shards() / members.size();
        for (Member member : List.copyOf(members)) {
            Await.until(
                    "a worker has " + least + " shards",
                    LONGEST,
                    () -> member.health().owned().size() >= least);
        }
        awaitAllOwned();
    }

    /** Ends the oldest so many in good order, all at the same time. */
    void stop(int count) throws Exception {
        List<Member> leaving = List.copyOf(members.subList(0, count));
        members.removeAll(leaving);
        try (ExecutorService threads = Executors.newCachedThreadPool()) {
            List<Future<?>> ends = new ArrayList<>();
            leaving.forEach(member -> ends.add(threads.submit(member.program()::close)));
            for (Future<?> end : ends) {
                end.get();
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
        awaitAllOwned();
    }

    /**
     * Kills the oldest.
     *
     * @return the shards that were its own; they are somebody's again when {@link #awaitAllOwned} returns
     */
    Set<Integer> kill() throws Exception {
        Member killed = members.removeFirst();
        Set<Integer> shards = Set.copyOf(killed.health().owned());
        killed.program().kill();
        return shards;
    }

    /** Until every shard is owned by one of them. */
    void awaitAllOwned() throws Exception {
        Callable<Boolean> all = () -> {
            Set<Integer> owned = new HashSet<>();
            for (Member member : members) {
                owned.addAll(member.health().owned());
            }
            return owned.size() == stage.shards();
        };
        Await.until("all shards are owned", LONGEST, all);
    }
}
