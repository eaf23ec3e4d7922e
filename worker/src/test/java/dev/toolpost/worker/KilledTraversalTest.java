package dev.toolpost.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.message.ToolReply;
import dev.toolpost.sandbox.Churn;
import dev.toolpost.sandbox.Fault;
import dev.toolpost.sandbox.ServedPage;
import dev.toolpost.sandbox.SimulatedVendor;
import dev.toolpost.worker.rig.Agent;
import dev.toolpost.worker.rig.Await;
import dev.toolpost.worker.rig.Rig;
import dev.toolpost.worker.rig.WorkerProcess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Workers are killed one after another while they carry a traversal and the vendor's records come and go. */
@Timeout(180)
class KilledTraversalTest {

    private static final String CONTACTS = "/crm/v3/objects/contacts";
    private static final int RECORDS = 20_000;
    private static final Duration BOUND = Duration.ofSeconds(90);
    private static final long SEED = 20_260_901L;

    @Test
    void killedBetweenItsFramesAndItsContinuationOneChainOfPagesComesOutWhole() throws Exception {
        SimulatedVendor vendor = SimulatedVendor.builder()
                .unlimited()
                .records("contacts", RECORDS)
                .start();
        vendor.logPages(100_000);
        vendor.churn(Churn.of(1.5, 1.5, SEED));
        vendor.inject(Fault.latency(Duration.ofMillis(4)).on("GET", CONTACTS));
        Random random = new Random(SEED);
        try (Rig rig = Rig.start(1, vendor).with("worker.session_timeout", "2s").fastConnection("crm")) {
            WorkerProcess worker = rig.workerProcess();
            Agent agent = rig.agent();
            agent.traverse("all", "hubspot_list_contacts", "crm", "{}", "");

            for (int seen : new int[] {10, 70}) {
                int before = seen + random.nextInt(20);
                Await.until("so many frames are out: " + before, BOUND, () -> {
                    agent.read(Duration.ofMillis(5));
                    return agent.frames("all").size() >= before;
                });
                int pages = vendor.pages(Integer.MAX_VALUE).size();
                Await.until(
                        "a turn is in its middle",
                        BOUND,
                        () -> vendor.pages(Integer.MAX_VALUE).size() >= pages + 2);
                worker.kill();
                worker = rig.workerProcess();
            }

            List<ToolReply> frames = agent.answer("all", BOUND);
            assertThat(frames).allSatisfy(frame -> assertThat(frame.getError()).isNull());
            assertThat(agent.frames("all")).as("no frame was published twice").hasSize(frames.size());
            assertThat(vendor.pages(Integer.MAX_VALUE).size())
                    .as("the kills cost pages that were read again")
                    .isGreaterThan(frames.size());
            assertOneChain(frames, vendor.pages(Integer.MAX_VALUE));
            assertThat(frames.stream().flatMap(frame -> ids(frame).stream()).toList())
                    .doesNotHaveDuplicates();
        }
    }

    /** Every frame is a page that the vendor served at the place which the frame before named as the next. */
    private static void assertOneChain(List<ToolReply> frames, List<ServedPage> served) {
        List<String> places = new ArrayList<>();
        places.add(null);
        for (ToolReply frame : frames) {
            List<String> ids = ids(frame);
            long hash = ServedPage.hash(ids);
            List<String> here = places.stream().map(String::valueOf).toList();
            List<String> next = served.stream()
                    .filter(page -> here.contains(String.valueOf(page.asked()))
                            && page.count() == ids.size()
                            && page.hash() == hash)
                    .map(ServedPage::next)
                    .toList();
            assertThat(next)
                    .as("pages served at %s with the records of frame %d", here, frame.getFrame())
                    .isNotEmpty();
            places = new ArrayList<>(next);
        }
        assertThat(places).as("the chain ends where the vendor's list did").containsNull();
    }

    private static List<String> ids(ToolReply frame) {
        List<String> ids = new ArrayList<>();
        for (JsonNode contact : JsonMapper.shared().readTree(frame.getContent())) {
            ids.add(contact.path("id").asString());
        }
        return ids;
    }
}
