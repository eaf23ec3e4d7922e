package dev.toolpost.sandbox;

import org.jspecify.annotations.Nullable;

/** A part of the sandbox could not be started, stopped or controlled; the message says what to do. */
public final class SandboxException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    SandboxException(String message) {
        super(message);
    }

    SandboxException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
