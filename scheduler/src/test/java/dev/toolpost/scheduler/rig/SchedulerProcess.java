package dev.toolpost.scheduler.rig;

import dev.toolpost.connectors.ConnectorCatalogue;
import dev.toolpost.scheduler.Scheduler;
import dev.toolpost.scheduler.SchedulerSettings;
import dev.toolpost.schemas.Topics;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** A scheduler in a JVM of its own that can be killed. */
public final class SchedulerProcess implements AutoCloseable {

    /** So short that a test need not wait long for another to take over. */
    public static final Duration SHORT_SESSION = Duration.ofMillis(1_500);

    /** So long that nobody takes over within a test. */
    public static final Duration LONG_SESSION = Duration.ofMinutes(10);

    private final Process process;
    private final URI http;

    private SchedulerProcess(Process process, URI http) {
        this.process = process;
        this.http = http;
    }

    /** Settings as the process has them, with a short session. */
    public static SchedulerSettings settings(String bootstrapServers, String prefix, Path stateDirectory) {
        return settings(bootstrapServers, prefix, stateDirectory, SHORT_SESSION);
    }

    private static SchedulerSettings settings(
            String bootstrapServers, String prefix, Path stateDirectory, Duration session) {
        SchedulerSettings defaults = SchedulerSettings.defaults(
                new Topics(prefix), Map.of("bootstrap.servers", bootstrapServers), stateDirectory);
        SchedulerSettings.Pace pace = defaults.pace();
        return defaults.withPace(new SchedulerSettings.Pace(
                pace.poll(), pace.commit(), session, Duration.ofSeconds(5), pace.tick(), Duration.ofSeconds(5)));
    }

    /**
     * Starts it; it listens when this returns, and restores or waits for its share.
     *
     * @param port where it listens; 0 for any
     */
    public static SchedulerProcess start(
            String bootstrapServers,
            String prefix,
            Path stateDirectory,
            int port,
            Duration session,
            int standbyReplicas) {
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                SchedulerProcess.class.getName(),
                bootstrapServers,
                prefix,
                stateDirectory.toString(),
                Integer.toString(port),
                session.toString(),
                Integer.toString(standbyReplicas));
        try {
            Process process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            BufferedReader out = process.inputReader();
            String line = out.readLine();
            while (line != null && !line.startsWith("listens at ")) {
                line = out.readLine();
            }
            if (line == null) {
                throw new IllegalStateException("the scheduler ended before it listened; its standard error says why");
            }
            Thread.ofVirtual().start(() -> out.lines().forEach(each -> {}));
            return new SchedulerProcess(process, URI.create(line.substring("listens at ".length())));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Where it answers. */
    public URI http() {
        return http;
    }

    /** SIGKILL; returns when it is gone. */
    public void kill() {
        process.destroyForcibly().onExit().join();
    }

    @Override
    public void close() {
        kill();
    }

    /** The process itself: bootstrap servers, prefix, state directory, port, session, standby replicas. */
    public static void main(String[] args) throws InterruptedException {
        SchedulerSettings settings = settings(args[0], args[1], Path.of(args[2]), Duration.parse(args[4]))
                .withListen(new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(args[3])))
                .withStandbyReplicas(Integer.parseInt(args[5]));
        Scheduler scheduler = Scheduler.start(settings, ConnectorCatalogue.of(List.of()), null);
        InetSocketAddress address = scheduler.address();
        System.out.println("listens at http://127.0.0.1:" + address.getPort());
        scheduler.awaitEnd();
    }
}
