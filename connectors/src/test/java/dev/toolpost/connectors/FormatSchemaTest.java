package dev.toolpost.connectors;

import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.schemas.ErrorCode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import tools.jackson.core.JsonPointer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Holds the published JSON Schema of the format against the model, so that neither moves alone. */
class FormatSchemaTest {
    private static final JsonNode FORMAT = JsonMapper.shared().readTree(ConnectorLoader.formatSchema());

    @Test
    void isAJsonSchema() {
        assertThat(JsonSchemas.metaschema().validate(FORMAT)).isEmpty();
    }

    @Test
    void namesTheKindsThatTheModelKnows() {
        assertThat(enumeration("/$defs/limit/properties/scope")).isEqualTo(lowerCase(Limit.Scope.values()));
        assertThat(enumeration("/$defs/limit/properties/kind")).isEqualTo(lowerCase(Limit.Kind.values()));
        assertThat(enumeration("/$defs/variable/properties/kind")).isEqualTo(lowerCase(Variable.Kind.values()));
        assertThat(enumeration("/$defs/tool/properties/effect")).isEqualTo(lowerCase(Effect.values()));
        assertThat(enumeration("/$defs/tool/properties/response")).isEqualTo(lowerCase(ResponseKind.values()));
        assertThat(enumeration("/$defs/waitSource/properties/form")).isEqualTo(lowerCase(WaitSource.Form.values()));
        assertThat(enumeration("/$defs/request/properties/query/additionalProperties/properties/list"))
                .isEqualTo(lowerCase(Parameter.ListStyle.values()));
        assertThat(enumeration("/$defs/request/properties/query/additionalProperties/properties/booleans"))
                .isEqualTo(lowerCase(Parameter.BooleanStyle.values()));
        assertThat(enumeration("/$defs/request/properties/query/additionalProperties/properties/objects"))
                .isEqualTo(lowerCase(Parameter.ObjectStyle.values()));
        assertThat(enumeration("/$defs/auth/properties/kind"))
                .containsExactly(
                        Auth.None.KIND,
                        Auth.ApiKeyHeader.KIND,
                        Auth.ApiKeyQuery.KIND,
                        Auth.ApiKeyBody.KIND,
                        Auth.ApiKeyPath.KIND,
                        Auth.Basic.KIND,
                        Auth.Bearer.KIND,
                        Auth.ClientCertificate.KIND,
                        Auth.OAuth2.KIND,
                        Auth.ClientCredentials.KIND,
                        Auth.JwtBearer.KIND,
                        Auth.Session.KIND,
                        Auth.Password.KIND,
                        "aws_sigv4",
                        "oauth1",
                        "hmac",
                        "wsse")
                .containsAll(AuthReader.RESERVED_KINDS)
                .hasSize(recordsOf(Auth.class) + AuthReader.RESERVED_KINDS.size());
        assertThat(enumeration("/$defs/assertion/properties/algorithm"))
                .isEqualTo(Arrays.stream(Assertion.Algorithm.values())
                        .map(Enum::name)
                        .toList());
        assertThat(enumeration("/$defs/rule/properties/means"))
                .isEqualTo(Arrays.stream(Meaning.values()).map(Enum::name).toList());
    }

    private static int recordsOf(Class<?> sealed) {
        return Arrays.stream(sealed.getPermittedSubclasses())
                .mapToInt(each -> each.isRecord() ? 1 : recordsOf(each))
                .sum();
    }

    @Test
    void everyMeaningThatDoesNotSteerIsAnErrorCodeOfTheContract() {
        Set<Meaning> steering = Set.of(
                Meaning.SUCCESS,
                Meaning.THROTTLED,
                Meaning.TRANSIENT,
                Meaning.EXPIRED_CREDENTIAL,
                Meaning.REDIRECT,
                Meaning.END_OF_DATA);
        Set<String> codes = Arrays.stream(ErrorCode.values()).map(Enum::name).collect(Collectors.toSet());

        assertThat(Meaning.values())
                .allSatisfy(
                        meaning -> assertThat(codes.contains(meaning.name())).isEqualTo(!steering.contains(meaning)));
    }

    @Test
    void namesTheDefaultsOfTheModel() {
        RetryRules retry = RetryRules.DEFAULT;
        JsonNode properties = FORMAT.at("/$defs/retry/properties");

        assertThat(properties.at("/max_attempts/default").asInt()).isEqualTo(retry.maxAttempts());
        assertThat(DurationText.parse(properties.at("/min_delay/default").asString()))
                .isEqualTo(retry.minDelay());
        assertThat(DurationText.parse(properties.at("/max_delay/default").asString()))
                .isEqualTo(retry.maxDelay());
        assertThat(integers(properties.at("/transient_statuses/default")))
                .containsExactlyInAnyOrderElementsOf(retry.transientStatuses());
        assertThat(integers(properties.at("/not_processed_statuses/default")))
                .containsExactlyInAnyOrderElementsOf(retry.notProcessedStatuses());
        assertThat(properties.at("/waits/default/0/header").asString())
                .isEqualTo(headerOf(retry.waits().getFirst()));
        assertThat(DurationText.parse(FORMAT.at("/properties/timeouts/properties/connect/default")
                        .asString()))
                .isEqualTo(Timeouts.DEFAULT.connect());
        assertThat(DurationText.parse(FORMAT.at("/properties/timeouts/properties/request/default")
                        .asString()))
                .isEqualTo(Timeouts.DEFAULT.request());
        assertThat(FORMAT.at("/$defs/limit/properties/interactive_reserve/default")
                        .asDouble())
                .isEqualTo(Limit.DEFAULT_INTERACTIVE_RESERVE);
        assertThat(FORMAT.at("/properties/pool/default").asString()).isEqualTo(Connector.COMMON_POOL);
    }

    @Test
    void laterPagesMayHaveEveryPartOfARequestOfTheirOwn() {
        assertThat(FORMAT.at("/$defs/paging/properties/later/properties/request/properties")
                        .propertyNames())
                .containsExactlyElementsOf(
                        FORMAT.at("/$defs/request/properties").propertyNames());
    }

    @Test
    void refusesUnknownKeysEverywhere() {
        List<String> open = new ArrayList<>();
        eachObjectSchema("", FORMAT, (pointer, schema) -> {
            boolean closed = schema.has("additionalProperties")
                    || pointer.equals("/$defs/auth") // closed by its alternatives
                    || pointer.equals("/$defs/paging") // closed by its alternatives
                    || pointer.contains("/if")
                    || pointer.endsWith("/arguments"); // a JSON Schema itself
            if (!closed) {
                open.add(pointer);
            }
        });

        assertThat(open).isEmpty();
    }

    @Test
    void tellsEditorsWhatEveryKeyIs() {
        List<String> silent = new ArrayList<>();
        eachObjectSchema(
                "",
                FORMAT,
                (pointer, schema) -> schema.path("properties").forEachEntry((name, property) -> {
                    boolean told = property.isBoolean()
                            || pointer.contains("/if")
                            || pointer.endsWith("/arguments")
                            || property.has("title")
                            || property.has("description")
                            || targetTells(property);
                    if (!told) {
                        silent.add(pointer + "/" + name);
                    }
                }));

        assertThat(silent).isEmpty();
    }

    private static boolean targetTells(JsonNode property) {
        return property.has("$ref")
                && FORMAT.at(property.get("$ref").asString().substring(1)).has("title");
    }

    private interface Visitor {
        void visit(String pointer, JsonNode schema);
    }

    private static void eachObjectSchema(String pointer, JsonNode node, Visitor visitor) {
        if (node.isObject() && node.path("properties").isObject() && !pointer.endsWith("/properties")) {
            visitor.visit(pointer, node);
        }
        node.properties().forEach(member -> {
            if (!Set.of("examples", "default").contains(member.getKey())) {
                eachObjectSchema(pointer + "/" + member.getKey(), member.getValue(), visitor);
            }
        });
        if (node.isArray()) {
            for (int i = 0; i < node.size(); i++) {
                eachObjectSchema(pointer + "/" + i, node.get(i), visitor);
            }
        }
    }

    private static List<String> enumeration(String pointer) {
        return FORMAT.at(JsonPointer.compile(pointer + "/enum"))
                .valueStream()
                .map(JsonNode::asString)
                .toList();
    }

    private static String headerOf(WaitRule rule) {
        ValueSource value = Objects.requireNonNull(rule.sources().getFirst().value());
        return ((ValueSource.Header) value.place()).name();
    }

    private static List<Integer> integers(JsonNode array) {
        return array.valueStream().map(JsonNode::asInt).toList();
    }

    private static List<String> lowerCase(Enum<?>[] values) {
        return Arrays.stream(values)
                .map(value -> value.name().toLowerCase(Locale.ROOT))
                .toList();
    }
}
