package dev.toolpost.worker.credentials;

/**
 * A connection as it is stored.
 *
 * @param version grows with every change of the connection; what {@link CredentialStore#put} compares
 */
public record StoredConnection(ConnectionRecord connection, Secret secret, long version) {}
