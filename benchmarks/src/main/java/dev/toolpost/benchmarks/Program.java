package dev.toolpost.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A program in a JVM of its own that can be stopped, let go on and killed. */
final class Program implements AutoCloseable {

    private static final String HEAP = "512m";
    private static final int END_SECONDS = 20;

    private final String name;
    private final Process process;

    private Program(String name, Process process) {
        this.name = name;
        this.process = process;
    }

    /**
     * Starts a program and returns when it says that it started.
     *
     * @param jvm further options of its JVM; the last one given counts
     */
    static Program start(String name, List<String> jvm, Class<?> main, String... args) {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(List.of(
                "-Xms" + HEAP,
                "-Xmx" + HEAP,
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow"));
        command.addAll(jvm);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(List.of(args));
        try {
            Process process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            Program program = new Program(name, process);
            program.awaitStarted();
            return program;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void awaitStarted() throws IOException {
        BufferedReader out = process.inputReader();
        String line = out.readLine();
        while (line != null && !line.endsWith(" started")) {
            line = out.readLine();
        }
        if (line == null) {
            throw new IllegalStateException(name + " ended before it had started; its standard error says why");
        }
        // Reading a pipe keeps a carrier of virtual threads.
        Thread.ofPlatform().daemon().start(() -> out.lines().forEach(each -> {}));
    }

    String name() {
        return name;
    }

    long pid() {
        return process.pid();
    }

    CpuTime cpu() {
        return CpuTime.of(process.pid());
    }

    /** SIGSTOP. */
    void freeze() {
        signal("STOP");
    }

    /** SIGCONT. */
    void thaw() {
        signal("CONT");
    }

    /** SIGKILL, and waits until the process is gone. */
    void kill() {
        process.destroyForcibly().onExit().join();
    }

    private void signal(String signal) {
        Commands.run("kill", "-" + signal, Long.toString(process.pid()));
    }

    /** Ends it in good order where it can. */
    @Override
    public void close() {
        if (!process.isAlive()) {
            return;
        }
        thaw();
        process.destroy();
        process.onExit()
                .completeOnTimeout(process, END_SECONDS, TimeUnit.SECONDS)
                .join();
        kill();
    }
}
