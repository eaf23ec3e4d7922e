package dev.toolpost.worker.vault;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where Vault is and how it is talked to. Immutable.
 *
 * @param addresses servers of one cluster, tried in order when one fails
 * @param namespace null outside of namespaces
 * @param timeout for one request, its whole answer included
 * @param retryFor for how long trouble that passes is waited out, before whoever asks is told
 */
public record VaultSettings(
        List<URI> addresses, @Nullable String namespace, VaultLogin login, Duration timeout, Duration retryFor) {

    public VaultSettings {
        addresses = List.copyOf(addresses);
        if (addresses.isEmpty()) {
            throw new IllegalArgumentException("no address of Vault (expected: at least one)");
        }
    }
}
