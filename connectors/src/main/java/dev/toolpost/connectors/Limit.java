package dev.toolpost.connectors;

import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * One limit that a vendor enforces. What is kept here never exceeds it. Immutable.
 *
 * @param name unique in the connector; a connection overrides a limit by this name
 * @param scope who shares the permits
 * @param kind how the vendor counts
 * @param permits requests per window, or requests under way at once for {@link Kind#CONCURRENT}
 * @param window length of the window; null for {@link Kind#CONCURRENT} only
 * @param tools full names of the tools that count; empty means every tool of the connector
 * @param authKinds auth kinds of the connections that it holds for; empty means all
 * @param throttlePause how long to stay away after a throttle that names no wait, or null for the usual backoff
 * @param throttlePauseMax up to this the pause doubles with every throttle in a row; null where it does not grow
 * @param interactiveReserve share of the permits that batch calls never take, from 0 to below 1
 * @param cost how many permits a call takes
 * @param feedback where answers say what the limit has come to
 * @param resetsAt when a {@link Kind#FIXED} window of a day begins anew; null where that is not known
 * @param perArgument argument of which each value has permits of its own within the scope; null where all calls share them
 */
public record Limit(
        String name,
        Scope scope,
        Kind kind,
        int permits,
        @Nullable Duration window,
        Set<String> tools,
        Set<String> authKinds,
        @Nullable Duration throttlePause,
        @Nullable Duration throttlePauseMax,
        double interactiveReserve,
        LimitCost cost,
        Feedback feedback,
        @Nullable WindowReset resetsAt,
        @Nullable String perArgument) {

    public static final double DEFAULT_INTERACTIVE_RESERVE = 0.05;

    private static final Duration DAY = Duration.ofDays(1);

    /** Who shares the permits of a limit. */
    public enum Scope {
        /** All tools of one connection. */
        CONNECTION,
        /** Each of the tools has permits of its own, per connection. */
        TOOL,
        /** The tools share the permits, per connection. */
        GROUP,
        /** All connections of the vendor. */
        VENDOR;

        static Scope of(String text) {
            return valueOf(text.toUpperCase(Locale.ROOT));
        }
    }

    /** How the vendor counts. */
    public enum Kind {
        /** At most {@code permits} in any stretch of one window. */
        SLIDING,
        /** Windows aligned to the vendor's clock. */
        FIXED,
        /** A token bucket of {@code permits} that fills up in one window. */
        TOKEN,
        /** A leaky bucket of {@code permits} that drains in one window. */
        LEAKY,
        /** Requests under way at once. */
        CONCURRENT;

        static Kind of(String text) {
            return valueOf(text.toUpperCase(Locale.ROOT));
        }
    }

    public Limit {
        if (permits < 1) {
            throw new IllegalArgumentException("permits of limit " + name + ": " + permits + " (expected: >= 1)");
        }
        if ((kind == Kind.CONCURRENT) != (window == null)) {
            throw new IllegalArgumentException("window of limit " + name + ": " + window
                    + (kind == Kind.CONCURRENT ? " (expected: none)" : " (expected: a duration)"));
        }
        if (resetsAt != null && (kind != Kind.FIXED || !DAY.equals(window))) {
            throw new IllegalArgumentException(
                    "resetsAt of limit " + name + ": " + resetsAt + " (expected: none but for FIXED windows of 1 d)");
        }
        tools = Immutable.set(tools);
        authKinds = Immutable.set(authKinds);
    }

    /** One whose permits all calls of its scope share, whatever their arguments. */
    public Limit(
            String name,
            Scope scope,
            Kind kind,
            int permits,
            @Nullable Duration window,
            Set<String> tools,
            Set<String> authKinds,
            @Nullable Duration throttlePause,
            @Nullable Duration throttlePauseMax,
            double interactiveReserve,
            LimitCost cost,
            Feedback feedback,
            @Nullable WindowReset resetsAt) {
        this(
                name,
                scope,
                kind,
                permits,
                window,
                tools,
                authKinds,
                throttlePause,
                throttlePauseMax,
                interactiveReserve,
                cost,
                feedback,
                resetsAt,
                null);
    }

    /** One permit for each request, and answers that say nothing about it. */
    public Limit(
            String name,
            Scope scope,
            Kind kind,
            int permits,
            @Nullable Duration window,
            Set<String> tools,
            Set<String> authKinds,
            @Nullable Duration throttlePause,
            double interactiveReserve) {
        this(
                name,
                scope,
                kind,
                permits,
                window,
                tools,
                authKinds,
                throttlePause,
                null,
                interactiveReserve,
                LimitCost.ONE,
                Feedback.NONE,
                null);
    }

    /** A sliding limit over all tools of a connection, with defaults for the rest. */
    public static Limit slidingPerConnection(String name, int permits, Duration window) {
        return new Limit(
                name,
                Scope.CONNECTION,
                Kind.SLIDING,
                permits,
                window,
                Set.of(),
                Set.of(),
                null,
                DEFAULT_INTERACTIVE_RESERVE);
    }

    /** Whether a call of this tool takes a permit. */
    public boolean counts(String tool) {
        return (tools.isEmpty() || tools.contains(tool)) && cost.standard(tool) > 0;
    }

    /**
     * Whose permits within the scope a call takes: the value of {@link #perArgument} as text. Calls without the argument, and all calls of a
     * limit that does not look at one, share those of the empty text.
     */
    public String share(JsonNode arguments) {
        JsonNode value = perArgument == null ? null : arguments.get(perArgument);
        return value == null || value.isNull() ? "" : value.isValueNode() ? value.asString() : value.toString();
    }

    /** Whether it holds for connections of this auth kind. */
    public boolean appliesTo(String authKind) {
        return authKinds.isEmpty() || authKinds.contains(authKind);
    }

    /** The same limit with other numbers, as a connection's override gives them; null keeps what is here. */
    public Limit with(@Nullable Integer otherPermits, @Nullable Duration otherWindow) {
        return new Limit(
                name,
                scope,
                kind,
                otherPermits == null ? permits : otherPermits,
                otherWindow == null ? window : otherWindow,
                tools,
                authKinds,
                throttlePause,
                throttlePauseMax,
                interactiveReserve,
                cost,
                feedback,
                resetsAt,
                perArgument);
    }

    /** The same limit with other costs. */
    public Limit with(LimitCost otherCost) {
        return new Limit(
                name,
                scope,
                kind,
                permits,
                window,
                tools,
                authKinds,
                throttlePause,
                throttlePauseMax,
                interactiveReserve,
                otherCost,
                feedback,
                resetsAt,
                perArgument);
    }
}
