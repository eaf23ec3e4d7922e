package dev.toolpost.sandbox;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** One namespace of the simulated Vault: its engines, policies, roles and tokens. Not thread-safe. */
final class VaultSpace {

    private static final long DEFAULT_TTL_SECONDS = 32L * 24 * 3_600;

    private final AtomicLong ids;
    private final Map<String, VaultKv> engines = new TreeMap<>();
    private final Map<String, VaultPolicy> policies = new HashMap<>(Map.of("default", VaultPolicy.DEFAULT));
    private final Map<String, String> methods = new TreeMap<>(Map.of("token", "token"));
    private final Map<String, Role> roles = new HashMap<>();
    private final Map<String, VaultLease> tokens = new HashMap<>();

    /** A role of AppRole or Kubernetes, by the method's mount and its name. */
    private static final class Role {
        private List<String> policies = List.of();
        private long ttlSeconds = DEFAULT_TTL_SECONDS;
        private long maxTtlSeconds;
        private String roleId = "";
        private final Map<String, Integer> secretIds = new HashMap<>();
        private @Nullable String serviceAccountToken;
    }

    VaultSpace(AtomicLong ids) {
        this.ids = ids;
    }

    void mount(String path) {
        engines.put(path, new VaultKv());
    }

    void acceptServiceAccount(String mount, String role, String token) {
        Objects.requireNonNull(roles.get(mount + "/" + role), "no such role").serviceAccountToken = token;
    }

    VaultLease token(String id, List<String> names, long ttlSeconds, long maxTtlSeconds, boolean renewable, long now) {
        VaultLease lease = new VaultLease(id, names, ttlSeconds * 1_000, maxTtlSeconds * 1_000, renewable, now);
        tokens.put(id, lease);
        return lease;
    }

    @Nullable
    VaultLease token(String id, long nowMillis) {
        VaultLease lease = tokens.get(id);
        if (lease != null && lease.hasEnded(nowMillis)) {
            tokens.remove(id);
            return null;
        }
        return lease;
    }

    /** Ends all tokens but root's. */
    void endTokens() {
        tokens.keySet().removeIf(id -> !id.equals(SimulatedVault.ROOT_TOKEN));
    }

    int tokens() {
        return tokens.size();
    }

    /** Whether the path is a login, which needs no token. */
    boolean isLogin(String path) {
        return path.matches("auth/.+/login");
    }

    boolean allows(VaultLease token, String operation, String path) {
        if (token.isRoot()) {
            return true;
        }
        List<VaultPolicy> held = new ArrayList<>();
        for (String name : token.policies()) {
            VaultPolicy policy = policies.get(name);
            if (policy != null) {
                held.add(policy);
            }
        }
        String capability = operation.equals("write") ? (isUpdate(path) ? "update" : "create") : operation;
        return VaultPolicy.allows(held, path, capability);
    }

    private boolean isUpdate(String path) {
        String mount = engineOf(path);
        VaultKv engine = mount == null ? null : engines.get(mount);
        if (engine == null || mount == null) {
            return true;
        }
        String below = path.substring(mount.length() + 1);
        return !below.startsWith("data/") || engine.exists(below);
    }

    private @Nullable String engineOf(String path) {
        return engines.keySet().stream()
                .filter(mount -> path.startsWith(mount + "/"))
                .findFirst()
                .orElse(null);
    }

    VaultReply handle(
            String operation,
            String path,
            @Nullable String version,
            JsonNode body,
            @Nullable VaultLease token,
            long nowMillis) {
        String mount = engineOf(path);
        if (mount != null) {
            return Objects.requireNonNull(engines.get(mount))
                    .handle(operation, path.substring(mount.length() + 1), version, body, nowMillis);
        }
        if (operation.equals("delete") && path.startsWith("sys/")) {
            engines.remove(path.substring(path.lastIndexOf('/') + 1));
            methods.remove(path.substring(path.lastIndexOf('/') + 1));
            return VaultReply.nothing();
        }
        if (path.startsWith("sys/mounts/")) {
            mount(path.substring("sys/mounts/".length()));
            return VaultReply.nothing();
        }
        if (path.startsWith("sys/auth/")) {
            methods.put(path.substring("sys/auth/".length()), body.path("type").asString(""));
            return VaultReply.nothing();
        }
        if (path.startsWith("sys/policies/acl/") || path.startsWith("sys/policy/")) {
            return policy(path.substring(path.lastIndexOf('/') + 1), body);
        }
        if (path.startsWith("auth/")) {
            return auth(operation, path.substring("auth/".length()), body, token, nowMillis);
        }
        return VaultReply.noRoute(path);
    }

    private VaultReply policy(String name, JsonNode body) {
        try {
            policies.put(name, VaultPolicy.parse(body.path("policy").asString("")));
            return VaultReply.nothing();
        } catch (IllegalArgumentException unreadable) {
            return VaultReply.error(400, "" + unreadable.getMessage());
        }
    }

    private VaultReply auth(String operation, String path, JsonNode body, @Nullable VaultLease token, long nowMillis) {
        String mount = methods.keySet().stream()
                .filter(each -> path.startsWith(each + "/"))
                .findFirst()
                .orElse(null);
        if (mount == null) {
            return VaultReply.noRoute("auth/" + path);
        }
        String below = path.substring(mount.length() + 1);
        String type = Objects.requireNonNull(methods.get(mount));
        return switch (type) {
            case "token" -> ofTokens(below, body, Objects.requireNonNull(token), nowMillis);
            case "approle" ->
                below.equals("login") ? appRoleLogin(mount, body, nowMillis) : appRole(operation, mount, below, body);
            case "kubernetes" ->
                below.equals("login") ? kubernetesLogin(mount, body, nowMillis) : role(mount, below, body);
            default -> VaultReply.noRoute("auth/" + path);
        };
    }

    private VaultReply ofTokens(String path, JsonNode body, VaultLease token, long nowMillis) {
        return switch (path) {
            case "lookup-self" -> VaultReply.data(token.about(nowMillis, null));
            case "renew-self" -> token.renew(nowMillis);
            case "revoke-self" -> {
                tokens.remove(token.id());
                yield VaultReply.nothing();
            }
            case "create", "create-orphan" -> {
                List<String> names = new ArrayList<>(List.of("default"));
                body.path("policies").forEach(name -> names.add(name.asString("")));
                yield VaultReply.auth(
                        token(
                                        "hvs.SIM" + ids.incrementAndGet(),
                                        names,
                                        seconds(body.path("ttl"), DEFAULT_TTL_SECONDS),
                                        seconds(body.path("explicit_max_ttl"), 0),
                                        body.path("renewable").asBoolean(true),
                                        nowMillis)
                                .auth(nowMillis),
                        null);
            }
            default -> VaultReply.error(404);
        };
    }

    private VaultReply role(String mount, String path, JsonNode body) {
        if (!path.startsWith("role/")) {
            return VaultReply.nothing();
        }
        String name = path.substring("role/".length());
        Role role = roles.computeIfAbsent(mount + "/" + name, absent -> new Role());
        List<String> names = new ArrayList<>(List.of("default"));
        JsonNode listed = body.path("token_policies");
        if (listed.isString()) {
            names.addAll(List.of(listed.asString("").split(",")));
        } else {
            listed.forEach(each -> names.add(each.asString("")));
        }
        role.policies = names;
        role.ttlSeconds = seconds(body.path("token_ttl"), DEFAULT_TTL_SECONDS);
        role.maxTtlSeconds = seconds(body.path("token_max_ttl"), 0);
        if (role.roleId.isEmpty()) {
            role.roleId = "role-" + ids.incrementAndGet();
        }
        return VaultReply.nothing();
    }

    private VaultReply appRole(String operation, String mount, String path, JsonNode body) {
        String[] parts = path.split("/", -1);
        if (parts.length == 2) {
            return role(mount, path, body);
        }
        Role role = parts.length == 3 ? roles.get(mount + "/" + parts[1]) : null;
        if (role == null) {
            return VaultReply.error(404);
        }
        if (parts[2].equals("role-id") && operation.equals("write")) {
            role.roleId = body.path("role_id").asString("");
            return VaultReply.nothing();
        }
        if (parts[2].equals("role-id") && operation.equals("read")) {
            return VaultReply.data(JsonNodeFactory.instance.objectNode().put("role_id", role.roleId));
        }
        if (parts[2].equals("secret-id") || parts[2].equals("custom-secret-id")) {
            String secretId = body.path("secret_id").asString("secret-" + ids.incrementAndGet());
            role.secretIds.put(secretId, body.path("num_uses").asInt(0));
            return VaultReply.data(JsonNodeFactory.instance
                    .objectNode()
                    .put("secret_id", secretId)
                    .put("secret_id_accessor", "accessor-of-secret-" + ids.get())
                    .put("secret_id_num_uses", 0)
                    .put("secret_id_ttl", 0));
        }
        return VaultReply.error(404);
    }

    private VaultReply appRoleLogin(String mount, JsonNode body, long nowMillis) {
        for (Map.Entry<String, Role> each : roles.entrySet()) {
            Role role = each.getValue();
            if (each.getKey().startsWith(mount + "/")
                    && role.roleId.equals(body.path("role_id").asString(""))
                    && use(role, body.path("secret_id").asString(""))) {
                return loggedIn(role, nowMillis);
            }
        }
        return VaultReply.error(400, "invalid role or secret ID");
    }

    private static boolean use(Role role, String secretId) {
        Integer left = role.secretIds.get(secretId);
        if (left == null) {
            return false;
        }
        if (left == 1) {
            role.secretIds.remove(secretId);
        } else if (left > 1) {
            role.secretIds.put(secretId, left - 1);
        }
        return true;
    }

    private VaultReply kubernetesLogin(String mount, JsonNode body, long nowMillis) {
        Role role = roles.get(mount + "/" + body.path("role").asString(""));
        if (role == null) {
            return VaultReply.error(400, "invalid role name");
        }
        return body.path("jwt").asString("").equals(role.serviceAccountToken)
                ? loggedIn(role, nowMillis)
                : VaultReply.denied();
    }

    private VaultReply loggedIn(Role role, long nowMillis) {
        return VaultReply.auth(
                token(
                                "hvs.SIM" + ids.incrementAndGet(),
                                role.policies,
                                role.ttlSeconds,
                                role.maxTtlSeconds,
                                true,
                                nowMillis)
                        .auth(nowMillis),
                null);
    }

    /** A number of seconds, or a text such as {@code 20m}. */
    private static long seconds(JsonNode value, long fallback) {
        if (value.isNumber()) {
            return value.asLong();
        }
        String text = value.asString("");
        if (text.isEmpty()) {
            return fallback;
        }
        char unit = text.charAt(text.length() - 1);
        if (Character.isDigit(unit)) {
            return Long.parseLong(text);
        }
        long number = Long.parseLong(text.substring(0, text.length() - 1));
        return switch (unit) {
            case 's' -> number;
            case 'm' -> number * 60;
            case 'h' -> number * 3_600;
            case 'd' -> number * 86_400;
            default -> throw new IllegalArgumentException("time parameter " + text);
        };
    }
}
