package dev.toolpost.sandbox;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Simulated vendors that run together. Thread-safe. */
final class VendorSet implements AutoCloseable {

    private final Map<String, SimulatedVendor> vendors;

    private VendorSet(Map<String, SimulatedVendor> vendors) {
        this.vendors = vendors;
    }

    /**
     * Starts them all.
     *
     * @throws SandboxException when one cannot be started; the others are stopped again
     */
    static VendorSet start(List<SimulatedVendor.Builder> builders) {
        if (builders.isEmpty()) {
            throw new IllegalArgumentException("vendors: none (expected: at least one)");
        }
        VendorSet set = new VendorSet(new LinkedHashMap<>());
        try {
            for (SimulatedVendor.Builder builder : builders) {
                SimulatedVendor vendor = builder.start();
                SimulatedVendor twin = set.vendors.putIfAbsent(vendor.name(), vendor);
                if (twin != null) {
                    vendor.close();
                    throw new IllegalArgumentException("vendors: " + vendor.name() + " twice (expected: once)");
                }
            }
            return set;
        } catch (RuntimeException e) {
            set.close();
            throw e;
        }
    }

    SimulatedVendor first() {
        return vendors.values().iterator().next();
    }

    SimulatedVendor vendor(String name) {
        SimulatedVendor vendor = vendors.get(name);
        if (vendor == null) {
            throw new IllegalArgumentException("vendor: " + name + " (expected: one of " + vendors.keySet() + ")");
        }
        return vendor;
    }

    Map<String, SimulatedVendor> all() {
        return Map.copyOf(vendors);
    }

    /** Where each is reached, the first one under {@code vendor} too. */
    Map<String, String> addresses() {
        Map<String, String> addresses = new LinkedHashMap<>();
        addresses.put("vendor", first().uri().toString());
        vendors.forEach((name, vendor) -> addresses.put(name, vendor.uri().toString()));
        return addresses;
    }

    @Override
    public void close() {
        vendors.values().forEach(SimulatedVendor::close);
    }
}
