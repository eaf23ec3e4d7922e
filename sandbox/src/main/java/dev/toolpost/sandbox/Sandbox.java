package dev.toolpost.sandbox;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Broker, registry and vendors together. Thread-safe. */
public final class Sandbox implements AutoCloseable {

    private final EmbeddedKafka kafka;
    private final EmbeddedRegistry registry;
    private final VendorSet vendors;

    private Sandbox(EmbeddedKafka kafka, EmbeddedRegistry registry, VendorSet vendors) {
        this.kafka = kafka;
        this.registry = registry;
        this.vendors = vendors;
    }

    /** All on free ports of the loopback address, with their defaults. */
    public static Sandbox start() {
        return start(EmbeddedKafka.builder(), EmbeddedRegistry.builder(), SimulatedVendor.builder());
    }

    /**
     * Starts them all, each vendor at most once.
     *
     * @throws SandboxException when one of them cannot be started; the others are stopped again
     */
    public static Sandbox start(
            EmbeddedKafka.Builder kafka, EmbeddedRegistry.Builder registry, SimulatedVendor.Builder... vendors) {
        VendorSet startedVendors = VendorSet.start(List.of(vendors));
        EmbeddedRegistry startedRegistry;
        try {
            startedRegistry = registry.start();
        } catch (RuntimeException e) {
            startedVendors.close();
            throw e;
        }
        try {
            return new Sandbox(kafka.start(), startedRegistry, startedVendors);
        } catch (RuntimeException e) {
            startedRegistry.close();
            startedVendors.close();
            throw e;
        }
    }

    public EmbeddedKafka kafka() {
        return kafka;
    }

    public EmbeddedRegistry registry() {
        return registry;
    }

    /** The first vendor. */
    public SimulatedVendor vendor() {
        return vendors.first();
    }

    /**
     * A vendor by its name: {@code hubspot}, {@code salesforce} or {@code jira}.
     *
     * @throws IllegalArgumentException when it was not started
     */
    public SimulatedVendor vendor(String name) {
        return vendors.vendor(name);
    }

    /** All vendors by their names. */
    public Map<String, SimulatedVendor> vendors() {
        return vendors.all();
    }

    @Override
    public void close() {
        vendors.close();
        registry.close();
        kafka.close();
    }

    /**
     * Runs the sandbox as a process of its own: prints {@code
     * {"bootstrap":"…","registry":"http://…","vendor":"http://…","hubspot":"http://…"}} and serves until its standard input ends. Options, all as {@code
     * --name=value}: {@code host}, {@code kafka-port}, {@code registry-port}, {@code vendors} (comma-separated, of hubspot, salesforce and jira; default hubspot), {@code
     * vendor-port} (of the first; the others take the ports after it), {@code data-directory}, {@code limit} and {@code search-limit}
     * (permits/milliseconds; {@code limit=none} for no limits), {@code latency-ms}, {@code contacts}, {@code deals}, {@code records} (such as {@code
     * Contact:5000,issues:200}), {@code seed}, {@code tokens} (comma-separated), {@code stay} (ignore standard input).
     */
    public static void main(String[] args) {
        SandboxOptions options = SandboxOptions.parse(args);
        try (Sandbox sandbox =
                start(options.kafka(), options.registry(), options.vendors().toArray(new SimulatedVendor.Builder[0]))) {
            SandboxOptions.onSignal(sandbox::close);
            Map<String, String> addresses = new LinkedHashMap<>();
            addresses.put("bootstrap", sandbox.kafka().bootstrapServers());
            addresses.put("registry", sandbox.registry().uri().toString());
            addresses.putAll(sandbox.vendors.addresses());
            options.announce(addresses);
            options.awaitEnd();
        } catch (SandboxException e) {
            SandboxOptions.fail(e);
        }
    }
}
