package dev.toolpost.connectors;

import java.util.List;

/**
 * A condition on a whole answer; all its parts must hold. Immutable.
 *
 * @param statuses the statuses that it looks at
 * @param headers conditions on headers
 * @param body conditions on the JSON body; a body that is not JSON fails them
 */
public record AnswerCondition(StatusSet statuses, List<HeaderCondition> headers, List<BodyCondition> body) {
    public AnswerCondition {
        headers = List.copyOf(headers);
        body = List.copyOf(body);
    }
}
