package dev.toolpost.worker.request;

import static dev.toolpost.worker.http.RoutedServer.Answer.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.toolpost.connectors.Connector;
import dev.toolpost.connectors.ConnectorLoader;
import dev.toolpost.connectors.Tool;
import dev.toolpost.worker.classify.Classifier;
import dev.toolpost.worker.classify.Verdict;
import dev.toolpost.worker.credentials.ConnectionRecord;
import dev.toolpost.worker.credentials.Secret;
import dev.toolpost.worker.http.AddressPolicy;
import dev.toolpost.worker.http.HttpOutcome;
import dev.toolpost.worker.http.RoutedServer;
import dev.toolpost.worker.http.VendorHttp;
import dev.toolpost.worker.http.VendorHttpSettings;
import dev.toolpost.worker.http.VendorRequest;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Keys in path and body: sent where the vendor wants them, and shown and kept nowhere. */
@Timeout(60)
class KeyPlacesTest {

    private static final String KEY = "4711:AA-secret_\"key\"";

    private static final Connector CONNECTOR = new ConnectorLoader().load("bots.yaml", """
            vendor: bots
            title: Bots
            base_url: "{api}"
            variables: { api: { kind: url } }
            auth:
              - { kind: api_key_path, segment: "/bot{key}" }
              - { kind: api_key_body, name: api_key }
              - { kind: api_key_body, id: deep, pointer: /auth/key }
              - { kind: api_key_query, name: key }
            errors:
              rules:
                - { when: { status: 307 }, means: REDIRECT }
            tools:
              get_me:
                description: Says who the bot is.
                effect: read
                request: { path: /getMe }
              list_updates:
                description: Lists updates.
                effect: read
                request: { path: /getUpdates }
                paging: { kind: next_link, records: /result, next: /next }
              send:
                description: Sends a message.
                effect: write
                arguments: { type: object, properties: { text: { type: string } } }
                request: { method: POST, path: /send, body: { text: "{text}" } }
              ping:
                description: Pings.
                effect: write
                request: { method: POST, path: /ping }
            """);

    private final VendorHttp http =
            new VendorHttp(VendorHttpSettings.DEFAULTS.withAddresses(AddressPolicy.allowing(List.of("127.0.0.1"))));
    private RoutedServer vendor;

    @BeforeEach
    void begin() throws Exception {
        vendor = RoutedServer.start();
    }

    @AfterEach
    void end() {
        http.close();
        vendor.close();
    }

    private ConnectionRecord connection(String auth) {
        return new ConnectionRecord(
                "acme", "bot", "bots", auth, Map.of("api", vendor.url()), Map.of(), Set.of(), Map.of());
    }

    private VendorRequest build(String auth, String tool, String arguments, String place) throws Exception {
        return RequestBuilder.build(
                CONNECTOR,
                tool(tool),
                arguments(arguments),
                connection(auth),
                vendor.url(),
                Secret.of("key", KEY),
                place,
                null,
                null);
    }

    private static Tool tool(String name) {
        return Objects.requireNonNull(CONNECTOR.tools().get("bots_" + name));
    }

    private static JsonNode arguments(String text) {
        return JsonMapper.shared().readTree(text);
    }

    private HttpOutcome send(VendorRequest request) {
        return http.exchange(request, System.nanoTime() + 10_000_000_000L);
    }

    private Verdict verdict(String tool, VendorRequest request, AskedPage asked) {
        return Classifier.classify(CONNECTOR, tool(tool), send(request), asked, Instant.EPOCH);
    }

    @Test
    void aKeyInTheUrlPathIsSentThereAndShownNowhere() throws Exception {
        String path = "/bot4711:AA-secret_%22key%22/getMe";
        vendor.on("GET " + path, request -> json("{\"ok\":true}"));
        VendorRequest request = build("api_key_path", "get_me", "{}", null);

        assertThat(send(request))
                .isInstanceOfSatisfying(
                        HttpOutcome.Answered.class,
                        answered -> assertThat(answered.status()).isEqualTo(200));
        assertThat(RequestBuilder.redacted(request, CONNECTOR, connection("api_key_path"))
                        .url())
                .isEqualTo(vendor.url() + "/***/getMe");
        AskedPage asked = AskedPage.of(tool("get_me"), request, arguments("{}"), null, null);
        for (String shown :
                List.of(request.toString(), asked.toString(), request.redacted().toString())) {
            assertThat(shown).doesNotContain("4711").doesNotContain("secret_");
        }
    }

    @Test
    void aLinkToTheNextPageIsKeptWithoutTheKeyInItsPath() throws Exception {
        String base = "/bot4711:AA-secret_%22key%22";
        vendor.on(
                "GET " + base + "/getUpdates",
                request -> request.query().isEmpty()
                        ? json("{\"result\":[1],\"next\":\"" + vendor.url() + base + "/getUpdates?offset=7\"}")
                        : json("{\"result\":[2]}"));
        VendorRequest first = build("api_key_path", "list_updates", "{}", null);
        AskedPage asked = AskedPage.of(tool("list_updates"), first, arguments("{}"), null, null);

        Verdict.Success page = (Verdict.Success) verdict("list_updates", first, asked);
        assertThat(page.nextCursor()).isEqualTo("/{key}/getUpdates?offset=7");
        VendorRequest second = build("api_key_path", "list_updates", "{}", page.nextCursor());
        assertThat(second.uri().getRawPath()).isEqualTo(base + "/getUpdates");
        assertThat(verdict("list_updates", second, asked)).isInstanceOf(Verdict.Success.class);
    }

    @Test
    void aRedirectToAnotherPathKeepsTheKey() throws Exception {
        String base = "/bot4711:AA-secret_%22key%22";
        vendor.on(
                "GET " + base + "/getMe",
                request -> RoutedServer.Answer.of(307, "").with("Location", base + "/v2/getMe"));
        vendor.on("GET " + base + "/v2/getMe", request -> json("{}"));
        VendorRequest request = build("api_key_path", "get_me", "{}", null);
        AskedPage asked = AskedPage.of(tool("get_me"), request, arguments("{}"), null, null);

        Verdict.Moved moved = (Verdict.Moved) verdict("get_me", request, asked);
        assertThat(moved.place()).isEqualTo("/{key}/v2/getMe");
        VendorRequest again = RequestBuilder.moved(
                request, moved.place(), CONNECTOR, tool("get_me"), connection("api_key_path"), Secret.of("key", KEY));
        assertThat(verdict("get_me", again, asked)).isInstanceOf(Verdict.Success.class);
        assertThat(again.toString()).doesNotContain("secret_");
    }

    @ParameterizedTest
    @ValueSource(strings = {".", ".."})
    void aKeyOfDotsDoesNotClimb(String key) {
        assertThatThrownBy(() -> Credential.of(
                        Objects.requireNonNull(CONNECTOR.auth("api_key_path")),
                        Secret.of("key", key),
                        connection("api_key_path")))
                .isInstanceOf(RequestProblemException.class)
                .hasMessageContaining("dots");
    }

    @Test
    void aKeyInTheBodyStandsBesideTheArgumentsAndIsShownNowhere() throws Exception {
        vendor.on("POST /send", request -> json("{}"));
        VendorRequest request = build("api_key_body", "send", "{\"text\":\"hello\"}", null);
        VendorRequest deep = build("deep", "send", "{\"text\":\"hello\"}", null);
        VendorRequest alone = build("api_key_body", "ping", "{}", null);
        for (VendorRequest each : List.of(request, deep, alone)) {
            send(each);
            assertThat(each.redacted().body()).contains("***").doesNotContain("secret_");
            assertThat(each.redacted().toString()).doesNotContain("secret_");
        }

        assertThat(arguments(vendor.received().get(0).body()))
                .isEqualTo(arguments("{\"text\":\"hello\",\"api_key\":\"4711:AA-secret_\\\"key\\\"\"}"));
        assertThat(arguments(vendor.received().get(1).body()))
                .isEqualTo(arguments("{\"text\":\"hello\",\"auth\":{\"key\":\"4711:AA-secret_\\\"key\\\"\"}}"));
        assertThat(arguments(vendor.received().get(2).body()))
                .isEqualTo(arguments("{\"api_key\":\"4711:AA-secret_\\\"key\\\"\"}"));
        assertThatThrownBy(() -> build("api_key_body", "get_me", "{}", null))
                .isInstanceOf(RequestProblemException.class)
                .hasMessageContaining("a GET has none");
    }

    @Test
    void aKeyInTheQueryIsHiddenByItsValueToo() throws Exception {
        VendorRequest request = build("api_key_query", "get_me", "{}", null);

        assertThat(request.redacted().url()).isEqualTo(vendor.url() + "/getMe?key=***");
        assertThat(request.toString()).doesNotContain("secret_");
    }
}
