package dev.toolpost.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.message.ToolReply;
import dev.toolpost.sandbox.SimulatedVendor;
import dev.toolpost.worker.paging.CursorKey;
import dev.toolpost.worker.paging.CursorSeal;
import dev.toolpost.worker.rig.Agent;
import dev.toolpost.worker.rig.Rig;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Cursors that a call may not use, in every place where a call brings one, and those of keys that came and went. */
@Timeout(120)
class ForgedCursorTest {

    private static final Duration BOUND = Duration.ofSeconds(30);
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String LIST = "hubspot_list_contacts";
    private static final String ARGUMENTS = "{\"properties\":[\"email\"]}";

    private static final CursorKey OLDER = key("older", 2);
    private static final CursorKey REMOVED = key("removed", 3);

    private static Rig rig;
    private static Agent agent;
    private static String cursor;
    private static List<String> second;

    @BeforeAll
    static void start() {
        rig = Rig.start(3, SimulatedVendor.builder().unlimited().start())
                .fastConnection("crm")
                .fastConnection("other")
                .connection("globex", "crm", Map.of())
                .with("cursor_keys", "[" + setting("newest", 1) + "," + setting("older", 2) + "]");
        rig.worker();
        agent = rig.agent();
        agent.call("first", LIST, "crm", "{\"properties\":[\"email\"],\"limit\":5}");
        cursor = agent.reply("first").getNextCursor();
        agent.call("second", LIST, "crm", "{\"next_cursor\":\"" + cursor + "\",\"limit\":5}");
        second = ids(JSON.readTree(agent.reply("second").getContent()).path("results"));
        assertThat(second).hasSize(5);
    }

    @AfterAll
    static void stop() {
        rig.close();
    }

    /** What a call says besides its cursor, and the cursor. */
    private record Attempt(String tenant, String connection, String tool, String arguments, String cursor) {}

    @Test
    void aCursorThatIsForgedOrOfAnotherTenantConnectionToolOrArgumentsIsInvalidAndTheVendorIsNotCalled() {
        Map<String, Attempt> attempts = new LinkedHashMap<>();
        attempts.put("another tenant", new Attempt("globex", "crm", LIST, "", cursor));
        attempts.put("another tenant, same arguments", new Attempt("globex", "crm", LIST, ARGUMENTS, cursor));
        attempts.put("another connection", new Attempt(Rig.TENANT, "other", LIST, "", cursor));
        attempts.put("another tool", new Attempt(Rig.TENANT, "crm", "hubspot_search_deals", "", cursor));
        attempts.put("other arguments", new Attempt(Rig.TENANT, "crm", LIST, "{\"properties\":[\"phone\"]}", cursor));
        attempts.put(
                "more arguments",
                new Attempt(Rig.TENANT, "crm", LIST, "{\"properties\":[\"email\"],\"archived\":true}", cursor));
        attempts.put("the vendor's own", mine("10"));
        attempts.put(
                "the vendor's own in base 64",
                mine(Base64.getUrlEncoder().encodeToString("10".getBytes(StandardCharsets.US_ASCII))));
        attempts.put("no base 64", mine("%%%"));
        attempts.put("cut off", mine(cursor.substring(0, cursor.length() - 8)));
        attempts.put("longer", mine(cursor + "AAAA"));
        attempts.put("of a removed key", mine(sealed(REMOVED)));
        attempts.put("of a key of the same name", mine(sealed(key("newest", 9))));
        byte[] bytes = Base64.getUrlDecoder().decode(cursor);
        for (int at = 0; at < bytes.length; at += Math.max(1, bytes.length / 12)) {
            byte[] changed = bytes.clone();
            changed[at] ^= 1;
            attempts.put(
                    "changed at " + at,
                    mine(Base64.getUrlEncoder().withoutPadding().encodeToString(changed)));
        }
        long before = rig.vendor().stats().requests();

        List<String> ids = new ArrayList<>();
        attempts.forEach((what, attempt) -> {
            for (Place place : Place.values()) {
                String id = "forged-" + ids.size();
                ids.add(id);
                send(id, attempt, place);
            }
        });
        int next = 0;
        for (String what : attempts.keySet()) {
            for (Place place : Place.values()) {
                ToolReply reply = agent.answer(ids.get(next++), BOUND).getLast();
                assertThat(reply.getStatus()).as("%s, %s", what, place).isEqualTo("error");
                assertThat(reply.getError().getCode()).as("%s, %s", what, place).isEqualTo("INVALID_CURSOR");
                assertThat(reply.getError().getRetryable()).isFalse();
                assertThat(reply.getError().getRemedy()).isNotBlank();
            }
        }
        assertThat(rig.vendor().stats().requests()).isEqualTo(before);
    }

    @Test
    void aCursorOfAnOlderKeyStillOpensInEveryPlaceAndIsFollowedByOneOfTheNewest() {
        String old = sealed(OLDER);
        for (Place place : Place.values()) {
            String id = "older-" + place;
            send(id, mine(old), place);
            List<ToolReply> answer = agent.answer(id, BOUND);
            assertThat(answer.getFirst().getError()).as("%s", place).isNull();
            JsonNode content = JSON.readTree(answer.getFirst().getContent());
            assertThat(ids(content.isArray() ? content : content.path("results")))
                    .as("%s", place)
                    .startsWith(second.toArray(String[]::new));
            if (answer.getLast().getNextCursor() != null) {
                assertThat(new String(
                                Base64.getUrlDecoder().decode(answer.getLast().getNextCursor()),
                                StandardCharsets.ISO_8859_1))
                        .as("%s", place)
                        .contains("newest");
            }
        }
    }

    /** Where a call brings its cursor. */
    private enum Place {
        PAGE,
        ARGUMENT,
        ALL,
        ARGUMENT_OF_ALL
    }

    private static void send(String id, Attempt attempt, Place place) {
        String arguments = attempt.arguments().isEmpty() ? "{}" : attempt.arguments();
        String bounded = ",\"max_pages\":2";
        String asArgument = arguments.equals("{}")
                ? "{\"next_cursor\":\"" + attempt.cursor() + "\"}"
                : arguments.substring(0, arguments.length() - 1) + ",\"next_cursor\":\"" + attempt.cursor() + "\"}";
        String json = agent.json(
                        id,
                        attempt.tool(),
                        attempt.connection(),
                        switch (place) {
                            case PAGE, ALL -> arguments;
                            case ARGUMENT, ARGUMENT_OF_ALL -> asArgument;
                        })
                .replace("\"tenant\":\"" + Rig.TENANT + "\"", "\"tenant\":\"" + attempt.tenant() + "\"");
        String paging = switch (place) {
            case PAGE -> ",\"paging\":{\"cursor\":\"" + attempt.cursor() + "\"}";
            case ARGUMENT -> "";
            case ALL -> ",\"paging\":{\"mode\":\"all\",\"cursor\":\"" + attempt.cursor() + "\"" + bounded + "}";
            case ARGUMENT_OF_ALL -> ",\"paging\":{\"mode\":\"all\"" + bounded + "}";
        };
        agent.publish(
                agent.calls(attempt.tool()),
                attempt.tenant() + "/" + attempt.connection(),
                json.substring(0, json.length() - 1) + paging + "}");
    }

    private static Attempt mine(String forged) {
        return new Attempt(Rig.TENANT, "crm", LIST, "", forged);
    }

    /** The place of the second page as a worker with this key would seal it. */
    private static String sealed(CursorKey key) {
        agent.call("place-" + key.id(), LIST, "crm", "{\"properties\":[\"email\"],\"limit\":5}");
        String after = JSON.readTree(agent.reply("place-" + key.id()).getContent())
                .at("/paging/next/after")
                .asString();
        return new CursorSeal(List.of(key), new SecureRandom())
                .seal(Rig.TENANT, "crm", LIST, JSON.readTree(ARGUMENTS), after);
    }

    private static List<String> ids(JsonNode records) {
        List<String> ids = new ArrayList<>();
        records.forEach(record -> ids.add(record.path("id").asString()));
        return ids;
    }

    private static CursorKey key(String id, int filler) {
        return new CursorKey(id, bytes(filler));
    }

    private static String setting(String id, int filler) {
        return "{id: " + id + ", key: " + Base64.getEncoder().encodeToString(bytes(filler)) + "}";
    }

    private static byte[] bytes(int filler) {
        byte[] bytes = new byte[32];
        Arrays.fill(bytes, (byte) filler);
        return bytes;
    }
}
