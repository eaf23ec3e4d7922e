package dev.toolpost.worker.request;

import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.connectors.Connector;
import dev.toolpost.connectors.ConnectorLoader;
import dev.toolpost.worker.credentials.ConnectionRecord;
import dev.toolpost.worker.credentials.Secret;
import dev.toolpost.worker.http.HttpOutcome;
import dev.toolpost.worker.http.ResponseHeaders;
import dev.toolpost.worker.http.VendorRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.JsonNodeFactory;

/** What vendors repeat of a credential in a header is masked, whatever it looks like. */
class CredentialEchoTest {
    private static final Connector CONNECTOR = new ConnectorLoader().load("echo.yaml", """
            vendor: echo
            title: Echo
            base_url: https://api.echo.example
            auth:
              - { kind: api_key_header, name: X-Key, prefix: "Token key=" }
              - { kind: bearer }
              - { kind: basic }
            tools:
              get_me:
                description: Says who the caller is.
                effect: read
                request: { path: /me }
            """);

    private static HttpOutcome.Answered masked(String kind, Map<String, String> secret, String answer)
            throws Exception {
        ConnectionRecord connection =
                new ConnectionRecord("acme", "main", "echo", kind, Map.of(), Map.of(), Set.of(), Map.of());
        VendorRequest request = RequestBuilder.build(
                CONNECTOR,
                Objects.requireNonNull(CONNECTOR.tools().get("echo_get_me")),
                JsonNodeFactory.instance.objectNode(),
                connection,
                "https://api.echo.example",
                Secret.of(secret),
                null,
                null,
                null);
        HttpOutcome.Answered answered = new HttpOutcome.Answered(
                400,
                ResponseHeaders.of(List.of(Map.entry("X-Echo", answer))),
                answer.getBytes(StandardCharsets.UTF_8),
                Duration.ZERO);
        return (HttpOutcome.Answered) request.withoutEchoes(answered);
    }

    private static String body(String kind, Map<String, String> secret, String answer) throws Exception {
        HttpOutcome.Answered masked = masked(kind, secret, answer);
        String body = new String(masked.body(), StandardCharsets.UTF_8);
        assertThat(masked.headers().first("X-Echo")).isEqualTo(body);
        return body;
    }

    @Test
    void aKeyIsMaskedWithAndWithoutItsPrefix() throws Exception {
        Map<String, String> secret = Map.of("key", "K1 canary/of+key");

        assertThat(body("api_key_header", secret, "bad Token key=K1 canary/of+key, or K1 canary/of+key"))
                .isEqualTo("bad Token key=***, or ***");
        assertThat(body("api_key_header", secret, "as PHP has it: K1 canary\\/of+key"))
                .isEqualTo("as PHP has it: ***");
    }

    @Test
    void aTokenThatLooksEncodedIsMaskedAsItIs() throws Exception {
        assertThat(body("bearer", Map.of("token", "abc%zz-canary%"), "no such token: abc%zz-canary%"))
                .isEqualTo("no such token: ***");
        assertThat(body("bearer", Map.of("token", "/slash-canary/"), "no such token: Bearer /slash-canary/"))
                .doesNotContain("slash-canary");
    }

    @Test
    void ofALoginTheEncodedPairAndWhatIsSecretAreMasked() throws Exception {
        String pair =
                Base64.getEncoder().encodeToString("ann@acme.example:pass-canary".getBytes(StandardCharsets.UTF_8));
        assertThat(body(
                        "basic",
                        Map.of("username", "ann@acme.example", "password", "pass-canary"),
                        "Basic " + pair + " ann@acme.example pass-canary"))
                .isEqualTo("Basic *** ann@acme.example ***");
        assertThat(body("basic", Map.of("username", "sk_live_canary", "password", "x"), "no key sk_live_canary, x"))
                .isEqualTo("no key ***, x");
    }

    @Test
    void anAnswerThatRepeatsNothingIsHandedOnAsItIs() throws Exception {
        HttpOutcome.Answered answered = new HttpOutcome.Answered(
                200, ResponseHeaders.of("X", "y"), "{}".getBytes(StandardCharsets.UTF_8), Duration.ZERO);
        VendorRequest request = new VendorRequest(
                "GET",
                java.net.URI.create("https://api.echo.example/"),
                List.of(),
                null,
                null,
                Set.of("canary-of-key"));

        assertThat(request.withoutEchoes(answered)).isSameAs(answered);
    }
}
