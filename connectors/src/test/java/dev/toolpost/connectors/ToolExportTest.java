package dev.toolpost.connectors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

class ToolExportTest {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final ConnectorCatalogue CATALOGUE = ConnectorCatalogue.bundled();
    private static final ToolRef ARCHIVE = Objects.requireNonNull(CATALOGUE.byTool("hubspot_archive_contact"));
    private static final ToolRef LIST = Objects.requireNonNull(CATALOGUE.byTool("hubspot_list_contacts"));

    @Test
    void openAiTakesAFunctionWithParameters() {
        JsonNode exported = ToolExport.OPENAI.export(LIST);

        assertThat(exported.get("type").asString()).isEqualTo("function");
        assertThat(exported.get("function").propertyNames()).containsExactly("name", "description", "parameters");
        assertThat(exported.at("/function/name").asString()).isEqualTo("hubspot_list_contacts");
        assertThat(exported.at("/function/parameters/type").asString()).isEqualTo("object");
    }

    @Test
    void anthropicTakesAnInputSchema() {
        JsonNode exported = ToolExport.ANTHROPIC.export(LIST);

        assertThat(exported.propertyNames()).containsExactly("name", "description", "input_schema");
        assertThat(exported.at("/input_schema/properties/next_cursor/type").asString())
                .isEqualTo("string");
    }

    @Test
    void mcpTellsTheEffectByAnnotations() {
        JsonNode exported = ToolExport.MCP.export(ARCHIVE);

        assertThat(exported.get("annotations")).isEqualTo(JSON.readTree("""
                        {"title": "Archive a contact", "readOnlyHint": false, "destructiveHint": true,
                         "idempotentHint": true, "openWorldHint": true}
                        """));
        assertThat(exported.get("title").asString()).isEqualTo("Archive a contact");
        assertThat(exported.get("inputSchema").get("required")).isEqualTo(JSON.readTree("[\"contact_id\"]"));
    }

    @Test
    void jsonTellsWhatToolpostKnows() {
        JsonNode exported = ToolExport.JSON.export(LIST);

        assertThat(exported.get("vendor").asString()).isEqualTo("hubspot");
        assertThat(exported.get("pool").asString()).isEqualTo("hubspot");
        assertThat(exported.get("effect").asString()).isEqualTo("read");
        assertThat(exported.get("paged").asBoolean()).isTrue();
        assertThat(exported.get("tags")).isEqualTo(JSON.readTree("[\"contacts\", \"crm\"]"));
    }

    @Test
    void pagedToolsTellModelsToSendTheCursorBackAsItIs() {
        String description = ToolExport.OPENAI
                .export(LIST)
                .at("/function/parameters/properties/next_cursor/description")
                .asString();

        assertThat(description).contains("send back exactly").contains("without decoding or changing it");
    }

    @ParameterizedTest
    @EnumSource
    void whatIsExportedCanBeChangedWithoutHarm(ToolExport format) {
        String before = format.export(LIST).toString();
        JsonNode exported = format.export(LIST);
        exported.forEach(part -> {
            if (part instanceof ObjectNode object) {
                object.removeAll();
            }
        });

        assertThat(format.export(LIST)).hasToString(before);
    }

    @ParameterizedTest
    @EnumSource
    void everyNameAndDescriptionFitsTheModelsInterfaces(ToolExport format) {
        for (JsonNode tool : format.export(CATALOGUE.tools().values())) {
            JsonNode described = format == ToolExport.OPENAI ? tool.get("function") : tool;
            assertThat(described.get("name").asString()).matches("[a-zA-Z0-9_]{1,64}");
            assertThat(described.get("description").asString()).hasSizeBetween(40, 1_024);
        }
    }

    @Test
    void formatsAreFoundByName() {
        assertThat(ToolExport.of("mcp")).isEqualTo(ToolExport.MCP);
        assertThatThrownBy(() -> ToolExport.of("xml"))
                .hasMessage("format 'xml' (expected: json, openai, anthropic or mcp)");
    }
}
