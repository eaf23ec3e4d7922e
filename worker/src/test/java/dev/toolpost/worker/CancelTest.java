package dev.toolpost.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.message.ToolReply;
import dev.toolpost.sandbox.Fault;
import dev.toolpost.sandbox.SimulatedVendor;
import dev.toolpost.worker.rig.Agent;
import dev.toolpost.worker.rig.GroupProgress;
import dev.toolpost.worker.rig.Rig;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A cancel meets a call that waits, is not read yet, runs, or is over: exactly one terminal frame counts. */
class CancelTest {

    private static final String READ = "hubspot_get_contact";
    private static final String CONTACT = "/crm/v3/objects/contacts/";

    private static Rig rig;
    private static Agent agent;

    @BeforeAll
    static void start() {
        rig = Rig.start(3, SimulatedVendor.builder().unlimited().start()).fastConnection("crm");
        rig.worker();
        agent = rig.agent();
    }

    @AfterAll
    static void stop() {
        rig.close();
    }

    @Test
    void aCallThatWaitsIsAnsweredAsCancelledAndNotSent() {
        // The vendor's pause makes everything of the connection wait.
        long fault = rig.vendor()
                .inject(Fault.throttled(429, "3").on("GET", CONTACT + "61").times(1));
        agent.call("pausing", READ, "crm", "{\"contact_id\":\"61\"}");
        awaitHappened(fault);
        long requests = rig.vendor().stats().requests();
        agent.call("waits", READ, "crm", "{\"contact_id\":\"62\"}");
        cancel("waits", READ, "{\"contact_id\":\"62\"}");

        ToolReply reply = agent.reply("waits", Duration.ofSeconds(2));
        assertThat(reply.getError().getCode()).isEqualTo("CANCELLED");
        assertThat(rig.vendor().stats().requests()).isEqualTo(requests);
        assertThat(agent.reply("pausing").getError()).isNull();
        assertOneFrame("waits");
    }

    @Test
    void aCallThatIsNotReadYetIsCancelledWhenItArrives() {
        long requests = rig.vendor().stats().requests();
        cancel("unread", READ, "{\"contact_id\":\"63\"}");
        new GroupProgress(rig, "hubspot").awaitAllCommitted(Duration.ofSeconds(20));
        agent.call("unread", READ, "crm", "{\"contact_id\":\"63\"}");

        assertThat(agent.reply("unread").getError().getCode()).isEqualTo("CANCELLED");
        assertThat(rig.vendor().stats().requests()).isEqualTo(requests);
        assertOneFrame("unread");
    }

    @Test
    void aCancelAfterSuccessChangesNothing() {
        agent.call("over", READ, "crm", "{\"contact_id\":\"64\"}");
        assertThat(agent.reply("over").getError()).isNull();
        cancel("over", READ, "{\"contact_id\":\"64\"}");

        assertOneFrame("over");
        assertThat(agent.frames("over").getFirst().reply().getStatus()).isEqualTo("ok");
    }

    @Test
    void aRequestThatWasSentRunsToItsEnd() {
        long fault = rig.vendor()
                .inject(Fault.latency(Duration.ofMillis(600)).on("POST", "*").times(1));
        String arguments = "{\"properties\":{\"email\":\"running@example.com\"}}";
        agent.call("running", "hubspot_create_contact", "crm", arguments);
        awaitHappened(fault);
        cancel("running", "hubspot_create_contact", arguments);

        assertThat(agent.reply("running").getError()).isNull();
        assertOneFrame("running");
        assertThat(rig.vendor().writes("create", "contacts", "running@example.com"))
                .isEqualTo(1);
    }

    @Test
    void aCancelOfAnotherConnectionOrToolMeansAnotherCall() {
        cancel("mine", "hubspot_list_contacts", "{}");
        agent.call("mine", READ, "crm", "{\"contact_id\":\"65\"}");

        assertThat(agent.reply("mine").getError()).isNull();
    }

    private static void cancel(String id, String tool, String arguments) {
        String json = agent.json(id, tool, "crm", arguments);
        agent.publish(
                rig.topics().calls("hubspot"),
                "acme/crm",
                json.substring(0, json.length() - 1) + ",\"action\":\"cancel\"}");
    }

    private static void assertOneFrame(String id) {
        new GroupProgress(rig, "hubspot").awaitAllCommitted(Duration.ofSeconds(20));
        agent.read(Duration.ofMillis(100));
        assertThat(agent.frames(id)).hasSize(1);
    }

    private static void awaitHappened(long fault) {
        long until = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (rig.vendor().happened(fault) == 0) {
            assertThat(System.nanoTime()).isLessThan(until);
            agent.read(Duration.ofMillis(20));
        }
    }
}
