package dev.toolpost.worker.credentials;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;

class SecretTest {

    private static final String CANARY = "canary-4711";

    @Test
    void aSecretCannotPrintItself() {
        Secret secret = Secret.of(Map.of("token", CANARY));
        StoredConnection stored = new StoredConnection(CredentialStoreContract.SALES, secret, 1);
        assertThat(secret).hasToString("Secret[token][redacted]");
        assertThat(stored.toString()).doesNotContain(CANARY);
        assertThat(new KeySource.KeyText("env", CANARY).toString()).doesNotContain(CANARY);
        assertThat(String.valueOf(secret.with("refresh_token", CANARY + "2"))).doesNotContain(CANARY);
    }

    @Test
    void aSecretIsItsValues() {
        Secret secret = Secret.of("username", "u").with("password", "p");
        assertThat(secret).isEqualTo(Secret.of(Map.of("password", "p", "username", "u")));
        assertThat(secret).isNotEqualTo(secret.with("password", "q"));
        assertThat(secret.get("password")).isEqualTo("p");
        assertThat(secret.get("token")).isNull();
        assertThat(secret.names()).containsExactly("password", "username");
        assertThat(Secret.none().names()).isEmpty();
    }

    @Test
    void identitiesThatAreNoneAreRefused() {
        for (String wrong : new String[] {"", "Acme", "a/b", "..", "-a", "a b", "a".repeat(65)}) {
            assertThatThrownBy(() -> ConnectionRecord.of(wrong, "c", "hubspot", "none"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("tenant");
            assertThatThrownBy(() -> ConnectionRecord.of("t", wrong, "hubspot", "none"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("connection");
        }
    }
}
