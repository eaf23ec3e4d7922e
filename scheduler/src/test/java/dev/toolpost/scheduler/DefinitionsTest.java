package dev.toolpost.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.toolpost.connectors.hotupdate.LiveCatalogue;
import dev.toolpost.connectors.signing.PublicKeys;
import dev.toolpost.connectors.signing.SignedRecord;
import dev.toolpost.connectors.signing.SigningKey;
import dev.toolpost.connectors.signing.Statement;
import dev.toolpost.scheduler.deferral.Targets;
import dev.toolpost.schemas.Topics;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

/** A scheduler takes and refuses the definitions that workers take and refuse. */
class DefinitionsTest {
    private static final SigningKey KEY = SigningKey.generate();
    private static final Topics TOPICS = new Topics();
    private static final TopicPartition PARTITION = new TopicPartition(TOPICS.connectors(), 0);

    private final LiveCatalogue live = LiveCatalogue.load(List.of(), List.of(), InstantSource.system());
    private final MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("earliest");
    private long offset;

    @Test
    void publishedDefinitionsCountFromTheStartAndThoseThatWorkersRefuseDoNot() {
        publish(KEY, "acme", yaml("acme", ""));
        publish(SigningKey.generate(), "forged", yaml("forged", ""));
        publish(KEY, "homeless", yaml("homeless", "pool: homeless"));
        there();
        try (Definitions definitions = definitions(List.of(KEY.publicKey()))) {
            definitions.catchUp();

            assertThat(definitions.current().byTool("acme_get_thing")).isNotNull();
            assertThat(definitions.current().byTool("forged_get_thing")).isNull();
            assertThat(definitions.current().byTool("homeless_get_thing")).isNull();
            assertThat(Objects.requireNonNull(definitions.status()).refusals().toString())
                    .contains("signed by a key that is not among", "toolpost.resume.homeless does not exist");
        }
    }

    @Test
    void withoutATrustedKeyNobodyReadsTheTopic() {
        try (Definitions definitions = definitions(List.of())) {
            definitions.catchUp();
            assertThat(definitions.current().byTool("acme_get_thing")).isNull();
        }
    }

    @Test
    void whatCannotBeReadKeepsItFromStarting() {
        try (Definitions definitions = definitions(List.of(KEY.publicKey()))) {
            assertThatThrownBy(definitions::catchUp)
                    .isInstanceOf(SchedulerException.class)
                    .hasMessageContaining("topic toolpost.connectors does not exist");
        }
    }

    @Test
    void thoseOfSomebodyElseAreTakenAsTheyAre() {
        try (Definitions definitions = Definitions.given(live)) {
            definitions.catchUp();
            definitions.start();
            assertThat(definitions.current()).isSameAs(live.current());
            assertThat(definitions.status()).isNull();
        }
    }

    private Definitions definitions(List<String> keys) {
        return Definitions.followed(
                live,
                new ConnectorUpdates(List.of(), PublicKeys.of(keys)),
                TOPICS,
                () -> consumer,
                (topic, _) ->
                        topic.equals("toolpost.resume.common") ? Targets.Standing.THERE : Targets.Standing.MISSING);
    }

    private void there() {
        consumer.updatePartitions(
                TOPICS.connectors(), List.of(new PartitionInfo(TOPICS.connectors(), 0, null, null, null)));
        consumer.updateBeginningOffsets(Map.of(PARTITION, 0L));
        consumer.updateEndOffsets(Map.of(PARTITION, offset));
    }

    private void publish(SigningKey key, String vendor, String yaml) {
        byte[] content = yaml.getBytes(StandardCharsets.UTF_8);
        SignedRecord signed =
                SignedRecord.sign(key, Statement.about(TOPICS.connectors(), vendor, 1, content, true), content);
        ConsumerRecord<byte[], byte[]> message = new ConsumerRecord<>(
                TOPICS.connectors(), 0, offset++, vendor.getBytes(StandardCharsets.UTF_8), signed.content());
        signed.headers().forEach((name, value) -> message.headers().add(name, value));
        consumer.schedulePollTask(() -> consumer.addRecord(message));
    }

    private static String yaml(String vendor, String pool) {
        return """
                vendor: %s
                title: Made up
                %s
                base_url: https://api.%s.example
                auth: [{ kind: bearer }]
                tools:
                  get_thing:
                    description: Returns one thing. Use it when its id is known, for example T-1.
                    effect: read
                    arguments: { type: object, required: [id], properties: { id: { type: string, description: The id. } } }
                    request: { path: "/things/{id}" }
                """.formatted(vendor, pool, vendor);
    }
}
