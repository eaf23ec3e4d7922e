package dev.toolpost.worker.oauth;

import dev.toolpost.connectors.Auth;
import dev.toolpost.worker.credentials.StoredConnection;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * When a grant that nobody uses is refreshed so that it does not die of that. Immutable.
 *
 * @param every how often it is looked for such grants; zero for never
 * @param after how long a grant may be left alone, also where the connector names no end of unused grants; null leaves it to connectors
 */
public record IdleGrants(Duration every, @Nullable Duration after) {
    /** Of the time after which the vendor ends the grant. The rest is for workers that are away, and for refreshes that fail. */
    private static final double EARLIEST = 0.5;

    private static final double SPREAD = 0.2;

    private static final Duration LONGEST_REST = Duration.ofDays(1);
    private static final int PARTS = 20;

    /** Whether such grants are looked for at all. */
    public boolean isOn() {
        return every.isPositive();
    }

    /** Whether grants of this kind die unused, as far as anybody has said. */
    public boolean concerns(Auth auth) {
        return auth instanceof Auth.OAuth2 oauth && limit(oauth) != null;
    }

    /** Whether the grant is to be refreshed now. Connections that began together are not due together. Pure. */
    public boolean isDue(StoredConnection stored, Auth.OAuth2 auth, long nowMillis) {
        return dueAt(stored, auth) <= nowMillis;
    }

    /** From when on it is to be refreshed, in epoch milliseconds; {@link Long#MAX_VALUE} for never. Pure. */
    long dueAt(StoredConnection stored, Auth.OAuth2 auth) {
        Duration limit = limit(auth);
        if (limit == null || !Grant.hasRefreshToken(stored.secret()) || Grant.dead(stored) != null) {
            return Long.MAX_VALUE;
        }
        // Names that differ in their last letter alone are far apart, too.
        double part = ((stored.connection().id().hashCode() * 0x9E3779B9) >>> 16) / 65_536.0;
        return stored.grant().obtainedAt() + (long) (limit.toMillis() * (EARLIEST + SPREAD * part));
    }

    /** After how long a connection is read again that was not due: it may have been replaced by one that is due sooner. */
    Duration again() {
        Duration part = after == null ? LONGEST_REST : after.dividedBy(PARTS);
        return part.compareTo(LONGEST_REST) < 0 ? part : LONGEST_REST;
    }

    private @Nullable Duration limit(Auth.OAuth2 auth) {
        Duration said = auth.expiresUnused();
        if (after == null || (said != null && said.compareTo(after) < 0)) {
            return said;
        }
        return after;
    }
}
