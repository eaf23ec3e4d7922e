package dev.toolpost.worker.request;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.toolpost.connectors.Connector;
import dev.toolpost.connectors.ConnectorLoader;
import dev.toolpost.connectors.ToolRef;
import dev.toolpost.schemas.ErrorCode;
import dev.toolpost.worker.credentials.ConnectionRecord;
import dev.toolpost.worker.credentials.Secret;
import dev.toolpost.worker.http.VendorRequest;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.ObjectNode;

/** Every shape that a request's query and body can have, and what arguments cannot do to it. */
class RequestShapesTest {

    private static final Connector CONNECTOR = new ConnectorLoader().load("shapes.yaml", """
            vendor: shapes
            title: Shapes
            base_url: https://api.shapes.example
            auth: [{ kind: none }]
            tools:
              search:
                description: Searches.
                effect: read
                arguments:
                  type: object
                  properties:
                    created: { type: object }
                    near: { type: object }
                    filter: { type: object }
                    after: { type: string }
                    all: { type: boolean }
                    deep: { type: boolean }
                    trash: { type: boolean }
                    ids: { type: array, items: { type: string } }
                    mode: { type: string, default: plain }
                    sort: { type: string, default: name }
                request:
                  path: /search
                  query:
                    created: "{created}"
                    near: { value: "{near}", objects: dots }
                    filter: { value: "{filter}", objects: json }
                    updated: { value: { gte: "{after}", lte: now } , when: after }
                    all: { value: "{all}", booleans: one_zero }
                    deep: { value: "{deep}", booleans: yes_no }
                    trash: { value: "{trash}", booleans: presence }
                    ids: { value: "{ids}", list: indices }
                    where: "Id IN ({ids|single_quoted})"
                    mode: { value: "{mode}", when: { mode: [fast, slow] } }
                    order: "{sort}"
                    fixed: { value: [1, two] }
                  headers:
                    X-Mode: { value: "mode {mode}", when: { mode: { matches: "^f" } } }
              pay:
                description: Pays.
                effect: write
                arguments:
                  type: object
                  properties:
                    amount: { type: integer }
                    metadata: { type: object }
                    items: { type: array, items: { type: object } }
                    expand: { type: array, items: { type: string } }
                    live: { type: boolean }
                    note: { type: [string, "null"] }
                request:
                  method: POST
                  path: /payments
                  form:
                    amount: "{amount}"
                    currency: eur
                    metadata: "{metadata}"
                    items: "{items}"
                    expand: "{expand}"
                    live: { $value: "{live}", $booleans: one_zero }
                    note: { $value: "{note}", $when: { note: { exists: true } } }
                    nested: { fixed: { deep: "n{amount}" } }
              list:
                description: Lists.
                effect: read
                request: { method: POST, path: /list, form: { kind: things } }
                paging:
                  kind: cursor
                  records: /items
                  next: /next
                  cursor: { body: /page/after }
                  page_size: { body: /limit, default: 5, max: 10 }
              upload:
                description: Uploads.
                effect: write
                arguments:
                  type: object
                  properties:
                    title: { type: string }
                    content: { type: string }
                    name: { type: string }
                    type: { type: string }
                    options: { type: object }
                request:
                  method: POST
                  path: /files
                  multipart:
                    title: "{title}"
                    options: { json: { options: "{options}", by: agent } , when: options }
                    file: { file: "{content}", filename: "{name}", content_type: "{type}", max_bytes: 1000 }
              put:
                description: Puts.
                effect: write
                arguments:
                  type: object
                  required: [path, content]
                  properties:
                    path: { type: string }
                    content: { type: string }
                request:
                  method: PUT
                  path: /files/{path|segments}
                  raw: { file: "{content}", content_type: application/pdf }
              log:
                description: Logs.
                effect: write
                arguments: { type: object, required: [line], properties: { line: { type: string } } }
                request:
                  method: POST
                  path: /log
                  raw: { value: "<line>{line}</line>", content_type: text/xml }
              ask:
                description: Asks.
                effect: read
                arguments: { type: object, properties: { id: { type: string }, first: { type: integer, default: 10 } } }
                request:
                  method: POST
                  path: /graphql
                  graphql:
                    query: |
                      query Things($id: ID!, $first: Int) { things(id: $id, first: $first) { nodes { id } } }
                    variables: { id: "{id}", first: "{first}" }
                    operation: Things
                paging:
                  kind: cursor
                  records: /data/things/nodes
                  next: /data/things/pageInfo/endCursor
                  cursor: { body: /variables/after }
              remove:
                description: Removes.
                effect: delete
                arguments:
                  type: object
                  properties: { ids: { type: array }, why: { type: string }, at: { type: string } }
                request:
                  method: DELETE
                  path: /things
                  body:
                    ids: "{ids}"
                    reason: { $when: why, text: "{why|trim}", at: "{at|epoch_seconds}" }
                    flags:
                      - { $value: urgent, $when: { why: now } }
                      - always
                    blocks: "{ids|json}"
              send:
                description: Sends.
                effect: write
                arguments:
                  type: object
                  properties:
                    to: { type: array, items: { type: string } }
                    reply_to: { type: string }
                    subject: { type: string }
                    text: { type: string }
                    html: { type: string }
                    thread: { type: string }
                request:
                  method: POST
                  path: /send
                  body:
                    raw:
                      $message:
                        headers: { To: "{to}", Reply-To: "{reply_to}", Subject: "{subject}" }
                        text: "{text}"
                        html: "{html}"
                    threadId: "{thread}"
            """);

    private static VendorRequest build(String key, String arguments) throws RequestProblemException {
        return build(key, arguments, null);
    }

    private static VendorRequest build(String key, String arguments, @Nullable String cursor)
            throws RequestProblemException {
        ToolRef ref =
                new ToolRef(CONNECTOR, Objects.requireNonNull(CONNECTOR.tools().get("shapes_" + key)));
        ConnectionRecord connection =
                new ConnectionRecord("acme", "c", "shapes", "none", Map.of(), Map.of(), Set.of(), Map.of());
        return RequestBuilder.build(
                CONNECTOR,
                ref.tool(),
                ref.defaults().fillIn((ObjectNode) CanonicalJson.parse(arguments), null),
                connection,
                RequestBuilder.baseUrl(CONNECTOR, ref.tool(), connection),
                Secret.of("none", "none"),
                cursor,
                null,
                null);
    }

    private static String query(String arguments) throws RequestProblemException {
        return Objects.requireNonNull(build("search", arguments).uri().getRawQuery())
                .replace("%5B", "[")
                .replace("%5D", "]");
    }

    private static String body(VendorRequest request) {
        return new String(Objects.requireNonNull(request.body()), UTF_8);
    }

    private static String form(String arguments) throws RequestProblemException {
        return body(build("pay", arguments)).replace("%5B", "[").replace("%5D", "]");
    }

    private static @Nullable String header(VendorRequest request, String name) {
        return request.headers().stream()
                .filter(header -> header.getKey().equalsIgnoreCase(name))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse(null);
    }

    private static String message(String arguments) throws RequestProblemException {
        String raw =
                CanonicalJson.parse(body(build("send", arguments))).get("raw").asString();
        return new String(Base64.getUrlDecoder().decode(raw), UTF_8);
    }

    private static void assertProblem(String key, String arguments, String path) {
        assertThatThrownBy(() -> build(key, arguments))
                .as(arguments)
                .isInstanceOfSatisfying(RequestProblemException.class, problem -> {
                    assertThat(problem.code()).isEqualTo(ErrorCode.INVALID_ARGUMENTS);
                    assertThat(problem.path()).isEqualTo(path);
                    assertThat(problem.getMessage()).contains("expected:");
                });
    }

    @Test
    void objectsAndBooleansStandInTheQueryInTheirStyles() throws RequestProblemException {
        assertThat(query(
                        "{\"created\":{\"gte\":5,\"lt\":9},\"near\":{\"lat\":1.50},\"filter\":{\"a\":[true]},\"all\":true,"
                                + "\"deep\":false,\"trash\":true}"))
                .isEqualTo(
                        "created[gte]=5&created[lt]=9&near.lat=1.50&filter=%7B%22a%22%3A[true]%7D&all=1&deep=no&trash"
                                + "&order=name&fixed=1&fixed=two");
        assertThat(query("{\"trash\":false,\"all\":false,\"deep\":true}"))
                .isEqualTo("all=0&deep=yes&order=name&fixed=1&fixed=two");
        assertThat(query("{\"after\":\"x y\"}"))
                .isEqualTo("updated[gte]=x%20y&updated[lte]=now&order=name&fixed=1&fixed=two");
    }

    @Test
    void partsAreThereWhenTheirConditionHolds() throws RequestProblemException {
        assertThat(query("{\"mode\":\"fast\",\"sort\":\"id\"}")).isEqualTo("mode=fast&order=id&fixed=1&fixed=two");
        assertThat(header(build("search", "{\"mode\":\"fast\"}"), "X-Mode")).isEqualTo("mode fast");
        assertThat(header(build("search", "{\"mode\":\"slow\"}"), "X-Mode")).isNull();
        assertThat(body(build("remove", "{\"why\":\" now\",\"at\":\"2026-01-31T00:00:00Z\"}")))
                .isEqualTo("{\"reason\":{\"text\":\"now\",\"at\":\"1769817600\"},\"flags\":[\"always\"]}");
        assertThat(body(build("remove", "{\"why\":\"now\",\"ids\":[1,{\"a\":2}]}")))
                .isEqualTo("{\"ids\":[1,{\"a\":2}],\"reason\":{\"text\":\"now\"},\"flags\":[\"urgent\",\"always\"],"
                        + "\"blocks\":\"[1,{\\\"a\\\":2}]\"}");
        assertThat(body(build("remove", "{}"))).isEqualTo("{\"flags\":[\"always\"]}");
    }

    @Test
    void textsAreQuotedForQueryLanguages() throws RequestProblemException {
        assertThat(query("{\"ids\":[\"a\",\"O'Neil\\\\\"]}"))
                .isEqualTo(
                        "ids[0]=a&ids[1]=O%27Neil%5C&where=Id%20IN%20%28%27a%27%2C%27O%5C%27Neil%5C%5C%27%29&order=name"
                                + "&fixed=1&fixed=two");
    }

    @Test
    void aFormHasBracketedKeys() throws RequestProblemException {
        assertThat(form(
                        "{\"amount\":100,\"metadata\":{\"tier\":\"b & c\"},\"items\":[{\"price\":\"p1\",\"tags\":[\"x\"]},"
                                + "{\"price\":\"p2\"}],\"expand\":[\"data.customer\"],\"live\":true,\"note\":null}"))
                .isEqualTo("amount=100&currency=eur&metadata[tier]=b%20%26%20c&items[0][price]=p1&items[0][tags][]=x"
                        + "&items[1][price]=p2&expand[]=data.customer&live=1&nested[fixed][deep]=n100");
        assertThat(header(build("pay", "{}"), "Content-Type")).isEqualTo("application/x-www-form-urlencoded");
        assertThat(form("{\"note\":\"\"}")).isEqualTo("currency=eur&note=");
    }

    @Test
    void aFormTakesThePlaceOfThePage() throws RequestProblemException {
        assertThat(body(build("list", "{}", "c&2"))).isEqualTo("kind=things&limit=5&page%5Bafter%5D=c%262");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a]=1&admin[x", "a[b", "\\r\\nx", "\\u0000", ""})
    void aMemberOfAnArgumentCannotBecomeAnotherField(String name) {
        assertProblem("pay", "{\"metadata\":{\"" + name + "\":1}}", "/metadata");
    }

    @Test
    void aNestingBombIsNoForm() {
        assertProblem("pay", "{\"metadata\":" + "{\"a\":".repeat(100) + "1" + "}".repeat(101), "/metadata");
        String wide = "{\"" + "k".repeat(40_000) + "\":["
                + IntStream.range(0, 500).mapToObj(i -> "{\"m\":1}").collect(Collectors.joining(","))
                + "]}";
        assertProblem("pay", "{\"metadata\":" + wide + "}", "/metadata");
    }

    @Test
    void partsOfAMultipartFormAreTextsJsonAndFiles() throws RequestProblemException {
        VendorRequest request = build(
                "upload",
                "{\"title\":\"ä\",\"content\":\"AAEC/w==\",\"name\":\"a \\\"b\\\".bin\",\"type\":\"image/png\",\"options\":{\"x\":1}}");

        String type = Objects.requireNonNull(header(request, "Content-Type"));
        assertThat(type).matches("multipart/form-data; boundary=toolpost-[0-9a-f]{48}");
        String boundary = type.substring(type.indexOf('=') + 1);
        assertThat(new String(Objects.requireNonNull(request.body()), ISO_8859_1))
                .isEqualTo(String.join(
                        "\r\n",
                        "--" + boundary,
                        "Content-Disposition: form-data; name=\"title\"",
                        "",
                        "Ã¤",
                        "--" + boundary,
                        "Content-Disposition: form-data; name=\"options\"",
                        "Content-Type: application/json",
                        "",
                        "{\"options\":{\"x\":1},\"by\":\"agent\"}",
                        "--" + boundary,
                        "Content-Disposition: form-data; name=\"file\"; filename=\"a %22b%22.bin\"",
                        "Content-Type: image/png",
                        "",
                        "\u0000\u0001\u0002ÿ",
                        "--" + boundary + "--",
                        ""));
        assertThat(body(build("upload", "{\"title\":\"alone\"}"))).doesNotContain("name=\"file\"");
        assertThat(header(build("upload", "{\"title\":\"" + boundary + "\"}"), "Content-Type"))
                .as("a boundary that a content was made to hold is another one")
                .isNotEqualTo(type);
    }

    @Test
    void nothingBreaksOutOfAPart() {
        for (String name : List.of("a\\r\\nX: 1", "a\\u0000", "../../etc/passwd", "a\\\\b", "..", "x".repeat(300))) {
            assertProblem("upload", "{\"content\":\"AA==\",\"name\":\"" + name + "\"}", "/name");
        }
        for (String type : List.of("text/plain\\r\\nX: 1", "text", "a/b; c=\\\"\\u0000\\\"", "a/b, c/d")) {
            assertProblem("upload", "{\"content\":\"AA==\",\"type\":\"" + type + "\"}", "/type");
        }
        assertProblem("upload", "{\"content\":\"not base64!\"}", "/content");
        assertProblem(
                "upload", "{\"content\":\"" + Base64.getEncoder().encodeToString(new byte[1_001]) + "\"}", "/content");
    }

    @Test
    void aBodyOfAnotherTypeGoesAsItIs() throws RequestProblemException {
        VendorRequest file = build("put", "{\"path\":\"a b/c.pdf\",\"content\":\"-_8=\"}");
        assertThat(file.uri().getRawPath()).isEqualTo("/files/a%20b/c.pdf");
        assertThat(file.body()).containsExactly(0xfb, 0xff);
        assertThat(header(file, "Content-Type")).isEqualTo("application/pdf");
        assertThat(body(build("log", "{\"line\":\"ü\"}"))).isEqualTo("<line>ü</line>");
        for (String path : List.of("a/../b", "/etc", "a//b", "..", "a/./b", "a\\\\..\\\\b")) {
            assertProblem("put", "{\"path\":\"" + path + "\",\"content\":\"AA==\"}", "/path");
        }
    }

    @Test
    void aGraphQlDocumentIsConstantAndArgumentsAreItsVariables() throws RequestProblemException {
        assertThat(body(build("ask", "{\"id\":\"x\\\") { evil }\"}", "c2")))
                .isEqualTo(
                        "{\"query\":\"query Things($id: ID!, $first: Int) { things(id: $id, first: $first) { nodes { id } } }\","
                                + "\"variables\":{\"id\":\"x\\\") { evil }\",\"first\":10,\"after\":\"c2\"},\"operationName\":\"Things\"}");
    }

    @Test
    void aMessageIsBuiltOfItsParts() throws RequestProblemException {
        assertThat(message("{\"to\":[\"ada@example.com\",\"Lovelace, Ada <ada@example.org>\",\"Jörg <j@example.net>\"],"
                        + "\"subject\":\"Grüße\",\"text\":\"Hello\\r\\n.\\r\\n\"}"))
                .isEqualTo("""
                        To: ada@example.com,
                         "Lovelace, Ada" <ada@example.org>,
                         =?utf-8?B?SsO2cmc=?= <j@example.net>
                        Subject: =?utf-8?B?R3LDvMOfZQ==?=
                        MIME-Version: 1.0
                        Content-Type: text/plain; charset=utf-8
                        Content-Transfer-Encoding: base64

                        SGVsbG8NCi4NCg==""".replace("\n", "\r\n"));
        assertThat(message("{\"text\":\"a\",\"html\":\"<b>a</b>\"}")).isEqualTo("""
                        MIME-Version: 1.0
                        Content-Type: multipart/alternative; boundary="=_toolpost_alternative_"

                        --=_toolpost_alternative_
                        Content-Type: text/plain; charset=utf-8
                        Content-Transfer-Encoding: base64

                        YQ==
                        --=_toolpost_alternative_
                        Content-Type: text/html; charset=utf-8
                        Content-Transfer-Encoding: base64

                        PGI+YTwvYj4=
                        --=_toolpost_alternative_--
                        """.replace("\n", "\r\n"));
    }

    @Test
    void aLongSubjectIsFoldedWithinItsCharacters() throws RequestProblemException {
        String subject = "日本語".repeat(100);
        String message = message("{\"subject\":\"" + subject + "\",\"text\":\"\"}");
        StringBuilder read = new StringBuilder();
        for (String line : message.substring(9, message.indexOf("\r\nMIME")).split("\r\n", -1)) {
            assertThat(line.length()).isLessThanOrEqualTo(76);
            String word = line.strip();
            read.append(new String(Base64.getDecoder().decode(word.substring(10, word.length() - 2)), UTF_8));
        }
        assertThat(read).hasToString(subject);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            value = {
                "/subject ~ {\"subject\":\"a\\r\\nBcc: evil@example.com\"}",
                "/subject ~ {\"subject\":\"a\\nb\"}",
                "/subject ~ {\"subject\":\"a\\u2028b\"}",
                "/to ~ {\"to\":[\"a@example.com\\r\\nBcc: evil@example.com\"]}",
                "/to ~ {\"to\":[\"a@example.com, evil@example.com\"]}",
                "/to ~ {\"to\":[\"a@example.com> <evil@example.com\"]}",
                "/to ~ {\"to\":[\"not an address\"]}",
                "/to ~ {\"to\":[\"Ada <a@example.com>, evil@example.com\"]}",
                "/to ~ {\"to\":[{\"a\":1}]}",
                "/reply_to ~ {\"reply_to\":\"a@example.com;b@example.com\"}",
            })
    void noArgumentAddsAHeaderOrARecipient(String path, String arguments) {
        assertProblem("send", arguments, path);
    }

    @Test
    void aNameInFrontOfAnAddressCannotEndItsQuotes() throws RequestProblemException {
        assertThat(message("{\"to\":[\"\\\\\\\"x\\\" <evil@example.com>, \\\"y <a@example.com>\"],\"text\":\"\"}"))
                .startsWith("To: \"\\\\\\\"x\\\" <evil@example.com>, \\\"y\" <a@example.com>\r\n");
    }
}
