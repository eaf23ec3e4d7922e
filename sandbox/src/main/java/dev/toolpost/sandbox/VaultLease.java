package dev.toolpost.sandbox;

import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** A token of the simulated Vault. Not thread-safe. */
final class VaultLease {

    private final String id;
    private final List<String> policies;
    private final long ttlMillis;
    private final long maxTtlMillis;
    private final long createdMillis;
    private final boolean renewable;
    private long endsMillis;

    /** @param ttlMillis 0 for one that never ends */
    VaultLease(
            String id,
            List<String> policies,
            long ttlMillis,
            long maxTtlMillis,
            boolean renewable,
            long createdMillis) {
        this.id = id;
        this.policies = List.copyOf(policies);
        this.maxTtlMillis = maxTtlMillis;
        this.ttlMillis = maxTtlMillis == 0 ? ttlMillis : Math.min(ttlMillis, maxTtlMillis);
        this.renewable = renewable && ttlMillis > 0;
        this.createdMillis = createdMillis;
        this.endsMillis = createdMillis + this.ttlMillis;
    }

    String id() {
        return id;
    }

    List<String> policies() {
        return policies;
    }

    boolean isRoot() {
        return policies.contains("root");
    }

    boolean hasEnded(long nowMillis) {
        return ttlMillis > 0 && nowMillis >= endsMillis;
    }

    VaultReply renew(long nowMillis) {
        if (!renewable) {
            return VaultReply.error(400, "lease is not renewable");
        }
        long wanted = nowMillis + ttlMillis;
        boolean capped = maxTtlMillis > 0 && wanted > createdMillis + maxTtlMillis;
        endsMillis = capped ? createdMillis + maxTtlMillis : wanted;
        return VaultReply.auth(
                auth(nowMillis),
                capped
                        ? "TTL of \"%ds\" exceeded the effective max_ttl of \"%ds\"; TTL value is capped accordingly"
                                .formatted(ttlMillis / 1_000, (endsMillis - nowMillis) / 1_000)
                        : null);
    }

    ObjectNode auth(long nowMillis) {
        ObjectNode auth = JsonNodeFactory.instance.objectNode();
        auth.put("client_token", id);
        auth.put("accessor", "accessor-" + Integer.toHexString(id.hashCode()));
        policies.forEach(auth.putArray("policies")::add);
        policies.forEach(auth.putArray("token_policies")::add);
        auth.putObject("metadata");
        auth.put("lease_duration", ttlMillis == 0 ? 0 : (endsMillis - nowMillis) / 1_000);
        auth.put("renewable", renewable);
        auth.put("entity_id", "");
        auth.put("token_type", "service");
        auth.put("orphan", true);
        auth.putNull("mfa_requirement");
        auth.put("num_uses", 0);
        return auth;
    }

    ObjectNode about(long nowMillis, @Nullable String path) {
        ObjectNode about = JsonNodeFactory.instance.objectNode();
        about.put("accessor", "accessor-" + Integer.toHexString(id.hashCode()));
        about.put("creation_time", createdMillis / 1_000);
        about.put("creation_ttl", ttlMillis / 1_000);
        about.put("display_name", "token");
        about.put("entity_id", "");
        about.putNull("expire_time");
        about.put("explicit_max_ttl", 0);
        about.put("id", id);
        about.putNull("meta");
        about.put("num_uses", 0);
        about.put("orphan", true);
        about.put("path", path == null ? "auth/token/create" : path);
        policies.forEach(about.putArray("policies")::add);
        about.put("renewable", renewable);
        about.put("ttl", ttlMillis == 0 ? 0 : (endsMillis - nowMillis) / 1_000);
        about.put("type", "service");
        return about;
    }
}
