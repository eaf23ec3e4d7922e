package dev.toolpost.worker.metrics;

import dev.toolpost.schemas.Lane;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** What is counted with every call of a pool. Thread-safe, without a lock. */
public final class PoolMeters {

    /** From a wait that nobody notices to the longest deadline of an interactive call, and what batch calls wait beyond that. */
    private static final Duration[] WAITS = {
        Duration.ofMillis(10),
        Duration.ofMillis(100),
        Duration.ofMillis(500),
        Duration.ofSeconds(1),
        Duration.ofSeconds(5),
        Duration.ofSeconds(15),
        Duration.ofMinutes(1),
        Duration.ofMinutes(5),
        Duration.ofMinutes(30),
        Duration.ofHours(4)
    };

    private final LaneMeters interactive;
    private final LaneMeters batch;

    PoolMeters(MeterRegistry registry, String pool) {
        this.interactive = new LaneMeters(registry, pool, Lane.INTERACTIVE);
        this.batch = new LaneMeters(registry, pool, Lane.BATCH);
    }

    /**
     * A call has its outcome.
     *
     * @param code {@code OK}, an error code, or what became of a record that is no call
     * @param waitedMillis how long it waited in all
     */
    public void ended(Lane lane, String code, long waitedMillis) {
        LaneMeters meters = of(lane);
        meters.counter(code).increment();
        meters.waited.record(waitedMillis, TimeUnit.MILLISECONDS);
    }

    /** A record that is no call, or a call whose end is another's to count. */
    public void passed(Lane lane, String code) {
        of(lane).counter(code).increment();
    }

    private LaneMeters of(Lane lane) {
        return switch (lane) {
            case INTERACTIVE -> interactive;
            case BATCH -> batch;
        };
    }

    private static final class LaneMeters {
        private final MeterRegistry registry;
        private final String pool;
        private final String lane;
        private final Timer waited;
        private final Map<String, Counter> byCode = new ConcurrentHashMap<>();

        LaneMeters(MeterRegistry registry, String pool, Lane lane) {
            this.registry = registry;
            this.pool = pool;
            this.lane = lane.name().toLowerCase(Locale.ROOT);
            this.waited = Timer.builder("toolpost.call.waited")
                    .description("Time that calls had waited at their end, for permits, places and turns")
                    .tags("pool", pool, "lane", this.lane)
                    .serviceLevelObjectives(WAITS)
                    .register(registry);
        }

        Counter counter(String code) {
            Counter counter = byCode.get(code);
            return counter == null ? byCode.computeIfAbsent(code, this::newCounter) : counter;
        }

        private Counter newCounter(String code) {
            return Counter.builder("toolpost.calls")
                    .description("Calls that ended here, by outcome")
                    .tags("pool", pool, "lane", lane, "code", code)
                    .register(registry);
        }
    }
}
