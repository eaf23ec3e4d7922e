package dev.toolpost.sandbox;

import java.util.LinkedHashMap;
import java.util.Map;

/** Broker, registry and vendor together. Thread-safe. */
public final class Sandbox implements AutoCloseable {

    private final EmbeddedKafka kafka;
    private final EmbeddedRegistry registry;
    private final SimulatedVendor vendor;

    private Sandbox(EmbeddedKafka kafka, EmbeddedRegistry registry, SimulatedVendor vendor) {
        this.kafka = kafka;
        this.registry = registry;
        this.vendor = vendor;
    }

    /** All on free ports of the loopback address, with their defaults. */
    public static Sandbox start() {
        return start(EmbeddedKafka.builder(), EmbeddedRegistry.builder(), SimulatedVendor.builder());
    }

    /**
     * Starts all three.
     *
     * @throws SandboxException when one of them cannot be started; the others are stopped again
     */
    public static Sandbox start(
            EmbeddedKafka.Builder kafka, EmbeddedRegistry.Builder registry, SimulatedVendor.Builder vendor) {
        SimulatedVendor startedVendor = vendor.start();
        EmbeddedRegistry startedRegistry;
        try {
            startedRegistry = registry.start();
        } catch (RuntimeException e) {
            startedVendor.close();
            throw e;
        }
        try {
            return new Sandbox(kafka.start(), startedRegistry, startedVendor);
        } catch (RuntimeException e) {
            startedRegistry.close();
            startedVendor.close();
            throw e;
        }
    }

    public EmbeddedKafka kafka() {
        return kafka;
    }

    public EmbeddedRegistry registry() {
        return registry;
    }

    public SimulatedVendor vendor() {
        return vendor;
    }

    @Override
    public void close() {
        vendor.close();
        registry.close();
        kafka.close();
    }

    /**
     * Runs the sandbox as a process of its own: prints {@code {"bootstrap":"…","registry":"http://…","vendor":"http://…"}} and serves until its standard
     * input ends. Options, all as {@code --name=value}: {@code host}, {@code kafka-port}, {@code registry-port}, {@code vendor-port}, {@code
     * data-directory}, {@code limit} and {@code search-limit} (permits/milliseconds; {@code limit=none} for no limits), {@code latency-ms}, {@code
     * contacts}, {@code deals}, {@code seed}, {@code tokens} (comma-separated), {@code stay} (ignore standard input).
     */
    public static void main(String[] args) {
        SandboxOptions options = SandboxOptions.parse(args);
        try (Sandbox sandbox = start(options.kafka(), options.registry(), options.vendor())) {
            SandboxOptions.onSignal(sandbox::close);
            Map<String, String> addresses = new LinkedHashMap<>();
            addresses.put("bootstrap", sandbox.kafka().bootstrapServers());
            addresses.put("registry", sandbox.registry().uri().toString());
            addresses.put("vendor", sandbox.vendor().uri().toString());
            options.announce(addresses);
            options.awaitEnd();
        } catch (SandboxException e) {
            SandboxOptions.fail(e);
        }
    }
}
