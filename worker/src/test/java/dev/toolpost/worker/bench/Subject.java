package dev.toolpost.worker.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import org.apache.kafka.clients.producer.ProducerRecord;

/** A program under measurement, in a process of its own that can be stopped and let go on. */
final class Subject implements AutoCloseable {

    private final String name;
    private final String replies;
    private final IntFunction<ProducerRecord<byte[], byte[]>> calls;
    private final Process process;

    private Subject(String name, String replies, IntFunction<ProducerRecord<byte[], byte[]>> calls, Process process) {
        this.name = name;
        this.replies = replies;
        this.calls = calls;
        this.process = process;
    }

    /**
     * Starts the program and returns when it says that it started.
     *
     * @param replies the topic that it answers to
     * @param calls the n-th call, under a key that its reply has too
     * @param jvm further options of its JVM
     */
    static Subject start(
            String name,
            String replies,
            IntFunction<ProducerRecord<byte[], byte[]>> calls,
            List<String> jvm,
            Class<?> main,
            String... args) {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(List.of(
                "-Xms512m",
                "-Xmx512m",
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
            BufferedReader out = process.inputReader();
            String line = out.readLine();
            while (line != null && !line.endsWith(" started")) {
                line = out.readLine();
            }
            if (line == null) {
                throw new IllegalStateException(name + " ended with " + process.waitFor());
            }
            Thread.ofVirtual().start(() -> out.lines().forEach(each -> {}));
            return new Subject(name, replies, calls, process);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    String name() {
        return name;
    }

    String replies() {
        return replies;
    }

    ProducerRecord<byte[], byte[]> call(int number) {
        return calls.apply(number);
    }

    long pid() {
        return process.pid();
    }

    void freeze() {
        signal("STOP");
    }

    void thaw() {
        signal("CONT");
    }

    private void signal(String signal) {
        try {
            int status = new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid()))
                    .start()
                    .waitFor();
            if (status != 0) {
                throw new IllegalStateException("kill -" + signal + " ended with " + status);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        thaw();
        process.destroy();
        if (!process.onExit()
                .completeOnTimeout(process, 10, TimeUnit.SECONDS)
                .join()
                .isAlive()) {
            return;
        }
        process.destroyForcibly().onExit().join();
    }
}
