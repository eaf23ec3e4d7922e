package dev.toolpost.worker.oauth;

import dev.toolpost.connectors.Auth;
import dev.toolpost.connectors.Connector;
import dev.toolpost.connectors.ConnectorCatalogue;
import dev.toolpost.worker.credentials.CredentialStore;
import dev.toolpost.worker.credentials.CredentialsRefusedException;
import dev.toolpost.worker.credentials.CredentialsUnavailableException;
import dev.toolpost.worker.credentials.StoredConnection;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.BiPredicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the connections of one pool's owned shards whose grants would die unused. Their names are listed and nothing else is read of others'; each is read when it
 * may be due, and once a day. Where the store does not let them be listed, those that calls have used are all that is known. Not thread-safe.
 */
public final class IdleConnections {
    private static final Logger log = LoggerFactory.getLogger(IdleConnections.class);

    private final String pool;
    private final CredentialStore store;
    private final Supplier<? extends Collection<String>> used;
    private final IdleGrants idle;
    private final InstantSource clock;
    private final Map<String, Long> restsUntil = new HashMap<>();
    private String told = "";

    /** A connection whose grant is to be refreshed. */
    public record Due(StoredConnection stored, Connector connector, Auth.OAuth2 auth) {}

    /** The name of a connection. */
    public record Name(String tenant, String connection) {
        String id() {
            return tenant + "/" + connection;
        }
    }

    /** @param used the connections that calls of this process have used, each {@code tenant/connection} */
    public IdleConnections(
            String pool,
            CredentialStore store,
            Supplier<? extends Collection<String>> used,
            IdleGrants idle,
            InstantSource clock) {
        this.pool = pool;
        this.store = store;
        this.used = used;
        this.idle = idle;
        this.clock = clock;
    }

    /**
     * Those to look at now.
     *
     * @param owned whether the connection of a tenant belongs to this worker
     */
    public List<Name> toLookAt(BiPredicate<String, String> owned) {
        TreeSet<String> ids = new TreeSet<>();
        for (String id : listed()) {
            int slash = id.indexOf('/');
            if (slash > 0 && owned.test(id.substring(0, slash), id.substring(slash + 1))) {
                ids.add(id);
            }
        }
        restsUntil.keySet().retainAll(ids);
        long now = clock.millis();
        return ids.stream()
                .filter(id -> restsUntil.getOrDefault(id, now) <= now)
                .map(id -> new Name(id.substring(0, id.indexOf('/')), id.substring(id.indexOf('/') + 1)))
                .toList();
    }

    private Collection<String> listed() {
        try {
            Collection<String> all = store.names();
            if (!told.isEmpty()) {
                told = "";
                log.info("Pool {} keeps all its unused grants alive again", pool);
            }
            return all;
        } catch (CredentialsRefusedException refused) {
            tell(
                    "refused",
                    "may not list connections, so grants that no call of this worker has used since its start are not kept alive and die at"
                            + " vendors that end unused ones. Let its policy list the metadata of its prefix (docs/credentials.md, Grants that nobody"
                            + " uses), or set credentials.idle_check to 0s where this is meant",
                    refused);
        } catch (CredentialsUnavailableException unavailable) {
            tell("away", "cannot list connections now, and looks after those that it has used", unavailable);
        }
        return used.get();
    }

    private void tell(String kind, String what, CredentialsUnavailableException why) {
        if (!told.equals(kind)) {
            told = kind;
            log.warn("Pool {} {}: {}", pool, what, why.getMessage());
        }
    }

    /** The connection as it is stored, where its grant is due; null where it is not, or nothing can be said now. */
    public @Nullable Due due(Name name, ConnectorCatalogue catalogue) {
        StoredConnection stored;
        try {
            stored = store.find(name.tenant(), name.connection());
        } catch (CredentialsUnavailableException unavailable) {
            log.debug("Connection {} cannot be read now: {}", name.id(), unavailable.getMessage());
            return null;
        }
        long now = clock.millis();
        Connector connector =
                stored == null ? null : catalogue.byVendor(stored.connection().vendor());
        if (stored == null
                || connector == null
                || !connector.pool().equals(pool)
                || !(connector.auth(stored.connection().authKind()) instanceof Auth.OAuth2 auth)) {
            rest(name, now, Long.MAX_VALUE);
            return null;
        }
        if (idle.isDue(stored, auth, now)) {
            return new Due(stored, connector, auth);
        }
        rest(name, now, idle.dueAt(stored, auth));
        return null;
    }

    private void rest(Name name, long now, long dueAt) {
        restsUntil.put(name.id(), Math.min(dueAt, now + idle.again().toMillis()));
    }
}
