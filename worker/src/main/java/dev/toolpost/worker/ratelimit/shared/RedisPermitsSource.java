package dev.toolpost.worker.ratelimit.shared;

import dev.toolpost.connectors.Limit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Permits that all workers share, from Redis or Valkey; limits of what is under way at once are kept by parts. Thread-safe. */
public final class RedisPermitsSource implements SharedPermitsSource, AutoCloseable {

    private final SharedLimits limits;
    private final boolean sharesWhenDown;

    /**
     * Begins to connect at once, in the background.
     *
     * @param sharesWhenDown whether each worker goes on with its part while Redis does not answer
     * @param reach told of each change: whether permits are within reach
     */
    public RedisPermitsSource(RedisSettings settings, boolean sharesWhenDown, Consumer<Boolean> reach) {
        this.sharesWhenDown = sharesWhenDown;
        this.limits = new SharedLimits(settings, new SharedLimits.Listener() {
            @Override
            public void onLost(String why) {
                reach.accept(false);
            }

            @Override
            public void onBack() {
                reach.accept(true);
            }
        });
    }

    @Override
    public @Nullable SharedPermits permits(String vendor, Limit limit) {
        return SharedLimit.supports(limit) ? limits.permits(vendor, limit) : null;
    }

    @Override
    public boolean isUp() {
        return limits.isUp();
    }

    @Override
    public boolean sharesWhenDown() {
        return sharesWhenDown;
    }

    @Override
    public void close() {
        limits.close();
    }
}
