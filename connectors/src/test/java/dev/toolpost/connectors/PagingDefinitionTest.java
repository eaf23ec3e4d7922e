package dev.toolpost.connectors;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import tools.jackson.core.JsonPointer;

/** How definitions of paging, OAuth2 and views are read, and what the linter says to those that do not hold together. */
class PagingDefinitionTest {
    private static final ConnectorLoader LOADER = new ConnectorLoader();
    private static final String PAGING = """
                paging:
                  kind: cursor
                  records: /items
                  next: /next
                  cursor: { body: /page/after }
                  page_size: { body: /page/size, default: 50, max: 200 }
            """;

    @Test
    void readsEveryKind() {
        assertThat(paging("kind: offset", "records: ''", "offset: { body: /skip }"))
                .isEqualTo(new Paging.Offset(JsonPointer.empty(), body("/skip"), 0, null, null, true, null));
        assertThat(paging("kind: page", "records: /r", "page: { query: p }", "first: 0", "total_pages: /n", "more: /m"))
                .isEqualTo(new Paging.PageNumber(
                        JsonPointer.compile("/r"),
                        new Paging.InQuery("p"),
                        0,
                        JsonPointer.compile("/n"),
                        new Paging.EndFlag(JsonPointer.compile("/m"), false),
                        true,
                        null));
        assertThat(paging("kind: link_header", "records: ''", "page_size: { header: X-Size, max: 10 }"))
                .isEqualTo(new Paging.NextLink(
                        JsonPointer.empty(),
                        new Paging.LinkHeader(),
                        null,
                        new Paging.PageSize(new Paging.InHeader("X-Size", ""), 10, 10)));
        assertThat(paging("kind: next_link", "records: /r", "next: /links/next", "done: /done"))
                .isEqualTo(new Paging.NextLink(
                        JsonPointer.compile("/r"),
                        new Paging.LinkInBody(JsonPointer.compile("/links/next")),
                        new Paging.EndFlag(JsonPointer.compile("/done"), true),
                        null));
    }

    @Test
    void theLinterSaysWhatDoesNotHoldTogetherAndWhere() {
        assertThat(lint("kind: offset", "records: /r")).contains("acme.yaml:66:5: error: the key 'offset' is missing");
        assertThat(lint("kind: offset", "records: /r", "offset: { query: o }", "next: /n"))
                .contains("unknown key 'next'");
        assertThat(lint("kind: ofset", "records: /r", "offset: { query: o }")).contains("offset");
        assertThat(lint("kind: link_header", "records: ''", "more: /a", "done: /b"))
                .contains("done and more say the same thing twice");
        assertThat(lint("kind: link_header", "records: ''", "page_size: { query: a, header: b, max: 9 }"))
                .contains("the page size has no single place");
        assertThat(lint("kind: link_header", "records: ''", "page_size: { header: Host, max: 9 }"))
                .contains("the header Host cannot be set here");
        assertThat(lint("kind: link_header", "records: ''", "page_size: { query: a, min: 20, default: 10, max: 90 }"))
                .contains("min: 20 (expected: <= default, 10)");
        assertThat(lint("kind: page", "records: ''", "page: { query: p }"))
                .contains("warning: only a page without records ends the list");
        assertThat(lint("kind: link_header", "records: ''")).isEmpty();
    }

    @Test
    void theLinterCompilesViews() {
        assertThat(lint(Definitions.acme(PAGING, PAGING + """
                views:
                  unified:
                    model: contact
                    record: "{ 'id': "
            """)))
                .contains("no JSONata")
                .contains("error");
        assertThat(lint(Definitions.acme(PAGING, PAGING + """
                views:
                  unified:
                    model: contakt
                    record: "{ 'id': id }"
            """))).contains("contact");
        assertThat(Objects.requireNonNull(LOADER.load("acme.yaml", Definitions.acme(PAGING, PAGING + """
                views:
                  unified:
                    model: contact
                    record: "{ 'id': id }"
            """))
                                .tools()
                                .get("acme_list_things"))
                        .unified())
                .isEqualTo(new View("contact", "{ 'id': id }"));
    }

    @Test
    void theLinterChecksOAuth2() {
        assertThat(lintAuth("token_url: http://auth.acme.example/token")).contains("token_url begins with");
        assertThat(lintAuth("token_url: https://{nowhere}.acme.example/token"))
                .contains("token_url names the unknown variable 'nowhere'");
        assertThat(lintAuth("token_url: https://auth.acme.example/token", "keep: { /host: subdomein }"))
                .contains("did you mean 'subdomain'?");
        assertThat(lintAuth("token_url: https://auth.acme.example/token", "parameters: { grant_type: x }"))
                .contains("fills the parameter grant_type by itself");
        assertThat(lintAuth("token_url: https://auth.acme.example/token", "clients: basic"))
                .contains("did you mean 'client'?");
        assertThat(lintAuth("token_url: https://auth.acme.example/token", "client: basic", "reuse_leeway: 1m"))
                .isEmpty();
    }

    private static Paging.InBody body(String pointer) {
        return new Paging.InBody(JsonPointer.compile(pointer));
    }

    private static Paging paging(String... lines) {
        return Objects.requireNonNull(Objects.requireNonNull(
                        LOADER.load("acme.yaml", withPaging(lines)).tools().get("acme_list_things"))
                .paging());
    }

    private static String withPaging(String... lines) {
        return Definitions.acme(
                PAGING, "    paging:\n" + String.join("\n", lines).indent(6));
    }

    private static String lint(String... lines) {
        return lint(withPaging(lines));
    }

    private static String lint(String definition) {
        List<String> problems = new ConnectorLinter(LOADER)
                .lint("acme.yaml", definition).stream().map(Problem::toString).toList();
        return String.join("\n", problems);
    }

    private static String lintAuth(String... lines) {
        return lint(Definitions.acme(
                "  - kind: bearer\n",
                "  - kind: oauth2\n" + String.join("\n", lines).indent(4)));
    }
}
