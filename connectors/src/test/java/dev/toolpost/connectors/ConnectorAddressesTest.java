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
    void aServerThatResultsAreFetchedFromIsAnAddress() {
        String exports = Definitions.ACME + """
                  export:
                    description: Exports widgets.
                    effect: read
                    request: { method: POST, path: /exports }
                    operation:
                      values: { job: /id }
                      poll: { request: { path: "/exports/{job}" }, done: { body: { /state: done } }, values: { file: /url } }
                      download: { request: { link: file, hosts: ["*.files.acme.example"] } }
                """.indent(0);

        assertThat(ConnectorAddresses.moved(read(Definitions.ACME), read(exports)))
                .containsExactly("tool link to *.files.acme.example");
        assertThat(ConnectorAddresses.moved(read(exports), read(exports.replace("*.files.", "*."))))
                .containsExactly("tool link to *.acme.example");
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
