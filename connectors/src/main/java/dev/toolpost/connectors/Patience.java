package dev.toolpost.connectors;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How long to stay away after a match of an error rule, and from what. Immutable.
 *
 * @param waits where the answer says how long, in place of those of {@link RetryRules}; null for those
 * @param pause how long, where the answer does not say; or null
 * @param pauseMax with every throttle in a row the wait doubles, up to this; null where it does not grow
 * @param limits names of the limits that a throttle pauses; empty for the whole connection
 */
public record Patience(
        @Nullable List<WaitRule> waits,
        @Nullable Duration pause,
        @Nullable Duration pauseMax,
        Set<String> limits) {

    /** Nothing of its own. */
    public static final Patience NONE = new Patience(null, null, null, Set.of());

    public Patience {
        waits = waits == null ? null : List.copyOf(waits);
        limits = Immutable.set(limits);
    }
}
