package dev.toolpost.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLConnection;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A worker in a JVM of its own, there to be killed. Thread-safe. */
final class GuestWorker implements AutoCloseable {
    private static final String STARTED = " started";
    private static final Duration ASK_BOUND = Duration.ofSeconds(2);

    private final GuestProcess process;
    private final int healthPort;
    private volatile Set<Integer> owned = Set.of();

    private GuestWorker(GuestProcess process, int healthPort) {
        this.process = process;
        this.healthPort = healthPort;
    }

    /**
     * Starts it; returns when it works, which is a moment before it is a member of its groups.
     *
     * @param config configuration file
     * @param settings further settings by environment variable
     * @param log where its standard error goes
     */
    static GuestWorker start(Path config, Map<String, String> settings, Path log) {
        int healthPort = freePort();
        Map<String, String> all = new HashMap<>(settings);
        all.put("TOOLPOST_WORKER_HEALTH_PORT", Integer.toString(healthPort));
        return new GuestWorker(
                GuestProcess.start(
                        "worker", List.of("--config", config.toString()), all, log, line -> line.endsWith(STARTED)),
                healthPort);
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException("no port is free", e);
        }
    }

    long pid() {
        return process.pid();
    }

    /** The shards of a pool that it owns now; null while it is no member of the pool's group, or does not answer. */
    private @Nullable List<Integer> shards(String pool) {
        try {
            URLConnection connection = URI.create("http://127.0.0.1:" + healthPort + "/health/ready")
                    .toURL()
                    .openConnection();
            connection.setConnectTimeout(Math.toIntExact(ASK_BOUND.toMillis()));
            connection.setReadTimeout(Math.toIntExact(ASK_BOUND.toMillis()));
            try (InputStream in = connection.getInputStream()) {
                for (JsonNode each : JsonMapper.shared().readTree(in).path("pools")) {
                    if (each.path("pool").asString("").equals(pool)) {
                        List<Integer> owned = new ArrayList<>();
                        each.path("owned").forEach(shard -> owned.add(shard.asInt()));
                        return owned;
                    }
                }
            }
            return null;
        } catch (IOException notReady) {
            return null;
        }
    }

    /** Waits until it owns shards of a pool, and has it keep them in mind for {@link #owned}. */
    void awaitShards(String pool, Duration bound) throws InterruptedException {
        long untilNanos = System.nanoTime() + bound.toNanos();
        while (System.nanoTime() < untilNanos) {
            List<Integer> shards = shards(pool);
            if (shards != null && !shards.isEmpty()) {
                owned = Set.copyOf(shards);
                return;
            }
            TimeUnit.MILLISECONDS.sleep(100);
        }
        throw CliException.unreachable(
                "the second worker did not get work within " + bound.toSeconds() + " s", "", null);
    }

    /** Whether the shard was its own when {@link #awaitShards} returned. */
    boolean owned(int shard) {
        return owned.contains(shard);
    }

    /** SIGKILL; returns when it is gone. */
    void kill() throws InterruptedException {
        process.kill();
    }

    @Override
    public void close() {
        process.close();
    }
}
