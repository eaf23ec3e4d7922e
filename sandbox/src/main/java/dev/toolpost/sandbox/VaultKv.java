package dev.toolpost.sandbox;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * A KV engine of version 2. Not thread-safe.
 *
 * @see <a href="https://developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2">its API</a>
 */
final class VaultKv {

    private static final int DEFAULT_MAX_VERSIONS = 10;
    private static final String MISMATCH = "check-and-set parameter did not match the current version";

    private final NavigableMap<String, Key> keys = new TreeMap<>();
    private int maxVersions;
    private boolean casRequired;

    private static final class Key {
        private final NavigableMap<Long, Version> versions = new TreeMap<>();
        private long current;
    }

    private static final class Version {
        private @Nullable JsonNode data;
        private final long createdMillis;
        private @Nullable Long deletedMillis;

        Version(@Nullable JsonNode data, long createdMillis) {
            this.data = data;
            this.createdMillis = createdMillis;
        }
    }

    /** Whether a write to the path is an update and no creation. */
    boolean exists(String path) {
        return path.startsWith("data/") && keys.containsKey(path.substring("data/".length()));
    }

    VaultReply handle(String operation, String path, @Nullable String version, JsonNode body, long nowMillis) {
        int slash = path.indexOf('/');
        String part = slash < 0 ? path : path.substring(0, slash);
        String name = slash < 0 ? "" : path.substring(slash + 1);
        return switch (part) {
            case "config" -> config(operation, body);
            case "data" -> data(operation, name, version, body, nowMillis);
            case "metadata" -> metadata(operation, name);
            case "delete" -> each(name, body, found -> found.deletedMillis = nowMillis);
            case "undelete" -> each(name, body, found -> found.deletedMillis = null);
            case "destroy" -> each(name, body, found -> found.data = null);
            default -> VaultReply.error(404);
        };
    }

    private VaultReply config(String operation, JsonNode body) {
        if (operation.equals("write")) {
            maxVersions = body.path("max_versions").asInt(maxVersions);
            casRequired = body.path("cas_required").asBoolean(casRequired);
            return VaultReply.nothing();
        }
        return VaultReply.data(JsonNodeFactory.instance
                .objectNode()
                .put("cas_required", casRequired)
                .put("max_versions", maxVersions));
    }

    private VaultReply data(String operation, String name, @Nullable String version, JsonNode body, long nowMillis) {
        Key key = keys.get(name);
        return switch (operation) {
            case "read" -> read(key, version);
            case "write" -> write(name, key, body, nowMillis);
            case "delete" -> {
                Version latest = key == null ? null : key.versions.get(key.current);
                if (latest != null && latest.deletedMillis == null) {
                    latest.deletedMillis = nowMillis;
                }
                yield VaultReply.nothing();
            }
            default -> VaultReply.error(405, "unsupported operation");
        };
    }

    private static VaultReply read(@Nullable Key key, @Nullable String wanted) {
        if (key == null) {
            return VaultReply.error(404);
        }
        long number = wanted == null || wanted.equals("0") ? key.current : Long.parseLong(wanted);
        Version found = key.versions.get(number);
        if (found == null) {
            return VaultReply.error(404);
        }
        ObjectNode data = JsonNodeFactory.instance.objectNode();
        boolean gone = found.data == null || found.deletedMillis != null;
        data.set("data", gone ? JsonNodeFactory.instance.nullNode() : found.data);
        data.set("metadata", about(number, found));
        return VaultReply.data(gone ? 404 : 200, data);
    }

    private VaultReply write(String name, @Nullable Key found, JsonNode body, long nowMillis) {
        JsonNode data = body.path("data");
        if (!data.isObject()) {
            return VaultReply.error(400, "no data provided");
        }
        JsonNode cas = body.path("options").path("cas");
        long current = found == null ? 0 : found.current;
        if (casRequired && !cas.isNumber()) {
            return VaultReply.error(400, "check-and-set parameter required for this call");
        }
        if (cas.isNumber() && cas.asLong() != current) {
            return VaultReply.error(400, MISMATCH);
        }
        Key key = keys.computeIfAbsent(name, absent -> new Key());
        key.current = current + 1;
        Version fresh = new Version(data.deepCopy(), nowMillis);
        key.versions.put(key.current, fresh);
        int most = maxVersions == 0 ? DEFAULT_MAX_VERSIONS : maxVersions;
        while (key.versions.size() > most) {
            key.versions.pollFirstEntry();
        }
        return VaultReply.data(about(key.current, fresh));
    }

    private static ObjectNode about(long number, Version version) {
        ObjectNode about = JsonNodeFactory.instance.objectNode();
        about.put("created_time", Instant.ofEpochMilli(version.createdMillis).toString());
        about.putNull("custom_metadata");
        Long deleted = version.deletedMillis;
        about.put(
                "deletion_time",
                deleted == null ? "" : Instant.ofEpochMilli(deleted).toString());
        about.put("destroyed", version.data == null);
        about.put("version", number);
        return about;
    }

    private VaultReply metadata(String operation, String name) {
        return switch (operation) {
            case "list" -> list(name);
            case "delete" -> {
                keys.remove(name);
                yield VaultReply.nothing();
            }
            case "read" -> {
                Key key = keys.get(name);
                if (key == null) {
                    yield VaultReply.error(404);
                }
                ObjectNode about = JsonNodeFactory.instance.objectNode();
                about.put("current_version", key.current);
                about.put("oldest_version", key.versions.firstKey());
                ObjectNode versions = about.putObject("versions");
                key.versions.forEach((number, version) -> versions.set(Long.toString(number), about(number, version)));
                yield VaultReply.data(about);
            }
            default -> VaultReply.error(405, "unsupported operation");
        };
    }

    private VaultReply list(String name) {
        String below = name.isEmpty() || name.endsWith("/") ? name : name + "/";
        TreeSet<String> names = new TreeSet<>();
        for (String key : keys.keySet()) {
            if (key.startsWith(below)) {
                String rest = key.substring(below.length());
                int slash = rest.indexOf('/');
                names.add(slash < 0 ? rest : rest.substring(0, slash + 1));
            }
        }
        if (names.isEmpty()) {
            return VaultReply.error(404);
        }
        ObjectNode data = JsonNodeFactory.instance.objectNode();
        var list = data.putArray("keys");
        names.forEach(list::add);
        return VaultReply.data(data);
    }

    private interface Change {
        void of(Version version);
    }

    private VaultReply each(String name, JsonNode body, Change change) {
        List<Long> numbers = new ArrayList<>();
        body.path("versions").forEach(number -> numbers.add(number.asLong()));
        if (numbers.isEmpty()) {
            return VaultReply.error(400, "no version number provided");
        }
        Key key = keys.get(name);
        if (key == null) {
            return VaultReply.error(404);
        }
        for (long number : numbers) {
            Version version = key.versions.get(number);
            if (version != null) {
                change.of(version);
            }
        }
        return VaultReply.nothing();
    }
}
