package dev.toolpost.connectors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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

class JiraConnectorTest {
    private static final Connector JIRA = CatalogueTools.connector("jira");

    @ParameterizedTest
    @CsvSource({
        "jira_search_issues, POST, /search/jql, READ, true",
        "jira_get_issue, GET, /issue/{key}, READ, true",
        "jira_create_issue, POST, /issue, WRITE, false",
        "jira_update_issue, PUT, /issue/{key}, WRITE, true",
        "jira_delete_issue, DELETE, /issue/{key}, DELETE, true",
        "jira_add_comment, POST, /issue/{key}/comment, WRITE, false",
        "jira_transition_issue, POST, /issue/{key}/transitions, WRITE, false",
        "jira_list_projects, GET, /project/search, READ, true",
        "jira_search_users, GET, /users/search, READ, true",
    })
    void toolsAreWhatTheVendorDocuments(String name, String method, String path, Effect effect, boolean idempotent) {
        Tool tool = CatalogueTools.tool(name);

        assertThat(tool.request().method()).isEqualTo(method);
        assertThat(tool.request().path().source()).isEqualTo(path);
        assertThat(tool.effect()).isEqualTo(effect);
        assertThat(tool.idempotent()).isEqualTo(idempotent);
    }

    @Test
    void eachKindOfAuthenticationHasItsOwnAddressAndNeedsOnlyItsOwnVariables() {
        assertThat(JIRA.baseUrl("oauth2").resolve(Map.of("cloud_id", "1324a887")))
                .isEqualTo(URI.create("https://api.atlassian.com/ex/jira/1324a887/rest/api/3"));
        assertThat(JIRA.baseUrl("basic").resolve(Map.of("site", "https://acme.atlassian.net")))
                .isEqualTo(URI.create("https://acme.atlassian.net/rest/api/3"));
        assertThatThrownBy(() -> JIRA.baseUrl("oauth2").resolve(Map.of()))
                .isInstanceOf(InvalidVariableException.class)
                .hasMessageContaining("cloud_id");
        assertThatThrownBy(() -> JIRA.baseUrl("basic").resolve(Map.of()))
                .isInstanceOf(InvalidVariableException.class)
                .hasMessageContaining("site");
    }

    @Test
    void itsRefreshTokensRotateWithALeeway() {
        Auth.OAuth2 oauth2 = (Auth.OAuth2) Objects.requireNonNull(JIRA.auth("oauth2"));

        assertThat(oauth2.endpoint().url(Map.of())).isEqualTo(URI.create("https://auth.atlassian.com/oauth/token"));
        assertThat(oauth2.endpoint().format()).isEqualTo(TokenEndpoint.Format.JSON);
        assertThat(oauth2.endpoint().client()).isEqualTo(TokenEndpoint.Client.BODY);
        assertThat(oauth2.reuseLeeway()).isEqualTo(Duration.ofMinutes(10));
        assertThat(oauth2.isDeadGrant(403, JsonMapper.shared().readTree("{\"error\":\"invalid_grant\"}")))
                .isTrue();
        assertThat(oauth2.isDeadGrant(403, JsonMapper.shared().readTree("{\"error\":\"slow_down\"}")))
                .isFalse();
        assertThat(oauth2.isDeadGrant(500, null)).isFalse();
    }

    @Test
    void searchesPageByTokenAndListsByOffset() {
        assertThat(Objects.requireNonNull(
                                CatalogueTools.tool("jira_search_issues").paging())
                        .way())
                .isInstanceOf(Paging.Cursor.class);
        assertThat(CatalogueTools.tool("jira_list_projects").paging())
                .isEqualTo(new Paging(
                        new Paging.Offset(
                                new Paging.InQuery("startAt"),
                                0,
                                new Paging.FromBody(JsonPointer.compile("/total")),
                                true),
                        JsonPointer.compile("/values"),
                        new Paging.EndFlag(JsonPointer.compile("/isLast"), true),
                        new Paging.PageSize(new Paging.InQuery("maxResults"), 50, 100)));
        assertThat(CatalogueTools.tool("jira_search_users").paging())
                .isEqualTo(new Paging(
                        new Paging.Offset(new Paging.InQuery("startAt"), 0, null, false),
                        JsonPointer.empty(),
                        null,
                        new Paging.PageSize(new Paging.InQuery("maxResults"), 50, 1000)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "400 | {\"errorMessages\":[],\"errors\":{\"summary\":\"required\"}} | INVALID_ARGUMENTS |",
                "400 | {\"errorMessages\":[\"The provided next page token is invalid\"]} | INVALID_CURSOR |",
                "401 | {\"code\":401,\"message\":\"Unauthorized\"} | EXPIRED_CREDENTIAL |",
                "401 | {\"code\":401,\"message\":\"Unauthorized; scope does not match\"} | INSUFFICIENT_SCOPE |",
                "403 | {\"errorMessages\":[\"no\"]} | REJECTED |",
                "404 | {\"errorMessages\":[\"No such issue\"],\"errors\":{}} | NOT_FOUND |",
                "410 | {} | MALFORMED_RESPONSE |",
                "429 | | THROTTLED | PT5S",
                "503 | | TRANSIENT |",
            })
    void tellsItsErrorsApart(int status, @Nullable String body, Meaning meaning, @Nullable Duration pause) {
        ErrorRule rule = Objects.requireNonNull(CatalogueTools.decide(JIRA, status, body));

        assertThat(rule.meaning()).isEqualTo(meaning);
        assertThat(rule.pause()).isEqualTo(pause);
    }
}
