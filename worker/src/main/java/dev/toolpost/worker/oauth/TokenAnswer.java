package dev.toolpost.worker.oauth;

import dev.toolpost.connectors.Auth;
import dev.toolpost.connectors.WaitSource;
import dev.toolpost.worker.classify.RetryAfter;
import dev.toolpost.worker.credentials.Secret;
import dev.toolpost.worker.http.HttpOutcome;
import dev.toolpost.worker.http.ResponseHeaders;
import dev.toolpost.worker.http.VendorRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.MissingNode;

/** What a vendor's token endpoint said. Nothing of it can print a token. */
sealed interface TokenAnswer {

    /** No honest token reply is near this. */
    int LARGEST_BODY = 64 * 1024;

    /** Also of a token whose life nobody tells: it is used until it is rejected. */
    Duration LONGEST_LIFE = Duration.ofDays(3_650);

    /**
     * A new access token.
     *
     * @param refreshToken the one that replaces that which was sent, or null where it stays
     * @param life of the access token, from the moment of the request
     * @param kept values for variables of the connection, by their names
     */
    record Granted(String accessToken, @Nullable String refreshToken, Duration life, Map<String, String> kept)
            implements TokenAnswer {
        public Granted {
            kept = Map.copyOf(kept);
        }

        @Override
        public String toString() {
            return "Granted[" + life + ", redacted]";
        }
    }

    /** The refresh token is not accepted, and will not be. */
    record Refused(String code, String message) implements TokenAnswer {}

    /**
     * No token now.
     *
     * @param retryAfter what the vendor asks for, or null
     * @param soon whether it can be a matter of moments
     */
    record Failed(String message, @Nullable Duration retryAfter, boolean soon) implements TokenAnswer {}

    /** Reads what came of a token request. Pure. */
    static TokenAnswer read(Auth.OAuth2 auth, Secret sent, HttpOutcome outcome, Instant now) {
        return switch (outcome) {
            case HttpOutcome.Answered answered -> Reader.read(auth, sent, answered, now);
            case HttpOutcome.TooLarge tooLarge ->
                new Failed("the token endpoint's answer is too large (HTTP " + tooLarge.status() + ")", null, false);
            case HttpOutcome.NotSent notSent ->
                new Failed(
                        "the token endpoint cannot be reached: " + notSent.reason(),
                        null,
                        notSent.why() == HttpOutcome.NotSentCause.UNREACHABLE);
            case HttpOutcome.Unanswered unanswered ->
                new Failed("the token endpoint gave no complete answer: " + unanswered.reason(), null, false);
        };
    }

    /** The reading itself. */
    final class Reader {
        private static final JsonMapper JSON = JsonMapper.builder(JsonFactory.builder()
                        .streamReadConstraints(StreamReadConstraints.builder()
                                .maxNestingDepth(20)
                                .maxStringLength(LARGEST_BODY)
                                .maxNumberLength(40)
                                .build())
                        .build())
                .build();
        private static final Pattern CODE = Pattern.compile("[A-Za-z_]{1,64}");

        /** What can be a token: also one of former times, which nobody here knows any more. */
        private static final Pattern OPAQUE = Pattern.compile("(?=\\S*\\d)[\\w.~+/=%-]{12,}|[\\w.~+/=%-]{32,}");

        private static final int LONGEST_MESSAGE = 300;

        private Reader() {}

        private static TokenAnswer read(Auth.OAuth2 auth, Secret sent, HttpOutcome.Answered answered, Instant now) {
            if (answered.body().length > LARGEST_BODY) {
                return new Failed(
                        "the token endpoint's answer has " + answered.body().length + " bytes (expected: at most "
                                + LARGEST_BODY + ")",
                        null,
                        false);
            }
            JsonNode body = json(answered.body());
            if (auth.isDeadGrant(answered.status(), body)) {
                String code = code(sent, body);
                return new Refused(code.isEmpty() ? "invalid_grant" : code, said(sent, answered.status(), body));
            }
            if (answered.status() >= 200 && answered.status() <= 299) {
                return granted(auth, answered.status(), body);
            }
            boolean soon = answered.status() >= 500 || answered.status() == 429;
            return new Failed(
                    "the token endpoint refused: " + said(sent, answered.status(), body),
                    retryAfter(answered.headers(), now),
                    soon);
        }

        private static TokenAnswer granted(Auth.OAuth2 auth, int status, JsonNode body) {
            String token = body.path("access_token").asString("");
            if (token.isEmpty() || !VendorRequest.isHeaderValue("Bearer " + token)) {
                return new Failed(
                        "the token endpoint's answer (HTTP " + status + ") has no "
                                + (token.isEmpty() ? "access_token" : "access_token that a header can carry")
                                + " (expected: a JSON object with access_token)",
                        null,
                        false);
            }
            String refreshToken = body.path("refresh_token").asString("");
            Map<String, String> kept = new LinkedHashMap<>();
            auth.keep().forEach((pointer, variable) -> {
                JsonNode value = body.at(pointer);
                if (value.isValueNode() && !value.isNull()) {
                    kept.put(variable, value.asString());
                }
            });
            return new Granted(token, refreshToken.isEmpty() ? null : refreshToken, life(auth, body), kept);
        }

        /** Vendors write {@code expires_in} as a number or as text, and some leave it out. */
        private static Duration life(Auth.OAuth2 auth, JsonNode body) {
            long seconds = body.path("expires_in").asLong(0);
            if (seconds <= 0) {
                Duration standard = auth.defaultLifetime();
                return standard == null ? LONGEST_LIFE : standard;
            }
            return Duration.ofSeconds(Math.min(seconds, LONGEST_LIFE.toSeconds()));
        }

        private static JsonNode json(byte[] body) {
            try {
                return JSON.readTree(body);
            } catch (JacksonException notJson) {
                return MissingNode.getInstance();
            }
        }

        private static String code(Secret sent, JsonNode body) {
            String code = text(body, "error", "status");
            return CODE.matcher(code).matches() && masked(sent, code).equals(code) ? code : "";
        }

        /** By the standard's name, or by that which vendors have besides. */
        private static String text(JsonNode body, String standard, String usual) {
            JsonNode value = body.path(standard);
            return (value.isString() ? value : body.path(usual)).asString("");
        }

        private static String masked(Secret sent, String text) {
            String masked = text;
            for (String name : sent.names()) {
                String value = sent.get(name);
                if (value != null && !value.isEmpty() && !name.equals(Auth.OAuth2.EXPIRES_AT)) {
                    masked = masked.replace(value, "***");
                }
            }
            return OPAQUE.matcher(masked).replaceAll("***");
        }

        /** Status, code and description, on one line and without anything that was sent. */
        private static String said(Secret sent, int status, JsonNode body) {
            String description = masked(sent, text(body, "error_description", "message"));
            String plain = description.replaceAll("[^\\x20-\\x7e]+", " ").strip();
            String cut = plain.length() > LONGEST_MESSAGE ? plain.substring(0, LONGEST_MESSAGE) + "..." : plain;
            String code = code(sent, body);
            return "HTTP " + status + (code.isEmpty() ? "" : " " + code) + (cut.isEmpty() ? "" : " (" + cut + ")");
        }

        private static @Nullable Duration retryAfter(ResponseHeaders headers, Instant now) {
            String text = headers.first("Retry-After");
            return text == null ? null : RetryAfter.parse(text, WaitSource.Form.RETRY_AFTER, now);
        }
    }
}
