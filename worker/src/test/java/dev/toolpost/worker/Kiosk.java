package dev.toolpost.worker;

import dev.toolpost.worker.credentials.ConnectionRecord;
import dev.toolpost.worker.credentials.Secret;
import dev.toolpost.worker.http.ScriptedServer;
import dev.toolpost.worker.rig.Rig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/** A made-up vendor with the habits that the bundled ones do not have, each kind of it with a circuit breaker and a retry budget of its own. */
final class Kiosk {

    /** What its API takes; none of it may reach another host. */
    static final String TOKEN = "kiosk-token";

    private static final String DEFINITION = """
            vendor: kiosk
            title: Kiosk
            description: A made-up vendor for tests.
            pool: hubspot
            base_url: "{api}"
            variables:
              api: { kind: url, title: Address, description: Where the vendor is. }
            auth:
              - kind: bearer
            timeouts: { request: 10s }
            limits:
              second: { permits: 100000, window: 1s, kind: sliding, scope: connection, throttle_pause: 1s }
            retry:
              max_attempts: 3
              min_delay: 20ms
              max_delay: 100ms
              transient_statuses: [500, 502, 503]
              waits:
                - { header: Retry-After, form: retry_after }
            errors:
              message: /message
              vendor_code: /error
              rules:
                - when: { status: [200, 400, 503], body: { /error: rate_limited } }
                  means: THROTTLED
                  pause: 1s
                - when: { status: [301, 302, 303, 307, 308] }
                  means: REDIRECT
                - when: { status: 403, headers: { X-RateLimit-Remaining: "0" } }
                  means: THROTTLED
                  pause: 1s
                - when: { status: 200, body: { /error: token_expired } }
                  means: EXPIRED_CREDENTIAL
                - when: { status: 200, body: { /error: not_found } }
                  means: NOT_FOUND
                - when: { status: 200, body: { /error: bad_cursor } }
                  means: INVALID_CURSOR
                - when: { status: 200, body: { /error: internal } }
                  means: TRANSIENT
                - when: { status: 200, body: { /ok: false } }
                  means: REJECTED
            tools:
              get_thing:
                description: Returns a thing.
                effect: read
                arguments: &one
                  type: object
                  required: [id]
                  properties: { id: { type: string, description: "Its id, for example T-1." } }
                request: { path: "/things/{id}" }
              put_thing:
                description: Puts a thing in its place.
                effect: write
                arguments: *one
                request: { method: PUT, path: "/things/{id}" }
              add_thing:
                description: Adds a thing.
                effect: write
                arguments: *one
                request: { method: POST, path: /things, body: { id: "{id}" } }
              buy_thing:
                description: Buys a thing.
                effect: write
                idempotency_key_header: Idempotency-Key
                arguments: *one
                request: { method: POST, path: /orders, body: { id: "{id}" } }
              list_things:
                description: Lists things.
                effect: read
                request: { path: /things }
                paging:
                  kind: next_link
                  records: /items
                  next: /next
                  page_size: { query: per_page, default: 50, max: 100 }
              list_shelves:
                description: Lists shelves.
                effect: read
                request: { path: /shelves }
                paging:
                  kind: link_header
                  records: ""
                  page_size: { query: per_page, default: 50, max: 100 }
            """;

    private Kiosk() {}

    /** Has the rig's workers know it under these names; one request takes so long at most. */
    static void register(Rig rig, String timeout, String... vendors) {
        for (String vendor : vendors) {
            rig.withConnector(
                    vendor,
                    DEFINITION
                            .replace("vendor: kiosk", "vendor: " + vendor)
                            .replace("request: 10s", "request: " + timeout));
        }
    }

    /** Stores a connection to the server, which speaks as this vendor. */
    static void connect(Rig rig, String vendor, String connection, ScriptedServer server) {
        rig.connection(
                new ConnectionRecord(
                        Rig.TENANT,
                        connection,
                        vendor,
                        "bearer",
                        Map.of("api", server.uri("").toString()),
                        Map.of(),
                        Set.of(),
                        Map.of()),
                Secret.of("token", TOKEN));
    }

    /** One whose whole answer follows from the request. */
    static ScriptedServer answering(UnaryOperator<String> answer) throws IOException {
        return new ScriptedServer(connection -> {
            while (connection.readRequest()) {
                connection.write(answer.apply(connection.lastRequest()));
            }
        });
    }

    static String ok(String json) {
        return http("200 OK", "", json);
    }

    /** @param headers lines that each end with CR LF */
    static String http(String status, String headers, String json) {
        return "HTTP/1.1 " + status + "\r\nContent-Type: application/json\r\n" + headers + "Content-Length: "
                + json.getBytes(StandardCharsets.UTF_8).length + "\r\n\r\n" + json;
    }
}
