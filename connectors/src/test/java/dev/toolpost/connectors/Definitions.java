package dev.toolpost.connectors;

/** Definitions for tests. */
final class Definitions {
    /** A small definition that is right in every way. */
    static final String ACME = """
            vendor: acme
            title: Acme
            base_url: https://{subdomain}.acme.example/api
            variables:
              subdomain:
                kind: label
                title: Subdomain
                examples: [widgets]
            auth:
              - kind: bearer
              - kind: api_key_query
                name: key
            headers:
              Acme-Version: "2"
            limits:
              second:
                scope: connection
                kind: sliding
                permits: 20
                window: 1s
              lists:
                scope: group
                kind: concurrent
                permits: 2
                tools: [list_things]
            errors:
              message: /error/message
              vendor_code: [/error/code, /error/type]
              fields:
                - at: /error/fields
                  field: /name
                  message: /text
              rules:
                - when: { status: 200, body: { /ok: false, /error/code: { matches: "(?i)^quota" } } }
                  means: THROTTLED
                  pause: 2s
                - when: { status: [403, 5xx], headers: { X-Limit: { exists: true } } }
                  means: TRANSIENT
                  not_processed: true
            tools:
              get_thing:
                description: Returns one thing with its id, name and size. Use it when the id is known.
                effect: read
                arguments:
                  type: object
                  additionalProperties: false
                  required: [id]
                  properties:
                    id: { type: string, description: "Id of the thing, for example T-7." }
                    fields: { type: array, items: { type: string }, description: Names of the fields to return. }
                request:
                  path: /things/{id}
                  query:
                    fields: { value: "{fields}", list: comma }
                    verbose: true
                  headers:
                    X-Thing: thing-{id}
              list_things:
                description: Lists all things, newest first, one page at a time. Use it to go through all of them.
                effect: read
                tags: [things]
                request:
                  method: POST
                  path: /things/search
                  body: { sort: newest, deep: { fixed: [1, two, "{{literal}}"] } }
                paging:
                  kind: cursor
                  records: /items
                  next: /next
                  cursor: { body: /page/after }
                  page_size: { body: /page/size, default: 50, max: 200 }
              create_thing:
                title: Make a thing
                description: Creates a thing and returns it with its new id. Not repeatable without a key.
                effect: write
                idempotency_key_header: Idempotency-Key
                timeout: 1m
                arguments:
                  type: object
                  additionalProperties: false
                  required: [name]
                  properties:
                    name: { type: string, description: "Name of the thing, unique." }
                    size: { type: integer, description: Size in millimetres. }
                request:
                  method: POST
                  path: /things
                  body:
                    name: "{name}"
                    label: "thing {name}"
                    attributes: [{ key: size, value: "{size}" }]
            """;

    private Definitions() {}

    /** The definition with one text replaced, which must be in it. */
    static String acme(String original, String replacement) {
        if (!ACME.contains(original)) {
            throw new IllegalArgumentException("'" + original + "' is not in the definition");
        }
        return ACME.replace(original, replacement);
    }
}
