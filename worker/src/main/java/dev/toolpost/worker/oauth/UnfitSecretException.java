package dev.toolpost.worker.oauth;

/** What a connection's secret holds cannot be used to fetch a token. The message tells nothing of it. */
final class UnfitSecretException extends Exception {

    private static final long serialVersionUID = 1L;

    UnfitSecretException(String message) {
        super(message);
    }
}
