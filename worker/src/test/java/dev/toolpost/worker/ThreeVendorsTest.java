package dev.toolpost.worker;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.toolpost.connectors.ConnectorCatalogue;
import dev.toolpost.connectors.Models;
import dev.toolpost.message.FieldError;
import dev.toolpost.message.ToolError;
import dev.toolpost.message.ToolReply;
import dev.toolpost.sandbox.Fault;
import dev.toolpost.sandbox.GrantSpec;
import dev.toolpost.sandbox.OAuthGrant;
import dev.toolpost.sandbox.OAuthStats;
import dev.toolpost.sandbox.SimulatedVendor;
import dev.toolpost.sandbox.TokenState;
import dev.toolpost.worker.credentials.ConnectionRecord;
import dev.toolpost.worker.credentials.Secret;
import dev.toolpost.worker.oauth.OAuthVendor;
import dev.toolpost.worker.rig.Agent;
import dev.toolpost.worker.rig.Rig;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** HubSpot, Salesforce and Jira through one worker: their tools, pages, traversals, writes, contacts and errors. */
@Timeout(120)
class ThreeVendorsTest {

    private static final Duration BOUND = Duration.ofSeconds(30);
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final Schema CONTACT = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
            .getSchema(JSON.readTree(Models.schema("contact")));

    /** The site that the sandbox's Jira has. */
    private static final String CLOUD_ID = "0d0c9e2a-7f4b-4c1d-9a55-5a2b7c1e4f60";

    private static final Map<String, String> CONNECTIONS =
            Map.of("hubspot", "crm", "salesforce", "org", "jira", "site");

    private static Rig rig;
    private static SimulatedVendor salesforce;
    private static SimulatedVendor jira;
    private static OAuthGrant salesforceGrant;
    private static OAuthGrant jiraGrant;
    private static Agent agent;
    private static int calls;

    @BeforeAll
    static void start() {
        rig = Rig.start(
                        3,
                        SimulatedVendor.builder()
                                .unlimited()
                                .records("contacts", 450)
                                .records("deals", 320)
                                .start())
                .withPools("salesforce", "jira")
                .fastConnection("crm");
        salesforce = rig.owns(SimulatedVendor.builder()
                .profile("salesforce")
                .records("Contact", 4_100)
                .start());
        jira = rig.owns(SimulatedVendor.builder()
                .profile("jira")
                .records("issues", 450)
                .records("users", 2_300)
                .start());
        // Their access tokens have ended, so that the first call of each fetches one as the vendor wants it asked for.
        salesforceGrant = grant(salesforce, "org", GrantSpec.usual(), 1);
        jiraGrant = grant(jira, "site", GrantSpec.usual(), 1);
        rig.worker();
        agent = rig.agent();
    }

    @AfterAll
    static void stop() {
        rig.close();
    }

    @Test
    void everyToolOfSalesforceDoesWhatItSays() {
        Vendor vendor = new Vendor("salesforce");
        String created = vendor.ok(
                        "create_record",
                        "{\"type\":\"Contact\",\"fields\":{\"FirstName\":\"Ada\",\"LastName\":\"O'Neill\",\"External_Id__c\":\"tools-1\"}}")
                .path("id")
                .asString();
        assertThat(created).startsWith("003").hasSize(18);
        String record = "{\"type\":\"Contact\",\"id\":\"" + created + "\"";
        assertThat(vendor.ok("update_record", record + ",\"fields\":{\"Title\":\"Countess\"}}")
                        .isNull())
                .isTrue();
        JsonNode read = vendor.ok("get_record", record + ",\"fields\":[\"Name\",\"Title\"]}");
        assertThat(read.path("Name").asString()).isEqualTo("Ada O'Neill");
        assertThat(read.path("Title").asString()).isEqualTo("Countess");
        assertThat(vendor.ok("get_record", record + "}").path("LastName").asString())
                .isEqualTo("O'Neill");
        String upsert = "{\"type\":\"Contact\",\"external_id_field\":\"External_Id__c\",\"external_id\":";
        String fields = ",\"fields\":{\"LastName\":\"King\"}}";
        JsonNode changed = vendor.ok("upsert_record", upsert + "\"tools-1\"" + fields);
        assertThat(changed.path("id").asString()).isEqualTo(created);
        assertThat(changed.path("created").asBoolean()).isFalse();
        assertThat(vendor.ok("upsert_record", upsert + "\"tools / 2\"" + fields)
                        .path("created")
                        .asBoolean())
                .isTrue();
        JsonNode found = vendor.ok(
                "query",
                "{\"soql\":\"SELECT Id, Name, Account.Name FROM Contact WHERE External_Id__c = 'tools / 2'\"}");
        assertThat(found.path("totalSize").asInt()).isEqualTo(1);
        assertThat(found.path("records").path(0).path("Name").asString()).isEqualTo("King");
        assertThat(vendor.ok("list_contacts", "{}").path("records").size()).isEqualTo(2_000);
        assertThat(vendor.ok("delete_record", record + "}").isNull()).isTrue();
        assertThat(vendor.error("delete_record", record + "}").getCode()).isEqualTo("NOT_FOUND");
        String second = found.path("records").path(0).path("Id").asString();
        vendor.ok("delete_record", "{\"type\":\"Contact\",\"id\":\"" + second + "\"}");

        assertThat(salesforce.writes("create", "Contact", "tools-1")).isEqualTo(1);
        assertThat(salesforce.oauth().of(salesforceGrant.id())).isEqualTo(new OAuthStats.Counts(1, 1, 0, 0, 0));
        vendor.hasUsedEveryTool();
    }

    @Test
    void everyToolOfJiraDoesWhatItSays() {
        Vendor vendor = new Vendor("jira");
        JsonNode created = vendor.ok(
                "create_issue",
                "{\"fields\":{\"project\":{\"key\":\"OPS\"},\"issuetype\":{\"name\":\"Task\"},\"summary\":\"Every tool\",\"labels\":[\"infra\"]}}");
        String key = created.path("key").asString();
        assertThat(key).startsWith("OPS-");
        String issue = "{\"key\":\"" + key + "\"";
        assertThat(vendor.ok("update_issue", issue + ",\"fields\":{\"summary\":\"Every tool of Jira\"}}")
                        .isNull())
                .isTrue();
        JsonNode comment = vendor.ok("add_comment", issue + ",\"text\":\"Looks {good} to \\\"me\\\"\"}");
        assertThat(comment.at("/body/content/0/content/0/text").asString()).isEqualTo("Looks {good} to \"me\"");
        assertThat(vendor.ok("transition_issue", issue + ",\"transition_id\":\"31\"}")
                        .isNull())
                .isTrue();
        JsonNode read = vendor.ok("get_issue", issue + ",\"fields\":[\"summary\",\"status\",\"labels\"]}");
        assertThat(read.at("/fields/summary").asString()).isEqualTo("Every tool of Jira");
        assertThat(read.at("/fields/status/name").asString()).isEqualTo("Done");
        assertThat(read.at("/fields/labels/0").asString()).isEqualTo("infra");
        assertThat(vendor.ok("get_issue", issue + "}").at("/fields/created").asString())
                .isNotEmpty();
        JsonNode found = vendor.ok("search_issues", "{\"jql\":\"key = " + key + "\",\"fields\":[\"summary\"]}");
        assertThat(found.at("/issues/0/key").asString()).isEqualTo(key);
        assertThat(vendor.ok("list_projects", "{}").path("total").asInt()).isEqualTo(61);
        assertThat(vendor.ok("search_users", "{}").size()).isEqualTo(50);
        assertThat(vendor.ok("delete_issue", issue + ",\"delete_subtasks\":true}")
                        .isNull())
                .isTrue();
        assertThat(vendor.error("delete_issue", issue + "}").getCode()).isEqualTo("NOT_FOUND");

        assertThat(jira.writes("create", "issues", "Every tool")).isEqualTo(1);
        assertThat(jira.oauth().of(jiraGrant.id())).isEqualTo(new OAuthStats.Counts(1, 1, 0, 0, 0));
        vendor.hasUsedEveryTool();
    }

    @Test
    void everyToolOfHubSpotDoesWhatItSays() {
        Vendor vendor = new Vendor("hubspot");
        String id = vendor.ok("create_contact", "{\"properties\":{\"email\":\"tools@example.com\"}}")
                .path("id")
                .asString();
        String contact = "{\"contact_id\":\"" + id + "\"";
        vendor.ok("update_contact", contact + ",\"properties\":{\"firstname\":\"Ada\"}}");
        assertThat(vendor.ok("get_contact", "{\"contact_id\":\"tools@example.com\",\"id_property\":\"email\"}")
                        .at("/properties/firstname")
                        .asString())
                .isEqualTo("Ada");
        JsonNode upserted = vendor.ok(
                "upsert_contacts",
                "{\"contacts\":[{\"id\":\"tools@example.com\",\"idProperty\":\"email\",\"properties\":{\"lastname\":\"King\"}}]}");
        assertThat(upserted.at("/results/0/id").asString()).isEqualTo(id);
        assertThat(vendor.ok("list_contacts", "{}").path("results").size()).isEqualTo(100);
        assertThat(vendor.ok("search_deals", "{}").path("total").asInt()).isEqualTo(320);
        assertThat(vendor.ok("archive_contact", contact + "}").isNull()).isTrue();
        assertThat(vendor.error("get_contact", contact + "}").getCode()).isEqualTo("NOT_FOUND");
        vendor.hasUsedEveryTool();
    }

    /** A list of a vendor: what it is asked, how many it holds, where its page keeps the records and these their id. */
    private record Listing(
            String vendor, String tool, String arguments, int limit, int records, String at, String id) {}

    private static List<Listing> listings() {
        String bounded = "\"jql\":\"project in (OPS, WEB, MOB, DATA) ORDER BY created DESC\",\"fields\":[\"summary\"]";
        return List.of(
                new Listing("hubspot", "list_contacts", "", 70, 450, "/results", "/id"),
                new Listing("hubspot", "search_deals", "", 70, 320, "/results", "/id"),
                new Listing("salesforce", "list_contacts", "", 700, 4_100, "/records", "/Id"),
                new Listing("salesforce", "query", "\"soql\":\"SELECT Id FROM Lead\"", 300, 1_000, "/records", "/Id"),
                new Listing("jira", "search_issues", bounded, 60, 450, "/issues", "/id"),
                new Listing("jira", "list_projects", "", 25, 61, "/values", "/key"),
                new Listing("jira", "search_users", "", 900, 2_300, "", "/accountId"));
    }

    @Test
    void aPageGoesOnFromTheCursorThatIsSentBackAlone() {
        for (Listing listing : listings()) {
            Vendor vendor = new Vendor(listing.vendor());
            String arguments = listing.arguments().isEmpty() ? "" : listing.arguments() + ",";
            ToolReply first = vendor.reply(listing.tool(), "{" + arguments + "\"limit\":" + listing.limit() + "}", "");
            assertThat(first.getNextCursor()).as("%s", listing).isNotNull();
            List<String> both = new ArrayList<>(ids(listing, first));
            ToolReply second = vendor.reply(
                    listing.tool(),
                    "{\"next_cursor\":\"" + first.getNextCursor() + "\",\"limit\":" + listing.limit() + "}",
                    "");
            assertThat(second.getError()).as("%s", listing).isNull();
            both.addAll(ids(listing, second));
            assertThat(both).as("%s", listing).hasSize(2 * listing.limit()).doesNotHaveDuplicates();
        }
    }

    @Test
    void aWholeTraversalBringsEveryRecordOnce() {
        for (Listing listing : listings()) {
            Vendor vendor = new Vendor(listing.vendor());
            List<ToolReply> frames = vendor.all(listing.tool(), "{" + listing.arguments() + "}", "");
            List<String> ids = new ArrayList<>();
            for (ToolReply frame : frames) {
                assertThat(frame.getError()).as("%s", listing).isNull();
                JSON.readTree(frame.getContent())
                        .forEach(record -> ids.add(record.at(listing.id()).asString()));
            }
            // Records that the tests of single tools make may be there too.
            assertThat(ids)
                    .as("%s", listing)
                    .doesNotHaveDuplicates()
                    .hasSizeBetween(listing.records(), listing.records() + 3);
            assertThat(frames.getLast().getNextCursor()).isNull();
        }
    }

    @Test
    void contactsOfEveryVendorFitTheCommonModelInPagesAndWhole() {
        Map<String, String> lists =
                Map.of("hubspot", "list_contacts", "salesforce", "list_contacts", "jira", "search_users");
        Map<String, Integer> counts = Map.of("hubspot", 450, "salesforce", 4_100, "jira", 2_300);
        lists.forEach((name, tool) -> {
            Vendor vendor = new Vendor(name);
            String asked = name.equals("hubspot")
                    ? "{\"properties\":[\"email\",\"firstname\",\"lastname\",\"phone\",\"company\",\"jobtitle\"]}"
                    : "{}";
            ToolReply page = vendor.reply(tool, asked, ",\"view\":\"unified\"");
            assertThat(page.getError()).as(name).isNull();
            assertThat(page.getNextCursor()).as(name).isNotNull();
            JsonNode contacts = contacts(name, page);
            assertThat(contacts.size()).as(name).isEqualTo((int) page.getStats().getRecords());
            JsonNode first = contacts.get(0);
            assertThat(first.path("name").asString()).as("%s", first).contains(" ");
            assertThat(first.at("/emails/0/address").asString()).as("%s", first).contains("@example.com");
            assertThat(first.at("/emails/0/primary").asBoolean())
                    .as("%s", first)
                    .isTrue();
            if (!name.equals("jira")) {
                assertThat(first.path("company").asString()).as("%s", first).isNotEmpty();
                assertThat(OffsetDateTime.parse(first.path("created_at").asString()))
                        .as("%s", first)
                        .isAfter(OffsetDateTime.parse("2000-01-01T00:00:00Z"));
            }

            Set<String> ids = new TreeSet<>();
            for (ToolReply frame : vendor.all(tool, asked, ",\"view\":\"unified\"")) {
                assertThat(frame.getError()).as(name).isNull();
                contacts(name, frame)
                        .forEach(
                                contact -> assertThat(ids.add(contact.path("id").asString()))
                                        .isTrue());
            }
            assertThat(ids).as(name).hasSizeBetween(counts.get(name), counts.get(name) + 3);
        });
        ToolReply one = new Vendor("hubspot").reply("get_contact", "{\"contact_id\":\"60\"}", ",\"view\":\"unified\"");
        assertThat(CONTACT.validate(JSON.readTree(one.getContent()))).isEmpty();
        assertThat(JSON.readTree(one.getContent()).path("id").asString()).isEqualTo("60");
    }

    /**
     * A refusal.
     *
     * @param fields names of the fields that the error is about
     */
    private record Refusal(
            String vendor,
            String what,
            String connection,
            String tool,
            String arguments,
            String code,
            int status,
            @Nullable String vendorCode,
            List<String> fields) {}

    @Test
    void threeVendorsErrorsComeInOneShape() {
        rig.vendor().token("hs-reader", TokenState.READ_ONLY);
        hubspot("hs-reader", "hs-reader");
        hubspot("hs-busy", SimulatedVendor.DEFAULT_TOKEN);
        grant(salesforce, "sf-reader", GrantSpec.usual().forReading(), Long.MAX_VALUE);
        grant(salesforce, "sf-busy", GrantSpec.usual(), Long.MAX_VALUE);
        grant(jira, "jira-reader", GrantSpec.usual().forReading(), Long.MAX_VALUE);
        grant(jira, "jira-busy", GrantSpec.usual(), Long.MAX_VALUE);
        rig.vendor().inject(Fault.throttled(429, "60").on("GET", "/crm/v3/objects/contacts/77"));
        salesforce.inject(Fault.status(403).on("GET", "/services/data/*/sobjects/Account/*"));
        salesforce.inject(Fault.status(400)
                .body(
                        "[{\"message\":\"unable to obtain exclusive access\",\"errorCode\":\"UNABLE_TO_LOCK_ROW\",\"fields\":[]}]")
                .on("DELETE", "*/sobjects/Lead/*"));
        salesforce.inject(Fault.status(300)
                .body("[\"/services/data/v67.0/sobjects/Account/001000000000001AAA\"]")
                .on("PATCH", "*/sobjects/Account/*"));
        salesforce.inject(Fault.status(400)
                .body(
                        "[{\"message\":\"Amount too high\",\"errorCode\":\"FIELD_CUSTOM_VALIDATION_EXCEPTION\",\"fields\":[\"Amount\"]}]")
                .on("PATCH", "*/sobjects/Opportunity/*"));
        jira.inject(Fault.throttled(429, "60")
                .header("RateLimit-Reason", "jira-burst-based")
                .on("GET", "*/issue/OPS-77"));
        jira.inject(Fault.status(403).on("PUT", "*/issue/OPS-403"));
        jira.inject(Fault.status(409).on("DELETE", "*/issue/OPS-409"));

        for (Refusal row : refusals()) {
            ToolError error = new Vendor(row.vendor(), row.connection()).error(row.tool(), row.arguments());
            String as = row.vendor() + ", " + row.what() + ": " + error;
            assertThat(error.getCode()).as(as).isEqualTo(row.code());
            assertThat(error.getVendorStatus()).as(as).isEqualTo(row.status());
            assertThat(error.getVendorCode()).as(as).isEqualTo(row.vendorCode());
            assertThat(error.getMessage()).as(as).isNotBlank();
            assertThat(error.getVendorBody()).as(as).isNotBlank();
            assertThat(error.getRetryable()).as(as).isEqualTo(row.code().equals("RATE_LIMITED"));
            assertThat(error.getFields()).extracting(FieldError::getPath).as(as).isEqualTo(row.fields());
            if (row.code().equals("RATE_LIMITED")) {
                assertThat(error.getRetryAt()).as(as).isGreaterThan(System.currentTimeMillis());
            }
        }
    }

    private static List<Refusal> refusals() {
        String contact = "{\"type\":\"Contact\",\"fields\":{";
        String missing = "{\"type\":\"Contact\",\"id\":\"003000000000zzz\"}";
        List<String> none = List.of();
        List<Refusal> rows = new ArrayList<>();
        rows.add(new Refusal(
                "hubspot",
                "validation",
                "crm",
                "create_contact",
                "{\"properties\":{\"email\":\"no address\"}}",
                "INVALID_ARGUMENTS",
                400,
                "VALIDATION_ERROR",
                List.of("email")));
        rows.add(new Refusal(
                "salesforce",
                "validation",
                "org",
                "create_record",
                contact + "\"FirstName\":\"Ada\"}}",
                "INVALID_ARGUMENTS",
                400,
                "REQUIRED_FIELD_MISSING",
                List.of("LastName")));
        rows.add(new Refusal(
                "salesforce",
                "an email",
                "org",
                "create_record",
                contact + "\"LastName\":\"King\",\"Email\":\"none\"}}",
                "INVALID_ARGUMENTS",
                400,
                "INVALID_EMAIL_ADDRESS",
                List.of("Email")));
        rows.add(new Refusal(
                "salesforce",
                "a query",
                "org",
                "query",
                "{\"soql\":\"SELECT Nothing FROM Contact\"}",
                "INVALID_ARGUMENTS",
                400,
                "INVALID_FIELD",
                none));
        rows.add(new Refusal(
                "jira",
                "validation",
                "site",
                "create_issue",
                "{\"fields\":{\"project\":{\"key\":\"OPS\"},\"issuetype\":{\"name\":\"Task\"}}}",
                "INVALID_ARGUMENTS",
                400,
                null,
                List.of("summary")));
        rows.add(new Refusal(
                "jira",
                "a query",
                "site",
                "search_issues",
                "{\"jql\":\"order by created\",\"fields\":[\"summary\"]}",
                "INVALID_ARGUMENTS",
                400,
                null,
                none));
        rows.add(new Refusal(
                "hubspot",
                "not found",
                "crm",
                "get_contact",
                "{\"contact_id\":\"999999\"}",
                "NOT_FOUND",
                404,
                "OBJECT_NOT_FOUND",
                none));
        rows.add(new Refusal(
                "salesforce", "not found", "org", "get_record", missing, "NOT_FOUND", 404, "NOT_FOUND", none));
        rows.add(new Refusal(
                "jira", "not found", "site", "get_issue", "{\"key\":\"OPS-999999\"}", "NOT_FOUND", 404, null, none));
        rows.add(new Refusal(
                "hubspot",
                "duplicate",
                "crm",
                "create_contact",
                "{\"properties\":{\"email\":\"" + email() + "\"}}",
                "CONFLICT",
                409,
                "CONFLICT",
                none));
        rows.add(new Refusal(
                "salesforce",
                "duplicate",
                "org",
                "create_record",
                contact + "\"LastName\":\"King\",\"External_Id__c\":\"EXT-1005\"}}",
                "CONFLICT",
                400,
                "DUPLICATE_VALUE",
                none));
        rows.add(new Refusal(
                "jira", "conflict", "site", "delete_issue", "{\"key\":\"OPS-409\"}", "CONFLICT", 409, null, none));
        rows.add(new Refusal(
                "salesforce",
                "several matches",
                "org",
                "upsert_record",
                "{\"type\":\"Account\",\"external_id_field\":\"External_Id__c\",\"external_id\":\"many\",\"fields\":{\"Name\":\"a\"}}",
                "CONFLICT",
                300,
                null,
                none));
        rows.add(new Refusal(
                "salesforce",
                "locked",
                "org",
                "delete_record",
                "{\"type\":\"Lead\",\"id\":\"00Q000000000aaa\"}",
                "CONFLICT",
                400,
                "UNABLE_TO_LOCK_ROW",
                none));
        rows.add(new Refusal(
                "salesforce",
                "validation rule",
                "org",
                "update_record",
                "{\"type\":\"Opportunity\",\"id\":\"006000000000aaa\",\"fields\":{\"Amount\":1}}",
                "REJECTED",
                400,
                "FIELD_CUSTOM_VALIDATION_EXCEPTION",
                List.of("Amount")));
        rows.add(new Refusal(
                "jira",
                "forbidden",
                "site",
                "update_issue",
                "{\"key\":\"OPS-403\",\"fields\":{\"summary\":\"a\"}}",
                "REJECTED",
                403,
                null,
                none));
        rows.add(new Refusal(
                "hubspot",
                "missing scope",
                "hs-reader",
                "update_contact",
                "{\"contact_id\":\"60\",\"properties\":{\"firstname\":\"a\"}}",
                "INSUFFICIENT_SCOPE",
                403,
                "MISSING_SCOPES",
                none));
        rows.add(new Refusal(
                "salesforce",
                "missing scope",
                "sf-reader",
                "create_record",
                contact + "\"LastName\":\"a\"}}",
                "INSUFFICIENT_SCOPE",
                403,
                "INSUFFICIENT_ACCESS_OR_READONLY",
                none));
        rows.add(new Refusal(
                "jira",
                "missing scope",
                "jira-reader",
                "add_comment",
                "{\"key\":\"OPS-1\",\"text\":\"a\"}",
                "INSUFFICIENT_SCOPE",
                401,
                "401",
                none));
        rows.add(new Refusal(
                "hubspot",
                "throttle",
                "hs-busy",
                "get_contact",
                "{\"contact_id\":\"77\"}",
                "RATE_LIMITED",
                429,
                "RATE_LIMIT",
                none));
        rows.add(new Refusal(
                "salesforce",
                "throttle",
                "sf-busy",
                "get_record",
                "{\"type\":\"Account\",\"id\":\"001000000000aaa\"}",
                "RATE_LIMITED",
                403,
                "REQUEST_LIMIT_EXCEEDED",
                none));
        rows.add(new Refusal(
                "jira", "throttle", "jira-busy", "get_issue", "{\"key\":\"OPS-77\"}", "RATE_LIMITED", 429, null, none));
        return rows;
    }

    /** The email of a contact that the sandbox's HubSpot has. */
    private static String email() {
        return new Vendor("hubspot")
                .ok("get_contact", "{\"contact_id\":\"61\"}")
                .at("/properties/email")
                .asString();
    }

    private static JsonNode contacts(String vendor, ToolReply frame) {
        JsonNode contacts = JSON.readTree(frame.getContent());
        for (JsonNode contact : contacts) {
            List<Error> problems = CONTACT.validate(contact);
            assertThat(problems).as("%s: %s", vendor, contact).isEmpty();
        }
        return contacts;
    }

    private static List<String> ids(Listing listing, ToolReply page) {
        List<String> ids = new ArrayList<>();
        JSON.readTree(page.getContent())
                .at(listing.at())
                .forEach(record -> ids.add(record.at(listing.id()).asString()));
        return ids;
    }

    private static void hubspot(String connection, String token) {
        rig.connection(
                new ConnectionRecord(
                        Rig.TENANT,
                        connection,
                        "hubspot",
                        "bearer",
                        Map.of("base_url", rig.vendor().uri().toString()),
                        Map.of(),
                        Set.of(),
                        Map.of()),
                Secret.of("token", token));
    }

    private static OAuthGrant grant(SimulatedVendor vendor, String connection, GrantSpec spec, long expiresAt) {
        OAuthGrant grant = vendor.grant(spec);
        Map<String, String> variables = new HashMap<>(Map.of(
                "base_url", vendor.uri().toString(),
                "token_url", grant.tokenUri().toString()));
        if (vendor.name().equals("jira")) {
            variables.put("cloud_id", CLOUD_ID);
        }
        rig.connection(
                new ConnectionRecord(
                        Rig.TENANT, connection, vendor.name(), "oauth2", variables, Map.of(), Set.of(), Map.of()),
                OAuthVendor.secret(grant, expiresAt));
        return grant;
    }

    /** Calls the tools of one vendor and remembers which. */
    private static final class Vendor {
        private final String name;
        private final String connection;
        private final Set<String> used = new TreeSet<>();

        Vendor(String name) {
            this(name, CONNECTIONS.get(name));
        }

        Vendor(String name, String connection) {
            this.name = name;
            this.connection = connection;
        }

        JsonNode ok(String tool, String arguments) {
            ToolReply reply = reply(tool, arguments, "");
            assertThat(reply.getError()).as(tool + " " + arguments).isNull();
            // Nothing, as after a deletion, is null.
            return JSON.readTree(reply.getContent() == null ? "null" : reply.getContent());
        }

        ToolError error(String tool, String arguments) {
            ToolReply reply = reply(tool, arguments, ",\"timeout_ms\":8000");
            assertThat(reply.getStatus())
                    .as("%s %s: %s", tool, arguments, reply)
                    .isEqualTo("error");
            return reply.getError();
        }

        ToolReply reply(String tool, String arguments, String more) {
            String id = send(tool, arguments, more);
            ToolReply reply = agent.reply(id, BOUND);
            assertThat(agent.frames(id)).hasSize(1);
            return reply;
        }

        List<ToolReply> all(String tool, String arguments, String more) {
            return agent.answer(send(tool, arguments, ",\"paging\":{\"mode\":\"all\"}" + more), BOUND);
        }

        private String send(String tool, String arguments, String more) {
            used.add(name + "_" + tool);
            String id = name + "-" + calls++;
            agent.call(id, name + "_" + tool, connection, arguments, more);
            return id;
        }

        void hasUsedEveryTool() {
            assertThat(used)
                    .isEqualTo(new TreeSet<>(ConnectorCatalogue.bundled().byVendor(name).tools().keySet().stream()
                            .map(tool -> tool.startsWith(name + "_") ? tool : name + "_" + tool)
                            .toList()));
        }
    }
}
