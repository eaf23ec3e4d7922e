package dev.toolpost.connectors;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.core.JsonPointer;
import tools.jackson.databind.json.JsonMapper;

class SalesforceConnectorTest {
    private static final Connector SALESFORCE = CatalogueTools.connector("salesforce");

    @ParameterizedTest
    @CsvSource({
        "salesforce_list_contacts, GET, /query, READ, true",
        "salesforce_query, GET, /query, READ, true",
        "salesforce_get_record, GET, /sobjects/{type}/{id}, READ, true",
        "salesforce_create_record, POST, /sobjects/{type}, WRITE, false",
        "salesforce_update_record, PATCH, /sobjects/{type}/{id}, WRITE, true",
        "salesforce_upsert_record, PATCH, /sobjects/{type}/{external_id_field}/{external_id}, WRITE, true",
        "salesforce_delete_record, DELETE, /sobjects/{type}/{id}, DELETE, true",
    })
    void toolsAreWhatTheVendorDocuments(String name, String method, String path, Effect effect, boolean idempotent) {
        Tool tool = CatalogueTools.tool(name);

        assertThat(tool.request().method()).isEqualTo(method);
        assertThat(tool.request().path().source()).isEqualTo(path);
        assertThat(tool.effect()).isEqualTo(effect);
        assertThat(tool.idempotent()).isEqualTo(idempotent);
    }

    @Test
    void goesToTheInstanceThatTheTokenReplyNames() {
        Auth.OAuth2 oauth2 = (Auth.OAuth2) Objects.requireNonNull(SALESFORCE.auth("oauth2"));

        assertThat(oauth2.keep()).containsExactly(Map.entry(JsonPointer.compile("/instance_url"), "base_url"));
        assertThat(SALESFORCE.baseUrl("oauth2").resolve(Map.of("base_url", "https://acme.my.salesforce.com/")))
                .isEqualTo(URI.create("https://acme.my.salesforce.com/services/data/v67.0"));
        assertThat(oauth2.endpoint().url(Map.of()))
                .isEqualTo(URI.create("https://login.salesforce.com/services/oauth2/token"));
        assertThat(oauth2.endpoint().url(Map.of("token_url", "http://127.0.0.1:8099/services/oauth2/token")))
                .isEqualTo(URI.create("http://127.0.0.1:8099/services/oauth2/token"));
        assertThat(oauth2.defaultLifetime()).isEqualTo(Duration.ofHours(2));
        assertThat(oauth2.reuseLeeway()).isNull();
    }

    @Test
    void followsTheVendorsLinkUntilItIsDone() {
        assertThat(CatalogueTools.tool("salesforce_query").paging())
                .isEqualTo(new Paging(
                        new Paging.NextLink(new Paging.FromBody(JsonPointer.compile("/nextRecordsUrl"))),
                        JsonPointer.compile("/records"),
                        new Paging.EndFlag(JsonPointer.compile("/done"), true),
                        new Paging.PageSize(
                                new Paging.InHeader("Sforce-Query-Options", "batchSize="), 200, 2000, 2000)));
    }

    @Test
    void aLimitBelowTheSmallestPageIsRefusedWithTheNumber() {
        ToolRef query = Objects.requireNonNull(CatalogueTools.CATALOGUE.byTool("salesforce_query"));

        assertThat(query.validator().validate(JsonMapper.shared().readTree("{\"soql\":\"SELECT Id\",\"limit\":10}")))
                .singleElement()
                .satisfies(problem -> assertThat(problem.message()).contains("200"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "401 | INVALID_SESSION_ID | EXPIRED_CREDENTIAL |",
                "403 | INVALID_SESSION_ID | EXPIRED_CREDENTIAL |",
                "400 | INVALID_QUERY_LOCATOR | INVALID_CURSOR |",
                "403 | REQUEST_LIMIT_EXCEEDED | THROTTLED | PT30S",
                "400 | UNABLE_TO_LOCK_ROW | TRANSIENT | PT1S",
                "400 | QUERY_TIMEOUT | UNAVAILABLE |",
                "403 | INSUFFICIENT_ACCESS_OR_READONLY | INSUFFICIENT_SCOPE |",
                "404 | ENTITY_IS_DELETED | NOT_FOUND |",
                "404 | NOT_FOUND | NOT_FOUND |",
                "400 | DUPLICATE_VALUE | CONFLICT |",
                "400 | DUPLICATES_DETECTED | CONFLICT |",
                "300 | | CONFLICT |",
                "400 | FIELD_CUSTOM_VALIDATION_EXCEPTION | REJECTED |",
                "400 | MALFORMED_QUERY | INVALID_ARGUMENTS |",
                "400 | REQUIRED_FIELD_MISSING | INVALID_ARGUMENTS |",
                "500 | UNKNOWN_EXCEPTION | TRANSIENT |",
                "503 | SERVER_UNAVAILABLE | TRANSIENT |",
            })
    void tellsItsErrorsApartByCode(int status, @Nullable String code, Meaning meaning, @Nullable Duration pause) {
        String body = code == null ? "[\"/a\",\"/b\"]" : "[{\"message\":\"m\",\"errorCode\":\"" + code + "\"}]";
        ErrorRule rule = Objects.requireNonNull(CatalogueTools.decide(SALESFORCE, status, body));

        assertThat(rule.meaning()).isEqualTo(meaning);
        assertThat(rule.pause()).isEqualTo(pause);
    }
}
