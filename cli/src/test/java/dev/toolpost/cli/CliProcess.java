package dev.toolpost.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The command as a process of its own, as the launcher starts it. */
final class CliProcess implements AutoCloseable {
    private static final Duration BOUND = Duration.ofMinutes(2);

    private final Process process;
    private final BufferedReader out;

    private CliProcess(Process process) {
        this.process = process;
        this.out = process.inputReader();
    }

    static CliProcess start(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
        command.addAll(List.of(arguments));
        return new CliProcess(new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start());
    }

    Process process() {
        return process;
    }

    /** The next line of standard output; empty at its end. */
    String line() throws IOException {
        String line = out.readLine();
        return line == null ? "" : line;
    }

    String rest() {
        return String.join("\n", out.lines().toList());
    }

    int await() throws InterruptedException {
        if (!process.waitFor(BOUND.toSeconds(), TimeUnit.SECONDS)) {
            throw new IllegalStateException("the process did not end within " + BOUND);
        }
        return process.exitValue();
    }

    /** SIGTERM. */
    int terminate() throws InterruptedException {
        process.destroy();
        return await();
    }

    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly().onExit().join();
    }
}
