package dev.toolpost.worker.oauth;

import static dev.toolpost.worker.http.RoutedServer.Answer.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.connectors.Auth;
import dev.toolpost.connectors.Connector;
import dev.toolpost.connectors.ConnectorCatalogue;
import dev.toolpost.connectors.ConnectorLoader;
import dev.toolpost.connectors.Tool;
import dev.toolpost.worker.classify.Classifier;
import dev.toolpost.worker.classify.Verdict;
import dev.toolpost.worker.credentials.ConnectionRecord;
import dev.toolpost.worker.credentials.CredentialStore;
import dev.toolpost.worker.credentials.InMemoryCredentialStore;
import dev.toolpost.worker.credentials.Secret;
import dev.toolpost.worker.credentials.StoredConnection;
import dev.toolpost.worker.http.AddressPolicy;
import dev.toolpost.worker.http.RoutedServer;
import dev.toolpost.worker.http.RoutedServer.Answer;
import dev.toolpost.worker.http.TestCertificates;
import dev.toolpost.worker.http.VendorHttp;
import dev.toolpost.worker.http.VendorHttpSettings;
import dev.toolpost.worker.http.VendorRequest;
import dev.toolpost.worker.request.AskedPage;
import dev.toolpost.worker.request.RequestBuilder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Each way to fetch a token, from its definition to the vendor's server and back, as a call goes it. */
@Timeout(60)
class TokenKindsTest {

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final Instant BEGIN = Instant.parse("2026-11-02T10:00:00Z");

    private final InMemoryCredentialStore store = new InMemoryCredentialStore();
    private final AtomicLong millis = new AtomicLong(BEGIN.toEpochMilli());
    private final List<String> events = new CopyOnWriteArrayList<>();
    private final ExecutorService calls = Executors.newVirtualThreadPerTaskExecutor();
    private final VendorHttp http =
            new VendorHttp(VendorHttpSettings.DEFAULTS.withAddresses(AddressPolicy.allowing(List.of("127.0.0.1"))));
    private final AccessTokens tokens = new AccessTokens(
            "one", store, http, new Events(), RefreshBounds.STANDARD, clock(), System::nanoTime, new Random(5));
    private RoutedServer vendor;

    private InstantSource clock() {
        return () -> Instant.ofEpochMilli(millis.get());
    }

    private final class Events implements GrantEvents {
        @Override
        public void refreshed(ConnectionRecord connection) {
            events.add("refreshed");
        }

        @Override
        public void reauthorizationRequired(ConnectionRecord connection, String message) {
            events.add("reauthorization_required: " + message);
        }
    }

    @BeforeEach
    void begin() throws Exception {
        vendor = RoutedServer.start();
        takes("Bearer fresh");
    }

    @AfterEach
    void end() {
        tokens.close();
        http.close();
        vendor.close();
        calls.shutdownNow();
    }

    /** Has the API take whatever carries this text, and say 401 to the rest. */
    private void takes(String text) {
        vendor.on(
                "GET /api/things",
                request -> allOf(request).contains(text)
                        ? json("{\"ok\":true}")
                        : Answer.of(401, "{\"error\":\"expired\"}"));
    }

    private static String allOf(RoutedServer.Received request) {
        return request.query() + " " + request.headers().entrySet();
    }

    private Connector connector(String auth, String errors) {
        return new ConnectorLoader()
                .load("odd.yaml", """
                vendor: odd
                title: Odd
                base_url: "{api}/api"
                variables:
                  api: { kind: url }
                  org: { kind: segment, default: org-7 }
                  instance: { kind: url, default: "https://nowhere.example" }
                auth:
                """ + auth.replace("$V", "{api}").indent(2) + errors + """
                tools:
                  list_things:
                    description: Lists things.
                    effect: read
                    request: { path: /things }
                """);
    }

    private ConnectionRecord record(Connector connector) {
        return new ConnectionRecord(
                "acme",
                "books",
                "odd",
                connector.auth().getFirst().id(),
                Map.of("api", vendor.url()),
                Map.of(),
                Set.of(),
                Map.of());
    }

    private void put(Connector connector, Map<String, String> secret) {
        store.put(record(connector), Secret.of(secret), CredentialStore.ANY);
    }

    private StoredConnection stored() {
        return Objects.requireNonNull(store.find("acme", "books"));
    }

    /** One call: a token that may be sent, the request, what the answer means, and once more after a rejected token. */
    private Object call(Connector connector) throws Exception {
        Auth.Fetched auth = (Auth.Fetched) connector.auth().getFirst();
        Tool tool = Objects.requireNonNull(connector.tools().get("odd_list_things"));
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        Access access = tokens.current(stored(), connector, auth, () -> true, deadline);
        for (int attempt = 1; ; attempt++) {
            if (!(access instanceof Access.Usable(StoredConnection usable))) {
                return access;
            }
            JsonNode arguments = JSON.createObjectNode();
            VendorRequest request = RequestBuilder.build(
                    connector,
                    tool,
                    arguments,
                    usable.connection(),
                    RequestBuilder.baseUrl(connector, usable.connection()),
                    usable.secret(),
                    null,
                    null,
                    null);
            AskedPage asked = AskedPage.of(tool, request, arguments, null, null);
            Verdict verdict =
                    Classifier.classify(connector, tool, http.exchange(request, deadline), asked, clock().instant());
            if (!(verdict instanceof Verdict.CredentialRejected) || attempt > 1) {
                return verdict;
            }
            access = tokens.replace(usable, connector, auth, () -> true, deadline);
        }
    }

    private <T> List<T> atOnce(int many, Callable<T> call) throws Exception {
        List<Future<T>> all = new ArrayList<>();
        for (int i = 0; i < many; i++) {
            all.add(calls.submit(call));
        }
        List<T> results = new ArrayList<>();
        for (Future<T> each : all) {
            results.add(each.get());
        }
        return results;
    }

    private static final Map<String, String> CLIENT =
            Map.of("client_id", "client 7", "client_secret", "hush&hush", "refresh_token", "refresh-0");

    @Test
    void refreshesByAGetRequestAtAnotherAddressWithTheParametersInTheQuery() throws Exception {
        Connector connector = connector("""
                - kind: oauth2
                  token_url: "$V/token"
                  refresh_url: "$V/refresh"
                  request: query
                  client: basic
                  parameters: { org: "{org}" }
                """, "");
        put(connector, CLIENT);
        vendor.on("GET /refresh", request -> json("{\"access_token\":\"fresh\"}"));

        assertThat(call(connector)).isInstanceOf(Verdict.Success.class);
        RoutedServer.Received asked = vendor.received().getFirst();
        assertThat(asked.query()).isEqualTo("grant_type=refresh_token&refresh_token=refresh-0&org=org-7");
        assertThat(asked.header("Authorization"))
                .isEqualTo("Basic "
                        + Base64.getEncoder()
                                .encodeToString("client+7:hush%26hush".getBytes(StandardCharsets.US_ASCII)));
        assertThat(asked.body()).isEmpty();
    }

    @Test
    void refreshesWithAJsonRequestAndFurtherHeaders() throws Exception {
        Connector connector = connector("""
                - kind: oauth2
                  token_url: "$V/token"
                  request: json
                  fields: [region]
                  parameters: { region: "{region}" }
                  headers: { Api-Version: "3" }
                """, "");
        put(connector, with(CLIENT, "region", "eu"));
        vendor.on("POST /token", request -> json("{\"access_token\":\"fresh\"}"));

        assertThat(call(connector)).isInstanceOf(Verdict.Success.class);
        RoutedServer.Received asked = vendor.received("POST /token").getFirst();
        assertThat(JSON.readTree(asked.body())).isEqualTo(JSON.readTree("""
                {"grant_type":"refresh_token","refresh_token":"refresh-0","region":"eu",
                 "client_id":"client 7","client_secret":"hush&hush"}
                """));
        assertThat(asked.header("Api-Version")).isEqualTo("3");
    }

    @Test
    void findsATokenThatIsNestedInTheReplyAndReplacesTheRefreshTokenThatIsNestedThere() throws Exception {
        Connector connector = connector("""
                - kind: oauth2
                  token_url: "$V/token"
                  access_token: /authed_user/access_token
                  refresh_token: /authed_user/refresh_token
                  expires_in: /authed_user/expires_in
                """, "");
        put(connector, CLIENT);
        vendor.on(
                "POST /token",
                request ->
                        json("{\"ok\":true,\"access_token\":\"of-the-bot\",\"authed_user\":{\"access_token\":\"fresh\","
                                + "\"refresh_token\":\"refresh-1\",\"expires_in\":\"43200\"}}"));

        assertThat(call(connector)).isInstanceOf(Verdict.Success.class);
        assertThat(stored().secret().get("refresh_token")).isEqualTo("refresh-1");
        assertThat(Grant.expiresAt(stored().secret())).isEqualTo(millis.get() + 43_200_000);
    }

    @Test
    void aReplyWithoutALifetimeIsUsedUntilItIsRejected() throws Exception {
        Connector connector = connector("- { kind: oauth2, token_url: \"$V/token\" }\n", "");
        put(connector, CLIENT);
        AtomicInteger given = new AtomicInteger();
        vendor.on("POST /token", request -> json("{\"access_token\":\"fresh-" + given.incrementAndGet() + "\"}"));
        takes("Bearer fresh-1");

        assertThat(call(connector)).isInstanceOf(Verdict.Success.class);
        millis.addAndGet(Duration.ofDays(90).toMillis());
        assertThat(call(connector)).isInstanceOf(Verdict.Success.class);
        assertThat(given).hasValue(1);
        takes("Bearer fresh-2");
        assertThat(call(connector)).isInstanceOf(Verdict.Success.class);
        assertThat(given).hasValue(2);
    }

    @Test
    void severalValuesOfTheReplyAreKept() throws Exception {
        Connector connector = connector("""
                - kind: oauth2
                  token_url: "$V/token"
                  keep: { /instance_url: instance, /team/id: org }
                  base_url: "{instance}/api"
                """, "");
        put(connector, CLIENT);
        vendor.on(
                "POST /token",
                request -> json("{\"access_token\":\"fresh\",\"instance_url\":\"" + vendor.url()
                        + "/\",\"team\":{\"id\":4711}}"));

        assertThat(call(connector)).isInstanceOf(Verdict.Success.class);
        assertThat(stored().connection().variables())
                .containsEntry("org", "4711")
                .containsEntry("instance", vendor.url() + "/");
    }

    @ParameterizedTest
    @CsvSource({"bad_refresh_token", "invalid_refresh_token"})
    void aFailureWithStatus200IsADeadGrantAndIsToldOnce(String code) throws Exception {
        Connector connector = connector("""
                - kind: oauth2
                  token_url: "$V/token"
                  dead_grant:
                    - { status: 200, body: { /error: [bad_refresh_token, invalid_refresh_token] } }
                """, "");
        put(connector, CLIENT);
        vendor.on("POST /token", request -> json("{\"ok\":false,\"error\":\"" + code + "\"}"));

        for (Object each : atOnce(20, () -> call(connector))) {
            assertThat(each).isInstanceOf(Access.ReauthorizationRequired.class);
            assertThat(each.toString()).contains(code).doesNotContain("refresh-0");
        }
        assertThat(vendor.received()).hasSize(1);
        assertThat(events).singleElement().asString().startsWith("reauthorization_required");
    }

    @Test
    void anErrorWithStatus200ThatNoRuleKnowsIsNoToken() throws Exception {
        Connector connector = connector("- { kind: oauth2, token_url: \"$V/token\" }\n", "");
        put(connector, CLIENT);
        vendor.on("POST /token", request -> json("{\"error\":\"slow_down\"}"));

        assertThat(call(connector))
                .isInstanceOfSatisfying(
                        Access.Unavailable.class,
                        unavailable -> assertThat(unavailable.message()).contains("slow_down", "access_token"));
    }

    @Test
    void aReplyInTheFormOfAFormIsRead() throws Exception {
        Connector connector = connector("- { kind: oauth2, token_url: \"$V/token\" }\n", "");
        put(connector, CLIENT);
        vendor.on(
                "POST /token",
                request -> json("access_token=fresh&expires_in=28800&token_type=bearer")
                        .with("Content-Type", "application/x-www-form-urlencoded; charset=utf-8"));

        assertThat(call(connector)).isInstanceOf(Verdict.Success.class);
        assertThat(Grant.expiresAt(stored().secret())).isEqualTo(millis.get() + 28_800_000);
    }

    @Test
    void clientCredentialsGiveATokenAndANewOneAtItsEnd() throws Exception {
        Connector connector = connector("""
                - kind: oauth2_client_credentials
                  token_url: "$V/token"
                  scopes: [read, write]
                  parameters: { resource: "https://{org}.example" }
                """, "");
        put(connector, Map.of("client_id", "client-7", "client_secret", "hush"));
        vendor.on("POST /token", request -> json("{\"access_token\":\"fresh\",\"expires_in\":600}"));

        for (Object each : atOnce(50, () -> call(connector))) {
            assertThat(each).isInstanceOf(Verdict.Success.class);
        }
        assertThat(vendor.received("POST /token")).hasSize(1);
        assertThat(vendor.received("POST /token").getFirst().body())
                .isEqualTo("grant_type=client_credentials&scope=read+write&resource=https%3A%2F%2Forg-7.example"
                        + "&client_id=client-7&client_secret=hush");
        millis.addAndGet(600_000);
        assertThat(call(connector)).isInstanceOf(Verdict.Success.class);
        assertThat(vendor.received("POST /token")).hasSize(2);
    }

    @Test
    void clientCredentialsThatTheVendorDoesNotKnowAreToldOnce() throws Exception {
        Connector connector = connector("- { kind: oauth2_client_credentials, token_url: \"$V/token\" }\n", "");
        put(connector, Map.of("client_id", "client-7", "client_secret", "hush"));
        vendor.on(
                "POST /token",
                request -> Answer.of(
                        401, "{\"error\":\"invalid_client\",\"error_description\":\"no hush for client-7\"}"));

        for (int i = 0; i < 3; i++) {
            assertThat(call(connector))
                    .isInstanceOf(Access.ReauthorizationRequired.class)
                    .asString()
                    .contains("invalid_client")
                    .doesNotContain("hush");
        }
        assertThat(vendor.received()).hasSize(1);
        assertThat(events).hasSize(1);
    }

    @Test
    void aGrantOfUserAndPasswordIsSaidWithFieldsAndParameters() throws Exception {
        Connector connector = connector("""
                - kind: oauth2_client_credentials
                  token_url: "$V/token"
                  grant_type: password
                  client: id_only
                  fields: [username, password]
                  parameters: { username: "{username}", password: "{password}" }
                """, "");
        put(connector, Map.of("client_id", "c", "username", "ann", "password", "p&q"));
        vendor.on("POST /token", request -> json("{\"access_token\":\"fresh\"}"));

        assertThat(call(connector)).isInstanceOf(Verdict.Success.class);
        assertThat(vendor.received("POST /token").getFirst().body())
                .isEqualTo("grant_type=password&username=ann&password=p%26q&client_id=c");
    }

    @TempDir
    private static Path directory;

    private static TestCertificates certificates;

    private static synchronized TestCertificates keys() throws Exception {
        if (certificates == null) {
            certificates = new TestCertificates(directory, "rsa", "ec");
        }
        return certificates;
    }

    /** The claims of a token whose signature is that of the key. */
    private static JsonNode verified(String jwt, String alias) throws Exception {
        String[] parts = jwt.split("\\.", -1);
        PublicKey key = CertificateFactory.getInstance("X.509")
                .generateCertificate(new java.io.ByteArrayInputStream(
                        keys().certificate(alias).getBytes(StandardCharsets.US_ASCII)))
                .getPublicKey();
        Signature signature =
                Signature.getInstance(alias.equals("ec") ? "SHA256withECDSAinP1363Format" : "SHA256withRSA");
        signature.initVerify(key);
        signature.update((parts[0] + "." + parts[1]).getBytes(StandardCharsets.US_ASCII));
        assertThat(signature.verify(Base64.getUrlDecoder().decode(parts[2]))).isTrue();
        JsonNode header = JSON.readTree(Base64.getUrlDecoder().decode(parts[0]));
        assertThat(header.path("alg").asString()).isEqualTo(alias.equals("ec") ? "ES256" : "RS256");
        assertThat(header.path("kid").asString()).isEqualTo("key-1");
        return JSON.readTree(Base64.getUrlDecoder().decode(parts[1]));
    }

    @ParameterizedTest
    @CsvSource({"rsa, RS256", "ec, ES256"})
    void aSignedAssertionIsExchangedForAToken(String alias, String algorithm) throws Exception {
        Connector connector = connector("""
                - kind: oauth2_jwt
                  token_url: "$V/token"
                  fields: [issuer, key_id]
                  scopes: [read]
                  assertion:
                    algorithm: ALG
                    header: { kid: "{key_id}" }
                    claims: { iss: "{issuer}", sub: "{org}", aud: [one, "{org}"], level: 3 }
                    lifetime: 10m
                """.replace("ALG", algorithm), "");
        put(connector, Map.of("issuer", "me", "key_id", "key-1", "private_key", keys().privateKey(alias)));
        AtomicReference<String> body = new AtomicReference<>();
        vendor.on("POST /token", request -> {
            body.set(request.body());
            return json("{\"access_token\":\"fresh\",\"expires_in\":3600}");
        });

        assertThat(call(connector)).isInstanceOf(Verdict.Success.class);
        assertThat(body.get())
                .startsWith("grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=")
                .endsWith("&scope=read");
        JsonNode claims = verified(body.get().replaceAll(".*assertion=|&scope.*", ""), alias);
        assertThat(claims.path("iss").asString()).isEqualTo("me");
        assertThat(claims.path("sub").asString()).isEqualTo("org-7");
        assertThat(claims.path("aud").toString()).isEqualTo("[\"one\",\"org-7\"]");
        assertThat(claims.path("level").asInt()).isEqualTo(3);
        assertThat(claims.path("exp").asLong() - claims.path("iat").asLong()).isEqualTo(600);
        assertThat(claims.path("iat").asLong()).isBetween(BEGIN.getEpochSecond() - 60, BEGIN.getEpochSecond());
        assertThat(claims.path("jti").asString()).hasSize(32);
    }

    @Test
    void anAssertionAsBearerGivesATokenThatEndsAtADate() throws Exception {
        Connector connector = connector("""
                - kind: oauth2_jwt
                  token_url: "$V/app/installations/{org}/access_tokens"
                  assertion_in: header
                  request: json
                  fields: [app_id, key_id]
                  assertion: { algorithm: RS256, header: { kid: "{key_id}" }, claims: { iss: "{app_id}" } }
                  access_token: /token
                  expires_at: /expires_at
                """, "");
        put(connector, Map.of("app_id", "77", "key_id", "key-1", "private_key", keys().privateKey("rsa")));
        vendor.on(
                "POST /app/installations/org-7/access_tokens",
                request -> Answer.of(201, "{\"token\":\"fresh\",\"expires_at\":\"2026-11-02T11:00:00Z\"}"));

        assertThat(call(connector)).isInstanceOf(Verdict.Success.class);
        assertThat(Grant.expiresAt(stored().secret()))
                .isEqualTo(BEGIN.plus(Duration.ofHours(1)).toEpochMilli());
        RoutedServer.Received asked = vendor.received().getFirst();
        assertThat(asked.body()).isEqualTo("{}");
        assertThat(verified(asked.header("Authorization").substring("Bearer ".length()), "rsa")
                        .path("iss")
                        .asString())
                .isEqualTo("77");
    }

    @Test
    void anInstallationOfAGitHubAppGetsTokensByASignedAssertion() throws Exception {
        Connector github = Objects.requireNonNull(ConnectorCatalogue.bundled().byVendor("github"));
        Auth.Fetched auth = (Auth.Fetched) Objects.requireNonNull(github.auth("installation"));
        Map<String, String> where = Map.of("base_url", vendor.url(), "installation_id", "51234567");
        store.put(
                new ConnectionRecord("acme", "books", "github", "installation", where, Map.of(), Set.of(), Map.of()),
                Secret.of(Map.of("app_id", "4711", "private_key", keys().privateKey("rsa"))),
                CredentialStore.ANY);
        vendor.on(
                "POST /app/installations/51234567/access_tokens",
                request -> Answer.of(
                        201,
                        "{\"token\":\"ghs_1\",\"expires_at\":\"2026-11-02T11:00:00Z\",\"permissions\":{\"issues\":\"write\"},"
                                + "\"repository_selection\":\"selected\"}"));
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();

        Access access = tokens.current(stored(), github, auth, () -> true, deadline);
        StoredConnection usable = ((Access.Usable) access).connection();
        VendorRequest request = RequestBuilder.build(
                github,
                Objects.requireNonNull(github.tools().get("github_list_installation_repos")),
                JSON.createObjectNode(),
                usable.connection(),
                RequestBuilder.baseUrl(github, usable.connection()),
                usable.secret(),
                null,
                null,
                null);
        assertThat(request.headers()).contains(Map.entry("Authorization", "Bearer ghs_1"));
        assertThat(Grant.expiresAt(usable.secret()))
                .isEqualTo(BEGIN.plus(Duration.ofHours(1)).toEpochMilli());
        RoutedServer.Received asked = vendor.received().getFirst();
        assertThat(asked.body()).isEqualTo("{}");
        assertThat(asked.header("Accept")).isEqualTo("application/vnd.github+json");
        assertThat(asked.header("User-Agent")).isEqualTo("Toolpost");
        JsonNode claims = JSON.readTree(
                Base64.getUrlDecoder().decode(asked.header("Authorization").split("\\.", 3)[1]));
        assertThat(claims.path("iss").asString()).isEqualTo("4711");
        assertThat(claims.path("exp").asLong() - BEGIN.getEpochSecond())
                .as("GitHub takes assertions that live ten minutes at most")
                .isBetween(60L, 600L);

        vendor.on(
                "POST /app/installations/51234567/access_tokens",
                refused -> Answer.of(404, "{\"message\":\"Not Found\"}"));
        assertThat(tokens.replace(usable, github, auth, () -> true, deadline))
                .isInstanceOf(Access.ReauthorizationRequired.class);
    }

    @Test
    void aClientAuthenticatesByAnAssertion() throws Exception {
        Connector connector = connector("""
                - kind: oauth2_client_credentials
                  token_url: "$V/token"
                  client: assertion
                  fields: [key_id]
                  assertion:
                    algorithm: ES256
                    header: { kid: "{key_id}" }
                    claims: { iss: "{client_id}", sub: "{client_id}", aud: "https://auth.example" }
                """, "");
        put(connector, Map.of("client_id", "c7", "key_id", "key-1", "private_key", keys().privateKey("ec")));
        vendor.on("POST /token", request -> json("{\"access_token\":\"fresh\"}"));

        assertThat(call(connector)).isInstanceOf(Verdict.Success.class);
        String body = vendor.received("POST /token").getFirst().body();
        assertThat(body).contains("client_id=c7&client_assertion_type=urn").doesNotContain("client_secret");
        assertThat(verified(body.replaceAll(".*client_assertion=", ""), "ec")
                        .path("sub")
                        .asString())
                .isEqualTo("c7");
    }

    @Test
    void aKeyThatCannotSignIsToldOnceAndNothingIsSent() throws Exception {
        Connector connector = connector("""
                - kind: oauth2_jwt
                  token_url: "$V/token"
                  assertion: { algorithm: RS256, claims: { iss: me } }
                """, "");
        for (String key : List.of(
                "nonsense", keys().privateKey("ec"), "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----")) {
            put(connector, Map.of("private_key", key));
            events.clear();
            for (int i = 0; i < 2; i++) {
                assertThat(call(connector))
                        .isInstanceOf(Access.ReauthorizationRequired.class)
                        .asString()
                        .contains("private_key")
                        .doesNotContain(key);
            }
            assertThat(events).hasSize(1);
        }
        assertThat(vendor.received()).isEmpty();
    }

    private static final String LOGIN = """
            - kind: session
              fields: [username, password]
              steps:
                - request:
                    url: "$V/login"
                    json: { user: "{username}", secret: { password: "{password}" }, org: "{org}" }
                  take: { ticket: /data/ticket, sid: { cookie: SID } }
                - request:
                    method: POST
                    url: "$V/exchange"
                    path: "/{ticket}"
                    query: { org: "{org}" }
                    headers: { Cookie: "SID={sid}" }
                    form: { ticket: "{ticket}" }
                  take: { session: { header: X-Session } }
                  keep: { /org: org }
                  expires_in: /ttl
              token: "{session}"
              send: { header: X-Session, prefix: "s " }
              default_lifetime: 5m
            """;

    private void plays(AtomicInteger logins) {
        vendor.on(
                "POST /login",
                request -> json("{\"data\":{\"ticket\":\"t/1 é\"}}").with("Set-Cookie", "SID=c-1; Path=/; HttpOnly"));
        vendor.on(
                "POST /exchange/t%2F1%20%C3%A9",
                request -> json("{\"org\":\"org-9\",\"ttl\":1200}")
                        .with("X-Session", "fresh-" + logins.incrementAndGet()));
        vendor.on(
                "GET /api/things",
                request -> request.header("X-Session").equals("s fresh-" + logins.get())
                        ? json("{}")
                        : Answer.of(403, "{\"errors\":[{\"code\":\"TokenExpired\"}]}"));
    }

    @Test
    void aChainOfExchangesEndsInASessionTokenForAllWhoWait() throws Exception {
        Connector connector = connector(LOGIN, "");
        put(connector, Map.of("username", "ann", "password", "hush \"7\""));
        AtomicInteger logins = new AtomicInteger();
        plays(logins);

        for (Object each : atOnce(100, () -> call(connector))) {
            assertThat(each).isInstanceOf(Verdict.Success.class);
        }
        assertThat(logins).hasValue(1);
        List<RoutedServer.Received> asked = vendor.received().stream()
                .filter(request -> request.method().equals("POST"))
                .toList();
        assertThat(JSON.readTree(asked.getFirst().body()))
                .isEqualTo(JSON.readTree(
                        "{\"user\":\"ann\",\"secret\":{\"password\":\"hush \\\"7\\\"\"},\"org\":\"org-7\"}"));
        assertThat(asked.getLast().query()).isEqualTo("org=org-7");
        assertThat(asked.getLast().header("Cookie")).isEqualTo("SID=c-1");
        assertThat(asked.getLast().body()).isEqualTo("ticket=t%2F1+%C3%A9");
        assertThat(stored().connection().variables()).containsEntry("org", "org-9");
        assertThat(Grant.expiresAt(stored().secret())).isEqualTo(millis.get() + 1_200_000);
        assertThat(stored().secret().names()).containsExactly("access_token", "expires_at", "password", "username");
    }

    @Test
    void aSessionThatEndedAsA403IsMadeAnewAndTheCallSentOnceMore() throws Exception {
        Connector connector = connector(LOGIN, """
                errors:
                  rules:
                    - when: { status: 403, body: { /errors/0/code: TokenExpired } }
                      means: EXPIRED_CREDENTIAL
                """);
        put(connector, Map.of("username", "ann", "password", "hush"));
        AtomicInteger logins = new AtomicInteger();
        plays(logins);

        assertThat(call(connector)).isInstanceOf(Verdict.Success.class);
        vendor.on(
                "GET /api/things",
                request -> request.header("X-Session").equals("s fresh-2")
                        ? json("{}")
                        : Answer.of(403, "{\"errors\":[{\"code\":\"TokenExpired\"}]}"));
        assertThat(call(connector)).isInstanceOf(Verdict.Success.class);
        assertThat(logins).hasValue(2);
    }

    @ParameterizedTest
    @CsvSource({
        "403, X-Auth, expired, 'headers: { X-Auth: { matches: \"(?i)expired\" } }'",
        "400, X-None, none, 'body: { /error: { matches: \"(?i)token .*expired\" } }'"
    })
    void anExpiredTokenAs403Or400IsFetchedAnew(int status, String header, String value, String condition)
            throws Exception {
        Connector connector = connector(
                "- { kind: oauth2_client_credentials, token_url: \"$V/token\" }\n",
                """
                errors:
                  rules:
                    - when: { status: STATUS, CONDITION }
                      means: EXPIRED_CREDENTIAL
                """.replace("STATUS", Integer.toString(status)).replace("CONDITION", condition));
        put(connector, Map.of("client_id", "c", "client_secret", "s"));
        AtomicInteger given = new AtomicInteger();
        vendor.on("POST /token", request -> json("{\"access_token\":\"fresh-" + given.incrementAndGet() + "\"}"));
        vendor.on(
                "GET /api/things",
                request -> request.header("Authorization").equals("Bearer fresh-2")
                        ? json("{}")
                        : Answer.of(status, "{\"error\":\"The access token you sent has expired\"}")
                                .with(header, value));

        assertThat(call(connector)).isInstanceOf(Verdict.Success.class);
        assertThat(given).hasValue(2);
    }

    @Test
    void aLoginThatIsRefusedIsNotTriedAgainAndAgain() throws Exception {
        Connector connector = connector(LOGIN, "");
        put(connector, Map.of("username", "ann", "password", "hush-hush"));
        vendor.on("POST /login", request -> Answer.of(401, "{\"message\":\"hush-hush is not the password of ann\"}"));

        for (int i = 0; i < 3; i++) {
            assertThat(call(connector))
                    .isInstanceOf(Access.ReauthorizationRequired.class)
                    .asString()
                    .doesNotContain("hush-hush");
        }
        assertThat(vendor.received()).hasSize(1);
        assertThat(events).hasSize(1);
        put(connector, Map.of("username", "ann", "password", "right"));
        AtomicInteger logins = new AtomicInteger();
        plays(logins);
        assertThat(call(connector)).isInstanceOf(Verdict.Success.class);
    }

    @Test
    void aLoginWhoseReplyLacksAValueSaysWhich() throws Exception {
        Connector connector = connector(LOGIN, "");
        put(connector, Map.of("username", "ann", "password", "hush"));
        vendor.on("POST /login", request -> json("{\"data\":{}}").with("Set-Cookie", "SID=1"));

        assertThat(call(connector))
                .isInstanceOfSatisfying(
                        Access.Unavailable.class,
                        unavailable -> assertThat(unavailable.message()).contains("step 1", "without a ticket"));
    }

    @ParameterizedTest
    @CsvSource({"query: sid, sid=fresh", "cookie: SID, SID=fresh"})
    void aSessionTokenGoesIntoTheQueryOrACookie(String place, String sent) throws Exception {
        Connector connector = connector("""
                - kind: session
                  fields: [username, password]
                  steps:
                    - request: { url: "$V/login", basic: { username: "{username}", password: "{password}" }, method: POST }
                      take: { sid: "" }
                  token: "{sid}"
                  send: { PLACE }
                """.replace("PLACE", place), "");
        put(connector, Map.of("username", "ann", "password", "hush"));
        vendor.on("POST /login", request -> new Answer(200, "fresh\n", Map.of("Content-Type", "text/plain")));
        takes(sent);

        assertThat(call(connector)).isInstanceOf(Verdict.Success.class);
        assertThat(vendor.received().getFirst().header("Authorization")).isEqualTo("Basic YW5uOmh1c2g=");
    }

    @Test
    void aLoginThatReplacesItsSecretStoresTheNewOneBeforeItIsUsed() throws Exception {
        Connector connector = connector("""
                - kind: session
                  fields: [login_token]
                  steps:
                    - request: { url: "$V/login", form: { token: "{login_token}" } }
                      take: { sid: /sid, next: /next }
                  token: "{sid}"
                  replaces: { login_token: "{next}" }
                """, "");
        put(connector, Map.of("login_token", "first"));
        vendor.on("POST /login", request -> json("{\"sid\":\"fresh\",\"next\":\"second\"}"));
        takes("Bearer fresh");

        assertThat(((Auth.Fetched) connector.auth().getFirst()).rotates()).isTrue();
        assertThat(call(connector)).isInstanceOf(Verdict.Success.class);
        assertThat(stored().secret().get("login_token")).isEqualTo("second");
    }

    @Test
    void secretsAreNotSentInTheClearWhateverAVariableSays() throws Exception {
        Connector connector = connector("""
                - kind: session
                  fields: [password]
                  steps:
                    - request: { url: "{instance}/login", form: { p: "{password}" } }
                      take: { sid: /sid }
                  token: "{sid}"
                """, "");
        store.put(
                record(connector).withVariables(Map.of("api", vendor.url(), "instance", "http://login.example")),
                Secret.of("password", "hush"),
                CredentialStore.ANY);

        assertThat(call(connector))
                .isInstanceOfSatisfying(
                        Access.Unavailable.class,
                        unavailable -> assertThat(unavailable.message())
                                .contains("https")
                                .doesNotContain("hush"));
        assertThat(vendor.received()).isEmpty();
    }

    private static Map<String, String> with(Map<String, String> secret, String name, String value) {
        Map<String, String> more = new java.util.HashMap<>(secret);
        more.put(name, value);
        return more;
    }
}
