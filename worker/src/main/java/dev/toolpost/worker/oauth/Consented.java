package dev.toolpost.worker.oauth;

import dev.toolpost.worker.credentials.ConnectionRecord;
import dev.toolpost.worker.credentials.Secret;
import java.time.Duration;

/** What came of asking a person for a grant. Nothing of it can print one. */
public sealed interface Consented {

    /**
     * The vendor gave tokens.
     *
     * @param connection with the scopes that were granted, and with what the reply says of its variables
     * @param secret the client's fields, the tokens, and when the access token ends
     * @param renewable whether there is a refresh token
     * @param life of the access token
     * @param atMillis when the tokens were asked for
     */
    record Granted(ConnectionRecord connection, Secret secret, boolean renewable, Duration life, long atMillis)
            implements Consented {}

    /** There are none, and the person has to begin anew. */
    record Refused(String message) implements Consented {}

    /** The person has not decided yet: ask again in this time. */
    record Pending(Duration pause) implements Consented {}
}
