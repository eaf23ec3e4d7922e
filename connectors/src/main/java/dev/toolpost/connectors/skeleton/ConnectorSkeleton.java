package dev.toolpost.connectors.skeleton;

import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** A small connector that is right in every way, with a read, a list and a write to be replaced by the vendor's own. */
@SuppressWarnings("InlineFormatString") // it is the file, not a format by the way
public final class ConnectorSkeleton {
    private static final Pattern VENDOR = Pattern.compile("[a-z][a-z0-9_]{0,30}");
    private static final Pattern ADDRESS = Pattern.compile("https://[^\\s/?#{}\"'@]+(/[^\\s?#{}\"']*)?");

    private static final String FILE = """
            # Everything that Toolpost has to know of one vendor's API: this file and no code. docs/connectors.md explains every key.
            #
            #   toolpost connectors lint FILE                                   says what is wrong or unwise, line by line
            #   toolpost connectors try FILE get_thing --arg id=1 --dry-run     shows the request; without --dry-run sends it
            #   toolpost tools list --vendor %1$s                               once the file lies in one of connectors.directories
            vendor: %1$s
            title: %2$s
            description: What %2$s is, in a sentence or two.
            # documentation: https://developers.example.com/api

            # Where the API is; every path below is appended to it.
            base_url: %3$s

            # How a connection authenticates. Several ways may stand here; a connection names the one it uses.
            auth:
            %4$s
            # What the vendor allows, as it documents it. Calls wait here instead of being refused there.
            limits:
              second:
                scope: connection
                kind: sliding
                permits: 5
                window: 1s

            # What of an error's body is its message and its code, and which errors mean something else than their status says.
            errors:
              message: [/message, /error/message]
              vendor_code: [/code, /error/code]
            #  rules:
            #    - when: { status: 403, body: { /code: quota_exceeded } }
            #      means: THROTTLED
            #      pause: 30s

            tools:
              get_thing:
                description: >-
                  Returns one thing with its id and name. Use it when the id is known; to find a thing use list_things.
                effect: read
                arguments:
                  type: object
                  additionalProperties: false
                  required: [id]
                  properties:
                    id: { type: string, minLength: 1, description: "Id of the thing, for example T-1042." }
                request:
                  path: /things/{id}

              list_things:
                description: >-
                  Lists things, one page at a time, each with id and name. Use it to find a thing or to go through all of them.
                effect: read
                arguments:
                  type: object
                  additionalProperties: false
                  properties:
                    name: { type: string, description: "Only things whose name begins like this, for example Wid." }
                request:
                  path: /things
                  query:
                    name: "{name}"
                # Adds the arguments limit and next_cursor. Other kinds: offset, page, next_link, link_header.
                paging:
                  kind: cursor
                  records: /items
                  next: /next_cursor
                  cursor: { query: cursor }
                  page_size: { query: limit, default: 50, max: 100 }

              create_thing:
                description: >-
                  Creates a thing and returns it with its new id. CONFLICT means that a thing of this name exists already.
                effect: write
                # A write is repeated after a failure only where the vendor tells repetitions by a key:
                # idempotency_key_header: Idempotency-Key
                arguments:
                  type: object
                  additionalProperties: false
                  required: [name]
                  properties:
                    name: { type: string, minLength: 1, description: "Name of the thing, for example Widget." }
                    size: { type: integer, minimum: 1, description: "Size in millimetres, for example 12." }
                request:
                  method: POST
                  path: /things
                  # An argument that is absent is left out.
                  body:
                    name: "{name}"
                    size: "{size}"
            """;

    private ConnectorSkeleton() {}

    /** The kinds of authentication that {@link #of} can begin with. */
    public static List<String> authKinds() {
        return List.of("bearer", "api_key_header", "api_key_query", "basic", "oauth2", "none");
    }

    /**
     * The file's text.
     *
     * @param vendor the vendor's id
     * @param baseUrl an https address
     * @param auth one of {@link #authKinds}
     * @throws IllegalArgumentException where one of them cannot be
     */
    public static String of(String vendor, String baseUrl, String auth) {
        if (!VENDOR.matcher(vendor).matches()) {
            throw new IllegalArgumentException("vendor: " + vendor
                    + " (expected: lower case letters, digits and underscores, at most 31, a letter first)");
        }
        if (!ADDRESS.matcher(baseUrl).matches()) {
            throw new IllegalArgumentException(
                    "base URL: " + baseUrl + " (expected: https://, a host and perhaps a path)");
        }
        if (!authKinds().contains(auth)) {
            throw new IllegalArgumentException("auth: " + auth + " (expected: one of " + authKinds() + ")");
        }
        String words = vendor.replace('_', ' ');
        String title = words.substring(0, 1).toUpperCase(Locale.ROOT) + words.substring(1);
        return FILE.formatted(
                vendor, title, withoutSlash(baseUrl), auth(auth, baseUrl).indent(2));
    }

    private static String withoutSlash(String url) {
        return url.endsWith("/") ? withoutSlash(url.substring(0, url.length() - 1)) : url;
    }

    private static String auth(String kind, String baseUrl) {
        String hint = "  hint: Where a person finds the secret, and which rights it needs.\n";
        return switch (kind) {
            case "api_key_header" -> "- kind: api_key_header\n  name: X-Api-Key\n  # prefix: \"Token \"\n" + hint;
            case "api_key_query" -> "- kind: api_key_query\n  name: api_key\n" + hint;
            case "oauth2" ->
                "- kind: oauth2\n  token_url: " + withoutSlash(baseUrl).replaceFirst("(https://[^/]+).*", "$1")
                        + "/oauth/token\n  # client: basic\n  # scopes: [things.read]\n" + hint;
            case "none" -> "- kind: none\n";
            default -> "- kind: " + kind + "\n" + hint;
        };
    }
}
