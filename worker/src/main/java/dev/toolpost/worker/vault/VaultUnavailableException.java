package dev.toolpost.worker.vault;

/** Vault cannot be used now. The message says why and what to do; it never holds a secret. */
public class VaultUnavailableException extends RuntimeException {

    public VaultUnavailableException(String message) {
        super(message);
    }

    public VaultUnavailableException(String message, Throwable cause) {
        super(message, cause);
    }
}
