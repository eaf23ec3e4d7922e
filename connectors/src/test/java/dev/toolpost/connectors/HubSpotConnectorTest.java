package dev.toolpost.connectors;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.core.JsonPointer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class HubSpotConnectorTest {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final ConnectorCatalogue CATALOGUE = ConnectorCatalogue.bundled();
    private static final Connector HUBSPOT = Objects.requireNonNull(CATALOGUE.byVendor("hubspot"));

    @Test
    void hasTheSevenTools() {
        assertThat(HUBSPOT.tools())
                .containsOnlyKeys(
                        "hubspot_list_contacts",
                        "hubspot_get_contact",
                        "hubspot_create_contact",
                        "hubspot_update_contact",
                        "hubspot_archive_contact",
                        "hubspot_upsert_contacts",
                        "hubspot_search_deals");
        assertThat(HUBSPOT.pool()).isEqualTo("hubspot");
    }

    @ParameterizedTest
    @CsvSource({
        "hubspot_list_contacts, GET, /crm/v3/objects/contacts, READ, true",
        "hubspot_get_contact, GET, /crm/v3/objects/contacts/{contact_id}, READ, true",
        "hubspot_create_contact, POST, /crm/v3/objects/contacts, WRITE, false",
        "hubspot_update_contact, PATCH, /crm/v3/objects/contacts/{contact_id}, WRITE, true",
        "hubspot_archive_contact, DELETE, /crm/v3/objects/contacts/{contact_id}, DELETE, true",
        "hubspot_upsert_contacts, POST, /crm/v3/objects/contacts/batch/upsert, WRITE, true",
        "hubspot_search_deals, POST, /crm/v3/objects/deals/search, READ, true",
    })
    void toolsAreWhatTheVendorDocuments(String name, String method, String path, Effect effect, boolean idempotent) {
        Tool tool = tool(name);

        assertThat(tool.request().method()).isEqualTo(method);
        assertThat(tool.request().path().source()).isEqualTo(path);
        assertThat(tool.effect()).isEqualTo(effect);
        assertThat(tool.idempotent()).isEqualTo(idempotent);
        assertThat(tool.idempotencyKeyHeader()).isNull();
    }

    @Test
    void goesToTheVendorUnlessTheConnectionNamesAStandIn() {
        assertThat(HUBSPOT.baseUrl().resolve(Map.of())).isEqualTo(URI.create("https://api.hubapi.com"));
        assertThat(HUBSPOT.baseUrl().resolve(Map.of("base_url", "http://127.0.0.1:8099/")))
                .isEqualTo(URI.create("http://127.0.0.1:8099"));
    }

    @Test
    void keepsWithinTheLimitsOfAPrivateApp() {
        Limit tenSeconds = HUBSPOT.limits().getFirst();
        assertThat(tenSeconds.name()).isEqualTo("ten_seconds");
        assertThat(tenSeconds.permits()).isEqualTo(100);
        assertThat(tenSeconds.window()).isEqualTo(Duration.ofSeconds(10));
        assertThat(tenSeconds.kind()).isEqualTo(Limit.Kind.SLIDING);
        assertThat(tenSeconds.scope()).isEqualTo(Limit.Scope.CONNECTION);
        assertThat(tenSeconds.throttlePause()).isEqualTo(Duration.ofSeconds(10));
        assertThat(tenSeconds.with(190, null).permits()).isEqualTo(190);

        assertThat(tenSeconds.counts("hubspot_search_deals")).isFalse();

        Limit search = HUBSPOT.limits().get(2);
        assertThat(search.permits()).isEqualTo(5);
        assertThat(search.window()).isEqualTo(Duration.ofSeconds(1));
        assertThat(search.counts("hubspot_search_deals")).isTrue();
        assertThat(search.counts("hubspot_list_contacts")).isFalse();

        Limit daily = HUBSPOT.limits().getLast();
        assertThat(daily.permits()).isEqualTo(250_000);
        assertThat(daily.window()).isEqualTo(Duration.ofDays(1));
    }

    @Test
    void answersTellWhatOtherClientsLeaveOfTheLimits() {
        assertThat(HUBSPOT.limits().getFirst().feedback().remaining())
                .isEqualTo(ValueSource.header("X-HubSpot-RateLimit-Remaining"));
        assertThat(HUBSPOT.limits().getLast().feedback().limit())
                .isEqualTo(ValueSource.header("X-HubSpot-RateLimit-Daily"));
        assertThat(HUBSPOT.limits().get(2).feedback().isSilent()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"DAILY, daily", "SECONDLY, search", "TEN_SECONDLY_ROLLING, ten_seconds"})
    void aRefusalPausesTheLimitThatItIsOfAndNoOther(String policy, String limit) {
        ErrorRule rule = Objects.requireNonNull(decide(429, "{\"policyName\":\"" + policy + "\"}"));

        assertThat(rule.patience().limits()).contains(limit).doesNotContain(limit.equals("daily") ? "search" : "daily");
    }

    @Test
    void theUnifiedViewAsksForWhatItNeeds() {
        View view = Objects.requireNonNull(tool("hubspot_list_contacts").unified());

        assertThat(view.arguments().get("properties").toString()).contains("mobilephone", "company", "jobtitle");
    }

    @Test
    void pagesByTheVendorsCursor() {
        JsonPointer next = JsonPointer.compile("/paging/next/after");
        JsonPointer results = JsonPointer.compile("/results");
        assertThat(tool("hubspot_list_contacts").paging())
                .isEqualTo(new Paging(
                        new Paging.Cursor(new Paging.FromBody(next), new Paging.InQuery("after")),
                        results,
                        null,
                        new Paging.PageSize(new Paging.InQuery("limit"), 100, 100)));
        Paging search = Objects.requireNonNull(tool("hubspot_search_deals").paging());
        assertThat(search.way())
                .isEqualTo(
                        new Paging.Cursor(new Paging.FromBody(next), new Paging.InBody(JsonPointer.compile("/after"))));
        assertThat(search.records()).isEqualTo(results);
        assertThat(search.pageSize())
                .isEqualTo(new Paging.PageSize(new Paging.InBody(JsonPointer.compile("/limit")), 100, 200));
        assertThat(Objects.requireNonNull(search.cap()).rows()).isEqualTo(10_000);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "401 | {\"status\":\"error\",\"message\":\"expired\",\"category\":\"EXPIRED_AUTHENTICATION\"} | EXPIRED_CREDENTIAL |",
                "401 | {\"status\":\"error\",\"category\":\"INVALID_AUTHENTICATION\"} | EXPIRED_CREDENTIAL |",
                "530 | error code: 1016 | REAUTHORIZATION_REQUIRED |",
                "403 | {\"status\":\"error\",\"category\":\"MISSING_SCOPES\"} | INSUFFICIENT_SCOPE |",
                "403 | {} | INSUFFICIENT_SCOPE |",
                "404 | {\"category\":\"OBJECT_NOT_FOUND\"} | NOT_FOUND |",
                "404 | <html> | NOT_FOUND |",
                "409 | {\"category\":\"CONFLICT\"} | CONFLICT |",
                "400 | {\"category\":\"VALIDATION_ERROR\"} | INVALID_ARGUMENTS |",
                "429 | {\"errorType\":\"RATE_LIMIT\",\"policyName\":\"TEN_SECONDLY_ROLLING\"} | THROTTLED | PT10S",
                "429 | {\"errorType\":\"RATE_LIMIT\",\"policyName\":\"SECONDLY\"} | THROTTLED | PT1S",
                "429 | {\"errorType\":\"RATE_LIMIT\",\"policyName\":\"DAILY\"} | THROTTLED | PT15M",
                "429 | {\"category\":\"RATE_LIMITS\",\"message\":\"secondly limit\"} | THROTTLED | PT1S",
                "429 | too fast | THROTTLED | PT10S",
                "423 | {} | TRANSIENT | PT2S",
                "477 | {} | TRANSIENT | PT30S",
                "500 | {} | TRANSIENT |",
                "502 | <html> | TRANSIENT |",
                "501 | {} | UNAVAILABLE |",
                "302 | {} | MALFORMED_RESPONSE |",
                "418 | {} | REJECTED |",
            })
    void tellsItsErrorsApart(int status, String body, Meaning meaning, @Nullable Duration pause) {
        ErrorRule rule = Objects.requireNonNull(decide(status, body));

        assertThat(rule.meaning()).isEqualTo(meaning);
        assertThat(rule.pause()).isEqualTo(pause);
    }

    @ParameterizedTest
    @CsvSource({
        "200, {}",
        "201, {}",
        "204, ''",
        "207, '{\"numErrors\":1,\"errors\":[{\"category\":\"VALIDATION_ERROR\"}]}'"
    })
    void anAnswerBelow300IsASuccess(int status, String body) {
        assertThat(decide(status, body)).isNull();
    }

    @Test
    void findsMessageCodeAndFieldsOfAnError() {
        JsonNode body = JSON.readTree("""
                {"status":"error","message":"bad email","correlationId":"c1","category":"VALIDATION_ERROR",
                 "errors":[{"message":"bad email","code":"INVALID_EMAIL","in":"email"},
                           {"message":"unknown","context":{"propertyName":["colour"]}}]}
                """);
        ErrorRules errors = HUBSPOT.errors();

        assertThat(text(body, errors.message())).isEqualTo("bad email");
        assertThat(text(body, errors.vendorCode())).isEqualTo("VALIDATION_ERROR");
        FieldErrors fields = errors.fields().getFirst();
        assertThat(body.at(fields.at()).valueStream().map(one -> text(one, fields.field())))
                .containsExactly("email", "colour");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "hubspot_list_contacts | {}",
                "hubspot_list_contacts | {\"limit\": 100, \"properties\": [\"email\"], \"archived\": false}",
                "hubspot_list_contacts | {\"next_cursor\": \"abc\"}",
                "hubspot_get_contact | {\"contact_id\": \"ada@example.com\", \"id_property\": \"email\"}",
                "hubspot_create_contact | {\"properties\": {\"email\": \"ada@example.com\", \"age\": 36, \"vip\": true, \"old\": null}}",
                "hubspot_update_contact | {\"contact_id\": \"51\", \"properties\": {\"phone\": \"\"}}",
                "hubspot_archive_contact | {\"contact_id\": \"51\"}",
                "hubspot_upsert_contacts | {\"contacts\": [{\"id\": \"a@b.c\", \"idProperty\": \"email\", \"properties\": {\"email\": \"a@b.c\"}}]}",
                "hubspot_search_deals | {\"filter_groups\": [{\"filters\": [{\"propertyName\": \"amount\", \"operator\": \"GT\", \"value\": \"100\"}]}], \"limit\": 200}",
            })
    void takesOrdinaryArguments(String tool, String arguments) {
        assertThat(problems(tool, arguments)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "hubspot_list_contacts | {\"limit\": 101} | /limit",
                "hubspot_list_contacts | {\"limit\": \"10\"} | /limit",
                "hubspot_list_contacts | {\"propertys\": []} | /propertys",
                "hubspot_get_contact | {} | /contact_id",
                "hubspot_get_contact | {\"contact_id\": \"\"} | /contact_id",
                "hubspot_create_contact | {\"properties\": {}} | /properties",
                "hubspot_create_contact | {\"properties\": {\"email\": [1]}} | /properties/email",
                "hubspot_archive_contact | {\"contact_id\": \"ada@example.com\"} | /contact_id",
                "hubspot_upsert_contacts | {\"contacts\": []} | /contacts",
                "hubspot_search_deals | {\"filter_groups\": [{\"filters\": [{\"propertyName\": \"a\", \"operator\": \"=\"}]}]} | /filter_groups/0/filters/0/operator",
            })
    void refusesArgumentsThatTheVendorWould(String tool, String arguments, String path) {
        assertThat(problems(tool, arguments)).extracting(ArgumentProblem::path).containsExactly(path);
    }

    @Test
    void anOAuthAppHasItsOwnLimitAndItsOwnDeadGrant() {
        Auth.OAuth2 oauth2 = (Auth.OAuth2) Objects.requireNonNull(HUBSPOT.auth("oauth2"));

        assertThat(HUBSPOT.auth().getFirst().kind()).isEqualTo("bearer");
        assertThat(oauth2.endpoint().url(Map.of())).isEqualTo(URI.create("https://api.hubapi.com/oauth/v3/token"));
        assertThat(oauth2.isDeadGrant(400, JSON.readTree("{\"status\":\"BAD_REFRESH_TOKEN\"}")))
                .isTrue();
        assertThat(HUBSPOT.limits().stream().filter(limit -> limit.appliesTo("oauth2")))
                .extracting(Limit::permits)
                .containsExactly(110, 5, 250_000);
        assertThat(HUBSPOT.limits().stream().filter(limit -> limit.appliesTo("bearer")))
                .extracting(Limit::permits)
                .containsExactly(100, 5, 250_000);
    }

    private static Tool tool(String name) {
        return Objects.requireNonNull(HUBSPOT.tools().get(name));
    }

    private static List<ArgumentProblem> problems(String tool, String arguments) {
        return Objects.requireNonNull(CATALOGUE.byTool(tool)).validator().validate(JSON.readTree(arguments));
    }

    private static @Nullable ErrorRule decide(int status, @Nullable String body) {
        JsonNode json = body != null && body.startsWith("{") ? JSON.readTree(body) : null;
        return HUBSPOT.errors().rules().stream()
                .filter(rule ->
                        rule.statuses().contains(status) && rule.headers().isEmpty())
                .filter(rule -> !rule.readsBody()
                        || (json != null && rule.body().stream().allMatch(condition -> condition.holds(json))))
                .findFirst()
                .orElse(null);
    }

    private static @Nullable String text(JsonNode node, List<JsonPointer> pointers) {
        return pointers.stream()
                .map(node::at)
                .filter(JsonNode::isString)
                .map(JsonNode::asString)
                .findFirst()
                .orElse(null);
    }
}
