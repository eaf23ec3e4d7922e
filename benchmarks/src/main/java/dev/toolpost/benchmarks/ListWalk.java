package dev.toolpost.benchmarks;

import dev.toolpost.message.Paging;
import dev.toolpost.message.ToolCall;
import dev.toolpost.message.ToolReply;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** One call for every page of a long list; its answer is read and checked as it comes. Not thread-safe. */
final class ListWalk {

    static final String CONNECTION = "crm-0";
    static final int PAGE = 100;

    private static final String LIST = "hubspot_list_contacts";
    private static final long FIRST_CONTACT = 51;
    private static final Duration LONGEST = Duration.ofMinutes(20);

    private final Stage stage;
    private final Agent agent;
    private final int pages;

    ListWalk(Stage stage, int pages) {
        this.stage = stage;
        this.agent = stage.open(new Agent(stage));
        this.pages = pages;
    }

    static Stage stage(int pages) {
        return Stage.open(4, "--limit=none", "--contacts=" + (long) pages * PAGE);
    }

    static Program worker(Stage stage, List<String> jvm) {
        return stage.worker(jvm, Map.of("worker.deadline_interactive", "1h"));
    }

    /** Where a vendor's list begins; {@code &after=} goes on. */
    static String path() {
        return "/crm/v3/objects/contacts?limit=" + PAGE + "&properties=" + String.join("%2C", Candidates.PROPERTIES);
    }

    /**
     * Has a worker read all of it.
     *
     * @return seconds from the call to its last frame
     * @throws IllegalStateException where a frame is out of its place or a record did not come exactly once
     */
    double run(String id) {
        agent.readFromEnd(stage.replies());
        RecordIds ids = new RecordIds(FIRST_CONTACT);
        long from = System.nanoTime();
        agent.publish(ToolCall.newBuilder()
                .setCallId(id)
                .setTool(LIST)
                .setTenant(Stage.TENANT)
                .setConnection(CONNECTION)
                .setArguments("{\"limit\":" + PAGE + ",\"properties\":[\"" + String.join("\",\"", Candidates.PROPERTIES)
                        + "\"]}")
                .setReplyTo(stage.replies())
                .setPaging(Paging.newBuilder().setMode("all").build())
                .build());
        agent.flush();
        int[] frames = {0};
        boolean[] last = {false};
        while (!last[0]) {
            if (System.nanoTime() - from > LONGEST.toNanos()) {
                throw new IllegalStateException(frames[0] + " frames within " + LONGEST);
            }
            agent.read(Duration.ofMillis(100), message -> {
                ToolReply frame = agent.decode(message);
                Agent.requireOk(frame);
                if (frame.getFrame() != frames[0]) {
                    throw new IllegalStateException("frame " + frame.getFrame() + " (expected: " + frames[0] + ")");
                }
                frames[0]++;
                String content = frame.getContent();
                ids.take(content == null ? "" : content);
                last[0] = frame.getLast();
            });
        }
        double seconds = (System.nanoTime() - from) / 1e9;
        ids.requireEachOnce((long) pages * PAGE);
        return seconds;
    }
}
