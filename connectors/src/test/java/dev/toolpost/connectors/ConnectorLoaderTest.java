package dev.toolpost.connectors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.assertj.core.api.AbstractStringAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.core.JsonPointer;
import tools.jackson.databind.json.JsonMapper;

class ConnectorLoaderTest {
    private static final ConnectorLoader LOADER = new ConnectorLoader();
    private static final JsonMapper JSON = JsonMapper.shared();

    @Test
    void readsEveryPartOfADefinition() {
        Connector acme = LOADER.load("acme.yaml", Definitions.ACME);

        assertThat(acme.vendor()).isEqualTo("acme");
        assertThat(acme.pool()).isEqualTo("common");
        assertThat(acme.baseUrl().resolve(Map.of("subdomain", "widgets")))
                .hasToString("https://widgets.acme.example/api");
        assertThat(acme.auth())
                .containsExactly(
                        new Auth.Bearer(new Auth.About("bearer", "", false)),
                        new Auth.ApiKeyQuery("key", new Auth.About("api_key_query", "", false)));
        assertThat(acme.auth("api_key_query")).isInstanceOf(Auth.ApiKeyQuery.class);
        assertThat(acme.auth("basic")).isNull();
        assertThat(acme.headers()).containsExactly(Map.entry("Acme-Version", "2"));
        assertThat(acme.timeouts()).isEqualTo(Timeouts.DEFAULT);
        assertThat(acme.retry()).isEqualTo(RetryRules.DEFAULT);
        assertThat(acme.tools()).containsOnlyKeys("acme_get_thing", "acme_list_things", "acme_create_thing");
    }

    @Test
    void readsLimits() {
        Connector acme = LOADER.load("acme.yaml", Definitions.ACME);

        assertThat(acme.limits().getFirst()).isEqualTo(Limit.slidingPerConnection("second", 20, Duration.ofSeconds(1)));
        Limit lists = acme.limits().getLast();
        assertThat(lists.scope()).isEqualTo(Limit.Scope.GROUP);
        assertThat(lists.kind()).isEqualTo(Limit.Kind.CONCURRENT);
        assertThat(lists.window()).isNull();
        assertThat(lists.counts("acme_list_things")).isTrue();
        assertThat(lists.counts("acme_get_thing")).isFalse();
    }

    @Test
    void readsRequestTemplates() {
        Connector acme = LOADER.load("acme.yaml", Definitions.ACME);

        RequestTemplate get = tool(acme, "acme_get_thing").request();
        assertThat(get.method()).isEqualTo("GET");
        assertThat(get.path().arguments()).containsExactly("id");
        assertThat(get.query())
                .containsExactly(
                        new Parameter(
                                "fields",
                                new BodyTemplate.Value("fields"),
                                new Parameter.Style(
                                        Parameter.ListStyle.COMMA,
                                        Parameter.BooleanStyle.TRUE_FALSE,
                                        Parameter.ObjectStyle.BRACKETS),
                                null),
                        new Parameter(
                                "verbose",
                                new BodyTemplate.Constant(JSON.readTree("true")),
                                Parameter.Style.QUERY,
                                null));
        assertThat(get.headers()).containsKey("X-Thing");

        BodyTemplate.Json body = (BodyTemplate.Json)
                Objects.requireNonNull(tool(acme, "acme_create_thing").request().body());
        BodyTemplate.Members members = (BodyTemplate.Members) body.root();
        assertThat(members.members()).containsOnlyKeys("name", "label", "attributes");
        assertThat(members.members().get("name")).isEqualTo(new BodyTemplate.Value("name"));
        assertThat(members.members().get("label")).isInstanceOf(BodyTemplate.Text.class);

        BodyTemplate.Json search = (BodyTemplate.Json)
                Objects.requireNonNull(tool(acme, "acme_list_things").request().body());
        BodyTemplate.Members deep = (BodyTemplate.Members) Objects.requireNonNull(
                ((BodyTemplate.Members) search.root()).members().get("deep"));
        assertThat(deep.members().get("fixed"))
                .isEqualTo(new BodyTemplate.Items(List.of(
                        new BodyTemplate.Constant(JSON.readTree("1")),
                        new BodyTemplate.Constant(JSON.readTree("\"two\"")),
                        new BodyTemplate.Constant(JSON.readTree("\"{literal}\"")))));
    }

    @Test
    void readsToolsWithTheirDefaults() {
        Connector acme = LOADER.load("acme.yaml", Definitions.ACME);

        Tool get = tool(acme, "acme_get_thing");
        assertThat(get.title()).isEqualTo("Get thing");
        assertThat(get.idempotent()).isTrue();
        assertThat(get.paging()).isNull();
        assertThat(get.response()).isEqualTo(ResponseKind.JSON);
        assertThat(get.timeout()).isEqualTo(Duration.ofSeconds(30));

        Tool create = tool(acme, "acme_create_thing");
        assertThat(create.title()).isEqualTo("Make a thing");
        assertThat(create.effect()).isEqualTo(Effect.WRITE);
        assertThat(create.idempotent()).isFalse();
        assertThat(create.idempotencyKeyHeader()).isEqualTo("Idempotency-Key");
        assertThat(create.timeout()).isEqualTo(Duration.ofMinutes(1));
    }

    @Test
    void pagedToolsGetLimitAndNextCursor() {
        Tool list = tool(LOADER.load("acme.yaml", Definitions.ACME), "acme_list_things");

        assertThat(list.paging())
                .isEqualTo(new Paging(
                        new Paging.Cursor(
                                new Paging.FromBody(JsonPointer.compile("/next")),
                                new Paging.InBody(JsonPointer.compile("/page/after"))),
                        JsonPointer.compile("/items"),
                        null,
                        new Paging.PageSize(new Paging.InBody(JsonPointer.compile("/page/size")), 50, 200)));
        assertThat(list.arguments().get("properties").propertyNames()).containsExactly("limit", "next_cursor");
        assertThat(list.arguments().at("/properties/limit/maximum").asInt()).isEqualTo(200);
        assertThat(list.arguments().at("/properties/limit/default").asInt()).isEqualTo(50);
        assertThat(list.arguments().at("/properties/next_cursor/description").asString())
                .contains("send back exactly");
    }

    @Test
    void readsErrorRulesAndAppendsTheStandardOnes() {
        ErrorRules errors = LOADER.load("acme.yaml", Definitions.ACME).errors();

        ErrorRule quota = errors.rules().getFirst();
        assertThat(quota.statuses().contains(200)).isTrue();
        assertThat(quota.meaning()).isEqualTo(Meaning.THROTTLED);
        assertThat(quota.notProcessed()).isTrue();
        assertThat(quota.pause()).isEqualTo(Duration.ofSeconds(2));
        assertThat(holds(quota, "{\"ok\": false, \"error\": {\"code\": \"QUOTA_DAY\"}}"))
                .isTrue();
        assertThat(holds(quota, "{\"ok\": true, \"error\": {\"code\": \"QUOTA_DAY\"}}"))
                .isFalse();
        assertThat(holds(quota, "{\"ok\": false}")).isFalse();

        ErrorRule locked = errors.rules().get(1);
        assertThat(locked.statuses()).hasToString("403, 500-599");
        assertThat(locked.notProcessed()).isTrue();
        assertThat(locked.headers().getFirst().holds("yes")).isTrue();
        assertThat(locked.headers().getFirst().holds(null)).isFalse();

        for (int status = StatusSet.LOWEST; status <= StatusSet.HIGHEST; status++) {
            int code = status;
            boolean decided = errors.rules().stream()
                    .anyMatch(rule -> rule.headers().isEmpty()
                            && rule.body().isEmpty()
                            && rule.statuses().contains(code));
            assertThat(decided).as("status %s", status).isEqualTo(status < 200 || status > 299);
        }
        assertThat(errors.message()).containsExactly(JsonPointer.compile("/error/message"));
        assertThat(errors.fields()).hasSize(1);
    }

    @Test
    void namesTheNearestKeyOfAnUnknownOne() {
        assertThatProblem("permits: 20", "permitts: 20")
                .contains("acme.yaml:19:5: error: unknown key 'permitts' - did you mean 'permits'?")
                .doesNotContain("missing");
    }

    @Test
    void namesAKeyThatIsMissing() {
        assertThatProblem("    permits: 20\n", "")
                .contains("acme.yaml:16:3: error: the key 'permits' is missing - add it");
    }

    @Test
    void listsTheKnownKeysWhereNoneIsNear() {
        assertThatProblem("title: Acme", "title: Acme\nnonsense: 1")
                .contains("acme.yaml:3:1: error: unknown key 'nonsense' - known here: format, vendor, title");
    }

    @Test
    void namesTheNearestValueOfAnEnumeration() {
        assertThatProblem("kind: sliding", "kind: slidng")
                .contains(
                        "acme.yaml:18:11: error: second.kind: \"slidng\" (expected: one of sliding, fixed, token, leaky,"
                                + " concurrent) - did you mean sliding?");
    }

    @Test
    void saysWhatADurationLooksLike() {
        assertThatProblem("window: 1s", "window: 1 second")
                .contains(
                        "acme.yaml:20:13: error: second.window: \"1 second\" (expected: like 500ms, 10s, 1m, 1h, 1d)");
    }

    @Test
    void namesThePlaceInAListAndWhatAPointerLooksLike() {
        assertThatProblem("means: TRANSIENT", "means: TRANSIEN")
                .contains("rules[1].means: \"TRANSIEN\" (expected: one of ");
        assertThatProblem("records: /items", "records: items")
                .contains("paging.records: \"items\" (expected: like /results) - JSON Pointer (RFC 6901)");
        assertThatProblem("/ok: false", "ok: false").contains("the name 'ok' (expected: like /results)");
    }

    @Test
    void saysTheTypeThatIsExpected() {
        assertThatProblem("permits: 20", "permits: many")
                .contains("acme.yaml:19:14: error: second.permits: \"many\" (expected: an integer)");
    }

    @Test
    void listsAllProblemsInTheOrderOfTheFile() {
        String text = Definitions.acme("permits: 20", "permits: 0").replace("pause: 2s", "pause: soon");

        assertThat(problems(text).lines().map(line -> line.split(" ", 2)[0]))
                .containsExactly("acme.yaml:19:14:", "acme.yaml:36:14:");
    }

    @Test
    void refusesATemplateThatNamesNoArgument() {
        assertThatProblem("path: /things/{id}", "path: /things/{idd}")
                .contains("error: {idd} names no argument - did you mean {id}?");
        assertThatProblem("name: \"{name}\"", "name: \"{colour}\"")
                .contains("error: {colour} names no argument - declare it under arguments.properties");
    }

    @Test
    void refusesABraceThatIsLeftOpen() {
        assertThatProblem("path: /things/{id}", "path: /things/{id").contains("is not closed");
        assertThatProblem("path: /things/{id}", "path: \"/things/{i d}\"").contains("like /contacts");
        assertThatProblem("X-Thing: thing-{id}", "X-Thing: thing-id}").contains("closes nothing");
    }

    @Test
    void refusesAnOptionalArgumentInThePath() {
        assertThatProblem("required: [id]", "required: []")
                .contains("error: the path needs the argument 'id', which is optional - add it to required");
    }

    @Test
    void refusesAnArgumentWithoutTextFormWhereTextIsNeeded() {
        assertThatProblem("X-Thing: thing-{id}", "X-Thing: thing-{fields}")
                .contains("the argument 'fields' may be array, which has no text form here");
    }

    @Test
    void refusesABodyThatTheMethodDoesNotTake() {
        assertThatProblem("path: /things/{id}", "path: /things/{id}\n      body: { a: 1 }")
                .contains("a body does not go with the method GET");
    }

    @Test
    void refusesAReadThatWrites() {
        assertThatProblem(
                        "      method: POST\n      path: /things/search",
                        "      method: PUT\n      path: /things/search")
                .contains("effect read does not go with the method PUT");
    }

    @Test
    void refusesArgumentsThatBelongToPaging() {
        String text = Definitions.acme(
                "    tags: [things]\n",
                "    arguments: { type: object, properties: { next_cursor: { type: string } } }\n");

        assertThat(problems(text)).contains("the argument 'next_cursor' belongs to paging and is added by itself");
    }

    @Test
    void refusesPagingInTheBodyOfAGet() {
        String text = Definitions.acme("      method: POST\n      path: /things/search", "      path: /things/search")
                .replace("      body: { sort: newest, deep: { fixed: [1, two, \"{{literal}}\"] } }\n", "");

        assertThat(problems(text)).contains("a GET request has no body - write query: NAME, or another method");
    }

    @Test
    void refusesAParameterThatPagingOrTheKeyFills() {
        assertThatProblem("verbose: true", "key: true").contains("the parameter key takes the key - auth fills it");
        String text = Definitions.acme("cursor: { body: /page/after }", "cursor: { query: after }")
                .replace("path: /things/search", "path: /things/search\n      query: { after: 1 }");
        assertThat(problems(text)).contains("the request sets the parameter after too");
    }

    @Test
    void refusesUnknownToolsAndAuthKindsOfLimits() {
        assertThatProblem("tools: [list_things]", "tools: [list_thing]")
                .contains("unknown tool 'list_thing' - did you mean 'list_things'?");
        assertThatProblem("permits: 20", "permits: 20\n    auth: [basic]")
                .contains("unknown auth kind 'basic' - known here: bearer, api_key_query");
    }

    @Test
    void refusesAWindowOfAConcurrentLimitAndNoneOfAnother() {
        assertThatProblem("permits: 2\n", "permits: 2\n    window: 1s\n").contains("a concurrent limit has no window");
        assertThatProblem("    window: 1s\n", "").contains("the key 'window' is missing");
    }

    @Test
    void refusesHeadersThatCarryCredentialsOrFraming() {
        assertThatProblem("Acme-Version: \"2\"", "Authorization: Bearer abc")
                .contains("the header Authorization cannot be set here");
        assertThatProblem("X-Thing: thing-{id}", "Host: thing-{id}").contains("the header Host cannot be set here");
    }

    @Test
    void refusesAToolNameThatModelsDoNotTake() {
        assertThatProblem("  create_thing:", "  " + "x".repeat(61) + ":")
                .contains("has 66 characters (expected: at most 64)");
    }

    @Test
    void refusesASecondAlternativeOfOneKind() {
        assertThatProblem("  - kind: bearer", "  - kind: bearer\n  - kind: bearer")
                .contains("a second alternative of kind bearer");
    }

    @Test
    void refusesAPauseWhereNothingWaits() {
        assertThatProblem("means: THROTTLED", "means: NOT_FOUND").contains("nothing waits after NOT_FOUND");
    }

    @Test
    void refusesAnotherEndWhereNoAttemptsAreCounted() {
        assertThatProblem("means: THROTTLED", "means: THROTTLED\n      ends_as: CONFLICT")
                .contains("after THROTTLED no attempts are counted");
    }

    @Test
    void namesAFileThatCannotBeRead(@TempDir Path directory) throws Exception {
        Path binary = directory.resolve("binary.yaml");
        Files.write(binary, new byte[] {(byte) 0xC3, (byte) 0x28});

        assertThatThrownBy(() -> LOADER.load(binary)).hasMessageContaining("binary.yaml:1:1: error: not UTF-8 text");
        assertThatThrownBy(() -> LOADER.load(directory.resolve("none.yaml"))).hasMessageContaining("cannot be read");
    }

    private static Tool tool(Connector connector, String name) {
        return Objects.requireNonNull(connector.tools().get(name));
    }

    private static boolean holds(ErrorRule rule, String body) {
        return rule.body().stream().allMatch(condition -> condition.holds(JSON.readTree(body)));
    }

    private static AbstractStringAssert<?> assertThatProblem(String original, String replacement) {
        return assertThat(problems(Definitions.acme(original, replacement)));
    }

    private static String problems(String text) {
        try {
            LOADER.load("acme.yaml", text);
        } catch (ConnectorException e) {
            return String.valueOf(e.getMessage());
        }
        throw new AssertionError("the definition was accepted");
    }
}
