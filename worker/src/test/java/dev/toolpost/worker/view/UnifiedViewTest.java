package dev.toolpost.worker.view;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.toolpost.connectors.ConnectorCatalogue;
import dev.toolpost.connectors.Models;
import dev.toolpost.connectors.Tool;
import dev.toolpost.schemas.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import tools.jackson.core.JsonPointer;

class UnifiedViewTest {

    private static final JsonPointer RESULTS = JsonPointer.compile("/results");

    private static final ConnectorCatalogue CATALOGUE = ConnectorCatalogue.bundled();
    private static final Schema CONTACT = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
            .getSchema(Models.schema("contact"), InputFormat.JSON);

    private static Tool tool(String name) {
        return Objects.requireNonNull(CATALOGUE.byTool(name), name).tool();
    }

    private static UnifiedView view(String tool) {
        return Objects.requireNonNull(UnifiedView.of(tool(tool)));
    }

    /** One record mapped, and held against the model. */
    private static String map(String tool, String record) throws UnmappableException {
        String mapped = new String(view(tool).map(record.getBytes(UTF_8)), UTF_8);
        assertThat(CONTACT.validate(mapped, InputFormat.JSON)).as(mapped).isEmpty();
        return mapped;
    }

    @Test
    void aContactOfHubSpot() throws UnmappableException {
        assertThat(map("hubspot_get_contact", """
                {"id":"51","properties":{"firstname":"Ada","lastname":"Lovelace","email":"ada@example.com",
                 "hs_additional_emails":"a@b.c; countess@b.c","phone":"+44 1","mobilephone":"","company":null,"jobtitle":"Analyst"},
                 "createdAt":"2026-01-02T03:04:05.678Z","updatedAt":"2026-02-02T03:04:05.678Z","archived":false}
                """))
                .isEqualTo(
                        "{\"id\":\"51\",\"name\":\"Ada Lovelace\",\"first_name\":\"Ada\",\"last_name\":\"Lovelace\","
                                + "\"emails\":[{\"address\":\"ada@example.com\",\"primary\":true},{\"address\":\"a@b.c\",\"primary\":false},"
                                + "{\"address\":\"countess@b.c\",\"primary\":false}],\"phones\":[{\"number\":\"+44 1\",\"kind\":\"work\"}],"
                                + "\"title\":\"Analyst\",\"created_at\":\"2026-01-02T03:04:05.678Z\",\"updated_at\":\"2026-02-02T03:04:05.678Z\"}");
        assertThat(map(
                        "hubspot_list_contacts",
                        "{\"id\":\"52\",\"properties\":{\"firstname\":\"Ada\",\"lastname\":null}}"))
                .isEqualTo("{\"id\":\"52\",\"name\":\"Ada\",\"first_name\":\"Ada\",\"emails\":[],\"phones\":[]}");
        assertThat(map("hubspot_list_contacts", "{\"id\":\"53\",\"properties\":{}}"))
                .isEqualTo("{\"id\":\"53\",\"emails\":[],\"phones\":[]}");
    }

    @Test
    void aContactOfSalesforce() throws UnmappableException {
        assertThat(map("salesforce_list_contacts", """
                {"attributes":{"type":"Contact","url":"/services/data/v67.0/sobjects/Contact/003"},"Id":"0035g00000XyZabAAC",
                 "Name":"Ada Lovelace","FirstName":"Ada","LastName":"Lovelace","Email":"ada@example.com","Phone":null,
                 "MobilePhone":"+44 2","Title":null,"Account":{"attributes":{"type":"Account"},"Name":"Engines Ltd"},
                 "CreatedDate":"2026-01-02T03:04:05.000+0000","LastModifiedDate":"2026-02-02T03:04:05.000+0000"}
                """))
                .isEqualTo("{\"id\":\"0035g00000XyZabAAC\",\"name\":\"Ada Lovelace\",\"first_name\":\"Ada\","
                        + "\"last_name\":\"Lovelace\",\"emails\":[{\"address\":\"ada@example.com\",\"primary\":true}],"
                        + "\"phones\":[{\"number\":\"+44 2\",\"kind\":\"mobile\"}],\"company\":\"Engines Ltd\","
                        + "\"created_at\":\"2026-01-02T03:04:05.000Z\",\"updated_at\":\"2026-02-02T03:04:05.000Z\"}");
        assertThat(map("salesforce_list_contacts", "{\"Id\":\"003\",\"Name\":\"X\",\"Email\":null,\"Account\":null}"))
                .isEqualTo("{\"id\":\"003\",\"name\":\"X\",\"emails\":[],\"phones\":[]}");
    }

    @Test
    void aUserOfJira() throws UnmappableException {
        assertThat(map("jira_search_users", """
                {"self":"https://acme.atlassian.net/rest/api/3/user?accountId=5b1","accountId":"5b1","accountType":"atlassian",
                 "displayName":"Ada Lovelace","emailAddress":"ada@example.com","active":true}
                """))
                .isEqualTo(
                        "{\"id\":\"5b1\",\"name\":\"Ada Lovelace\",\"emails\":[{\"address\":\"ada@example.com\",\"primary\":true}],"
                                + "\"phones\":[],\"url\":\"https://acme.atlassian.net/rest/api/3/user?accountId=5b1\"}");
    }

    @Test
    void aWholePageBecomesAnArrayInItsOrder() throws UnmappableException {
        String page = "{\"results\":[{\"id\":\"1\",\"properties\":{}},{\"id\":\"2\",\"properties\":{}}],\"paging\":{}}";

        assertThat(new String(view("hubspot_list_contacts").mapBody(page.getBytes(UTF_8), RESULTS), UTF_8))
                .isEqualTo("[{\"id\":\"1\",\"emails\":[],\"phones\":[]},{\"id\":\"2\",\"emails\":[],\"phones\":[]}]");
        assertThat(new String(view("jira_search_users").mapBody("[]".getBytes(UTF_8), JsonPointer.empty()), UTF_8))
                .isEqualTo("[]");
        assertThat(new String(view("hubspot_list_contacts").mapBody("null".getBytes(UTF_8), RESULTS), UTF_8))
                .isEqualTo("[]");
        assertThat(new String(
                        view("hubspot_get_contact").mapBody("{\"id\":\"1\",\"properties\":{}}".getBytes(UTF_8), null),
                        UTF_8))
                .isEqualTo("{\"id\":\"1\",\"emails\":[],\"phones\":[]}");
    }

    @Test
    void aRecordThatCannotBeMappedIsNamedAndNoneIsLeftOut() {
        String page = "{\"results\":[{\"id\":\"1\",\"properties\":{}},{\"properties\":{}},{\"id\":7}]}";

        assertThatThrownBy(() -> view("hubspot_list_contacts").mapBody(page.getBytes(UTF_8), RESULTS))
                .isInstanceOfSatisfying(UnmappableException.class, unmappable -> {
                    assertThat(unmappable.index()).isEqualTo(1);
                    assertThat(unmappable.code()).isEqualTo(ErrorCode.MALFORMED_RESPONSE);
                })
                .hasMessage("Record 1 of the vendor's answer cannot be mapped to contact: it has no id");
        for (String record : List.of("7", "null", "[]", "{\"id\":\"1\",\"properties\":{\"firstname\":{\"a\":1}}}")) {
            assertThatThrownBy(() -> view("hubspot_list_contacts").map(record.getBytes(UTF_8)))
                    .as(record)
                    .isInstanceOf(UnmappableException.class)
                    .hasMessageContaining("Record 0");
        }
    }

    @Test
    void toolsWithoutAViewHaveNone() {
        assertThat(UnifiedView.of(tool("hubspot_search_deals"))).isNull();
    }

    @Test
    void oneViewServesManyCallsAtOnce() throws Exception {
        UnifiedView view = view("hubspot_list_contacts");
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<byte[]>> mapped = new ArrayList<>();
            for (int i = 0; i < 1_000; i++) {
                String record =
                        "{\"id\":\"" + i + "\",\"properties\":{\"email\":\"e" + i + "@x.y\",\"phone\":\"" + i + "\"}}";
                mapped.add(threads.submit(() -> view.map(record.getBytes(UTF_8))));
            }
            for (int i = 0; i < mapped.size(); i++) {
                assertThat(new String(mapped.get(i).get(), UTF_8))
                        .isEqualTo("{\"id\":\"" + i + "\",\"emails\":[{\"address\":\"e" + i
                                + "@x.y\",\"primary\":true}],\"phones\":[{\"number\":\"" + i
                                + "\",\"kind\":\"work\"}]}");
            }
        }
    }
}
