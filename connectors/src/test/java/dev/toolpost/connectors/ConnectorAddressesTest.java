package dev.toolpost.connectors;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ConnectorAddressesTest {
    private static final String OAUTH = Definitions.ACME.replace("  - kind: bearer\n", """
              - kind: oauth2
                token_url: https://auth.acme.example/token
                base_url: https://oauth.acme.example
            """);

    private static Connector read(String yaml) {
        return new ConnectorLoader().load("acme.yaml", yaml);
    }

    @Test
    void namesWhereRequestsAndSecretsGo() {
        assertThat(ConnectorAddresses.of(read(OAUTH)))
                .containsExactly(
                        "api https://oauth.acme.example",
                        "api https://{LABEL}.acme.example",
                        "oauth2 https://auth.acme.example/token");
    }

    @Test
    void anotherPathOfTheApiMovesNothing() {
        assertThat(ConnectorAddresses.moved(read(OAUTH), read(OAUTH.replace("example/api", "example/v3"))))
                .isEmpty();
        assertThat(ConnectorAddresses.moved(read(OAUTH), read(Definitions.ACME)))
                .isEmpty();
    }

    @Test
    void anotherHostOrTokenAddressIsAMoveAndSoIsAFreerVariable() {
        assertThat(ConnectorAddresses.moved(read(OAUTH), read(OAUTH.replace("}.acme.example", "}.evil.example"))))
                .containsExactly("api https://{LABEL}.evil.example");
        assertThat(ConnectorAddresses.moved(read(OAUTH), read(OAUTH.replace("example/token", "example/take"))))
                .containsExactly("oauth2 https://auth.acme.example/take");
        String anyHost = OAUTH.replace("https://{subdomain}.acme.example/api", "https://{subdomain}/api")
                .replace("kind: label", "kind: host")
                .replace("[widgets]", "[api.acme.example]");
        assertThat(ConnectorAddresses.moved(read(OAUTH), read(anyHost)))
                .containsExactly("api https://{HOST null null}");
    }
}
