package dev.toolpost.worker.ratelimit;

import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What one worker's requests have shown about a limit over all connections of a vendor, for the other workers. Immutable. */
public sealed interface LimitNews {

    /** Nobody hears of it. */
    Consumer<LimitNews> UNHEARD = news -> {};

    String vendor();

    /** The limit's name. */
    String limit();

    default Kind kind() {
        return switch (this) {
            case Allowed _ -> Kind.ALLOWED;
            case Paused _ -> Kind.PAUSED;
            case Lifted lifted -> lifted.what;
        };
    }

    /**
     * The vendor allows another number than before.
     *
     * @param permits in a window, at least 1; more than the definition has count as the definition's
     * @param left of the window for all, as far as the answer said
     * @param reset in how long the window ends, as far as the answer said
     */
    record Allowed(
            String vendor,
            String limit,
            long permits,
            @Nullable Long left,
            @Nullable Duration reset) implements LimitNews {

        Allowed withoutLeft() {
            return new Allowed(vendor, limit, permits, null, null);
        }
    }

    /**
     * The vendor asked for patience.
     *
     * @param length from when the answer came
     */
    record Paused(String vendor, String limit, Duration length) implements LimitNews {}

    /**
     * An operator says that what was heard before is not so.
     *
     * @param what was heard
     */
    record Lifted(String vendor, String limit, Kind what) implements LimitNews {}

    /** What there is to learn; of each limit, the latest of a kind takes the place of what was before. */
    enum Kind {
        ALLOWED,
        PAUSED
    }
}
