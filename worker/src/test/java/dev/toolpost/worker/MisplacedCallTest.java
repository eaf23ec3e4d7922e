package dev.toolpost.worker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.message.Resumption;
import dev.toolpost.message.ToolCall;
import dev.toolpost.sandbox.SimulatedVendor;
import dev.toolpost.schemas.Format;
import dev.toolpost.schemas.HeaderNames;
import dev.toolpost.schemas.MessageCodec;
import dev.toolpost.schemas.Shards;
import dev.toolpost.worker.call.PoolWorker;
import dev.toolpost.worker.rig.Agent;
import dev.toolpost.worker.rig.DeadLetterBox;
import dev.toolpost.worker.rig.Rig;
import java.time.Duration;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The right shard follows from the call, never from the record's key or partition. */
class MisplacedCallTest {

    private static final String READ = "hubspot_list_contacts";
    private static final int SHARDS = 3;
    private static final int RIGHT = Shards.of(Rig.TENANT, "crm", SHARDS);
    private static final int WRONG = (RIGHT + 1) % SHARDS;

    private static Rig rig;
    private static Worker worker;
    private static Agent agent;

    @BeforeAll
    static void start() {
        rig = Rig.start(SHARDS, SimulatedVendor.start()).fastConnection("crm");
        worker = rig.worker();
        agent = rig.agent();
    }

    @AfterAll
    static void stop() {
        rig.close();
    }

    @Test
    void aCallOnTheWrongPartitionIsForwardedOnceAndAnswered() {
        long before = forwarded();

        publish(rig.topics().calls("hubspot"), WRONG, "acme/crm", "partition");

        assertAnsweredOnce("partition");
        assertThat(forwarded() - before).isEqualTo(1);
        assertThat(Agent.all(rig.topics().resume("hubspot")))
                .filteredOn(message ->
                        new String(message.value(), UTF_8).contains("\"partition\"") || message.partition() == RIGHT)
                .isNotEmpty()
                .allSatisfy(message -> assertThat(message.headers().lastHeader(HeaderNames.FORWARDED))
                        .isNotNull());
    }

    @Test
    void aCallWithAWrongKeyIsForwardedAndAnswered() {
        int answered = 0;
        for (String key : new String[] {"crm", "somebody/else", "Acme/crm"}) {
            String id = "key-" + answered++;
            agent.publish(rig.topics().calls("hubspot"), key, agent.json(id, READ, "crm", "{\"limit\":1}"));
            assertAnsweredOnce(id);
        }
    }

    @Test
    void aCallWithoutAKeyIsForwardedAndAnswered() {
        publish(rig.topics().calls("hubspot"), WRONG, null, "keyless");

        assertAnsweredOnce("keyless");
    }

    @Test
    void aCallAtTheFrontDoorIsForwardedToItsPoolAndAnswered() {
        long before = forwarded();

        for (int partition = 0; partition < SHARDS; partition++) {
            publish(rig.topics().calls("common"), partition, "acme/crm", "common-" + partition);
        }

        for (int partition = 0; partition < SHARDS; partition++) {
            assertAnsweredOnce("common-" + partition);
        }
        assertThat(forwarded() - before).isEqualTo(SHARDS);
    }

    @Test
    void aCallThatWasForwardedKeepsTheIdOfItsFirstArrivalAndItsHeaders() {
        ProducerRecord<byte[], byte[]> message = new ProducerRecord<>(
                rig.topics().calls("common"),
                0,
                null,
                ("{\"tool\":\"" + READ + "\",\"tenant\":\"acme\",\"connection\":\"crm\",\"reply_to\":\""
                                + agent.replyTopic() + "\"}")
                        .getBytes(UTF_8));
        message.headers().add("reply-run", "17".getBytes(UTF_8));
        RecordMetadata place = agent.publish(message);

        Agent.Frame frame =
                agent.frame(place.topic() + "-" + place.partition() + "-" + place.offset(), Duration.ofSeconds(30));
        assertThat(frame.reply().getStatus()).isEqualTo("ok");
        assertThat(frame.message().headers().lastHeader("reply-run").value()).isEqualTo("17".getBytes(UTF_8));
    }

    @Test
    void aCallThatIsStillWrongAfterForwardingIsADeadLetterAndNotExecuted() {
        long requests = rig.vendor().stats().requests();
        ToolCall call = ToolCall.newBuilder()
                .setTool(READ)
                .setTenant(Rig.TENANT)
                .setConnection("crm")
                .setReplyTo(agent.replyTopic())
                .build();
        Resumption forwarded = Resumption.newBuilder()
                .setKind("forward")
                .setCall(call)
                .setCallId("lost")
                .setFormat("json")
                .setLane("interactive")
                .setOriginTopic(rig.topics().calls("common"))
                .setOriginPartition(0)
                .setOriginOffset(0)
                .setAppendedAt(System.currentTimeMillis())
                .setDeadline(System.currentTimeMillis() + 60_000)
                .setHops(1)
                .build();
        byte[] value =
                MessageCodec.of(Resumption.class, null).encode(rig.topics().resume("hubspot"), forwarded, Format.JSON);

        RecordMetadata place = agent.publish(
                new ProducerRecord<>(rig.topics().resume("hubspot"), WRONG, "acme/crm".getBytes(UTF_8), value));

        try (DeadLetterBox deadLetters = new DeadLetterBox(rig)) {
            DeadLetterBox.Letter letter = deadLetters.of(place);
            assertThat(letter.cause()).isEqualTo("misplaced");
            assertThat(letter.message().value()).isEqualTo(value);
        }
        agent.read(Duration.ofMillis(200));
        assertThat(agent.frames("lost")).isEmpty();
        assertThat(rig.vendor().stats().requests()).isEqualTo(requests);
    }

    private static void publish(String topic, int partition, @Nullable String key, String id) {
        agent.publish(new ProducerRecord<>(
                topic,
                partition,
                key == null ? null : key.getBytes(UTF_8),
                agent.json(id, READ, "crm", "{\"limit\":1}").getBytes(UTF_8)));
    }

    private static void assertAnsweredOnce(String id) {
        assertThat(agent.reply(id).getError()).isNull();
        agent.read(Duration.ofMillis(100));
        assertThat(agent.frames(id)).hasSize(1);
    }

    private static long forwarded() {
        return worker.status().stream().mapToLong(PoolWorker.Status::forwarded).sum();
    }
}
