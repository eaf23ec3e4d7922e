package dev.toolpost.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class SimulatedSalesforceTest {

    private static final String DATA = "/services/data/v67.0";
    private static final String CONTACTS = DATA + "/sobjects/Contact";

    private SimulatedVendor vendor = builder().start();

    private static SimulatedVendor.Builder builder() {
        return SimulatedVendor.builder().profile("salesforce").records("Contact", 450);
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
        return Http.vendor(vendor, method, path, body);
    }

    private Http.Answer get(String path) throws Exception {
        return send("GET", path, null);
    }

    private Http.Answer query(String soql) throws Exception {
        return Http.send(
                vendor.uri(),
                "GET",
                DATA + "/query?q=" + URLEncoder.encode(soql, StandardCharsets.UTF_8),
                null,
                "Authorization",
                "Bearer " + SimulatedVendor.DEFAULT_TOKEN,
                "Sforce-Query-Options",
                "batchSize=200");
    }

    private static String code(Http.Answer answer) {
        return answer.status() + " " + answer.json().at("/0/errorCode").asString();
    }

    @Test
    void aQueryIsFollowedByItsNextRecordsUrl() throws Exception {
        vendor.logPages(10);
        JsonNode page =
                query("SELECT Id, Name, Email, Account.Name FROM Contact").json();
        assertThat(page.propertyNames()).containsExactly("totalSize", "done", "nextRecordsUrl", "records");
        JsonNode first = page.at("/records/0");
        assertThat(first.propertyNames()).containsExactly("attributes", "Id", "Name", "Email", "Account");
        assertThat(first.at("/attributes/url").asString())
                .isEqualTo(CONTACTS + "/" + first.path("Id").asString());
        assertThat(first.path("Id").asString()).hasSize(18).startsWith("003");
        List<String> ids = new ArrayList<>();
        List<Integer> sizes = new ArrayList<>();
        String next;
        do {
            assertThat(page.path("totalSize").asInt()).isEqualTo(450);
            page.path("records").forEach(record -> ids.add(record.path("Id").asString()));
            sizes.add(page.path("records").size());
            next = page.path("nextRecordsUrl").asString("");
            assertThat(page.path("done").asBoolean()).isEqualTo(next.isEmpty());
            if (!next.isEmpty()) {
                assertThat(next).startsWith(DATA + "/query/01g").endsWith("-" + ids.size());
                page = get(next).json();
            }
        } while (!next.isEmpty());
        assertThat(sizes).containsExactly(200, 200, 50);
        assertThat(ids).doesNotHaveDuplicates().isSorted();
        List<ServedPage> log = vendor.pages(10);
        assertThat(log).hasSize(3);
        assertThat(log.get(0).asked()).isNull();
        assertThat(log.get(1).asked()).isEqualTo(log.get(0).next());
        assertThat(log.get(1).hash()).isEqualTo(ServedPage.hash(ids.subList(200, 400)));
        assertThat(log.get(2).next()).isNull();
    }

    @Test
    void aLocatorGivesItsPageAgainAndEndsAfterTwoDays() throws Exception {
        String next =
                query("SELECT Id FROM Contact").json().path("nextRecordsUrl").asString();
        String page = get(next).body();
        assertThat(get(next).body()).isEqualTo(page);
        assertThat(code(get(DATA + "/query/01g000000000099-200"))).isEqualTo("400 INVALID_QUERY_LOCATOR");
        vendor.advanceClock(Duration.ofHours(47));
        assertThat(get(next).status()).isEqualTo(200);
        vendor.advanceClock(Duration.ofHours(2));
        assertThat(code(get(next))).isEqualTo("400 INVALID_QUERY_LOCATOR");
    }

    @Test
    void aQueryUnderWaySeesDeletionsButNothingNew() throws Exception {
        vendor.churn(Churn.of(5, 5, 3));
        JsonNode page = query("SELECT Id FROM Contact").json();
        List<String> ids = new ArrayList<>();
        while (true) {
            page.path("records").forEach(record -> ids.add(record.path("Id").asString()));
            if (page.path("done").asBoolean()) {
                break;
            }
            page = get(page.path("nextRecordsUrl").asString()).json();
        }
        assertThat(ids).doesNotHaveDuplicates().hasSizeBetween(430, 455);
        assertThat(query("SELECT COUNT() FROM Contact").json().path("totalSize").asInt())
                .isGreaterThan(430);
    }

    @Test
    void conditionsOrdersAndLimitsAreUnderstood() throws Exception {
        String id = query("SELECT Id FROM Contact LIMIT 1")
                .json()
                .at("/records/0/Id")
                .asString();
        JsonNode one =
                query("SELECT Name, Email FROM Contact WHERE Id = '" + id + "'").json();
        assertThat(one.path("totalSize").asInt()).isEqualTo(1);
        String email = one.at("/records/0/Email").asString();
        assertThat(query("select Id from contact where Email = '" + email + "' and LastName != null")
                        .json()
                        .at("/records/0/Id")
                        .asString())
                .isEqualTo(id);
        JsonNode some = query("SELECT LastName FROM Contact WHERE FirstName IN ('Ada', 'Grace') AND LastName LIKE 'H%'"
                        + " ORDER BY LastName DESC LIMIT 5")
                .json();
        assertThat(some.path("records").size()).isEqualTo(5);
        List<String> names = new ArrayList<>();
        some.path("records").forEach(record -> names.add(record.path("LastName").asString()));
        assertThat(names).allMatch(name -> name.startsWith("H")).isSortedAccordingTo((a, b) -> b.compareTo(a));
        assertThat(query("SELECT Id FROM Opportunity WHERE Amount >= 200000 LIMIT 3")
                        .json()
                        .path("records")
                        .size())
                .isEqualTo(3);
        assertThat(query("SELECT Id FROM Contact LIMIT 2 OFFSET 449")
                        .json()
                        .path("records")
                        .size())
                .isEqualTo(1);
        assertThat(query("SELECT Id FROM Contact WHERE LastName = 'O\\'Neil'")
                        .json()
                        .path("totalSize")
                        .asInt())
                .isZero();
    }

    @Test
    void aMalformedQueryIsRefused() throws Exception {
        assertThat(code(query("SELECT FROM Contact"))).isEqualTo("400 MALFORMED_QUERY");
        assertThat(code(query("SELECT Id FROM Contact WHERE"))).isEqualTo("400 MALFORMED_QUERY");
        assertThat(code(query("SELECT Id FROM Contact WHERE Name = 'O'Neil'"))).isEqualTo("400 MALFORMED_QUERY");
        assertThat(code(query("DROP Contact"))).isEqualTo("400 MALFORMED_QUERY");
        assertThat(code(query("SELECT Colour FROM Contact"))).isEqualTo("400 INVALID_FIELD");
        assertThat(code(query("SELECT Id FROM Contact WHERE Colour = 'red'"))).isEqualTo("400 INVALID_FIELD");
        assertThat(code(query("SELECT Id FROM Planet"))).isEqualTo("400 INVALID_TYPE");
    }

    @Test
    void aRecordLivesFromCreationToDeletion() throws Exception {
        Http.Answer created =
                send("POST", CONTACTS, "{\"FirstName\":\"Mary\",\"LastName\":\"Shelley\",\"Email\":\"m@example.org\"}");
        assertThat(created.status()).isEqualTo(201);
        assertThat(created.json().propertyNames()).containsExactly("id", "success", "errors");
        String id = created.json().path("id").asString();
        assertThat(get(CONTACTS + "/" + id + "?fields=Name,Title")
                        .json()
                        .path("Name")
                        .asString())
                .isEqualTo("Mary Shelley");
        assertThat(send("PATCH", CONTACTS + "/" + id, "{\"LastName\":\"Godwin\",\"Title\":null}")
                        .status())
                .isEqualTo(204);
        assertThat(get(CONTACTS + "/" + id).json().path("Name").asString()).isEqualTo("Mary Godwin");
        assertThat(code(send("POST", CONTACTS, "{\"LastName\":\"Other\",\"Email\":\"m@example.org\"}")))
                .isEqualTo("400 DUPLICATES_DETECTED");
        assertThat(vendor.writes("create", "Contact", "m@example.org")).isEqualTo(2);
        assertThat(send("DELETE", CONTACTS + "/" + id, null).status()).isEqualTo(204);
        assertThat(code(send("DELETE", CONTACTS + "/" + id, null))).isEqualTo("404 ENTITY_IS_DELETED");
        assertThat(code(get(CONTACTS + "/003000000000zzzAAA"))).isEqualTo("404 NOT_FOUND");
    }

    @Test
    void anUpsertByExternalIdSaysWhetherItCreated() throws Exception {
        Http.Answer first = send("PATCH", CONTACTS + "/External_Id__c/crm-7", "{\"LastName\":\"Curie\"}");
        assertThat(first.status()).isEqualTo(201);
        assertThat(first.json().path("created").asBoolean()).isTrue();
        Http.Answer second = send("PATCH", CONTACTS + "/External_Id__c/crm-7", "{\"Title\":\"Chemist\"}");
        assertThat(second.status()).isEqualTo(200);
        assertThat(second.json().path("created").asBoolean()).isFalse();
        assertThat(second.json().path("id")).isEqualTo(first.json().path("id"));
        assertThat(send("PATCH", CONTACTS + "/External_Id__c/EXT-1003", "{\"Title\":\"Owner\"}")
                        .status())
                .isEqualTo(200);
        assertThat(code(send("POST", CONTACTS, "{\"LastName\":\"Twin\",\"External_Id__c\":\"crm-7\"}")))
                .isEqualTo("400 DUPLICATE_VALUE");
        assertThat(code(send("PATCH", CONTACTS + "/Shoe__c/1", "{}"))).isEqualTo("404 NOT_FOUND");
    }

    @Test
    void refusedWritesNameTheirFields() throws Exception {
        Http.Answer missing = send("POST", CONTACTS, "{\"FirstName\":\"X\"}");
        assertThat(code(missing)).isEqualTo("400 REQUIRED_FIELD_MISSING");
        assertThat(missing.json().at("/0/fields/0").asString()).isEqualTo("LastName");
        assertThat(code(send("POST", CONTACTS, "{\"LastName\":\"X\",\"Colour\":\"red\"}")))
                .isEqualTo("400 INVALID_FIELD");
        assertThat(code(send("POST", CONTACTS, "{"))).isEqualTo("400 JSON_PARSER_ERROR");
        assertThat(code(send("POST", DATA + "/sobjects/Planet", "{}"))).isEqualTo("404 NOT_FOUND");
        assertThat(code(send("PUT", CONTACTS, "{}"))).isEqualTo("405 METHOD_NOT_ALLOWED");
        assertThat(vendor.stats().writes()).isZero();
    }

    @Test
    void usageIsSaidAndExceedingItIs403() throws Exception {
        restart(builder().limit(3, Duration.ofMinutes(1)));
        assertThat(get(CONTACTS + "/x").header("Sforce-Limit-Info")).isEqualTo("api-usage=1/3");
        get(CONTACTS + "/x");
        assertThat(get(CONTACTS + "/x").header("Sforce-Limit-Info")).isEqualTo("api-usage=3/3");
        Http.Answer over = get(CONTACTS + "/x");
        assertThat(code(over)).isEqualTo("403 REQUEST_LIMIT_EXCEEDED");
        assertThat(over.header("Retry-After")).isEmpty();
        assertThat(vendor.stats().violations()).isEqualTo(1);
    }

    @Test
    void aLimitOfRequestsAtOnceCountsThoseUnderWay() throws Exception {
        restart(builder().concurrency(2).latency(Duration.ofMillis(300)));
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Integer>> answers = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                answers.add(threads.submit(
                        () -> query("SELECT Id FROM Contact LIMIT 1").status()));
            }
            List<Integer> statuses = new ArrayList<>();
            for (Future<Integer> answer : answers) {
                statuses.add(answer.get());
            }
            assertThat(statuses).containsExactlyInAnyOrder(200, 200, 403, 403, 403);
        }
        assertThat(query("SELECT Id FROM Contact LIMIT 1").status()).isEqualTo(200);
    }

    @Test
    void tokensComeWithTheInstanceAndWithoutALife() throws Exception {
        OAuthGrant grant = vendor.grant(GrantSpec.usual());
        assertThat(grant.tokenUri()).isEqualTo(vendor.uri().resolve("/services/oauth2/token"));
        Http.Answer answer = refresh(grant);
        assertThat(answer.json().path("instance_url").asString())
                .isEqualTo(vendor.uri().toString());
        assertThat(Long.parseLong(answer.json().path("issued_at").asString())).isPositive();
        assertThat(answer.json().has("expires_in")).isFalse();
        assertThat(answer.json().has("refresh_token")).isFalse();
        vendor.advanceClock(Duration.ofHours(2));
        Http.Answer expired = Http.send(
                vendor.uri(),
                "GET",
                CONTACTS + "/x",
                null,
                "Authorization",
                "Bearer " + answer.json().path("access_token").asString());
        assertThat(code(expired)).isEqualTo("401 INVALID_SESSION_ID");
        vendor.revoke(grant.id());
        Http.Answer dead = refresh(grant);
        assertThat(dead.status()).isEqualTo(400);
        assertThat(dead.json().path("error").asString()).isEqualTo("invalid_grant");
        assertThat(refresh(vendor.grant(GrantSpec.usual().withRotation(true)))
                        .json()
                        .has("refresh_token"))
                .isTrue();
    }

    private Http.Answer refresh(OAuthGrant grant) throws Exception {
        return Http.send(
                vendor.uri(),
                "POST",
                "/services/oauth2/token",
                "grant_type=refresh_token&client_id=" + grant.clientId() + "&client_secret=" + grant.clientSecret()
                        + "&refresh_token=" + grant.refreshToken(),
                "Content-Type",
                "application/x-www-form-urlencoded");
    }

    @Test
    void nextLinksMayRepeatOrLeadAway() throws Exception {
        vendor.inject(Fault.of(Fault.Kind.FOREIGN_LINK).times(1));
        assertThat(query("SELECT Id FROM Contact").json().path("nextRecordsUrl").asString())
                .startsWith("http://collector.example.net/services/");
        String next =
                query("SELECT Id FROM Contact").json().path("nextRecordsUrl").asString();
        vendor.inject(Fault.of(Fault.Kind.REPEAT_CURSOR).times(1));
        assertThat(get(next).json().path("nextRecordsUrl").asString()).isEqualTo(next);
        vendor.inject(Fault.status(503).times(1));
        assertThat(code(get(next))).isEqualTo("503 SERVER_UNAVAILABLE");
    }

    @Test
    void anIdIsReadBackAndItsChecksumHolds() {
        assertThat(SalesforceId.text("001", 0)).isEqualTo("001000000000000AAA");
        for (long number : new long[] {1, 61, 62, 123_456_789, 1_000_000_001_001L}) {
            String id = SalesforceId.text("003", number);
            assertThat(SalesforceId.number("003", id)).isEqualTo(number);
            assertThat(SalesforceId.number("003", id.substring(0, 15))).isEqualTo(number);
            assertThat(SalesforceId.number("001", id)).isEqualTo(-1);
        }
        assertThat(SalesforceId.number("003", "0030000000000ABAAA")).isEqualTo(-1);
    }
}
