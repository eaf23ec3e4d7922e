package dev.toolpost.worker.credentials;

import java.net.URI;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

/** The contract over the Vault or OpenBao that {@code VAULT_ADDR} and {@code VAULT_TOKEN} name, the root token of a dev server. */
@EnabledIfEnvironmentVariable(named = "VAULT_ADDR", matches = ".+", disabledReason = "VAULT_ADDR names no real Vault")
@EnabledIfEnvironmentVariable(named = "VAULT_TOKEN", matches = ".+", disabledReason = "VAULT_TOKEN is not given")
class RealVaultTest extends VaultContract {

    @Override
    URI address() {
        return URI.create(System.getenv("VAULT_ADDR"));
    }

    @Override
    String rootToken() {
        return System.getenv("VAULT_TOKEN");
    }
}
