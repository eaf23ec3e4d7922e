package dev.toolpost.worker.credentials;

import dev.toolpost.schemas.Ids;
import dev.toolpost.worker.vault.VaultAnswer;
import dev.toolpost.worker.vault.VaultClient;
import dev.toolpost.worker.vault.VaultRefusedException;
import dev.toolpost.worker.vault.VaultUnavailableException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Connections in HashiCorp Vault or OpenBao: one secret of a KV engine of version 2 each, at
 * {@code <mount>/<prefix>/<tenant>/<connection>}, with the fields {@code connection}, {@code secret} and {@code grant}. Every
 * write is a check-and-set. What was read stays in memory for a bounded time.
 *
 * <p>A connection that is removed leaves a secret behind that holds nothing but that, and its versions before are
 * destroyed: so versions are never used twice, and nobody who knew the old connection can bring it back or write over a new
 * one. Thread-safe.
 *
 * @see <a href="https://developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2">KV version 2</a>
 */
public final class VaultCredentialStore implements CredentialStore {

    private static final Logger log = LoggerFactory.getLogger(VaultCredentialStore.class);

    private static final int MOST_TRIES = 10;

    /** Half of what the client sends at once: calls go on beside a long list. */
    private static final int LISTED_AT_ONCE = 16;

    /** More than the engine keeps of one secret unless told otherwise, which is ten. */
    private static final int DESTROYED_AT_ONCE = 200;

    private static final String REMOVED = "removed";

    private final VaultClient vault;
    private final String mount;
    private final String prefix;
    private final LongSupplier nanoTime;
    private final CredentialCache cache;
    private final SharedReads<Slot> reads = new SharedReads<>();

    /**
     * @param vault closed with this store
     * @param mount of the KV engine, without slashes at its ends
     * @param prefix below the mount, without slashes at its ends
     * @param cacheTtl for how long a connection is used without looking whether it changed
     * @param cacheSize connections in memory at most
     */
    public VaultCredentialStore(
            VaultClient vault, String mount, String prefix, Duration cacheTtl, int cacheSize, LongSupplier nanoTime) {
        this.vault = vault;
        this.mount = mount;
        this.prefix = prefix;
        this.nanoTime = nanoTime;
        this.cache = new CredentialCache(cacheTtl, cacheSize, nanoTime);
    }

    /**
     * What is at the place of a connection.
     *
     * @param stored null where there is no connection
     * @param version that the next write has to name; 0 where nothing was ever there
     */
    private record Slot(@Nullable StoredConnection stored, long version) {}

    // Ids become a path, so what is none is nowhere.
    @Override
    public @Nullable StoredConnection find(String tenant, String connection) {
        if (!Ids.isId(tenant) || !Ids.isId(connection)) {
            return null;
        }
        String id = tenant + "/" + connection;
        return switch (cache.find(id)) {
            case CredentialCache.Known.Is(StoredConnection stored) -> stored;
            case CredentialCache.Known.Nothing() ->
                reads.read(id, () -> readSlot(id)).stored();
        };
    }

    @Override
    public @Nullable StoredConnection findNow(String tenant, String connection) {
        return Ids.isId(tenant) && Ids.isId(connection)
                ? slotNow(tenant + "/" + connection).stored()
                : null;
    }

    @Override
    public List<ConnectionRecord> list(@Nullable String tenant) {
        List<String> ids = tenant == null ? names() : Ids.isId(tenant) ? namesOf(tenant + "/") : List.of();
        try (ExecutorService threads =
                Executors.newFixedThreadPool(LISTED_AT_ONCE, Thread.ofVirtual().factory())) {
            List<Future<@Nullable ConnectionRecord>> found = new ArrayList<>();
            for (String id : ids) {
                found.add(threads.submit(() -> listed(id)));
            }
            List<ConnectionRecord> all = new ArrayList<>();
            for (Future<@Nullable ConnectionRecord> each : found) {
                ConnectionRecord record = each.get();
                if (record != null) {
                    all.add(record);
                }
            }
            all.sort(ConnectionRecord.BY_IDENTITY);
            return List.copyOf(all);
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof CredentialsUnavailableException unavailable) {
                throw unavailable;
            }
            throw new IllegalStateException(failed.getCause());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new CredentialsUnavailableException("interrupted while listing connections", interrupted);
        }
    }

    @Override
    public List<String> names() {
        return below("").stream()
                .filter(tenant -> tenant.endsWith("/"))
                .flatMap(tenant -> namesOf(tenant).stream())
                .toList();
    }

    private List<String> namesOf(String tenant) {
        return below(tenant).stream()
                .filter(name -> !name.endsWith("/"))
                .map(name -> tenant + name)
                .toList();
    }

    /** Null for what is no connection any more, or none that can be read: one that is broken hides no others. */
    private @Nullable ConnectionRecord listed(String id) {
        try {
            StoredConnection stored = readSlot(id).stored();
            return stored == null ? null : stored.connection();
        } catch (UnreadableConnectionException broken) {
            log.warn("{}", broken.getMessage());
            return null;
        }
    }

    private List<String> below(String place) {
        VaultAnswer answer = ask(() -> vault.list(mount + "/metadata/" + path(place)));
        List<String> names = new ArrayList<>();
        if (answer.status() == 404) {
            requireMount(answer);
            return names;
        }
        require200(answer, "listed", "metadata/" + path(place));
        for (JsonNode name : answer.body().path("data").path("keys")) {
            names.add(name.asString(""));
        }
        return names;
    }

    @Override
    public long put(ConnectionRecord connection, Secret secret, GrantState grant, long expectedVersion) {
        String id = connection.id();
        ObjectNode data = JsonNodeFactory.instance.objectNode();
        data.set("connection", ConnectionJson.write(connection));
        data.set("secret", ConnectionJson.write(secret.values()));
        data.set("grant", GrantJson.write(grant));
        StoredConnection fresh = new StoredConnection(connection, secret, grant, 0);
        if (expectedVersion == ANY) {
            for (int i = 0; i < MOST_TRIES; i++) {
                Slot there = slotNow(id);
                if (write(id, data, fresh, there.version())) {
                    return stored(fresh, there.version() + 1);
                }
            }
            throw new CredentialsUnavailableException(
                    "connection " + id + " was changed by others " + MOST_TRIES + " times while it was to be replaced");
        }
        if (write(id, data, fresh, expectedVersion)) {
            return stored(fresh, expectedVersion + 1);
        }
        Slot there = slotNow(id);
        if (expectedVersion == ABSENT && there.stored() == null && write(id, data, fresh, there.version())) {
            return stored(fresh, there.version() + 1);
        }
        throw new VersionConflictException(id, expectedVersion, there.stored() == null ? ABSENT : there.version());
    }

    private long stored(StoredConnection fresh, long version) {
        StoredConnection now = new StoredConnection(fresh.connection(), fresh.secret(), fresh.grant(), version);
        StoredConnection _ = cache.put(fresh.connection().id(), now, nanoTime.getAsLong());
        return version;
    }

    @Override
    public boolean remove(String tenant, String connection) {
        if (!Ids.isId(tenant) || !Ids.isId(connection)) {
            return false;
        }
        String id = tenant + "/" + connection;
        ObjectNode nothing = JsonNodeFactory.instance.objectNode().put(REMOVED, true);
        for (int i = 0; i < MOST_TRIES; i++) {
            Slot there = slotNow(id);
            if (there.stored() == null) {
                return false;
            }
            if (write(id, nothing, null, there.version())) {
                StoredConnection _ = cache.put(id, null, nanoTime.getAsLong());
                destroy(id, there.version());
                return true;
            }
        }
        throw new CredentialsUnavailableException(
                "connection " + id + " was changed by others " + MOST_TRIES + " times while it was to be removed");
    }

    private void destroy(String id, long newest) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        var versions = body.putArray("versions");
        for (long version = Math.max(1, newest - DESTROYED_AT_ONCE + 1); version <= newest; version++) {
            versions.add(version);
        }
        VaultAnswer answer;
        try {
            answer = ask(() -> vault.write(mount + "/destroy/" + path(id), body));
        } catch (CredentialsUnavailableException failed) {
            throw new CredentialsUnavailableException(
                    "connection " + id + " is removed, but its old versions are still in Vault: " + failed.getMessage()
                            + ". Destroy them: vault kv metadata delete -mount=" + mount + " " + path(id),
                    failed);
        }
        if (answer.status() != 204 && answer.status() != 200) {
            require200(answer, "destroyed", "destroy/" + path(id));
        }
    }

    /** Writes if the version is still that; a write without an answer that was carried out all the same is no conflict with itself. */
    private boolean write(String id, ObjectNode data, @Nullable StoredConnection fresh, long version) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.set("data", data);
        body.putObject("options").put("cas", version);
        VaultAnswer answer = ask(() -> vault.write(mount + "/data/" + path(id), body));
        if (answer.status() == 200) {
            return true;
        }
        if (answer.status() != 400) {
            if (answer.status() == 404) {
                requireMount(answer);
            }
            require200(answer, "written", "data/" + path(id));
        }
        Slot there = slotNow(id);
        if (there.version() == version) {
            throw new CredentialsUnavailableException("Vault refuses to store connection " + id
                    + " (400) although its version is the expected one (expected: a KV engine of version 2 at " + mount
                    + ")");
        }
        return answer.afterDoubt() && there.version() == version + 1 && isOf(there.stored(), fresh);
    }

    private static boolean isOf(@Nullable StoredConnection there, @Nullable StoredConnection fresh) {
        if (there == null || fresh == null) {
            return there == null && fresh == null;
        }
        return there.connection().equals(fresh.connection())
                && there.secret().equals(fresh.secret())
                && there.grant().equals(fresh.grant());
    }

    @Override
    public boolean wantsToHearOfChanges() {
        return true;
    }

    @Override
    public void changedElsewhere(String tenant, String connection) {
        String id = tenant + "/" + connection;
        cache.forget(id, reads.isUnderWay(id));
    }

    @Override
    public void close() {
        vault.close();
    }

    VaultClient client() {
        return vault;
    }

    /** Connections in memory. */
    int remembered() {
        return cache.size();
    }

    private Slot slotNow(String id) {
        return reads.readAnew(id, () -> readSlot(id));
    }

    private Slot readSlot(String id) {
        long began = nanoTime.getAsLong();
        VaultAnswer answer = ask(() -> vault.read(mount + "/data/" + path(id)));
        JsonNode data = answer.body().path("data");
        long version = data.path("metadata").path("version").asLong(0);
        if (answer.status() == 404) {
            if (version == 0) {
                requireMount(answer);
            }
            StoredConnection _ = cache.put(id, null, began);
            return new Slot(null, version);
        }
        require200(answer, "read", "data/" + path(id));
        JsonNode content = data.path("data");
        if (version == 0 || !content.isObject()) {
            throw new UnreadableConnectionException(mount + "/" + path(id)
                    + " is answered without a version (expected: a KV engine of version 2 at " + mount + ")");
        }
        if (content.path(REMOVED).asBoolean(false)) {
            StoredConnection _ = cache.put(id, null, began);
            return new Slot(null, version);
        }
        StoredConnection stored = connection(id, content, version);
        return new Slot(cache.put(id, stored, began), version);
    }

    private StoredConnection connection(String id, JsonNode content, long version) {
        ConnectionRecord record;
        Secret secret;
        try {
            record = ConnectionJson.read(content.path("connection"));
            secret = Secret.of(ConnectionJson.readTexts(content.path("secret"), "secret"));
        } catch (IllegalArgumentException unfit) {
            throw new UnreadableConnectionException(mount + "/" + path(id) + " holds no connection: "
                    + unfit.getMessage() + ". Write connections with toolpost connections add");
        }
        if (!record.id().equals(id)) {
            throw new UnreadableConnectionException(mount + "/" + path(id) + " holds the connection " + record.id()
                    + " (expected: that of its path). Write connections with toolpost connections add");
        }
        return new StoredConnection(record, secret, GrantJson.read(content.path("grant")), version);
    }

    private VaultAnswer ask(Supplier<VaultAnswer> request) {
        try {
            return request.get();
        } catch (VaultRefusedException refused) {
            throw new CredentialsRefusedException(String.valueOf(refused.getMessage()), refused);
        } catch (VaultUnavailableException unavailable) {
            throw new CredentialsUnavailableException(String.valueOf(unavailable.getMessage()), unavailable);
        }
    }

    /** A 404 that says why is not about a secret that is missing. */
    private void requireMount(VaultAnswer answer) {
        if (answer.hasErrors()) {
            throw new CredentialsUnavailableException("Vault has no KV engine at " + mount
                    + " (expected: credentials.vault.mount names one of version 2, in credentials.vault.namespace)");
        }
    }

    private void require200(VaultAnswer answer, String verb, String path) {
        if (answer.status() != 200) {
            throw new CredentialsUnavailableException("Vault answers " + answer.status() + " where " + mount + "/"
                    + path + " is to be " + verb + " (expected: 200 from a KV engine of version 2)");
        }
    }

    private String path(String id) {
        return prefix.isEmpty() ? id : prefix + "/" + id;
    }
}
