package dev.toolpost.worker.credentials;

/**
 * A connection as it is stored.
 *
 * @param grant where its OAuth grant stands; {@link GrantState#NONE} for other kinds of authentication
 * @param version grows with every change of the connection; what {@link CredentialStore#put} compares
 */
public record StoredConnection(ConnectionRecord connection, Secret secret, GrantState grant, long version) {

    /** One without anything to say of a grant. */
    public StoredConnection(ConnectionRecord connection, Secret secret, long version) {
        this(connection, secret, GrantState.NONE, version);
    }
}
