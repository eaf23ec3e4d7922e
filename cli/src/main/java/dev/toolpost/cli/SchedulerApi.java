package dev.toolpost.cli;

import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Asks a scheduler by HTTP. Thread-safe. */
record SchedulerApi(URI url) {
    private static final int CONNECT_MILLIS = 2_000;
    private static final int READ_MILLIS = 10_000;
    private static final int MOST_BYTES = 64 << 20;

    /** What came of a question. */
    sealed interface Said {
        /** An answer. */
        record Answer(JsonNode body) implements Said {}

        /** The scheduler does not know what was asked for. */
        record Unknown(String message) implements Said {}

        /** The question was wrong. */
        record Refused(String message) implements Said {}

        /** Nobody answered, or not in a way that can be used. */
        record Silence(String problem) implements Said {}
    }

    /** Asks; never throws. Parameters without a value are left out. */
    Said ask(String path, Map<String, String> parameters) {
        try {
            HttpURLConnection connection = (HttpURLConnection)
                    URI.create(url + path + query(parameters)).toURL().openConnection();
            connection.setConnectTimeout(CONNECT_MILLIS);
            connection.setReadTimeout(READ_MILLIS);
            connection.setInstanceFollowRedirects(false);
            int status = connection.getResponseCode();
            try (InputStream body = status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
                String text = body == null ? "" : new String(body.readNBytes(MOST_BYTES), StandardCharsets.UTF_8);
                JsonNode read = JsonMapper.shared().readTree(text);
                String error = read.path("error").asString("");
                return switch (status) {
                    case 200 -> new Said.Answer(read);
                    case 404 -> new Said.Unknown(error);
                    case 400 -> new Said.Refused(error);
                    default -> new Said.Silence("HTTP " + status + (error.isEmpty() ? "" : ": " + error));
                };
            } catch (JacksonException noJson) {
                return new Said.Silence("HTTP " + status + " without JSON (expected: a scheduler of this version)");
            }
        } catch (ConnectException nobody) {
            return new Said.Silence("nobody listens there");
        } catch (IOException unreachable) {
            return new Said.Silence(String.valueOf(unreachable.getMessage()));
        }
    }

    /** Asks for something that has to be there. */
    JsonNode require(String path, Map<String, String> parameters) {
        return switch (ask(path, parameters)) {
            case Said.Answer(JsonNode body) -> body;
            case Said.Unknown(String message) -> throw CliException.usage(message, "");
            case Said.Refused(String message) -> throw CliException.usage(message, "");
            case Said.Silence(String problem) -> throw unreachable(problem);
        };
    }

    CliException unreachable(String problem) {
        return CliException.unreachable(
                "no answer from the scheduler at " + url + ": " + problem,
                "Check that one runs there: `toolpost scheduler --config FILE`, or `toolpost dev`. Another is named by"
                        + " --scheduler URL.",
                null);
    }

    /** A segment of a path. */
    static String segment(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private static String query(Map<String, String> parameters) {
        List<String> pairs = new ArrayList<>();
        parameters.forEach((name, value) -> {
            if (!value.isEmpty()) {
                pairs.add(name + "=" + segment(value));
            }
        });
        return pairs.isEmpty() ? "" : "?" + String.join("&", pairs);
    }
}
