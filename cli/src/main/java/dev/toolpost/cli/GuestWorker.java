package dev.toolpost.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A worker in a JVM of its own, there to be killed. It ends with this process, also when this one is killed, because it ends
 * when its standard input does. Thread-safe.
 */
final class GuestWorker implements AutoCloseable {
    private static final String STARTED = " started";
    private static final Duration ASK_BOUND = Duration.ofSeconds(2);

    private final Process process;
    private final int healthPort;
    private volatile Set<Integer> owned = Set.of();

    private GuestWorker(Process process, int healthPort) {
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
        ProcessBuilder builder = new ProcessBuilder(command(config)).redirectError(log.toFile());
        Map<String, String> environment = builder.environment();
        environment.keySet().removeIf(name -> name.startsWith("TOOLPOST_") && !name.equals("TOOLPOST_LOG"));
        String key = System.getenv("TOOLPOST_CREDENTIALS_KEY");
        if (key != null) {
            environment.put("TOOLPOST_CREDENTIALS_KEY", key);
        }
        environment.putAll(settings);
        environment.put("TOOLPOST_WORKER_HEALTH_PORT", Integer.toString(healthPort));
        try {
            Process process = builder.start();
            GuestWorker worker = new GuestWorker(process, healthPort);
            try {
                worker.awaitStart(log);
                return worker;
            } catch (IOException | RuntimeException e) {
                worker.close();
                throw e;
            }
        } catch (IOException e) {
            throw new UncheckedIOException("a second worker cannot be started", e);
        }
    }

    /** Like this process: the same Java, classes and options, a cache of classes included. */
    private static List<String> command(Path config) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        for (String option : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
            if (option.startsWith("-XX:AOTCache=")
                    || option.startsWith("-Xlog:")
                    || option.startsWith("--enable-native-access")
                    || option.startsWith("--sun-misc-unsafe-memory-access")) {
                command.add(option);
            }
        }
        command.addAll(List.of(
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "worker",
                "--config",
                config.toString(),
                "--end-with-stdin"));
        return command;
    }

    private void awaitStart(Path log) throws IOException {
        BufferedReader out = process.inputReader();
        String line = out.readLine();
        while (line != null && !line.endsWith(STARTED)) {
            line = out.readLine();
        }
        if (line == null) {
            throw new IllegalStateException("the second worker ended at its start: " + Files.readString(log));
        }
        Thread.ofVirtual().start(() -> out.lines().forEach(_ -> {}));
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
        process.destroyForcibly().waitFor();
    }

    @Override
    public void close() {
        try {
            process.destroyForcibly().waitFor(5, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
