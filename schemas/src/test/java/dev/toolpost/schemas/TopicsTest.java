package dev.toolpost.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.toolpost.schemas.Topics.PoolTopic;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TopicsTest {
    private final Topics topics = new Topics();

    @Test
    void namesEveryTopicAsTheContractSays() {
        assertThat(TopicPlan.of(
                                topics,
                                Set.of("hubspot"),
                                Set.of(topics.replies("agent-7")),
                                TopicPlan.Sizing.production())
                        .specs())
                .extracting(TopicSpec::name)
                .containsExactlyInAnyOrder(
                        "toolpost.calls.common",
                        "toolpost.batch.common",
                        "toolpost.resume.common",
                        "toolpost.state.common",
                        "toolpost.calls.hubspot",
                        "toolpost.batch.hubspot",
                        "toolpost.resume.hubspot",
                        "toolpost.state.hubspot",
                        "toolpost.replies",
                        "toolpost.replies.agent-7",
                        "toolpost.later",
                        "toolpost.jobs",
                        "toolpost.job-events",
                        "toolpost.job-parts",
                        "toolpost.job-status",
                        "toolpost.schedules",
                        "toolpost.audit",
                        "toolpost.connection-events",
                        "toolpost.limit-events",
                        "toolpost.connectors",
                        "toolpost.dead-letters");
    }

    @Test
    void plansTheTopicsOfAPoolWithEqualPartitionsAndAppendTimeWhereAgentsWrite() {
        TopicPlan plan = TopicPlan.of(topics, Set.of("hubspot"), Set.of(), new TopicPlan.Sizing(24, 5, (short) 3));

        for (PoolTopic kind : PoolTopic.values()) {
            TopicSpec spec = plan.specs().stream()
                    .filter(each -> topics.kindOf(each.name()).equals(Optional.of(kind)))
                    .findFirst()
                    .orElseThrow();
            assertThat(spec.partitions()).isEqualTo(24);
            assertThat(spec.replication()).isEqualTo((short) 3);
            assertThat(spec.config()).containsEntry("max.message.bytes", "5242880");
        }
        for (String name : List.of("toolpost.calls.hubspot", "toolpost.batch.hubspot", "toolpost.later")) {
            assertThat(spec(plan, name).config())
                    .containsEntry("message.timestamp.type", "LogAppendTime")
                    .containsEntry("retention.ms", "691200000");
        }
        assertThat(spec(plan, "toolpost.state.hubspot").config()).containsEntry("cleanup.policy", "compact,delete");
        assertThat(spec(plan, "toolpost.replies").config()).containsEntry("max.message.bytes", "1048576");
        assertThat(spec(plan, "toolpost.job-status").config()).containsEntry("cleanup.policy", "compact");
        assertThat(spec(plan, "toolpost.later").partitions()).isEqualTo(5);
    }

    private static TopicSpec spec(TopicPlan plan, String name) {
        return plan.specs().stream()
                .filter(spec -> spec.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void findsThePoolAndKindOfATopic() {
        assertThat(topics.poolOf("toolpost.calls.hubspot")).contains("hubspot");
        assertThat(topics.poolOf("toolpost.state.a.b-c")).contains("a.b-c");
        assertThat(topics.kindOf("toolpost.resume.hubspot")).contains(PoolTopic.RESUME);
        assertThat(topics.poolOf("toolpost.replies.hubspot")).isEmpty();
        assertThat(topics.poolOf("other.calls.hubspot")).isEmpty();
        assertThat(topics.poolOf("toolpost.calls.")).isEmpty();
        assertThat(topics.group("hubspot")).isEqualTo("toolpost.hubspot");
        assertThat(topics.group("scheduler")).isNotEqualTo(topics.scheduler());
        assertThat(new Topics("acme-tp.").calls("jira")).isEqualTo("acme-tp.calls.jira");
    }

    @Test
    void tellsReplyTopicsFromOthers() {
        assertThat(topics.isReplies("toolpost.replies")).isTrue();
        assertThat(topics.isReplies("toolpost.replies.agent-7")).isTrue();
        assertThat(topics.isReplies("toolpost.replies.")).isFalse();
        assertThat(topics.isReplies("toolpost.repliesx")).isFalse();
        assertThat(topics.isReplies("toolpost.calls.hubspot")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "A", "-a", "a/b", "a b", "ü", "..", "a\n"})
    void refusesPoolsAndAgentsThatAreNoIds(String id) {
        assertThatThrownBy(() -> topics.calls(id)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> topics.replies(id)).hasMessageContaining("(expected: [a-z0-9][a-z0-9._-]{0,63})");
    }

    @Test
    void refusesPrefixesThatKafkaWouldRefuse() {
        assertThatThrownBy(() -> new Topics("tool post.")).hasMessageContaining("topic prefix");
        assertThatThrownBy(() -> new Topics("")).hasMessageContaining("topic prefix");
    }

    @Test
    void idsAreWhatTheirPatternSays() {
        String alphabet = "az09._-AZ/ \u00fc\n{`";
        Random random = new Random(3);
        for (int i = 0; i < 20_000; i++) {
            StringBuilder id = new StringBuilder();
            for (int length = random.nextInt(random.nextInt(10) == 0 ? 68 : 4); length > 0; length--) {
                id.append(alphabet.charAt(random.nextInt(random.nextInt(8) == 0 ? alphabet.length() : 7)));
            }
            assertThat(Ids.isId(id.toString()))
                    .as("%s", id)
                    .isEqualTo(id.toString().matches(Ids.ID_PATTERN));
        }
    }

    @Test
    void checksIdsToolNamesAndCallIds() {
        assertThat(Ids.isId("a".repeat(64))).isTrue();
        assertThat(Ids.isId("a".repeat(65))).isFalse();
        assertThat(Ids.isToolName("hubspot_list_contacts")).isTrue();
        assertThat(Ids.isToolName("hubspot.list")).isFalse();
        assertThat(Ids.isCallId("01JD-{x}~")).isTrue();
        assertThat(Ids.isCallId("")).isFalse();
        assertThat(Ids.isCallId("a b")).isFalse();
        assertThat(Ids.isCallId("ä")).isFalse();
        assertThat(Ids.isCallId("a".repeat(201))).isFalse();
    }

    @Test
    void placesConnectionsAsJavasProducerPlacesTheirKeys() {
        Random random = new Random(7);
        for (int i = 0; i < 1000; i++) {
            String tenant = "t" + random.nextInt(1_000_000);
            String connection = "c" + random.nextInt(1_000_000);
            int shards = 1 + random.nextInt(100);
            assertThat(Shards.of(tenant, connection, shards))
                    .isEqualTo(BuiltInPartitioner.partitionForKey(
                            (tenant + "/" + connection).getBytes(StandardCharsets.UTF_8), shards));
        }
        assertThat(Shards.of("acme", "sales-hubspot", 24)).isEqualTo(Shards.ofKey("acme/sales-hubspot", 24));
        assertThatThrownBy(() -> Shards.of("a", "b", 0)).hasMessage("shards: 0 (expected: >= 1)");
    }

    @Test
    void readsSettingsOfConfluentsKeys() {
        assertThat(AvroSettings.from(Map.of(), false)).isEqualTo(AvroSettings.defaults());
        assertThat(AvroSettings.from(
                        Map.of(
                                "auto.register.schemas", false,
                                "use.latest.version", "true",
                                "value.subject.name.strategy", "RecordNameStrategy"),
                        false))
                .isEqualTo(new AvroSettings(AvroSettings.Registration.LATEST, SubjectStrategy.RECORD_NAME));
        assertThatThrownBy(() -> AvroSettings.from(Map.of("auto.register.schemas", "yes"), false))
                .hasMessage("auto.register.schemas: yes (expected: true or false)");
        assertThatThrownBy(() -> SubjectStrategy.of("MyStrategy")).hasMessageContaining("TopicNameStrategy");
    }
}
