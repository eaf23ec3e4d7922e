package dev.toolpost.worker.credentials;

/** The store cannot answer now. The message says why and what to do; it never holds a secret. */
public class CredentialsUnavailableException extends RuntimeException {

    public CredentialsUnavailableException(String message) {
        super(message);
    }

    public CredentialsUnavailableException(String message, Throwable cause) {
        super(message, cause);
    }
}
