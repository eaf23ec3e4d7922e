package dev.toolpost.connectors.hotupdate;

/** A small vendor's definition for tests. */
final class Acme {
    private Acme() {}

    /** A vendor with one tool, {@code get_thing}, whose description ends like this. */
    static String yaml(String vendor, String description) {
        return """
                vendor: %s
                title: Acme
                base_url: "{api}"
                variables:
                  api: { kind: url, title: Address, default: https://api.acme.example }
                auth: [{ kind: bearer }]
                limits:
                  second: { scope: connection, kind: sliding, permits: 100, window: 1s }
                tools:
                  get_thing:
                    description: Returns one thing with its id and name. Use it when the id is known. %s
                    effect: read
                    arguments:
                      type: object
                      additionalProperties: false
                      required: [id]
                      properties: { id: { type: string, minLength: 1, description: "Id of the thing, for example T-1." } }
                    request: { path: "/things/{id}" }
                """.formatted(vendor, description);
    }
}
