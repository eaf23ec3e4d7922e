package dev.toolpost.worker.catalogue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.connectors.Connector;
import dev.toolpost.connectors.ConnectorCatalogue;
import dev.toolpost.sandbox.SimulatedVendor;
import dev.toolpost.worker.classify.Verdict;
import dev.toolpost.worker.credentials.Secret;
import dev.toolpost.worker.rig.DirectCalls;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * The vendors of the catalogue against their simulated twins, {@code simulated/VENDOR.yaml}: every list to its end, single calls one after the other, and what
 * a vendor's limits look like.
 *
 * <p>A file has {@code connection} ({@code auth}, {@code variables} with {@code {vendor}} for the twin's address, {@code secret}), {@code lists} ({@code tool}, {@code
 * arguments}, the number of {@code records} and {@code pages}, the pointer to a record's {@code id}), {@code calls} ({@code tool}, {@code arguments}, {@code means}, what the result {@code
 * has} by pointer, and by pointer the values to {@code keep}, which later arguments name as {@code <name>}), and {@code busy} (a {@code tool} and how many {@code calls} are too many, {@code wait:
 * false} where the vendor does not say for how long).
 */
class SimulatedVendorsTest {

    private static final YAMLMapper YAML = new YAMLMapper();
    private static final ConnectorCatalogue CATALOGUE = ConnectorCatalogue.bundled();
    private static final List<String> VENDORS = List.of("notion", "slack");

    record Case(String vendor, JsonNode shapes, JsonNode node) {
        String tool() {
            return vendor + "_" + node.path("tool").asString();
        }

        String arguments() {
            return node.path("arguments").isMissingNode()
                    ? "{}"
                    : node.path("arguments").toString();
        }

        @Override
        public String toString() {
            return tool() + " " + node.path("status").asString("") + " "
                    + node.path("body").asString(arguments());
        }
    }

    static List<String> vendors() {
        return VENDORS;
    }

    private static JsonNode shapes(String vendor) {
        try (InputStream in = SimulatedVendorsTest.class.getResourceAsStream("/simulated/" + vendor + ".yaml")) {
            return YAML.readTree(Objects.requireNonNull(in, vendor));
        } catch (IOException e) {
            throw new AssertionError(vendor, e);
        }
    }

    private static DirectCalls simulated(SimulatedVendor vendor, JsonNode shapes) {
        Map<String, String> variables = variables(shapes.path("connection").path("variables"));
        variables.replaceAll(
                (_, value) -> value.replace("{vendor}", vendor.uri().toString()));
        return calls(vendor.name(), shapes, variables);
    }

    private static DirectCalls calls(String vendor, JsonNode shapes, Map<String, String> variables) {
        Secret secret = Secret.none();
        for (Map.Entry<String, String> field :
                variables(shapes.path("connection").path("secret")).entrySet()) {
            secret = secret.with(field.getKey(), field.getValue());
        }
        return new DirectCalls(
                CATALOGUE, vendor, shapes.path("connection").path("auth").asString("bearer"), variables, secret);
    }

    private static Map<String, String> variables(JsonNode node) {
        Map<String, String> variables = new LinkedHashMap<>();
        node.properties()
                .forEach(member ->
                        variables.put(member.getKey(), member.getValue().asString()));
        return variables;
    }

    @ParameterizedTest
    @MethodSource("vendors")
    void everyListLeadsToItsEndWithEveryRecordOnce(String vendor) throws Exception {
        JsonNode shapes = shapes(vendor);
        try (SimulatedVendor simulated =
                        SimulatedVendor.builder().profile(vendor).unlimited().start();
                DirectCalls calls = simulated(simulated, shapes)) {
            for (JsonNode list : shapes.path("lists")) {
                Case recorded = new Case(vendor, shapes, list);
                List<JsonNode> records = calls.records(recorded.tool(), recorded.arguments());

                assertThat(records.size())
                        .as("%s", recorded)
                        .isEqualTo(list.path("records").asInt());
                assertThat(records.stream()
                                .map(record -> record.at(list.path("id").asString("/id"))
                                        .asString()))
                        .as("%s", recorded)
                        .doesNotHaveDuplicates();
                if (list.has("pages")) {
                    assertThat(calls.pages(recorded.tool(), recorded.arguments()))
                            .as("%s", recorded)
                            .hasSize(list.path("pages").asInt());
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("vendors")
    void callsGoAsTheVendorAnswersThem(String vendor) throws Exception {
        JsonNode shapes = shapes(vendor);
        try (SimulatedVendor simulated =
                        SimulatedVendor.builder().profile(vendor).unlimited().start();
                DirectCalls calls = simulated(simulated, shapes)) {
            Map<String, String> kept = new HashMap<>();
            for (JsonNode call : shapes.path("calls")) {
                Case recorded = new Case(vendor, shapes, call);
                String arguments = recorded.arguments();
                for (Map.Entry<String, String> value : kept.entrySet()) {
                    arguments = arguments.replace("<" + value.getKey() + ">", value.getValue());
                }
                DirectCalls.Answer answer = calls.call(recorded.tool(), arguments);

                assertThat(answer.meaning())
                        .as("%s: %s", recorded, answer)
                        .isEqualTo(call.path("means").asString("OK"));
                call.path("has")
                        .properties()
                        .forEach(member -> assertThat(answer.ok().at(member.getKey()))
                                .as("%s: %s in %s", recorded, member.getKey(), answer)
                                .isEqualTo(member.getValue()));
                call.path("keep")
                        .properties()
                        .forEach(member -> kept.put(
                                member.getValue().asString(),
                                answer.ok().at(member.getKey()).asString()));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("vendors")
    void theLimitsOfTheVendorAreTold(String vendor) throws Exception {
        JsonNode busy = shapes(vendor).path("busy");
        try (SimulatedVendor simulated =
                        SimulatedVendor.builder().profile(vendor).start();
                DirectCalls calls = simulated(simulated, shapes(vendor))) {
            Case recorded = new Case(vendor, shapes(vendor), busy);
            DirectCalls.Answer answer = calls.call(recorded.tool(), recorded.arguments());
            for (int i = 0; i < busy.path("calls").asInt() && answer.meaning().equals("OK"); i++) {
                answer = calls.call(recorded.tool(), recorded.arguments());
            }
            assertThat(answer.meaning()).as("%s", answer).isEqualTo("THROTTLED");
            assertThat(simulated.stats().violations()).isOne();
            if (busy.path("wait").asBoolean(true)) {
                assertThat(((Verdict.Throttled) answer.verdict()).retryAfter()).isPositive();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("vendors")
    void everyToolIsCalled(String vendor) {
        JsonNode shapes = shapes(vendor);
        Connector connector = Objects.requireNonNull(CATALOGUE.byVendor(vendor));
        Set<String> called = tools(vendor, shapes.path("calls"));
        called.addAll(tools(vendor, shapes.path("lists")));

        assertThat(called).isEqualTo(new TreeSet<>(connector.tools().keySet()));
    }

    private static Set<String> tools(String vendor, JsonNode cases) {
        Set<String> tools = new TreeSet<>();
        cases.forEach(node -> tools.add(vendor + "_" + node.path("tool").asString()));
        return tools;
    }
}
