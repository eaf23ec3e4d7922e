package dev.toolpost.connectors;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonPointer;
import tools.jackson.databind.node.JsonNodeFactory;

/** Reads the kinds of authentication that ask an OAuth 2.0 token endpoint. Used once. */
final class TokenAuthReader {
    /** Parameters that the token request fills by itself. */
    private static final Set<String> OWN_PARAMETERS = Set.of(
            "grant_type",
            "client_id",
            "client_secret",
            "client_assertion",
            "client_assertion_type",
            "assertion",
            "refresh_token");

    /** Parameters that a person's browser is sent with anyway. */
    private static final Set<String> CONSENT_PARAMETERS = Set.of(
            "response_type",
            "client_id",
            "client_secret",
            "redirect_uri",
            "scope",
            "state",
            "code_challenge",
            "code_challenge_method");

    private static final Duration LONGEST_ASSERTION = Duration.ofDays(1);

    private final Section one;
    private final Map<String, Variable> variables;
    private final Auth.About about;
    private final SecretNames names;

    TokenAuthReader(Section one, Map<String, Variable> variables, Auth.About about) {
        this.one = one;
        this.variables = variables;
        this.about = about;
        this.names = new SecretNames(variables);
    }

    Auth.@Nullable OAuth2 refreshToken() {
        names.addAll(List.of(Auth.OAuth2.REFRESH_TOKEN));
        BaseUrl token = address("token_url");
        BaseUrl refresh = one.has("refresh_url") ? address("refresh_url") : token;
        TokenEndpoint endpoint = endpoint(refresh, "body");
        TokenTerms terms = terms(List.of(dead(List.of(400), "invalid_grant")));
        return token == null || endpoint == null
                ? null
                : new Auth.OAuth2(
                        token,
                        endpoint,
                        scopes(),
                        consent(one.find("authorize")),
                        revocation(one.find("revoke"), endpoint.client()),
                        one.has("grant_expires_unused")
                                ? ConnectorReader.positive(one, "grant_expires_unused", Duration.ZERO)
                                : null,
                        one.flag("rotates", true),
                        one.durationOrNull("reuse_leeway"),
                        terms,
                        about);
    }

    private @Nullable Consent consent(@Nullable Section section) {
        if (section == null) {
            return null;
        }
        Map<String, String> parameters = new LinkedHashMap<>();
        Section further = section.find("parameters");
        if (further != null) {
            further.members().forEach((name, value) -> {
                if (CONSENT_PARAMETERS.contains(name)) {
                    value.problems()
                            .errorAtKey(
                                    value.pointer(),
                                    "the authorisation fills the parameter " + name + " by itself",
                                    "remove it here");
                }
                parameters.put(name, value.text());
            });
        }
        return new Consent(
                address(section, "url"),
                section.text("scope_separator", " "),
                parameters,
                section.flag("pkce", true),
                section.text("redirect_host", "127.0.0.1"),
                section.flag("any_port", false),
                address(section, "device_url"));
    }

    private @Nullable Revocation revocation(@Nullable Section section, TokenEndpoint.Client usual) {
        BaseUrl address = section == null ? null : address(section, "url");
        if (section == null || address == null) {
            return null;
        }
        TokenEndpoint.Client client = section.has("client") ? TokenEndpoint.Client.of(section.text("client")) : usual;
        return new Revocation(address, section.text("token", Auth.OAuth2.REFRESH_TOKEN), client);
    }

    private @Nullable BaseUrl address(Section section, String key) {
        return section.has(key) ? new BaseUrlReader(section.get(key), key, variables).read() : null;
    }

    Auth.@Nullable ClientCredentials clientCredentials() {
        TokenEndpoint endpoint = endpoint(address("token_url"), "body");
        TokenTerms terms = terms(deadClient());
        return endpoint == null
                ? null
                : new Auth.ClientCredentials(
                        endpoint, one.text("grant_type", "client_credentials"), scopes(), terms, about);
    }

    Auth.@Nullable JwtBearer jwtBearer() {
        TokenEndpoint endpoint = endpoint(address("token_url"), "none");
        TokenTerms terms = terms(deadClient());
        if (endpoint == null || endpoint.client() == TokenEndpoint.Client.ASSERTION) {
            if (endpoint != null) {
                one.get("client").error("the assertion says who the client is already", "remove client");
            }
            return null;
        }
        boolean asBearer = one.text("assertion_in", "body").equals("header");
        if (asBearer && endpoint.client() == TokenEndpoint.Client.BASIC) {
            one.get("client").error("the header Authorization takes the assertion already", "write client: body");
        }
        return new Auth.JwtBearer(endpoint, assertion(one.get("assertion")), asBearer, scopes(), terms, about);
    }

    private @Nullable BaseUrl address(String key) {
        return new BaseUrlReader(one.get(key), key, variables).read();
    }

    private @Nullable TokenEndpoint endpoint(@Nullable BaseUrl address, String standardClient) {
        List<String> more = names.fields(one.find("fields"));
        TokenEndpoint.Format format = TokenEndpoint.Format.of(one.text("request", "form"));
        String method = one.text("method", format == TokenEndpoint.Format.QUERY ? "GET" : "POST");
        if (method.equals("GET") && format != TokenEndpoint.Format.QUERY) {
            one.get("method").error("a body does not go with the method GET", "write request: query");
        }
        TokenEndpoint.Client client = TokenEndpoint.Client.of(one.text("client", standardClient));
        boolean asserts = client == TokenEndpoint.Client.ASSERTION;
        if (asserts && !one.has("assertion")) {
            one.get("client").error("client: assertion, and no assertion", "say under assertion what is signed");
        }
        if (address == null) {
            return null;
        }
        names.addAll(TokenEndpoint.fields(client));
        refuseOwn(one.find("parameters"));
        return new TokenEndpoint(
                address,
                method,
                format,
                client,
                asserts && one.has("assertion") ? assertion(one.get("assertion")) : null,
                names.templates(one.find("parameters")),
                names.headers(one.find("headers")),
                more,
                reply());
    }

    private static void refuseOwn(@Nullable Section parameters) {
        if (parameters != null) {
            parameters.members().forEach((name, value) -> {
                if (OWN_PARAMETERS.contains(name)) {
                    value.problems()
                            .errorAtKey(
                                    value.pointer(),
                                    "the token request fills the parameter " + name + " by itself",
                                    "remove it here");
                }
            });
        }
    }

    private TokenFields reply() {
        TokenFields standard = TokenFields.STANDARD;
        return new TokenFields(
                pointer(one, "access_token", standard.accessToken()),
                pointer(one, "refresh_token", standard.refreshToken()),
                pointer(one, "expires_in", standard.expiresIn()),
                pointerOrNull(one, "expires_at"));
    }

    private static JsonPointer pointer(Section section, String name, JsonPointer otherwise) {
        return Objects.requireNonNullElse(pointerOrNull(section, name), otherwise);
    }

    static @Nullable JsonPointer pointerOrNull(Section section, String name) {
        return section.has(name) ? section.get(name).jsonPointer() : null;
    }

    private Assertion assertion(Section section) {
        Duration lifetime = ConnectorReader.positive(section, "lifetime", Assertion.DEFAULT_LIFETIME);
        if (lifetime.compareTo(LONGEST_ASSERTION) > 0) {
            section.get("lifetime")
                    .error("lifetime: " + section.text("lifetime") + " (expected: at most 1d)", "vendors refuse more");
        }
        return new Assertion(
                Assertion.Algorithm.of(section.text("algorithm")),
                section.has("header") ? names.json(section.get("header")) : JsonTemplate.EMPTY,
                names.json(section.get("claims")),
                lifetime);
    }

    private List<String> scopes() {
        return one.has("scopes")
                ? one.get("scopes").items().stream().map(Section::text).toList()
                : List.of();
    }

    private TokenTerms terms(List<Auth.ReplyCondition> deadOtherwise) {
        return terms(one, names.keep(one.find("keep")), deadOtherwise);
    }

    /** What every fetched token has in common. */
    static TokenTerms terms(Section one, Map<JsonPointer, String> keep, List<Auth.ReplyCondition> deadOtherwise) {
        return new TokenTerms(
                place(one.find("send")),
                one.has("default_lifetime") ? ConnectorReader.positive(one, "default_lifetime", Duration.ZERO) : null,
                refreshAhead(one.find("refresh_ahead")),
                keep,
                deadGrant(one.find("dead_grant"), deadOtherwise));
    }

    private static TokenPlace place(@Nullable Section send) {
        if (send == null) {
            return TokenPlace.BEARER;
        }
        if (send.has("prefix") && !send.has("header")) {
            send.get("prefix").error("a prefix goes with a header alone", "remove it");
        }
        if (send.has("header")) {
            AuthReader.refuseKeyHeader(send.get("header"));
            return new TokenPlace.InHeader(send.text("header"), send.text("prefix", ""));
        }
        return send.has("query")
                ? new TokenPlace.InQuery(send.text("query"))
                : new TokenPlace.InCookie(send.text("cookie"));
    }

    private static Auth.RefreshAhead refreshAhead(@Nullable Section section) {
        Auth.RefreshAhead standard = Auth.RefreshAhead.DEFAULT;
        return section == null
                ? standard
                : new Auth.RefreshAhead(
                        section.has("share") ? section.get("share").node().asDouble() : standard.share(),
                        section.duration("at_most", standard.atMost()));
    }

    private static List<Auth.ReplyCondition> deadClient() {
        return List.of(dead(List.of(400, 401), "invalid_client", "invalid_grant", "unauthorized_client"));
    }

    private static Auth.ReplyCondition dead(List<Integer> statuses, String... codes) {
        List<tools.jackson.databind.JsonNode> texts = new ArrayList<>();
        for (String code : codes) {
            texts.add(JsonNodeFactory.instance.stringNode(code));
        }
        return new Auth.ReplyCondition(
                StatusSet.of(statuses),
                List.of(new BodyCondition(JsonPointer.compile("/error"), new BodyCondition.EqualToAny(texts))));
    }

    private static List<Auth.ReplyCondition> deadGrant(@Nullable Section section, List<Auth.ReplyCondition> otherwise) {
        if (section == null) {
            return otherwise;
        }
        List<Auth.ReplyCondition> conditions = new ArrayList<>();
        for (Section one : section.items()) {
            StatusSet statuses = ErrorRulesReader.statuses(one.find("status"));
            if (statuses != null) {
                conditions.add(new Auth.ReplyCondition(statuses, ErrorRulesReader.body(one.find("body"))));
            }
        }
        return conditions;
    }
}
