package dev.toolpost.worker.catalogue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.connectors.Connector;
import dev.toolpost.sandbox.SimulatedVendor;
import dev.toolpost.worker.catalogue.ToolExchanges.Account;
import dev.toolpost.worker.catalogue.ToolExchanges.Wish;
import dev.toolpost.worker.classify.Verdict;
import dev.toolpost.worker.request.RequestProblemException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * The vendors of the catalogue against their simulated twins, {@code simulated/VENDOR.yaml}: every list to its end, single calls one after the other, and what
 * a vendor's limits look like.
 *
 * <p>A file has {@code connection} ({@code auth}, {@code variables} with {@code {vendor}} for the twin's address, {@code secret}), {@code lists} ({@code tool}, {@code
 * arguments}, the number of {@code records} and {@code pages}, the pointer to a record's {@code id}), {@code calls} ({@code tool}, {@code arguments}, {@code means}, what the result {@code
 * has} by pointer, and by pointer the values to {@code keep}, which later arguments name as {@code <name>}), and {@code busy} (a {@code tool} and how many {@code calls} are too many).
 */
@Timeout(60)
class SimulatedVendorsTest {

    private static final List<String> VENDORS = List.of("anyapi", "notion", "openmeteo", "slack");
    private static final Instant NOW = Instant.parse("2026-11-02T09:00:00Z");
    private static final YAMLMapper YAML = new YAMLMapper();
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final ToolExchanges EXCHANGES = new ToolExchanges();

    /** A vendor, its twin and what is asked of it. */
    private static final class Twin implements AutoCloseable {
        private final String vendor;
        private final JsonNode shapes;
        private final SimulatedVendor simulated;
        private final Account account;

        Twin(String vendor, JsonNode shapes, SimulatedVendor simulated) {
            this.vendor = vendor;
            this.shapes = shapes;
            this.simulated = simulated;
            JsonNode connection = shapes.path("connection");
            Map<String, String> variables = texts(connection.path("variables"));
            variables.replaceAll(
                    (_, value) -> value.replace("{vendor}", simulated.uri().toString()));
            this.account =
                    Account.of(vendor, connection.path("auth").asString(), variables, texts(connection.path("secret")));
        }

        static Twin start(String vendor, boolean limited) {
            SimulatedVendor.Builder builder = SimulatedVendor.builder().profile(vendor);
            return new Twin(
                    vendor,
                    read(vendor),
                    limited ? builder.start() : builder.unlimited().start());
        }

        private static Map<String, String> texts(JsonNode node) {
            Map<String, String> texts = new LinkedHashMap<>();
            node.properties()
                    .forEach(member ->
                            texts.put(member.getKey(), member.getValue().asString()));
            return texts;
        }

        Wish wish(JsonNode node, Map<String, String> kept) {
            String arguments = node.has("arguments") ? node.path("arguments").toString() : "{}";
            for (Map.Entry<String, String> value : kept.entrySet()) {
                arguments = arguments.replace("<" + value.getKey() + ">", value.getValue());
            }
            return Wish.of(vendor + "_" + node.path("tool").asString(), arguments);
        }

        Verdict make(Wish wish) throws RequestProblemException {
            return EXCHANGES.make(account, wish, NOW);
        }

        /** The pages of a list, to its end. */
        List<JsonNode> pages(Wish wish) throws RequestProblemException {
            List<JsonNode> pages = new ArrayList<>();
            Set<String> places = new HashSet<>();
            String place = null;
            do {
                Verdict verdict = make(wish.at(place));
                assertThat(verdict).as("%s", wish).isInstanceOf(Verdict.Success.class);
                pages.add(body(verdict));
                place = ((Verdict.Success) verdict).nextCursor();
                assertThat(place == null || places.add(place))
                        .as("%s: %s", wish, place)
                        .isTrue();
            } while (place != null);
            return pages;
        }

        @Override
        public void close() {
            simulated.close();
        }
    }

    static List<String> vendors() {
        return VENDORS;
    }

    @AfterAll
    static void close() {
        EXCHANGES.close();
    }

    private static JsonNode read(String vendor) {
        try (InputStream in = SimulatedVendorsTest.class.getResourceAsStream("/simulated/" + vendor + ".yaml")) {
            return YAML.readTree(Objects.requireNonNull(in, vendor));
        } catch (IOException e) {
            throw new AssertionError(vendor, e);
        }
    }

    private static JsonNode body(Verdict verdict) {
        return JSON.readTree(((Verdict.Success) verdict).body());
    }

    private static String shown(Verdict verdict) {
        return verdict instanceof Verdict.Success success
                ? new String(success.body(), StandardCharsets.UTF_8)
                : verdict.toString();
    }

    @ParameterizedTest
    @MethodSource("vendors")
    void everyListLeadsToItsEndWithEveryRecordOnce(String vendor) throws Exception {
        try (Twin twin = Twin.start(vendor, false)) {
            for (JsonNode list : twin.shapes.path("lists")) {
                Wish wish = twin.wish(list, Map.of());
                List<JsonNode> pages = twin.pages(wish);
                List<String> ids = new ArrayList<>();
                for (JsonNode page : pages) {
                    page.at(Objects.requireNonNull(ToolExchanges.tool(wish.tool())
                                            .tool()
                                            .paging())
                                    .records())
                            .forEach(record -> ids.add(
                                    record.at(list.path("id").asString("/id")).asString()));
                }

                assertThat(ids).as("%s", wish).doesNotHaveDuplicates();
                assertThat(ids.size())
                        .as("%s", wish)
                        .isEqualTo(list.path("records").asInt());
                assertThat(pages.size())
                        .as("%s", wish)
                        .isEqualTo(list.path("pages").asInt(pages.size()));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("vendors")
    void callsGoAsTheVendorAnswersThem(String vendor) throws Exception {
        try (Twin twin = Twin.start(vendor, false)) {
            Map<String, String> kept = new HashMap<>();
            for (JsonNode call : twin.shapes.path("calls")) {
                Wish wish = twin.wish(call, kept);
                Verdict verdict = twin.make(wish);

                assertThat(RecordedVendor.means(verdict))
                        .as("%s: %s", wish, shown(verdict))
                        .isEqualTo(call.path("means").asString("OK"));
                call.path("has")
                        .properties()
                        .forEach(member -> assertThat(body(verdict).at(member.getKey()))
                                .as("%s: %s in %s", wish, member.getKey(), shown(verdict))
                                .isEqualTo(member.getValue()));
                call.path("keep")
                        .properties()
                        .forEach(member -> kept.put(
                                member.getValue().asString(),
                                body(verdict).at(member.getKey()).asString()));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("vendors")
    void theLimitsOfTheVendorAreToldWithAWait(String vendor) throws Exception {
        try (Twin twin = Twin.start(vendor, true)) {
            JsonNode busy = twin.shapes.path("busy");
            Wish wish = twin.wish(busy, Map.of());
            Verdict verdict = twin.make(wish);
            for (int i = 1; i < busy.path("calls").asInt() && verdict instanceof Verdict.Success; i++) {
                verdict = twin.make(wish);
            }

            assertThat(verdict).as("%s", shown(verdict)).isInstanceOf(Verdict.Throttled.class);
            assertThat(((Verdict.Throttled) verdict).retryAfter()).isPositive();
            assertThat(twin.simulated.stats().violations()).isOne();
        }
    }

    @ParameterizedTest
    @MethodSource("vendors")
    void everyToolIsCalled(String vendor) {
        Connector connector = Objects.requireNonNull(ToolExchanges.CATALOGUE.byVendor(vendor));
        Set<String> called = new TreeSet<>();
        JsonNode shapes = read(vendor);
        for (JsonNode cases : List.of(shapes.path("calls"), shapes.path("lists"))) {
            cases.forEach(node -> called.add(vendor + "_" + node.path("tool").asString()));
        }

        assertThat(called).isEqualTo(new TreeSet<>(connector.tools().keySet()));
    }
}
