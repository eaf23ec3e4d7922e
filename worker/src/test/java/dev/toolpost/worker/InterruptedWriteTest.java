package dev.toolpost.worker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.message.StateEntry;
import dev.toolpost.message.ToolReply;
import dev.toolpost.sandbox.SimulatedVendor;
import dev.toolpost.schemas.Format;
import dev.toolpost.schemas.MessageCodec;
import dev.toolpost.schemas.Shards;
import dev.toolpost.worker.journal.Journal;
import dev.toolpost.worker.journal.WriteIdentity;
import dev.toolpost.worker.rig.Agent;
import dev.toolpost.worker.rig.Rig;
import java.time.InstantSource;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;

/** A write that an owner before had started: nothing that happens since makes it "not done". */
class InterruptedWriteTest {

    private static final String CREATE = "hubspot_create_contact";
    private static final int SHARDS = 3;

    @Test
    void aStartedWriteWhoseDeadlinePassedMeanwhileHasAnUnknownOutcome() {
        try (Rig rig =
                Rig.start(SHARDS, SimulatedVendor.builder().unlimited().start()).fastConnection("crm")) {
            Agent agent = rig.agent();
            start(rig, agent, "started");
            publishLate(rig, agent, "started");
            publishLate(rig, agent, "never-started");
            start(rig, agent, "wrong-since");
            agent.call("wrong-since", CREATE, "crm", "{\"no\":\"such argument\"}");

            rig.worker();

            assertThat(code(agent.reply("started"))).isEqualTo("OUTCOME_UNKNOWN");
            assertThat(code(agent.reply("never-started"))).isEqualTo("DEADLINE_EXCEEDED");
            assertThat(code(agent.reply("wrong-since"))).isEqualTo("OUTCOME_UNKNOWN");
            assertThat(rig.vendor().stats().requests()).isZero();
        }
    }

    private static void start(Rig rig, Agent agent, String id) {
        int shard = Shards.of(Rig.TENANT, "crm", SHARDS);
        WriteIdentity identity = new WriteIdentity(Rig.TENANT, "crm", id);
        StateEntry started = new Journal(shard, InstantSource.system()).started(identity, "hash", 1);
        String topic = rig.topics().state("hubspot");
        byte[] value = MessageCodec.of(StateEntry.class, null).encode(topic, started, Format.JSON);
        agent.publish(new ProducerRecord<>(topic, shard, identity.key().getBytes(UTF_8), value));
    }

    private static void publishLate(Rig rig, Agent agent, String id) {
        String call = agent.json(id, CREATE, "crm", "{\"properties\":{\"email\":\"" + id + "@example.com\"}}");
        String late = call.substring(0, call.lastIndexOf('}')) + ",\"deadline\":1000}";
        agent.publish(rig.topics().calls("hubspot"), Rig.TENANT + "/crm", late);
    }

    private static String code(ToolReply reply) {
        return reply.getError().getCode();
    }
}
