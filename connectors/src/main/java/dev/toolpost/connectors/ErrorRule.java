package dev.toolpost.connectors;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One rule over an answer: where all conditions hold, it means what the rule says. Immutable.
 *
 * @param tools full names of the tools that it is about; empty for all
 * @param statuses the statuses it looks at; a rule that gives none looks at every status outside 2xx
 * @param headers conditions on headers, all of which must hold
 * @param body conditions on the JSON body, all of which must hold; a body that is not JSON fails them
 * @param meaning what a match means
 * @param notProcessed a match proves that the vendor did nothing, so that even a non-idempotent write may be sent again
 * @param patience how long to wait before the next request, and of what
 * @param endsAs what a TRANSIENT one is for the agent when no attempt helped; null for UNAVAILABLE
 * @param message replaces the vendor's message, or null
 * @param remedy what the owner of the error can do, or null
 */
public record ErrorRule(
        Set<String> tools,
        StatusSet statuses,
        List<HeaderCondition> headers,
        List<BodyCondition> body,
        Meaning meaning,
        boolean notProcessed,
        Patience patience,
        @Nullable Meaning endsAs,
        @Nullable String message,
        @Nullable String remedy) {

    public ErrorRule {
        tools = Immutable.set(tools);
        headers = List.copyOf(headers);
        body = List.copyOf(body);
    }

    /** How long to wait where the answer does not say; or null. */
    public @Nullable Duration pause() {
        return patience.pause();
    }

    /** Whether the body must be parsed to evaluate this rule. */
    public boolean readsBody() {
        return !body.isEmpty();
    }

    /** Whether it is about this tool at all. */
    public boolean concerns(Tool tool) {
        return (tools.isEmpty() || tools.contains(tool.name()))
                && (meaning != Meaning.END_OF_DATA || tool.paging() != null);
    }
}
