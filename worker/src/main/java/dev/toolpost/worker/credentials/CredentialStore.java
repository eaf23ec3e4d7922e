package dev.toolpost.worker.credentials;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where connections and their secrets are kept. Thread-safe; may block on I/O.
 *
 * <p>Every method throws {@link CredentialsUnavailableException} when the store cannot answer now; a caller may try again.
 */
public interface CredentialStore extends AutoCloseable {

    /** For {@link #put}: the connection must not exist yet. */
    long ABSENT = 0;

    /** For {@link #put}: whatever is there is replaced. */
    long ANY = -1;

    /** The connection, or null if there is none. */
    @Nullable
    StoredConnection find(String tenant, String connection) throws CredentialsUnavailableException;

    /**
     * The connection as it is stored at this moment, past whatever is kept in memory; for decisions that a change by
     * another process must not escape.
     */
    @Nullable
    StoredConnection findNow(String tenant, String connection) throws CredentialsUnavailableException;

    /** All connections of a tenant, or of all tenants for null, in the order of tenant and connection. */
    List<ConnectionRecord> list(@Nullable String tenant) throws CredentialsUnavailableException;

    /**
     * The names of all connections, each {@code tenant/connection}, without reading what is in them; one may be gone meanwhile.
     *
     * @throws CredentialsRefusedException where this process may not know them
     */
    default List<String> names() throws CredentialsUnavailableException {
        return list(null).stream().map(ConnectionRecord::id).toList();
    }

    /**
     * Stores the connection if its version is still the expected one. When this returns, the change survives a crash.
     *
     * @param expectedVersion a version as found, {@link #ABSENT} or {@link #ANY}
     * @return the new version
     * @throws VersionConflictException if another version is there; nothing was changed
     */
    long put(ConnectionRecord connection, Secret secret, GrantState grant, long expectedVersion)
            throws CredentialsUnavailableException, VersionConflictException;

    /** The same for a connection that begins anew: what was known of an earlier grant is forgotten. */
    default long put(ConnectionRecord connection, Secret secret, long expectedVersion)
            throws CredentialsUnavailableException, VersionConflictException {
        return put(connection, secret, GrantState.NONE, expectedVersion);
    }

    /** Removes the connection; false if there was none. */
    boolean remove(String tenant, String connection) throws CredentialsUnavailableException;

    /** Whether it remembers what others may change unseen, and wants to be told of it. */
    default boolean wantsToHearOfChanges() {
        return false;
    }

    /** Told that another process has changed a connection: what is kept of it in memory is looked at anew. */
    default void changedElsewhere(String tenant, String connection) {}

    /** Ends what runs for the store; nothing by default. */
    @Override
    default void close() {}
}
