package dev.toolpost.worker.catalogue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.worker.catalogue.RecordedVendor.Exchange;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;

/** Every exchange in {@code recorded/}: the requests of the bundled connectors, and what the answers that their vendors document mean. */
@Timeout(60)
class RecordedExchangesTest {

    private static final List<String> VENDORS =
            List.of("anyapi", "github", "gmail", "notion", "openmeteo", "pipedrive", "slack", "stripe");
    private static final Map<String, RecordedVendor> OPEN = new LinkedHashMap<>();

    private static RecordedVendor vendor(String name) throws IOException {
        if (!OPEN.containsKey(name)) {
            OPEN.put(name, new RecordedVendor(name));
        }
        return Objects.requireNonNull(OPEN.get(name));
    }

    @AfterAll
    static void close() throws IOException {
        for (RecordedVendor each : OPEN.values()) {
            each.close();
        }
    }

    @TestFactory
    List<DynamicTest> everyExchangeGoesAsTheVendorDocumentsIt() throws IOException {
        List<DynamicTest> tests = new ArrayList<>();
        for (String name : VENDORS) {
            RecordedVendor vendor = vendor(name);
            for (Exchange exchange : vendor.exchanges()) {
                tests.add(DynamicTest.dynamicTest(exchange.name(), () -> vendor.play(exchange)));
            }
        }
        return tests;
    }

    @Test
    void everyToolOfTheseVendorsHasAnExchangeThatSucceedsAndShowsItsRequest() throws IOException {
        for (String name : VENDORS) {
            RecordedVendor vendor = vendor(name);
            Set<String> shown = new TreeSet<>();
            for (Exchange exchange : vendor.exchanges()) {
                if (exchange.succeeds() && exchange.script().has("request")) {
                    shown.add(name + "_" + exchange.tool());
                }
            }
            assertThat(shown).isEqualTo(new TreeSet<>(vendor.connector().tools().keySet()));
        }
    }
}
