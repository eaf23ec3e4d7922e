package dev.toolpost.connectors;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonPointer;

/**
 * What holds for an access token that Toolpost fetches, whatever it is fetched with. Immutable.
 *
 * @param place where a tool's request carries the token
 * @param defaultLifetime how long a token lives where the reply does not say, or null where it does, or nobody knows
 * @param refreshAhead how long before its end a token is fetched anew
 * @param keep parts of the token reply that become variables of the connection, by their place in the reply
 * @param deadGrant replies that mean that the grant is gone for good; one that matches is enough
 */
public record TokenTerms(
        TokenPlace place,
        @Nullable Duration defaultLifetime,
        Auth.RefreshAhead refreshAhead,
        Map<JsonPointer, String> keep,
        List<Auth.ReplyCondition> deadGrant) {

    public TokenTerms {
        keep = Immutable.map(keep);
        deadGrant = List.copyOf(deadGrant);
    }
}
