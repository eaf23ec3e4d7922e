package dev.toolpost.worker.call;

import dev.toolpost.worker.http.RedactedRequest;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** What a dry run answers: the request that would be sent, nothing of the credential in it. */
final class DryRun {

    private static final JsonMapper MAPPER = JsonMapper.shared();

    private DryRun() {}

    static String describe(RedactedRequest request) {
        ObjectNode answer = MAPPER.createObjectNode();
        answer.put("method", request.method());
        answer.put("url", request.url());
        ObjectNode headers = answer.putObject("headers");
        for (Map.Entry<String, String> header : request.headers()) {
            headers.put(header.getKey(), header.getValue());
        }
        answer.put("body", request.body());
        return MAPPER.writeValueAsString(answer);
    }
}
