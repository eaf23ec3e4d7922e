package dev.toolpost.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class SimulatedJiraTest {

    private static final String API = "/rest/api/3";
    private static final String ADF = "{\"type\":\"doc\",\"version\":1,\"content\":[]}";

    private SimulatedVendor vendor = builder().unlimited().start();

    private static SimulatedVendor.Builder builder() {
        return SimulatedVendor.builder().profile("jira").records("issues", 400);
    }

    @AfterEach
    void stop() {
        vendor.close();
    }

    private void restart(SimulatedVendor.Builder builder) {
        vendor.close();
        vendor = builder.start();
    }

    private Http.Answer send(String method, String path, String body) throws Exception {
        return Http.vendor(vendor, method, API + path, body);
    }

    private Http.Answer get(String path) throws Exception {
        return send("GET", path, null);
    }

    private Http.Answer search(String body) throws Exception {
        return send("POST", "/search/jql", body);
    }

    private static String message(Http.Answer answer) {
        return answer.status() + " " + answer.json().at("/errorMessages/0").asString();
    }

    @Test
    void aSearchGivesIdsAloneAndATokenUntilTheEnd() throws Exception {
        vendor.logPages(100);
        List<String> ids = new ArrayList<>();
        String token = "";
        int pages = 0;
        do {
            JsonNode page = search("{\"jql\":\"project in (OPS, WEB, MOB, DATA)\",\"maxResults\":150" + token + "}")
                    .json();
            assertThat(page.at("/issues/0").propertyNames()).containsExactly("id");
            page.path("issues").forEach(issue -> ids.add(issue.path("id").asString()));
            token = page.has("nextPageToken")
                    ? ",\"nextPageToken\":\"" + page.path("nextPageToken").asString() + "\""
                    : "";
            assertThat(page.path("isLast").asBoolean()).isEqualTo(token.isEmpty());
            assertThat(page.has("total")).isFalse();
            pages++;
        } while (!token.isEmpty());
        assertThat(pages).isEqualTo(3);
        assertThat(ids).hasSize(400).doesNotHaveDuplicates();
        assertThat(vendor.pages(1).getFirst().hash()).isEqualTo(ServedPage.hash(ids.subList(300, 400)));
        assertThat(vendor.pages(3).get(1).asked())
                .isEqualTo(vendor.pages(3).get(0).next());
    }

    @Test
    void fieldsComeWhenTheyAreAskedFor() throws Exception {
        JsonNode issue = search(
                        "{\"jql\":\"project = OPS order by created desc\",\"fields\":[\"summary\",\"status\",\"nothing\"],\"maxResults\":1}")
                .json()
                .at("/issues/0");
        assertThat(issue.propertyNames()).containsExactly("expand", "id", "self", "key", "fields");
        assertThat(issue.path("key").asString())
                .isEqualTo("OPS-" + issue.path("id").asString());
        assertThat(issue.path("fields").propertyNames()).containsExactly("summary", "status");
        assertThat(issue.at("/fields/status/name").asString()).isNotEmpty();
        JsonNode keys = search("{\"jql\":\"project = OPS\",\"fields\":[\"key\"],\"maxResults\":1}")
                .json()
                .at("/issues/0");
        assertThat(keys.propertyNames()).containsExactly("expand", "id", "self", "key");
        JsonNode whole = get("/issue/" + issue.path("key").asString()).json();
        assertThat(whole.path("fields").has("description")).isTrue();
        assertThat(whole.at("/fields/project/key").asString()).isEqualTo("OPS");
        assertThat(search("{\"jql\":\"project = OPS\",\"fields\":[\"summary\"],\"maxResults\":5000}")
                        .json()
                        .path("issues")
                        .size())
                .as("lowered by the vendor")
                .isLessThanOrEqualTo(100);
    }

    @Test
    void queriesAreReadAndBoundless() throws Exception {
        String id = search("{\"jql\":\"status = Done and project != OPS\",\"maxResults\":1}")
                .json()
                .at("/issues/0/id")
                .asString();
        JsonNode fields = get("/issue/" + id).json().path("fields");
        assertThat(fields.at("/status/name").asString()).isEqualTo("Done");
        assertThat(fields.at("/project/key").asString()).isNotEqualTo("OPS");
        assertThat(search("{\"jql\":\"status not in (Done, 'To Do') AND assignee is not EMPTY AND created >= -30d\"}")
                        .status())
                .isEqualTo(200);
        assertThat(message(search("{\"jql\":\"\"}"))).startsWith("400 Unbounded JQL");
        assertThat(message(search("{\"jql\":\"order by created\"}"))).startsWith("400 Unbounded JQL");
        assertThat(message(search("{\"jql\":\"colour = red\"}"))).startsWith("400 Field 'colour' does not exist");
        assertThat(message(search("{\"jql\":\"project = \"}"))).startsWith("400 Error in the JQL Query");
        assertThat(message(search("{\"jql\":\"project = OPS or status = Done\"}")))
                .startsWith("400 Error in the JQL");
        assertThat(search("{\"jql\":\"project = OPS\",\"maxResults\":5001}").status())
                .isEqualTo(400);
        assertThat(message(send("POST", "/search", "{\"jql\":\"project = OPS\"}")))
                .startsWith("410 ");
        assertThat(get("/search/jql?jql=project%20%3D%20OPS&fields=summary").status())
                .isEqualTo(200);
    }

    @Test
    void aPageTokenEndsAfterSevenDaysAndBelongsToItsQuery() throws Exception {
        String token = search("{\"jql\":\"project = OPS\",\"maxResults\":5}")
                .json()
                .path("nextPageToken")
                .asString();
        String next = "\",\"maxResults\":5,\"nextPageToken\":\"" + token + "\"}";
        assertThat(search("{\"jql\":\"project = OPS" + next).status()).isEqualTo(200);
        assertThat(search("{\"jql\":\"project = WEB" + next).status()).isEqualTo(400);
        vendor.advanceClock(Duration.ofDays(7));
        assertThat(message(search("{\"jql\":\"project = OPS" + next))).contains("expired");
        assertThat(search("{\"jql\":\"project = OPS\",\"nextPageToken\":\"!\"}").status())
                .isEqualTo(400);
    }

    @Test
    void issuesComeAndGoDuringASearchButNoneIsServedTwice() throws Exception {
        vendor.churn(Churn.of(2, 3, 11));
        Set<String> ids = new HashSet<>();
        int served = 0;
        String token = "";
        do {
            JsonNode page = search("{\"jql\":\"status != Nothing\",\"maxResults\":20" + token + "}")
                    .json();
            for (JsonNode issue : page.path("issues")) {
                ids.add(issue.path("id").asString());
                served++;
            }
            token = page.has("nextPageToken")
                    ? ",\"nextPageToken\":\"" + page.path("nextPageToken").asString() + "\""
                    : "";
        } while (!token.isEmpty());
        assertThat(ids).hasSize(served);
        assertThat(ids.stream().filter(id -> id.length() > 10)).isNotEmpty();
    }

    @Test
    void anIssueLivesFromCreationToDeletion() throws Exception {
        Http.Answer created = send(
                "POST",
                "/issue",
                "{\"fields\":{\"project\":{\"key\":\"OPS\"},\"issuetype\":{\"name\":\"Bug\"},\"summary\":\"Broken\",\"description\":"
                        + ADF + "}}");
        assertThat(created.status()).isEqualTo(201);
        assertThat(created.json().propertyNames()).containsExactly("id", "key", "self");
        String key = created.json().path("key").asString();
        assertThat(key).startsWith("OPS-");
        assertThat(send("PUT", "/issue/" + key, "{\"fields\":{\"summary\":\"Mended\"}}")
                        .status())
                .isEqualTo(204);
        JsonNode transitions = get("/issue/" + key + "/transitions").json().path("transitions");
        assertThat(transitions.at("/2/name").asString()).isEqualTo("Done");
        assertThat(send("POST", "/issue/" + key + "/transitions", "{\"transition\":{\"id\":\"31\"}}")
                        .status())
                .isEqualTo(204);
        JsonNode fields = get("/issue/" + key + "?fields=summary,status,issuetype,description,assignee")
                .json()
                .path("fields");
        assertThat(fields.path("summary").asString()).isEqualTo("Mended");
        assertThat(fields.at("/status/name").asString()).isEqualTo("Done");
        assertThat(fields.at("/issuetype/name").asString()).isEqualTo("Bug");
        assertThat(fields.at("/description/type").asString()).isEqualTo("doc");
        assertThat(fields.path("assignee").isNull()).isTrue();
        Http.Answer comment = send("POST", "/issue/" + key + "/comment", "{\"body\":" + ADF + "}");
        assertThat(comment.status()).isEqualTo(201);
        assertThat(comment.json().at("/body/type").asString()).isEqualTo("doc");
        String id = created.json().path("id").asString();
        assertThat(vendor.writes("comment", "issues", id)).isEqualTo(1);
        assertThat(vendor.writes("create", "issues", "Broken")).isEqualTo(1);
        assertThat(send("DELETE", "/issue/" + key, null).status()).isEqualTo(204);
        assertThat(message(send("DELETE", "/issue/" + key, null))).startsWith("404 Issue does not exist");
        assertThat(get("/issue/WEB-" + id).status()).isEqualTo(404);
    }

    @Test
    void refusedWritesNameTheirFields() throws Exception {
        JsonNode errors = send("POST", "/issue", "{\"fields\":{\"colour\":\"red\",\"description\":\"text\"}}")
                .json();
        assertThat(errors.path("errorMessages").isEmpty()).isTrue();
        assertThat(errors.path("errors").propertyNames())
                .containsExactlyInAnyOrder("project", "issuetype", "summary", "colour", "description");
        assertThat(send("POST", "/issue", "[").status()).isEqualTo(400);
        String key = search("{\"jql\":\"project = OPS\",\"fields\":[\"key\"]}")
                .json()
                .at("/issues/0/key")
                .asString();
        assertThat(send("POST", "/issue/" + key + "/comment", "{\"body\":\"text\"}")
                        .status())
                .isEqualTo(400);
        assertThat(message(send("POST", "/issue/" + key + "/transitions", "{\"transition\":{\"id\":\"9\"}}")))
                .contains("'9'");
        assertThat(send("PUT", "/issue/" + key, "{\"fields\":{\"summary\":\"\"}}")
                        .status())
                .isEqualTo(400);
        assertThat(vendor.stats().writes()).isZero();
    }

    @Test
    void projectsAndUsersArePagedByTheirPlaceAndTheVendorLowersThePage() throws Exception {
        List<String> keys = new ArrayList<>();
        JsonNode page;
        int start = 0;
        do {
            page = get("/project/search?startAt=" + start + "&maxResults=100").json();
            assertThat(page.path("maxResults").asInt()).isEqualTo(50);
            assertThat(page.path("total").asInt()).isEqualTo(61);
            page.path("values").forEach(project -> keys.add(project.path("key").asString()));
            start += page.path("values").size();
        } while (!page.path("isLast").asBoolean());
        assertThat(keys).hasSize(61).doesNotHaveDuplicates().startsWith("OPS", "WEB", "MOB", "DATA");
        assertThat(get("/project/search?query=ops").json().at("/values/0/key").asString())
                .isEqualTo("OPS");
        List<String> users = new ArrayList<>();
        JsonNode list;
        do {
            list = get("/users/search?maxResults=90&startAt=" + users.size()).json();
            list.forEach(user -> users.add(user.path("accountId").asString()));
        } while (list.size() == 90);
        assertThat(users).hasSize(200).doesNotHaveDuplicates();
        assertThat(list.get(0).path("emailAddress").asString()).endsWith("@example.com");
        assertThat(list.get(0).path("displayName").asString()).contains(" ");
        assertThat(get("/users/search?startAt=500").body()).isEqualTo("[]");
        assertThat(get("/project/search?startAt=x").status()).isEqualTo(400);
    }

    @Test
    void placesShiftWhenRecordsGoAndThePageLogSaysWhatWasServed() throws Exception {
        vendor.logPages(100);
        vendor.churn(new Churn(0, 3, 40, 5, 1000));
        List<List<String>> pages = new ArrayList<>();
        int start = 0;
        JsonNode page;
        do {
            page = get("/project/search?maxResults=10&startAt=" + start).json();
            List<String> ids = new ArrayList<>();
            page.path("values").forEach(project -> ids.add(project.path("id").asString()));
            pages.add(ids);
            start += ids.size();
        } while (!page.path("isLast").asBoolean());
        List<ServedPage> log = vendor.pages(100);
        assertThat(log).hasSameSizeAs(pages);
        for (int i = 0; i < pages.size(); i++) {
            assertThat(log.get(i).hash()).isEqualTo(ServedPage.hash(pages.get(i)));
        }
        assertThat(log.getLast().next()).isNull();
        assertThat(log.get(1).asked()).isEqualTo(log.get(0).next()).isEqualTo("10");
    }

    @Test
    void burstsAreLimitedPerMethodAndEndpointAndWritesPerIssue() throws Exception {
        restart(builder().limit(3, Duration.ofSeconds(30)).limit("jira-per-issue-on-write", 1, Duration.ofSeconds(20)));
        for (int i = 2; i >= 0; i--) {
            assertThat(get("/project/search").header("X-RateLimit-Remaining")).isEqualTo(Integer.toString(i));
        }
        Http.Answer refused = get("/project/search");
        assertThat(refused.status()).isEqualTo(429);
        assertThat(refused.header("Retry-After")).isEqualTo("30");
        assertThat(refused.header("X-RateLimit-Limit")).isEqualTo("3");
        assertThat(refused.header("X-RateLimit-Reset")).endsWith("Z");
        assertThat(refused.header("RateLimit-Reason")).isEqualTo("jira-burst-based");
        String first = search("{\"jql\":\"project = OPS\",\"fields\":[\"key\"]}")
                .json()
                .at("/issues/0/key")
                .asString();
        String second = search("{\"jql\":\"project = WEB\",\"fields\":[\"key\"]}")
                .json()
                .at("/issues/0/key")
                .asString();
        String change = "{\"fields\":{\"summary\":\"x\"}}";
        assertThat(send("PUT", "/issue/" + first, change).status()).isEqualTo(204);
        assertThat(send("PUT", "/issue/" + second, change).status()).isEqualTo(204);
        assertThat(send("PUT", "/issue/" + first, change).header("RateLimit-Reason"))
                .isEqualTo("jira-per-issue-on-write");
    }

    @Test
    void refreshTokensRotateWithTenMinutesOfLeewayAndADeadGrantIs403() throws Exception {
        OAuthGrant grant = vendor.grant(GrantSpec.usual());
        Http.Answer answer = refresh(grant);
        assertThat(answer.json().path("expires_in").asInt()).isEqualTo(3600);
        assertThat(answer.json().path("refresh_token").asString()).isNotEqualTo(grant.refreshToken());
        vendor.advanceClock(Duration.ofMinutes(9));
        assertThat(refresh(grant).status()).isEqualTo(200);
        vendor.advanceClock(Duration.ofMinutes(2));
        Http.Answer dead = refresh(grant);
        assertThat(dead.status()).isEqualTo(403);
        assertThat(dead.json().path("error").asString()).isEqualTo("invalid_grant");
        assertThat(vendor.oauth().of(grant.id())).isEqualTo(new OAuthStats.Counts(3, 2, 1, 1, 1));
        assertThat(vendor.grant(grant.id()).revoked()).isTrue();
    }

    private Http.Answer refresh(OAuthGrant grant) throws Exception {
        return Http.send(
                vendor.uri(),
                "POST",
                "/oauth/token",
                VendorJson.MAPPER
                        .createObjectNode()
                        .put("grant_type", "refresh_token")
                        .put("client_id", grant.clientId())
                        .put("client_secret", grant.clientSecret())
                        .put("refresh_token", grant.refreshToken())
                        .toString(),
                "Content-Type",
                "application/json");
    }

    @Test
    void appsFindTheirSiteAndCallItByItsCloudId() throws Exception {
        OAuthGrant grant = vendor.grant(GrantSpec.usual().forReading());
        String bearer = "Bearer " + grant.accessToken();
        URI uri = vendor.uri();
        JsonNode sites = Http.send(uri, "GET", "/oauth/token/accessible-resources", null, "Authorization", bearer)
                .json();
        assertThat(sites.isArray()).isTrue();
        String base = "/ex/jira/" + sites.at("/0/id").asString() + API;
        assertThat(Http.send(uri, "GET", base + "/project/search", null, "Authorization", bearer)
                        .status())
                .isEqualTo(200);
        assertThat(Http.send(uri, "GET", "/ex/jira/other" + API + "/project/search", null, "Authorization", bearer)
                        .status())
                .isEqualTo(404);
        Http.Answer scope = Http.send(uri, "POST", base + "/issue", "{}", "Authorization", bearer);
        assertThat(scope.status()).isEqualTo(401);
        assertThat(scope.json().path("message").asString()).contains("scope does not match");
        vendor.expireTokens();
        Http.Answer expired = Http.send(uri, "GET", base + "/project/search", null, "Authorization", bearer);
        assertThat(expired.body()).isEqualTo("{\"code\":401,\"message\":\"Unauthorized\"}");
    }

    @Test
    void anApiTokenComesAsBasicAuthentication() throws Exception {
        String basic = Base64.getEncoder()
                .encodeToString(("me@example.com:" + SimulatedVendor.DEFAULT_TOKEN).getBytes(StandardCharsets.UTF_8));
        assertThat(Http.send(vendor.uri(), "GET", API + "/project/search", null, "Authorization", "Basic " + basic)
                        .status())
                .isEqualTo(200);
        assertThat(Http.send(vendor.uri(), "GET", API + "/project/search", null, "Authorization", "Basic bWU6bm8=")
                        .status())
                .isEqualTo(401);
    }
}
