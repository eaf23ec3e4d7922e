package dev.toolpost.worker.request;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.toolpost.schemas.ErrorCode;
import dev.toolpost.worker.credentials.ConnectionRecord;
import dev.toolpost.worker.credentials.Secret;
import dev.toolpost.worker.http.VendorRequest;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class RequestBuilderTest {

    private static final Secret TOKEN = Secret.of("token", "canary-token");

    private static VendorRequest build(String tool, String arguments) throws RequestProblemException {
        return build(tool, arguments, null, null);
    }

    private static VendorRequest build(String tool, String arguments, @Nullable String cursor, @Nullable Integer limit)
            throws RequestProblemException {
        return build(tool, arguments, AcmeConnector.connection("bearer"), TOKEN, cursor, limit, null);
    }

    private static VendorRequest build(
            String tool,
            String arguments,
            ConnectionRecord connection,
            Secret secret,
            @Nullable String cursor,
            @Nullable Integer limit,
            @Nullable String key)
            throws RequestProblemException {
        return RequestBuilder.build(
                AcmeConnector.CONNECTOR,
                AcmeConnector.tool(tool),
                CanonicalJson.parse(arguments),
                connection,
                RequestBuilder.baseUrl(AcmeConnector.CONNECTOR, AcmeConnector.tool(tool), connection),
                secret,
                cursor,
                limit,
                key);
    }

    private static String json(Object value) {
        return JsonMapper.shared().writeValueAsString(value);
    }

    private static String body(VendorRequest request) {
        return new String(Objects.requireNonNull(request.body()), UTF_8);
    }

    private static String query(VendorRequest request) {
        return request.uri().getRawQuery();
    }

    private static @Nullable String header(VendorRequest request, String name) {
        return request.headers().stream()
                .filter(header -> header.getKey().equalsIgnoreCase(name))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse(null);
    }

    private static void assertProblem(String tool, String arguments, String path) {
        assertThatThrownBy(() -> build(tool, arguments))
                .as(arguments)
                .isInstanceOfSatisfying(RequestProblemException.class, problem -> {
                    assertThat(problem.code()).isEqualTo(ErrorCode.INVALID_ARGUMENTS);
                    assertThat(problem.path()).isEqualTo(path);
                    assertThat(problem.getMessage()).contains("expected:");
                });
    }

    @Test
    void argumentsAndListsStandInTheQueryInTheirStyles() throws RequestProblemException {
        VendorRequest request = build(
                "list_things",
                "{\"fields\":[\"a\",\"b,c\"],\"tags\":[\"x y\",\"&\"],\"kinds\":[1,2.50],\"q\":\"ä/?\",\"archived\":false}");

        assertThat(request.method()).isEqualTo("GET");
        assertThat(request.uri().toString())
                .isEqualTo(
                        "https://eu.acme.example/api/things?fields=a,b%2Cc&tag=x%20y&tag=%26&kind%5B%5D=1&kind%5B%5D=2.50"
                                + "&q=text%3A%C3%A4%2F%3F&archived=false&limit=50");
        assertThat(request.body()).isNull();
        assertThat(header(request, "Accept")).isEqualTo("application/json");
        assertThat(header(request, "X-Version")).isEqualTo("3");
        assertThat(header(request, "Content-Type")).isNull();
        assertThat(header(request, "Authorization")).isEqualTo("Bearer canary-token");
    }

    @Test
    void absentAndNullArgumentsLeaveTheirParametersOut() throws RequestProblemException {
        assertThat(query(build("list_things", "{\"q\":null,\"fields\":[]}"))).isEqualTo("limit=50");
    }

    @Test
    void cursorAndLimitGoWhereTheVendorTakesThem() throws RequestProblemException {
        assertThat(query(build("list_things", "{}", "a=b&c", 7))).isEqualTo("limit=7&after=a%3Db%26c");
        assertThat(query(build("list_things", "{\"limit\":20}"))).isEqualTo("limit=20");
        assertThat(query(build("list_things", "{\"limit\":5000}"))).isEqualTo("limit=100");
        assertThat(query(build("list_things", "{}", null, 5_000))).isEqualTo("limit=100");
        assertThat(query(build("list_things", "{}", null, 0))).isEqualTo("limit=1");
        assertThat(body(build("search_things", "{\"filter\":{\"a\":1}}", "20", null)))
                .isEqualTo("{\"filter\":{\"a\":1},\"page\":{\"size\":5,\"limit\":10,\"after\":\"20\"}}");
    }

    @Test
    void aTemplateIsNotChangedByARequest() throws RequestProblemException {
        build("search_things", "{}", "20", 3);

        assertThat(body(build("search_things", "{}"))).isEqualTo("{\"page\":{\"size\":5,\"limit\":10}}");
    }

    @Test
    void aBodyTakesArgumentsWithTheirTypesAndDigits() throws RequestProblemException {
        VendorRequest request = build(
                "create_thing",
                "{\"name\":\"a\\\"b\",\"size\":12345678901234567890.10,\"extra\":{\"k\":[1,{\"n\":null}]}}");

        assertThat(body(request))
                .isEqualTo("{\"name\":\"thing a\\\"b\",\"size\":12345678901234567890.10,\"constant\":[1,true,null],"
                        + "\"nested\":{\"extra\":{\"k\":[1,{\"n\":null}]}}}");
        assertThat(header(request, "Content-Type")).isEqualTo("application/json");
    }

    @Test
    void anAbsentArgumentLeavesItsMemberOutAndANullStays() throws RequestProblemException {
        assertThat(body(build("create_thing", "{\"size\":null}")))
                .isEqualTo("{\"size\":null,\"constant\":[1,true,null],\"nested\":{}}");
    }

    @Test
    void aPathArgumentIsOneSegmentWhateverItHolds() throws RequestProblemException {
        assertThat(build("get_thing", "{\"id\":\"a/b?c#d%2F\\\\ü;=@\"}").uri().toString())
                .isEqualTo("https://eu.acme.example/api/things/a%2Fb%3Fc%23d%252F%5C%C3%BC%3B%3D%40");
        assertThat(build("get_thing", "{\"id\":\"ada@example.com\"}").uri().getRawPath())
                .isEqualTo("/api/things/ada%40example.com");
        assertThat(build("get_thing", "{\"id\":\"...\"}").uri().getRawPath()).isEqualTo("/api/things/...");
    }

    @Test
    void aPathArgumentCannotClimbEndALineOrVanish() {
        for (String id : List.of(
                "",
                ".",
                "..",
                "../admin",
                "a/../b",
                "..\\admin",
                "a/..",
                "./x",
                "a\r\nX: y",
                "a\nb",
                "\u0000",
                "a\tb")) {
            assertProblem("get_thing", "{\"id\":" + json(id) + "}", "/id");
        }
        assertProblem("get_thing", "{}", "/id");
        assertProblem("get_thing", "{\"id\":null}", "/id");
        assertProblem("get_thing", "{\"id\":[1]}", "/id");
        assertProblem("get_thing", "{\"id\":{}}", "/id");
    }

    @Test
    void aHeaderArgumentCannotEndItsLine() throws RequestProblemException {
        assertThat(header(build("get_thing", "{\"id\":\"1\",\"note\":\"héllo\"}"), "X-Note"))
                .isEqualTo("héllo");
        for (String note : List.of("a\r\nX-Admin: 1", "a\nb", "a\u0000", "日本")) {
            assertProblem("get_thing", "{\"id\":\"1\",\"note\":" + json(note) + "}", "/note");
        }
    }

    @Test
    void aQueryArgumentCannotAddAParameter() throws RequestProblemException {
        assertThat(query(build("list_things", "{\"q\":\"x&admin=1#\\r\\n\"}")))
                .isEqualTo("q=text%3Ax%26admin%3D1%23%0D%0A&limit=50");
        assertProblem("list_things", "{\"q\":{\"a\":1}}", "/q");
        assertThat(query(build("list_things", "{\"tags\":[{\"a&b\":1}]}")))
                .isEqualTo("tag%5B0%5D%5Ba%26b%5D=1&limit=50");
        assertProblem("list_things", "{\"tags\":[{\"a]=1&admin[x\":1}]}", "/tags");
        assertProblem("list_things", "{\"limit\":\"x\"}", "/limit");
    }

    @Test
    void everyWayToAuthenticateIsSentWhereItBelongs() throws RequestProblemException {
        Secret key = Secret.of("key", "k&1");
        VendorRequest query =
                build("get_thing", "{\"id\":\"1\"}", AcmeConnector.connection("api_key_query"), key, null, null, null);
        assertThat(query.uri().getRawQuery()).isEqualTo("apiKey=k%261");
        assertThat(header(query, "Authorization")).isNull();

        VendorRequest header =
                build("get_thing", "{\"id\":\"1\"}", AcmeConnector.connection("api_key_header"), key, null, null, null);
        assertThat(header(header, "X-Api-Key")).isEqualTo("Key k&1");

        Secret pair = Secret.of(Map.of("username", "ä", "password", "p:w"));
        VendorRequest basic =
                build("get_thing", "{\"id\":\"1\"}", AcmeConnector.connection("basic"), pair, null, null, null);
        assertThat(header(basic, "Authorization")).isEqualTo("Basic w6Q6cDp3");

        VendorRequest none =
                build("get_thing", "{\"id\":\"1\"}", AcmeConnector.connection("none"), Secret.none(), null, null, null);
        assertThat(header(none, "Authorization")).isNull();
    }

    @Test
    void anIdempotencyKeyIsSentOnlyWhereTheToolTakesOne() throws RequestProblemException {
        String key = IdempotencyKey.of("tenant", "conn", "acme_pay", "call-1");

        assertThat(key).hasSize(46).isEqualTo(IdempotencyKey.of("tenant", "conn", "acme_pay", "call-1"));
        assertThat(key).isNotEqualTo(IdempotencyKey.of("tenan", "tconn", "acme_pay", "call-1"));
        assertThat(header(
                        build("pay", "{}", AcmeConnector.connection("bearer"), TOKEN, null, null, key),
                        "Idempotency-Key"))
                .isEqualTo(key);
        assertThat(header(
                        build("create_thing", "{}", AcmeConnector.connection("bearer"), TOKEN, null, null, key),
                        "Idempotency-Key"))
                .isNull();
    }

    @Test
    void anIncompleteConnectionIsSaidToBeTheProblemWithoutShowingItsSecret() {
        for (Map.Entry<ConnectionRecord, Secret> broken : List.of(
                Map.entry(AcmeConnector.connection("oauth2"), TOKEN),
                Map.entry(AcmeConnector.connection("bearer"), Secret.none()),
                Map.entry(AcmeConnector.connection("bearer"), Secret.of("token", "")),
                Map.entry(AcmeConnector.connection("bearer"), Secret.of("token", "canary\r\nX: y")),
                Map.entry(AcmeConnector.connection("bearer", Map.of()), TOKEN),
                Map.entry(AcmeConnector.connection("bearer", Map.of("site", "evil.example/#")), TOKEN),
                Map.entry(AcmeConnector.connection("bearer", Map.of("site", "a@127.0.0.1")), TOKEN))) {
            assertThatThrownBy(() ->
                            build("get_thing", "{\"id\":\"1\"}", broken.getKey(), broken.getValue(), null, null, null))
                    .isInstanceOfSatisfying(RequestProblemException.class, problem -> {
                        assertThat(problem.code()).isEqualTo(ErrorCode.REAUTHORIZATION_REQUIRED);
                        assertThat(problem.getMessage()).doesNotContain("canary");
                    });
        }
    }

    @Test
    void aDryRunShowsTheRequestWithoutItsCredential() throws RequestProblemException {
        for (String kind : List.of("bearer", "basic", "api_key_header", "api_key_query")) {
            Secret secret =
                    Secret.of(Map.of("token", "canary", "key", "canary", "username", "canary", "password", "canary"));
            ConnectionRecord connection = AcmeConnector.connection(kind);
            VendorRequest request = build("create_thing", "{\"name\":\"n\"}", connection, secret, null, null, null);

            assertThat(RequestBuilder.redacted(request, AcmeConnector.CONNECTOR, connection))
                    .satisfies(shown -> {
                        assertThat(shown.method()).isEqualTo("POST");
                        assertThat(shown.body()).contains("\"thing n\"");
                        assertThat(shown.toString()).as(kind).doesNotContain("canary", "Y2FuYXJ5");
                    });
        }
    }
}
