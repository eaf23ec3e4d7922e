package dev.toolpost.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * A command of Toolpost in a JVM of its own, there to be killed. It ends with this process, also when this one is killed, because it ends
 * when its standard input does. Thread-safe.
 */
final class GuestProcess implements AutoCloseable {
    private final Process process;
    private final String announcement;

    private GuestProcess(Process process, String announcement) {
        this.process = process;
        this.announcement = announcement;
    }

    /**
     * Starts it; returns when it says that it works.
     *
     * @param settings by environment variable; no others of Toolpost's are handed on
     * @param log where its standard error goes
     * @param started whether a line of its standard output says so
     */
    static GuestProcess start(
            String command, List<String> arguments, Map<String, String> settings, Path log, Predicate<String> started) {
        ProcessBuilder builder = new ProcessBuilder(line(command, arguments)).redirectError(log.toFile());
        Map<String, String> environment = builder.environment();
        environment.keySet().removeIf(name -> name.startsWith("TOOLPOST_") && !name.equals("TOOLPOST_LOG"));
        String key = System.getenv("TOOLPOST_CREDENTIALS_KEY");
        if (key != null) {
            environment.put("TOOLPOST_CREDENTIALS_KEY", key);
        }
        environment.putAll(settings);
        try {
            Process process = builder.start();
            try {
                return new GuestProcess(process, awaitStart(process, command, started, log));
            } catch (IOException | RuntimeException e) {
                end(process);
                throw e;
            }
        } catch (IOException e) {
            throw new UncheckedIOException("a " + command + " of its own cannot be started", e);
        }
    }

    /** Like this process: the same Java, classes and options, a cache of classes included. */
    private static List<String> line(String command, List<String> arguments) {
        List<String> line = new ArrayList<>();
        line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        for (String option : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
            if (option.startsWith("-XX:AOTCache=")
                    || option.startsWith("-Xlog:")
                    || option.startsWith("--enable-native-access")
                    || option.startsWith("--sun-misc-unsafe-memory-access")) {
                line.add(option);
            }
        }
        line.addAll(List.of(
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                command));
        line.addAll(arguments);
        line.add("--end-with-stdin");
        return line;
    }

    private static String awaitStart(Process process, String command, Predicate<String> started, Path log)
            throws IOException {
        BufferedReader out = process.inputReader();
        String line = out.readLine();
        while (line != null && !started.test(line)) {
            line = out.readLine();
        }
        if (line == null) {
            throw new IllegalStateException("the " + command + " ended at its start: " + Files.readString(log));
        }
        Thread.ofVirtual().start(() -> out.lines().forEach(_ -> {}));
        return line;
    }

    /** The line that said that it works. */
    String announcement() {
        return announcement;
    }

    long pid() {
        return process.pid();
    }

    /** SIGKILL; returns when it is gone. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    @Override
    public void close() {
        end(process);
    }

    private static void end(Process process) {
        try {
            process.destroyForcibly().waitFor(5, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** In the started process: whoever started it holds the other end, and the system closes it when he is gone, however he went. */
    static void endWithParent() {
        Thread.ofPlatform().daemon().name("parent").start(() -> {
            try {
                while (System.in.read() >= 0) {
                    // Whatever is written here only shows that somebody is there.
                }
            } catch (IOException gone) {
                // The same as its end.
            }
            Runtime.getRuntime().halt(ExitCode.UNREACHABLE);
        });
    }
}
