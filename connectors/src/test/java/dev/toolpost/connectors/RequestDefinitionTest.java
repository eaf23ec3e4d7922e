package dev.toolpost.connectors;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** How requests, their defaults and what follows them are read. */
class RequestDefinitionTest {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final ConnectorLoader LOADER = new ConnectorLoader();

    private static String definition(String arguments, String tool) {
        return """
                vendor: acme
                title: Acme
                base_url: https://api.acme.example
                auth: [{ kind: none }, { kind: api_key_query, name: key }]
                tools:
                  do:
                    description: Does what a test needs, with every part of a request that there is.
                    effect: write
                    arguments: { type: object, additionalProperties: false, properties: { %s } }
                """.formatted(arguments) + tool.indent(4);
    }

    private static Tool tool(String arguments, String tool) {
        return Objects.requireNonNull(
                LOADER.load("acme.yaml", definition(arguments, tool)).tools().get("acme_do"));
    }

    private static String errors(String arguments, String tool) {
        return new ConnectorLinter(LOADER)
                .lint("acme.yaml", definition(arguments, tool)).stream()
                        .filter(problem -> problem.severity() == Problem.Severity.ERROR)
                        .map(Problem::message)
                        .collect(Collectors.joining("\n"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{ path: /a, method: POST, body: {}, form: { a: b } } | the request has two bodies",
                "{ path: /a, form: { a: b } } | a body does not go with the method GET",
                "{ path: /a, method: POST, form: { a: { $value: x, $lists: comma } } } | unknown key '$lists'",
                "{ path: /a, method: POST, body: { a: { $value: x, b: 1 } } } | unknown key 'b'",
                "{ path: /a, method: POST, multipart: { a: { filename: x } } } | the part has no single content",
                "{ path: /a, method: POST, multipart: { a: { file: `x{name}` } } } | is not one argument",
                "{ path: /a, method: POST, raw: { content_type: text/plain } } | raw",
                "{ path: /a, method: POST, graphql: { variables: {} } } | 'query' is missing",
                "{ path: /a, query: { a: { value: x, when: nme } } } | {nme} names no argument",
                "{ path: /a, query: { a: { value: x, when: {} } } } | when",
                "{ path: /a, query: { a: `{name~shout}` } } | shout is no function",
                "{ path: /a, query: { a: `{name~lower~json}` } } | json takes the argument itself",
                "{ path: /a, query: { a: `x{tags}` } } | has no text form here",
                "{ path: /a, query: { key: x } } | the parameter key takes the key",
                "{ path: `/a/{name}` } | the path needs the argument 'name', which is optional",
                "{ path: /a, method: POST, body: { a: { $message: { text: x } } } } | the message has no headers",
                "{ path: /a, method: POST, body: { a: { $message: { headers: { Content-Type: x }, text: x } } } } | Content-Type is no header",
                "{ path: /a, method: POST, body: { a: { $message: { headers: { To: x } } } } } | the message has no text",
                "{ path: /a, method: POST, body: { a: { $message: { headers: {}, text: x }, $encode: rot13 } } } | no encoding of a message",
            })
    void whatCannotWorkIsRefused(String request, String problem) {
        assertThat(errors(
                        "name: { type: string }, tags: { type: array }",
                        "request: " + request.replace('`', '"').replace('~', '|')))
                .contains(problem);
    }

    @Test
    void defaultsMustFitTheirArguments() {
        String tool = "request: { path: '/a/{size}', query: { name: '{name}' } }";

        assertThat(errors("size: { type: integer, default: 5 }, name: { type: string, default: x }", tool))
                .isEmpty();
        assertThat(errors("size: { type: integer, default: five }, name: { type: string }", tool))
                .contains("does not fit the schema of the argument 'size'");
        assertThat(errors(
                        "size: { $ref: '#/$defs/size', default: -1 }, name: {} }, $defs: { size: { type: integer, minimum: 0 }",
                        tool))
                .contains("does not fit the schema of the argument 'size'");
    }

    @Test
    void defaultsAreFilledInAndLeftOutOfWhatACallIsKnownBy() {
        ArgumentDefaults defaults = ArgumentDefaults.of(tool(
                "size: { type: integer, default: 5 }, name: { type: string }",
                "request: { path: /a, query: { size: '{size}', name: '{name}' } }"));

        assertThat(defaults.fillIn(object("{'name':'a'}"), null)).isEqualTo(object("{'name':'a','size':5}"));
        assertThat(defaults.fillIn(object("{'size':6}"), null)).isEqualTo(object("{'size':6}"));
        assertThat(defaults.leaveOut(object("{'name':'a','size':5}"))).isEqualTo(object("{'name':'a'}"));
        assertThat(defaults.leaveOut(object("{'size':6}"))).isEqualTo(object("{'size':6}"));
        assertThat(defaults.fillIn(
                        object("{'name':'a'}"), new View("contact", "$", Map.of("size", JSON.readTree("9")))))
                .as("a view's own wish comes before the default")
                .isEqualTo(object("{'name':'a','size':9}"));
    }

    @Test
    void aViewAsksForArgumentsThatFit() {
        String tool = """
                request: { path: /a, query: { fields: '{fields}' } }
                views: { unified: { model: contact, record: "{ 'id': id }", arguments: { %s } } }
                """;
        String fields = "fields: { type: array, items: { type: string } }";

        assertThat(Objects.requireNonNull(
                                tool(fields, tool.formatted("fields: [id]")).unified())
                        .arguments())
                .containsEntry("fields", JSON.readTree("[\"id\"]"));
        assertThat(errors(fields, tool.formatted("fields: 7"))).contains("does not fit");
        assertThat(errors(fields, tool.formatted("field: [id]"))).contains("unknown key 'field'");
    }

    @Test
    void whatFollowsARequestIsRead() {
        Operation operation =
                Objects.requireNonNull(tool("name: { type: string }", """
                request: { method: POST, path: /jobs, body: { name: "{name}" } }
                operation:
                  values: { job: /id, place: { header: Location } }
                  poll:
                    request: { path: "/jobs/{job}" }
                    every: 2s
                    done: { body: { /state: [done, partial] } }
                    failed: { when: { body: { /state: failed } }, message: /why }
                    values: { file: { body: /url, matches: "file=(.*)" } }
                  download:
                    request: { link: file, hosts: ["*.files.example"] }
                    response: text
                  deadline: 10m
                """).operation());

        assertThat(operation.values()).extracting(Operation.Value::name).containsExactly("job", "place");
        assertThat(operation.poll().every()).hasSeconds(2);
        assertThat(operation.poll().failed().getFirst().meaning()).isEqualTo(Meaning.REJECTED);
        assertThat(operation.poll().values().getFirst().link()).isNotNull();
        assertThat(Objects.requireNonNull(operation.download()).response()).isEqualTo(ResponseKind.TEXT);
        RequestTemplate.Link link =
                Objects.requireNonNull(operation.download().request().link());
        assertThat(link.leadsTo(URI.create("https://a.files.example/x"))).isTrue();
        assertThat(link.leadsTo(URI.create("https://files.example/x"))).isFalse();
        assertThat(link.leadsTo(URI.create("https://evilfiles.example/x"))).isFalse();
        assertThat(link.leadsTo(URI.create("http://a.files.example/x"))).isFalse();
        assertThat(link.leadsTo(URI.create("https://u@a.files.example/x"))).isFalse();
        assertThat(operation.deadline()).hasMinutes(10);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{ poll: { request: { path: /a } } } | 'done' is missing",
                "{ values: { name: /id }, poll: { request: { path: `/a/{name}` }, done: { status: 200 } } } | 'name' is an argument already",
                "{ values: { job: {} }, poll: { request: { path: `/a/{job}` }, done: { status: 200 } } } | where the value stands is missing",
                "{ values: { job: /id }, poll: { request: { path: `/a/{jbo}` }, done: { status: 200 } } } | {jbo} names no argument",
                "{ values: { job: /id }, poll: { request: { link: name }, done: { status: 200 } } } | 'name' is no value of an answer",
                "{ values: { job: /id }, poll: { request: { link: job, path: /a }, done: { status: 200 } } } | the request goes to no single place",
                "{ values: { job: /id }, poll: { request: { method: POST }, done: { status: 200 } } } | the request goes to no single place",
                "{ values: { job: /id }, poll: { request: { path: `/a/{job}` }, done: { status: 200 }, values: { x: /y } } } | nothing uses values of the poll",
            })
    void operationsThatCannotWorkAreRefused(String operation, String problem) {
        assertThat(errors(
                        "name: { type: string }",
                        "request: { method: POST, path: /jobs }\noperation: " + operation.replace('`', '"')))
                .contains(problem);
    }

    @Test
    void anOperationDoesNotPage() {
        assertThat(errors("name: { type: string }", """
                request: { method: POST, path: /jobs }
                operation: { values: { job: /id }, poll: { request: { path: "/jobs/{job}" }, done: { status: 200 } } }
                paging: { kind: link_header, records: "" }
                """)).contains("an operation does not go with paging");
    }

    private static ObjectNode object(String json) {
        return (ObjectNode) JSON.readTree(json.replace('\'', '"'));
    }
}
