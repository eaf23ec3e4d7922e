package dev.toolpost.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.message.ToolReply;
import dev.toolpost.sandbox.Fault;
import dev.toolpost.sandbox.SimulatedVendor;
import dev.toolpost.worker.credentials.LimitOverride;
import dev.toolpost.worker.rig.Agent;
import dev.toolpost.worker.rig.Rig;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The same write again: its recorded reply, a conflict, or another write where the identity differs. */
class RepeatedWriteTest {

    private static final String CREATE = "hubspot_create_contact";

    private static Rig rig;
    private static Agent agent;

    @BeforeAll
    static void start() {
        Map<String, LimitOverride> fast = Map.of("ten_seconds", new LimitOverride(100_000, null));
        rig = Rig.start(3, SimulatedVendor.builder().unlimited().start())
                .fastConnection("crm")
                .connection("globex", "crm", fast)
                .fastConnection("other");
        rig.worker();
        agent = rig.agent();
    }

    @AfterAll
    static void stop() {
        rig.close();
    }

    @Test
    void theSameCallAgainGetsTheRecordedReply() {
        agent.call("same", CREATE, "crm", body("same@example.com"));
        ToolReply first = agent.reply("same");
        // Other member order and white space are the same body.
        agent.call("same", CREATE, "crm", "{ \"properties\" : {\"email\": \"same@example.com\"} }");

        awaitFrames("same", 2);
        ToolReply again = agent.frames("same").getLast().reply();
        assertThat(first.getError()).isNull();
        assertThat(again.getContent()).isEqualTo(first.getContent());
        assertThat(again.getCompletedAt()).isEqualTo(first.getCompletedAt());
        assertThat(rig.vendor().writes("create", "contacts", "same@example.com"))
                .isEqualTo(1);
    }

    @Test
    void theSameIdWithAnotherBodyIsAConflict() {
        agent.call("clash", CREATE, "crm", body("clash@example.com"));
        assertThat(agent.reply("clash").getError()).isNull();
        agent.call("clash", CREATE, "crm", body("clash-two@example.com"));

        awaitFrames("clash", 2);
        assertThat(agent.frames("clash").getLast().reply().getError().getCode()).isEqualTo("CALL_CONFLICT");
        assertThat(rig.vendor().writes("create", "contacts", "clash-two@example.com"))
                .isZero();
    }

    @Test
    void theSameIdOfAnotherToolIsAConflict() {
        agent.call("tools", "hubspot_archive_contact", "crm", "{\"contact_id\":\"60\"}");
        assertThat(agent.reply("tools").getError()).isNull();
        agent.call("tools", CREATE, "crm", body("tools@example.com"));

        awaitFrames("tools", 2);
        assertThat(agent.frames("tools").getLast().reply().getError().getCode()).isEqualTo("CALL_CONFLICT");
    }

    @Test
    void theSameIdOfAnotherTenantOrConnectionIsAnotherWrite() {
        agent.call("tenants", CREATE, "crm", body("tenants-acme@example.com"));
        assertThat(agent.reply("tenants").getError()).isNull();
        agent.publish(
                rig.topics().calls("hubspot"),
                "globex/crm",
                agent.json("tenants", CREATE, "crm", body("tenants-globex@example.com"))
                        .replace("\"tenant\":\"acme\"", "\"tenant\":\"globex\""));
        agent.call("tenants", CREATE, "other", body("tenants-other@example.com"));

        awaitFrames("tenants", 3);
        assertThat(agent.frames("tenants"))
                .allSatisfy(frame -> assertThat(frame.reply().getError()).isNull());
        for (String who : new String[] {"acme", "globex", "other"}) {
            assertThat(rig.vendor().writes("create", "contacts", "tenants-" + who + "@example.com"))
                    .isEqualTo(1);
        }
    }

    @Test
    void theSameIdempotencyKeyUnderAnotherCallIdIsAnsweredUnderThatId() {
        String key = ",\"idempotency_key\":\"order-1\"}";
        publish("key-one", body("key@example.com"), key);
        ToolReply first = agent.reply("key-one");
        publish("key-two", body("key@example.com"), key);
        ToolReply second = agent.reply("key-two");
        publish("key-three", body("key-three@example.com"), key);

        assertThat(first.getError()).isNull();
        assertThat(second.getContent()).isEqualTo(first.getContent());
        assertThat(agent.reply("key-three").getError().getCode()).isEqualTo("CALL_CONFLICT");
        assertThat(rig.vendor().writes("create", "contacts", "key@example.com")).isEqualTo(1);
    }

    @Test
    void theSameWriteTwiceAtOnceHappensOnce() {
        long fault = rig.vendor().inject(Fault.latency(Duration.ofMillis(500)).on("POST", "/crm/v3/objects/contacts"));
        for (int i = 0; i < 5; i++) {
            agent.publishLater(
                    rig.topics().calls("hubspot"),
                    "acme/crm",
                    agent.json("twins", CREATE, "crm", body("twins@example.com")));
        }
        agent.flush();

        awaitFrames("twins", 5);
        rig.vendor().removeFault(fault);
        assertThat(agent.frames("twins"))
                .extracting(frame -> frame.reply().getContent())
                .containsOnly(agent.frames("twins").getFirst().reply().getContent());
        assertThat(rig.vendor().writes("create", "contacts", "twins@example.com"))
                .isEqualTo(1);
    }

    @Test
    void aFailureThatTheVendorAnsweredIsRecordedToo() {
        agent.call("exists", CREATE, "crm", body("exists@example.com"));
        assertThat(agent.reply("exists").getError()).isNull();
        agent.call("exists-two", CREATE, "crm", body("exists@example.com"));
        assertThat(agent.reply("exists-two").getError().getCode()).isEqualTo("CONFLICT");
        long requests = rig.vendor().stats().requests();
        agent.call("exists-two", CREATE, "crm", body("exists@example.com"));

        awaitFrames("exists-two", 2);
        assertThat(agent.frames("exists-two").getLast().reply().getError().getCode())
                .isEqualTo("CONFLICT");
        assertThat(rig.vendor().stats().requests()).isEqualTo(requests);
    }

    @Test
    void aWriteThatNeverReachedTheVendorMayComeAgainUnderItsId() {
        agent.call("corrected", CREATE, "crm", "{\"properties\":17}");
        assertThat(agent.reply("corrected").getError().getCode()).isEqualTo("INVALID_ARGUMENTS");
        agent.call("corrected", CREATE, "crm", body("corrected@example.com"));

        awaitFrames("corrected", 2);
        assertThat(agent.frames("corrected").getLast().reply().getError()).isNull();
    }

    @Test
    void theReplyOfAWriteIsRecordedForTheNextOwnerOfItsShard() {
        try (Rig own =
                Rig.start(1, SimulatedVendor.builder().unlimited().start()).fastConnection("crm")) {
            Agent mine = own.agent();
            Worker before = own.worker();
            mine.call("moved", CREATE, "crm", body("moved@example.com"));
            ToolReply first = mine.reply("moved");
            before.close();
            own.worker();
            mine.call("moved", CREATE, "crm", body("moved@example.com"));

            awaitFrames(mine, "moved", 2);
            assertThat(mine.frames("moved").getLast().reply().getContent()).isEqualTo(first.getContent());
            assertThat(own.vendor().writes("create", "contacts", "moved@example.com"))
                    .isEqualTo(1);
        }
    }

    private static void publish(String id, String body, String end) {
        String json = agent.json(id, CREATE, "crm", body);
        agent.publish(rig.topics().calls("hubspot"), "acme/crm", json.substring(0, json.length() - 1) + end);
    }

    private static String body(String email) {
        return "{\"properties\":{\"email\":\"" + email + "\"}}";
    }

    private static void awaitFrames(String id, int count) {
        awaitFrames(agent, id, count);
    }

    private static void awaitFrames(Agent reader, String id, int count) {
        long until = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (reader.frames(id).size() < count && System.nanoTime() < until) {
            reader.read(Duration.ofMillis(100));
        }
        assertThat(reader.frames(id)).hasSize(count);
    }
}
