package dev.toolpost.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** The AsyncAPI document says what the code does: topics, partitions, settings, messages, headers and error codes. */
class AsyncApiTest {
    private static final Path RESOURCES = Path.of("src/main/resources");

    private final JsonNode document = new YAMLMapper().readTree(read(RESOURCES.resolve("asyncapi.yaml")));
    private final Topics topics = new Topics();
    private final TopicPlan plan =
            TopicPlan.of(topics, Set.of("hubspot"), Set.of(topics.replies("agent-7")), TopicPlan.Sizing.production());

    @Test
    void describesEveryTopicWithItsPartitionsAndSettings() {
        Map<String, JsonNode> channels = new TreeMap<>();
        document.path("channels").forEach(channel -> channels.put(topicOf(channel), channel));
        List<TopicSpec> specs = plan.specs().stream()
                .filter(spec -> !topics.poolOf(spec.name()).equals(java.util.Optional.of(Topics.COMMON_POOL)))
                .toList();

        assertThat(channels.keySet())
                .isEqualTo(specs.stream().map(TopicSpec::name).collect(Collectors.toCollection(TreeSet::new)));
        for (TopicSpec spec : specs) {
            JsonNode channel = channels.getOrDefault(spec.name(), document);
            JsonNode kafka = channel.path("bindings").path("kafka");
            assertThat(kafka.path("partitions").asInt()).as(spec.name()).isEqualTo(spec.partitions());
            assertThat(settings(channel)).as(spec.name()).isEqualTo(new TreeMap<>(spec.config()));
            assertThat(channel.path("x-key").asString("")).as(spec.name()).isNotBlank();
            assertThat(channel.path("x-written-by").asString(""))
                    .as(spec.name())
                    .isNotBlank();
        }
    }

    @Test
    void givesEveryMessageItsPublishedSchemaInBothFormats() {
        Set<String> described = new LinkedHashSet<>();
        JsonNode messages = document.path("components").path("messages");
        for (String key : messages.propertyNames()) {
            JsonNode message = messages.path(key);
            if (key.equals("DeadLetter")) {
                continue;
            }
            String name = message.path("name").asString();
            String reference =
                    message.path("payload").path("schema").path("$ref").asString();
            boolean avro = key.endsWith("Avro");
            assertThat(key).isEqualTo(name + (avro ? "Avro" : "Json"));
            assertThat(reference)
                    .isEqualTo(avro ? "./avro-schema/" + name + ".avsc" : "./json-schema/" + name + ".json");
            assertThat(RESOURCES.resolve(reference)).exists();
            described.add(key);
        }
        assertThat(described)
                .containsExactlyInAnyOrderElementsOf(Messages.all().stream()
                        .flatMap(type -> List.of(type.getSimpleName() + "Json", type.getSimpleName() + "Avro").stream())
                        .toList());
    }

    @Test
    void putsTheRightMessageOnEveryTopic() {
        Map<String, String> records = new TreeMap<>();
        document.path("channels").forEach(channel -> {
            Set<String> names = StreamSupport.stream(channel.path("messages").spliterator(), false)
                    .map(message -> resolve(message).path("name").asString())
                    .collect(Collectors.toSet());
            records.put(topicOf(channel), String.join(",", names));
        });

        assertThat(records)
                .containsExactlyInAnyOrderEntriesOf(Map.ofEntries(
                        Map.entry(topics.calls("hubspot"), "ToolCall"),
                        Map.entry(topics.batch("hubspot"), "ToolCall"),
                        Map.entry(topics.resume("hubspot"), "Resumption"),
                        Map.entry(topics.state("hubspot"), "StateEntry"),
                        Map.entry(topics.replies(), "ToolReply"),
                        Map.entry(topics.replies("agent-7"), "ToolReply"),
                        Map.entry(topics.later(), "Deferral"),
                        Map.entry(topics.jobs(), "JobCommand"),
                        Map.entry(topics.jobEvents(), "JobEvent"),
                        Map.entry(topics.jobParts(), "PartEvent"),
                        Map.entry(topics.jobStatus(), "JobStatus"),
                        Map.entry(topics.schedules(), "Schedule"),
                        Map.entry(topics.audit(), "AuditEvent"),
                        Map.entry(topics.connectionEvents(), "ConnectionEvent"),
                        Map.entry(topics.limitEvents(), "LimitEvent"),
                        Map.entry(topics.connectors(), "ConnectorUpdate"),
                        Map.entry(topics.deadLetters(), "DeadLetter")));
    }

    @Test
    void namesEveryHeader() {
        Set<String> described = new TreeSet<>();
        for (JsonNode schema : document.path("components").path("schemas")) {
            described.addAll(schema.path("properties").propertyNames());
            schema.path("patternProperties").propertyNames().forEach(name -> described.add(name.substring(1)));
        }
        Set<String> coded = Arrays.stream(HeaderNames.class.getFields())
                .filter(field -> Modifier.isStatic(field.getModifiers()))
                .map(field -> {
                    try {
                        return (String) field.get(null);
                    } catch (IllegalAccessException e) {
                        throw new AssertionError(e);
                    }
                })
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(described).isEqualTo(coded);
    }

    @Test
    void namesEveryErrorCodeWithItsOwner() {
        JsonNode codes = document.path("components").path("schemas").path("ErrorCode");
        assertThat(texts(codes.path("enum")))
                .isEqualTo(Arrays.stream(ErrorCode.values()).map(Enum::name).toList());
        for (ErrorCode.Owner owner : ErrorCode.Owner.values()) {
            assertThat(texts(codes.path("x-owners").path(owner.name())))
                    .isEqualTo(Arrays.stream(ErrorCode.values())
                            .filter(code -> code.owner() == owner)
                            .map(Enum::name)
                            .toList());
        }
    }

    @Test
    void resolvesEveryReferenceAndUsesEveryChannel() {
        Set<String> used = new TreeSet<>();
        for (JsonNode operation : document.path("operations")) {
            assertThat(operation.path("action").asString()).isIn("send", "receive");
            resolve(operation.path("channel"));
            used.add(operation.path("channel").path("$ref").asString().replace("#/channels/", ""));
        }
        assertThat(used)
                .containsExactlyInAnyOrderElementsOf(document.path("channels").propertyNames());
        document.findValues("$ref").forEach(reference -> {
            if (reference.asString().startsWith("#")) {
                assertThat(document.at(reference.asString().substring(1)).isMissingNode())
                        .as(reference.asString())
                        .isFalse();
            }
        });
        assertThat(document.path("asyncapi").asString()).isEqualTo("3.0.0");
    }

    private JsonNode resolve(JsonNode reference) {
        JsonNode target = document.at(reference.path("$ref").asString().substring(1));
        assertThat(target.isMissingNode()).as(reference.toString()).isFalse();
        return target;
    }

    private static String topicOf(JsonNode channel) {
        return channel.path("address").asString().replace("{pool}", "hubspot").replace("{agent}", "agent-7");
    }

    private static Map<String, String> settings(JsonNode channel) {
        Map<String, String> settings = new TreeMap<>();
        JsonNode configuration = channel.path("bindings").path("kafka").path("topicConfiguration");
        for (String name : configuration.propertyNames()) {
            JsonNode value = configuration.path(name);
            settings.put(name, value.isArray() ? String.join(",", texts(value)) : value.asString());
        }
        if (channel.has("x-message-timestamp-type")) {
            settings.put(
                    "message.timestamp.type",
                    channel.path("x-message-timestamp-type").asString());
        }
        return settings;
    }

    private static List<String> texts(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false)
                .map(JsonNode::asString)
                .toList();
    }

    private static String read(Path path) {
        try {
            return Files.readString(path);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
