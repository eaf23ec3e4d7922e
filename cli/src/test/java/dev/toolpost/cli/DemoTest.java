package dev.toolpost.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code toolpost demo} as a process. */
class DemoTest {
    @Test
    void demoHoldsAndLeavesNoProcessBehind() throws Exception {
        try (CliProcess demo = CliProcess.start("demo", "--output=json")) {
            List<ProcessHandle> children = List.of();
            while (children.isEmpty() && demo.process().isAlive()) {
                children = demo.process().descendants().toList();
                demo.process()
                        .onExit()
                        .completeOnTimeout(demo.process(), 200, java.util.concurrent.TimeUnit.MILLISECONDS)
                        .join();
            }
            JsonNode report = JsonMapper.shared().readTree(demo.rest());

            assertThat(demo.await()).as(report.toString()).isZero();
            assertThat(report.path("passed").asBoolean()).isTrue();
            assertThat(report.path("steps")).hasSize(11);
            assertThat(children).isNotEmpty().noneMatch(ProcessHandle::isAlive);
        }
    }
}
