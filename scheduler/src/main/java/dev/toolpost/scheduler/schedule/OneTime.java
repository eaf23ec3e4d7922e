package dev.toolpost.scheduler.schedule;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A single time. */
record OneTime(Instant at) implements Timing {
    @Override
    public @Nullable Instant after(Instant time) {
        return at.isAfter(time) ? at : null;
    }
}
