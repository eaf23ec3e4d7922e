package dev.toolpost.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.schemas.Topics;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;

/** Which keys of Kafka's an operator has a say in. */
class StreamsConfigurationTest {

    @Test
    void whatCorrectnessRestsOnIsNotTheOperators() {
        Properties streams = StreamsConfiguration.of(
                SchedulerSettings.defaults(
                        new Topics(),
                        Map.of(
                                "bootstrap.servers", "localhost:1",
                                "client.id", "mine",
                                "group.protocol", "consumer",
                                "main.consumer.group.instance.id", "all",
                                "processing.guarantee", "at_least_once",
                                "producer.linger.ms", 1),
                        Path.of("state")),
                "localhost:2",
                "this-one");
        assertThat(streams)
                .doesNotContainKey("client.id")
                .containsEntry("group.protocol", "classic")
                .containsEntry("main.consumer.group.instance.id", "this-one")
                .containsEntry("processing.guarantee", "exactly_once_v2")
                .containsEntry("producer.linger.ms", 1)
                .containsEntry("bootstrap.servers", "localhost:1");
    }
}
