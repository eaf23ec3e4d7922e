package dev.toolpost.worker.oauth;

import dev.toolpost.connectors.Auth;
import dev.toolpost.connectors.TokenFields;
import dev.toolpost.connectors.TokenPlace;
import dev.toolpost.worker.credentials.Secret;
import dev.toolpost.worker.http.HttpOutcome;
import dev.toolpost.worker.http.VendorRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonPointer;
import tools.jackson.databind.JsonNode;

/** What came of fetching a token. Nothing of it can print one. */
sealed interface TokenAnswer {

    /** Also of a token whose life nobody tells: it is used until it is rejected. */
    Duration LONGEST_LIFE = Duration.ofDays(3_650);

    /**
     * A new access token.
     *
     * @param replaced fields of the secret that are others now
     * @param life of the access token, from the moment of the request
     * @param kept values for variables of the connection, by their names
     */
    record Granted(String accessToken, Map<String, String> replaced, Duration life, Map<String, String> kept)
            implements TokenAnswer {
        public Granted {
            replaced = Map.copyOf(replaced);
            kept = Map.copyOf(kept);
        }

        @Override
        public String toString() {
            return "Granted[" + life + ", redacted]";
        }
    }

    /** What the token is fetched with is not accepted, and will not be. */
    record Refused(String code, String message) implements TokenAnswer {}

    /**
     * No token now.
     *
     * @param retryAfter what the vendor asks for, or null
     * @param soon whether it can be a matter of moments
     */
    record Failed(String message, @Nullable Duration retryAfter, boolean soon) implements TokenAnswer {}

    /** Reads what came of a request to a token endpoint. Pure. */
    static TokenAnswer read(Auth.AtTokenEndpoint auth, Secret sent, HttpOutcome outcome, Instant now) {
        return switch (TokenReply.of("the token endpoint", auth, sent, outcome, now)) {
            case TokenReply.Not(TokenAnswer answer) -> answer;
            case TokenReply.Good good -> granted(auth, sent, good, now);
        };
    }

    /** Reads a reply that a vendor calls good. */
    static TokenAnswer granted(Auth.AtTokenEndpoint auth, Secret sent, TokenReply.Good good, Instant now) {
        TokenFields fields = auth.endpoint().reply();
        String token = good.body().at(fields.accessToken()).asString("");
        if (token.isEmpty() || !canBeSent(auth, token)) {
            return new Failed(
                    "the token endpoint's answer (" + TokenReply.said(sent, good.status(), good.body()) + ") has no "
                            + (token.isEmpty() ? "access_token" : "access_token that can be sent")
                            + " (expected: a JSON object with it at " + fields.accessToken() + ")",
                    null,
                    false);
        }
        String refreshToken = auth instanceof Auth.OAuth2
                ? good.body().at(fields.refreshToken()).asString("")
                : "";
        return new Granted(
                token,
                refreshToken.isEmpty() ? Map.of() : Map.of(Auth.OAuth2.REFRESH_TOKEN, refreshToken),
                life(auth, TokenReply.life(good.body(), fields.expiresIn(), fields.expiresAt(), now)),
                kept(auth.keep(), good.body()));
    }

    /** Whether a call can carry the token where the definition puts it. */
    static boolean canBeSent(Auth.Fetched auth, String token) {
        return switch (auth.terms().place()) {
            case TokenPlace.InHeader(String _, String prefix) -> VendorRequest.isHeaderValue(prefix + token);
            case TokenPlace.InQuery _ -> true;
            case TokenPlace.InCookie _ -> token.chars().noneMatch(c -> c <= ' ' || c >= 0x7f || c == ';' || c == ',');
        };
    }

    /** How long a token lives whose reply says this, or nothing. */
    static Duration life(Auth.Fetched auth, @Nullable Duration said) {
        return said != null ? said : Objects.requireNonNullElse(auth.defaultLifetime(), LONGEST_LIFE);
    }

    /** What a reply says of variables of the connection. */
    static Map<String, String> kept(Map<JsonPointer, String> keep, JsonNode body) {
        Map<String, String> kept = new LinkedHashMap<>();
        keep.forEach((pointer, variable) -> {
            JsonNode value = body.at(pointer);
            if (value.isValueNode() && !value.isNull()) {
                kept.put(variable, value.asString());
            }
        });
        return kept;
    }
}
