package dev.toolpost.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.message.ToolReply;
import dev.toolpost.sandbox.Fault;
import dev.toolpost.sandbox.SimulatedVendor;
import dev.toolpost.worker.credentials.LimitOverride;
import dev.toolpost.worker.http.ScriptedServer;
import dev.toolpost.worker.rig.Agent;
import dev.toolpost.worker.rig.Await;
import dev.toolpost.worker.rig.GroupProgress;
import dev.toolpost.worker.rig.Rig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code paging.mode: all}: one call, every page, one frame for each. */
@Timeout(120)
class TraversalTest {

    private static final String LIST = "hubspot_list_contacts";
    private static final String CONTACTS = "/crm/v3/objects/contacts";
    private static final long RECORDS = 2_450;
    private static final Duration BOUND = Duration.ofSeconds(40);
    private static final JsonMapper JSON = JsonMapper.shared();

    private static Rig rig;
    private static Agent agent;

    @BeforeAll
    static void start() {
        rig = Rig.start(
                        3,
                        SimulatedVendor.builder()
                                .unlimited()
                                .records("contacts", RECORDS)
                                .start())
                .fastConnection("crm");
        rig.worker();
        agent = rig.agent();
    }

    @AfterAll
    static void stop() {
        rig.close();
    }

    @Test
    void everyRecordComesOnceInOneFrameForEachPage() {
        agent.traverse("all", LIST, "crm", "{}", "");

        List<ToolReply> frames = agent.answer("all", BOUND);
        assertThat(frames).hasSize(25).allSatisfy(frame -> {
            assertThat(frame.getStatus()).isEqualTo("ok");
            assertThat(frame.getContentType()).isEqualTo("application/json");
            assertThat(frame.getNextCursor()).isNull();
            assertThat(frame.getUntrusted()).isTrue();
        });
        assertThat(frames)
                .extracting(ToolReply::getFrame)
                .isEqualTo(
                        LongStream.range(0, 25).mapToObj(number -> (int) number).toList());
        assertThat(frames)
                .extracting(frame -> frame.getStats().getPages())
                .isEqualTo(LongStream.rangeClosed(1, 25)
                        .mapToObj(number -> (int) number)
                        .toList());
        assertThat(frames.getFirst().getStats().getRecords()).isEqualTo(100);
        assertThat(frames.getLast().getStats().getRecords()).isEqualTo(50);
        assertThat(frames.getLast().getStats().getAttempts()).isEqualTo(25);
        assertThat(ids(frames)).hasSize((int) RECORDS).doesNotHaveDuplicates();
        assertThat(agent.frames("all")).as("no frame was published twice").hasSize(25);
    }

    @Test
    void recordsAreTheVendorsBytes() {
        agent.call("page", LIST, "crm", "{\"limit\":3}");
        agent.traverse("bytes", LIST, "crm", "{\"limit\":3}", ",\"max_pages\":1");

        String page = agent.reply("page").getContent();
        String records = agent.answer("bytes", BOUND).getFirst().getContent();
        assertThat(page).contains(records.substring(1, records.length() - 1));
    }

    @Test
    void maxRecordsIsKeptExactlyAndTheCursorGoesOnBehindIt() {
        agent.traverse("some", LIST, "crm", "{}", ",\"max_records\":250");
        List<ToolReply> some = agent.answer("some", BOUND);
        assertThat(some).extracting(frame -> frame.getStats().getRecords()).containsExactly(100L, 100L, 50L);
        String cursor = some.getLast().getNextCursor();
        assertThat(cursor).isNotNull();

        agent.traverse("rest", LIST, "crm", "{}", ",\"cursor\":\"" + cursor + "\"");
        List<String> both = new ArrayList<>(ids(some));
        both.addAll(ids(agent.answer("rest", BOUND)));
        assertThat(both).hasSize((int) RECORDS).doesNotHaveDuplicates();
    }

    @Test
    void maxPagesAndTheArgumentLimitAreKept() {
        agent.traverse("few", LIST, "crm", "{\"limit\":10}", ",\"max_pages\":3");

        List<ToolReply> few = agent.answer("few", BOUND);
        assertThat(few).extracting(frame -> frame.getStats().getRecords()).containsExactly(10L, 10L, 10L);
        assertThat(few.getLast().getNextCursor()).isNotNull();
    }

    @Test
    void aCursorFromOnePageGoesOnAsATraversalAndBack() {
        agent.call("first", LIST, "crm", "{\"limit\":7}");
        String cursor = agent.reply("first").getNextCursor();

        agent.traverse("second", LIST, "crm", "{\"next_cursor\":\"" + cursor + "\",\"limit\":5}", ",\"max_pages\":2");
        List<ToolReply> second = agent.answer("second", BOUND);
        agent.call(
                "third", LIST, "crm", "{\"next_cursor\":\"" + second.getLast().getNextCursor() + "\",\"limit\":2}");
        List<String> all = new ArrayList<>();
        all.addAll(idsOfPage(agent.reply("first")));
        all.addAll(ids(second));
        all.addAll(idsOfPage(agent.reply("third")));

        agent.call("same", LIST, "crm", "{\"limit\":19}");
        assertThat(all).isEqualTo(idsOfPage(agent.reply("same")));
    }

    @Test
    void aPageThatFailsEndsTheTraversalWithWhatWasReadAndACursorToGoOnFrom() {
        rig.fastConnection("failing");
        List<String> before = new ArrayList<>();
        agent.call("probe", LIST, "failing", "{\"limit\":100}");
        before.addAll(idsOfPage(agent.reply("probe")));
        long failing = rig.vendor()
                .inject(Fault.status(400).on("GET", CONTACTS).skip(4).times(1));
        agent.traverse("fails", LIST, "failing", "{}", "");

        List<ToolReply> frames = agent.answer("fails", BOUND);
        rig.vendor().removeFault(failing);
        assertThat(frames).hasSize(5);
        ToolReply last = frames.getLast();
        assertThat(last.getStatus()).isEqualTo("error");
        assertThat(last.getError().getCode()).isEqualTo("INVALID_ARGUMENTS");
        assertThat(last.getStats().getPages()).isEqualTo(4);
        assertThat(last.getNextCursor()).isNotNull();

        agent.traverse("goes-on", LIST, "failing", "{}", ",\"cursor\":\"" + last.getNextCursor() + "\"");
        List<String> all = new ArrayList<>(ids(frames.subList(0, 4)));
        all.addAll(ids(agent.answer("goes-on", BOUND)));
        assertThat(all)
                .startsWith(before.toArray(String[]::new))
                .hasSize((int) RECORDS)
                .doesNotHaveDuplicates();
    }

    @Test
    void aPageThatFailsForAMomentIsReadAgain() {
        rig.fastConnection("shaky");
        long shaky = rig.vendor()
                .inject(Fault.status(503).on("GET", CONTACTS).skip(3).times(1));
        agent.traverse("shaky", LIST, "shaky", "{}", "");

        List<ToolReply> frames = agent.answer("shaky", BOUND);
        rig.vendor().removeFault(shaky);
        assertThat(ids(frames)).hasSize((int) RECORDS).doesNotHaveDuplicates();
        assertThat(frames.getLast().getStats().getAttempts()).isEqualTo(26);
    }

    @Test
    void aCancelEndsATraversalBehindWhatWasRead() throws Exception {
        rig.fastConnection("slow");
        long slow = rig.vendor().inject(Fault.latency(Duration.ofMillis(100)).on("GET", CONTACTS));
        agent.traverse("cancelled", LIST, "slow", "{}", "");
        Await.until("frames are there", BOUND, () -> {
            agent.read(Duration.ofMillis(50));
            return agent.frames("cancelled").size() >= 3;
        });
        String cancel = agent.json("cancelled", LIST, "slow", "{}");
        agent.publish(
                rig.topics().calls("hubspot"),
                Rig.TENANT + "/slow",
                cancel.substring(0, cancel.length() - 1) + ",\"action\":\"cancel\"}");

        List<ToolReply> frames = agent.answer("cancelled", BOUND);
        rig.vendor().removeFault(slow);
        ToolReply last = frames.getLast();
        assertThat(last.getError().getCode()).isEqualTo("CANCELLED");
        assertThat(last.getNextCursor()).isNotNull();
        assertThat(ids(frames.subList(0, frames.size() - 1)))
                .hasSizeLessThan((int) RECORDS)
                .doesNotHaveDuplicates();
    }

    @Test
    void theDeadlineEndsATraversalBehindWhatWasRead() {
        rig.fastConnection("late");
        long slow = rig.vendor().inject(Fault.latency(Duration.ofMillis(200)).on("GET", CONTACTS));
        String call = agent.json("late", LIST, "late", "{}");
        agent.publish(
                rig.topics().calls("hubspot"),
                Rig.TENANT + "/late",
                call.substring(0, call.length() - 1) + ",\"timeout_ms\":4000,\"paging\":{\"mode\":\"all\"}}");

        List<ToolReply> frames = agent.answer("late", BOUND);
        rig.vendor().removeFault(slow);
        assertThat(frames.getLast().getError().getCode()).isEqualTo("DEADLINE_EXCEEDED");
        assertThat(frames.getLast().getNextCursor()).isNotNull();
        assertThat(frames).hasSizeGreaterThan(1);
    }

    @Test
    void aPageAboveTheTopicsLimitIsSplitBetweenRecords() throws Exception {
        Agent small = rig.agent("small");
        most(small.replyTopic(), 6_000);
        small.traverse("split", LIST, "crm", "{}", ",\"max_records\":200");

        List<ToolReply> frames = small.answer("split", BOUND);
        assertThat(frames)
                .hasSizeGreaterThan(2)
                .allSatisfy(frame ->
                        assertThat(JSON.readTree(frame.getContent()).isArray()).isTrue());
        assertThat(ids(frames)).hasSize(200).doesNotHaveDuplicates();
        assertThat(frames.stream()
                        .mapToLong(frame -> frame.getStats().getRecords())
                        .sum())
                .isEqualTo(200);
        assertThat(frames.subList(0, frames.size() - 1)).noneMatch(ToolReply::getLast);
        assertThat(frames.getLast().getNextCursor()).isNotNull();
    }

    @Test
    void aRecordThatNoFrameTakesEndsTheTraversalAndTheCursorGoesOnBehindIt() throws Exception {
        String large = "{\"id\":\"2\",\"note\":\"" + "x".repeat(9_000) + "\"}";
        String page = "{\"results\":[{\"id\":\"1\"}," + large + ",{\"id\":\"3\"}]}";
        Agent small = rig.agent("tiny");
        most(small.replyTopic(), 6_000);
        try (ScriptedServer vendor = ScriptedServer.answering(http(page))) {
            rig.connection(Rig.TENANT, "large", Map.of(), vendor.uri(""));
            small.traverse("too-large", LIST, "large", "{}", "");

            List<ToolReply> frames = small.answer("too-large", BOUND);
            assertThat(ids(frames.subList(0, 1))).containsExactly("1");
            assertThat(frames.getLast().getError().getCode()).isEqualTo("RESULT_TOO_LARGE");
            small.traverse(
                    "behind",
                    LIST,
                    "large",
                    "{}",
                    ",\"cursor\":\"" + frames.getLast().getNextCursor() + "\"");
            assertThat(ids(small.answer("behind", BOUND))).containsExactly("3");
        }
    }

    @Test
    void anEmptyListIsOneFrameWithoutRecords() throws Exception {
        try (ScriptedServer vendor = ScriptedServer.answering(http("{\"results\":[]}"))) {
            rig.connection(Rig.TENANT, "empty", Map.of(), vendor.uri(""));
            agent.traverse("empty", LIST, "empty", "{}", "");

            List<ToolReply> frames = agent.answer("empty", BOUND);
            assertThat(frames).hasSize(1);
            assertThat(frames.getFirst().getContent()).isEqualTo("[]");
            assertThat(frames.getFirst().getStats().getPages()).isEqualTo(1);
        }
    }

    @Test
    void emptyPagesInTheMiddleAreReadOverAndGiveNoFrame() throws Exception {
        try (ScriptedServer vendor = pages(after -> switch (after) {
            case "" -> page("1", "a");
            case "a" -> "{\"results\":[],\"paging\":{\"next\":{\"after\":\"b\"}}}";
            case "b" -> page("2", "c");
            default -> "{\"results\":[]}";
        })) {
            rig.connection(Rig.TENANT, "gaps", Map.of(), vendor.uri(""));
            agent.traverse("gaps", LIST, "gaps", "{}", "");

            List<ToolReply> frames = agent.answer("gaps", BOUND);
            assertThat(ids(frames)).containsExactly("1", "2");
            assertThat(frames.getLast().getStats().getPages()).isEqualTo(4);
        }
    }

    @Test
    void aListThatRunsInACircleIsFoundOutWithinTwiceItsLength() throws Exception {
        try (ScriptedServer vendor = pages(after -> {
            int place = after.isEmpty() ? 0 : Integer.parseInt(after);
            return page("r" + place, Integer.toString(place == 40 ? 30 : place + 1));
        })) {
            rig.connection(Rig.TENANT, "circle", fast(), vendor.uri(""));
            agent.traverse("circle", LIST, "circle", "{}", "");

            List<ToolReply> frames = agent.answer("circle", BOUND);
            assertThat(frames.getLast().getError().getCode()).isEqualTo("MALFORMED_RESPONSE");
            assertThat(frames.getLast().getError().getMessage()).contains("circle");
            assertThat(frames.getLast().getStats().getPages()).isBetween(41, 90);
        }
    }

    @Test
    void aListThatGoesOnWithoutRecordsIsEnded() throws Exception {
        try (ScriptedServer vendor = pages(after -> "{\"results\":[],\"paging\":{\"next\":{\"after\":\""
                + (after.isEmpty() ? 1 : Integer.parseInt(after) + 1) + "\"}}}")) {
            rig.connection(Rig.TENANT, "endless", fast(), vendor.uri(""));
            agent.traverse("endless", LIST, "endless", "{}", "");

            List<ToolReply> frames = agent.answer("endless", BOUND);
            assertThat(frames).hasSize(1);
            assertThat(frames.getFirst().getError().getCode()).isEqualTo("MALFORMED_RESPONSE");
            assertThat(frames.getFirst().getStats().getPages()).isEqualTo(1_000);
        }
    }

    @Test
    void theUnifiedViewHoldsThePagesRecordsInTheCommonModel() {
        String call = agent.json("unified-page", LIST, "crm", "{\"limit\":3}");
        agent.publish(
                rig.topics().calls("hubspot"),
                Rig.TENANT + "/crm",
                call.substring(0, call.length() - 1) + ",\"view\":\"unified\"}");
        ToolReply page = agent.reply("unified-page");
        assertThat(page.getError()).isNull();
        assertThat(page.getNextCursor()).isNotNull();
        JsonNode contacts = JSON.readTree(page.getContent());
        assertThat(contacts.size()).isEqualTo(3);
        assertThat(contacts.path(0).path("emails").path(0).path("address").asString())
                .contains("@");

        String all = agent.json("unified-all", LIST, "crm", "{}");
        agent.publish(
                rig.topics().calls("hubspot"),
                Rig.TENANT + "/crm",
                all.substring(0, all.length() - 1)
                        + ",\"view\":\"unified\",\"paging\":{\"mode\":\"all\",\"max_records\":150}}");
        List<ToolReply> frames = agent.answer("unified-all", BOUND);
        assertThat(ids(frames)).hasSize(150).doesNotHaveDuplicates();
        assertThat(ids(frames).getFirst()).isEqualTo(contacts.path(0).path("id").asString());
    }

    @Test
    void aRecordThatFitsNoModelEndsAUnifiedTraversalAndTheCursorGoesOnBehindIt() throws Exception {
        try (ScriptedServer vendor = ScriptedServer.answering(http(
                "{\"results\":[{\"id\":\"1\",\"properties\":{}},{\"noid\":2},{\"id\":\"3\",\"properties\":{}}]}"))) {
            rig.connection(Rig.TENANT, "odd", Map.of(), vendor.uri(""));
            String call = agent.json("odd", LIST, "odd", "{}");
            String unified =
                    call.substring(0, call.length() - 1) + ",\"view\":\"unified\",\"paging\":{\"mode\":\"all\"}}";
            agent.publish(rig.topics().calls("hubspot"), Rig.TENANT + "/odd", unified);

            List<ToolReply> frames = agent.answer("odd", BOUND);
            ToolReply last = frames.getLast();
            assertThat(last.getError().getCode()).isEqualTo("MALFORMED_RESPONSE");
            assertThat(ids(frames.subList(0, frames.size() - 1))).containsExactly("1");
            agent.traverse("odd-rest", LIST, "odd", "{}", ",\"cursor\":\"" + last.getNextCursor() + "\"");
            assertThat(ids(agent.answer("odd-rest", BOUND))).containsExactly("3");
        }
    }

    @Test
    void aToolWithoutAUnifiedViewSaysSo() {
        String call = agent.json("no-view", "hubspot_search_deals", "crm", "{}");
        agent.publish(
                rig.topics().calls("hubspot"),
                Rig.TENANT + "/crm",
                call.substring(0, call.length() - 1) + ",\"view\":\"unified\"}");
        assertThat(agent.reply("no-view").getError().getMessage()).contains("hubspot_search_deals");
    }

    @Test
    void aCursorWithinAPageSkipsAsManyRecordsHoweverSmallTheNextPagesAre() {
        agent.traverse("within", LIST, "crm", "{\"limit\":100}", ",\"max_records\":30");
        agent.call("first-30", LIST, "crm", "{\"limit\":30}");
        String behind30 = agent.answer("within", BOUND).getLast().getNextCursor();
        agent.traverse("by-seven", LIST, "crm", "{\"limit\":7}", ",\"cursor\":\"" + behind30 + "\"");

        List<String> all = new ArrayList<>(idsOfPage(agent.reply("first-30")));
        all.addAll(ids(agent.answer("by-seven", BOUND)));
        assertThat(all).hasSize((int) RECORDS).doesNotHaveDuplicates();
    }

    @Test
    void aCursorBehindARecordThatFitsNowhereGoesOnRightBehindItByPagesOfAnySize() throws Exception {
        StringBuilder list = new StringBuilder();
        for (int i = 0; i < 20; i++) {
            list.append(i == 0 ? "" : ",")
                    .append("{\"id\":\"")
                    .append(i)
                    .append("\",\"note\":\"")
                    .append(i == 12 ? "x".repeat(9_000) : "")
                    .append("\"}");
        }
        String whole = "{\"results\":[" + list + "]}";
        Agent small = rig.agent("any-size");
        most(small.replyTopic(), 6_000);
        try (ScriptedServer vendor = new ScriptedServer(connection -> {
            while (connection.readRequest()) {
                String query = connection.lastRequest().lines().findFirst().orElseThrow();
                connection.write(http(query.contains("limit=5") ? slice(whole, query) : whole));
            }
        })) {
            rig.connection(Rig.TENANT, "any-size", Map.of(), vendor.uri(""));
            small.traverse("to-12", LIST, "any-size", "{}", "");
            List<ToolReply> frames = small.answer("to-12", BOUND);
            assertThat(ids(frames.subList(0, frames.size() - 1))).hasSize(12);
            String cursor = frames.getLast().getNextCursor();

            small.traverse("by-five", LIST, "any-size", "{\"limit\":5}", ",\"cursor\":\"" + cursor + "\"");
            assertThat(ids(small.answer("by-five", BOUND))).containsExactly("13", "14", "15", "16", "17", "18", "19");

            small.call("page-by-five", LIST, "any-size", "{\"limit\":5,\"next_cursor\":\"" + cursor + "\"}");
            ToolReply page = small.reply("page-by-five");
            assertThat(page.getStats().getRecords()).isZero();
            List<String> rest = new ArrayList<>(idsOfPage(page));
            for (int i = 0; page.getNextCursor() != null; i++) {
                small.call("p" + i, LIST, "any-size", "{\"limit\":5,\"next_cursor\":\"" + page.getNextCursor() + "\"}");
                page = small.reply("p" + i);
                rest.addAll(idsOfPage(page));
            }
            assertThat(rest).containsExactly("13", "14", "15", "16", "17", "18", "19");
        }
    }

    /** Five records of a list from where {@code after} says. */
    private static String slice(String whole, String query) {
        JsonNode records = JSON.readTree(whole).path("results");
        int at = query.indexOf("after=");
        int from = at < 0 ? 0 : Integer.parseInt(query.substring(at + 6).replaceAll("[^0-9].*", ""));
        StringBuilder page = new StringBuilder("{\"results\":[");
        for (int i = from; i < Math.min(from + 5, records.size()); i++) {
            page.append(i == from ? "" : ",").append(records.path(i));
        }
        page.append(']');
        return page + (from + 5 < records.size() ? ",\"paging\":{\"next\":{\"after\":\"" + (from + 5) + "\"}}}" : "}");
    }

    @Test
    void aCancelInTheLastExchangeOfATurnEndsTheTraversalThere() throws Exception {
        rig.fastConnection("last");
        long slow = rig.vendor()
                .inject(Fault.latency(Duration.ofSeconds(4)).on("GET", CONTACTS).times(1));
        agent.traverse("last", LIST, "last", "{}", "");
        Await.until("the first page is on its way", BOUND, () -> rig.vendor().happened(slow) == 1);
        String cancel = agent.json("last", LIST, "last", "{}");
        agent.publish(
                rig.topics().calls("hubspot"),
                Rig.TENANT + "/last",
                cancel.substring(0, cancel.length() - 1) + ",\"action\":\"cancel\"}");

        List<ToolReply> frames = agent.answer("last", BOUND);
        rig.vendor().removeFault(slow);
        assertThat(frames.getLast().getError().getCode()).isEqualTo("CANCELLED");
        assertThat(frames.size()).isLessThan(5);
    }

    @Test
    void onePageInAHundredThatFailsForAMomentEndsNoLongTraversal() {
        rig.fastConnection("wobbly");
        long wobbly = rig.vendor().inject(Fault.status(503).on("GET", CONTACTS).probability(0.01, 7));
        agent.traverse("wobbly", LIST, "wobbly", "{\"limit\":3}", "");

        List<ToolReply> frames = agent.answer("wobbly", BOUND);
        rig.vendor().removeFault(wobbly);
        assertThat(frames.getLast().getError()).isNull();
        assertThat(ids(frames)).hasSize((int) RECORDS).doesNotHaveDuplicates();
    }

    @Test
    void singleCallsGoBeforeThePagesOfATraversal() throws Exception {
        rig.connection(Rig.TENANT, "shared", Map.of("ten_seconds", new LimitOverride(20, Duration.ofSeconds(10))));
        agent.traverse("long", LIST, "shared", "{\"limit\":1}", "");
        Await.until("the traversal has what it may have of the window", BOUND, () -> {
            agent.read(Duration.ofMillis(50));
            return agent.frames("long").size() >= 15;
        });

        agent.call("single", LIST, "shared", "{\"limit\":1}");
        assertThat(agent.reply("single").getError()).isNull();
        assertThat(agent.reply("single").getStats().getWaitedMs()).isLessThan(4_000);

        String cancel = agent.json("long", LIST, "shared", "{}");
        agent.publish(
                rig.topics().calls("hubspot"),
                Rig.TENANT + "/shared",
                cancel.substring(0, cancel.length() - 1) + ",\"action\":\"cancel\"}");
        assertThat(agent.answer("long", BOUND).getLast().getError().getCode()).isEqualTo("CANCELLED");
    }

    @Test
    void aCancelThatNamesNoToolIsADeadLetterAndNotTheEndOfItsCall() {
        agent.publish(
                rig.topics().calls("hubspot"),
                Rig.TENANT + "/crm",
                "{\"call_id\":\"badly-cancelled\",\"action\":\"cancel\",\"tenant\":\"acme\",\"connection\":\"crm\",\"reply_to\":\""
                        + agent.replyTopic() + "\"}");
        agent.traverse("badly-cancelled", LIST, "crm", "{}", ",\"max_records\":200");

        assertThat(ids(agent.answer("badly-cancelled", BOUND))).hasSize(200);
        assertThat(Agent.all(rig.topics().deadLetters()))
                .anyMatch(letter -> new String(letter.value(), StandardCharsets.UTF_8).contains("badly-cancelled"));
    }

    @Test
    void aToolWithoutPagesAndWrongWishesAreRefused() {
        agent.traverse("one", "hubspot_get_contact", "crm", "{\"contact_id\":\"1\"}", "");
        assertThat(agent.reply("one").getError().getMessage()).contains("one page only");

        String page = agent.json("page-only", LIST, "crm", "{}");
        agent.publish(
                rig.topics().calls("hubspot"),
                Rig.TENANT + "/crm",
                page.substring(0, page.length() - 1) + ",\"paging\":{\"max_records\":5}}");
        assertThat(agent.reply("page-only").getError().getFields().getFirst().getPath())
                .isEqualTo("/paging/max_records");

        agent.traverse("none", LIST, "crm", "{}", ",\"max_records\":0");
        assertThat(agent.reply("none").getError().getFields().getFirst().getPath())
                .isEqualTo("/paging/max_records");
    }

    @Test
    void manyTraversalsAtOnceAllEndAndLeaveNothingBehind() {
        List<String> calls = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            rig.fastConnection("many" + i);
            calls.add("many-" + i);
            agent.traverse("many-" + i, LIST, "many" + i, "{}", "");
        }
        for (String id : calls) {
            assertThat(new HashSet<>(ids(agent.answer(id, BOUND)))).as(id).hasSize((int) RECORDS);
            assertThat(agent.frames(id)).as(id).hasSize(25);
        }
        new GroupProgress(rig, "hubspot").awaitAllCommitted(Duration.ofSeconds(20));
    }

    private static Map<String, LimitOverride> fast() {
        return Map.of("ten_seconds", new LimitOverride(100_000, null), "search", new LimitOverride(100_000, null));
    }

    /** A vendor whose answer follows from the query's {@code after}. */
    private static ScriptedServer pages(UnaryOperator<String> answer) throws IOException {
        return new ScriptedServer(connection -> {
            while (connection.readRequest()) {
                String request = connection.lastRequest();
                int at = request.indexOf("after=");
                String after = at < 0
                        ? ""
                        : request.substring(at + 6, request.indexOf(' ', at)).replaceAll("&.*", "");
                connection.write(http(answer.apply(after)));
            }
        });
    }

    private static String page(String id, String next) {
        return "{\"results\":[{\"id\":\"" + id + "\"}],\"paging\":{\"next\":{\"after\":\"" + next + "\"}}}";
    }

    private static String http(String json) {
        return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
                + json.getBytes(StandardCharsets.UTF_8).length + "\r\n\r\n" + json;
    }

    private static void most(String topic, int bytes) throws Exception {
        rig.admin()
                .incrementalAlterConfigs(Map.of(
                        new ConfigResource(ConfigResource.Type.TOPIC, topic),
                        List.of(new AlterConfigOp(
                                new ConfigEntry("max.message.bytes", Integer.toString(bytes)),
                                AlterConfigOp.OpType.SET))))
                .all()
                .get();
    }

    private static List<String> ids(List<ToolReply> frames) {
        List<String> ids = new ArrayList<>();
        for (ToolReply frame : frames) {
            for (JsonNode record : JSON.readTree(frame.getContent())) {
                ids.add(record.path("id").asString());
            }
        }
        return ids;
    }

    private static List<String> idsOfPage(ToolReply reply) {
        List<String> ids = new ArrayList<>();
        for (JsonNode record : JSON.readTree(reply.getContent()).path("results")) {
            ids.add(record.path("id").asString());
        }
        return ids;
    }
}
