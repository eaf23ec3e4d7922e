package dev.toolpost.connectors.openapi;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What became of a document.
 *
 * @param operations operations that the document describes
 * @param selected operations that were asked for
 * @param tools tools of the connector
 * @param leftOut what was left out or cut, in the order of the document
 * @param guesses what was guessed, and has to be looked at
 */
public record ImportReport(int operations, int selected, int tools, List<LeftOut> leftOut, List<String> guesses) {

    /**
     * Something of the document that the connector does not have.
     *
     * @param operation the operation, as {@code GET /things}; empty for the document as a whole
     * @param what the part of it, or {@code operation} for all of it
     * @param why the reason
     */
    public record LeftOut(String operation, String what, String why) {}

    public ImportReport {
        leftOut = List.copyOf(leftOut);
        guesses = List.copyOf(guesses);
    }

    /** What was left out, by reason, with the places of each. */
    public Map<String, List<LeftOut>> byReason() {
        Map<String, List<LeftOut>> reasons = new LinkedHashMap<>();
        leftOut.forEach(each ->
                reasons.computeIfAbsent(each.why(), reason -> new ArrayList<>()).add(each));
        return reasons;
    }
}
