package dev.toolpost.cli;

import dev.toolpost.connectors.Auth;
import dev.toolpost.sandbox.GrantSpec;
import dev.toolpost.sandbox.OAuthGrant;
import dev.toolpost.sandbox.SimulatedVendor;
import dev.toolpost.worker.credentials.ConnectionRecord;
import dev.toolpost.worker.credentials.CredentialStore;
import dev.toolpost.worker.credentials.LimitOverride;
import dev.toolpost.worker.credentials.Secret;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** Writes connections of one tenant to simulated vendors. */
final class SandboxConnections {
    private final CredentialStore credentials;
    private final String tenant;
    private final Map<String, String> labels;

    SandboxConnections(CredentialStore credentials, String tenant, Map<String, String> labels) {
        this.credentials = credentials;
        this.tenant = tenant;
        this.labels = labels;
    }

    /** With a static token, which the vendor has to know. */
    void bearer(SimulatedVendor vendor, String name, String token, Map<String, LimitOverride> limits) {
        put(vendor, name, "bearer", Map.of("base_url", vendor.uri().toString()), limits, Secret.of("token", token));
    }

    /** With a user's name and password at the vendor's own site; to the simulated vendor the password is the token. */
    void basic(SimulatedVendor vendor, String name, String username, String token) {
        put(
                vendor,
                name,
                "basic",
                Map.of("site", vendor.uri().toString()),
                Map.of(),
                Secret.of("username", username).with("password", token));
    }

    /** With a new OAuth2 grant and its first token. */
    OAuthGrant oauth(SimulatedVendor vendor, String name, GrantSpec spec, Map<String, LimitOverride> limits) {
        OAuthGrant grant = vendor.grant(spec);
        Map<String, String> variables = new HashMap<>();
        variables.put("base_url", vendor.uri().toString());
        variables.put("token_url", grant.tokenUri().toString());
        put(
                vendor,
                name,
                Auth.OAuth2.KIND,
                variables,
                limits,
                Secret.of(Auth.OAuth2.CLIENT_ID, grant.clientId())
                        .with(Auth.OAuth2.CLIENT_SECRET, grant.clientSecret())
                        .with(Auth.OAuth2.REFRESH_TOKEN, grant.refreshToken())
                        .with(Auth.OAuth2.ACCESS_TOKEN, grant.accessToken())
                        .with(Auth.OAuth2.EXPIRES_AT, Long.toString(grant.expiresAtMillis())));
        return grant;
    }

    private void put(
            SimulatedVendor vendor,
            String name,
            String kind,
            Map<String, String> variables,
            Map<String, LimitOverride> limits,
            Secret secret) {
        credentials.put(
                new ConnectionRecord(tenant, name, vendor.name(), kind, variables, limits, Set.of(), labels),
                secret,
                CredentialStore.ANY);
    }
}
