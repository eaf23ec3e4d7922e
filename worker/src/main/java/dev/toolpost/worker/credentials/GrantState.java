package dev.toolpost.worker.credentials;

import org.jspecify.annotations.Nullable;

/**
 * Where the OAuth grant of a connection stands, kept beside its secret and changed together with it. Immutable; holds no
 * secret.
 *
 * @param intent who refreshes now, or null
 * @param dead that it must be authorised anew, or null
 * @param obtainedAt epoch milliseconds at which the access token was asked for; 0 where that is not known
 */
public record GrantState(
        @Nullable RefreshIntent intent, @Nullable DeadGrant dead, long obtainedAt) {

    /** Nobody refreshes, nothing is dead, nothing was fetched: what every connection begins with. */
    public static final GrantState NONE = new GrantState(null, null, 0);

    public GrantState withIntent(@Nullable RefreshIntent other) {
        return new GrantState(other, dead, obtainedAt);
    }

    /** Not known to be dead, since something that it goes by has changed. */
    public GrantState alive() {
        return new GrantState(intent, null, obtainedAt);
    }

    /** Dead, and nobody refreshes any more. */
    public GrantState died(DeadGrant marker) {
        return new GrantState(null, marker, obtainedAt);
    }
}
