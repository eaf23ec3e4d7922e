package dev.toolpost.cli;

import dev.toolpost.connectors.Auth;
import dev.toolpost.worker.credentials.DeadGrant;
import dev.toolpost.worker.credentials.GrantState;
import dev.toolpost.worker.credentials.RefreshIntent;
import dev.toolpost.worker.credentials.StoredConnection;
import dev.toolpost.worker.oauth.Grant;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * Where the token of a connection stands that Toolpost fetches tokens for, without anything secret.
 *
 * @param state {@code reauthorization_required}, {@code refreshing}, {@code valid}, {@code ended} or {@code not_fetched}
 * @param validUntil when the access token ends, or null where there is none
 * @param message why it must be authorised again, or null
 */
record GrantView(
        String state,
        @Nullable Instant validUntil,
        @Nullable String message) {

    /** Kinds whose tokens are fetched; an id of the connector's own shows by what is stored once there was a token. */
    private static final Set<String> FETCHED =
            Set.of(Auth.OAuth2.KIND, Auth.ClientCredentials.KIND, Auth.JwtBearer.KIND, Auth.Session.KIND);

    /** Null for other kinds of authentication. */
    static @Nullable GrantView of(StoredConnection stored, InstantSource clock) {
        if (!FETCHED.contains(stored.connection().authKind())
                && stored.grant().equals(GrantState.NONE)
                && stored.secret().get(Auth.Fetched.EXPIRES_AT) == null) {
            return null;
        }
        long now = clock.millis();
        long expiresAt = Grant.expiresAt(stored.secret());
        Instant validUntil =
                expiresAt == 0 ? null : Instant.ofEpochMilli(expiresAt).truncatedTo(ChronoUnit.SECONDS);
        DeadGrant dead = Grant.dead(stored);
        if (dead != null) {
            return new GrantView("reauthorization_required", validUntil, dead.message());
        }
        RefreshIntent intent = stored.grant().intent();
        if (intent != null && now < intent.expires() && intent.tokenHash().equals(Grant.tokenHash(stored.secret()))) {
            return new GrantView("refreshing", validUntil, null);
        }
        String state = expiresAt == 0 ? "not_fetched" : now < expiresAt ? "valid" : "ended";
        return new GrantView(state, validUntil, null);
    }

    /** For a table. */
    String text() {
        String until = validUntil == null ? "" : " until " + validUntil;
        return switch (state) {
            case "valid" -> "valid" + until;
            case "ended" -> "ended at " + validUntil + ", the next call refreshes it";
            case "not_fetched" -> "not fetched yet, the first call does";
            case "refreshing" -> "refreshing";
            default -> "reauthorization required";
        };
    }

    void writeTo(ObjectNode node) {
        node.put("state", state)
                .put("valid_until", validUntil == null ? null : validUntil.toString())
                .put("message", message);
    }
}
