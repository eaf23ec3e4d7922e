package dev.toolpost.connectors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
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
                .isEqualTo(
                        new Paging(new Paging.Offset(body("/skip"), 0, null, true), JsonPointer.empty(), null, null));
        assertThat(paging("kind: page", "records: /r", "page: { query: p }", "first: 0", "total_pages: /n", "more: /m"))
                .isEqualTo(new Paging(
                        new Paging.PageNumber(
                                new Paging.InQuery("p"), 0, new Paging.FromBody(JsonPointer.compile("/n")), null, true),
                        JsonPointer.compile("/r"),
                        new Paging.EndFlag(JsonPointer.compile("/m"), false),
                        null));
        assertThat(paging("kind: link_header", "records: ''", "page_size: { header: X-Size, max: 10 }"))
                .isEqualTo(new Paging(
                        new Paging.LinkHeader(),
                        JsonPointer.empty(),
                        null,
                        new Paging.PageSize(new Paging.InHeader("X-Size", ""), 10, 10)));
        assertThat(paging("kind: next_link", "records: /r", "next: /links/next", "done: /done"))
                .isEqualTo(new Paging(
                        new Paging.NextLink(new Paging.FromBody(JsonPointer.compile("/links/next"))),
                        JsonPointer.compile("/r"),
                        new Paging.EndFlag(JsonPointer.compile("/done"), true),
                        null));
    }

    @Test
    void saysHowAPlaceInAHeaderIsWritten() {
        assertThatThrownBy(
                        () -> paging("kind: cursor", "records: /r", "next: 'header: X-Next'", "cursor: { query: c }"))
                .hasMessageContaining("or a header, written { header: NAME }");
        assertThatThrownBy(() -> paging("kind: cursor", "records: /r", "next: /n", "cursor: 'header: X-Cursor'"))
                .hasMessageContaining("such as { query: after }, { header: X-Cursor }, { body: /after }");
    }

    @Test
    void readsWhereHeadersSayWhatComesNext() {
        assertThat(paging(
                        "kind: cursor",
                        "records: /r",
                        "next: { header: X-Next }",
                        "cursor: { header: X-Cursor, prefix: 'c=' }",
                        "done: { header: X-Last }"))
                .isEqualTo(new Paging(
                        new Paging.Cursor(new Paging.FromHeader("X-Next"), new Paging.InHeader("X-Cursor", "c=")),
                        JsonPointer.compile("/r"),
                        new Paging.EndFlag(new Paging.FromHeader("X-Last"), true),
                        null));
        assertThat(paging("kind: last_record", "records: /r", "id: /id", "cursor: { query: after }", "more: /m"))
                .isEqualTo(new Paging(
                        new Paging.LastRecord(JsonPointer.compile("/id"), new Paging.InQuery("after"), true),
                        JsonPointer.compile("/r"),
                        new Paging.EndFlag(JsonPointer.compile("/m"), false),
                        null));
    }

    @Test
    void readsHowAListWithACapGoesOn() {
        Paging paging = paging(
                "kind: cursor",
                "records: /r",
                "records_optional: true",
                "next: /n",
                "cursor: { body: /after, as: number }",
                "stop: [{ /state: finished }, { /left: { at_most: 0 } }]",
                "max_pages: 300",
                "max_rows: 10000",
                "capped: { /incomplete: true }",
                "restart:",
                "  from: /id",
                "  to: { body: /groups/*/filters/- }",
                "  value: { name: id, than: '{value}' }",
                "total: { header: X-Total }");
        assertThat(paging.recordsOptional()).isTrue();
        assertThat(paging.stop()).hasSize(2);
        assertThat(paging.way())
                .isEqualTo(new Paging.Cursor(
                        new Paging.FromBody(JsonPointer.compile("/n")),
                        new Paging.InBody(JsonPointer.compile("/after"), true)));
        Paging.Cap cap = Objects.requireNonNull(paging.cap());
        assertThat(cap.pages()).isEqualTo(300);
        assertThat(cap.rows()).isEqualTo(10_000);
        assertThat(cap.cut()).hasSize(1);
        assertThat(cap.total()).isEqualTo(new Paging.FromHeader("X-Total"));
        assertThat(Objects.requireNonNull(cap.restart()).value()).isInstanceOf(BodyTemplate.Members.class);
    }

    @Test
    void readsWhatIsDifferentOnLaterPages() {
        Paging paging = paging(
                "kind: cursor",
                "records: /first/items",
                "next: /first/cursor",
                "cursor: { body: /cursor }",
                "later:",
                "  records: /later/items",
                "  next: { header: X-Next }",
                "  request: { path: /more, body: { query: later } }");
        Paging.Later later = Objects.requireNonNull(paging.later());
        assertThat(later.request().method()).isEqualTo("POST");
        assertThat(later.request().path().source()).isEqualTo("/more");
        assertThat(later.paging().records()).isEqualTo(JsonPointer.compile("/later/items"));
        assertThat(later.paging().way()).isEqualTo(new Paging.Cursor(new Paging.FromHeader("X-Next"), body("/cursor")));
        assertThat(later.paging().later()).isNull();
    }

    @Test
    void theLinterSaysWhatDoesNotHoldTogetherInCapsAndLaterPages() {
        String[] cursor = {"kind: cursor", "records: /r", "next: /n", "cursor: { query: after }"};
        assertThat(lintMore(cursor, "restart: { from: /id, to: { query: since } }"))
                .contains("nothing says when the list is to be asked for anew");
        assertThat(lintMore(cursor, "max_pages: 9", "restart: { from: /t, to: { query: since }, inclusive: true }"))
                .contains("cannot be told apart");
        assertThat(lintMore(cursor, "max_pages: 9", "restart: { from: /t, to: { query: since }, id: /id }"))
                .contains("nothing comes twice without inclusive: true");
        assertThat(lintMore(cursor, "max_pages: 9", "restart: { from: /t, to: { query: since }, value: '{id}' }"))
                .contains("a restart knows {value} alone");
        assertThat(lintMore(cursor, "max_pages: 9", "restart: { from: /t, to: { query: since, header: X } }"))
                .contains("not one place");
        assertThat(lintMore(cursor, "max_rows: 9", "page_size: { query: size, min: 10, max: 20 }"))
                .contains("max_rows: 9 (expected: >= the smallest page, 10)");
        assertThat(lintMore(cursor, "total: /total")).contains("pages of kind cursor end without a total");
        assertThat(lintMore(cursor, "max_rows: 9", "restart: { from: /t, to: { query: since }, when: { /srt: t } }"))
                .contains("{srt} names no argument");
        assertThat(lintMore(cursor, "later: { request: { pth: /x } }")).contains("did you mean 'path'?");
        assertThat(lint("kind: link_header", "records: ''", "later: { next: /n }"))
                .contains("this kind of paging has no next");
        assertThat(lint(
                        "kind: page",
                        "records: /r",
                        "page: { query: p }",
                        "total: /t",
                        "page_size: { query: s, max: 9 }"))
                .isEmpty();
        assertThat(lint("kind: page", "records: /r", "page: { query: p }", "total: /t"))
                .contains("says nothing about pages of unknown size");
        assertThat(lint("kind: page", "records: /r", "page: { query: p }", "total: /t", "total_pages: /p"))
                .contains("say the same thing twice");
    }

    private static String lintMore(String[] lines, String... more) {
        return lint(Stream.concat(Stream.of(lines), Stream.of(more)).toArray(String[]::new));
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
