package dev.toolpost.connectors;

import java.util.List;
import java.util.Set;
import tools.jackson.core.JsonPointer;
import tools.jackson.databind.JsonNode;

/**
 * The read that shows whether a connection works. Immutable.
 *
 * @param tool its full name
 * @param arguments what it is called with
 * @param auth ids of the ways to authenticate that it works with; empty for all
 * @param shows places in its answer that say whose account it is; those that are missing are left out
 */
public record ConnectionCheck(String tool, JsonNode arguments, Set<String> auth, List<JsonPointer> shows) {

    public ConnectionCheck {
        arguments = arguments.deepCopy();
        auth = Set.copyOf(auth);
        shows = List.copyOf(shows);
    }

    /** Whether it is for connections that authenticate in this way. */
    public boolean isFor(String authId) {
        return auth.isEmpty() || auth.contains(authId);
    }
}
