package dev.toolpost.connectors;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.JsonPointer;

/** How definitions of authentication are read, and what the linter says to those that do not hold together. */
class AuthDefinitionTest {
    private static final ConnectorLoader LOADER = new ConnectorLoader();

    @Test
    void oneKindMayStandTwiceUnderTwoIds() {
        Connector acme = load("""
                - kind: api_key_header
                  name: X-Key
                - kind: api_key_header
                  id: partner
                  name: X-Partner-Key
                  base_url: https://partners.acme.example
                  client_certificate: true
                """);

        assertThat(acme.auth()).extracting(Auth::id).containsExactly("api_key_header", "partner");
        assertThat(acme.auth("partner").kind()).isEqualTo(Auth.ApiKeyHeader.KIND);
        assertThat(acme.auth("partner").secretFields()).containsExactly("key", "certificate", "private_key");
        assertThat(acme.baseUrl("partner").template().source()).isEqualTo("https://partners.acme.example");
        assertThat(lint("- { kind: bearer, id: one }\n- { kind: basic, id: one }\n"))
                .contains("a second alternative of id one");
    }

    @Test
    void aPersonIsAskedAndAGrantGivenBackAsTheDefinitionSays() {
        Connector acme = load("""
                - kind: oauth2
                  token_url: https://auth.acme.example/token
                  client: basic
                  authorize:
                    url: https://auth.acme.example/authorize
                    parameters: { prompt: consent }
                    scope_separator: ","
                  revoke: { url: "https://auth.acme.example/revoke", token: access_token }
                  grant_expires_unused: 60d
                """);

        Auth.OAuth2 way = (Auth.OAuth2) acme.auth("oauth2");
        assertThat(way.consent().pkce()).isTrue();
        assertThat(way.consent().anyPort()).isFalse();
        assertThat(way.consent().parameters()).containsEntry("prompt", "consent");
        assertThat(way.revocation().client()).isEqualTo(TokenEndpoint.Client.BASIC);
        assertThat(way.revocation().token()).isEqualTo("access_token");
        assertThat(way.expiresUnused()).isEqualTo(Duration.ofDays(60));
        assertThat(ConnectorAddresses.of(acme))
                .contains("oauth2 https://auth.acme.example/authorize", "oauth2 https://auth.acme.example/revoke");
        assertThat(lint("""
                - kind: oauth2
                  token_url: https://auth.acme.example/token
                  authorize: { url: "https://auth.acme.example/authorize", parameters: { state: fixed } }
                """)).contains("fills the parameter state by itself");
        assertThat(lint("""
                - kind: oauth2
                  token_url: https://auth.acme.example/token
                  authorize: { url: "http://auth.acme.example/authorize" }
                """)).contains("credentials do not travel in the clear");
    }

    @Test
    void aKeyStandsInBodyOrPath() {
        Connector acme = load("""
                - { kind: api_key_body, name: api_key }
                - { kind: api_key_body, id: deep, pointer: /auth/key }
                - { kind: api_key_path, segment: "/bot{key}" }
                """);

        assertThat(((Auth.ApiKeyBody) acme.auth("api_key_body")).place()).isEqualTo(JsonPointer.compile("/api_key"));
        assertThat(((Auth.ApiKeyBody) acme.auth("deep")).place()).isEqualTo(JsonPointer.compile("/auth/key"));
        assertThat(((Auth.ApiKeyPath) acme.auth("api_key_path")).segment().source())
                .isEqualTo("/bot{key}");
        assertThat(lint("- { kind: api_key_body, name: key }\n"))
                .contains("cannot call it: a GET has no body for the key");
        assertThat(lint("- { kind: api_key_body }\n")).contains("nothing says where the key goes");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/bot",
                "/{key}/{key}",
                "/{secret}",
                "/{key}/..",
                "/../{key}",
                "//{key}",
                "/{key}?a=b",
                "/{key}#a",
                "/a%2f{key}",
                "/{key}/"
            })
    void aSegmentThatCouldLeadElsewhereIsRefused(String segment) {
        assertThat(lint("- { kind: api_key_path, segment: \"" + segment + "\" }\n"))
                .contains("segment: '" + segment + "'");
    }

    @ParameterizedTest
    @ValueSource(strings = {"aws_sigv4", "oauth1", "hmac", "wsse"})
    void signedRequestsHaveAReservedPlaceAndAreRefused(String kind) {
        assertThat(lint("- { kind: " + kind + ", algorithm: anything }\n"))
                .contains("the kind " + kind + " signs every request")
                .contains("reserved");
    }

    @Test
    void aTokenRequestIsWrittenAsTheVendorWantsIt() {
        Auth.OAuth2 auth = (Auth.OAuth2) only("""
                - kind: oauth2
                  token_url: https://auth.acme.example/token
                  refresh_url: https://{subdomain}.acme.example/refresh
                  request: query
                  client: id_only
                  fields: [region]
                  parameters: { org: "{subdomain}", region: "{region}" }
                  headers: { Api-Version: "3" }
                  access_token: /authed_user/access_token
                  refresh_token: /authed_user/refresh_token
                  expires_in: /authed_user/expires_in
                  keep: { /instance_url: subdomain }
                  send: { cookie: SID }
                """);

        assertThat(auth.endpoint().method()).isEqualTo("GET");
        assertThat(auth.endpoint().format()).isEqualTo(TokenEndpoint.Format.QUERY);
        assertThat(auth.secretFields()).containsExactly("client_id", "region", "refresh_token");
        assertThat(auth.addresses()).hasSize(2);
        assertThat(auth.endpoint().address().template().source()).startsWith("https://{subdomain}");
        assertThat(auth.endpoint().reply().accessToken()).isEqualTo(JsonPointer.compile("/authed_user/access_token"));
        assertThat(auth.terms().place()).isEqualTo(new TokenPlace.InCookie("SID"));
        assertThat(auth.defaultLifetime()).isNull();
    }

    @Test
    void anAssertionSaysWhatIsSigned() {
        Auth.JwtBearer auth = (Auth.JwtBearer) only("""
                - kind: oauth2_jwt
                  token_url: https://auth.acme.example/token
                  fields: [issuer]
                  assertion:
                    algorithm: ES256
                    claims: { iss: "{issuer}", sub: "{subdomain}", list: ["{issuer}", 7, true] }
                """);

        assertThat(auth.assertion().algorithm()).isEqualTo(Assertion.Algorithm.ES256);
        assertThat(auth.assertion().lifetime()).isEqualTo(Duration.ofMinutes(5));
        assertThat(auth.secretFields()).containsExactly("issuer", "private_key");
        assertThat(auth.rotates()).isFalse();
    }

    private static final String LOGIN = """
            - kind: session
              fields: [username, password]
              steps:
                - request: { url: "https://{subdomain}.acme.example/login", form: { u: "{username}", p: "{password}" } }
                  take: { ticket: /ticket, sid: { cookie: SID } }
                - request: { url: "https://login.acme.example", path: "/t/{ticket}" }
                  take: { session: { header: X-Session } }
              token: "{sid}.{session}"
            """;

    @Test
    void aLoginHasStepsThatUseWhatEarlierOnesTook() {
        Auth.Session auth = (Auth.Session) only(LOGIN);

        assertThat(ConnectorAddresses.of(load(LOGIN)))
                .as("every address that secrets go to is one that a later definition cannot move unnoticed")
                .contains("session https://{LABEL}.acme.example/login", "session https://login.acme.example");
        assertThat(auth.steps()).extracting(SessionStep::method).containsExactly("POST", "GET");
        assertThat(auth.addresses()).hasSize(2);
        assertThat(auth.rotates()).isFalse();
        assertThat(auth.isDeadGrant(401, null)).isTrue();
        assertThat(auth.isDeadGrant(400, null)).isFalse();
    }

    @Test
    void whatDoesNotHoldTogetherIsSaid() {
        String token = "  token_url: https://auth.acme.example/token\n";
        assertThat(lint("- kind: oauth2\n" + token + "  parameters: { a: \"{regoin}\" }\n  fields: [region]\n"))
                .contains("did you mean 'region'?");
        assertThat(lint("- kind: oauth2\n" + token + "  method: GET\n")).contains("write request: query");
        assertThat(lint("- kind: oauth2\n" + token + "  client: assertion\n")).contains("say under assertion");
        assertThat(lint("- kind: oauth2\n" + token + "  fields: [access_token]\n"))
                .contains("a name that is taken");
        assertThat(lint("- kind: oauth2\n" + token + "  fields: [subdomain]\n")).contains("the name of a variable");
        assertThat(lint("- kind: oauth2\n" + token + "  send: { query: t, prefix: a }\n"))
                .contains("a prefix goes with a header alone");
        assertThat(lint("- kind: oauth2\n" + token + "  send: { header: Host }\n"))
                .contains("cannot take a key");
        assertThat(
                        lint(
                                "- kind: oauth2\n  token_url: https://auth.acme.example/t\n  refresh_url: http://x.example/t\n"))
                .contains("refresh_url begins with");
        assertThat(lint("- kind: oauth2_client_credentials\n" + token + "  parameters: { client_assertion: x }\n"))
                .contains("fills the parameter client_assertion by itself");
        assertThat(lint("- kind: oauth2_jwt\n" + token + "  assertion: { algorithm: HS256, claims: { a: b } }\n"))
                .contains("RS256");
        assertThat(
                        lint(
                                "- kind: oauth2_jwt\n" + token
                                        + "  client: basic\n  assertion_in: header\n  assertion: { algorithm: RS256, claims: { a: b } }\n"))
                .contains("takes the assertion already");
        assertThat(lint("- kind: oauth2_jwt\n" + token
                        + "  assertion: { algorithm: RS256, lifetime: 2d, claims: { a: b } }\n"))
                .contains("at most 1d");
    }

    @Test
    void aLoginThatDoesNotHoldTogetherIsSaid() {
        assertThat(lintSession("url: http://login.acme.example", "take: { s: /s }", "\"{s}\""))
                .contains("url begins with");
        assertThat(lintSession("url: \"https://{username}.acme.example\"", "take: { s: /s }", "\"{s}\""))
                .as("what the secret holds does not say where secrets go")
                .contains("url names the unknown variable 'username'");
        assertThat(lintSession("url: https://login.acme.example", "take: { s: /s }", "\"{t}\""))
                .contains("unknown name 't'");
        assertThat(lintSession("url: https://login.acme.example", "take: { username: /s }", "constant"))
                .contains("the token is the same for everybody");
        assertThat(lintSession(
                        "url: https://login.acme.example, headers: { A: \"{s}\" }", "take: { s: /s }", "\"{s}\""))
                .as("a step does not know what it takes itself")
                .contains("unknown name 's'");
        assertThat(lintSession("url: https://login.acme.example, form: {}, json: {}", "take: { s: /s }", "\"{s}\""))
                .contains("a request has one body");
        assertThat(lintSession(
                        "url: https://login.acme.example", "take: { s: /s }", "\"{s}\"\n  replaces: { x: \"{s}\" }"))
                .contains("'x' is no field of the secret");
    }

    private static String lintSession(String request, String take, String token) {
        return lint("- kind: session\n  fields: [username]\n  steps:\n    - request: { " + request + " }\n      " + take
                + "\n  token: " + token + "\n");
    }

    private static Auth only(String auth) {
        return load(auth).auth().getFirst();
    }

    private static Connector load(String auth) {
        return Objects.requireNonNull(LOADER.load("acme.yaml", definition(auth)));
    }

    private static String lint(String auth) {
        List<String> problems = new ConnectorLinter(LOADER)
                .lint("acme.yaml", definition(auth)).stream()
                        .map(Problem::toString)
                        .toList();
        return String.join("\n", problems);
    }

    private static String definition(String auth) {
        return Definitions.acme("  - kind: bearer\n  - kind: api_key_query\n    name: key\n", auth.indent(2));
    }
}
