package dev.toolpost.connectors;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** What a status means where a connector says nothing else. Every status outside 2xx is covered. */
final class StandardErrorRules {
    private StandardErrorRules() {}

    /** The rules that follow a connector's own. */
    static List<ErrorRule> after(RetryRules retry) {
        List<ErrorRule> rules = new ArrayList<>();
        rules.add(status("429", Meaning.THROTTLED));
        StatusSet transients = StatusSet.of(retry.transientStatuses());
        if (!transients.isEmpty()) {
            rules.add(rule(transients, Meaning.TRANSIENT));
        }
        rules.add(rule(StatusSet.of(List.of(400, 413, 415, 422)), Meaning.INVALID_ARGUMENTS));
        rules.add(status("401", Meaning.EXPIRED_CREDENTIAL));
        rules.add(status("403", Meaning.INSUFFICIENT_SCOPE));
        rules.add(rule(StatusSet.of(List.of(404, 410)), Meaning.NOT_FOUND));
        rules.add(status("409", Meaning.CONFLICT));
        rules.add(status("4xx", Meaning.REJECTED));
        rules.add(status("5xx", Meaning.UNAVAILABLE));
        rules.add(status("100-399", Meaning.MALFORMED_RESPONSE));
        return rules;
    }

    private static ErrorRule status(String text, Meaning meaning) {
        return rule(StatusSet.parse(text), meaning);
    }

    private static ErrorRule rule(StatusSet statuses, Meaning meaning) {
        StatusSet errors = statuses.minus(StatusSet.range(200, 299));
        return new ErrorRule(Set.of(), errors, List.of(), List.of(), meaning, false, Patience.NONE, null, null, null);
    }
}
