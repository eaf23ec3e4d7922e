package dev.toolpost.sandbox;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A vendor's OAuth2 token endpoint (RFC 6749, sections 4.1, 5 and 6; RFC 8628): redeems codes and refresh tokens, rotates them where that is the habit and revokes the whole
 * grant when a rotated one comes again too late (RFC 9700, 4.14.2), or a code comes twice. Belongs to the loop's thread.
 */
final class OAuthServer {

    private static final int ACCESS_TOKENS = 64;
    private static final int REFRESH_TOKENS = 1000;
    private static final long CURRENT = -1;

    private static final class Tally {
        private long asked;
        private long granted;
        private long refused;
        private long reused;
        private long replayed;

        private OAuthStats.Counts counts() {
            return new OAuthStats.Counts(asked, granted, refused, reused, replayed);
        }
    }

    private static final class Grant {
        private final String id;
        private final String clientId;
        private final String clientSecret;
        private final GrantSpec.ClientAuth clientAuth;
        private final Duration lifetime;
        private final boolean rotates;
        private final Duration reuseLeeway;
        private final TokenState state;
        private final VendorAccounts.Account account;
        private final ArrayDeque<String> accessTokens = new ArrayDeque<>();

        /** When each was rotated. */
        private final Map<String, Long> refreshTokens = new LinkedHashMap<>();

        private String refreshToken = "";
        private String accessToken = "";
        private long endsMillis;
        private boolean revoked;
        private Tally tally = new Tally();

        private Grant(String id, String clientId, String clientSecret, GrantSpec spec, OAuthProfile habits) {
            this.id = id;
            this.clientId = clientId;
            this.clientSecret = clientSecret;
            this.clientAuth = Objects.requireNonNullElse(spec.clientAuth(), habits.clientAuth());
            this.lifetime = Objects.requireNonNullElse(spec.lifetime(), habits.lifetime());
            this.rotates = Objects.requireNonNullElse(spec.rotates(), habits.rotates());
            this.reuseLeeway = Objects.requireNonNullElse(spec.reuseLeeway(), habits.reuseLeeway());
            this.state = spec.readOnly() ? TokenState.READ_ONLY : TokenState.ACCEPTED;
            this.account = new VendorAccounts.Account(id);
        }
    }

    private final OAuthProfile habits;
    private final VendorAccounts accounts;
    private final VendorClock clock;
    private final Supplier<URI> uri;
    private final SplittableRandom random;
    private final Map<String, Grant> grants = new LinkedHashMap<>();
    private final Map<String, Grant> byClientId = new HashMap<>();
    private final Map<String, Grant> byRefreshToken = new HashMap<>();
    private final Consents consents;
    private Tally tally = new Tally();

    OAuthServer(OAuthProfile habits, VendorAccounts accounts, VendorClock clock, Supplier<URI> uri, long seed) {
        this.habits = habits;
        this.accounts = accounts;
        this.clock = clock;
        this.uri = uri;
        this.random = new SplittableRandom(seed);
        this.consents = new Consents(habits, clock, uri, seed);
    }

    /** Whether a request is for the token endpoint. */
    boolean serves(String path) {
        return habits.tokenPaths().contains(path);
    }

    /** Whether a request is for a page that people see, for device codes or for grants that are given back. */
    boolean servesPeople(String path) {
        return consents.serves(path) || (!path.isEmpty() && path.equals(habits.revokePath()));
    }

    /** Answers such a request. */
    void answerPeople(HttpExchange exchange) {
        if (exchange.path().equals(habits.revokePath())) {
            revoke(exchange);
        } else {
            consents.answer(exchange, byClientId.keySet());
        }
    }

    /** Ends the grant that the token belongs to; an unknown one is no error (RFC 7009, 2.2). */
    private void revoke(HttpExchange exchange) {
        String token = TokenRequest.read(exchange, true).parameter("token");
        Grant grant = byRefreshToken.get(token);
        if (grant == null) {
            grant = grants.values().stream()
                    .filter(each -> each.accessTokens.contains(token))
                    .findFirst()
                    .orElse(null);
        }
        if (grant != null) {
            revoke(grant);
        }
        reply(exchange, 200, VendorJson.MAPPER.createObjectNode());
    }

    OAuthGrant grant(GrantSpec spec) {
        Grant grant = new Grant(
                "grant-" + (grants.size() + 1),
                issue(habits.shapes().clientId(), 16),
                issue(habits.shapes().clientSecret(), 32),
                spec,
                habits);
        grants.put(grant.id, grant);
        byClientId.put(grant.clientId, grant);
        newRefreshToken(grant);
        newAccessToken(grant);
        return known(grant);
    }

    OAuthGrant grant(String id) {
        return known(existing(id));
    }

    /** Ends every access token of every grant; refresh tokens go on. */
    void expireTokens() {
        long now = clock.getAsLong();
        for (Grant grant : grants.values()) {
            grant.endsMillis = Math.min(grant.endsMillis, now);
            for (String token : grant.accessTokens) {
                VendorAccounts.Token issued = accounts.find(token);
                if (issued != null) {
                    issued.end(now);
                }
            }
        }
    }

    /** Ends a grant with all its tokens. */
    void revoke(String id) {
        revoke(existing(id));
    }

    OAuthStats stats() {
        Map<String, OAuthStats.Counts> byGrant = new LinkedHashMap<>();
        grants.forEach((id, grant) -> byGrant.put(id, grant.tally.counts()));
        return new OAuthStats(tally.counts(), byGrant);
    }

    void forgetCounts() {
        tally = new Tally();
        grants.values().forEach(grant -> grant.tally = new Tally());
    }

    /** Counts a token request, before anything can go wrong with it. */
    TokenRequest arrived(HttpExchange exchange) {
        TokenRequest request = TokenRequest.read(exchange, habits.json());
        tally.asked++;
        Grant grant = byRefreshToken.get(request.parameter("refresh_token"));
        if (grant != null) {
            grant.tally.asked++;
        }
        return request;
    }

    /** Processes a token request and writes the answer. */
    void answer(HttpExchange exchange, TokenRequest request) {
        if (!exchange.method().equals("POST")) {
            refuse(exchange, null, 405, error("invalid_request", "Only POST"));
            return;
        }
        String problem = request.problem();
        if (problem != null) {
            refuse(exchange, null, 400, error("invalid_request", problem));
            return;
        }
        String kind = request.parameter("grant_type");
        if (kind.equals("authorization_code") || kind.equals(Consents.DEVICE_GRANT)) {
            redeemConsent(exchange, request, kind.equals(Consents.DEVICE_GRANT));
            return;
        }
        if (!kind.equals("refresh_token")) {
            refuse(
                    exchange,
                    null,
                    400,
                    kind.isEmpty()
                            ? error("invalid_request", "grant_type is missing")
                            : error("unsupported_grant_type", "grant_type not supported: " + kind));
            return;
        }
        Grant grant = byRefreshToken.get(request.parameter("refresh_token"));
        Grant client = client(request);
        if (client == null) {
            refuse(
                    exchange,
                    grant,
                    habits.unknownClient().status(),
                    habits.unknownClient().body());
        } else if (request.parameter("refresh_token").isEmpty()) {
            refuse(exchange, null, 400, error("invalid_request", "refresh_token is missing"));
        } else if (grant == null || !grant.equals(client) || grant.revoked || !redeem(grant, request)) {
            refuse(
                    exchange,
                    grant,
                    habits.deadGrant().status(),
                    habits.deadGrant().body());
        } else {
            grant(exchange, grant, request.parameter("refresh_token"));
        }
    }

    /** Gives the first tokens of what a person allowed. The client's grant begins anew: what it had before is worth nothing. */
    private void redeemConsent(HttpExchange exchange, TokenRequest request, boolean device) {
        Grant client = device ? byClientId.get(request.clientId()) : client(request);
        if (client == null) {
            refuse(
                    exchange,
                    null,
                    habits.unknownClient().status(),
                    habits.unknownClient().body());
            return;
        }
        String refusal = device ? consents.redeemDevice(request) : consents.redeemCode(request);
        if (refusal != null) {
            if (refusal.equals(Consents.USED)) {
                revoke(client);
            }
            refuse(exchange, client, 400, error(refusal.equals(Consents.USED) ? "invalid_grant" : refusal, "Refused"));
            return;
        }
        client.refreshTokens.keySet().forEach(byRefreshToken::remove);
        client.refreshTokens.clear();
        client.accessTokens.forEach(accounts::forget);
        client.accessTokens.clear();
        client.revoked = false;
        newRefreshToken(client);
        newAccessToken(client);
        tally.granted++;
        client.tally.granted++;
        ObjectNode tokens = (ObjectNode) filled(habits.granted(), client);
        reply(exchange, 200, tokens.put("refresh_token", client.refreshToken));
    }

    /** Whether the refresh token is still good; one that comes again too late ends its grant. */
    private boolean redeem(Grant grant, TokenRequest request) {
        long rotated = grant.refreshTokens.getOrDefault(request.parameter("refresh_token"), CURRENT);
        if (rotated == CURRENT) {
            return true;
        }
        if (clock.getAsLong() - rotated <= grant.reuseLeeway.toMillis()) {
            tally.replayed++;
            grant.tally.replayed++;
            return true;
        }
        tally.reused++;
        grant.tally.reused++;
        revoke(grant);
        return false;
    }

    private void grant(HttpExchange exchange, Grant grant, String used) {
        tally.granted++;
        grant.tally.granted++;
        if (grant.rotates) {
            grant.refreshTokens.computeIfPresent(
                    used, (_, rotated) -> rotated == CURRENT ? (Long) clock.getAsLong() : rotated);
            newRefreshToken(grant);
        }
        newAccessToken(grant);
        reply(exchange, 200, filled(habits.granted(), grant));
    }

    /** The client that a request proves to be, or null. */
    private @Nullable Grant client(TokenRequest request) {
        Grant grant = byClientId.get(request.clientId());
        if (grant == null || !grant.clientSecret.equals(request.clientSecret())) {
            return null;
        }
        boolean allowed = grant.clientAuth == GrantSpec.ClientAuth.ANY
                || (grant.clientAuth == GrantSpec.ClientAuth.BASIC) == request.basic();
        return allowed ? grant : null;
    }

    private void refuse(HttpExchange exchange, @Nullable Grant grant, int status, JsonNode body) {
        tally.refused++;
        if (grant != null) {
            grant.tally.refused++;
        }
        reply(exchange, status, body);
    }

    private static void reply(HttpExchange exchange, int status, JsonNode body) {
        exchange.status(status)
                .header("Content-Type", "application/json;charset=utf-8")
                .header("Cache-Control", "no-store")
                .header("Pragma", "no-cache")
                .answer()
                .clear()
                .text(body.toString());
    }

    private static ObjectNode error(String code, String description) {
        return VendorJson.MAPPER.createObjectNode().put("error", code).put("error_description", description);
    }

    private JsonNode filled(JsonNode template, Grant grant) {
        ObjectNode filled = VendorJson.MAPPER.createObjectNode();
        for (Map.Entry<String, JsonNode> member : template.properties()) {
            String name = member.getKey();
            switch (member.getValue().asString("")) {
                case "{access_token}" -> filled.put(name, grant.accessToken);
                case "{refresh_token}" -> filled.put(name, grant.refreshToken);
                case "{rotated_refresh_token}" -> {
                    if (grant.rotates) {
                        filled.put(name, grant.refreshToken);
                    }
                }
                case "{expires_in}" -> filled.put(name, grant.lifetime.toSeconds());
                case "{instance_url}" -> filled.put(name, uri.get().toString());
                case "{identity_url}" -> filled.put(name, uri.get() + "/id/00D5g0000000001EAA/0055g0000000001AAA");
                case "{issued_at}" -> filled.put(name, Long.toString(clock.getAsLong()));
                default -> filled.set(name, member.getValue());
            }
        }
        return filled;
    }

    private void newRefreshToken(Grant grant) {
        grant.refreshToken = issue(habits.shapes().refreshToken(), 40);
        grant.refreshTokens.put(grant.refreshToken, CURRENT);
        byRefreshToken.put(grant.refreshToken, grant);
        if (grant.refreshTokens.size() > REFRESH_TOKENS) {
            String oldest = grant.refreshTokens.keySet().iterator().next();
            grant.refreshTokens.remove(oldest);
            byRefreshToken.remove(oldest);
        }
    }

    private void newAccessToken(Grant grant) {
        grant.accessToken = issue(habits.shapes().accessToken(), 48);
        grant.endsMillis = clock.getAsLong() + grant.lifetime.toMillis();
        grant.accessTokens.add(grant.accessToken);
        accounts.issue(grant.accessToken, grant.account, grant.state, grant.endsMillis);
        if (grant.accessTokens.size() > ACCESS_TOKENS) {
            accounts.forget(grant.accessTokens.remove());
        }
    }

    private void revoke(Grant grant) {
        grant.revoked = true;
        grant.accessTokens.forEach(accounts::forget);
        grant.accessTokens.clear();
    }

    private Grant existing(String id) {
        Grant grant = grants.get(id);
        if (grant == null) {
            throw new IllegalArgumentException("grant: " + id + " (expected: one of " + grants.keySet() + ")");
        }
        return grant;
    }

    private OAuthGrant known(Grant grant) {
        return new OAuthGrant(
                grant.id,
                uri.get().resolve(habits.tokenPaths().getFirst()),
                grant.clientId,
                grant.clientSecret,
                grant.refreshToken,
                grant.accessToken,
                grant.endsMillis,
                grant.revoked);
    }

    private String issue(String prefix, int digits) {
        ByteText text = new ByteText(64).text(prefix);
        for (int left = digits; left > 0; left -= 16) {
            text.hex(random.nextLong(), Math.min(left, 16));
        }
        return text.toString();
    }
}
