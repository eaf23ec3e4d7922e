package dev.toolpost.worker.credentials;

/** The store is there and refuses this: whoever runs it has to allow it first. */
public final class CredentialsRefusedException extends CredentialsUnavailableException {

    public CredentialsRefusedException(String message, Throwable cause) {
        super(message, cause);
    }
}
