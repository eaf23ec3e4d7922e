package dev.toolpost.schemas;

import org.jspecify.annotations.Nullable;

/** A schema is needed that is not cached, and the registry does not answer: try the same again later. */
public final class RegistryUnavailableException extends DecodeException {
    public static final String REGISTRY_UNAVAILABLE = "registry-unavailable";

    public RegistryUnavailableException(String message, @Nullable Throwable cause) {
        super(REGISTRY_UNAVAILABLE, message, cause);
    }
}
