package dev.toolpost.worker.oauth;

import dev.toolpost.worker.credentials.ConnectionRecord;
import dev.toolpost.worker.credentials.CredentialStore;
import dev.toolpost.worker.credentials.GrantState;
import dev.toolpost.worker.credentials.StoredConnection;
import dev.toolpost.worker.credentials.VersionConflictException;
import org.jspecify.annotations.Nullable;

/** Stores a grant that a person has just given. */
public final class NewGrant {
    private static final int MOST_TRIES = 20;

    private NewGrant() {}

    /**
     * Stores it with check-and-set. It is newer than what a worker may have stored meanwhile of the grant before it, so it is tried again on what
     * is there then; of that the limits and labels stay.
     *
     * @param before the connection as it was when the person was asked, or null where there was none
     * @throws VersionConflictException where somebody else made a connection of this name meanwhile, or keeps changing it
     */
    public static StoredConnection store(
            CredentialStore store, Consented.Granted granted, @Nullable StoredConnection before) {
        ConnectionRecord connection = granted.connection();
        GrantState state = new GrantState(null, null, granted.atMillis());
        StoredConnection there = before;
        for (int i = 1; ; i++) {
            try {
                long version = store.put(
                        connection, granted.secret(), state, there == null ? CredentialStore.ABSENT : there.version());
                return new StoredConnection(connection, granted.secret(), state, version);
            } catch (VersionConflictException changed) {
                StoredConnection now = store.findNow(connection.tenant(), connection.connection());
                boolean other = now != null
                        && (before == null || !now.connection().vendor().equals(connection.vendor()));
                if (other || i == MOST_TRIES) {
                    throw changed;
                }
                there = now;
            }
        }
    }
}
