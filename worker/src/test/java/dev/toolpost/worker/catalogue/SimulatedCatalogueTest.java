package dev.toolpost.worker.catalogue;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.connectors.Tool;
import dev.toolpost.sandbox.GrantSpec;
import dev.toolpost.sandbox.OAuthGrant;
import dev.toolpost.sandbox.SimulatedVendor;
import dev.toolpost.sandbox.TokenState;
import dev.toolpost.worker.catalogue.ToolExchanges.Account;
import dev.toolpost.worker.catalogue.ToolExchanges.Wish;
import dev.toolpost.worker.classify.VendorError;
import dev.toolpost.worker.classify.Verdict;
import dev.toolpost.worker.request.RequestProblemException;
import dev.toolpost.worker.request.SlicePlace;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Bundled tools against vendors that answer by themselves: lists walked to their ends, writes, refusals and limits in each vendor's own shapes. */
@Timeout(60)
class SimulatedCatalogueTest {

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final ToolExchanges EXCHANGES = new ToolExchanges();

    /** A vendor, and which of its tools were used. */
    private static final class Site implements AutoCloseable {
        private final String vendor;
        private final SimulatedVendor simulated;
        private final Account account;
        private final Set<String> used = new TreeSet<>();
        private @Nullable String end;

        Site(String vendor, SimulatedVendor.Builder builder, String auth, String field) {
            this.vendor = vendor;
            this.simulated = builder.profile(vendor).start();
            this.account = account(auth, field, SimulatedVendor.DEFAULT_TOKEN);
        }

        Account account(String auth, String field, String secret) {
            return Account.of(
                    vendor,
                    auth,
                    Map.of("base_url", simulated.uri() + (vendor.equals("notion") ? "/v1" : "")),
                    Map.of(field, secret));
        }

        Verdict make(Account as, Wish wish) throws RequestProblemException {
            used.add(wish.tool());
            return EXCHANGES.make(as, wish, Instant.now());
        }

        Verdict make(String tool, String arguments) throws RequestProblemException {
            return make(account, Wish.of(vendor + "_" + tool, arguments));
        }

        JsonNode ok(String tool, String arguments) throws RequestProblemException {
            Verdict verdict = make(tool, arguments);
            assertThat(verdict).as("%s: %s", tool, verdict).isInstanceOf(Verdict.Success.class);
            return JSON.readTree(new String(((Verdict.Success) verdict).body(), UTF_8));
        }

        VendorError error(String tool, String arguments) throws RequestProblemException {
            Verdict verdict = make(tool, arguments);
            assertThat(verdict).as("%s: %s", tool, verdict).isInstanceOf(Verdict.Failed.class);
            return ((Verdict.Failed) verdict).error();
        }

        /** Walks a list to its end; no record may come twice. */
        int walk(String tool, String arguments, String idAt) throws RequestProblemException {
            Wish wish = Wish.of(vendor + "_" + tool, arguments);
            Tool definition = ToolExchanges.tool(wish.tool()).tool();
            Set<String> seen = new HashSet<>();
            long records = 0;
            String place = null;
            do {
                Verdict verdict = make(account, wish.at(place));
                assertThat(verdict).as("%s at %s: %s", tool, place, verdict).isInstanceOf(Verdict.Success.class);
                Verdict.Success page = (Verdict.Success) verdict;
                records += page.records();
                JsonNode body = JSON.readTree(new String(page.body(), UTF_8));
                for (JsonNode record :
                        body.at(Objects.requireNonNull(definition.paging()).records())) {
                    assertThat(seen.add(record.at(idAt).asString()))
                            .as("%s %s comes once", tool, record.at(idAt))
                            .isTrue();
                }
                place = page.nextCursor();
            } while (place != null && !isEnd(definition, place));
            assertThat(seen.size()).isEqualTo(records);
            end = place;
            return seen.size();
        }

        private static boolean isEnd(Tool tool, String place) {
            if (Objects.requireNonNull(tool.paging()).cap() == null) {
                return false;
            }
            try {
                SlicePlace.parse(place);
                return false;
            } catch (RequestProblemException theEnd) {
                return true;
            }
        }

        /** What the list that was walked last says of records beyond its end; null where it was whole. */
        @Nullable
        String end() {
            return end;
        }

        /** Sends until the vendor refuses. */
        Verdict.Throttled exhaust(String tool, String arguments, int most) throws RequestProblemException {
            for (int i = 0; i < most; i++) {
                if (make(tool, arguments) instanceof Verdict.Throttled throttled) {
                    return throttled;
                }
            }
            throw new AssertionError(vendor + " took " + most + " requests and refused none");
        }

        void hasUsedEveryTool() {
            assertThat(used)
                    .isEqualTo(new TreeSet<>(Objects.requireNonNull(ToolExchanges.CATALOGUE.byVendor(vendor))
                            .tools()
                            .keySet()));
        }

        @Override
        public void close() {
            simulated.close();
        }
    }

    @AfterAll
    static void close() {
        EXCHANGES.close();
    }

    private static @Nullable Duration wait(Verdict.Throttled throttled) {
        return throttled.retryAfter();
    }

    @Test
    void everyMatchOfAHubSpotSearchIsReachedUnlessTheCallerSortsIt() throws RequestProblemException {
        try (Site site = new Site(
                "hubspot", SimulatedVendor.builder().unlimited().records("deals", 10_700), "bearer", "token")) {
            assertThat(site.walk("search_deals", "{\"limit\":200}", "/id")).isEqualTo(10_700);
            assertThat(site.end()).isNull();
            String sorted =
                    "{\"limit\":200,\"sorts\":[{\"propertyName\":\"hs_object_id\",\"direction\":\"DESCENDING\"}]}";
            assertThat(site.walk("search_deals", sorted, "/id")).isEqualTo(10_000);
            assertThat(site.end()).contains("no more than 10000 records").contains("not in the order of /id");
        }
    }

    @Test
    void aNotionQueryThatWasCutSaysSo() throws RequestProblemException {
        try (Site site =
                new Site("notion", SimulatedVendor.builder().unlimited().records("pages", 10_100), "bearer", "token")) {
            assertThat(site.walk("query", "{\"data_source_id\":\"d5000000-0000-4000-8000-000000000001\"}", "/id"))
                    .isEqualTo(10_000);
            assertThat(site.end()).contains("left records of this list out");
        }
    }

    @Test
    void everyToolOfPipedriveDoesWhatItSays() throws RequestProblemException {
        try (Site site = new Site("pipedrive", SimulatedVendor.builder().unlimited(), "api_key_header", "key")) {
            assertThat(site.walk("list_deals", "{}", "/id")).isEqualTo(1_200);
            assertThat(site.walk("list_deals", "{\"status\":\"won\",\"limit\":500}", "/id"))
                    .isBetween(100, 600);
            assertThat(site.walk("search_deals", "{\"term\":\"Renewal\"}", "/item/id"))
                    .isBetween(100, 500);
            assertThat(site.walk("list_persons", "{}", "/id")).isEqualTo(900);
            assertThat(site.walk("search_persons", "{\"term\":\"person\"}", "/item/id"))
                    .isEqualTo(900);
            assertThat(site.walk("list_organizations", "{}", "/id")).isEqualTo(300);
            assertThat(site.walk("list_activities", "{\"limit\":77}", "/id")).isEqualTo(700);
            assertThat(site.walk("list_stages", "{}", "/id")).isEqualTo(6);
            assertThat(site.walk("list_notes", "{}", "/id")).isEqualTo(450);
            assertThat(site.ok("list_users", "{}").path("data").size()).isEqualTo(12);

            String deal = site.ok("create_deal", "{\"title\":\"Big one\",\"value\":12.5,\"currency\":\"EUR\"}")
                    .at("/data/id")
                    .asString();
            assertThat(site.ok("update_deal", "{\"id\":" + deal + ",\"status\":\"won\"}")
                            .at("/data/status")
                            .asString())
                    .isEqualTo("won");
            assertThat(site.ok("get_deal", "{\"id\":" + deal + "}")
                            .at("/data/value")
                            .asString())
                    .isEqualTo("12.5");
            assertThat(site.ok("delete_deal", "{\"id\":" + deal + "}")
                            .path("success")
                            .asBoolean())
                    .isTrue();
            assertThat(site.error("get_deal", "{\"id\":" + deal + "}").code().name())
                    .isEqualTo("NOT_FOUND");
            assertThat(site.error("get_deal", "{\"id\":999999}").message()).isEqualTo("Deal not found");
            String person = site.ok("create_person", "{\"name\":\"Ada\",\"emails\":[{\"value\":\"a@example.com\"}]}")
                    .at("/data/id")
                    .asString();
            site.ok("update_person", "{\"id\":" + person + ",\"org_id\":7}");
            assertThat(site.ok("get_person", "{\"id\":" + person + "}")
                            .at("/data/org_id")
                            .asInt())
                    .isEqualTo(7);
            site.ok("create_activity", "{\"subject\":\"Call\",\"deal_id\":1}");
            site.ok("add_note", "{\"content\":\"<p>Hi</p>\",\"deal_id\":1}");
            assertThat(site.simulated.writes("create", "deals", "Big one")).isEqualTo(1);
            site.hasUsedEveryTool();
        }
    }

    @Test
    void pipedriveRefusesInItsOwnShapes() throws RequestProblemException {
        try (Site site =
                new Site("pipedrive", SimulatedVendor.builder().records("deals", 50), "api_key_header", "key")) {
            assertThat(site.make(site.account("api_key_header", "key", "wrong"), Wish.of("pipedrive_list_users", "{}")))
                    .isInstanceOf(Verdict.CredentialRejected.class);
            site.simulated.token("reader", TokenState.READ_ONLY);
            assertThat(site.make(
                            site.account("api_key_header", "key", "reader"),
                            Wish.of("pipedrive_create_deal", "{\"title\":\"x\"}")))
                    .isInstanceOfSatisfying(
                            Verdict.Failed.class,
                            failed -> assertThat(failed.error().code().name()).isEqualTo("INSUFFICIENT_SCOPE"));
            Verdict bad = site.make(
                    site.account, Wish.of("pipedrive_list_deals", "{}").at("bm8gY3Vyc29y"));
            assertThat(((Verdict.Failed) bad).error().code().name()).isEqualTo("INVALID_CURSOR");
            Verdict.Throttled search = site.exhaust("search_deals", "{\"term\":\"Renewal\"}", 40);
            assertThat(wait(search)).isBetween(Duration.ofSeconds(1), Duration.ofSeconds(2));
            assertThat(search.error().message()).isEqualTo("limit");
            assertThat(wait(site.exhaust("get_deal", "{\"id\":1}", 400)))
                    .isBetween(Duration.ofSeconds(1), Duration.ofSeconds(2));
            OAuthGrant grant = site.simulated.grant(GrantSpec.usual());
            assertThat(site.make(
                            site.account("oauth2", "access_token", grant.accessToken()),
                            Wish.of("pipedrive_list_users", "{}")))
                    .isInstanceOf(Verdict.Success.class);
        }
    }

    @Test
    void everyToolOfGitHubDoesWhatItSays() throws RequestProblemException {
        String repo = "\"owner\":\"octocat\",\"repo\":\"hello-world\"";
        try (Site site = new Site("github", SimulatedVendor.builder().unlimited(), "bearer", "token")) {
            assertThat(site.ok("get_user", "{}").path("login").asString()).isEqualTo("octocat");
            assertThat(site.walk("list_repos", "{}", "/id")).isEqualTo(120);
            assertThat(site.walk("list_installation_repos", "{}", "/id")).isEqualTo(120);
            assertThat(site.walk("list_issues", "{" + repo + ",\"state\":\"all\",\"limit\":100}", "/number"))
                    .isEqualTo(1_500);
            assertThat(site.walk("list_issues", "{" + repo + "}", "/number")).isBetween(900, 1_300);
            assertThat(site.walk("list_comments", "{" + repo + ",\"number\":7}", "/id"))
                    .isEqualTo(75);
            assertThat(site.walk("list_pull_requests", "{" + repo + ",\"state\":\"all\"}", "/number"))
                    .isEqualTo(250);
            assertThat(site.walk("list_commits", "{" + repo + "}", "/sha")).isEqualTo(400);
            assertThat(site.walk("list_workflow_runs", "{" + repo + "}", "/id")).isEqualTo(130);
            assertThat(site.walk("search_repos", "{\"query\":\"tools language:java\"}", "/id"))
                    .isBetween(10, 60);
            assertThat(site.walk("search_code", "{\"query\":\"file repo:octocat/hello-world\"}", "/sha"))
                    .isEqualTo(90);
            assertThat(site.walk("search_issues", "{\"query\":\"is:issue fails\",\"limit\":100}", "/number"))
                    .isBetween(150, 500);
            // Of all there are 1,500, and a search reaches a thousand.
            assertThat(site.end()).as("a search with fewer results is whole").isNull();
            assertThat(site.walk("search_issues", "{\"query\":\"is:issue\",\"limit\":100}", "/number"))
                    .isEqualTo(1_000);
            assertThat(site.end()).contains("no more than 1000 records of this list, which has 1500");

            String issue = site.ok("create_issue", "{" + repo + ",\"title\":\"It breaks\",\"labels\":[\"bug\"]}")
                    .path("number")
                    .asString();
            assertThat(site.ok("update_issue", "{" + repo + ",\"number\":" + issue + ",\"state\":\"closed\"}")
                            .path("state")
                            .asString())
                    .isEqualTo("closed");
            assertThat(site.ok("get_issue", "{" + repo + ",\"number\":" + issue + "}")
                            .path("title")
                            .asString())
                    .isEqualTo("It breaks");
            site.ok("add_comment", "{" + repo + ",\"number\":" + issue + ",\"body\":\"Fixed\"}");
            site.ok(
                    "create_pull_request",
                    "{" + repo + ",\"title\":\"Fix it\",\"head\":\"fix\",\"base\":\"main\",\"draft\":true}");
            site.ok("get_pull_request", "{" + repo + ",\"number\":2001}");
            site.ok("get_file", "{" + repo + ",\"path\":\"README.md\"}");
            assertThat(site.ok("get_file", "{" + repo + ",\"path\":\"docs/install.md\"}")
                            .path("name")
                            .asString())
                    .isEqualTo("install.md");
            site.ok("get_repo", "{" + repo + "}");
            site.hasUsedEveryTool();
        }
    }

    @Test
    void gitHubRefusesAndRedirectsInItsOwnShapes() throws RequestProblemException {
        String repo = "\"owner\":\"octocat\",\"repo\":\"hello-world\"";
        String renamed = "\"owner\":\"octocat\",\"repo\":\"renamed\"";
        try (Site site = new Site(
                "github",
                SimulatedVendor.builder()
                        .records("issues", 90)
                        .limit("core", 40, Duration.ofHours(1))
                        .limit("creations", 4, Duration.ofMinutes(1)),
                "bearer",
                "token")) {
            assertThat(site.ok("get_repo", "{" + renamed + "}").path("id").asInt())
                    .isEqualTo(7);
            assertThat(site.walk("list_issues", "{" + renamed + "}", "/number")).isBetween(40, 89);
            assertThat(site.ok("create_issue", "{" + renamed + ",\"title\":\"Moved\"}")
                            .path("title")
                            .asString())
                    .isEqualTo("Moved");
            assertThat(site.simulated.writes("create", "issues", "Moved")).isEqualTo(1);
            assertThat(site.error("get_repo", "{\"owner\":\"octocat\",\"repo\":\"moved-away\"}")
                            .code()
                            .name())
                    .isEqualTo("MALFORMED_RESPONSE");
            assertThat(site.make(site.account("bearer", "token", "wrong"), Wish.of("github_get_user", "{}")))
                    .isInstanceOf(Verdict.CredentialRejected.class);
            VendorError custom = site.error(
                    "create_pull_request", "{" + repo + ",\"title\":\"x\",\"head\":\"main\",\"base\":\"main\"}");
            assertThat(custom.code().name()).isEqualTo("REJECTED");
            assertThat(site.error("get_issue", "{" + repo + ",\"number\":99999}")
                            .code()
                            .name())
                    .isEqualTo("NOT_FOUND");
            Verdict.Throttled secondary = site.exhaust("create_issue", "{" + repo + ",\"title\":\"Many\"}", 5);
            assertThat(wait(secondary)).isBetween(Duration.ofSeconds(50), Duration.ofSeconds(61));
            Verdict.Throttled primary = site.exhaust("get_user", "{}", 60);
            assertThat(wait(primary)).isBetween(Duration.ofSeconds(1), Duration.ofHours(1));
            assertThat(primary.error().message()).startsWith("API rate limit exceeded");
            site.simulated.token("reader", TokenState.READ_ONLY);
            Verdict scope = site.make(
                    site.account("bearer", "token", "reader"),
                    Wish.of("github_create_issue", "{" + repo + ",\"title\":\"x\"}"));
            assertThat(((Verdict.Failed) scope).error().code().name()).isEqualTo("INSUFFICIENT_SCOPE");
        }
    }

    @Test
    void everyToolOfGmailDoesWhatItSaysAndItsRefusalsAreUnderstood() throws RequestProblemException {
        try (Site site = new Site(
                "gmail",
                SimulatedVendor.builder().limit("units", 4_000, Duration.ofMinutes(1)),
                "oauth2",
                "access_token")) {
            assertThat(site.walk("list_messages", "{\"limit\":500}", "/id")).isEqualTo(1_300);
            assertThat(site.walk("list_messages", "{\"query\":\"from:ada invoice\"}", "/id"))
                    .isBetween(100, 700);
            assertThat(site.walk("list_messages", "{\"query\":\"nothing-of-that-kind\"}", "/id"))
                    .isZero();
            assertThat(site.walk("list_threads", "{}", "/id")).isEqualTo(700);
            assertThat(site.ok("list_labels", "{}").path("labels").size()).isEqualTo(8);
            assertThat(site.ok("get_profile", "{}").path("emailAddress").asString())
                    .isEqualTo("ada@example.com");
            String message = site.ok("list_messages", "{\"limit\":1}")
                    .at("/messages/0/id")
                    .asString();
            assertThat(site.ok("get_message", "{\"id\":\"" + message + "\"}")
                            .path("threadId")
                            .asString())
                    .isEqualTo(message);
            site.ok("get_attachment", "{\"message_id\":\"" + message + "\",\"attachment_id\":\"ANGjdJ8x1\"}");
            site.ok("get_thread", "{\"id\":\"18c2f0a900000001\"}");
            assertThat(site.ok("modify_message", "{\"id\":\"" + message + "\",\"add_label_ids\":[\"STARRED\"]}")
                            .path("labelIds")
                            .toString())
                    .isEqualTo("[\"STARRED\"]");
            assertThat(site.ok("trash_message", "{\"id\":\"" + message + "\"}")
                            .path("labelIds")
                            .toString())
                    .isEqualTo("[\"TRASH\"]");
            site.ok("untrash_message", "{\"id\":\"" + message + "\"}");
            assertThat(site.ok("delete_message", "{\"id\":\"" + message + "\"}").isNull())
                    .isTrue();
            assertThat(site.error("get_message", "{\"id\":\"" + message + "\"}")
                            .code()
                            .name())
                    .isEqualTo("NOT_FOUND");
            String mail = "{\"to\":[\"bob@example.com\"],\"subject\":\"Grüße\",\"text\":\"Hello\"}";
            assertThat(site.ok("send_message", mail).path("labelIds").toString())
                    .isEqualTo("[\"SENT\"]");
            site.ok("create_draft", mail);
            site.hasUsedEveryTool();

            Verdict cursor =
                    site.make(site.account, Wish.of("gmail_list_messages", "{}").at("no-token"));
            assertThat(((Verdict.Failed) cursor).error().code().name()).isEqualTo("INVALID_CURSOR");
            assertThat(site.make(site.account("oauth2", "access_token", "old"), Wish.of("gmail_get_profile", "{}")))
                    .isInstanceOf(Verdict.CredentialRejected.class);
            site.simulated.token("reader", TokenState.READ_ONLY);
            Verdict scope = site.make(
                    site.account("oauth2", "access_token", "reader"),
                    Wish.of("gmail_trash_message", "{\"id\":\"" + message + "\"}"));
            assertThat(((Verdict.Failed) scope).error().code().name()).isEqualTo("INSUFFICIENT_SCOPE");
            Verdict.Throttled throttled = site.exhaust("get_thread", "{\"id\":\"18c2f0a900000001\"}", 200);
            assertThat(throttled.error().vendorCode()).isEqualTo("rateLimitExceeded");
            assertThat(wait(throttled)).isEqualTo(Duration.ofSeconds(5));
        }
    }

    @Test
    void everyToolOfStripeDoesWhatItSaysAndItsRefusalsAreUnderstood() throws RequestProblemException {
        try (Site site = new Site("stripe", SimulatedVendor.builder().unlimited(), "bearer", "token")) {
            assertThat(site.walk("list_customers", "{}", "/id")).isEqualTo(1_500);
            assertThat(site.walk("list_customers", "{\"created_from\":\"2023-11-14T22:30:00Z\"}", "/id"))
                    .isBetween(1, 1_499);
            assertThat(site.walk("search_customers", "{\"query\":\"name~'ada'\"}", "/id"))
                    .isEqualTo(1_500);
            assertThat(site.walk("list_charges", "{\"limit\":77}", "/id")).isEqualTo(800);
            assertThat(site.walk("list_invoices", "{}", "/id")).isEqualTo(250);
            assertThat(site.walk("list_subscriptions", "{\"status\":\"all\"}", "/id"))
                    .isEqualTo(130);
            Wish wish = Wish.of(
                            "stripe_create_customer",
                            "{\"email\":\"once@example.com\",\"metadata\":{\"tier\":\"gold\"}}")
                    .withKey("tp-1");
            JsonNode created =
                    JSON.readTree(new String(((Verdict.Success) site.make(site.account, wish)).body(), UTF_8));
            JsonNode again = JSON.readTree(new String(((Verdict.Success) site.make(site.account, wish)).body(), UTF_8));
            assertThat(again).isEqualTo(created);
            assertThat(created.at("/metadata/tier").asString()).isEqualTo("gold");
            assertThat(site.simulated.writes("create", "customers", "once@example.com"))
                    .isEqualTo(1);
            Verdict other = site.make(
                    site.account,
                    Wish.of("stripe_create_customer", "{\"email\":\"other@example.com\"}")
                            .withKey("tp-1"));
            assertThat(((Verdict.Failed) other).error().code().name()).isEqualTo("CONFLICT");

            String customer = created.path("id").asString();
            String id = "{\"id\":\"" + customer + "\"";
            assertThat(site.ok("update_customer", id + ",\"name\":\"Ada & Co\"}")
                            .path("name")
                            .asString())
                    .isEqualTo("Ada & Co");
            assertThat(site.ok("get_customer", id + "}").path("name").asString())
                    .isEqualTo("Ada & Co");
            String charge = site.ok(
                            "create_charge", "{\"amount\":1099,\"currency\":\"EUR\",\"customer\":\"" + customer + "\"}")
                    .path("id")
                    .asString();
            assertThat(site.ok("get_charge", "{\"id\":\"" + charge + "\"}")
                            .path("amount")
                            .asInt())
                    .isEqualTo(1099);
            assertThat(site.ok("refund", "{\"charge\":\"" + charge + "\"}")
                            .path("charge")
                            .asString())
                    .isEqualTo(charge);
            VendorError declined = site.error(
                    "create_charge", "{\"amount\":5000000,\"currency\":\"eur\",\"customer\":\"" + customer + "\"}");
            assertThat(declined.code().name()).isEqualTo("REJECTED");
            site.ok("get_invoice", "{\"id\":\"in_0000000001\"}");
            site.ok("get_balance", "{}");
            site.ok("delete_customer", id + "}");
            assertThat(site.ok("get_customer", id + "}").path("deleted").asBoolean())
                    .isTrue();
            assertThat(site.error("get_customer", "{\"id\":\"cus_nobody\"}")
                            .code()
                            .name())
                    .isEqualTo("NOT_FOUND");
            site.hasUsedEveryTool();

            Verdict cursor =
                    site.make(site.account, Wish.of("stripe_list_charges", "{}").at("ch_gone"));
            assertThat(((Verdict.Failed) cursor).error().code().name()).isEqualTo("INVALID_CURSOR");
            assertThat(site.make(site.account("bearer", "token", "wrong"), Wish.of("stripe_get_balance", "{}")))
                    .isInstanceOf(Verdict.CredentialRejected.class);
        }
    }

    @Test
    void stripeThrottlesWithoutAWaitOfItsOwn() throws RequestProblemException {
        try (Site site = new Site(
                "stripe",
                SimulatedVendor.builder().limit("global-rate", 5, Duration.ofMinutes(1)),
                "bearer",
                "token")) {
            Verdict.Throttled throttled = site.exhaust("get_balance", "{}", 6);
            assertThat(throttled.error().vendorCode()).isEqualTo("rate_limit");
            assertThat(wait(throttled)).isEqualTo(Duration.ofSeconds(1));
        }
    }
}
