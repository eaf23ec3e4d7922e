package dev.toolpost.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.message.ToolReply;
import dev.toolpost.sandbox.SimulatedVendor;
import dev.toolpost.worker.rig.Agent;
import dev.toolpost.worker.rig.Await;
import dev.toolpost.worker.rig.DeadLetterBox;
import dev.toolpost.worker.rig.Rig;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Reply topics that are too small, vanish, or take less than they said: never silence, and the shard goes on. */
class ReplyTopicTest {

    private static final String READ = "hubspot_list_contacts";
    private static final String CREATE = "hubspot_create_contact";
    private static final String LARGE = "x".repeat(20_000);

    private static Rig rig;
    private static Agent agent;

    @BeforeAll
    static void start() throws Exception {
        rig = Rig.start(3, SimulatedVendor.builder().unlimited().start())
                .fastConnection("crm")
                // How long the producer of replies tries.
                .with("kafka.delivery.timeout.ms", "2000")
                .with("kafka.request.timeout.ms", "1500");
        limit(rig.topics().replies("agent"), 10_000);
        rig.worker();
        agent = rig.agent();
    }

    @AfterAll
    static void stop() {
        rig.close();
    }

    @Test
    void aResultLargerThanItsTopicTakesIsAnsweredWithResultTooLarge() {
        agent.call("large", READ, "crm", "{\"limit\":100}");

        ToolReply reply = agent.reply("large");
        assertThat(reply.getError().getCode()).isEqualTo("RESULT_TOO_LARGE");
        assertThat(reply.getError().getMessage()).contains("10000");
        assertThat(reply.getContent()).isNull();

        agent.call("small", READ, "crm", "{\"limit\":1}");
        assertThat(agent.reply("small").getError()).isNull();
    }

    @Test
    void aWriteWhoseResultIsTooLargeIsNotRepeated() {
        String arguments = "{\"properties\":{\"email\":\"large@example.com\",\"company\":\"" + LARGE + "\"}}";
        agent.call("large-write", CREATE, "crm", arguments);
        assertThat(agent.reply("large-write").getError().getCode()).isEqualTo("RESULT_TOO_LARGE");

        agent.call("large-write", CREATE, "crm", arguments);
        awaitFrames("large-write", 2);
        assertThat(agent.frames("large-write").getLast().reply().getError().getCode())
                .isEqualTo("RESULT_TOO_LARGE");
        assertThat(rig.vendor().writes("create", "contacts", "large@example.com"))
                .isEqualTo(1);
    }

    @Test
    void aReadWhoseTopicShrankBetweenLookAndReplyIsADeadLetterWithItsCause() throws Exception {
        String topic = topic("shrinking");
        agent.publish(rig.topics().calls("hubspot"), "acme/crm", call("grown", topic, READ, "{\"limit\":1}"));
        awaitAnswer(topic);
        limit(topic, 2_000);

        RecordMetadata place =
                agent.publish(rig.topics().calls("hubspot"), "acme/crm", call("shrunk", topic, READ, "{\"limit\":50}"));

        assertRefused(place);
        shardGoesOn("after-shrinking");
    }

    @Test
    void aWriteWhoseTopicShrankIsADeadLetterAndNotRepeated() throws Exception {
        String topic = topic("shrinking-write");
        agent.publish(rig.topics().calls("hubspot"), "acme/crm", call("grown-write", topic, READ, "{\"limit\":1}"));
        awaitAnswer(topic);
        limit(topic, 2_000);

        String write = call(
                "shrunk-write",
                topic,
                CREATE,
                "{\"properties\":{\"email\":\"shrunk@example.com\",\"company\":\"" + LARGE + "\"}}");
        RecordMetadata place = agent.publish(rig.topics().calls("hubspot"), "acme/crm", write);
        assertRefused(place);
        shardGoesOn("after-shrinking-write");

        agent.publish(rig.topics().calls("hubspot"), "acme/crm", write);
        shardGoesOn("after-the-write-again");
        assertThat(rig.vendor().writes("create", "contacts", "shrunk@example.com"))
                .isEqualTo(1);
    }

    @Test
    void aTopicDeletedAfterItWasSeenCostsItsOwnCallsOnly() throws Exception {
        String topic = topic("vanishing");
        agent.publish(rig.topics().calls("hubspot"), "acme/crm", call("seen", topic, READ, "{\"limit\":1}"));
        awaitAnswer(topic);
        rig.admin().deleteTopics(List.of(topic)).all().get();

        RecordMetadata read =
                agent.publish(rig.topics().calls("hubspot"), "acme/crm", call("gone", topic, READ, "{\"limit\":1}"));
        shardGoesOn("after-vanishing");
        assertRefused(read);
    }

    @Test
    void aWriteWhoseTopicWasDeletedIsADeadLetterAndNotRepeated() throws Exception {
        String topic = topic("vanishing-write");
        agent.publish(
                rig.topics().calls("hubspot"),
                "acme/crm",
                call("seen-write", topic, CREATE, "{\"properties\":{\"email\":\"seen@example.com\"}}"));
        awaitAnswer(topic);
        rig.admin().deleteTopics(List.of(topic)).all().get();
        // What the worker knows of the topic must not be all too fresh.
        agent.read(Duration.ofMillis(2_500));

        String write = call("gone-write", topic, CREATE, "{\"properties\":{\"email\":\"gone@example.com\"}}");
        RecordMetadata place = agent.publish(rig.topics().calls("hubspot"), "acme/crm", write);

        // Neither its shard nor the pool's transactions wait for it.
        long started = System.nanoTime();
        agent.call("beside", CREATE, "crm", "{\"properties\":{\"email\":\"beside@example.com\"}}");
        assertThat(agent.reply("beside").getError()).isNull();
        assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(Duration.ofSeconds(3));
        assertRefused(place);
        assertThat(rig.vendor().writes("create", "contacts", "gone@example.com"))
                .isEqualTo(1);
    }

    private static void assertRefused(RecordMetadata place) {
        try (DeadLetterBox deadLetters = new DeadLetterBox(rig)) {
            DeadLetterBox.Letter letter = deadLetters.of(place);
            assertThat(letter.cause()).isIn("reply-refused", "reply-to");
            assertThat(letter.detail()).contains("replies");
        }
    }

    private static void shardGoesOn(String id) {
        agent.call(id, READ, "crm", "{\"limit\":1}");
        assertThat(agent.reply(id).getError()).isNull();
    }

    private static String call(String id, String replyTo, String tool, String arguments) {
        return agent.json(id, tool, "crm", arguments).replace(agent.replyTopic(), replyTo);
    }

    private static String topic(String name) throws Exception {
        String topic = rig.topics().replies(name);
        rig.admin()
                .createTopics(List.of(new NewTopic(topic, 1, (short) 1)))
                .all()
                .get();
        Await.until(
                "the broker tells of the topic",
                Duration.ofSeconds(20),
                () -> rig.admin().listTopics().names().get().contains(topic));
        return topic;
    }

    private static void limit(String topic, int bytes) throws Exception {
        rig.admin()
                .incrementalAlterConfigs(Map.of(
                        new ConfigResource(ConfigResource.Type.TOPIC, topic),
                        List.of(new AlterConfigOp(
                                new ConfigEntry("max.message.bytes", Integer.toString(bytes)),
                                AlterConfigOp.OpType.SET))))
                .all()
                .get();
    }

    private static void awaitAnswer(String topic) {
        long until = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (Agent.all(topic).isEmpty()) {
            assertThat(System.nanoTime()).isLessThan(until);
        }
    }

    private static void awaitFrames(String id, int count) {
        long until = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (agent.frames(id).size() < count && System.nanoTime() < until) {
            agent.read(Duration.ofMillis(100));
        }
        assertThat(agent.frames(id)).hasSize(count);
    }
}
