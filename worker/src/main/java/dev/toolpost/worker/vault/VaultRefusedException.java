package dev.toolpost.worker.vault;

/** Vault is there, and refuses: no later try of the same will do. The message names the path and the capability that is missing. */
public final class VaultRefusedException extends VaultUnavailableException {

    VaultRefusedException(String message) {
        super(message);
    }
}
