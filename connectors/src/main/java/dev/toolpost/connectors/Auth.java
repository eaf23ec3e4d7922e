package dev.toolpost.connectors;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonPointer;
import tools.jackson.databind.JsonNode;

/**
 * One way to authenticate at a vendor. The connection's auth kind selects it; the secret's fields are named by {@link #secretFields()}.
 * Immutable.
 */
public sealed interface Auth {

    /** The kind as definitions and connections spell it. */
    String kind();

    /** Where a person finds the secret, or empty. */
    String hint();

    /** Names of the secret's fields, in the order in which a person is asked for them. */
    List<String> secretFields();

    /** Nothing is sent. */
    record None(String hint) implements Auth {
        public static final String KIND = "none";

        @Override
        public String kind() {
            return KIND;
        }

        @Override
        public List<String> secretFields() {
            return List.of();
        }
    }

    /**
     * The secret {@code key} in a header.
     *
     * @param name the header
     * @param prefix put before the key as it is, a trailing space included; often empty
     */
    record ApiKeyHeader(String name, String prefix, String hint) implements Auth {
        public static final String KIND = "api_key_header";

        @Override
        public String kind() {
            return KIND;
        }

        @Override
        public List<String> secretFields() {
            return List.of("key");
        }
    }

    /**
     * The secret {@code key} in the query; such URLs are redacted wherever they are shown.
     *
     * @param name the query parameter
     */
    record ApiKeyQuery(String name, String hint) implements Auth {
        public static final String KIND = "api_key_query";

        @Override
        public String kind() {
            return KIND;
        }

        @Override
        public List<String> secretFields() {
            return List.of("key");
        }
    }

    /** HTTP Basic (RFC 7617) of the secrets {@code username} and {@code password}, UTF-8. */
    record Basic(String hint) implements Auth {
        public static final String KIND = "basic";

        @Override
        public String kind() {
            return KIND;
        }

        @Override
        public List<String> secretFields() {
            return List.of("username", "password");
        }
    }

    /** The secrets {@code username} and {@code password} of a role of a database; for executor sql. */
    record Password(String hint) implements Auth {
        public static final String KIND = "password";

        @Override
        public String kind() {
            return KIND;
        }

        @Override
        public List<String> secretFields() {
            return List.of("username", "password");
        }
    }

    /** The secret {@code token} as {@code Authorization: Bearer} (RFC 6750). */
    record Bearer(String hint) implements Auth {
        public static final String KIND = "bearer";

        @Override
        public String kind() {
            return KIND;
        }

        @Override
        public List<String> secretFields() {
            return List.of("token");
        }
    }

    /**
     * OAuth 2.0 with a refresh token (RFC 6749, 6): the access token is fetched at the vendor's token address when it is about to expire or
     * was refused, and sent as {@code Authorization: Bearer}. The secret holds {@code client_id}, {@code client_secret} and
     * {@code refresh_token}; {@value #ACCESS_TOKEN} and {@value #EXPIRES_AT} are added when a token was fetched.
     *
     * @param tokenAddress of the token endpoint, templated by the connection's variables; see {@link #tokenUrl}
     * @param client how the client authenticates there
     * @param format how the request's body is written
     * @param parameters further parameters of the token request
     * @param scopes that the tools need; for people and for the authorisation, a refresh does not send them
     * @param defaultLifetime how long a token lives where the reply does not say (no {@code expires_in}), or null where it does, or nobody knows
     * @param refreshAhead how long before its end a token is fetched anew
     * @param rotates whether a refresh may replace the refresh token
     * @param reuseLeeway for how long the vendor takes a refresh token again that it has replaced, or null where it does not
     * @param keep parts of the token reply that become variables of the connection, by their place in the reply
     * @param deadGrant replies that mean that the grant is gone for good; one that matches is enough
     */
    record OAuth2(
            BaseUrl tokenAddress,
            ClientAuthentication client,
            RequestFormat format,
            Map<String, String> parameters,
            List<String> scopes,
            @Nullable Duration defaultLifetime,
            RefreshAhead refreshAhead,
            boolean rotates,
            @Nullable Duration reuseLeeway,
            Map<JsonPointer, String> keep,
            List<ReplyCondition> deadGrant,
            String hint)
            implements Auth {
        public static final String KIND = "oauth2";
        public static final String CLIENT_ID = "client_id";
        public static final String CLIENT_SECRET = "client_secret";
        public static final String REFRESH_TOKEN = "refresh_token";

        /** Secret field that is added: the token that is sent. */
        public static final String ACCESS_TOKEN = "access_token";

        /** Secret field that is added: when the access token ends, in epoch milliseconds. */
        public static final String EXPIRES_AT = "expires_at";

        public OAuth2 {
            parameters = Immutable.map(parameters);
            scopes = List.copyOf(scopes);
            keep = Immutable.map(keep);
            deadGrant = List.copyOf(deadGrant);
        }

        @Override
        public String kind() {
            return KIND;
        }

        @Override
        public List<String> secretFields() {
            return List.of(CLIENT_ID, CLIENT_SECRET, REFRESH_TOKEN);
        }

        /**
         * Whether a token reply means that the grant is gone for good.
         *
         * @param body the reply's body, or null where it is not JSON
         */
        public boolean isDeadGrant(int status, @Nullable JsonNode body) {
            return deadGrant.stream().anyMatch(condition -> condition.holds(status, body));
        }

        /**
         * Where a connection's tokens are fetched: over https, or at a loopback address.
         *
         * @param variables the connection's; those that are missing take their defaults
         * @throws InvalidVariableException where a value is missing, not what its variable may hold, or would send the client's secret in
         *     the clear
         */
        public URI tokenUrl(Map<String, String> variables) {
            URI url = tokenAddress.resolveExactly(variables);
            if (!"https".equalsIgnoreCase(url.getScheme()) && !Loopback.isLoopback(url.getHost())) {
                throw new InvalidVariableException(
                        "token_url",
                        "token address " + url
                                + " (expected: https://; only a server of this machine may be asked over http)");
            }
            return url;
        }
    }

    /** How a client authenticates at the token endpoint (RFC 6749, 2.3.1). */
    enum ClientAuthentication {
        /** HTTP Basic of client id and secret, each form-encoded. */
        BASIC,
        /** {@code client_id} and {@code client_secret} as parameters of the body. */
        BODY;

        static ClientAuthentication of(String text) {
            return valueOf(text.toUpperCase(Locale.ROOT));
        }
    }

    /** How the body of a token request is written. */
    enum RequestFormat {
        FORM,
        JSON;

        static RequestFormat of(String text) {
            return valueOf(text.toUpperCase(Locale.ROOT));
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
