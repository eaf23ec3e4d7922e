package dev.toolpost.scheduler.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.connectors.ConnectorCatalogue;
import dev.toolpost.message.JobStatus;
import dev.toolpost.message.Resumption;
import dev.toolpost.message.ToolError;
import dev.toolpost.message.ToolReply;
import dev.toolpost.scheduler.job.state.JobSettings;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Records that would not fit into their topics: each ends in words, since one that is sent would fail its stream thread for ever. */
class LargeJobRecordsTest {

    private final Random random = new Random(7);
    private final JobWorld world =
            new JobWorld(JobSettings.defaults().withBounds(2, 2, 4), ConnectorCatalogue.of(List.of()));

    @Test
    void aJobWhoseStatusDoesNotFitIsRefusedAndTheNextIsServed() {
        world.mostBytes.put(JobWorld.TOPICS.jobStatus(), 4_000L);

        world.submit("large", job -> job.setConnections(List.of("a")).setArguments(argument(6_000)));
        world.submit("small", job -> job.setConnections(List.of("a")));

        JobStatus refused = world.status("large");
        assertThat(refused.getState()).isEqualTo("rejected");
        assertThat(refused.getError().getMessage())
                .contains("the status of the job is a record of ")
                .contains("toolpost.job-status takes at most 4000");
        assertThat(refused.getError().getRemedy()).contains("Raise max.message.bytes of toolpost.job-status");
        assertThat(world.kinds("large")).containsExactly("rejected");
        assertThat(world.status("small").getState()).isEqualTo("running");
    }

    @Test
    void aJobWhosePartsDoNotFitIsRefused() {
        world.mostBytes.put(JobWorld.RESUME, 4_000L);

        world.submit("large", job -> job.setConnections(List.of("a")).setArguments(argument(6_000)));

        assertThat(world.status("large").getState()).isEqualTo("rejected");
        assertThat(world.status("large").getError().getMessage())
                .contains("a part of the job is a record of ")
                .contains("toolpost.resume.common takes at most 4000");
        assertThat(world.resumptions).isEmpty();
    }

    @Test
    void aPartWhosePlaceGrowsBeyondTheTopicOfWorkersFailsAndOthersGoOn() {
        world.mostBytes.put(JobWorld.RESUME, 4_000L);
        partWhosePlaceGrows("toolpost.resume.common takes at most 4000");
    }

    @Test
    void aPartWhosePlaceGrowsBeyondTheTopicOfDispatchersFailsAndOthersGoOn() {
        world.mostBytes.put(world.dispatchTopic(), 6_000L);
        partWhosePlaceGrows("-job-dispatch-repartition takes at most 6000");
    }

    private void partWhosePlaceGrows(String told) {
        world.mostBytes.put(JobWorld.TOPICS.replies(), 4_000L);
        world.submit("j", job -> job.setConnections(List.of("a", "b")));
        Resumption grows = world.resumptions.getFirst();
        world.tell(JobWorld.event(grows, "failed")
                .setFrame(3)
                .setRecords(30)
                .setCursor(text(8_000))
                .setError(error("UNAVAILABLE", true, "gone for a moment"))
                .build());
        world.pass(Duration.ofMinutes(1));
        world.tell(JobWorld.event(world.resumptions.get(1), "done").setFrame(1).build());

        assertThat(world.resumptions).hasSize(2);
        JobStatus status = world.status("j");
        assertThat(status.getState()).isEqualTo("finished_with_errors");
        assertThat(status.getRecords()).isEqualTo(30);
        assertThat(status.getFailures())
                .singleElement()
                .satisfies(part -> assertThat(part.getError().getMessage()).contains(told));
        ToolReply last = world.frames.getFirst();
        assertThat(last.getCallId()).isEqualTo("j.0");
        assertThat(last.getFrame()).isEqualTo(3);
        assertThat(last.getLast()).isTrue();
        assertThat(last.getError().getRemedy()).contains("max.message.bytes");
        assertThat(last.getNextCursor()).as("left out where it does not fit").isNull();
    }

    @Test
    void aStatusShowsAsManyFailuresAsFitAndAnEventAsMuchOfItsMessage() {
        world.mostBytes.put(JobWorld.TOPICS.jobStatus(), 9_000L);
        world.mostBytes.put(JobWorld.TOPICS.jobEvents(), 1_900L);
        world.submit(
                "j",
                job -> job.setConnections(List.of("a")).setConcurrency(2).setExpand("{\"id\":{\"from\":1,\"to\":40}}"));
        for (int part = 0; part < 40; part++) {
            world.tell(JobWorld.event(world.resumptions.get(part), "failed")
                    .setError(error("NOT_FOUND", false, text(480)))
                    .build());
        }

        JobStatus status = world.status("j");
        assertThat(status.getState()).isEqualTo("finished_with_errors");
        assertThat(status.getPartsFailed()).isEqualTo(40);
        assertThat(status.getFailures()).hasSizeBetween(5, 39);
        assertThat(status.getFailures().getFirst().getError().getMessage()).hasSize(203);
        assertThat(world.kinds("j")).contains("part_failed", "finished");
    }

    private String argument(int length) {
        return "{\"query\":\"" + text(length) + "\"}";
    }

    /** That no compression makes shorter by much. */
    private String text(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return Base64.getEncoder().encodeToString(bytes).substring(0, length);
    }

    private static ToolError error(String code, boolean retryable, String message) {
        return ToolError.newBuilder()
                .setCode(code)
                .setMessage(message)
                .setRetryable(retryable)
                .build();
    }
}
