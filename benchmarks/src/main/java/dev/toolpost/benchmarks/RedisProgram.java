package dev.toolpost.benchmarks;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A Redis or Valkey server on loopback that keeps nothing on disk: the one on the path, or else an embedded binary. */
final class RedisProgram implements AutoCloseable {

    private static final String EMBEDDED = "redis-server-6.2.6-v5-linux-amd64";
    private static final Duration START_BOUND = Duration.ofSeconds(10);

    private final Process process;
    private final int port;

    private RedisProgram(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    /** Empty where none runs on this machine. */
    private static Optional<RedisProgram> start(Path directory) throws Exception {
        Optional<String> binary = binary(directory);
        if (binary.isEmpty()) {
            return Optional.empty();
        }
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        Process process = new ProcessBuilder(List.of(
                        binary.orElseThrow(),
                        "--port",
                        "" + port,
                        "--bind",
                        "127.0.0.1",
                        "--save",
                        "",
                        "--appendonly",
                        "no"))
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("redis.log").toFile())
                .start();
        RedisProgram program = new RedisProgram(process, port);
        Await.until("redis takes connections", START_BOUND, program::listens);
        return Optional.of(program);
    }

    /** The address of one that ends with the stage; empty, which is told, where none runs on this machine. */
    static Optional<String> urlFor(Stage stage) throws Exception {
        Optional<RedisProgram> redis = start(stage.directory());
        if (redis.isEmpty()) {
            System.out.println("no redis-server or valkey-server on this machine: left out");
        }
        return redis.map(program -> stage.open(program).url());
    }

    private boolean listens() {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 200);
            return true;
        } catch (IOException notYet) {
            return false;
        }
    }

    String url() {
        return "redis://127.0.0.1:" + port;
    }

    private static Optional<String> binary(Path directory) throws Exception {
        for (String name : List.of("redis-server", "valkey-server")) {
            if (runs(name)) {
                return Optional.of(name);
            }
        }
        try (InputStream bytes = RedisProgram.class.getResourceAsStream("/" + EMBEDDED)) {
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

    private static boolean runs(String name) throws InterruptedException {
        try {
            Process version = new ProcessBuilder(name, "--version")
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return version.waitFor(5, TimeUnit.SECONDS) && version.exitValue() == 0;
        } catch (IOException notThere) {
            return false;
        }
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}
