package dev.toolpost.worker.oauth;

import dev.toolpost.worker.credentials.StoredConnection;
import java.time.Instant;

/** What came of asking for an access token that can be sent. */
public sealed interface Access {

    /** The connection as it is stored, its access token not ended and not the rejected one. */
    record Usable(StoredConnection connection) implements Access {}

    /** The grant is dead, or the vendor rejects even fresh tokens: somebody must authorise the account again. */
    record ReauthorizationRequired(String message) implements Access {}

    /** No token can be had now. */
    record Unavailable(String message, Instant retryAt) implements Access {}

    /** The deadline came first. */
    record TooLate() implements Access {}

    /** Another worker owns the connection now. */
    record NotOwned() implements Access {}

    /** The connection was removed meanwhile. */
    record Gone() implements Access {}
}
