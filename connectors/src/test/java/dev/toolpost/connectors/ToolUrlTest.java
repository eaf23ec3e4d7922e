package dev.toolpost.connectors;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Tools that live on another server of their vendor. */
class ToolUrlTest {
    private static final String DEFINITION = """
            vendor: acme
            title: Acme
            base_url: "https://api.acme.example/v1"
            variables:
              files_url: { kind: url, title: Files, description: Where files are., default: "https://files.acme.example" }
            auth: [{ kind: none }]
            tools:
              get_thing:
                description: Returns one thing with its name and size, for when its id is known.
                effect: read
                request: { path: /thing }
              get_file:
                description: Returns one file with its name and size, for when its id is known.
                effect: read
                base_url: BASE
                request: { path: /file }
            """;

    @Test
    void aToolMayHaveABaseUrlOfItsOwnWithTheConnectionsVariables() {
        Connector connector = new ConnectorLoader().load("acme.yaml", DEFINITION.replace("BASE", "\"{files_url}/v2\""));

        assertThat(url(connector, "acme_get_thing", Map.of())).isEqualTo(URI.create("https://api.acme.example/v1"));
        assertThat(url(connector, "acme_get_file", Map.of())).isEqualTo(URI.create("https://files.acme.example/v2"));
        assertThat(url(connector, "acme_get_file", Map.of("files_url", "http://127.0.0.1:8080")))
                .isEqualTo(URI.create("http://127.0.0.1:8080/v2"));
        assertThat(ConnectorAddresses.of(connector)).contains("api https://api.acme.example");
        assertThat(ConnectorAddresses.of(connector)).hasSizeGreaterThan(1);
    }

    @Test
    void theAddressOfAToolIsHeldToTheSameRules() {
        assertThat(new ConnectorLoader()
                        .read("acme.yaml", DEFINITION.replace("BASE", "http://files.acme.example"))
                        .errors())
                .anySatisfy(problem -> assertThat(problem.toString()).contains("base_url begins with 'http://files"));
        assertThat(new ConnectorLoader()
                        .read("acme.yaml", DEFINITION.replace("BASE", "\"{fles_url}\""))
                        .errors())
                .anySatisfy(problem -> assertThat(problem.toString()).contains("unknown variable 'fles_url'"));
    }

    private static URI url(Connector connector, String tool, Map<String, String> variables) {
        return connector
                .baseUrl(Objects.requireNonNull(connector.tools().get(tool)), "none")
                .resolve(variables);
    }
}
