package dev.toolpost.sandbox;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * The sandbox in a JVM of its own, so that it does not share the processor time, heap and fate of what is tried against it. It ends with
 * this process, also when this one is killed, because it ends when its standard input does. Thread-safe.
 */
public final class SandboxProcess implements AutoCloseable {

    private static final Duration START_BOUND = Duration.ofMinutes(2);
    private static final Duration STOP_BOUND = Duration.ofSeconds(30);

    /** What is announced besides the vendors by their names. */
    private static final Set<String> BESIDES = Set.of("bootstrap", "registry", "vendor");

    private final Process process;
    private final @Nullable String bootstrap;
    private final @Nullable URI registry;
    private final Map<String, RemoteVendor> vendors = new LinkedHashMap<>();

    private SandboxProcess(Process process, JsonNode addresses) {
        this.process = process;
        this.bootstrap = addresses.path("bootstrap").isString()
                ? addresses.path("bootstrap").asString()
                : null;
        this.registry = addresses.path("registry").isString()
                ? URI.create(addresses.path("registry").asString())
                : null;
        for (Map.Entry<String, JsonNode> address : addresses.properties()) {
            if (!BESIDES.contains(address.getKey())) {
                vendors.put(
                        address.getKey(),
                        new RemoteVendor(URI.create(address.getValue().asString())));
            }
        }
    }

    /** Broker, registry and vendors; the options are those of {@link Sandbox#main}. */
    public static SandboxProcess start(String... options) {
        return start(Sandbox.class, List.of("-Xmx768m"), List.of(options));
    }

    /** The vendors alone; the options are those of {@link Sandbox#main} that are theirs. */
    public static SandboxProcess startVendor(String... options) {
        return start(SimulatedVendor.class, List.of("-Xmx256m"), List.of(options));
    }

    /** What clients take as {@code bootstrap.servers}. */
    public String bootstrapServers() {
        return running(bootstrap);
    }

    public URI registry() {
        return running(registry);
    }

    /** The first vendor. */
    public VendorControl vendor() {
        return vendors.values().iterator().next();
    }

    /**
     * A vendor by its name.
     *
     * @throws IllegalArgumentException when it does not run in this process
     */
    public VendorControl vendor(String name) {
        RemoteVendor vendor = vendors.get(name);
        if (vendor == null) {
            throw new IllegalArgumentException("vendor: " + name + " (expected: one of " + vendors.keySet() + ")");
        }
        return vendor;
    }

    public long pid() {
        return process.pid();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** Kills the process at once (SIGKILL) and returns when it is gone. */
    public void kill() {
        process.destroyForcibly();
        awaitEnd();
        vendors.values().forEach(RemoteVendor::close);
    }

    /** Ends the process cleanly. */
    @Override
    public void close() {
        try {
            process.getOutputStream().close();
        } catch (IOException e) {
            // It is gone already.
        }
        awaitEnd();
        vendors.values().forEach(RemoteVendor::close);
    }

    private void awaitEnd() {
        try {
            if (!process.waitFor(STOP_BOUND.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    private static <T> T running(@Nullable T address) {
        if (address == null) {
            throw new IllegalStateException("Only vendors run in this process");
        }
        return address;
    }

    private static SandboxProcess start(Class<?> main, List<String> jvm, List<String> options) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=4",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow"));
        command.addAll(jvm);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(options);
        Process process;
        try {
            process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
        } catch (IOException e) {
            throw new SandboxException("Cannot start " + command.getFirst() + ": " + e.getMessage(), e);
        }
        try {
            return new SandboxProcess(process, announced(process));
        } catch (RuntimeException e) {
            process.destroyForcibly();
            throw e;
        }
    }

    private static JsonNode announced(Process process) {
        CompletableFuture<@Nullable String> line = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try {
                BufferedReader reader = process.inputReader(StandardCharsets.UTF_8);
                line.complete(reader.readLine());
            } catch (IOException e) {
                line.completeExceptionally(e);
            }
        });
        try {
            String text = line.get(START_BOUND.toSeconds(), TimeUnit.SECONDS);
            if (text == null) {
                throw new SandboxException(
                        "The sandbox's process ended before it was ready; its standard error says why.");
            }
            return VendorJson.MAPPER.readTree(text);
        } catch (JacksonException e) {
            throw new SandboxException("The sandbox's process did not announce itself: " + e.getOriginalMessage(), e);
        } catch (ExecutionException e) {
            throw new SandboxException("The sandbox's process could not be read from", e.getCause());
        } catch (TimeoutException e) {
            throw new SandboxException(
                    "The sandbox's process was not ready within " + START_BOUND.toSeconds() + " s", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SandboxException("Interrupted while the sandbox's process started", e);
        }
    }
}
