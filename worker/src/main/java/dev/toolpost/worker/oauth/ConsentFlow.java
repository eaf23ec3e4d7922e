package dev.toolpost.worker.oauth;

import dev.toolpost.connectors.Auth;
import dev.toolpost.connectors.BaseUrl;
import dev.toolpost.connectors.Connector;
import dev.toolpost.connectors.Consent;
import dev.toolpost.connectors.InvalidVariableException;
import dev.toolpost.connectors.Revocation;
import dev.toolpost.connectors.TokenEndpoint;
import dev.toolpost.worker.credentials.ConnectionRecord;
import dev.toolpost.worker.credentials.Secret;
import dev.toolpost.worker.credentials.StoredConnection;
import dev.toolpost.worker.http.HttpOutcome;
import dev.toolpost.worker.http.VendorHttp;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Asks a person for a grant once: by a code that comes back to a redirect (RFC 6749, 4.1, with the challenge of RFC 7636), or by one that is typed on another device
 * (RFC 8628). Also gives a grant back (RFC 7009). Not thread-safe; can print nothing that it holds.
 */
public final class ConsentFlow {
    private static final String DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code";
    private static final Duration BOUND = Duration.ofSeconds(25);
    private static final Duration USUAL_INTERVAL = Duration.ofSeconds(5);
    private static final Duration LONGEST_LIFE = Duration.ofHours(1);
    private static final int RANDOM_BYTES = 32;

    private final Connector connector;
    private final Auth.OAuth2 auth;
    private final ConnectionRecord connection;
    private final Secret client;
    private final Refresher.TokenEndpoint sender;
    private final InstantSource clock;
    private final SecureRandom random;
    private final String state;
    private final String verifier;
    private Duration interval = USUAL_INTERVAL;

    /**
     * @param connection as it is to be stored
     * @param client what the client authenticates with; further fields are kept
     */
    public ConsentFlow(
            Connector connector,
            Auth.OAuth2 auth,
            ConnectionRecord connection,
            Secret client,
            VendorHttp http,
            InstantSource clock,
            SecureRandom random) {
        this.connector = connector;
        this.auth = auth;
        this.connection = connection;
        this.client = client;
        this.sender = http::exchange;
        this.clock = clock;
        this.random = random;
        this.state = nonce(random);
        this.verifier = nonce(random);
    }

    private static String nonce(SecureRandom random) {
        byte[] bytes = new byte[RANDOM_BYTES];
        random.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /**
     * Where the person's browser goes.
     *
     * @throws ConsentException where the definition has no such address, or no client is known
     */
    public URI address(URI redirect, Collection<String> scopes) throws ConsentException {
        Consent consent = auth.consent();
        BaseUrl address = consent == null ? null : consent.address();
        if (consent == null || address == null) {
            throw new ConsentException(connector.title() + "'s definition has no authorize.url");
        }
        Map<String, String> parameters = new LinkedHashMap<>();
        parameters.put("response_type", "code");
        parameters.put("client_id", clientId());
        parameters.put("redirect_uri", redirect.toString());
        if (!scopes.isEmpty()) {
            parameters.put("scope", String.join(consent.scopeSeparator(), scopes));
        }
        parameters.put("state", state);
        if (consent.pkce()) {
            parameters.put("code_challenge", challenge());
            parameters.put("code_challenge_method", "S256");
        }
        parameters.putAll(consent.parameters());
        URI base = resolved(address);
        return URI.create(base + (base.getRawQuery() == null ? "?" : "&") + TokenRequest.query(parameters));
    }

    /** Whether an answer belongs to this question; takes the same time whatever is given. */
    public boolean isMine(@Nullable String given) {
        return given != null
                && MessageDigest.isEqual(
                        state.getBytes(StandardCharsets.UTF_8), given.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Exchanges the code for tokens. It can be done once.
     *
     * @param redirect the same as in {@link #address}
     */
    public Consented redeem(String code, URI redirect) throws ConsentException {
        Map<String, String> parameters = new LinkedHashMap<>();
        parameters.put("grant_type", "authorization_code");
        parameters.put("code", code);
        parameters.put("redirect_uri", redirect.toString());
        Consent consent = auth.consent();
        if (consent != null && consent.pkce()) {
            parameters.put("code_verifier", verifier);
        }
        return tokens(parameters, client.with("code", code).with("code_verifier", verifier));
    }

    /** Has the vendor give a code for another device. */
    public DeviceCode deviceCode(Collection<String> scopes) throws ConsentException {
        Consent consent = auth.consent();
        BaseUrl address = consent == null ? null : consent.deviceAddress();
        if (consent == null || address == null) {
            throw new ConsentException(
                    connector.title()
                            + "'s definition has no authorize.device_url: the vendor is not known to give codes for other devices");
        }
        Map<String, String> parameters = new LinkedHashMap<>();
        parameters.put("client_id", clientId());
        if (!scopes.isEmpty()) {
            parameters.put("scope", String.join(consent.scopeSeparator(), scopes));
        }
        TokenReply.Good good =
                switch (asked(address, auth.endpoint().client(), parameters, client, "the device address")) {
                    case TokenReply.Good answered -> answered;
                    case TokenReply.Not(TokenAnswer why) -> throw new ConsentException(message(why));
                };
        JsonNode body = good.body();
        String code = body.path("device_code").asString("");
        String typed = body.path("user_code").asString("");
        URI page = page(body.path("verification_uri")
                .asString(body.path("verification_url").asString("")));
        if (code.isEmpty() || typed.isEmpty() || page == null) {
            throw new ConsentException("the device address's answer ("
                    + TokenReply.said(client, good.status(), body)
                    + ") has no device_code, user_code and verification_uri");
        }
        interval = seconds(body.path("interval"), USUAL_INTERVAL);
        return new DeviceCode(
                code,
                typed,
                page,
                page(body.path("verification_uri_complete").asString("")),
                seconds(body.path("expires_in"), LONGEST_LIFE),
                interval);
    }

    /** Asks whether the person has typed the code. */
    public Consented redeem(DeviceCode device) throws ConsentException {
        Map<String, String> parameters = new LinkedHashMap<>();
        parameters.put("grant_type", DEVICE_GRANT);
        parameters.put("device_code", device.code());
        parameters.put("client_id", clientId());
        Secret sent = client.with("device_code", device.code());
        HttpOutcome outcome = exchange(auth.tokenAddress(), auth.endpoint().client(), parameters);
        if (outcome instanceof HttpOutcome.Answered answered) {
            String error = TokenReply.errorOf(answered);
            if (error.equals("slow_down")) {
                interval = interval.plusSeconds(5);
            }
            return switch (error) {
                case "authorization_pending", "slow_down" -> new Consented.Pending(interval);
                case "access_denied" -> new Consented.Refused("the person has refused");
                case "expired_token" -> new Consented.Refused("the code was not typed in time");
                default -> tokens(sent, outcome);
            };
        }
        // The code goes on counting, whatever the network does meanwhile (RFC 8628, 3.5).
        interval = interval.multipliedBy(2);
        return new Consented.Pending(interval);
    }

    /**
     * Gives the grant back.
     *
     * @return null where the vendor took it, else why it did not
     */
    public @Nullable String revoke() throws ConsentException {
        Revocation revocation = auth.revocation();
        if (revocation == null) {
            throw new ConsentException(connector.title() + "'s definition has no place where grants are given back");
        }
        String token = client.get(revocation.token());
        if (token == null || token.isEmpty()) {
            return "the connection has no " + revocation.token();
        }
        Map<String, String> parameters = new LinkedHashMap<>();
        parameters.put("token", token);
        parameters.put("token_type_hint", revocation.token());
        return switch (asked(revocation.address(), revocation.client(), parameters, client, "the revocation address")) {
            case TokenReply.Good _ -> null;
            // A token that is dead already is what was asked for.
            case TokenReply.Not(TokenAnswer.Refused _) -> null;
            case TokenReply.Not(TokenAnswer why) -> message(why);
        };
    }

    private Consented tokens(Map<String, String> parameters, Secret sent) throws ConsentException {
        return tokens(sent, exchange(auth.tokenAddress(), auth.endpoint().client(), parameters));
    }

    private Consented tokens(Secret sent, HttpOutcome outcome) {
        Instant now = clock.instant();
        return switch (TokenReply.of("the token endpoint", auth, sent, outcome, now)) {
            case TokenReply.Not(TokenAnswer why) -> new Consented.Refused(message(why));
            case TokenReply.Good good ->
                switch (TokenAnswer.granted(auth, sent, good, now)) {
                    case TokenAnswer.Granted granted -> granted(granted, good.body(), now.minus(outcome.took()));
                    case TokenAnswer.Refused refused -> new Consented.Refused(refused.message());
                    case TokenAnswer.Failed failed -> new Consented.Refused(failed.message());
                };
        };
    }

    private Consented granted(TokenAnswer.Granted granted, JsonNode body, Instant askedAt) {
        ConnectionRecord kept = Refresher.kept(connector, connection, granted.kept());
        Set<String> scopes = scopes(body.has("scope") ? body.path("scope") : body.path("scopes"));
        Secret fresh = Refresher.secret(without(client), granted, askedAt.toEpochMilli());
        return new Consented.Granted(
                scopes.isEmpty() ? kept : kept.withScopes(scopes),
                fresh,
                Grant.hasRefreshToken(fresh),
                granted.life(),
                askedAt.toEpochMilli());
    }

    /** Tokens of an earlier grant must not be mixed with those of this one: it may be another account. */
    private static Secret without(Secret old) {
        Map<String, String> kept = new LinkedHashMap<>();
        for (String name : old.names()) {
            if (!Set.of(Auth.OAuth2.REFRESH_TOKEN, Auth.Fetched.ACCESS_TOKEN, Auth.Fetched.EXPIRES_AT)
                    .contains(name)) {
                kept.put(name, String.valueOf(old.get(name)));
            }
        }
        return Secret.of(kept);
    }

    /** Vendors write them with spaces, with commas, or as an array. */
    private static Set<String> scopes(JsonNode said) {
        List<String> texts = new ArrayList<>();
        if (said.isArray()) {
            said.forEach(each -> texts.add(each.asString("")));
        } else {
            texts.addAll(List.of(said.asString("").split("[ ,]+", -1)));
        }
        Set<String> scopes = new LinkedHashSet<>();
        for (String text : texts) {
            if (text.matches("[\\x21\\x23-\\x5B\\x5D-\\x7E]{1,200}")) {
                scopes.add(text);
            }
        }
        return scopes;
    }

    private TokenReply asked(
            BaseUrl address, TokenEndpoint.Client how, Map<String, String> parameters, Secret untold, String who)
            throws ConsentException {
        return TokenReply.of(who, auth, untold, exchange(address, how, parameters), clock.instant());
    }

    private HttpOutcome exchange(BaseUrl address, TokenEndpoint.Client how, Map<String, String> parameters)
            throws ConsentException {
        StoredConnection draft = new StoredConnection(connection, client, 0);
        try {
            return sender.exchange(
                    TokenRequest.of(
                            auth.endpoint(),
                            address,
                            how,
                            parameters,
                            draft,
                            new TemplateValues(connector, draft),
                            auth.clientCertificate() ? TokenExchange.certificate(draft) : null,
                            clock.instant(),
                            random),
                    System.nanoTime() + TimeUnit.NANOSECONDS.convert(BOUND));
        } catch (UnfitSecretException | InvalidVariableException unfit) {
            throw new ConsentException(String.valueOf(unfit.getMessage()));
        }
    }

    private URI resolved(BaseUrl address) throws ConsentException {
        try {
            return address.resolveForSecrets(connection.variables());
        } catch (InvalidVariableException unfit) {
            throw new ConsentException(String.valueOf(unfit.getMessage()));
        }
    }

    private String clientId() throws ConsentException {
        String id = client.get(Auth.OAuth2.CLIENT_ID);
        if (id == null || id.isEmpty()) {
            throw new ConsentException("no client_id is known: that of the app that is registered at the vendor");
        }
        return id;
    }

    private static String message(TokenAnswer why) {
        return switch (why) {
            case TokenAnswer.Refused(String _, String message) -> message;
            case TokenAnswer.Failed(String message, Duration _, boolean _) -> message;
            case TokenAnswer.Granted _ -> "";
        };
    }

    private static Duration seconds(JsonNode said, Duration otherwise) {
        long seconds = said.asLong(0);
        return seconds <= 0 ? otherwise : Duration.ofSeconds(Math.min(seconds, LONGEST_LIFE.toSeconds()));
    }

    /** A page that a browser may be sent to. */
    private static @Nullable URI page(String text) {
        try {
            URI page = URI.create(text);
            return "https".equalsIgnoreCase(page.getScheme()) || "http".equalsIgnoreCase(page.getScheme())
                    ? page
                    : null;
        } catch (IllegalArgumentException noAddress) {
            return null;
        }
    }

    private String challenge() {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(verifier.getBytes(StandardCharsets.US_ASCII));
            return Base64.getUrlEncoder().withoutPadding().encodeToString(digest);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every Java platform has SHA-256", impossible);
        }
    }

    @Override
    public String toString() {
        return "ConsentFlow[" + connection.id() + ", redacted]";
    }
}
