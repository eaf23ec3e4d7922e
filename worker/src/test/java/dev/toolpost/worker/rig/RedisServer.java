package dev.toolpost.worker.rig;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;

/**
 * A real Redis or Valkey server, a process of its own on loopback that keeps nothing on disk: the one on the path, or else the one of the embedded
 * binaries. It may be killed, started anew, stopped and continued.
 */
public final class RedisServer implements AutoCloseable {

    private static final Duration START_BOUND = Duration.ofSeconds(10);

    private final Path directory;
    private final String binary;
    private final int port;
    private final List<String> options;
    private @Nullable Process process;

    private RedisServer(Path directory, String binary, int port, List<String> options) {
        this.directory = directory;
        this.binary = binary;
        this.port = port;
        this.options = options;
    }

    /** Starts one, or leaves the test out where none runs on this machine, saying so. */
    public static RedisServer start(String... options) throws Exception {
        Path directory = Files.createTempDirectory("toolpost-redis");
        Optional<String> binary = binary(directory);
        Assumptions.assumeTrue(
                binary.isPresent(),
                "neither redis-server nor valkey-server is on the path, and the embedded binary does not run here");
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        RedisServer server = new RedisServer(directory, binary.orElseThrow(), port, List.of(options));
        server.begin();
        return server;
    }

    private static Optional<String> binary(Path directory) throws IOException {
        for (String name : List.of("redis-server", "valkey-server")) {
            if (runs(name)) {
                return Optional.of(name);
            }
        }
        String embedded = embeddedName();
        try (InputStream bytes = embedded == null ? null : RedisServer.class.getResourceAsStream("/" + embedded)) {
            if (bytes == null) {
                return Optional.empty();
            }
            Path file = directory.resolve("redis-server");
            Files.copy(bytes, file, StandardCopyOption.REPLACE_EXISTING);
            return file.toFile().setExecutable(true) && runs(file.toString())
                    ? Optional.of(file.toString())
                    : Optional.empty();
        }
    }

    private static @Nullable String embeddedName() {
        String system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
        boolean arm = System.getProperty("os.arch").equals("aarch64");
        if (system.startsWith("linux")) {
            return arm ? "redis-server-6.2.7-linux-arm64" : "redis-server-6.2.6-v5-linux-amd64";
        }
        if (system.startsWith("mac")) {
            return arm ? "redis-server-6.2.6-v5-darwin-arm64" : "redis-server-6.2.6-v5-darwin-amd64";
        }
        return null;
    }

    private static boolean runs(String name) {
        try {
            Process version = new ProcessBuilder(name, "--version")
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return version.waitFor(5, TimeUnit.SECONDS) && version.exitValue() == 0;
        } catch (IOException notThere) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Starts it, again where it was killed: it remembers nothing. */
    public void begin() throws Exception {
        List<String> command = new ArrayList<>(
                List.of(binary, "--port", "" + port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"));
        command.addAll(options);
        Process started = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        directory.resolve("server.log").toFile()))
                .start();
        process = started;
        Runtime.getRuntime().addShutdownHook(new Thread(started::destroyForcibly));
        Await.until("redis takes connections", START_BOUND, () -> {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 200);
                return true;
            } catch (IOException notYet) {
                if (!started.isAlive()) {
                    throw new IllegalStateException(Files.readString(directory.resolve("server.log")), notYet);
                }
                return false;
            }
        });
    }

    public URI uri() {
        return URI.create("redis://127.0.0.1:" + port);
    }

    /** Kills it at once. */
    public void kill() throws InterruptedException {
        Process running = process;
        if (running != null) {
            running.destroyForcibly().waitFor();
        }
    }

    /** It stands still, and its connections with it. */
    public void pause() throws Exception {
        signal("-STOP");
    }

    public void resume() throws Exception {
        signal("-CONT");
    }

    private void signal(String name) throws Exception {
        Process running = process;
        if (running != null) {
            new ProcessBuilder("kill", name, "" + running.pid())
                    .inheritIO()
                    .start()
                    .waitFor();
        }
    }

    @Override
    public void close() throws Exception {
        kill();
    }
}
