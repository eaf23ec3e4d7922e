package dev.toolpost.worker.ratelimit;

import java.util.Map;

/**
 * How tenants share a vendor's allowance where they want more than it gives. Immutable.
 *
 * @param byTenant parts, each at least 1; a tenant that is not named has one
 */
public record TenantWeights(Map<String, Integer> byTenant) {

    /** All alike. */
    public static final TenantWeights EQUAL = new TenantWeights(Map.of());

    public TenantWeights {
        byTenant.forEach((tenant, weight) -> {
            if (weight < 1) {
                throw new IllegalArgumentException("weight of tenant " + tenant + ": " + weight + " (expected: >= 1)");
            }
        });
        byTenant = Map.copyOf(byTenant);
    }

    /** The parts of a tenant. */
    public int weightOf(String tenant) {
        return byTenant.getOrDefault(tenant, 1);
    }
}
