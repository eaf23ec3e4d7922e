package dev.toolpost.connectors;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonPointer;
import tools.jackson.databind.JsonNode;

/**
 * One way to authenticate at a vendor. A connection names one by its {@link #id()}; the secret's fields are named by
 * {@link #secretFields()}. Immutable.
 */
public sealed interface Auth {

    /** Secret field of a client certificate: the chain in PEM, the client's own first. */
    String CERTIFICATE = "certificate";

    /** Secret field of the key of a client certificate or of an assertion: PKCS#8 or PKCS#1 in PEM. */
    String PRIVATE_KEY = "private_key";

    /** The kind as definitions spell it. */
    String kind();

    /** What each of them says about itself. */
    About about();

    /** Names of the secret's fields that its kind needs, in the order in which a person is asked for them. */
    List<String> ownFields();

    /** What connections call it: its kind where the definition names it no other. */
    default String id() {
        return about().id();
    }

    /** Where a person finds the secret, or empty. */
    default String hint() {
        return about().hint();
    }

    /** Whether the connection shows a certificate of its own when TLS begins. */
    default boolean clientCertificate() {
        return about().clientCertificate();
    }

    /** Names of all of the secret's fields, in the order in which a person is asked for them. */
    default List<String> secretFields() {
        Set<String> fields = new LinkedHashSet<>(ownFields());
        if (clientCertificate()) {
            fields.addAll(List.of(CERTIFICATE, PRIVATE_KEY));
        }
        return List.copyOf(fields);
    }

    /** Addresses besides the base URL that secrets are sent to. */
    default List<BaseUrl> addresses() {
        return List.of();
    }

    /** The parameter of the query that carries the credential, or null where it is elsewhere. */
    default @Nullable String queryParameter() {
        if (this instanceof ApiKeyQuery query) {
            return query.name();
        }
        return this instanceof Fetched fetched && fetched.terms().place() instanceof TokenPlace.InQuery(String name)
                ? name
                : null;
    }

    /** Names that templates of requests for tokens use. */
    default Set<String> templateNames() {
        return Set.of();
    }

    /**
     * What every alternative says about itself.
     *
     * @param id unique in its connector
     * @param hint where a person finds the secret, or empty
     * @param clientCertificate whether it wants a client certificate besides
     */
    record About(String id, String hint, boolean clientCertificate) {}

    /** Nothing is sent. */
    record None(About about) implements Auth {
        public static final String KIND = "none";

        @Override
        public String kind() {
            return KIND;
        }

        @Override
        public List<String> ownFields() {
            return List.of();
        }
    }

    /**
     * The secret {@code key} in a header.
     *
     * @param name the header
     * @param prefix put before the key as it is, a trailing space included; often empty
     */
    record ApiKeyHeader(String name, String prefix, About about) implements Auth {
        public static final String KIND = "api_key_header";

        @Override
        public String kind() {
            return KIND;
        }

        @Override
        public List<String> ownFields() {
            return List.of("key");
        }
    }

    /**
     * The secret {@code key} in the query; such URLs are redacted wherever they are shown.
     *
     * @param name the query parameter
     */
    record ApiKeyQuery(String name, About about) implements Auth {
        public static final String KIND = "api_key_query";

        @Override
        public String kind() {
            return KIND;
        }

        @Override
        public List<String> ownFields() {
            return List.of("key");
        }
    }

    /**
     * The secret {@code key} in the body, a member of the JSON or a field of the form, whichever the tool sends.
     *
     * @param place the member; of a form the field is named by the pointer's one segment
     */
    record ApiKeyBody(JsonPointer place, About about) implements Auth {
        public static final String KIND = "api_key_body";

        @Override
        public String kind() {
            return KIND;
        }

        @Override
        public List<String> ownFields() {
            return List.of("key");
        }
    }

    /**
     * The secret {@code key} in the path, between the base URL and the tool's path; such URLs are redacted wherever they are shown.
     *
     * @param segment begins with a slash and holds {@code {key}}: {@code /bot{key}}
     */
    record ApiKeyPath(TextTemplate segment, About about) implements Auth {
        public static final String KIND = "api_key_path";

        @Override
        public String kind() {
            return KIND;
        }

        @Override
        public List<String> ownFields() {
            return List.of("key");
        }
    }

    /** HTTP Basic (RFC 7617) of the secrets {@code username} and {@code password}, UTF-8. */
    record Basic(About about) implements Auth {
        public static final String KIND = "basic";

        @Override
        public String kind() {
            return KIND;
        }

        @Override
        public List<String> ownFields() {
            return List.of("username", "password");
        }
    }

    /** The secrets {@code username} and {@code password} of a role of a database; for executor sql. */
    record Password(About about) implements Auth {
        public static final String KIND = "password";

        @Override
        public String kind() {
            return KIND;
        }

        @Override
        public List<String> ownFields() {
            return List.of("username", "password");
        }
    }

    /** The secret {@code token} as {@code Authorization: Bearer} (RFC 6750). */
    record Bearer(About about) implements Auth {
        public static final String KIND = "bearer";

        @Override
        public String kind() {
            return KIND;
        }

        @Override
        public List<String> ownFields() {
            return List.of("token");
        }
    }

    /** A client certificate and nothing else (RFC 8446, 4.4.2). Its flag is always set. */
    record ClientCertificate(About about) implements Auth {
        public static final String KIND = "client_certificate";

        @Override
        public String kind() {
            return KIND;
        }

        @Override
        public List<String> ownFields() {
            return List.of();
        }
    }

    /**
     * A kind whose access token Toolpost fetches when there is none, when it is about to end, or when it was refused. The secret holds what
     * a token is fetched with; {@value #ACCESS_TOKEN} and {@value #EXPIRES_AT} are added when one was fetched.
     */
    sealed interface Fetched extends Auth {
        /** Secret field that is added: the token that is sent. */
        String ACCESS_TOKEN = "access_token";

        /** Secret field that is added: when the access token ends, in epoch milliseconds. */
        String EXPIRES_AT = "expires_at";

        /** How the token is used and how its replies are read. */
        TokenTerms terms();

        /** Whether fetching a token may replace what it is fetched with. */
        boolean rotates();

        /** For how long the vendor takes what was replaced again, or null where it does not. */
        @Nullable
        Duration reuseLeeway();

        /** Parts of the token reply that become variables of the connection, by their place in the reply. */
        default Map<JsonPointer, String> keep() {
            return terms().keep();
        }

        /** How long a token lives where the reply does not say, or null where nobody knows. */
        default @Nullable Duration defaultLifetime() {
            return terms().defaultLifetime();
        }

        default RefreshAhead refreshAhead() {
            return terms().refreshAhead();
        }

        /**
         * Whether a token reply means that the grant is gone for good.
         *
         * @param body the reply's body, or null where it is not JSON
         */
        default boolean isDeadGrant(int status, @Nullable JsonNode body) {
            return terms().deadGrant().stream().anyMatch(condition -> condition.holds(status, body));
        }
    }

    /** A kind that asks an OAuth 2.0 token endpoint. */
    sealed interface AtTokenEndpoint extends Fetched {
        TokenEndpoint endpoint();

        /** The scopes that the tools need. */
        List<String> scopes();

        @Override
        default List<BaseUrl> addresses() {
            return List.of(endpoint().address());
        }

        @Override
        default Set<String> templateNames() {
            return endpoint().templateNames();
        }
    }

    /**
     * OAuth 2.0 with a refresh token (RFC 6749, 6). The secret holds the client's fields and {@code refresh_token}.
     *
     * @param tokenAddress where the vendor gives the first tokens
     * @param endpoint where they are refreshed, mostly the same address
     * @param scopes for people and for the authorisation, a refresh does not send them
     * @param consent how a person gives the grant, or null where the definition does not say
     * @param revocation where the grant is given back, or null where the vendor has no such place
     * @param expiresUnused after how long without a refresh the vendor ends the grant, or null where it lasts
     */
    record OAuth2(
            BaseUrl tokenAddress,
            TokenEndpoint endpoint,
            List<String> scopes,
            @Nullable Consent consent,
            @Nullable Revocation revocation,
            @Nullable Duration expiresUnused,
            boolean rotates,
            @Nullable Duration reuseLeeway,
            TokenTerms terms,
            About about)
            implements AtTokenEndpoint {
        public static final String KIND = "oauth2";
        public static final String CLIENT_ID = "client_id";
        public static final String CLIENT_SECRET = "client_secret";
        public static final String REFRESH_TOKEN = "refresh_token";

        public OAuth2 {
            scopes = List.copyOf(scopes);
        }

        @Override
        public String kind() {
            return KIND;
        }

        @Override
        public List<String> ownFields() {
            List<String> fields = new ArrayList<>(endpoint.fields());
            fields.add(REFRESH_TOKEN);
            return fields;
        }

        @Override
        public List<BaseUrl> addresses() {
            Set<BaseUrl> addresses = new LinkedHashSet<>(List.of(tokenAddress, endpoint.address()));
            if (consent != null) {
                Stream.of(consent.address(), consent.deviceAddress())
                        .filter(Objects::nonNull)
                        .forEach(addresses::add);
            }
            if (revocation != null) {
                addresses.add(revocation.address());
            }
            return List.copyOf(addresses);
        }
    }

    /**
     * OAuth 2.0 with the client's own credentials (RFC 6749, 4.4), or with another grant that takes nothing but constant secrets.
     *
     * @param grantType {@code client_credentials} mostly
     * @param scopes sent along, with spaces between them
     */
    record ClientCredentials(
            TokenEndpoint endpoint, String grantType, List<String> scopes, TokenTerms terms, About about)
            implements AtTokenEndpoint {
        public static final String KIND = "oauth2_client_credentials";

        public ClientCredentials {
            scopes = List.copyOf(scopes);
        }

        @Override
        public String kind() {
            return KIND;
        }

        @Override
        public List<String> ownFields() {
            return endpoint.fields();
        }

        @Override
        public boolean rotates() {
            return false;
        }

        @Override
        public @Nullable Duration reuseLeeway() {
            return null;
        }
    }

    /**
     * OAuth 2.0 with a signed assertion (RFC 7523, 2.1): a JWT signed with the secret {@code private_key} is exchanged for an access token.
     *
     * @param assertion what is signed
     * @param asBearer whether the assertion is sent as {@code Authorization: Bearer} of the token request instead of as its parameter
     */
    record JwtBearer(
            TokenEndpoint endpoint,
            Assertion assertion,
            boolean asBearer,
            List<String> scopes,
            TokenTerms terms,
            About about)
            implements AtTokenEndpoint {
        public static final String KIND = "oauth2_jwt";

        public JwtBearer {
            scopes = List.copyOf(scopes);
        }

        @Override
        public String kind() {
            return KIND;
        }

        @Override
        public List<String> ownFields() {
            Set<String> fields = new LinkedHashSet<>(endpoint.fields());
            fields.add(PRIVATE_KEY);
            return List.copyOf(fields);
        }

        @Override
        public Set<String> templateNames() {
            Set<String> names = new LinkedHashSet<>(endpoint.templateNames());
            names.addAll(assertion.templateNames());
            return names;
        }

        @Override
        public boolean rotates() {
            return false;
        }

        @Override
        public @Nullable Duration reuseLeeway() {
            return null;
        }
    }

    /**
     * A login of the vendor's own: one request or several, each with what the earlier ones replied, until there is a token.
     *
     * @param fields what the secret holds
     * @param steps the requests, in order
     * @param token the token, made of what the steps took
     * @param replaces secret fields that a login replaces, by name, and what they become
     */
    record Session(
            List<String> fields,
            List<SessionStep> steps,
            TextTemplate token,
            Map<String, TextTemplate> replaces,
            @Nullable Duration reuseLeeway,
            TokenTerms terms,
            About about)
            implements Fetched {
        public static final String KIND = "session";

        public Session {
            fields = List.copyOf(fields);
            steps = List.copyOf(steps);
            replaces = Immutable.map(replaces);
        }

        @Override
        public String kind() {
            return KIND;
        }

        @Override
        public List<String> ownFields() {
            return fields;
        }

        @Override
        public boolean rotates() {
            return !replaces.isEmpty();
        }

        @Override
        public List<BaseUrl> addresses() {
            return steps.stream().map(SessionStep::address).toList();
        }

        @Override
        public Set<String> templateNames() {
            Set<String> names = new LinkedHashSet<>(token.arguments());
            steps.forEach(step -> names.addAll(step.templateNames()));
            replaces.values().forEach(template -> names.addAll(template.arguments()));
            return names;
        }
    }

    /**
     * How long before its end a token is fetched anew: a share of its life, never longer than a bound.
     *
     * @param share of the life, from 0 to 1
     * @param atMost the bound
     */
    record RefreshAhead(double share, Duration atMost) {
        public static final RefreshAhead DEFAULT = new RefreshAhead(0.1, Duration.ofMinutes(5));

        /** How long before the end of a token that lives so long. */
        public Duration of(Duration lifetime) {
            Duration part = Duration.ofMillis((long) (lifetime.toMillis() * share));
            return part.compareTo(atMost) < 0 ? part : atMost;
        }
    }

    /**
     * A condition on a token reply; its parts must all hold.
     *
     * @param statuses the reply's status is one of these
     * @param body what holds of its JSON body
     */
    record ReplyCondition(StatusSet statuses, List<BodyCondition> body) {
        public ReplyCondition {
            body = List.copyOf(body);
        }

        boolean holds(int status, @Nullable JsonNode reply) {
            return statuses.contains(status)
                    && (body.isEmpty()
                            || (reply != null && body.stream().allMatch(condition -> condition.holds(reply))));
        }
    }
}
