package dev.toolpost.worker.credentials;

/** A check-and-set found another version than the expected one. */
public final class VersionConflictException extends RuntimeException {

    private final long actualVersion;

    public VersionConflictException(String connection, long expectedVersion, long actualVersion) {
        super("version of connection " + connection + ": " + actualVersion + " (expected: " + expectedVersion + ")");
        this.actualVersion = actualVersion;
    }

    /** The version that is there; {@link CredentialStore#ABSENT} if the connection does not exist. */
    public long actualVersion() {
        return actualVersion;
    }
}
