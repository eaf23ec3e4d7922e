package dev.toolpost.worker.oauth;

import dev.toolpost.connectors.Auth;
import dev.toolpost.connectors.Connector;
import dev.toolpost.connectors.ConnectorLoader;
import dev.toolpost.sandbox.OAuthGrant;
import dev.toolpost.worker.credentials.ConnectionRecord;
import dev.toolpost.worker.credentials.LimitOverride;
import dev.toolpost.worker.credentials.Secret;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** A made-up vendor whose API is that of the sandbox's HubSpot and whose connections authenticate by OAuth 2.0. */
public final class OAuthVendor {

    /** A vendor that takes a refresh token once. */
    public static final String STRICT = "ledger";

    /** A vendor that takes a replaced refresh token for ten minutes. */
    public static final String LENIENT = "abacus";

    /** Its window is short: whoever takes a connection over from a lost worker waits one. */
    private static final String DEFINITION = """
            vendor: ledger
            title: Ledger
            description: A made-up vendor for tests.
            pool: hubspot
            base_url: "{api}"
            variables:
              api: { kind: url, title: Address, description: Where the vendor is. }
              region: { kind: label, title: Region, description: What the token reply says., default: eu }
            auth:
              - kind: oauth2
                token_url: "{api}/oauth/v3/token"
                default_lifetime: 20m
                keep: { /region: region }
                dead_grant:
                  - { status: 400, body: { /status: BAD_REFRESH_TOKEN } }
                  - { status: 400, body: { /error: invalid_grant } }
            limits:
              second: { permits: 100, window: 1s, kind: sliding, scope: connection }
            errors:
              message: [/message]
              vendor_code: [/category]
            tools:
              list_contacts:
                title: List contacts
                description: Lists contacts.
                effect: read
                arguments:
                  type: object
                  properties: { limit: { type: integer, description: How many. } }
                request: { method: GET, path: /crm/v3/objects/contacts, query: { limit: "{limit}" } }
            """;

    private OAuthVendor() {}

    public static Connector connector() {
        return new ConnectorLoader().load("ledger.yaml", DEFINITION);
    }

    /** One whose vendor takes a replaced refresh token for a while. */
    public static Connector withLeeway(String leeway) {
        return new ConnectorLoader().load("ledger.yaml", definition(leeway));
    }

    /** Writes both definitions where a worker's configuration can name them. */
    public static Path writeTo(Path directory) throws IOException {
        Files.writeString(directory.resolve("ledger.yaml"), DEFINITION);
        Files.writeString(
                directory.resolve("abacus.yaml"), definition("10m").replace("vendor: ledger", "vendor: " + LENIENT));
        return directory;
    }

    private static String definition(String leeway) {
        return DEFINITION.replace("default_lifetime:", "reuse_leeway: " + leeway + "\n    default_lifetime:");
    }

    static Auth.OAuth2 auth(Connector connector) {
        return (Auth.OAuth2) Objects.requireNonNull(connector.auth(Auth.OAuth2.KIND));
    }

    public static ConnectionRecord connection(String tenant, String name, URI vendor) {
        return connection(STRICT, tenant, name, vendor);
    }

    public static ConnectionRecord connection(String vendorId, String tenant, String name, URI vendor) {
        return new ConnectionRecord(
                tenant,
                name,
                vendorId,
                Auth.OAuth2.KIND,
                Map.of("api", vendor.toString()),
                Map.of("second", new LimitOverride(100_000, null)),
                Set.of(),
                Map.of());
    }

    /** What a person stores of a grant, with its access token. */
    public static Secret secret(OAuthGrant grant, long expiresAtMillis) {
        return withoutAccessToken(grant)
                .with(Auth.OAuth2.ACCESS_TOKEN, grant.accessToken())
                .with(Auth.OAuth2.EXPIRES_AT, Long.toString(expiresAtMillis));
    }

    public static Secret withoutAccessToken(OAuthGrant grant) {
        return Secret.of(Map.of(
                Auth.OAuth2.CLIENT_ID,
                grant.clientId(),
                Auth.OAuth2.CLIENT_SECRET,
                grant.clientSecret(),
                Auth.OAuth2.REFRESH_TOKEN,
                grant.refreshToken()));
    }
}
