package dev.toolpost.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.toolpost.connectors.ConnectorCatalogue;
import dev.toolpost.connectors.Tool;
import dev.toolpost.connectors.ToolRef;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class CallArgumentsTest {
    private static final ConnectorCatalogue CATALOGUE = ConnectorCatalogue.bundled();

    @Test
    void idOfDigitsStaysATextWhereTheSchemaSaysSo() {
        assertThat(text("hubspot_get_contact", null, "contact_id=51")).isEqualTo("{\"contact_id\":\"51\"}");
    }

    @Test
    void numberIsANumberWhereTheSchemaSaysSo() {
        assertThat(text("hubspot_list_contacts", null, "limit=3", "archived=true"))
                .isEqualTo("{\"limit\":3,\"archived\":true}");
    }

    @Test
    void valueOfTheWrongTypeIsPassedOnForTheWorkerToRefuse() {
        assertThat(text("hubspot_list_contacts", null, "limit=many")).isEqualTo("{\"limit\":\"many\"}");
    }

    @Test
    void listOfTextsMayBeWrittenWithCommas() {
        assertThat(text("hubspot_list_contacts", null, "properties=email, phone"))
                .isEqualTo("{\"properties\":[\"email\",\"phone\"]}");
        assertThat(text("hubspot_list_contacts", null, "properties=[\"a,b\"]")).isEqualTo("{\"properties\":[\"a,b\"]}");
    }

    @Test
    void dotReachesIntoAnObjectAndThroughReferences() {
        assertThat(text("hubspot_create_contact", null, "properties.email=ada@example.com", "properties.zip=01234"))
                .isEqualTo("{\"properties\":{\"email\":\"ada@example.com\",\"zip\":\"01234\"}}");
    }

    @Test
    void valueMayHoldEqualsSigns() {
        assertThat(text("hubspot_create_contact", null, "properties.website=https://x/?a=b"))
                .isEqualTo("{\"properties\":{\"website\":\"https://x/?a=b\"}}");
    }

    @Test
    void jsonAloneKeepsItsDigits() {
        assertThat(text(null, " {\"n\": 1.10, \"big\": 12345678901234567890} "))
                .isEqualTo("{\"n\": 1.10, \"big\": 12345678901234567890}");
    }

    @Test
    void argumentsAddToJson() {
        assertThat(text("hubspot_list_contacts", "{\"archived\":true}", "limit=3"))
                .isEqualTo("{\"archived\":true,\"limit\":3}");
    }

    @Test
    void ofAnUnknownToolNothingIsGuessedThatCouldBeATextToo() {
        assertThat(text(null, null, "c=x", "d={\"e\":2}")).isEqualTo("{\"c\":\"x\",\"d\":{\"e\":2}}");
        for (String value : List.of("1", "true", "null", "1.5")) {
            assertThatThrownBy(() -> text(null, null, "id=" + value))
                    .hasMessageContaining("--arg id=" + value + ": the tool is not known here");
        }
        assertThat(text(null, null, "id=0042")).isEqualTo("{\"id\":\"0042\"}");
    }

    @Test
    void whatIsNoObjectIsRefused() {
        assertThatThrownBy(() -> text(null, "[1]")).hasMessageContaining("expected: an object");
        assertThatThrownBy(() -> text(null, "{\"a\":")).hasMessageContaining("no JSON");
        assertThatThrownBy(() -> text(null, "{} {}")).hasMessageContaining("no JSON");
        assertThatThrownBy(() -> text(null, null, "limit")).hasMessageContaining("NAME=VALUE");
        assertThatThrownBy(() -> text(null, null, "limit=x", "limit=y")).hasMessageContaining("limit is given more");
        assertThatThrownBy(() -> text(null, "@/no/such/file")).hasMessageContaining("cannot be read");
    }

    private static String text(@Nullable String tool, @Nullable String json, String... args) {
        return new CallArguments(json, List.of(args)).text(tool == null ? null : tool(tool));
    }

    private static Tool tool(String name) {
        ToolRef ref = Objects.requireNonNull(CATALOGUE.byTool(name));
        return ref.tool();
    }
}
