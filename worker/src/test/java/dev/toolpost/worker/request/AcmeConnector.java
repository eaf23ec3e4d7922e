package dev.toolpost.worker.request;

import dev.toolpost.connectors.Connector;
import dev.toolpost.connectors.ConnectorLoader;
import dev.toolpost.connectors.Tool;
import dev.toolpost.worker.credentials.ConnectionRecord;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** A made-up vendor whose tools use every part of a request and every kind of rule. */
public final class AcmeConnector {

    private static final String DEFINITION = """
            vendor: acme
            title: Acme
            description: A made-up vendor for tests.
            base_url: "https://{site}.acme.example/api"
            variables:
              site: { kind: label, title: Site, description: The label of the site, examples: [eu] }
            auth:
              - kind: bearer
              - kind: basic
              - kind: none
              - kind: api_key_header
                name: X-Api-Key
                prefix: "Key "
              - kind: api_key_query
                name: apiKey
            headers:
              X-Version: "3"
            retry:
              max_attempts: 3
              min_delay: 500ms
              max_delay: 30s
              not_processed_statuses: [429, 503]
              waits:
                - { header: Retry-After, form: retry_after }
                - { header: X-Reset, form: epoch_seconds }
            errors:
              message: [/message, /error/text]
              vendor_code: [/category, /error/code]
              fields:
                - { at: /errors, field: /in, message: /message }
                - { at: /fieldErrors }
              rules:
                - when: { status: 2xx, body: { /ok: false, /error/code: token_expired } }
                  means: EXPIRED_CREDENTIAL
                - when: { status: 2xx, body: { /ok: false, /error/code: ratelimited } }
                  means: THROTTLED
                  pause: 7s
                - when: { status: 2xx, body: { /ok: false } }
                  means: REJECTED
                - when: { status: 403, headers: { X-Remaining: "0" } }
                  means: THROTTLED
                - when: { status: 400, body: { /message: { matches: "(?i)quota" } } }
                  means: THROTTLED
                - when: { status: 404, body: { /category: NO_DATA } }
                  means: END_OF_DATA
                - when: { status: 404, body: { /category: NO_DATA } }
                  tools: [get_thing]
                  means: SUCCESS
                - when: { status: 409, body: { /category: LOCKED } }
                  means: TRANSIENT
                  not_processed: true
                  pause: 2s
            tools:
              list_things:
                description: Lists all things of the site, one page at a time, in the order in which they were made.
                effect: read
                arguments:
                  type: object
                  properties:
                    fields: { type: array, items: { type: string }, description: Names of the fields to return. }
                    tags: { type: array, items: { type: string }, description: Only things with these tags. }
                    kinds: { type: array, items: { type: string }, description: Only things of these kinds. }
                    q: { type: string, description: Text that the things must hold. }
                    archived: { type: boolean, description: Whether to list archived things. }
                request:
                  method: GET
                  path: /things
                  query:
                    fields: { value: "{fields}", list: comma }
                    tag: { value: "{tags}", list: repeat }
                    kind: { value: "{kinds}", list: brackets }
                    q: "text:{q}"
                    archived: "{archived}"
                paging:
                  kind: cursor
                  records: /results
                  next: /paging/next/after
                  cursor: { query: after }
                  page_size: { query: limit, default: 50, max: 100 }
              search_things:
                description: Searches things by a filter and returns one page of what was found.
                effect: read
                arguments:
                  type: object
                  properties:
                    filter: { type: object, description: The filter, by field name. }
                request:
                  method: POST
                  path: /things/search
                  body: { filter: "{filter}", page: { size: 5 } }
                paging:
                  kind: cursor
                  records: /results
                  next: /next
                  cursor: { body: /page/after }
                  page_size: { body: /page/limit, default: 10, max: 200 }
              get_thing:
                description: Returns one thing of the site with all of its fields, by its id.
                effect: read
                arguments:
                  type: object
                  required: [id]
                  properties:
                    id: { type: string, description: Id of the thing. }
                    note: { type: string, description: A note for the log of the vendor. }
                request:
                  method: GET
                  path: "/things/{id}"
                  headers: { X-Note: "{note}" }
              create_thing:
                description: Makes a thing of the given fields and returns it with its new id.
                effect: write
                idempotent: false
                arguments:
                  type: object
                  properties:
                    name: { type: string, description: Name of the thing. }
                    size: { type: [number, "null"], description: Size of the thing in metres. }
                    extra: { description: Anything else. }
                request:
                  method: POST
                  path: /things
                  body: { name: "thing {name}", size: "{size}", constant: [1, true, null], nested: { extra: "{extra}" } }
              pay:
                description: Pays a bill once, however often the call is repeated with the same key.
                effect: write
                idempotent: false
                idempotency_key_header: Idempotency-Key
                arguments:
                  type: object
                  properties:
                    amount: { type: number, description: What to pay in euros. }
                request:
                  method: POST
                  path: /payments
                  body: { amount: "{amount}" }
              read_log:
                description: Returns the log of the site as plain text, newest line first.
                effect: read
                response: text
                request: { method: GET, path: /log }
            """;

    public static final Connector CONNECTOR = new ConnectorLoader().load("acme/connector.yaml", DEFINITION);

    private AcmeConnector() {}

    public static Tool tool(String key) {
        return Objects.requireNonNull(CONNECTOR.tools().get("acme_" + key), key);
    }

    public static ConnectionRecord connection(String authKind) {
        return connection(authKind, Map.of("site", "eu"));
    }

    public static ConnectionRecord connection(String authKind, Map<String, String> variables) {
        return new ConnectionRecord("tenant", "conn", "acme", authKind, variables, Map.of(), Set.of(), Map.of());
    }
}
