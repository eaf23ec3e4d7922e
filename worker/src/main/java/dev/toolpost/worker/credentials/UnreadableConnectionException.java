package dev.toolpost.worker.credentials;

/** What is stored for one connection is none; other connections may be. */
final class UnreadableConnectionException extends CredentialsUnavailableException {

    UnreadableConnectionException(String message) {
        super(message);
    }
}
