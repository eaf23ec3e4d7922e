package dev.toolpost.connectors.openapi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.toolpost.connectors.Auth;
import dev.toolpost.connectors.Connector;
import dev.toolpost.connectors.ConnectorLinter;
import dev.toolpost.connectors.ConnectorLoader;
import dev.toolpost.connectors.Effect;
import dev.toolpost.connectors.Paging;
import dev.toolpost.connectors.Tool;
import dev.toolpost.connectors.openapi.ImportReport.LeftOut;
import dev.toolpost.connectors.openapi.OpenApiImport.Imported;
import dev.toolpost.connectors.openapi.OpenApiImport.Wish;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class OpenApiImportTest {
    private static final Wish ALL = new Wish("acme", List.of(), false);

    /** What every test's document begins with. */
    private static final String HEAD = """
            openapi: 3.0.3
            info: { title: Acme API, version: "2", description: "Things *and* [more](https://acme.example)." }
            servers: [{ url: https://api.acme.example/v2/ }]
            components:
              securitySchemes:
                token: { type: http, scheme: bearer, description: A personal token. }
            """;

    private static Imported imported(String paths) {
        return run(HEAD + paths, ALL);
    }

    /** Imports, and sees to it that nothing is wrong or unwise in the result. */
    private static Imported run(String document, Wish wish) {
        Imported imported = OpenApiImport.run(document, wish);
        assertThat(new ConnectorLinter(new ConnectorLoader()).lint("acme.yaml", imported.yaml()))
                .as(imported.yaml())
                .isEmpty();
        return imported;
    }

    private static Connector connector(Imported imported) {
        return new ConnectorLoader().load("acme.yaml", imported.yaml());
    }

    private static Tool tool(Imported imported, String name) {
        Tool tool = connector(imported).tools().get("acme_" + name);
        assertThat(tool).as(imported.yaml()).isNotNull();
        return tool;
    }

    private static Paging.Way way(Imported imported, String name) {
        return Objects.requireNonNull(tool(imported, name).paging()).way();
    }

    private static JsonNode argument(Tool tool, String name) {
        return tool.arguments().path("properties").path(name);
    }

    private static List<String> leftOut(Imported imported) {
        return imported.report().leftOut().stream()
                .map(each -> each.operation() + " | " + each.what() + " | " + each.why())
                .toList();
    }

    @Test
    void anOperationBecomesAToolWithItsParametersInTheirPlaces() {
        Imported imported = imported("""
                paths:
                  /things/{thing-id}/parts:
                    parameters:
                      - { name: thing-id, in: path, required: true, description: "Id of the thing.", schema: { type: string } }
                    get:
                      operationId: thingParts.listAll
                      summary: List the parts of a thing
                      tags: [Thing Parts]
                      parameters:
                        - { name: "filter[kind]", in: query, schema: { type: string, enum: [a, b], default: a } }
                        - { name: fields, in: query, explode: false, schema: { type: array, items: { type: string } } }
                        - { name: X-Trace, in: header, schema: { type: string } }
                        - { name: Authorization, in: header, schema: { type: string } }
                        - { name: session, in: cookie, schema: { type: string } }
                        - { name: deep, in: query, style: deepObject, schema: { type: object } }
                      responses: { "200": { description: ok, content: { application/json: { schema: { type: object } } } } }
                """);

        Tool tool = tool(imported, "thing_parts_list_all");
        assertThat(tool.effect()).isEqualTo(Effect.READ);
        assertThat(tool.tags()).containsExactly("thing-parts");
        assertThat(tool.description()).contains("List the parts of a thing").hasSizeGreaterThan(40);
        assertThat(imported.yaml())
                .contains("path: \"/things/{thing_id}/parts\"")
                .contains("\"filter[kind]\": \"{filter_kind}\"")
                .contains("list: comma")
                .contains("X-Trace: \"{x_trace}\"")
                .contains("base_url: \"https://api.acme.example/v2\"");
        assertThat(tool.arguments().path("required").toString()).isEqualTo("[\"thing_id\"]");
        assertThat(argument(tool, "filter_kind").toString())
                .contains("[\"a\",\"b\"]", "Default: a.")
                .doesNotContain("\"default\"");
        assertThat(leftOut(imported))
                .containsExactly("GET /things/{thing-id}/parts | cookie session | cookies are not sent");
    }

    @Test
    void theMembersOfABodyBecomeArgumentsAndWhatIsNoObjectBecomesOne() {
        Imported imported = imported(
                """
                paths:
                  /things:
                    post:
                      operationId: createThing
                      requestBody:
                        required: true
                        content:
                          application/json:
                            schema:
                              allOf:
                                - { $ref: "#/components/schemas/Named" }
                                - type: object
                                  required: [size]
                                  properties:
                                    size: { type: integer, minimum: 0, exclusiveMinimum: true, nullable: true }
                                    id: { type: string, readOnly: true }
                      responses: { "201": { description: ok } }
                  /things/{id}/labels:
                    put:
                      operationId: setLabels
                      requestBody: { required: true, content: { application/json: { schema: { type: array, items: { type: string } } } } }
                      responses: { "204": { description: ok } }
                  /things/{id}/shape:
                    patch:
                      operationId: setShape
                      requestBody:
                        required: true
                        content:
                          application/json:
                            schema: { oneOf: [{ type: object, properties: { round: { type: boolean } } }, { type: object, properties: { sides: { type: integer } } }] }
                      responses: { "200": { description: ok } }
                """.replace(
                                "paths:",
                                "  schemas:\n    Named: { type: object, required: [name], properties: { name: { type: string, pattern: \"(?=x)\" } } }\npaths:"));

        Tool create = tool(imported, "create_thing");
        assertThat(create.effect()).isEqualTo(Effect.WRITE);
        assertThat(create.arguments().path("required").toString()).isEqualTo("[\"name\",\"size\"]");
        assertThat(argument(create, "size").toString())
                .contains("[\"integer\",\"null\"]", "\"exclusiveMinimum\":0")
                .doesNotContain("\"minimum\"");
        assertThat(argument(create, "name").has("pattern")).isFalse();
        assertThat(create.arguments().path("properties").has("id")).isFalse();
        assertThat(argument(tool(imported, "set_labels"), "body").path("type").asString())
                .isEqualTo("array");
        assertThat(argument(tool(imported, "set_shape"), "body").path("anyOf")).hasSize(2);
        assertThat(imported.yaml()).contains("body: \"{body}\"");
    }

    @Test
    void formsAndUploadsBecomeWhatTheFormatHasForThem() {
        Imported imported = imported("""
                paths:
                  /charges:
                    post:
                      operationId: charge
                      requestBody:
                        content:
                          application/x-www-form-urlencoded:
                            schema: { type: object, required: [amount], properties: { amount: { type: integer }, metadata: { type: object } } }
                      responses: { "200": { description: ok } }
                  /files:
                    post:
                      operationId: upload
                      requestBody:
                        content:
                          multipart/form-data:
                            schema: { type: object, required: [file], properties: { file: { type: string, format: binary }, note: { type: string } } }
                      responses: { "200": { description: ok } }
                """);

        assertThat(imported.yaml())
                .contains("form:")
                .contains("amount: \"{amount}\"")
                .contains("multipart:")
                .contains("file: \"{file}\"");
        assertThat(argument(tool(imported, "upload"), "file")
                        .path("description")
                        .asString())
                .contains("base64");
    }

    @Test
    void securitySchemesBecomeWaysToAuthenticate() {
        Imported imported = run("""
                openapi: 3.1.0
                info: { title: Acme, version: "1" }
                servers: [{ url: "https://{region}.acme.example", variables: { region: { default: eu } } }]
                components:
                  securitySchemes:
                    basic: { type: http, scheme: basic }
                    header: { type: apiKey, in: header, name: X-Api-Key }
                    query: { type: apiKey, in: query, name: key }
                    second: { type: apiKey, in: header, name: X-Other }
                    cookie: { type: apiKey, in: cookie, name: sid }
                    oauth:
                      type: oauth2
                      flows:
                        authorizationCode: { authorizationUrl: https://a.example, tokenUrl: https://auth.acme.example/token, scopes: { things.read: x } }
                        clientCredentials: { tokenUrl: https://auth.acme.example/client, scopes: {} }
                        implicit: { authorizationUrl: https://a.example, scopes: {} }
                    oidc: { type: openIdConnect, openIdConnectUrl: https://a.example }
                    digest: { type: http, scheme: digest }
                paths:
                  /things:
                    get:
                      parameters: [{ name: key, in: query, schema: { type: string } }]
                      responses: { "200": { description: ok } }
                """, ALL);

        Connector connector = connector(imported);
        assertThat(connector.auth())
                .extracting(Auth::kind)
                .containsExactly(
                        "basic",
                        "api_key_header",
                        "api_key_query",
                        "api_key_header",
                        "oauth2",
                        "oauth2_client_credentials");
        assertThat(connector.variable("region").standard()).isEqualTo("eu");
        assertThat(tool(imported, "get_things").arguments().path("properties")).isEmpty();
        assertThat(leftOut(imported))
                .hasSize(4)
                .anyMatch(each -> each.contains("security scheme cookie"))
                .anyMatch(each -> each.contains("implicit"));
    }

    @Test
    void listsInPagesAreGuessedAndMarkedAsGuesses() {
        String list = """
                  /%1$s:
                    get:
                      operationId: %1$s
                      parameters:
                        - { name: %2$s, in: query, schema: { type: %3$s } }
                        - { name: per_page, in: query, schema: { type: integer, default: 20, maximum: 50 } }
                      responses:
                        "200":
                          description: ok
                          headers: { %4$s: { schema: { type: string } } }
                          content: { application/json: { schema: %5$s } }
                """;
        String items = "{ type: object, properties: { items: { type: array, items: { type: object } }, %s } }";
        Imported imported = imported("paths:\n"
                + list.formatted("linked", "page", "integer", "Link", "{ type: array, items: { type: object } }")
                + list.formatted("cursored", "cursor", "string", "X", items.formatted("next_cursor: { type: string }"))
                + list.formatted("skipped", "offset", "integer", "X", items.formatted("total: { type: integer }"))
                + list.formatted("numbered", "page", "integer", "X", items.formatted("total_pages: { type: integer }"))
                + list.formatted(
                        "chained", "q", "string", "X", items.formatted("next: { type: string, format: uri }")));

        assertThat(way(imported, "linked")).isInstanceOf(Paging.LinkHeader.class);
        assertThat(way(imported, "cursored")).isInstanceOf(Paging.Cursor.class);
        assertThat(way(imported, "skipped")).isInstanceOf(Paging.Offset.class);
        assertThat(way(imported, "numbered")).isInstanceOf(Paging.PageNumber.class);
        assertThat(way(imported, "chained")).isInstanceOf(Paging.NextLink.class);
        assertThat(argument(tool(imported, "cursored"), "limit").toString())
                .contains("\"maximum\":50", "\"default\":20");
        assertThat(argument(tool(imported, "cursored"), "cursor").isMissingNode())
                .isTrue();
        assertThat(imported.yaml())
                .contains("    # Guessed: the parameter cursor and the answer's /next_cursor.\n    paging:");
        assertThat(imported.report().guesses()).contains("paging of 5 tools, marked in the file");
    }

    @Test
    void aSchemaThatHoldsItselfIsCutWhereItComesAgain() {
        Imported imported = imported("""
                  schemas:
                    Node: { type: object, properties: { name: { type: string }, child: { $ref: "#/components/schemas/Node" }, all: { $ref: "#/components/schemas/Loop" } } }
                    Loop: { $ref: "#/components/schemas/Loop" }
                paths:
                  /nodes:
                    post:
                      operationId: addNode
                      requestBody: { content: { application/json: { schema: { $ref: "#/components/schemas/Node" } } } }
                      responses: { "200": { description: ok } }
                """);

        assertThat(argument(tool(imported, "add_node"), "child")
                        .path("properties")
                        .path("name")
                        .path("type")
                        .asString())
                .isEqualTo("string");
        assertThat(leftOut(imported)).anyMatch(each -> each.contains("its schema holds itself"));
    }

    @Test
    void whatOnePartOfAllOfRequiresOfAnotherIsRequired() {
        Imported imported = imported("""
                  schemas:
                    Named: { type: object, required: [name], properties: { name: { type: string, description: Name of it. } } }
                    Thing:
                      allOf:
                        - { $ref: "#/components/schemas/Named" }
                        - type: object
                          required: [name, size, id]
                          properties: { id: { type: string, readOnly: true }, colour: { type: string } }
                        - { type: object, properties: { size: { type: integer }, box: { allOf: [{ properties: { a: { type: string } } }, { required: [a], properties: { b: { type: string } } }] } } }
                paths:
                  /things:
                    post:
                      operationId: addThing
                      requestBody: { required: true, content: { application/json: { schema: { $ref: "#/components/schemas/Thing" } } } }
                      responses: { "200": { description: ok } }
                """);

        Tool tool = tool(imported, "add_thing");
        assertThat(tool.arguments().path("required").toString()).isEqualTo("[\"name\",\"size\"]");
        assertThat(argument(tool, "box").path("required").toString()).isEqualTo("[\"a\"]");
        assertThat(tool.arguments().toString()).doesNotContain("answers only").doesNotContain("\"id\"");
    }

    @Test
    void objectsStandInTheQueryAsTheDocumentSays() {
        Imported imported = imported("""
                paths:
                  /things:
                    get:
                      operationId: listThings
                      parameters:
                        - name: created
                          in: query
                          style: deepObject
                          explode: true
                          schema: { anyOf: [{ type: object, properties: { gte: { type: integer }, lt: { type: integer } } }, { type: integer }] }
                        - { name: ids, in: query, style: deepObject, schema: { type: array, items: { type: string } } }
                        - { name: spread, in: query, schema: { type: object, required: [from], properties: { from: { type: string, description: Where to begin. }, until: { type: string } } } }
                        - { name: where, in: query, content: { application/json: { schema: { type: object } } } }
                        - { name: loose, in: query, schema: { type: object } }
                        - { name: flat, in: query, explode: false, schema: { type: object, properties: { a: { type: string } } } }
                      responses: { "200": { description: ok } }
                """);

        assertThat(imported.yaml())
                .contains("created:\n          value: \"{created}\"\n          list: brackets")
                .contains("ids:\n          value: \"{ids}\"\n          list: brackets")
                .contains("from: \"{from}\"")
                .contains("until: \"{until}\"")
                .contains("where:\n          value: \"{where}\"\n          objects: json");
        assertThat(leftOut(imported))
                .anyMatch(each -> each.contains("query parameter loose | it is an object whose members"))
                .anyMatch(each -> each.contains("query parameter flat | the way its object stands"));
    }

    @Test
    void typesOfOpenApi31AreUnderstoodWhereverTheyAreSaid() {
        Imported imported = run("""
                openapi: 3.1.0
                info: { title: Acme, version: "1" }
                servers: [{ url: https://api.acme.example }]
                components: { securitySchemes: { token: { type: http, scheme: bearer } } }
                paths:
                  /things/{number}:
                    post:
                      operationId: changeThing
                      parameters:
                        - { name: number, in: path, required: true, schema: { type: [integer, "null"] } }
                        - { name: kinds, in: query, explode: false, schema: { anyOf: [{ type: array, items: { type: string } }, { type: "null" }] } }
                        - { name: X-Mode, in: header, schema: { enum: [fast, slow] } }
                      requestBody:
                        content:
                          application/json:
                            schema:
                              type: object
                              properties:
                                size: { type: [integer, "null"] }
                                state: { anyOf: [{ type: string, enum: [a, b] }, { type: "null" }] }
                                both: { oneOf: [{ type: string }, { type: integer }, { type: "null" }] }
                                odd: { type: string, pattern: "(?=x)y", not: { const: z } }
                      responses: { "200": { description: ok } }
                """, ALL);

        Tool tool = tool(imported, "change_thing");
        assertThat(argument(tool, "number").path("type").asString()).isEqualTo("integer");
        assertThat(imported.yaml()).contains("kinds:\n          value: \"{kinds}\"\n          list: comma");
        assertThat(argument(tool, "x_mode").path("enum").toString()).isEqualTo("[\"fast\",\"slow\"]");
        assertThat(argument(tool, "size").path("type").toString()).isEqualTo("[\"integer\",\"null\"]");
        assertThat(argument(tool, "size").path("description").asString()).isEqualTo("Size, a whole number, or null.");
        assertThat(argument(tool, "state").path("type").toString()).isEqualTo("[\"string\",\"null\"]");
        assertThat(argument(tool, "state").path("enum").toString()).isEqualTo("[\"a\",\"b\",null]");
        assertThat(argument(tool, "both").path("anyOf").size()).isEqualTo(3);
        assertThat(leftOut(imported))
                .anyMatch(each -> each.contains("argument odd | its pattern is none that runs in linear time"))
                .anyMatch(each -> each.contains("argument odd | what its schema says by not is not described"));
    }

    @Test
    void whatCouldHarmIsLeftOutAndSaid() {
        Imported imported = run("""
                {"openapi": "3.0.3", "info": {"title": "Acme", "version": "1"},
                 "servers": [{"url": "https://api.acme.example"}],
                 "paths": {
                  "//evil.example/x": {"get": {"responses": {}, "summary": "Evil things"}},
                  "/things/{id}": {"get": {
                    "summary": "Returns one\\u2028thing by its id", "description": "Word\\u2029by word.",
                    "parameters": [{"name": "id", "in": "path", "required": true, "description": "Id\\u2028of it",
                      "schema": {"type": "string", "pattern": "(((a{1000}){1000}){1000})"}}],
                    "responses": {"200": {"description": "ok"}}}}}}
                """, ALL);

        assertThat(leftOut(imported))
                .anyMatch(each -> each.contains("its path begins with //"))
                .anyMatch(each -> each.contains("argument id | its pattern is none that runs"));
        assertThat(argument(tool(imported, "get_things_by_id"), "id")
                        .path("description")
                        .asString())
                .isEqualTo("Id of it");
    }

    @Test
    void aDocumentOfThousandsOfOperationsIsReadAsFarAsTheFileHasRoom() {
        StringBuilder paths =
                new StringBuilder("{\"openapi\": \"3.0.3\", \"info\": {\"title\": \"Acme\"}, \"servers\": [{\"url\":"
                        + " \"https://api.acme.example\"}], \"paths\": {\"/first\": {\"get\": {\"responses\": {}}}");
        String fields = IntStream.range(0, 60)
                .mapToObj(
                        i -> "\"f" + i + "\": {\"type\": \"string\", \"description\": \"" + "word ".repeat(16) + "\"}")
                .collect(Collectors.joining(", "));
        for (int i = 0; i < 3_000; i++) {
            paths.append(", \"/p")
                    .append(i)
                    .append("\": {\"post\": {\"responses\": {}, \"requestBody\": {\"content\":"
                            + " {\"application/json\": {\"schema\": {\"type\": \"object\", \"properties\": {")
                    .append(fields)
                    .append("}}}}}}}");
        }
        long before = System.nanoTime();

        Imported imported = OpenApiImport.run(paths.append("}}").toString(), ALL);

        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(10));
        assertThat(imported.report().tools()).isBetween(50, 300);
        assertThat(imported.report().tools() + imported.report().leftOut().size())
                .isEqualTo(3_001);
    }

    @Test
    void aTemplatedServerBecomesVariablesThatStayInTheirPlaces() {
        assertThat(
                        serverOf(
                                "url: 'https://{sub}.acme.example/{version}', variables: { sub: { default: demo, enum: [demo, my-co] }, version: { default: v2 } }"))
                .contains("base_url: \"https://{sub}.acme.example/{version}\"")
                .contains("kind: label")
                .contains("default: demo")
                .contains("pattern: \"demo|my-co\"")
                .contains("kind: segment");
        assertThat(
                        serverOf(
                                "url: '{scheme}://{endpoint}/api', variables: { scheme: { default: https }, endpoint: { default: '' } }"))
                .contains("base_url: \"https://{endpoint}/api\"")
                .contains("kind: host");
        assertThat(serverOf("url: 'https://api.{domain}/v1', variables: { domain: { default: acme.example } }"))
                .contains("base_url: \"https://api.acme.example/v1\"");
        assertThat(
                        serverOf(
                                "url: 'http://{host}:{port}', variables: { host: { default: localhost }, port: { default: '80' } }"))
                .contains("base_url: \"{base_url}\"")
                .contains("kind: url");
        assertThat(serverOf("url: 'http://api.acme.example' }, { url: 'https://api.acme.example/s'"))
                .contains("base_url: \"https://api.acme.example/s\"");
    }

    private static String serverOf(String server) {
        return run(
                        "openapi: 3.0.0\ninfo: { title: Acme, version: '1' }\nservers: [{ " + server
                                + " }]\ncomponents: { securitySchemes: { token: { type: http, scheme: bearer } } }\n"
                                + "paths: { /things: { get: { responses: { '200': { description: ok } } } } }\n",
                        ALL)
                .yaml();
    }

    @Test
    void ownServersFixedQueriesAndBodiesOfDeletionsAreKept() {
        Imported imported = imported("""
                paths:
                  /upload: { servers: [{ url: https://up.acme.example }], post: { responses: { "200": { description: ok } } } }
                  "/models?beta=true": { get: { operationId: betaModels, parameters: [{ name: beta, in: query, schema: { type: string } }], responses: { "200": { description: ok } } } }
                  /things:
                    delete:
                      operationId: deleteThings
                      requestBody: { required: true, content: { application/json: { schema: { type: object, required: [ids], properties: { ids: { type: array, items: { type: string } } } } } } }
                      responses: { "200": { description: ok } }
                """);

        assertThat(imported.yaml())
                .contains("base_url: \"https://up.acme.example\"")
                .contains("beta: \"true\"");
        assertThat(tool(imported, "delete_things").arguments().path("required").toString())
                .isEqualTo("[\"ids\"]");
        assertThat(leftOut(imported)).isEmpty();
    }

    @Test
    void aKeyThatOperationsAskForIsTheConnectionsAndNoArgument() {
        Imported imported = run("""
                openapi: 3.0.0
                info: { title: Acme, version: "1" }
                servers: [{ url: https://api.acme.example }]
                paths:
                  /things: { get: { operationId: a, parameters: [{ name: x-api-key, in: header, schema: { type: string } }], responses: { "200": { description: ok } } } }
                """, ALL);

        assertThat(connector(imported).auth().getFirst()).isInstanceOf(Auth.ApiKeyHeader.class);
        assertThat(imported.report().guesses()).anyMatch(each -> each.contains("taken as the key of the connection"));
    }

    @Test
    void whatCannotBeExpressedIsLeftOutWithTheReason() {
        Imported imported = imported("""
                paths:
                  /good: { get: { responses: { "200": { description: ok } } } }
                  /old: { get: { deprecated: true, responses: { "200": { description: ok } } } }
                  /head: { head: { responses: { "200": { description: ok } } } }
                  /away: { get: { responses: { "302": { description: gone } } } }
                  /own: { post: { servers: [{ url: http://up.acme.example }], responses: { "200": { description: ok } } } }
                  /body: { get: { requestBody: { required: true, content: { application/json: {} } }, responses: { "200": { description: ok } } } }
                  /remote: { get: { parameters: [{ $ref: "https://evil.example/p.yaml" }], responses: { "200": { description: ok } } } }
                  "/odd?x={x}": { get: { responses: { "200": { description: ok } } } }
                  /cookie: { get: { parameters: [{ name: sid, in: cookie, required: true }], responses: { "200": { description: ok } } } }
                """);

        assertThat(imported.report().operations()).isEqualTo(8);
        assertThat(imported.report().tools()).isEqualTo(2);
        assertThat(imported.report().leftOut())
                .extracting(LeftOut::why)
                .anyMatch(why -> why.contains("deprecated"))
                .anyMatch(why -> why.contains("its method is none"))
                .anyMatch(why -> why.contains("redirect"))
                .anyMatch(why -> why.contains("server of its own"))
                .anyMatch(why -> why.contains("requires a body"))
                .anyMatch(why -> why.contains("leads out of the document"))
                .anyMatch(why -> why.contains("path holds a query that is not fixed: ?x={x}"))
                .anyMatch(why -> why.contains("cookies are not sent"));
        assertThat(imported.yaml()).contains("# Left out (1): it is deprecated. For example GET /old.");
        assertThat(tool(imported, "get_remote").arguments().path("properties")).isEmpty();
    }

    @Test
    void patternsSelectByPathMethodIdAndTag() {
        String paths = """
                paths:
                  /things: { get: { operationId: things.list, responses: { "200": { description: ok } } }, post: { operationId: things.add, responses: { "200": { description: ok } } } }
                  /parts/x: { get: { tags: [Parts], operationId: part, responses: { "200": { description: ok } } } }
                """;

        assertThat(selected(paths, "/things*")).isEqualTo(2);
        assertThat(selected(paths, "GET /things")).isEqualTo(1);
        assertThat(selected(paths, "things.*")).isEqualTo(2);
        assertThat(selected(paths, "tag:parts", "things.add")).isEqualTo(2);
        assertThatThrownBy(() -> selected(paths, "nothing"))
                .hasMessageContaining("none of its 3 operations was selected");
    }

    private static int selected(String paths, String... patterns) {
        return run(HEAD + paths, new Wish("acme", List.of(patterns), false))
                .report()
                .tools();
    }

    @Test
    void namesAreUniqueAndFitEveryModel() {
        String longName = "getTheVeryLongNameOfAnOperationThatNobodyWouldEverWantToTypeByHandAgain";
        Imported imported = imported("""
                paths:
                  /a: { get: { operationId: %1$sOne, responses: { "200": { description: ok } } } }
                  /b: { get: { operationId: %1$sTwo, responses: { "200": { description: ok } } } }
                  /things/{id}: { get: { responses: { "200": { description: ok } } } }
                  /42: { post: { operationId: "42/do-it", responses: { "200": { description: ok } } } }
                """.formatted(longName));

        assertThat(connector(imported).tools().keySet())
                .hasSize(4)
                .allSatisfy(
                        name -> assertThat(name).matches("acme_[a-z][a-z0-9_]*").hasSizeLessThanOrEqualTo(64))
                .contains("acme_get_things_by_id", "acme_x_42_do_it");
    }

    @Test
    void theVendorIsNamedAfterItsDomainOrTitle() {
        assertThat(Names.vendor("https://api.acme-crm.com/v1", "Some API")).isEqualTo("acme_crm");
        assertThat(Names.vendor("https://acme.co.uk", "")).isEqualTo("acme");
        assertThat(Names.vendor("/v1", "The Acme Billing REST API v3")).isEqualTo("acme_billing");
        assertThat(Names.vendor("", "")).isEqualTo("vendor");
    }

    @Test
    void otherDocumentsAndHostileOnesAreRefusedInAMoment() {
        assertThatThrownBy(() -> run("swagger: '2.0'", ALL)).hasMessageContaining("expected: openapi: 3.0 or 3.1");
        assertThatThrownBy(() -> run("{\"openapi\": ", ALL)).hasMessageContaining("not JSON");
        assertThatThrownBy(() -> run("a: [", ALL)).hasMessageContaining("not YAML");
        assertThatThrownBy(() -> run("[".repeat(200_000), ALL)).isInstanceOf(OpenApiException.class);
        assertThatThrownBy(() -> run("{\"a\":".repeat(200_000), ALL)).isInstanceOf(OpenApiException.class);
        StringBuilder laughs = new StringBuilder("openapi: 3.0.0\nl0: &l0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (int i = 1; i < 12; i++) {
            laughs.append("l")
                    .append(i)
                    .append(": &l")
                    .append(i)
                    .append(" [")
                    .append(("*l" + (i - 1) + ", ").repeat(9))
                    .append("*l")
                    .append(i - 1)
                    .append("]\n");
        }
        assertThatThrownBy(() -> run(laughs.toString(), ALL)).hasMessageContaining("more values");
    }

    @Test
    void aDocumentOfThousandsOfOperationsEndsInSecondsAndSaysWhatDidNotFit() {
        StringBuilder paths = new StringBuilder("paths:\n");
        String text = "It is described at some length, as such things are. ".repeat(12);
        for (int i = 0; i < 3_000; i++) {
            paths.append("  /things/")
                    .append(i)
                    .append("/{id}:\n    get:\n      operationId: thing")
                    .append(i)
                    .append("\n      description: Thing ")
                    .append(i)
                    .append(". ")
                    .append(text)
                    .append("\n      responses: { \"200\": { description: ok } }\n");
        }
        long started = System.nanoTime();
        Imported imported = imported(paths.toString());

        assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(Duration.ofSeconds(60));
        assertThat(imported.report().operations()).isEqualTo(3_000);
        assertThat(imported.report().tools()).isBetween(500, 2_999);
        assertThat(imported.report().byReason())
                .containsOnlyKeys("the connector's file is full; select fewer operations with --include");

        Imported cut = OpenApiImport.run(HEAD + paths.substring(0, paths.indexOf("  /things/1400/")), ALL);
        assertThat(cut.report().tools()).as("with less of each, all of it fits").isEqualTo(1_400);
        assertThat(cut.report().leftOut()).extracting(LeftOut::what).containsExactly("details");
    }
}
