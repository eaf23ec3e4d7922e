package dev.toolpost.worker.oauth;

import dev.toolpost.connectors.Auth;
import dev.toolpost.connectors.WaitSource;
import dev.toolpost.worker.classify.RetryAfter;
import dev.toolpost.worker.credentials.Secret;
import dev.toolpost.worker.http.HttpOutcome;
import dev.toolpost.worker.http.ResponseHeaders;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonPointer;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.MissingNode;
import tools.jackson.databind.node.ObjectNode;

/** What came of one request for a token. Pure; nothing of it can print a secret. */
sealed interface TokenReply {

    /** No honest token reply is near this. */
    int LARGEST_BODY = 64 * 1024;

    /**
     * The vendor says that it did what was asked.
     *
     * @param body missing where it is not JSON
     * @param text the body as it is
     */
    record Good(int status, ResponseHeaders headers, JsonNode body, String text) implements TokenReply {
        @Override
        public String toString() {
            return "Good[" + status + ", redacted]";
        }
    }

    /** It does not. */
    record Not(TokenAnswer answer) implements TokenReply {}

    /**
     * Reads what came of a request.
     *
     * @param who was asked, for messages
     * @param untold what no message may hold
     */
    static TokenReply of(String who, Auth.Fetched auth, Secret untold, HttpOutcome outcome, Instant now) {
        return switch (outcome) {
            case HttpOutcome.Answered answered -> Reader.read(who, auth, untold, answered, now);
            case HttpOutcome.TooLarge tooLarge ->
                not(who + "'s answer is too large (HTTP " + tooLarge.status() + ")", null, false);
            case HttpOutcome.NotSent notSent ->
                not(
                        who + " cannot be reached: " + notSent.reason(),
                        null,
                        notSent.why() == HttpOutcome.NotSentCause.UNREACHABLE);
            case HttpOutcome.Unanswered unanswered ->
                not(who + " gave no complete answer: " + unanswered.reason(), null, false);
        };
    }

    private static Not not(String message, @Nullable Duration retryAfter, boolean soon) {
        return new Not(new TokenAnswer.Failed(message, retryAfter, soon));
    }

    /** How long the token lives by what a reply says; null where it says nothing that can be read. */
    static @Nullable Duration life(
            JsonNode body, @Nullable JsonPointer expiresIn, @Nullable JsonPointer expiresAt, Instant now) {
        // Vendors write it as a number or as text.
        long seconds = expiresIn == null ? 0 : body.at(expiresIn).asLong(0);
        if (seconds > 0) {
            return Duration.ofSeconds(Math.min(seconds, TokenAnswer.LONGEST_LIFE.toSeconds()));
        }
        Instant end =
                expiresAt == null ? null : Reader.moment(body.at(expiresAt).asString(""));
        if (end == null || !end.isAfter(now)) {
            return null;
        }
        Duration life = Duration.between(now, end);
        return life.compareTo(TokenAnswer.LONGEST_LIFE) > 0 ? TokenAnswer.LONGEST_LIFE : life;
    }

    /** Status, code and description of a reply, on one line and without anything that must not be told. */
    static String said(Secret untold, int status, JsonNode body) {
        return Reader.said(untold, status, body);
    }

    /** The standard's error code of an answer, or empty. */
    static String errorOf(HttpOutcome.Answered answered) {
        return Reader.body(answered).path("error").asString("");
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

        /** Below it a number is seconds since 1970 (until the year 5138), from it on milliseconds. */
        private static final long LEAST_MILLIS = 100_000_000_000L;

        private Reader() {}

        private static TokenReply read(
                String who, Auth.Fetched auth, Secret untold, HttpOutcome.Answered answered, Instant now) {
            if (answered.body().length > LARGEST_BODY) {
                return not(
                        who + "'s answer has " + answered.body().length + " bytes (expected: at most " + LARGEST_BODY
                                + ")",
                        null,
                        false);
            }
            JsonNode body = body(answered);
            if (auth.isDeadGrant(answered.status(), body)) {
                String code = code(untold, body);
                return new Not(new TokenAnswer.Refused(
                        code.isEmpty() ? "invalid_grant" : code, said(untold, answered.status(), body)));
            }
            if (answered.status() >= 200 && answered.status() <= 299) {
                return new Good(
                        answered.status(),
                        answered.headers(),
                        body,
                        new String(answered.body(), StandardCharsets.UTF_8).strip());
            }
            boolean soon = answered.status() >= 500 || answered.status() == 429;
            return not(
                    who + " refused: " + said(untold, answered.status(), body),
                    retryAfter(answered.headers(), now),
                    soon);
        }

        /** The body as JSON; some vendors answer with a form although they were asked for JSON. */
        private static JsonNode body(HttpOutcome.Answered answered) {
            String type = answered.headers().first("Content-Type");
            if (type != null && type.toLowerCase(Locale.ROOT).startsWith("application/x-www-form-urlencoded")) {
                return form(new String(answered.body(), StandardCharsets.UTF_8));
            }
            try {
                return JSON.readTree(answered.body());
            } catch (JacksonException notJson) {
                return MissingNode.getInstance();
            }
        }

        private static JsonNode form(String text) {
            ObjectNode object = JsonNodeFactory.instance.objectNode();
            try {
                for (String pair : text.strip().split("&", -1)) {
                    int equals = pair.indexOf('=');
                    if (equals > 0) {
                        object.put(
                                URLDecoder.decode(pair.substring(0, equals), StandardCharsets.UTF_8),
                                URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8));
                    }
                }
                return object;
            } catch (IllegalArgumentException notAForm) {
                return MissingNode.getInstance();
            }
        }

        private static @Nullable Instant moment(String text) {
            try {
                if (!text.isEmpty() && text.length() <= 15 && text.chars().allMatch(c -> c >= '0' && c <= '9')) {
                    long number = Long.parseLong(text);
                    return number >= LEAST_MILLIS ? Instant.ofEpochMilli(number) : Instant.ofEpochSecond(number);
                }
                return text.isEmpty() ? null : OffsetDateTime.parse(text).toInstant();
            } catch (DateTimeException unreadable) {
                return null;
            }
        }

        private static String code(Secret untold, JsonNode body) {
            String code = text(body, "error", "status");
            return CODE.matcher(code).matches() && masked(untold, code).equals(code) ? code : "";
        }

        /** By the standard's name, or by that which vendors have besides. */
        private static String text(JsonNode body, String standard, String usual) {
            JsonNode value = body.path(standard);
            return (value.isString() ? value : body.path(usual)).asString("");
        }

        private static String masked(Secret untold, String text) {
            String masked = text;
            for (String name : untold.names()) {
                String value = untold.get(name);
                if (value != null && !value.isEmpty() && !name.equals(Auth.Fetched.EXPIRES_AT)) {
                    masked = masked.replace(value, "***");
                }
            }
            return OPAQUE.matcher(masked).replaceAll("***");
        }

        private static String said(Secret untold, int status, JsonNode body) {
            String description = masked(untold, text(body, "error_description", "message"));
            String plain = description.replaceAll("[^\\x20-\\x7e]+", " ").strip();
            String cut = plain.length() > LONGEST_MESSAGE ? plain.substring(0, LONGEST_MESSAGE) + "..." : plain;
            String code = code(untold, body);
            return "HTTP " + status + (code.isEmpty() ? "" : " " + code) + (cut.isEmpty() ? "" : " (" + cut + ")");
        }

        private static @Nullable Duration retryAfter(ResponseHeaders headers, Instant now) {
            String text = headers.first("Retry-After");
            return text == null ? null : RetryAfter.parse(text, WaitSource.Form.RETRY_AFTER, now);
        }
    }
}
