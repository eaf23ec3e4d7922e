package dev.toolpost.cli;

import dev.toolpost.connectors.Auth;
import dev.toolpost.connectors.Connector;
import dev.toolpost.connectors.Variable;
import dev.toolpost.sandbox.GrantSpec;
import dev.toolpost.sandbox.OAuthGrant;
import dev.toolpost.sandbox.SimulatedVendor;
import dev.toolpost.worker.credentials.ConnectionRecord;
import dev.toolpost.worker.credentials.CredentialStore;
import dev.toolpost.worker.credentials.LimitOverride;
import dev.toolpost.worker.credentials.Secret;
import java.net.URI;
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

    /**
     * As the connector says, by the first of its ways that needs no token to be fetched, else by OAuth2. Its addresses are the simulated vendor's, each with
     * the path that it has at the real one.
     */
    void ready(SimulatedVendor vendor, Connector connector, String name) {
        Map<String, String> variables = new HashMap<>();
        for (Variable variable : connector.variables()) {
            if (variable.kind() == Variable.Kind.URL) {
                String usual = variable.standard();
                variables.put(
                        variable.name(),
                        vendor.uri() + (usual == null ? "" : URI.create(usual).getRawPath()));
            } else if (variable.required() && !variable.examples().isEmpty()) {
                variables.put(variable.name(), variable.examples().getFirst());
            }
        }
        Auth way = connector.auth().stream()
                .filter(each -> !(each instanceof Auth.Fetched))
                .findFirst()
                .orElse(connector.auth().getFirst());
        Secret secret;
        if (way instanceof Auth.Fetched) {
            OAuthGrant grant = vendor.grant(GrantSpec.usual());
            secret = secret(grant);
        } else {
            Map<String, String> fields = new HashMap<>();
            way.secretFields()
                    .forEach(field -> fields.put(
                            field, field.equals("username") ? "ada@example.com" : SimulatedVendor.DEFAULT_TOKEN));
            secret = Secret.of(fields);
        }
        put(vendor, name, way.id(), variables, Map.of(), secret);
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
        put(vendor, name, Auth.OAuth2.KIND, variables, limits, secret(grant));
        return grant;
    }

    private static Secret secret(OAuthGrant grant) {
        return Secret.of(Auth.OAuth2.CLIENT_ID, grant.clientId())
                .with(Auth.OAuth2.CLIENT_SECRET, grant.clientSecret())
                .with(Auth.OAuth2.REFRESH_TOKEN, grant.refreshToken())
                .with(Auth.OAuth2.ACCESS_TOKEN, grant.accessToken())
                .with(Auth.OAuth2.EXPIRES_AT, Long.toString(grant.expiresAtMillis()));
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
