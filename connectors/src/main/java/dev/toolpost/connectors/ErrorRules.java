package dev.toolpost.connectors;

import java.util.List;
import tools.jackson.core.JsonPointer;

/**
 * How an answer is told to be an error, and what it means. Immutable and pure.
 *
 * <p>The rules are tried in order and the first that matches decides; an answer that none matches is a success. The list is
 * complete: after the connector's own rules come those of its transient statuses and then {@link StandardErrorRules}, so
 * every status outside 2xx is matched by something.
 *
 * @param rules all rules, in order
 * @param message where an error's message may be, first hit first
 * @param vendorCode where the vendor's own code may be, first hit first
 * @param fields where errors of single arguments may be; all of them are read
 */
public record ErrorRules(
        List<ErrorRule> rules, List<JsonPointer> message, List<JsonPointer> vendorCode, List<FieldErrors> fields) {

    public ErrorRules {
        rules = List.copyOf(rules);
        message = List.copyOf(message);
        vendorCode = List.copyOf(vendorCode);
        fields = List.copyOf(fields);
    }

    /** How many rules, from the first, are the connector's own. */
    public int own(RetryRules retry) {
        return rules.size() - StandardErrorRules.after(retry).size();
    }
}
