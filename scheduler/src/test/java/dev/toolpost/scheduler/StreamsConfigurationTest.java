package dev.toolpost.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.schemas.Topics;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.streams.StreamsConfig;
import org.junit.jupiter.api.Test;

/** Which keys of Kafka's an operator has a say in. */
class StreamsConfigurationTest {

    @Test
    void aThreadThatWaitsForTheRegistryIsBackLongBeforeItsGroupGivesItUp() {
        Properties streams = StreamsConfiguration.of(
                SchedulerSettings.defaults(new Topics(), Map.of("bootstrap.servers", "localhost:1"), Path.of("state")),
                "localhost:2",
                "this-one");
        Map<String, Object> consumer = new StreamsConfig(streams).getMainConsumerConfigs("group", "client", 0);
        consumer.put("key.deserializer", ByteArrayDeserializer.class);
        consumer.put("value.deserializer", ByteArrayDeserializer.class);
        int expected = new ConsumerConfig(consumer).getInt(ConsumerConfig.MAX_POLL_INTERVAL_MS_CONFIG);
        assertThat(Duration.ofNanos(StreamsFailures.LONGEST_PAUSE_NANOS)).isLessThan(Duration.ofMillis(expected / 4));
    }

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
