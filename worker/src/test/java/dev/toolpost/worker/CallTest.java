package dev.toolpost.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.message.ToolReply;
import dev.toolpost.worker.rig.Agent;
import dev.toolpost.worker.rig.Rig;
import org.junit.jupiter.api.Test;

/** A call's whole way, on a real broker and a simulated vendor. */
class CallTest {

    @Test
    void aReadIsAnsweredWithTheVendorsJson() {
        try (Rig rig = Rig.start().connection("crm")) {
            rig.worker();
            Agent agent = rig.agent();

            agent.call("r1", "hubspot_list_contacts", "crm", "{\"limit\":2}");
            ToolReply reply = agent.reply("r1");

            assertThat(reply.getError()).isNull();
            assertThat(reply.getStatus()).isEqualTo("ok");
            assertThat(reply.getContent()).contains("\"results\":[");
            assertThat(reply.getNextCursor()).isNotNull();
            assertThat(reply.getStats().getRecords()).isEqualTo(2);

            agent.call("r2", "hubspot_list_contacts", "crm", "{\"next_cursor\":\"" + reply.getNextCursor() + "\"}");
            assertThat(agent.reply("r2").getStatus()).isEqualTo("ok");
        }
    }

    @Test
    void aWriteHappensOnceAndItsReplyIsRecorded() {
        try (Rig rig = Rig.start().connection("crm")) {
            rig.worker();
            Agent agent = rig.agent();

            agent.call("w1", "hubspot_create_contact", "crm", "{\"properties\":{\"email\":\"ada@example.com\"}}");
            ToolReply reply = agent.reply("w1");

            assertThat(reply.getError()).isNull();
            assertThat(rig.vendor().writes("create", "contacts", "ada@example.com"))
                    .isEqualTo(1);
        }
    }
}
