package dev.toolpost.worker.credentials;

import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Connections in memory, gone with the process: for tests and demonstrations. */
public final class InMemoryCredentialStore implements CredentialStore {

    private final ConcurrentMap<String, StoredConnection> connections = new ConcurrentHashMap<>();
    private final AtomicLong lastVersion = new AtomicLong();

    @Override
    public @Nullable StoredConnection find(String tenant, String connection) {
        return connections.get(tenant + "/" + connection);
    }

    @Override
    public @Nullable StoredConnection findNow(String tenant, String connection) {
        return find(tenant, connection);
    }

    @Override
    public List<ConnectionRecord> list(@Nullable String tenant) {
        return connections.values().stream()
                .map(StoredConnection::connection)
                .filter(each -> tenant == null || each.tenant().equals(tenant))
                .sorted(ConnectionRecord.BY_IDENTITY)
                .toList();
    }

    @Override
    public long put(ConnectionRecord connection, Secret secret, GrantState grant, long expectedVersion) {
        long version = lastVersion.incrementAndGet();
        connections.compute(connection.id(), (id, current) -> {
            long actual = current == null ? ABSENT : current.version();
            if (expectedVersion != ANY && expectedVersion != actual) {
                throw new VersionConflictException(id, expectedVersion, actual);
            }
            return new StoredConnection(connection, secret, grant, version);
        });
        return version;
    }

    @Override
    public boolean remove(String tenant, String connection) {
        return connections.remove(tenant + "/" + connection) != null;
    }
}
