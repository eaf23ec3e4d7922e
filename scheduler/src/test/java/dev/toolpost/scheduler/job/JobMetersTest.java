package dev.toolpost.scheduler.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.connectors.ConnectorCatalogue;
import dev.toolpost.message.Resumption;
import dev.toolpost.message.ToolError;
import dev.toolpost.scheduler.job.state.JobSettings;
import dev.toolpost.scheduler.job.state.JobState;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class JobMetersTest {
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final JobWorld world =
            new JobWorld(JobSettings.defaults().withBounds(8, 2, 4), ConnectorCatalogue.of(List.of()));

    @BeforeEach
    void attach() {
        world.meters.addTo(registry, state -> state == JobState.RUNNING ? 1 : 0);
    }

    @Test
    void whatIsDeliveredAndWhatBecomesOfPartsIsCountedByVendor() {
        world.submit("j", job -> job.setConnections(List.of("a", "b", "c")));
        Resumption first = world.resumptions.getFirst();
        world.tell(JobWorld.event(first, "progress")
                .setFrame(2)
                .setRecords(150)
                .setPages(2)
                .setBytes(4_000)
                .setCursor("c")
                .build());
        world.tell(JobWorld.event(first, "done")
                .setFrame(3)
                .setRecords(10)
                .setPages(1)
                .setAttempts(3)
                .build());
        world.tell(JobWorld.event(world.resumptions.get(1), "failed")
                .setError(error("UNAVAILABLE", true))
                .build());
        world.tell(JobWorld.event(world.resumptions.get(2), "failed")
                .setError(error("NOT_FOUND", false))
                .build());

        assertThat(value("toolpost.job.records", "crm")).isEqualTo(160);
        assertThat(value("toolpost.job.frames", "crm")).isEqualTo(3);
        assertThat(value("toolpost.job.pages", "crm")).isEqualTo(3);
        assertThat(value("toolpost.job.bytes", "crm")).isEqualTo(4_000);
        for (String event : List.of("done", "retried", "failed")) {
            assertThat(registry.get("toolpost.job.parts")
                            .tags("vendor", "crm", "event", event)
                            .counter()
                            .count())
                    .as(event)
                    .isEqualTo(1);
        }
        assertThat(registry.get("toolpost.jobs").tag("state", "running").gauge().value())
                .isEqualTo(1);
    }

    @Test
    void linesShowWhoWaitsAndWhoIsAtAWorkerAlsoAfterARestart() {
        world.submit("j", job -> job.setConnections(List.of("a", "b", "c", "d", "e", "f")));
        assertThat(value("toolpost.job.parts.in.flight", "crm")).isEqualTo(3);
        assertThat(value("toolpost.job.parts.waiting", "crm")).isEqualTo(3);

        world.meters.erase(0);
        assertThat(value("toolpost.job.parts.waiting", "crm")).isZero();
        world.restart();
        assertThat(value("toolpost.job.parts.waiting", "crm")).isEqualTo(3);

        world.steer("j", "cancel");
        world.resumptions
                .subList(0, 3)
                .forEach(part -> world.tell(JobWorld.event(part, "failed")
                        .setError(error("CANCELLED", false))
                        .build()));
        world.pass(Duration.ofSeconds(1));
        assertThat(value("toolpost.job.parts.in.flight", "crm")).isZero();
        assertThat(value("toolpost.job.parts.waiting", "crm")).isZero();
        assertThat(registry.get("toolpost.job.parts")
                        .tags("vendor", "crm", "event", "cancelled")
                        .counter()
                        .count())
                .isEqualTo(6);
    }

    @Test
    void toolsThatNobodyKnowsDoNotMakeAMeterEach() {
        for (int i = 0; i < 300; i++) {
            int number = i;
            world.submit("j" + i, job -> job.setTool("made" + number + "_up").setConnections(List.of("a")));
        }
        assertThat(registry.find("toolpost.job.records").meters()).hasSizeLessThanOrEqualTo(201);
        double inFlight = registry.find("toolpost.job.parts.in.flight").meters().stream()
                .mapToDouble(JobMetersTest::value)
                .sum();
        assertThat(inFlight).isEqualTo(300);
    }

    private static ToolError error(String code, boolean retryable) {
        return ToolError.newBuilder()
                .setCode(code)
                .setMessage("made up")
                .setRetryable(retryable)
                .build();
    }

    private double value(String name, String vendor) {
        return value(registry.get(name).tag("vendor", vendor).meter());
    }

    private static double value(Meter meter) {
        return meter.measure().iterator().next().getValue();
    }
}
