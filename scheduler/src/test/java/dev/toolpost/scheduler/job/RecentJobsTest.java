package dev.toolpost.scheduler.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.message.JobCommand;
import dev.toolpost.message.ToolCall;
import dev.toolpost.scheduler.job.accept.JobPlan;
import dev.toolpost.schemas.Format;
import org.junit.jupiter.api.Test;

class RecentJobsTest {
    private final RecentJobs recent = new RecentJobs(3, 1_000);

    @Test
    void smallJobsAreBoundedInNumberAndTheOneThatWasNotUsedForLongestGoesFirst() {
        put("a", 1);
        put("b", 1);
        put("c", 1);
        assertThat(recent.get("a")).isNotNull();
        put("d", 1);

        assertThat(recent.get("b")).isNull();
        assertThat(recent.get("a")).isNotNull();
        assertThat(recent.get("c")).isNotNull();
        assertThat(recent.get("d")).isNotNull();
    }

    @Test
    void largeJobsAreBoundedInWhatTheyHold() {
        put("a", 600);
        put("b", 400);
        assertThat(recent.get("a")).isNotNull();
        put("c", 1);
        assertThat(recent.get("b")).isNull();
        assertThat(recent.get("a")).isNotNull();

        put("a", 10);
        put("d", 900);
        assertThat(recent.get("a")).as("held anew it counts once").isNotNull();
        assertThat(recent.get("c")).isNotNull();
    }

    @Test
    void oneThatIsLargerThanAllMayBeStaysUntilAnotherIsUsed() {
        put("huge", 5_000);
        assertThat(recent.get("huge")).isNotNull();
        put("small", 1);
        assertThat(recent.get("huge")).isNull();
        assertThat(recent.get("small")).isNotNull();
    }

    @Test
    void whatIsRemovedMakesRoom() {
        put("a", 900);
        recent.remove("a");
        recent.remove("a");
        put("b", 900);
        put("c", 100);
        assertThat(recent.get("a")).isNull();
        assertThat(recent.get("b")).isNotNull();
    }

    private void put(String id, int characters) {
        JobPlan plan = new JobPlan("t", "acme", "v", "resume", null, new ToolCall(), null, 1, 5, 0);
        JobRecords records = new JobRecords(id, new JobCommand(), plan);
        recent.put(id, new KnownJob(records, "v", "resume", Format.JSON, ""), "x".repeat(characters));
    }
}
