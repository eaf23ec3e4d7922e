package dev.toolpost.connectors.hotupdate;

import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * How the connectors of a process stand.
 *
 * @param vendors vendors whose tools are known
 * @param tools tools in all
 * @param changes definitions that took effect or went away since the start
 * @param refused definitions that were refused since the start
 * @param published version of each vendor's definition that was published
 * @param refusals what is refused now, the definition before it staying in force
 */
public record ConnectorsStatus(
        int vendors, int tools, long changes, long refused, Map<String, Long> published, List<Refusal> refusals) {

    /**
     * A definition that is not used.
     *
     * @param source the file, or {@code published} and the vendor
     * @param problems why not
     * @param since when that was found
     */
    public record Refusal(String source, List<String> problems, Instant since) {}
}
