package dev.toolpost.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.message.ToolReply;
import dev.toolpost.sandbox.SimulatedVendor;
import dev.toolpost.worker.Shelf.Answer;
import dev.toolpost.worker.Shelf.Asked;
import dev.toolpost.worker.rig.Agent;
import dev.toolpost.worker.rig.Rig;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Lists with every habit that vendors are known to have, page by page and all at once, from a simulated vendor through a whole worker. */
@Timeout(120)
class ListOdditiesTest {

    private static final Duration BOUND = Duration.ofSeconds(60);
    private static final JsonMapper JSON = JsonMapper.shared();

    private static Rig rig;
    private static Agent agent;
    private static int calls;

    @BeforeAll
    static void start() {
        rig = Rig.start(3, SimulatedVendor.start()).withConnector("shelf", Shelf.DEFINITION);
        rig.worker();
        agent = rig.agent();
    }

    @AfterAll
    static void stop() {
        rig.close();
    }

    @Test
    void theEndOfTheDataAsAnErrorStatusIsTheEndOfTheList() throws IOException {
        try (Shelf _ = Shelf.start(rig, "end", asked -> {
            int page = asked.number("page", 1);
            if (asked.path().equals("/numbered")) {
                return page > 3 ? Answer.error(404, "{}") : Answer.json(items(ids(page * 3 - 2, page * 3)));
            }
            int skip = asked.number("skip", 0);
            return skip >= 6
                    ? Answer.error(409, "{\"error\":\"no_more\"}")
                    : Answer.json(items(ids(skip + 1, skip + 3)));
        })) {
            assertBothWays("shelf_by_number", "end", "{}", ids(1, 9));
            assertBothWays("shelf_by_offset", "end", "{}", ids(1, 6));
            ToolReply end = null;
            for (String cursor = null; end == null || end.getNextCursor() != null; cursor = end.getNextCursor()) {
                end = page("shelf_by_offset", "end", "{}", cursor);
            }
            assertThat(end.getContent()).isEqualTo("{\"items\":[]}");
        }
    }

    /** A thousand records changed in bursts, so that many share their moment, and every cap falls into one of them. */
    @Test
    void aPageCapOfThreeHundredIsPassedByARestartFromTheLastValueWithoutLossOrDoubles() throws IOException {
        Random random = new Random(11);
        Instant moment = Instant.parse("2026-01-01T00:00:00Z");
        List<Map.Entry<String, String>> tickets = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            moment = random.nextInt(9) == 0 ? moment.plusSeconds(60) : moment;
            tickets.add(Map.entry("T" + i, moment.toString()));
        }
        try (Shelf shelf = Shelf.start(rig, "tickets", asked -> {
            assertThat(asked.number("page", 1)).isLessThanOrEqualTo(300);
            // Among equals no vendor promises an order.
            List<Map.Entry<String, String>> found = tickets.stream()
                    .filter(ticket -> ticket.getValue().compareTo(asked.at("updated_since")) >= 0)
                    .sorted(Map.Entry.<String, String>comparingByValue()
                            .thenComparing(
                                    ticket -> asked.at("updated_since").isEmpty()
                                            ? ticket.getKey()
                                            : new StringBuilder(ticket.getKey())
                                                    .reverse()
                                                    .toString(),
                                    Comparator.naturalOrder()))
                    .toList();
            int size = asked.number("per_page", 3);
            int from = Math.min(found.size(), (asked.number("page", 1) - 1) * size);
            return Answer.json(found.subList(from, Math.min(found.size(), from + size)).stream()
                    .map(ticket -> "{\"id\":\"" + ticket.getKey() + "\",\"updated_at\":\"" + ticket.getValue() + "\"}")
                    .collect(Collectors.joining(",", "[", "]")));
        })) {
            List<ToolReply> most = all("shelf_tickets", "tickets", "{\"since\":\"2025\"}", ",\"max_pages\":298");
            List<String> ids = new ArrayList<>(idsOf(most));
            String cursor = most.getLast().getNextCursor();
            for (int i = 0; i < 5; i++) {
                ToolReply page = page("shelf_tickets", "tickets", "{}", cursor);
                ids.addAll(idsIn(page.getContent(), ""));
                cursor = page.getNextCursor();
            }
            List<ToolReply> rest = all("shelf_tickets", "tickets", "{}", ",\"cursor\":\"" + cursor + "\"");
            assertThat(rest.getLast().getError()).isNull();
            ids.addAll(idsOf(rest));
            assertThat(ids)
                    .hasSize(1_000)
                    .doesNotHaveDuplicates()
                    .containsAll(tickets.stream().map(Map.Entry::getKey).toList());
            assertThat(shelf.asked().stream()
                            .map(asked -> asked.at("updated_since"))
                            .distinct())
                    .as("asked for anew once, and never by two values at once")
                    .hasSize(2)
                    .first()
                    .isEqualTo("2025");
        }
    }

    @Test
    void aRowCapOfTenThousandIsPassedByARestartFromTheLastId() throws IOException {
        try (Shelf shelf = Shelf.start(rig, "search", ListOdditiesTest::search)) {
            String groups = "{\"groups\":[{\"filters\":[{\"property\":\"a\"}]},{\"filters\":[]}],\"limit\":300}";
            List<ToolReply> frames = all("shelf_search", "search", groups, "");
            assertThat(frames.getLast().getError()).isNull();
            assertThat(idsOf(frames)).isEqualTo(ids(1, 25_000));
            assertThat(shelf.asked()).hasSize(85);
            assertThat(shelf.asked().getLast().body().at("/groups").toString())
                    .isEqualTo(
                            "[{\"filters\":[{\"property\":\"a\"},{\"property\":\"id\",\"operator\":\"GT\",\"value\":\"20000\"}]},"
                                    + "{\"filters\":[{\"property\":\"id\",\"operator\":\"GT\",\"value\":\"20000\"}]}]");

            List<ToolReply> most = all("shelf_search", "search", "{}", ",\"max_records\":9990");
            ToolReply page = page("shelf_search", "search", "{}", most.getLast().getNextCursor());
            assertThat(idsIn(page.getContent(), "/results")).isEqualTo(ids(9_991, 10_000));
            page = page("shelf_search", "search", "{}", page.getNextCursor());
            assertThat(idsIn(page.getContent(), "/results")).isEqualTo(ids(10_001, 10_200));
        }
    }

    /** 25,000 records with rising ids, of which one search shows the first 10,000. */
    private static Answer search(Asked asked) {
        JsonNode body = asked.body();
        int above = body.at("/groups/0/filters")
                .valueStream()
                .filter(filter -> filter.path("property").asString().equals("id"))
                .mapToInt(filter -> Integer.parseInt(filter.path("value").asString()))
                .findFirst()
                .orElse(0);
        int after = Integer.parseInt(body.path("after").asString("0"));
        int limit = body.path("limit").asInt();
        if (after + limit > 10_000) {
            return Answer.error(400, "{\"message\":\"too deep\"}");
        }
        int last = Math.min(25_000, above + after + limit);
        String next = last < 25_000 ? ",\"paging\":{\"next\":{\"after\":\"" + (after + limit) + "\"}}" : "";
        return Answer.json("{\"results\":" + list(ids(above + after + 1, last)) + next + "}");
    }

    @Test
    void aListWithACapAndNoWayToTheRestSaysSoBehindItsLastPage() throws IOException {
        try (Shelf shelf = Shelf.start(rig, "capped", asked -> {
            int after = asked.number("after", 0);
            int size = asked.number("size", 2);
            return Answer.json(
                    "{\"items\":" + list(ids(after + 1, after + size)) + ",\"next\":" + (after + size) + "}");
        })) {
            List<ToolReply> frames = all("shelf_capped", "capped", "{}", "");
            assertThat(idsOf(frames)).isEqualTo(ids(1, 5));
            assertThat(frames.getLast().getError().getCode()).isEqualTo("RESULT_TOO_LARGE");
            assertThat(frames.getLast().getError().getMessage()).contains("no more than 5 records");
            assertThat(shelf.asked()).hasSize(3);
            assertThat(shelf.asked().getLast().at("size"))
                    .as("no page leads beyond the cap")
                    .isEqualTo("1");

            ToolReply page = page("shelf_capped", "capped", "{}", null);
            page = page("shelf_capped", "capped", "{}", page.getNextCursor());
            page = page("shelf_capped", "capped", "{}", page.getNextCursor());
            assertThat(idsIn(page.getContent(), "/items")).isEqualTo(ids(5, 5));
            agent.call("beyond", "shelf_capped", "capped", "{\"next_cursor\":\"" + page.getNextCursor() + "\"}");
            assertThat(agent.reply("beyond").getError().getCode()).isEqualTo("RESULT_TOO_LARGE");
        }
    }

    @Test
    void aListByLinksThatEndsAtItsCapNeverLooksWhole() throws IOException {
        AtomicInteger total = new AtomicInteger(9);
        AtomicBoolean incomplete = new AtomicBoolean();
        try (Shelf _ = Shelf.start(rig, "links", asked -> {
            int page = asked.number("page", 1);
            int most = Math.min(total.get(), 5);
            String[] next = page * 2 < most
                    ? new String[] {"Link: </links?size=2&page=" + (page + 1) + ">; rel=\"next\""}
                    : new String[] {};
            return Answer.json(
                    "{\"total\":" + total + ",\"incomplete\":" + (incomplete.get() && page == 1) + ",\"items\":"
                            + list(ids(page * 2 - 1, Math.min(page * 2, most))) + "}",
                    next);
        })) {
            List<ToolReply> frames = all("shelf_links", "links", "{}", "");
            assertThat(idsOf(frames)).isEqualTo(ids(1, 5));
            assertThat(frames.getLast().getError().getCode()).isEqualTo("RESULT_TOO_LARGE");
            assertThat(frames.getLast().getError().getMessage())
                    .contains("no more than 5 records of this list, which has 9; narrow the arguments");
            ToolReply page = page("shelf_links", "links", "{}", null);
            page = page("shelf_links", "links", "{}", page.getNextCursor());
            page = page("shelf_links", "links", "{}", page.getNextCursor());
            agent.call("behind-links", "shelf_links", "links", "{\"next_cursor\":\"" + page.getNextCursor() + "\"}");
            assertThat(agent.reply("behind-links").getError().getCode()).isEqualTo("RESULT_TOO_LARGE");

            total.set(5);
            frames = all("shelf_links", "links", "{}", "");
            assertThat(idsOf(frames)).isEqualTo(ids(1, 5));
            assertThat(frames.getLast().getError())
                    .as("as many as the cap, and no more")
                    .isNull();

            total.set(4);
            incomplete.set(true);
            frames = all("shelf_links", "links", "{}", "");
            assertThat(idsOf(frames)).isEqualTo(ids(1, 4));
            assertThat(frames.getLast().getError().getMessage()).contains("left records of this list out");
        }
    }

    @Test
    void aListIsAskedForAnewOnlyWhereItsArgumentsKeepItInOrder() throws IOException {
        try (Shelf _ = Shelf.start(rig, "sorted", asked -> {
            int above = asked.number("above", 0);
            int from = above + asked.number("after", 0);
            int last = Math.min(10, Math.min(above + 4, from + 2));
            String next = last < 10 ? "\"" + (last - above) + "\"" : "null";
            return Answer.json("{\"items\":" + list(ids(from + 1, last)) + ",\"next\":" + next + "}");
        })) {
            assertBothWays("shelf_sorted", "sorted", "{}", ids(1, 10));
            List<ToolReply> frames = all("shelf_sorted", "sorted", "{\"sort\":\"size\"}", "");
            assertThat(idsOf(frames)).isEqualTo(ids(1, 4));
            assertThat(frames.getLast().getError().getMessage())
                    .contains("no more than 4 records")
                    .contains("not in the order of /id");
        }
    }

    @Test
    void aListThatSaysItWasCutShortIsAskedForAnew() throws IOException {
        try (Shelf _ = Shelf.start(rig, "cut", asked -> {
            int above = asked.number("above", 0);
            int last = Math.min(10, above + 4);
            return Answer.json("{\"items\":"
                    + ids(above + 1, last).stream()
                            .map(id -> "{\"id\":\"" + id + "\",\"n\":" + id + "}")
                            .collect(Collectors.joining(",", "[", "]"))
                    + ",\"more\":false,\"state\":\"" + (last < 10 ? "incomplete" : "complete") + "\"}");
        })) {
            assertBothWays("shelf_cut", "cut", "{}", ids(1, 10));
        }
    }

    @Test
    void aCappedListThatCannotGoOnWithoutLossOrEndEndsWithAnError() throws IOException {
        Function<Asked, Answer> endless = asked -> {
            int page = asked.number("page", 1);
            return Answer.json(
                    "{\"items\":" + of(page * 2 - 1, page * 2, id -> "{\"id\":\"" + id + "\",\"t\":\"now\"}") + "}");
        };
        try (Shelf shelf = Shelf.start(rig, "same", endless)) {
            List<ToolReply> frames = all("shelf_same", "same", "{}", "");
            assertThat(idsOf(frames)).isEqualTo(ids(1, 4));
            assertThat(frames.getLast().getError().getCode()).isEqualTo("RESULT_TOO_LARGE");
            assertThat(frames.getLast().getError().getMessage()).contains("have the same /t");
            assertThat(shelf.asked()).as("asked for anew once, in vain").hasSize(4);
        }
        try (Shelf _ = Shelf.start(rig, "twins", asked -> {
            int page = asked.number("page", 1);
            return Answer.json("{\"items\":"
                    + of(page * 2 - 1, page * 2, id -> "{\"id\":\"" + id + "\",\"t\":" + Math.min(id, 3) + "}") + "}");
        })) {
            List<ToolReply> frames = all("shelf_twins", "twins", "{}", "");
            assertThat(idsOf(frames)).isEqualTo(ids(1, 4));
            assertThat(frames.getLast().getError().getMessage()).contains("some would be lost");
        }
        try (Shelf _ = Shelf.start(rig, "unsorted", asked -> {
            int page = asked.number("page", 1);
            return Answer.json("{\"items\":"
                    + of(page * 2 - 1, page * 2, id -> "{\"id\":\"" + id + "\",\"t\":" + (id % 3) + "}") + "}");
        })) {
            List<ToolReply> frames = all("shelf_twins", "unsorted", "{}", "");
            assertThat(frames.getLast().getError().getMessage()).contains("not in the order of /t");
        }
    }

    @Test
    void nestedGraphqlCursorsGoOnByAnotherDocument() throws IOException {
        try (Shelf shelf = Shelf.start(rig, "boards", asked -> {
            String query = asked.body().path("query").asString();
            JsonNode variables = asked.body().path("variables");
            assertThat(variables.path("limit").asInt()).isEqualTo(3);
            if (query.contains("boards(")) {
                assertThat(variables.path("board").asString()).isEqualTo("7");
                return Answer.json("{\"data\":{\"boards\":[{\"items_page\":{\"cursor\":\"c3\",\"items\":"
                        + list(ids(1, 3)) + "}}]}}");
            }
            int from = Integer.parseInt(variables.path("cursor").asString().substring(1));
            String next = from < 6 ? "\"c" + (from + 3) + "\"" : "null";
            return Answer.json("{\"data\":{\"next_items_page\":{\"cursor\":" + next + ",\"items\":"
                    + list(ids(from + 1, from + 3)) + "}}}");
        })) {
            assertBothWays("shelf_boards", "boards", "{\"board\":\"7\"}", ids(1, 9));
            assertThat(shelf.asked().get(1).body().path("query").asString()).contains("next_items_page(");
            agent.call("dry", "shelf_boards", "boards", "{\"board\":\"7\"}", ",\"dry_run\":true");
            assertThat(agent.reply("dry").getContent()).contains("boards(ids:");
        }
    }

    @Test
    void aGraphqlConnectionEndsByItsPageInfo() throws IOException {
        try (Shelf _ = Shelf.start(rig, "page-info", asked -> {
            JsonNode variables = asked.body().path("variables");
            assertThat(variables.path("order").asString()).isEqualTo("up");
            int from = Integer.parseInt(variables.path("after").asString("0"));
            return Answer.json("{\"data\":{\"things\":{\"nodes\":" + list(ids(from + 1, from + 3))
                    + ",\"pageInfo\":{\"endCursor\":\"" + (from + 3) + "\",\"hasNextPage\":" + (from < 6) + "}}}}");
        })) {
            assertBothWays("shelf_page_info", "page-info", "{}", ids(1, 9));
        }
    }

    @Test
    void theNextCursorComesInAHeaderAndGoesBackInOne() throws IOException {
        try (Shelf shelf = Shelf.start(rig, "headers", asked -> {
            String at = asked.headers().getOrDefault("x-cursor", "at=0").substring(3);
            int from = Integer.parseInt(at);
            String[] next = from < 6 ? new String[] {"x-NEXT: " + (from + 3)} : new String[] {"X-Next: "};
            return Answer.json(list(ids(from + 1, from + 3)), next);
        })) {
            assertBothWays("shelf_header_cursor", "headers", "{}", ids(1, 9));
            assertThat(shelf.asked().getFirst().headers()).doesNotContainKey("x-cursor");
        }
    }

    @Test
    void theNumberOfAllRecordsInAHeaderEndsAListWithoutOneRequestMore() throws IOException {
        try (Shelf shelf = Shelf.start(rig, "total", asked -> {
            int page = asked.number("page", 1);
            return Answer.json(list(ids(page * 3 - 2, page * 3)), "X-Total: 9");
        })) {
            assertThat(idsOf(all("shelf_header_total", "total", "{}", ""))).isEqualTo(ids(1, 9));
            assertThat(shelf.asked()).hasSize(3);
        }
    }

    @Test
    void everyKeyOfAContinuationObjectIsCopiedIntoTheNextRequest() throws IOException {
        try (Shelf shelf = Shelf.start(rig, "continued", asked -> switch (asked.at("cmcontinue")) {
            case "" ->
                Answer.json("{\"query\":{\"members\":" + list(ids(1, 3))
                        + "},\"continue\":{\"cmcontinue\":\"page|4&x\",\"continue\":\"-||\",\"list\":\"others\"}}");
            case "page|4&x" -> {
                assertThat(asked.query()).containsEntry("continue", "-||").containsEntry("list", "others");
                yield Answer.json("{\"continue\":{\"cmcontinue\":\"end\",\"gap\":7},\"query\":{}}");
            }
            default -> {
                assertThat(asked.query()).containsEntry("gap", "7").doesNotContainKey("continue");
                yield Answer.json("{\"query\":{\"members\":" + list(ids(4, 5)) + "}}");
            }
        })) {
            assertBothWays("shelf_continued", "continued", "{}", ids(1, 5));
            assertThat(shelf.asked().getFirst().query()).containsEntry("list", "members");
        }
    }

    @Test
    void theLastRecordsIdLeadsToTheNextPage() throws IOException {
        try (Shelf shelf = Shelf.start(rig, "last", asked -> {
            int from = asked.number("starting_after", 0);
            int to = Math.min(8, from + asked.number("limit", 3));
            return Answer.json("{\"data\":" + list(ids(from + 1, to)) + ",\"has_more\":" + (to < 8) + "}");
        })) {
            assertBothWays("shelf_last_id", "last", "{}", ids(1, 8));
            assertThat(shelf.asked().get(1).query()).containsEntry("starting_after", "3");
            assertThat(idsOf(all("shelf_last_short", "last", "{}", ""))).isEqualTo(ids(1, 8));
            assertThat(shelf.asked()).as("the short page ends the list").hasSize(9);
        }
    }

    @Test
    void relativeLinksLeadOnFromThePageTheyStandOn() throws IOException {
        Map<String, String> pages = new HashMap<>();
        pages.put("/links/first/", "{\"items\":" + list(ids(1, 2)) + ",\"links\":{\"next\":\"../second?p=2\"}}");
        pages.put("/links/second", "{\"items\":" + list(ids(3, 4)) + ",\"links\":{\"next\":\"?p=3\"}}");
        try (Shelf _ = Shelf.start(rig, "relative", asked -> {
            if (asked.path().equals("/linked/first")) {
                int page = asked.number("p", 1);
                String link = "Link: <" + (page == 1 ? "?p=2" : "./first?p=3") + ">; rel=\"next\"";
                return page < 3 ? Answer.json(list(ids(page * 2 - 1, page * 2)), link) : Answer.json(list(ids(5, 6)));
            }
            return Answer.json(
                    asked.at("p").equals("3") ? "{\"items\":" + list(ids(5, 6)) + "}" : pages.get(asked.path()));
        })) {
            assertBothWays("shelf_relative", "relative", "{}", ids(1, 6));
            assertBothWays("shelf_relative_header", "relative", "{}", ids(1, 6));
        }
    }

    @Test
    void aCursorGoesIntoTheBodyAsANumberUntilNothingIsLeft() throws IOException {
        try (Shelf _ = Shelf.start(rig, "numbers", asked -> {
            JsonNode cursor = asked.body().path("from");
            assertThat(cursor.isMissingNode() || cursor.isNumber()).isTrue();
            int from = cursor.asInt(0);
            return Answer.json("{\"items\":" + list(ids(from + 1, from + 2)) + ",\"next\":" + (from + 2) + ",\"left\":"
                    + (4 - from) + "}");
        })) {
            assertBothWays("shelf_number_in_body", "numbers", "{}", ids(1, 6));
        }
    }

    @Test
    void aPageWithoutItsListIsAnErrorAndNotTheEnd() throws IOException {
        try (Shelf _ = Shelf.start(
                rig,
                "strict",
                asked -> asked.number("starting_after", 0) == 0
                        ? Answer.json("{\"data\":" + list(ids(1, 3)) + ",\"has_more\":true}")
                        : Answer.json("{\"date\":[]}"))) {
            List<ToolReply> frames = all("shelf_last_id", "strict", "{}", "");
            assertThat(idsOf(frames)).isEqualTo(ids(1, 3));
            assertThat(frames.getLast().getError().getCode()).isEqualTo("MALFORMED_RESPONSE");
            assertThat(frames.getLast().getError().getMessage()).contains("no list of records at /data");
            assertThat(frames.getLast().getNextCursor()).isNotNull();
        }
    }

    @Test
    void aSuccessfulStatusWithAnErrorInItsBodyIsAnError() throws IOException {
        try (Shelf _ = Shelf.start(
                rig,
                "ok-false",
                asked -> Answer.json(
                        switch (asked.at("starting_after")) {
                            case "" -> "{\"ok\":true,\"data\":" + list(ids(1, 3)) + ",\"has_more\":true}";
                            case "3" -> "{\"ok\":false,\"error\":\"channel_archived\"}";
                            default -> "{\"errors\":[{\"code\":\"other\"},{\"code\":\"denied\"}],\"data\":null}";
                        }))) {
            List<ToolReply> frames = all("shelf_last_id", "ok-false", "{}", "");
            assertThat(frames).hasSize(2);
            assertThat(frames.getLast().getError().getCode()).isEqualTo("REJECTED");
            assertThat(frames.getLast().getError().getVendorCode()).isEqualTo("channel_archived");
            assertThat(frames.getLast().getError().getVendorStatus()).isEqualTo(200);
        }
        try (Shelf _ = Shelf.start(
                rig,
                "denied",
                asked -> Answer.json("{\"errors\":[{\"code\":\"other\"},{\"code\":\"denied\"}],\"data\":null}"))) {
            agent.call("denied", "shelf_last_id", "denied", "{}");
            assertThat(agent.reply("denied").getError().getCode()).isEqualTo("INSUFFICIENT_SCOPE");
        }
    }

    @Test
    void anEmptyCursorIsRefusedInsteadOfStartingAnew() throws IOException {
        try (Shelf shelf = Shelf.start(rig, "empty", asked -> Answer.json("{\"data\":[]}"))) {
            agent.call("empty-cursor", "shelf_last_id", "empty", "{\"next_cursor\":\"\"}");
            agent.call("empty-paging", "shelf_last_id", "empty", "{}", ",\"paging\":{\"cursor\":\"\"}");
            agent.traverse("empty-all", "shelf_last_id", "empty", "{\"next_cursor\":\"\"}", "");
            for (String id : List.of("empty-cursor", "empty-paging", "empty-all")) {
                assertThat(agent.reply(id).getError().getCode()).as(id).isEqualTo("INVALID_CURSOR");
            }
            assertThat(shelf.asked()).isEmpty();
        }
    }

    /** The same records, in the same order, by mode all and by one page after the other. */
    private static void assertBothWays(String tool, String connection, String arguments, List<String> expected) {
        List<ToolReply> frames = all(tool, connection, arguments, "");
        assertThat(frames.getLast().getError()).as(tool).isNull();
        assertThat(idsOf(frames)).as(tool).isEqualTo(expected);
        List<String> byPage = new ArrayList<>();
        Set<String> cursors = new HashSet<>();
        String cursor = null;
        do {
            ToolReply page = page(tool, connection, arguments, cursor);
            byPage.addAll(anywhere(JSON.readTree(page.getContent())));
            cursor = page.getNextCursor();
            assertThat(cursors.add(String.valueOf(cursor))).isTrue();
        } while (cursor != null);
        assertThat(byPage).as(tool).isEqualTo(expected);
    }

    private static List<ToolReply> all(String tool, String connection, String arguments, String paging) {
        String id = "all-" + ++calls;
        agent.traverse(id, tool, connection, arguments, paging);
        return agent.answer(id, BOUND);
    }

    private static ToolReply page(String tool, String connection, String arguments, String cursor) {
        String id = "page-" + ++calls;
        agent.call(
                id, tool, connection, arguments, cursor == null ? "" : ",\"paging\":{\"cursor\":\"" + cursor + "\"}");
        ToolReply reply = agent.reply(id);
        assertThat(reply.getError()).isNull();
        return reply;
    }

    private static List<String> ids(int from, int to) {
        return IntStream.rangeClosed(from, to).mapToObj(Integer::toString).toList();
    }

    private static String list(List<String> ids) {
        return ids.stream().map(id -> "{\"id\":\"" + id + "\"}").collect(Collectors.joining(",", "[", "]"));
    }

    private static String of(int from, int to, IntFunction<String> entry) {
        return IntStream.rangeClosed(from, to).mapToObj(entry).collect(Collectors.joining(",", "[", "]"));
    }

    private static String items(List<String> ids) {
        return "{\"items\":" + list(ids) + "}";
    }

    private static List<String> idsOf(List<ToolReply> frames) {
        return frames.stream()
                .filter(frame -> frame.getError() == null)
                .flatMap(frame -> idsIn(frame.getContent(), "").stream())
                .toList();
    }

    private static List<String> idsIn(String json, String list) {
        return JSON.readTree(json)
                .at(list)
                .valueStream()
                .map(entry -> entry.path("id").asString())
                .toList();
    }

    /** The ids of a page, wherever its list is. */
    private static List<String> anywhere(JsonNode node) {
        if (node.isObject() && node.path("id").isString()) {
            return List.of(node.path("id").asString());
        }
        return node.isContainer()
                ? node.valueStream().flatMap(each -> anywhere(each).stream()).toList()
                : Stream.<String>empty().toList();
    }
}
