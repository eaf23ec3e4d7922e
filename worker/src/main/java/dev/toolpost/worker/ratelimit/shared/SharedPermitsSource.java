package dev.toolpost.worker.ratelimit.shared;

import dev.toolpost.connectors.Limit;
import org.jspecify.annotations.Nullable;

/** Where permits that all workers share come from. Thread-safe. */
public interface SharedPermitsSource {

    /** There is none: each worker has its part. */
    SharedPermitsSource NONE = new SharedPermitsSource() {
        @Override
        public @Nullable SharedPermits permits(String vendor, Limit limit) {
            return null;
        }

        @Override
        public boolean isUp() {
            return false;
        }

        @Override
        public boolean sharesWhenDown() {
            return true;
        }
    };

    /** Those of a limit; null where it is kept by parts. */
    @Nullable
    SharedPermits permits(String vendor, Limit limit);

    /** Whether permits are within reach now. */
    boolean isUp();

    /** Whether each worker goes on with its part while they are not; calls wait otherwise. */
    boolean sharesWhenDown();
}
