package dev.toolpost.worker.oauth;

import dev.toolpost.worker.credentials.ConnectionRecord;

/** Told once of what happens to a grant, by the one worker that brought it about. Neither throws nor waits. */
public interface GrantEvents {

    /** A new access token is stored. */
    void refreshed(ConnectionRecord connection);

    /**
     * Somebody must authorise the account again.
     *
     * @param message why; holds no secret
     */
    void reauthorizationRequired(ConnectionRecord connection, String message);
}
