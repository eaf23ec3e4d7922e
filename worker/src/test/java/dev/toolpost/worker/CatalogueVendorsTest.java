package dev.toolpost.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.connectors.Connector;
import dev.toolpost.connectors.ConnectorCatalogue;
import dev.toolpost.connectors.Tool;
import dev.toolpost.sandbox.SimulatedVendor;
import dev.toolpost.schemas.FieldProblem;
import dev.toolpost.worker.classify.VendorError;
import dev.toolpost.worker.classify.Verdict;
import dev.toolpost.worker.credentials.Secret;
import dev.toolpost.worker.http.ResponseHeaders;
import dev.toolpost.worker.http.VendorRequest;
import dev.toolpost.worker.rig.DirectCalls;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The vendors of the catalogue by their recorded shapes, {@code vendors/<vendor>.json}: every tool's request to the byte, every error to its code, every list to
 * its end and single calls in their order against the simulated vendor.
 *
 * <p>A file has {@code connection} ({@code auth}, {@code variables} with {@code {vendor}} for the simulated vendor's address, {@code secret}), {@code requests} ({@code tool}, {@code arguments}, {@code request}, {@code
 * headers}, {@code body}; made without those variables, so that they go to the real address), {@code answers} ({@code tool}, {@code arguments}, {@code status}, {@code headers}, {@code body},
 * {@code means} and, where they matter, {@code code} (of the vendor), {@code message}, {@code fields}, {@code wait_s}, {@code not_processed}), {@code lists} ({@code tool}, {@code
 * arguments}, {@code records}, {@code pages}, {@code id}), and {@code calls} ({@code tool}, {@code arguments}, {@code means}, {@code has} by pointer, and {@code keep}, by pointer, what later arguments name as
 * {@code <name>}).
 */
class CatalogueVendorsTest {

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final ConnectorCatalogue CATALOGUE = ConnectorCatalogue.bundled();
    private static final List<String> VENDORS = List.of("slack");

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

    static List<Case> requests() {
        return cases("requests");
    }

    static List<Case> answers() {
        return cases("answers");
    }

    private static List<Case> cases(String kind) {
        List<Case> cases = new ArrayList<>();
        for (String vendor : VENDORS) {
            JsonNode shapes = shapes(vendor);
            shapes.path(kind).forEach(node -> cases.add(new Case(vendor, shapes, node)));
        }
        return cases;
    }

    private static JsonNode shapes(String vendor) {
        try (InputStream in = CatalogueVendorsTest.class.getResourceAsStream("/vendors/" + vendor + ".json")) {
            return JSON.readTree(Objects.requireNonNull(in, vendor));
        } catch (IOException e) {
            throw new AssertionError(vendor, e);
        }
    }

    private static DirectCalls real(String vendor, JsonNode shapes) {
        return calls(vendor, shapes, variables(shapes.path("connection").path("real")));
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
    @MethodSource("requests")
    void everyToolMakesTheRequestThatTheVendorDocuments(Case recorded) throws Exception {
        try (DirectCalls calls = real(recorded.vendor(), recorded.shapes())) {
            VendorRequest request = calls.request(recorded.tool(), recorded.arguments(), null);

            assertThat(request.method() + " " + request.uri())
                    .isEqualTo(recorded.node().path("request").asString());
            byte[] body = request.body();
            assertThat(body == null ? null : new String(body, StandardCharsets.UTF_8))
                    .isEqualTo(
                            recorded.node().path("body").isMissingNode()
                                    ? null
                                    : recorded.node().path("body").asString());
            recorded.node()
                    .path("headers")
                    .properties()
                    .forEach(header -> assertThat(request.headers())
                            .contains(
                                    Map.entry(header.getKey(), header.getValue().asString())));
        }
    }

    @ParameterizedTest
    @MethodSource("answers")
    void everyAnswerMeansWhatTheVendorMeansByIt(Case recorded) throws Exception {
        JsonNode node = recorded.node();
        List<String> headers = new ArrayList<>();
        node.path("headers").properties().forEach(header -> {
            headers.add(header.getKey());
            headers.add(header.getValue().asString());
        });
        try (DirectCalls calls = real(recorded.vendor(), recorded.shapes())) {
            JsonNode body = node.path("body");
            DirectCalls.Answer answer = calls.answered(
                    recorded.tool(),
                    recorded.arguments(),
                    node.path("status").asInt(200),
                    ResponseHeaders.of(headers.toArray(String[]::new)),
                    body.isString() ? body.asString() : body.isMissingNode() ? "" : body.toString());

            assertThat(answer.meaning())
                    .as("%s", answer)
                    .isEqualTo(node.path("means").asString());
            if (!(answer.verdict() instanceof Verdict.Failure failure)) {
                return;
            }
            VendorError error = failure.error();
            if (node.has("code")) {
                assertThat(error.vendorCode()).isEqualTo(node.path("code").asString());
            }
            if (node.has("message")) {
                assertThat(error.message()).isEqualTo(node.path("message").asString());
            }
            if (node.has("ends_as")) {
                assertThat(error.code().name()).isEqualTo(node.path("ends_as").asString());
            }
            if (node.has("fields")) {
                List<String> fields = new ArrayList<>();
                node.path("fields").forEach(field -> fields.add(field.asString()));
                assertThat(error.fields()).extracting(FieldProblem::path).isEqualTo(fields);
            }
            if (node.has("not_processed")) {
                assertThat(failure.provablyNotProcessed())
                        .isEqualTo(node.path("not_processed").asBoolean());
            }
            if (node.has("wait_s")) {
                Duration wait = switch (failure) {
                    case Verdict.Throttled throttled -> throttled.retryAfter();
                    case Verdict.Retryable retryable -> retryable.retryAfter();
                    default -> null;
                };
                assertThat(wait)
                        .isEqualTo(Duration.ofSeconds(node.path("wait_s").asLong()));
            }
        }
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
    void everyToolIsRequestedAndCalled(String vendor) {
        JsonNode shapes = shapes(vendor);
        Connector connector = Objects.requireNonNull(CATALOGUE.byVendor(vendor));
        Set<String> tools = new TreeSet<>(
                connector.tools().values().stream().map(Tool::name).toList());

        assertThat(tools(vendor, shapes.path("requests"))).isEqualTo(tools);
        Set<String> called = tools(vendor, shapes.path("calls"));
        called.addAll(tools(vendor, shapes.path("lists")));
        assertThat(called).isEqualTo(tools);
    }

    private static Set<String> tools(String vendor, JsonNode cases) {
        Set<String> tools = new TreeSet<>();
        cases.forEach(node -> tools.add(vendor + "_" + node.path("tool").asString()));
        return tools;
    }

    @Test
    void everyVendorOfTheSandboxThatIsDescribedIsInTheCatalogue() {
        assertThat(VENDORS)
                .allSatisfy(vendor -> assertThat(CATALOGUE.byVendor(vendor)).isNotNull());
    }
}
