package dev.toolpost.worker;

import dev.toolpost.worker.credentials.ConnectionRecord;
import dev.toolpost.worker.credentials.Secret;
import dev.toolpost.worker.http.ScriptedServer;
import dev.toolpost.worker.rig.Rig;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.MissingNode;

/** A made-up vendor whose lists have every habit that lists are known to have; what it answers is a function of what it is asked. */
final class Shelf implements AutoCloseable {

    private static final JsonMapper JSON = JsonMapper.shared();

    static final String DEFINITION = """
            vendor: shelf
            title: Shelf
            description: A made-up vendor for tests.
            pool: hubspot
            base_url: "{api}"
            variables:
              api: { kind: url, title: Address, description: Where the vendor is. }
            auth:
              - kind: bearer
            limits:
              second: { permits: 100000, window: 1s, kind: sliding, scope: connection }
            retry: { max_attempts: 3, min_delay: 20ms, max_delay: 100ms }
            errors:
              message: [/message, /error]
              vendor_code: /error
              fields:
                - { at: /problems, field: /field, message: /text }
              rules:
                - { when: { status: 409, body: { /error: no_more } }, means: END_OF_DATA }
                - { when: { status: 404 }, tools: [by_number], means: END_OF_DATA }
                - { when: { status: 200, body: { /error: [gone, not_found] } }, means: NOT_FOUND }
                - { when: { status: 200, body: { /ok: false } }, means: REJECTED }
                - { when: { status: 200, body: { /errors/*/code: denied } }, means: INSUFFICIENT_SCOPE }
                - { when: { status: 400, headers: { X-Remaining: { at_most: 0 } } }, means: UNAVAILABLE }
            tools:
              by_number:
                description: Numbered pages whose end is an error.
                effect: read
                request: { path: /numbered }
                paging:
                  kind: page
                  records: /items
                  page: { query: page }
                  short_page_ends: false
                  page_size: { query: size, default: 3, max: 3 }
              by_offset:
                description: Offsets whose end is an error.
                effect: read
                request: { path: /offset }
                paging: { kind: offset, records: /items, offset: { query: skip }, short_page_ends: false }
              tickets:
                description: At most 300 pages of a list in the order of its changes.
                effect: read
                arguments:
                  type: object
                  properties: { since: { type: string, description: Only what changed since then. } }
                request: { path: /tickets, query: { updated_since: "{since}", order_by: updated_at } }
                paging:
                  kind: page
                  records: ""
                  page: { query: page }
                  page_size: { query: per_page, default: 3, max: 3 }
                  max_pages: 300
                  restart: { from: /updated_at, to: { query: updated_since }, inclusive: true, id: /id }
              search:
                description: At most 10,000 records of a search, in the order of their ids.
                effect: read
                arguments:
                  type: object
                  properties: { groups: { type: array, description: Groups of filters. } }
                request:
                  method: POST
                  path: /search
                  body: { groups: "{groups}" }
                paging:
                  kind: cursor
                  records: /results
                  next: /paging/next/after
                  cursor: { body: /after }
                  page_size: { body: /limit, default: 200, max: 300 }
                  max_rows: 10000
                  restart:
                    from: /id
                    to: { body: "/groups/*/filters/-" }
                    value: { property: id, operator: GT, value: "{value}" }
              capped:
                description: At most 5 records of a list, and no way to the rest.
                effect: read
                request: { path: /capped }
                paging:
                  kind: cursor
                  records: /items
                  next: /next
                  cursor: { query: after }
                  page_size: { query: size, default: 2, max: 2 }
                  max_rows: 5
              links:
                description: At most 5 records of a list by links, whose number is known.
                effect: read
                request: { path: /links }
                paging:
                  kind: link_header
                  records: /items
                  page_size: { query: size, default: 2, max: 2 }
                  max_rows: 5
                  total: /total
                  capped: { /incomplete: true }
              sorted:
                description: A capped list that is in the order of its ids unless the caller wants another.
                effect: read
                arguments:
                  type: object
                  properties: { sort: { type: string, default: id, description: What to sort by. } }
                request: { path: /sorted, query: { sort: "{sort}" } }
                paging:
                  kind: cursor
                  records: /items
                  next: /next
                  cursor: { query: after }
                  page_size: { query: size, default: 2, max: 2 }
                  max_rows: 4
                  restart: { from: /id, to: { query: above }, when: { /sort: id } }
              cut:
                description: A list that says when it was cut short.
                effect: read
                request: { path: /cut }
                paging:
                  kind: cursor
                  records: /items
                  next: /next
                  more: /more
                  cursor: { query: after }
                  capped: { /state: incomplete }
                  restart: { from: /n, to: { query: above } }
              same:
                description: A capped list whose records all have the same value.
                effect: read
                request: { path: /same }
                paging:
                  kind: page
                  records: /items
                  page: { query: page }
                  page_size: { query: size, default: 2, max: 2 }
                  max_pages: 2
                  restart: { from: /t, to: { query: since }, inclusive: true, id: /id }
              twins:
                description: A capped list that goes on behind a value that two records share.
                effect: read
                request: { path: /twins }
                paging:
                  kind: page
                  records: /items
                  page: { query: page }
                  page_size: { query: size, default: 2, max: 2 }
                  max_pages: 2
                  restart: { from: /t, to: { query: above } }
              boards:
                description: Nested cursors whose later pages have another document.
                effect: read
                arguments: { type: object, required: [board], properties: { board: { type: string, description: Id of the board. } } }
                request:
                  method: POST
                  path: /graphql
                  body:
                    query: "query($board: ID!, $limit: Int) {{ boards(ids: [$board]) {{ items_page(limit: $limit) {{ cursor items {{ id }} }} }} }}"
                    variables: { board: "{board}" }
                paging:
                  kind: cursor
                  records: /data/boards/0/items_page/items
                  next: /data/boards/0/items_page/cursor
                  cursor: { body: /variables/cursor }
                  page_size: { body: /variables/limit, default: 3, max: 3 }
                  later:
                    records: /data/next_items_page/items
                    next: /data/next_items_page/cursor
                    request:
                      body:
                        query: "query($cursor: String!, $limit: Int) {{ next_items_page(cursor: $cursor, limit: $limit) {{ cursor items {{ id }} }} }}"
              page_info:
                description: A GraphQL connection.
                effect: read
                request: { method: POST, path: /graphql, body: { query: things, variables: { order: up } } }
                paging:
                  kind: cursor
                  records: /data/things/nodes
                  next: /data/things/pageInfo/endCursor
                  more: /data/things/pageInfo/hasNextPage
                  cursor: { body: /variables/after }
                  page_size: { body: /variables/first, default: 3, max: 3 }
              header_cursor:
                description: A cursor that comes and goes in headers.
                effect: read
                request: { path: /headers }
                paging: { kind: cursor, records: "", next: { header: X-Next }, cursor: { header: X-Cursor, prefix: "at=" } }
              header_total:
                description: Pages whose number of records is in a header.
                effect: read
                request: { path: /total }
                paging:
                  kind: page
                  records: ""
                  page: { query: page }
                  total: { header: X-Total }
                  page_size: { query: size, default: 3, max: 3 }
              continued:
                description: Objects of which every key is copied into the next request.
                effect: read
                request: { path: /continued, query: { list: members } }
                paging: { kind: continue, records: /query/members, next: /continue, records_optional: true }
              last_id:
                description: A list that goes on behind the last record's id.
                effect: read
                request: { path: /last }
                paging:
                  kind: last_record
                  records: /data
                  id: /id
                  cursor: { query: starting_after }
                  more: /has_more
                  page_size: { query: limit, default: 3, max: 3 }
              last_short:
                description: The same without a flag.
                effect: read
                request: { path: /last }
                paging:
                  kind: last_record
                  records: /data
                  id: /id
                  cursor: { query: starting_after }
                  page_size: { query: limit, default: 3, max: 3 }
              relative:
                description: Links that are relative in the body.
                effect: read
                request: { path: /links/first/ }
                paging: { kind: next_link, records: /items, next: /links/next }
              relative_header:
                description: Links that are relative in the header Link.
                effect: read
                request: { path: /linked/first }
                paging: { kind: link_header, records: "" }
              number_in_body:
                description: A cursor that goes into the body as a number.
                effect: read
                request: { method: POST, path: /numbers }
                paging: { kind: cursor, records: /items, next: /next, cursor: { body: /from, as: number }, stop: { /left: { at_most: 0 } } }
              export:
                description: A file, whatever is in it.
                effect: read
                response: binary
                request: { path: /export }
              note:
                description: A text.
                effect: read
                response: text
                request: { path: /note }
              touch:
                description: Changes a thing.
                effect: write
                request: { method: POST, path: /touch }
            """;

    private final ScriptedServer server;
    private final List<Asked> asked = new CopyOnWriteArrayList<>();

    /** A request as the vendor sees it. */
    record Asked(String method, String path, Map<String, String> query, Map<String, String> headers, JsonNode body) {

        String at(String parameter) {
            return query.getOrDefault(parameter, "");
        }

        int number(String parameter, int otherwise) {
            return query.containsKey(parameter) ? Integer.parseInt(at(parameter)) : otherwise;
        }

        private static Asked of(String request) {
            int end = request.indexOf("\r\n\r\n");
            List<String> head = request.substring(0, end).lines().toList();
            String[] line = head.getFirst().split(" ", 3);
            int mark = line[1].indexOf('?');
            Map<String, String> query = new LinkedHashMap<>();
            if (mark >= 0) {
                for (String pair : line[1].substring(mark + 1).split("&", -1)) {
                    String[] parts = pair.split("=", 2);
                    query.put(decoded(parts[0]), decoded(parts[1]));
                }
            }
            Map<String, String> headers = new LinkedHashMap<>();
            for (String header : head.subList(1, head.size())) {
                int colon = header.indexOf(':');
                headers.put(
                        header.substring(0, colon).toLowerCase(Locale.ROOT),
                        header.substring(colon + 1).strip());
            }
            String body = request.substring(end + 4);
            return new Asked(
                    line[0],
                    mark < 0 ? line[1] : line[1].substring(0, mark),
                    query,
                    headers,
                    body.isEmpty() ? MissingNode.getInstance() : JSON.readTree(body));
        }

        private static String decoded(String text) {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        }
    }

    /** What the vendor answers. */
    @SuppressWarnings("ArrayRecordComponent")
    record Answer(int status, byte[] body, List<String> headers) {

        static Answer json(String json, String... headers) {
            return error(200, json, headers);
        }

        static Answer error(int status, String json, String... headers) {
            List<String> all = new ArrayList<>(List.of(headers));
            all.add("Content-Type: application/json");
            return new Answer(status, json.getBytes(StandardCharsets.UTF_8), all);
        }
    }

    private Shelf(ScriptedServer server) {
        this.server = server;
    }

    /** A vendor that answers so, and a connection to it. */
    static Shelf start(Rig rig, String connection, Function<Asked, Answer> answers) throws IOException {
        Shelf[] shelf = new Shelf[1];
        shelf[0] = new Shelf(new ScriptedServer(caller -> {
            while (caller.readRequest()) {
                Asked asked = Asked.of(caller.lastRequest());
                shelf[0].asked.add(asked);
                Answer answer = answers.apply(asked);
                StringBuilder head = new StringBuilder("HTTP/1.1 ")
                        .append(answer.status())
                        .append(" Said\r\nContent-Length: ")
                        .append(answer.body().length);
                answer.headers().forEach(header -> head.append("\r\n").append(header));
                caller.write(head.append("\r\n\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
                caller.write(answer.body());
            }
        }));
        rig.connection(
                new ConnectionRecord(
                        Rig.TENANT,
                        connection,
                        "shelf",
                        "bearer",
                        Map.of("api", shelf[0].server.uri("").toString()),
                        Map.of(),
                        Set.of(),
                        Map.of()),
                Secret.of("token", "shelf-token"));
        return shelf[0];
    }

    /** What the vendor was asked, in order. */
    List<Asked> asked() {
        return asked;
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
