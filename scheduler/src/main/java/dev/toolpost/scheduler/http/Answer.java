package dev.toolpost.scheduler.http;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/** What is answered. */
@SuppressWarnings("ArrayRecordComponent") // a body on its way out, never compared
public record Answer(int status, String contentType, byte[] body) {

    private static final JsonMapper MAPPER = JsonMapper.shared();
    private static final String JSON = "application/json";

    /** Anything that Jackson writes: maps, lists, records, nodes. */
    public static Answer json(Object body) {
        return json(200, body);
    }

    public static Answer json(int status, Object body) {
        return new Answer(status, JSON, MAPPER.writeValueAsBytes(body));
    }

    /** JSON that is there already. */
    public static Answer jsonBytes(byte[] body) {
        return new Answer(200, JSON, body);
    }

    /** {@code {"error": message}}; the message says what is wrong and what to do. */
    public static Answer error(int status, String message) {
        return json(status, Map.of("error", message));
    }

    public static Answer text(String contentType, String text) {
        return new Answer(200, contentType, text.getBytes(StandardCharsets.UTF_8));
    }
}
