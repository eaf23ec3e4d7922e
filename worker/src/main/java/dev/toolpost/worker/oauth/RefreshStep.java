package dev.toolpost.worker.oauth;

import dev.toolpost.connectors.Auth;
import dev.toolpost.worker.credentials.DeadGrant;
import dev.toolpost.worker.credentials.RefreshIntent;
import dev.toolpost.worker.credentials.StoredConnection;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What whoever wants another access token does next, from what is stored. */
sealed interface RefreshStep {

    /** A usable token is there. */
    record Use() implements RefreshStep {}

    /** The refresh token is not accepted any more. */
    record Dead(DeadGrant marker) implements RefreshStep {}

    /** Somebody else refreshes: look again soon. */
    record Await(RefreshIntent intent) implements RefreshStep {}

    /** Write this intent, and when it is written make the token request. */
    record Take(RefreshIntent intent) implements RefreshStep {}

    /**
     * Somebody was lost while refreshing, and the refresh token may have been replaced by one that nobody knows: say that
     * it is dead.
     */
    record Bury(DeadGrant marker) implements RefreshStep {}

    /**
     * Decides. Pure.
     *
     * <p>An intent of this process was left by a refresh that has ended: it made no request, or got no answer. Any other
     * one may still be answered until it expires, and is only called lost once it was watched for so long: clocks differ.
     *
     * @param unwanted the access token that is to be replaced, or null
     * @param owner this process
     * @param intentLife for how long a new intent counts
     * @param watchedLongEnough whether an intent that is there was seen for its whole life, whatever the clocks say
     */
    static RefreshStep decide(
            StoredConnection stored,
            @Nullable String unwanted,
            Auth.Fetched auth,
            String owner,
            boolean watchedLongEnough,
            Duration intentLife,
            long nowMillis) {
        if (Grant.isUsable(stored, unwanted, nowMillis)) {
            return new Use();
        }
        String hash = Grant.tokenHash(stored.secret());
        if (hash.isEmpty() || (auth instanceof Auth.OAuth2 && !Grant.hasRefreshToken(stored.secret()))) {
            return new Dead(new DeadGrant(hash, nowMillis, "no_refresh_token", "the connection has no refresh token"));
        }
        DeadGrant dead = Grant.dead(stored);
        if (dead != null) {
            return new Dead(dead);
        }
        RefreshIntent intent = stored.grant().intent();
        if (intent == null || !intent.tokenHash().equals(hash)) {
            return new Take(new RefreshIntent(owner, hash, nowMillis, nowMillis + intentLife.toMillis(), false));
        }
        if (intent.owner().equals(owner)) {
            return new Take(
                    new RefreshIntent(owner, hash, intent.since(), nowMillis + intentLife.toMillis(), intent.again()));
        }
        if (nowMillis < intent.expires() && !watchedLongEnough) {
            return new Await(intent);
        }
        if (!auth.rotates()) {
            return new Take(new RefreshIntent(owner, hash, intent.since(), nowMillis + intentLife.toMillis(), true));
        }
        Duration leeway = auth.reuseLeeway();
        if (leeway != null && !intent.again() && nowMillis - intent.since() < leeway.toMillis()) {
            return new Take(new RefreshIntent(owner, hash, intent.since(), nowMillis + intentLife.toMillis(), true));
        }
        if (!watchedLongEnough) {
            // The clocks say that it is over, and one of them may be wrong: what is buried wrongly costs somebody an
            // authorisation.
            return new Await(intent);
        }
        return new Bury(new DeadGrant(
                hash,
                nowMillis,
                "refresh_interrupted",
                "a worker was lost while it refreshed the token, and the vendor may have replaced what it was refreshed with by"
                        + " something that nobody received"));
    }
}
