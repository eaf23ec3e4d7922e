package dev.toolpost.worker.credentials;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.toolpost.worker.rig.Await;
import java.net.URI;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import tools.jackson.databind.JsonNode;

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

    @Override
    void endTokens() {
        server().revokeLogins();
    }

    @Test
    void callsGoOnWhileTheTokenIsRenewedToItsMaximumTtlAndReplaced() {
        CredentialStore admin = store();
        admin.put(SALES, Secret.of("token", "1"), CredentialStore.ABSENT);
        CredentialStore worker = server().store(server().appRole(server().documented("worker"), "2s", "4s"));
        long end = System.nanoTime() + Duration.ofSeconds(9).toNanos();
        while (System.nanoTime() - end < 0) {
            assertThat(worker.findNow("acme", "sales-hubspot")).isNotNull();
        }
    }

    /** A dev server prints its key. While this runs nobody else can use it. */
    @Test
    @EnabledIfEnvironmentVariable(named = "VAULT_UNSEAL_KEY", matches = ".+", disabledReason = "nothing to unseal with")
    void aSealedVaultIsUnavailableAndUsedAgainOnceItIsUnsealed() throws Exception {
        CredentialStore store = store();
        store.put(SALES, Secret.of("token", "1"), CredentialStore.ABSENT);
        JsonNode _ = server().admin("PUT", "sys/seal", "");
        try {
            assertThatThrownBy(() -> store.findNow("acme", "sales-hubspot"))
                    .isInstanceOf(CredentialsUnavailableException.class)
                    .hasMessageContaining("sealed");
        } finally {
            server().admin("PUT", "sys/unseal", "{\"key\":\"" + System.getenv("VAULT_UNSEAL_KEY") + "\"}");
        }
        Await.until("it is used again", Duration.ofSeconds(30), () -> {
            try {
                return store.findNow("acme", "sales-hubspot") != null;
            } catch (CredentialsUnavailableException still) {
                return false;
            }
        });
    }
}
